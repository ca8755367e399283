"""Labels of passages as arrays."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stancelib.errors import MAX_FAULTS, DataError
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

    def rows(self, index: NDArray[np.int64] | slice) -> "Targets":
        """Targets of some of the sentences."""
        return Targets(self.themes[index], self.tones[index], self.weights[index])

    def spread(self, index: NDArray[np.int64], n_sentences: int) -> "Targets":
        """Targets of more sentences: these are at `index`, the others were not coded."""
        wider = Targets(
            np.full((n_sentences, self.themes.shape[1]), np.nan),
            np.full((n_sentences, self.tones.shape[1]), np.nan),
            np.ones(n_sentences),
        )
        wider.themes[index], wider.tones[index] = self.themes, self.tones
        wider.weights[index] = self.weights
        return wider


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
        Labels are not among `themes` or `tones`; the first 20 are named.
    """
    n = sum(len(p.examples) for p in passages)
    targets = Targets(
        np.full((n, len(themes)), np.nan), np.full((n, len(tones)), np.nan), np.ones(n)
    )
    faults: list[str] = []
    labelled = ((p, i, e) for p in passages for i, e in enumerate(p.examples))
    for row, (passage, index, example) in enumerate(labelled):
        where = f"{passage.id}, sentence {index}"
        targets.weights[row] = passage.weight
        if example.themes is not None:
            targets.themes[row] = [theme in example.themes for theme in themes]
            if unknown := sorted(example.themes - set(themes)):
                faults.append(f"{where}: unknown themes {unknown}, known are {list(themes)}")
        if example.tone is not None:
            targets.tones[row] = [tone == example.tone for tone in tones]
            if example.tone not in tones:
                faults.append(f"{where}: unknown tone {example.tone!r}, known are {list(tones)}")
    if faults:
        more = [f"... and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
        raise DataError("\n".join([*faults[:MAX_FAULTS], *more]))
    return targets
