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


def surroundings(probabilities: Array, texts: IntArray, headings: IntArray, titles: Array) -> Array:
    """Describe what surrounds each sentence.

    Parameters
    ----------
    probabilities : array, shape (n_sentences, n_labels)
        First-stage probabilities of the sentences, texts one after the other.
    texts : array of int64, shape (n_sentences,)
        Number of the text that each sentence belongs to; ascending.
    headings : array of int64, shape (n_sentences,)
        Row of the heading that each sentence stands under; -1 where there is none.
    titles : array, shape (n_texts, n_labels)
        First-stage probabilities of the titles; NaN for a text without one.

    Returns
    -------
    array, shape (n_sentences, 3 * n_labels + 1)
        The sentence before; the mean of up to `REACH` sentences on either side, itself
        left out; the heading or else the title; and whether there was one of the two.
        Zeros where there is nothing. Values from 0 to 1.
    """
    n = len(probabilities)
    first = np.searchsorted(texts, texts, side="left")
    last = np.searchsorted(texts, texts, side="right")
    index = np.arange(n)
    before = np.zeros_like(probabilities)
    follows = np.flatnonzero(index > first)
    before[follows] = probabilities[follows - 1]
    low, high = np.maximum(first, index - REACH), np.minimum(last, index + REACH + 1)
    sums = np.concatenate([np.zeros((1, probabilities.shape[1])), np.cumsum(probabilities, axis=0)])
    others = np.maximum(high - low - 1, 1)[:, None]
    around = (sums[high] - sums[low] - probabilities) / others
    above = np.where((headings >= 0)[:, None], probabilities[headings], titles[texts])
    has_above = ~np.isnan(above).any(axis=1, keepdims=True)
    return np.concatenate([before, around, np.where(has_above, above, 0.0), has_above], axis=1)
