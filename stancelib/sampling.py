"""Which sentences of a panel to code, and what coders made of them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stancelib.errors import DataError, check_faults, listed, report_faults
from stancelib.examples import write_examples
from stancelib.panel_arrays import PanelArrays
from stancelib.records import Example, Passage

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

N_BEFORE = 2  # sentences of context
INCLUSION = "inclusion_probability"
CONTEXT = "context"

_ID = re.compile(r"article-(\d+)-sentence-(\d+)")
_SIGNS = {"negative": -1.0, "positive": 1.0}


@dataclass(frozen=True, eq=False)
class Sample:
    """Sentences drawn for coding.

    Attributes
    ----------
    passages : tuple of Passage
        A sentence each, not coded, in random order, with title and the two sentences before.
        The id names its place in the panel; metadata hold its ``inclusion_probability``.
    articles, sentences : array of int64, shape (n,)
        Number of its article in the panel, and its own in the article, from 0.
    inclusion_probabilities : array, shape (n,)
        Probability of each of having been drawn.
    """

    passages: tuple[Passage, ...]
    articles: IntArray
    sentences: IntArray
    inclusion_probabilities: Array

    def __len__(self) -> int:
        return len(self.passages)


@dataclass(frozen=True, eq=False)
class Gold:
    """Coded sentences of a panel, as numbers.

    Attributes
    ----------
    rows : array of int64, shape (n,)
        Row of each among the sentences of the panel, as in ``panel.to_frame()``.
    inclusion_probabilities : array, shape (n,)
        Probability of each of having been drawn.
    themes : array, shape (n, n_themes)
        1 where a theme applies, 0 where not; NaN where themes were not coded.
    tones : array, shape (n,)
        1 for positive, -1 for negative, 0 for neutral; NaN where the tone was not coded.
    """

    rows: IntArray
    inclusion_probabilities: Array
    themes: Array
    tones: Array

    def __len__(self) -> int:
        return len(self.rows)


def draw_sample(arrays: PanelArrays, strata: IntArray, n: int, seed: int) -> Sample:
    """Draw sentences at random within strata, each without replacement.

    Parameters
    ----------
    arrays : PanelArrays
        The panel.
    strata : array of int64, shape (n_sentences,)
        Stratum of each sentence, from 0.
    n : int
        How many to draw.
    seed : int
        Of the draws.

    Returns
    -------
    Sample
        Strata in proportion to their sentences, but at least two of each, or one where `n`
        is too small for two.

    Raises
    ------
    ValueError
        `n` is less than the number of strata, or more than there are sentences.
    """
    rng = np.random.default_rng(seed)
    sizes = np.bincount(strata)
    shares = _allocate(n, sizes)
    order = rng.permutation(len(strata))
    order = order[np.argsort(strata[order], kind="stable")]
    firsts = np.cumsum(sizes) - sizes
    drawn = [order[a : a + k] for a, k in zip(firsts.tolist(), shares.tolist(), strict=True)]
    rows = rng.permutation(np.concatenate(drawn))
    inclusion = (shares / sizes)[strata[rows]]
    return Sample(
        tuple(_passage(arrays, int(r), p) for r, p in zip(rows, inclusion, strict=True)),
        arrays.articles[rows],
        arrays.places[rows],
        inclusion,
    )


def write_sample(sample: Sample, path: str | Path, shape: str, *, overwrite: bool) -> None:
    """Write a sample with `write_examples`, without suggestions of a model.

    Annotation tools get the sentences before as the field ``context``, since their files have
    no other place for them.
    """
    passages: Sequence[Passage] = sample.passages
    if shape != "jsonl":
        passages = [
            replace(p, metadata={**p.metadata, CONTEXT: " ".join(p.before)}) for p in passages
        ]
    write_examples(passages, path, format=shape, overwrite=overwrite)


def match_examples(arrays: PanelArrays, examples: Sequence[Passage], *, errors: str) -> Gold:
    """Find coded sentences of a sample in the panel that it was drawn from.

    Parameters
    ----------
    arrays : PanelArrays
        The panel.
    examples : sequence of Passage
        The sample, coded.
    errors : str
        What to do about sentences that do not match, or were not coded: "raise", or "warn"
        and leave them out.

    Returns
    -------
    Gold
        In the order of `examples`.

    Raises
    ------
    DataError
        Sentences do not match, and `errors` is "raise"; or there are labels that the panel
        does not have, or no coded sentences at all.
    TypeError
        `examples` holds something else than passages.
    """
    if isinstance(examples, Passage) or not all(isinstance(p, Passage) for p in examples):
        raise TypeError("examples hold something else than passages; pass what read_examples gives")
    _check_labels(arrays, examples)
    faults: dict[str, list[str]] = {}
    rows, inclusion, coded = [], [], []
    seen = set[int]()
    for passage in examples:
        row, fault = _row(arrays, passage)
        fault = fault or (_TWICE if row in seen else None)
        if fault:
            faults.setdefault(fault, []).append(passage.id)
            continue
        seen.add(row)
        rows.append(row)
        inclusion.append(float(passage.metadata[INCLUSION]))
        coded.append(passage.examples[0])
    report_faults(
        [f"{len(ids)} of {len(examples)} {fault}: {listed(ids)}" for fault, ids in faults.items()],
        errors,
    )
    if not coded:
        raise DataError("no coded sentences of this panel; pass a sample of it, coded")
    blank = [np.nan] * len(arrays.themes)
    themes = [blank if e.themes is None else [t in e.themes for t in arrays.themes] for e in coded]
    tones = [np.nan if e.tone is None else _SIGNS.get(e.tone, 0.0) for e in coded]
    return Gold(np.array(rows), np.array(inclusion), np.array(themes, dtype=float), np.array(tones))


_UNKNOWN = (
    "sentences stand at no place of the panel; match with the panel that they were drawn from"
)
_CHANGED = (
    "sentences have another text than the panel has there; build it of the same articles in the "
    "same order, and leave their text as it is"
)
_UNCODED = "sentences are not coded; code them, or leave them out with errors='warn'"
_TWICE = "sentences stand there twice; keep one coding of each"
_UNWEIGHTED = f"sentences have no {INCLUSION} from 0 to 1 in their metadata; keep that field"


def _row(arrays: PanelArrays, passage: Passage) -> tuple[int, str | None]:
    """Row of a coded sentence in the panel, or what is wrong with it."""
    place = _ID.fullmatch(passage.id)
    if place is None or len(passage.examples) != 1:
        return -1, _UNKNOWN
    article, sentence = int(place[1]), int(place[2])
    if article >= len(arrays.texts):
        return -1, _UNKNOWN
    first, end = arrays.first_rows[[article, article + 1]].tolist()
    row, (example,) = first + sentence, passage.examples
    if row >= end:
        return -1, _UNKNOWN
    if arrays.sentence(row) != example.text:
        return row, _CHANGED
    if example.themes is None and example.tone is None:
        return row, _UNCODED
    return row, None if _is_probability(passage.metadata.get(INCLUSION, "")) else _UNWEIGHTED


def _is_probability(text: str) -> bool:
    try:
        return 0 < float(text) <= 1
    except ValueError:
        return False


def _check_labels(arrays: PanelArrays, examples: Sequence[Passage]) -> None:
    """Raise a `DataError` that names labels which the panel does not have."""
    coded = [e for p in examples for e in p.examples]
    themes = [sorted((e.themes or set()) - set(arrays.themes)) for e in coded]
    tones = [[e.tone] if e.tone not in (None, *arrays.tones) else [] for e in coded]
    faults = []
    for kind, unknown, known in (("theme", themes, arrays.themes), ("tone", tones, arrays.tones)):
        names = dict.fromkeys(name for of_one in unknown for name in of_one)
        if names:
            faults.append(
                f"{sum(map(bool, unknown))} of {len(coded)} sentences have a {kind} that the panel "
                f"does not have: {listed(names)}; it has {list(known)}; see rename= of "
                "read_examples"
            )
    check_faults(faults)


def _passage(arrays: PanelArrays, row: int, inclusion: float) -> Passage:
    article, place = int(arrays.articles[row]), int(arrays.places[row])
    before = range(row - min(place, N_BEFORE), row)
    return Passage(
        id=f"article-{article}-sentence-{place}",
        examples=(Example(arrays.sentence(row), None, None),),
        title=arrays.titles[article],
        before=tuple(arrays.sentence(r) for r in before),
        metadata={INCLUSION: repr(float(inclusion))},
    )


def _allocate(n: int, sizes: IntArray) -> IntArray:
    """How many of `n` to draw from strata of these sizes."""
    if not len(sizes) <= n <= sizes.sum():
        raise ValueError(
            f"n is {n}, expected {len(sizes)} (one of each stratum) to {sizes.sum()} (all)"
        )
    least = np.minimum(sizes, 2)
    if least.sum() > n:
        least = np.ones_like(sizes)
    wanted = np.maximum(n * sizes / sizes.sum() - least, 0)
    more = wanted * (n - least.sum()) / max(wanted.sum(), 1e-12)
    shares: IntArray = least + np.floor(more).astype(np.int64)
    largest_rest = np.argsort(np.floor(more) - more, kind="stable")[: n - shares.sum()]
    shares[largest_rest] += 1
    return shares
