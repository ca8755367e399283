"""Sentences to probabilities: the folded table, the encoder, and their blend. Numpy only.

The table: look up the row of every word and phrase, add what the lexicon says of it in
its scope, sum over the sentence, divide by its length, add the bias. The encoder
(`stancelib.encoder`) reads words and sentences in their order. The blend: one linear map
of what the table and the encoder say. A scorer holds arrays and changes nothing in
itself, so any number of threads may use one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from stancelib.encoder import Encoder
from stancelib.inventory import MAX_IDF, SMOOTHING, Found, Inventory
from stancelib.tokens import hash_grams

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

CHUNK = 128  # sentences read at a time: what they take stays in the processor's cache
CHUNK_CHARACTERS = 1 << 16  # no more than these at a time: each takes kilobytes


class Reading(NamedTuple):
    """Scores of sentences by themselves.

    Attributes
    ----------
    scores : array, shape (n_sentences, n_labels + n_encoded)
        Log-odds of the themes and logits of the tones: the table's, then the encoder's.
    pooled : array of float32, shape (n_sentences, n_pooled)
        What the encoder passes on to the sentences around.
    n_words, n_unknown : array of int64, shape (n_sentences,)
        How many words a sentence has, and how many of them the table does not hold.
    """

    scores: Array
    pooled: NDArray[np.float32]
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
        Bias of the table.
    encoder : Encoder
        Of the same inventory and lexicon classes. It gives ``n_encoded`` scores: one for
        each label where both were trained together, more or others after retraining.
    blend : array, shape (n_labels + n_encoded + 1, n_labels)
        Weights of the table's scores, of the encoder's, and bias.
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
    encoder: Encoder
    blend: Array
    n_themes: int

    def read(self, sentences: Sequence[str]) -> Reading:
        """Score each sentence by itself.

        Parameters
        ----------
        sentences : sequence of str
            Sentences, titles or headings.

        Returns
        -------
        Reading
            One row per sentence.
        """
        parts = [self._read(chunk) for chunk in _chunks(sentences)]
        return Reading(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))

    def surroundings(self, pooled: NDArray[np.float32], sections: IntArray) -> Array:
        """Score what the sentences around each sentence say; see `Encoder.surroundings`."""
        return self.encoder.surroundings(pooled, sections).astype(np.float64)

    def combine(self, scores: Array, around: Array) -> Array:
        """Blend what table and encoder say.

        Parameters
        ----------
        scores : array, shape (n_sentences, n_labels + n_encoded)
            Of `read`.
        around : array, shape (n_sentences, n_encoded)
            Of `surroundings`, added to the encoder's scores; zeros for sentences that
            stand alone.

        Returns
        -------
        array, shape (n_sentences, n_labels)
            Log-odds of the themes; logits of the tones.
        """
        n_labels = len(self.bias)
        table, encoder = scores[:, :n_labels], scores[:, n_labels:]
        of_table, of_encoder = self.blend[:n_labels], self.blend[n_labels:-1]
        combined: Array = table @ of_table + (encoder + around) @ of_encoder + self.blend[-1]
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

    def parts(self, sentence: str, weights: Array) -> tuple[Found, Array, Array, float]:
        """Take the scores of one sentence apart.

        Parameters
        ----------
        sentence : str
            The sentence.
        weights : array, shape (n_labels + n_encoded,)
            How much each of its scores counts, such as a column of `blend`.

        Returns
        -------
        found : Found
            Words and phrases of the sentence.
        words : array, shape (n_tokens,)
            Contribution of each token, the separator at the end included.
        phrases : array, shape (n_phrases,)
            Contribution of each phrase beyond those of its words.
        base : float
            What a sentence without words has. All of it adds up to ``scores @ weights``.
        """
        found = self.inventory.find([sentence])
        rows, phrase_rows = self._rows(found)
        of_table, of_encoder = np.split(weights, [len(self.bias)])
        scale = of_table / self.lengths(found)[0]
        words = rows @ scale
        words += self.encoder.parts(self.encoder.rows(found, self.classes), of_encoder)
        base = self.bias @ of_table + self.encoder.bias @ of_encoder
        return found, words, phrase_rows @ scale, float(base)

    def _read(self, sentences: Sequence[str]) -> Reading:
        if not sentences:
            n_scores, n_pooled = len(self.blend) - 1, 2 * len(self.encoder.value)
            return Reading(
                np.zeros((0, n_scores)),
                np.zeros((0, n_pooled), np.float32),
                *np.zeros((2, 0), dtype=np.int64),
            )
        found = self.inventory.find(sentences)
        rows, phrase_rows = self._rows(found)
        sums: Array = np.add.reduceat(rows, found.starts, axis=0)
        holders = np.searchsorted(found.starts, found.places, side="right") - 1
        for label, column in enumerate(phrase_rows.T):
            sums[:, label] += np.bincount(holders, column, len(sums))
        table = sums / self.lengths(found)[:, None] + self.bias
        encoder, pooled = self.encoder.encode(self.encoder.rows(found, self.classes), found.starts)
        strange = found.words >= self.inventory.n_units
        is_word = found.words >= self.inventory.first_word
        strangers = np.array([word[:1].isalpha() for word in found.unknown], dtype=bool)
        is_word[strange] = strangers[found.words[strange] - self.inventory.n_units]
        return Reading(
            np.concatenate([table, encoder], axis=1),
            pooled,
            np.add.reduceat(is_word, found.starts, dtype=np.int64),
            np.add.reduceat(is_word & strange, found.starts, dtype=np.int64),
        )

    def _rows(self, found: Found) -> tuple[Array, Array]:
        """Rows of the tokens and of the phrases that were found, lexicon included."""
        table = self.table
        known = found.words < len(table)
        words = np.where(known, found.words, 0)
        rows = table[words].astype(np.float64)
        if found.unknown:
            strangers = np.array([self.stranger(word) for word in found.unknown])
            rows[~known] = strangers[found.words[~known] - len(table)]
        classes = np.where(found.covered, 0, self.classes[words])
        rows += self.class_table[classes, found.scopes]
        classes = np.where(found.speaks, self.classes[found.phrases], 0)
        phrase_rows = table[found.phrases] + self.class_table[classes, found.scopes[found.places]]
        return rows, phrase_rows.astype(np.float64)

    def stranger(self, word: str) -> Array:
        """Make the row of a word that the table does not hold, made of its character n-grams."""
        grams = hash_grams(word)
        rows = self.gram_table[grams].astype(np.float64)
        row: Array = rows.sum(axis=0) * (MAX_IDF / max(len(grams), 1) ** 0.5)
        return row

    def lengths(self, found: Found) -> Array:
        """Length of each sentence: the root of its words' squared idf, smoothed.

        Returns
        -------
        array, shape (n_sentences,)
            Positive.
        """
        known = found.words < len(self.idf)
        idf = np.where(known, self.idf[np.where(known, found.words, 0)], MAX_IDF)
        lengths: Array = np.sqrt(np.add.reduceat(idf**2, found.starts) + SMOOTHING)
        return lengths


def _chunks(sentences: Sequence[str]) -> Iterator[Sequence[str]]:
    """Sentences in portions that fit the memory; one empty portion of none."""
    start, size = 0, 0
    for i, sentence in enumerate(sentences):
        size += len(sentence)
        if i > start and (i - start == CHUNK or size > CHUNK_CHARACTERS):
            yield sentences[start:i]
            start, size = i, len(sentence)
    yield sentences[start:]


def half(values: Array) -> NDArray[np.float32]:
    """Round to half precision, as the model file stores tables."""
    return values.astype(np.float16).astype(np.float32)
