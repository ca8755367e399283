"""The encoder: words read in their order, sentences in theirs. Numpy only.

The table of `stancelib.scorer` adds up words, whatever their order. The encoder reads each
word together with its two neighbours, and each sentence together with those around it:

1. Each word has a row (and its lexicon class in its scope another, added to it). A gated
   convolution of width three turns the rows of a word and its neighbours into its *state*.
2. The states of a sentence are pooled: for each label by attention, and by the highest
   value of each unit. Both are sums over words, so a score can be taken apart exactly.
3. The pooled states go through two more gated convolutions, over the sentences up to
   three away on either side. What these make of the sentence among its neighbours, less
   what they make of it alone, adds to the score: what the surroundings say, zero where
   there are none.

Gated linear units follow Dauphin et al. 2017, "Language modeling with gated convolutional
networks". An encoder holds arrays and changes nothing in itself.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stancelib.inventory import Found

Array = NDArray[np.float32]
IntArray = NDArray[np.int64]

LOWEST = -80.0  # below this a gate is shut, and its exponential overflows
HEARD = 3  # sentences on either side that add to the score of one
MARGIN = 2  # empty rows between sections, as wide as the second convolution looks


class States(NamedTuple):
    """What the encoder makes of the words of sentences.

    Attributes
    ----------
    states : array of float32, shape (n_tokens, n_hidden)
        State of each word; zero for separators.
    attention : array of float32, shape (n_tokens, n_labels)
        Share of each word in the attention of its sentence, for each label.
    peaks : array of float32, shape (n_sentences, n_hidden)
        Highest value of each unit in each sentence.
    """

    states: Array
    attention: Array
    peaks: Array


class Encoded(NamedTuple):
    """What the encoder says of sentences by themselves.

    Attributes
    ----------
    log_odds : array of float32, shape (n_sentences, n_encoded)
        Scores, from the words of each sentence alone.
    pooled : array of float32, shape (n_sentences, 2 * n_hidden)
        Pooled states, for the sentences around.
    """

    log_odds: Array
    pooled: Array


@dataclass(frozen=True, slots=True)
class Encoder:
    """Arrays of an encoder, and how sentences go through them.

    Attributes
    ----------
    words : array of float16, shape (n_words + 1, n_dims)
        Row of each word of the inventory; the last is that of all unknown words.
    classes : array of float32, shape (n_classes, n_scopes, n_dims)
        Row of each lexicon class in each scope; class 0 is zero.
    mix, mix_bias : array of float32, shape (3 * n_dims, 2 * n_hidden), (2 * n_hidden,)
        Convolution over words.
    attention, value : array of float32, shape (n_hidden, n_labels)
        Attention of each label, and what it takes from the states.
    peak : array of float32, shape (n_hidden, n_encoded)
        What each score takes from the highest values. The scores are those of the labels,
        and after retraining some more, which take nothing through attention.
    bias : array of float32, shape (n_encoded,)
        Scores of a sentence without words.
    near, near_bias : array of float32, shape (6 * n_hidden, 2 * n_hidden), (2 * n_hidden,)
        Convolution over the sentence before, the sentence, and the one after.
    far, far_bias : array of float32, shape (3 * n_hidden, 2 * n_hidden), (2 * n_hidden,)
        Convolution over what the first made two sentences before, here, and two after.
    around : array of float32, shape (2 * n_hidden, n_encoded)
        What both add to the scores.
    """

    words: NDArray[np.float16]
    classes: Array
    mix: Array
    mix_bias: Array
    attention: Array
    value: Array
    peak: Array
    bias: Array
    near: Array
    near_bias: Array
    far: Array
    far_bias: Array
    around: Array

    def rows(self, found: Found, classes: IntArray) -> Array:
        """Row of each token: its word's, and those of the lexicon classes that end there.

        Parameters
        ----------
        found : Found
            Words and phrases of the sentences.
        classes : array of int64, shape (n_units,)
            Lexicon class of each unit.

        Returns
        -------
        array of float32, shape (n_tokens, n_dims)
        """
        last = len(self.words) - 1
        rows = self.words[np.minimum(found.words, last)].astype(np.float32)
        known = np.where(found.words < last, found.words, 0)
        rows += self.classes[np.where(found.covered, 0, classes[known]), found.scopes]
        kinds = classes[found.phrases]
        spoken = np.flatnonzero(found.speaks & (kinds > 0))
        scopes = found.scopes[found.places[spoken]]
        np.add.at(rows, found.ends[spoken], self.classes[kinds[spoken], scopes])
        rows[found.words == 0] = 0.0
        return rows

    def read(self, rows: Array, starts: IntArray) -> States:
        """Turn rows of words into states, attention and peaks.

        Parameters
        ----------
        rows : array of float32, shape (n_tokens, n_dims)
            Of `rows`; each sentence ends with a separator, whose row is zero.
        starts : array of int64, shape (n_sentences,)
            Where each sentence begins.

        Returns
        -------
        States
            Of the words, and of the sentences.
        """
        lengths = np.diff(starts, append=len(rows))
        separators = starts + lengths - 1
        empty = lengths == 1
        states = gate(beside(rows, 1) @ self.mix + self.mix_bias)
        states[separators] = 0.0
        scores = states @ self.attention
        scores[separators[~empty]] = -np.inf
        raised = np.exp(scores - np.repeat(np.maximum.reduceat(scores, starts), lengths, axis=0))
        attention = raised / np.repeat(np.add.reduceat(raised, starts), lengths, axis=0)
        hidden = states.copy()
        hidden[separators[~empty]] = -np.inf
        return States(states, attention, np.maximum.reduceat(hidden, starts))

    def encode(self, rows: Array, starts: IntArray) -> Encoded:
        """Score sentences by themselves, and pool their states for their neighbours.

        Parameters and shapes are those of `read`.
        """
        states, attention, peaks = self.read(rows, starts)
        taken = np.add.reduceat(attention * (states @ self.value), starts)
        mean = np.add.reduceat(attention.mean(axis=1, keepdims=True) * states, starts)
        log_odds = peaks @ self.peak + self.bias
        log_odds[:, : taken.shape[1]] += taken
        return Encoded(log_odds, np.concatenate([mean, peaks], axis=1))

    def parts(self, rows: Array, weights: NDArray[np.float64]) -> NDArray[np.float64]:
        """Take the score of one sentence apart.

        Parameters
        ----------
        rows : array of float32, shape (n_tokens, n_dims)
            Of its words, separator included.
        weights : array, shape (n_encoded,)
            How much each score counts.

        Returns
        -------
        array, shape (n_tokens,)
            What each word, read with its neighbours, contributes; they add up to
            ``(log_odds - bias) @ weights``.
        """
        states, attention, peaks = self.read(rows, np.zeros(1, dtype=np.int64))
        parts: NDArray[np.float64] = (attention * (states @ self.value)) @ weights[
            : attention.shape[1]
        ]
        highest = states[: max(len(rows) - 1, 1)].argmax(axis=0)
        np.add.at(parts, highest, peaks[0] * (self.peak @ weights))
        return parts

    def surroundings(self, pooled: Array, sections: IntArray) -> Array:
        """Score what the sentences around each sentence say.

        Parameters
        ----------
        pooled : array of float32, shape (n_sentences, 2 * n_hidden)
            Pooled states, section after section.
        sections : array of int64, shape (n_sentences,)
            Number of the section of each sentence; ascending. Sections do not see each
            other.

        Returns
        -------
        array of float32, shape (n_sentences, n_encoded)
        """
        around: Array = self.listen(pooled, sections) @ self.around
        return around

    def listen(self, pooled: Array, sections: IntArray) -> Array:
        """Hear what the sentences around each sentence say, before it becomes scores.

        Parameters are those of `surroundings`.

        Returns
        -------
        array of float32, shape (n_sentences, 2 * n_hidden)
            Zeros where there are no sentences around.
        """
        places, n_places = apart(sections)
        here = pooled @ self.near[centre(self.near)] + self.near_bias
        sides = beside(spread(pooled, places, n_places), 1)[places]
        near = gate(sides @ self.near + self.near_bias)
        far = beside(spread(near, places, n_places), 2)[places] @ self.far + self.far_bias
        alone = gate(here)
        alone_far = alone @ self.far[centre(self.far)] + self.far_bias
        return np.concatenate([near - alone, gate(far) - gate(alone_far)], axis=1)


def apart(sections: IntArray) -> tuple[IntArray, int]:
    """Places for sentences with empty ones between sections, and how many places there are."""
    number = np.cumsum(np.diff(sections, prepend=sections[:1]) != 0)
    places = np.arange(len(sections)) + MARGIN * number
    return places, len(sections) + MARGIN * (int(number.max(initial=0)) + 1)


def spread(rows: Array, places: IntArray, n_places: int) -> Array:
    """Put rows in their places, zeros elsewhere."""
    spread = np.zeros((n_places, rows.shape[1]), rows.dtype)
    spread[places] = rows
    return spread


def centre(kernel: Array) -> slice:
    """Rows of a convolution of width three that are for what stands in the middle."""
    third = len(kernel) // 3
    return slice(third, 2 * third)


def gate(values: Array) -> Array:
    """Gated linear unit: the first half of the columns, each let through by the second half."""
    half = values.shape[1] // 2
    gated: Array = values[:, :half] / (1 + np.exp(-np.maximum(values[:, half:], LOWEST)))
    return gated


def shift(rows: Array, by: int) -> Array:
    """Move rows down (or up, below zero), zeros coming in."""
    moved = np.zeros_like(rows)
    if by > 0:
        moved[by:] = rows[:-by]
    else:
        moved[:by] = rows[-by:]
    return moved


def beside(rows: Array, distance: int) -> Array:
    """Put beside each row the one so far before it and the one so far after it."""
    return np.concatenate([shift(rows, distance), rows, shift(rows, -distance)], axis=1)
