"""Labelled passages to an encoder: stochastic gradient descent, written out in numpy.

The loss is that of `stancelib.heads`, over batches of passages; the optimiser is AdamW
(Loshchilov and Hutter 2019, "Decoupled weight decay regularization") with the one-cycle
schedule of Smith and Topin 2018, "Super-convergence". Words, rows and states are dropped
at random (Srivastava et al. 2014, "Dropout"), and passages are cut at random, so that the
encoder also learns from sentences with little around them.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from stancelib.encoder import LOWEST, Encoder, apart, beside, centre, gate, shift, spread
from stancelib.features import (
    LEXICON_SCALE,
    Vectors,
    Vocabulary,
    Weights,
    class_values,
    spoken_classes,
)
from stancelib.heads import log_loss
from stancelib.inventory import Found
from stancelib.lexicon import SCOPES
from stancelib.targets import Targets

Array = NDArray[np.float32]
IntArray = NDArray[np.int64]

MIN_COUNT = 4  # tokens of a word from which it has a row of its own beside its vector
VECTOR_SCALE = 6.0
START = 0.02  # standard deviation of the words' own rows before training


@dataclass(frozen=True, slots=True)
class EncoderSettings:
    """How an encoder is trained.

    Attributes
    ----------
    n_dims, n_hidden : int
        Length of a word's row, and number of units of its state.
    n_epochs : int
        Times that all passages are gone through.
    batch_size : int
        Passages in a step.
    learning_rate : float
        Its peak; it rises over the first tenth of the steps, then falls to zero.
    weight_decay : float
        Share of each weight that a step of learning rate 1 would take away.
    drop_words : float
        Share of the words that are read as unknown, 0 to 1; half as many lose their
        lexicon class.
    drop : float
        Share of the numbers in rows, in states and in what the surroundings add that are
        left out, 0 to 1.
    cut : float
        Share of the passages of which only a stretch is read, 0 to 1.
    """

    n_dims: int = 48
    n_hidden: int = 48
    n_epochs: int = 6
    batch_size: int = 12
    learning_rate: float = 3e-3
    weight_decay: float = 1e-2
    drop_words: float = 0.1
    drop: float = 0.3
    cut: float = 0.3


@dataclass(frozen=True, slots=True)
class Material:
    """Sentences as an encoder is trained on them.

    Attributes
    ----------
    words : array of int64, shape (n_tokens,)
        Word of each token, 0 for separators. All are known: unknown ones are made by
        dropping words.
    starts : array of int64, shape (n_sentences,)
        Where each sentence begins among the tokens.
    sections : array of int64, shape (n_sentences,)
        Passage of each sentence; ascending.
    classes : sparse array, shape (n_tokens, n_classes)
        Pairs of lexicon class and scope that speak at each token.
    features : array of float32, shape (n_classes, n_features)
        What each pair of lexicon class and scope means.
    vectors : array of float32, shape (n_words + 1, n_vector_dims)
        Vector of each word; zero where there is none.
    """

    words: IntArray
    starts: IntArray
    sections: IntArray
    classes: sp.csr_array
    features: Array
    vectors: Array


def make_material(
    vocabulary: Vocabulary, found: Found, sections: IntArray, vectors: Vectors | None
) -> Material:
    """Prepare sentences for training.

    Parameters
    ----------
    vocabulary : Vocabulary
        Its inventory knows all words of the sentences.
    found : Found
        Words and phrases of the sentences.
    sections : array of int64, shape (n_sentences,)
        Passage of each sentence; ascending.
    vectors : Vectors or None
        Word vectors.

    Returns
    -------
    Material
        One row of `classes` per token.
    """
    tokens, columns = spoken_classes(vocabulary, found)
    shape = (len(found.words), len(vocabulary.entries) * len(SCOPES))
    spoken = sp.csr_array((np.ones(len(columns), np.float32), (tokens, columns)), shape=shape)
    meaning = class_values(vocabulary.entries, Weights(lexicon=1 / LEXICON_SCALE))
    inventory = vocabulary.inventory
    n_dims = vectors.rows.shape[1] if vectors else 1
    rows = np.zeros((inventory.n_words + 1, n_dims), np.float32)
    for word, row in zip(vectors.words, vectors.rows, strict=True) if vectors else ():
        unit = inventory.unit((word,))
        if unit is not None:
            rows[unit] = row
    return Material(found.words, found.starts, sections, spoken, meaning.astype(np.float32), rows)


def fit_encoder(
    material: Material,
    targets: Targets,
    passages: IntArray,
    settings: EncoderSettings,
    seed: int,
) -> Encoder:
    """Train an encoder.

    Parameters
    ----------
    material : Material
        All sentences.
    targets : Targets
        Their labels.
    passages : array of int64
        The passages to train on; the others are left alone.
    settings : EncoderSettings
        How to train.
    seed : int
        Of all that is random.

    Returns
    -------
    Encoder
        The same for the same input, up to the last digits of the arithmetic.
    """
    rng = np.random.default_rng(seed)
    network = _Network(material, targets, passages, settings, rng)
    first = np.searchsorted(material.sections, np.arange(material.sections.max() + 2))
    n_steps = settings.n_epochs * -(-len(passages) // settings.batch_size)
    optimiser = _AdamW(network.weights, settings, n_steps)
    for _ in range(settings.n_epochs):
        order = rng.permutation(passages)
        for at in range(0, len(order), settings.batch_size):
            stretches = []
            for passage in order[at : at + settings.batch_size].tolist():
                start, stop = int(first[passage]), int(first[passage + 1])
                if stop - start > 1 and rng.random() < settings.cut:
                    length = int(rng.integers(1, stop - start))
                    start += int(rng.integers(stop - start - length + 1))
                    stop = start + length
                stretches.append((start, stop))
            optimiser.step(network.gradients(stretches))
    return network.fold()


class _Batch(NamedTuple):
    """Sentences of a step, and where their tokens are."""

    sentences: IntArray
    tokens: IntArray  # of the material
    starts: IntArray  # of each sentence, among the tokens of the batch
    segment: IntArray  # sentence of each token
    separators: IntArray
    empty: NDArray[np.bool_]


class _Network:
    """Weights with their gradients. Names are those of `Encoder`, where they are the same."""

    def __init__(
        self,
        material: Material,
        targets: Targets,
        passages: IntArray,
        settings: EncoderSettings,
        rng: np.random.Generator,
    ) -> None:
        self.material, self.targets, self.settings, self.rng = material, targets, settings, rng
        self.ends = np.append(material.starts[1:], len(material.words))
        trained = np.flatnonzero(np.isin(material.sections, passages))
        seen = np.concatenate([np.arange(material.starts[i], self.ends[i]) for i in trained])
        n_words, n_vector = material.vectors.shape
        frequent = np.bincount(material.words[seen], minlength=n_words) >= MIN_COUNT
        frequent[[0, -1]] = False
        self.own = np.where(frequent, np.cumsum(frequent), 0)  # 0: no row of its own
        d, h = settings.n_dims, settings.n_hidden
        n_labels = targets.themes.shape[1] + targets.tones.shape[1]

        def uniform(*shape: int) -> Array:
            bound = shape[0] ** -0.5
            return rng.uniform(-bound, bound, shape).astype(np.float32)

        self.weights: dict[str, Array] = {
            "project": uniform(n_vector, d),
            "own": (START * rng.standard_normal((int(frequent.sum()) + 1, d))).astype(np.float32),
            "base": np.zeros(d, np.float32),
            "entries": uniform(material.features.shape[1], d),
            "mix": uniform(3 * d, 2 * h),
            "mix_bias": np.zeros(2 * h, np.float32),
            "attention": uniform(h, n_labels),
            "value": uniform(h, n_labels),
            "peak": uniform(h, n_labels),
            "bias": np.zeros(n_labels, np.float32),
            "near": uniform(6 * h, 2 * h),
            "near_bias": np.zeros(2 * h, np.float32),
            "far": uniform(3 * h, 2 * h),
            "far_bias": np.zeros(2 * h, np.float32),
            "around": uniform(2 * h, n_labels),
        }
        self.weights["own"][0] = 0.0

    def fold(self) -> Encoder:
        """Rows of words and classes, summed up and in half precision, and the other weights."""
        w, material = dict(self.weights), self.material
        rows = VECTOR_SCALE * material.vectors @ w.pop("project")
        rows += w.pop("own")[self.own] + w.pop("base")
        rows[0] = 0.0
        classes = (material.features @ w.pop("entries")).reshape(-1, len(SCOPES), rows.shape[1])
        return Encoder(
            words=rows.astype(np.float16),
            classes=classes.astype(np.float16).astype(np.float32),
            **w,
        )

    def gradients(self, stretches: Sequence[tuple[int, int]]) -> dict[str, Array]:
        """Slope of the mean loss over stretches of sentences, for each weight.

        Each step forward gives its result and a function for the way back, which takes the
        slope of the result, notes the slopes of the weights and gives that of the input.
        """
        slopes: dict[str, Array] = {}
        batch = self._batch(np.concatenate([np.arange(*s) for s in stretches]))
        rows, back_from_rows = self._read_words(batch, slopes)
        states, back_from_states = self._mix(batch, rows, slopes)
        own, pooled, back_from_pool = self._pool(batch, states, slopes)
        around, back_from_around = self._look_around(batch, pooled, slopes)
        _, slope = log_loss(
            (own + around).astype(np.float64),
            self.targets.rows(batch.sentences),
            self.targets.themes.shape[1],
        )
        slope32 = (slope / len(slope)).astype(np.float32)
        d_pooled = back_from_around(slope32)
        d_states = back_from_pool(slope32, d_pooled)
        back_from_rows(back_from_states(d_states))
        return slopes

    def _batch(self, sentences: IntArray) -> _Batch:
        lengths = (self.ends - self.material.starts)[sentences]
        stops = np.cumsum(lengths)
        starts = stops - lengths
        tokens = np.arange(stops[-1]) + np.repeat(self.material.starts[sentences] - starts, lengths)
        segment = np.repeat(np.arange(len(sentences)), lengths)
        return _Batch(sentences, tokens, starts, segment, stops - 1, lengths == 1)

    def _read_words(
        self, batch: _Batch, slopes: dict[str, Array]
    ) -> tuple[Array, Callable[[Array], None]]:
        w, m = self.weights, self.material
        words = m.words[batch.tokens]
        unread = self.rng.random(len(words)) < self.settings.drop_words
        words = np.where(unread & (words > 0), len(m.vectors) - 1, words)
        own = self.own[words]
        vectors = m.vectors[words]
        vectors *= np.float32(VECTOR_SCALE)
        heard = self._dropout((len(words), 1), self.settings.drop_words / 2) > 0
        meaning = (m.classes[batch.tokens] @ m.features) * heard
        rows = vectors @ w["project"] + w["own"][own] + w["base"] + meaning @ w["entries"]
        mask = self._dropout(rows.shape, self.settings.drop)
        mask[batch.separators] = 0.0

        def back(slope: Array) -> None:
            d_rows = slope * mask
            slopes["project"] = vectors.T @ d_rows
            slopes["base"] = d_rows.sum(axis=0)
            slopes["entries"] = meaning.T @ d_rows
            slopes["own"] = np.zeros_like(w["own"])
            order = np.argsort(own, kind="stable")
            kinds, at = np.unique(own[order], return_index=True)
            slopes["own"][kinds] = _sums(d_rows[order], at)
            slopes["own"][0] = 0.0

        return rows * mask, back

    def _mix(
        self, batch: _Batch, rows: Array, slopes: dict[str, Array]
    ) -> tuple[Array, Callable[[Array], Array]]:
        w = self.weights
        wide = beside(rows, 1)
        mixed = wide @ w["mix"] + w["mix_bias"]
        mask = self._dropout((len(mixed), self.settings.n_hidden), self.settings.drop)
        mask[batch.separators] = 0.0
        states = gate(mixed)
        states *= mask

        def back(d_states: Array) -> Array:
            d_mixed = _gate_slope(mixed, d_states * mask)
            slopes["mix"], slopes["mix_bias"] = wide.T @ d_mixed, d_mixed.sum(axis=0)
            return _beside_slope(d_mixed @ w["mix"].T, 1)

        return states, back

    def _pool(
        self, batch: _Batch, states: Array, slopes: dict[str, Array]
    ) -> tuple[Array, Array, Callable[[Array, Array], Array]]:
        w, starts, segment = self.weights, batch.starts, batch.segment
        scores = states @ w["attention"]
        scores[batch.separators[~batch.empty]] = -np.inf
        raised = np.exp(scores - np.maximum.reduceat(scores, starts)[segment])
        attention = raised / _sums(raised, starts)[segment]
        values = states @ w["value"]
        hidden = states.copy()
        hidden[batch.separators[~batch.empty]] = -np.inf
        peaks = np.maximum.reduceat(hidden, starts)
        share = attention.mean(axis=1, keepdims=True, dtype=np.float32)
        pooled = np.concatenate([_sums(share * states, starts), peaks], axis=1)
        log_odds = _sums(attention * values, starts)
        log_odds += peaks @ w["peak"] + w["bias"]

        def back(slope: Array, d_pooled: Array) -> Array:
            slopes["bias"], slopes["peak"] = slope.sum(axis=0), peaks.T @ slope
            d_mean, d_peaks = np.split(d_pooled, 2, axis=1)
            d_mean = d_mean[segment]
            d_peaks = d_peaks + slope @ w["peak"].T
            d_taken = slope[segment]
            d_values = attention * d_taken
            slopes["value"] = states.T @ d_values
            d_states: Array = d_values @ w["value"].T + share * d_mean
            d_share = (states * d_mean).sum(axis=1, keepdims=True, dtype=np.float32)
            d_attention = values * d_taken + d_share / attention.shape[1]
            d_scores = attention * d_attention
            d_scores -= attention * _sums(d_scores, starts)[segment]
            slopes["attention"] = states.T @ d_scores
            d_states += d_scores @ w["attention"].T
            highest = (hidden == peaks[segment]).astype(np.float32)
            highest /= _sums(highest, starts)[segment]
            d_states += highest * d_peaks[segment]
            return d_states

        return log_odds, pooled, back

    def _look_around(
        self, batch: _Batch, pooled: Array, slopes: dict[str, Array]
    ) -> tuple[Array, Callable[[Array], Array]]:
        w = self.weights
        places, n_places = apart(self.material.sections[batch.sentences])
        sides = beside(spread(pooled, places, n_places), 1)[places]
        near_mixed = sides @ w["near"] + w["near_bias"]
        near = gate(near_mixed)
        further = beside(spread(near, places, n_places), 2)[places]
        far_mixed = further @ w["far"] + w["far_bias"]
        # what is made of each sentence alone
        own_near, own_far = w["near"][centre(w["near"])], w["far"][centre(w["far"])]
        alone_mixed = pooled @ own_near + w["near_bias"]
        alone = gate(alone_mixed)
        alone_far_mixed = alone @ own_far + w["far_bias"]
        added = np.concatenate([near - alone, gate(far_mixed) - gate(alone_far_mixed)], axis=1)
        mask = self._dropout(added.shape, self.settings.drop)
        added *= mask

        def back(slope: Array) -> Array:
            slopes["around"] = added.T @ slope
            d_near, d_far = np.split((slope @ w["around"].T) * mask, 2, axis=1)
            d_alone_far = -_gate_slope(alone_far_mixed, d_far)
            d_far = _gate_slope(far_mixed, d_far)
            slopes["far"], slopes["far_bias"] = further.T @ d_far, (d_far + d_alone_far).sum(axis=0)
            slopes["far"][centre(w["far"])] += alone.T @ d_alone_far
            d_alone = _gate_slope(alone_mixed, d_alone_far @ own_far.T - d_near)
            d_near = d_near + _beside_slope(spread(d_far @ w["far"].T, places, n_places), 2)[places]
            d_near = _gate_slope(near_mixed, d_near)
            slopes["near"], slopes["near_bias"] = sides.T @ d_near, (d_near + d_alone).sum(axis=0)
            slopes["near"][centre(w["near"])] += pooled.T @ d_alone
            d_pooled = _beside_slope(spread(d_near @ w["near"].T, places, n_places), 1)[places]
            d_pooled += d_alone @ own_near.T
            return d_pooled

        return added @ w["around"], back

    def _dropout(self, shape: tuple[int, ...], share: float) -> Array:
        kept = self.rng.random(shape, dtype=np.float32) >= share
        return kept.astype(np.float32) / np.float32(1 - share)


class _AdamW:
    """Changes weights in place, step by step."""

    def __init__(self, weights: dict[str, Array], settings: EncoderSettings, n_steps: int) -> None:
        self.weights, self.settings, self.n_steps = weights, settings, n_steps
        self.mean = {name: np.zeros_like(w) for name, w in weights.items()}
        self.square = {name: np.zeros_like(w) for name, w in weights.items()}
        self.done = 0

    def step(self, gradients: dict[str, Array]) -> None:
        rate = np.float32(self.settings.learning_rate * _cycle(self.done / self.n_steps))
        self.done += 1
        unbias = np.float32((1 - 0.999**self.done) ** 0.5 / (1 - 0.9**self.done))
        for name, gradient in gradients.items():
            weight, mean, square = self.weights[name], self.mean[name], self.square[name]
            mean += np.float32(0.1) * (gradient - mean)
            square += np.float32(0.001) * (gradient * gradient - square)
            weight *= 1 - rate * np.float32(self.settings.weight_decay)
            weight -= (rate * unbias) * mean / (np.sqrt(square) + np.float32(1e-8))


def _cycle(progress: float) -> float:
    """Learning rate at a share of all steps, as a share of its peak."""
    if progress < 0.1:
        return 0.04 + 0.48 * (1 - math.cos(math.pi * progress / 0.1))
    return 0.5 + 0.5 * math.cos(math.pi * (progress - 0.1) / 0.9)


def _gate_slope(values: Array, slope: Array) -> Array:
    half = values.shape[1] // 2
    through = 1 / (1 + np.exp(-np.maximum(values[:, half:], LOWEST)))
    first = slope * through
    return np.concatenate([first, first * values[:, :half] * (1 - through)], axis=1)


def _beside_slope(slope: Array, distance: int) -> Array:
    before, here, after = np.split(slope, 3, axis=1)
    return shift(before, -distance) + here + shift(after, distance)


def _sums(rows: Array, starts: IntArray) -> Array:
    sums: Array = np.add.reduceat(rows, starts)
    return sums
