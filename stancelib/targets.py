"""Labels of passages as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stancelib.errors import DataError
from stancelib.records import Passage

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Targets:
    """Labels of sentences, as numbers.

    Attributes
    ----------
    themes : array, shape (n_sentences, n_themes)
        1 where a theme applies, 0 where not, NaN where it was not coded.
    tones : array, shape (n_sentences, n_tones)
        1 for the tone that holds, else 0; all NaN where it was not coded.
    weights : array, shape (n_sentences,)
        How much each sentence counts.
    """

    themes: Array
    tones: Array
    weights: Array

    def rows(self, index: NDArray[np.int64]) -> "Targets":
        """Targets of some of the sentences."""
        return Targets(self.themes[index], self.tones[index], self.weights[index])


def make_targets(
    passages: Sequence[Passage], themes: Sequence[str], tones: Sequence[str]
) -> Targets:
    """Turn the labels of all sentences of the passages into numbers, in order.

    Parameters
    ----------
    passages : sequence of Passage
        Labelled sentences.
    themes, tones : sequence of str
        Names of the columns.

    Returns
    -------
    Targets
        One row per sentence.

    Raises
    ------
    DataError
        A label is not among `themes` or `tones`.
    """
    n = sum(len(p.examples) for p in passages)
    targets = Targets(
        np.full((n, len(themes)), np.nan), np.full((n, len(tones)), np.nan), np.ones(n)
    )
    row = 0
    for passage in passages:
        for example in passage.examples:
            if example.themes is not None:
                if not example.themes <= set(themes):
                    raise DataError(
                        f"{passage.id}: themes {sorted(example.themes)}, known are {list(themes)}"
                    )
                targets.themes[row] = [theme in example.themes for theme in themes]
            if example.tone is not None:
                if example.tone not in tones:
                    raise DataError(f"{passage.id}: tone {example.tone!r}, known are {list(tones)}")
                targets.tones[row] = [tone == example.tone for tone in tones]
            targets.weights[row] = passage.weight
            row += 1
    return targets
