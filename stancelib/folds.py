"""Which sentences are left out together in cross-validation."""

from collections.abc import Sequence

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from scipy.sparse.csgraph import connected_components
from sklearn.model_selection import GroupKFold

from stancelib.errors import DataError
from stancelib.records import Passage
from stancelib.tokens import tokenize

IntArray = NDArray[np.int64]

MIN_TOKENS = 6  # shorter sentences ("Thank you.") stand in many texts, and give nothing away


def assign_folds(passages: Sequence[Passage], n_folds: int, seed: int) -> IntArray:
    """Deal passages into folds, so that what is left out has not been seen.

    A passage is never split, and passages that share a sentence (but for case, white space
    and hyphens) stay together.

    Parameters
    ----------
    passages : sequence of Passage
        What to deal.
    n_folds : int
        How many folds to make at most.
    seed : int
        Decides which passage goes where.

    Returns
    -------
    array of int64, shape (n_passages,)
        Fold of each passage, from 0 on. Fewer folds than asked for where there are fewer
        groups of passages.

    Raises
    ------
    DataError
        There is nothing to leave out: all sentences belong together.

    Examples
    --------
    >>> from stancelib import Example, Passage
    >>> coded = [Example(f"Sentence number {word} stands all alone here.", None, None)
    ...          for word in ("one", "two", "three", "one")]
    >>> folds = assign_folds([Passage(str(i), (e,)) for i, e in enumerate(coded)], 3, seed=0)
    >>> bool(folds[0] == folds[3]), len(set(folds.tolist()))
    (True, 3)
    """
    groups = _groups(passages)
    n_groups = int(groups.max(initial=-1)) + 1
    if n_groups < 2:
        raise DataError(
            f"{len(passages)} passages that belong together, at least 2 are needed that share no "
            "sentence: say which document each sentence is from, or code more documents"
        )
    folds = np.zeros(len(passages), dtype=np.int64)
    dealer = GroupKFold(min(n_folds, n_groups), shuffle=True, random_state=seed)
    for number, (_, left_out) in enumerate(dealer.split(groups, groups=groups)):
        folds[left_out] = number
    return folds


def _groups(passages: Sequence[Passage]) -> IntArray:
    """Group passages that share sentences: number of the group of each."""
    seen: dict[tuple[str, ...], int] = {}
    links: list[tuple[int, int]] = []
    for number, passage in enumerate(passages):
        for example in passage.examples:
            tokens = tuple(tokenize(example.text))
            if len(tokens) >= MIN_TOKENS:
                links.append((seen.setdefault(tokens, number), number))
    rows, columns = np.array(links, dtype=np.int64).reshape(-1, 2).T
    graph = sp.coo_array((np.ones(len(rows)), (rows, columns)), shape=(len(passages),) * 2)
    groups: IntArray = connected_components(graph, directed=False)[1].astype(np.int64)
    return groups
