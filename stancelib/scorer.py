"""Sentences to probabilities: the folded table and the context stage. Numpy only.

First stage: look up the row of every word and phrase, add what the lexicon says of it in
its scope, sum over the sentence, divide by its length, add the bias. Second stage: one
linear map of those log-odds and of the surroundings. A scorer holds arrays and changes
nothing in itself, so any number of threads may use one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stancelib.inventory import MAX_IDF, SMOOTHING, Found, Inventory
from stancelib.tokens import hash_grams

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]


class Reading(NamedTuple):
    """First-stage scores of sentences.

    Attributes
    ----------
    log_odds : array, shape (n_sentences, n_labels)
        Log-odds of the themes; logits of the tones.
    n_words, n_unknown : array of int64, shape (n_sentences,)
        How many words a sentence has, and how many of them the table does not hold.
    """

    log_odds: Array
    n_words: IntArray
    n_unknown: IntArray


@dataclass(frozen=True, slots=True)
class Scorer:
    """A folded model: arrays, and how they are added up.

    Attributes
    ----------
    inventory : Inventory
        The words and phrases it knows.
    table : array of float32, shape (n_units, n_labels)
        Row of each unit.
    class_table : array of float32, shape (n_classes, n_scopes, n_labels)
        Row of each lexicon class in each scope; class 0 is zero.
    gram_table : array of float32, shape (N_BUCKETS, n_labels)
        Row of each bucket of character n-grams, for words that are not known.
    classes : array of int64, shape (n_units,)
        Lexicon class of each unit.
    idf : array, shape (n_units,)
        Inverse document frequency of each unit.
    bias : array, shape (n_labels,)
        First-stage bias.
    context : array, shape (n_labels + 3 * n_labels + 1 + 1, n_labels)
        Second stage: weights of the first-stage log-odds, of the surroundings, and bias.
    n_themes : int
        The first so many labels are themes, each by itself; the rest are tones, of which
        one holds.
    """

    inventory: Inventory
    table: NDArray[np.float32]
    class_table: NDArray[np.float32]
    gram_table: NDArray[np.float32]
    classes: IntArray
    idf: Array
    bias: Array
    context: Array
    n_themes: int

    def read(self, sentences: Sequence[str]) -> Reading:
        """First stage: score each sentence by itself.

        Parameters
        ----------
        sentences : sequence of str
            Sentences, titles or headings.

        Returns
        -------
        Reading
            One row per sentence.
        """
        if not sentences:
            return Reading(np.zeros((0, len(self.bias))), *np.zeros((2, 0), dtype=np.int64))
        found = self.inventory.find(sentences)
        rows, phrase_rows = self._rows(found)
        np.add.at(rows, found.places, phrase_rows)
        sums: Array = np.add.reduceat(rows, found.starts, axis=0)
        log_odds = sums / self._lengths(found)[:, None] + self.bias
        strange = found.words >= self.inventory.n_units
        is_word = found.words >= self.inventory.first_word
        strangers = np.array([word[:1].isalpha() for word in found.unknown], dtype=bool)
        is_word[strange] = strangers[found.words[strange] - self.inventory.n_units]
        return Reading(
            log_odds,
            np.add.reduceat(is_word, found.starts, dtype=np.int64),
            np.add.reduceat(is_word & strange, found.starts, dtype=np.int64),
        )

    def combine(self, log_odds: Array, around: Array) -> Array:
        """Second stage: weigh each sentence together with its surroundings.

        Parameters
        ----------
        log_odds : array, shape (n_sentences, n_labels)
            First-stage scores of the sentences.
        around : array, shape (n_sentences, n_surroundings)
            Their surroundings, made of first-stage probabilities.

        Returns
        -------
        array, shape (n_sentences, n_labels)
            Log-odds of the themes; logits of the tones.
        """
        n_labels = log_odds.shape[1]
        own, surrounding, bias = (
            self.context[:n_labels],
            self.context[n_labels:-1],
            self.context[-1],
        )
        combined: Array = log_odds @ own + around @ surrounding + bias
        return combined

    def probabilities(self, log_odds: Array) -> Array:
        """Turn log-odds into probabilities.

        Returns
        -------
        array, shape (n_sentences, n_labels)
            Each theme from 0 to 1 by itself; the tones of a row add up to 1.
        """
        themes, tones = log_odds[:, : self.n_themes], log_odds[:, self.n_themes :]
        raised = np.exp(tones - tones.max(axis=1, keepdims=True, initial=-np.inf))
        probabilities: Array = np.concatenate(
            [np.exp(-np.logaddexp(0, -themes)), raised / raised.sum(axis=1, keepdims=True)], axis=1
        )
        return probabilities

    def parts(self, sentence: str, weights: Array) -> tuple[Found, Array, Array]:
        """Take the first stage of one sentence apart.

        Parameters
        ----------
        sentence : str
            The sentence.
        weights : array, shape (n_labels,)
            How much each first-stage label counts, such as a column of `context`.

        Returns
        -------
        found : Found
            Words and phrases of the sentence.
        words : array, shape (n_tokens,)
            Contribution of each token, the separator at the end included.
        phrases : array, shape (n_phrases,)
            Contribution of each phrase beyond those of its words.
            All contributions add up to ``(log_odds - bias) @ weights``.
        """
        found = self.inventory.find([sentence])
        rows, phrase_rows = self._rows(found)
        scale = weights / self._lengths(found)[0]
        return found, rows @ scale, phrase_rows @ scale

    def _rows(self, found: Found) -> tuple[Array, Array]:
        """Rows of the tokens and of the phrases that were found, lexicon included."""
        table = self.table
        known = found.words < len(table)
        words = np.where(known, found.words, 0)
        rows = table[words].astype(np.float64)
        if found.unknown:
            strangers = np.array([self._stranger(word) for word in found.unknown])
            rows[~known] = strangers[found.words[~known] - len(table)]
        classes = np.where(found.covered, 0, self.classes[words])
        rows += self.class_table[classes, found.scopes]
        classes = np.where(found.speaks, self.classes[found.phrases], 0)
        phrase_rows = table[found.phrases] + self.class_table[classes, found.scopes[found.places]]
        return rows, phrase_rows.astype(np.float64)

    def _stranger(self, word: str) -> Array:
        """Row of a word that the table does not hold, made of its character n-grams."""
        grams = hash_grams(word)
        rows = self.gram_table[grams].astype(np.float64)
        row: Array = rows.sum(axis=0) * (MAX_IDF / max(len(grams), 1) ** 0.5)
        return row

    def _lengths(self, found: Found) -> Array:
        known = found.words < len(self.idf)
        idf = np.where(known, self.idf[np.where(known, found.words, 0)], MAX_IDF)
        lengths: Array = np.sqrt(np.add.reduceat(idf**2, found.starts) + SMOOTHING)
        return lengths
