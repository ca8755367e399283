"""The surroundings of a sentence: what its neighbours, heading and title say.

Sentences are coded in context. What surrounds a sentence is told here in a few numbers,
made of the first-stage probabilities of the sentences around it; the second stage of
`stancelib.scorer` weighs them together with what the sentence itself says.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

REACH = 6  # sentences to either side that count as near


def surroundings(probabilities: Array, sections: IntArray, above: Array) -> Array:
    """Describe what surrounds each sentence.

    Parameters
    ----------
    probabilities : array, shape (n_sentences, n_labels)
        First-stage probabilities of the sentences, section after section.
    sections : array of int64, shape (n_sentences,)
        Number of the section that each sentence belongs to; ascending. A section is what
        stands under one heading, itself included, or a whole text. Sections do not see
        each other.
    above : array, shape (n_sentences, n_labels)
        First-stage probabilities of the heading over each sentence, or else of the title
        of its text; NaN where there is neither.

    Returns
    -------
    array, shape (n_sentences, 3 * n_labels + 1)
        The sentence before; the mean of up to `REACH` sentences on either side, itself
        left out; the heading or title; and whether there was one. Zeros where there is
        nothing. Values from 0 to 1.
    """
    n = len(probabilities)
    first = np.searchsorted(sections, sections, side="left")
    last = np.searchsorted(sections, sections, side="right")
    index = np.arange(n)
    before = np.zeros_like(probabilities)
    follows = np.flatnonzero(index > first)
    before[follows] = probabilities[follows - 1]
    low, high = np.maximum(first, index - REACH), np.minimum(last, index + REACH + 1)
    sums = np.concatenate([np.zeros((1, probabilities.shape[1])), np.cumsum(probabilities, axis=0)])
    others = np.maximum(high - low - 1, 1)[:, None]
    around = (sums[high] - sums[low] - probabilities) / others
    has_above = ~np.isnan(above).any(axis=1, keepdims=True)
    return np.concatenate([before, around, np.where(has_above, above, 0.0), has_above], axis=1)
