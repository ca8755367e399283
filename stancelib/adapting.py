"""A scorer and labelled sentences to a scorer for them: what it knows stays, the rest is learnt.

The scorer's log-odds are the starting point; a penalised logistic regression learns what
must be added to them for the new sentences, and a label that the scorer does not know
starts from nothing. A weight is the further from what the scorer said, the more it
costs: the scorer is the prior mean of the weights, as in Chelba and Acero 2006,
"Adaptation of maximum entropy
capitalizer". How much it costs is decided for each theme, and
for the tone, by cross-validation on the new sentences; "no change at all" is among the
choices. All of it folds into the arrays of a scorer of the same kind.

What is learnt from: words, phrases and character n-grams; lexicon classes in their
scopes; the scorer's own scores; and the encoder's states of the sentence and of those around.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from joblib import Parallel, delayed
from numpy.typing import NDArray
from scipy.special import logsumexp
from threadpoolctl import threadpool_limits

from stancelib.features import (
    LEXICON_SCALE,
    Block,
    Vocabulary,
    Weights,
    class_counts,
    unit_counts,
    unit_values,
)
from stancelib.heads import Design, Heads, fit_heads, make_design
from stancelib.inventory import MAX_IDF, Inventory
from stancelib.scorer import Scorer, half
from stancelib.targets import Targets
from stancelib.tokens import N_BUCKETS

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

STRENGTHS = (0.003, 0.03, 0.3, 3.0)
"""Inverse penalties to choose among, beside "no change"."""
DENSE_SCALE = 0.1  # of a standard deviation: less than a word, as they are many
MIN_DEVIATION = 0.05
MAX_ITER = 100


class Adapted(NamedTuple):
    """A scorer made of another, with what cross-validation says of it.

    Attributes
    ----------
    scorer : Scorer
        Fitted on all sentences.
    out_of_fold : array, shape (n_sentences, n_labels)
        Log-odds of the sentences by scorers that have not seen their labels.
    before : array, shape (n_sentences, n_labels)
        What the scorer said that it was made of; NaN for labels it does not know.
    strengths : list of float
        What was chosen for each theme, and last for the tone; 0 for "no change".
    """

    scorer: Scorer
    out_of_fold: Array
    before: Array
    strengths: list[float]


@dataclass(frozen=True, slots=True)
class _Data:
    """All that the change is learnt from."""

    blocks: list[Block]
    lengths: Array
    offset: Array
    targets: Targets
    scales: Array


def adapt_scorer(
    base: Scorer,
    columns: Sequence[int | None],
    sentences: Sequence[str],
    sections: IntArray,
    targets: Targets,
    folds: IntArray,
    n_jobs: int = 1,
    report: Callable[[str], None] = lambda _: None,
) -> Adapted:
    """Learn what a scorer lacks for other sentences or labels.

    Parameters
    ----------
    base : Scorer
        Where to start from. It is not changed.
    columns : sequence of int or None
        Which of its labels each label is; None for labels that it does not know.
    sentences : sequence of str
        Sentences in their order, those without labels among them.
    sections : array of int64, shape (n_sentences,)
        Passage of each sentence; ascending.
    targets : Targets
        Labels; a label that was not coded anywhere stays as it is.
    folds : array of int64, shape (n_sentences,)
        Fold of the cross-validation that each sentence is left out in.
    n_jobs : int, optional
        Processes to use, as in joblib. The result is the same.
    report : callable, optional
        Called with a line of text at each step.

    Returns
    -------
    Adapted
        The same for the same input, up to the last digits of the arithmetic.
    """
    base = _learn_words(base, sentences)
    data = _data(base, columns, sentences, sections, targets)
    fold_numbers = np.unique(folds).tolist()
    work = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_left_out)(data, folds == number) for number in fold_numbers
    )
    tried = np.stack([data.offset] * (len(STRENGTHS) + 1))
    for number, log_odds in zip(fold_numbers, work, strict=True):
        tried[1:, folds == number] = log_odds
        report(f"fold {number + 1} of {len(fold_numbers)}")
    n_themes = targets.themes.shape[1]
    losses = np.stack([_losses(log_odds, targets) for log_odds in tried])
    chosen = losses.argmin(axis=0)  # the first of equals: less change
    of_label = chosen[np.minimum(np.arange(len(columns)), n_themes)]
    strengths = np.array([0.0, *STRENGTHS])
    with threadpool_limits(1):
        heads = _fit(make_design(data.blocks, data.lengths), data, slice(None), strengths[of_label])
    before = data.offset.copy()
    before[:, [column is None for column in columns]] = np.nan
    return Adapted(
        _fold(base, columns, heads, data, n_themes),
        np.take_along_axis(tried, of_label[None, None, :], axis=0)[0],
        before,
        strengths[chosen].tolist(),
    )


def _learn_words(scorer: Scorer, sentences: Sequence[str]) -> Scorer:
    """Give words that the scorer does not know rows of their own; no score changes by it."""
    inventory = scorer.inventory
    strangers = [word for word in inventory.find(sentences).unknown if word[:1].isalpha()]
    if not strangers:
        return scorer
    n_old, n_new = inventory.n_words, len(strangers)

    def insert(values: NDArray[Any], rows: NDArray[Any] | float) -> NDArray[Any]:
        rows = np.broadcast_to(np.asarray(rows, values.dtype), (n_new, *values.shape[1:]))
        return np.concatenate([values[:n_old], rows, values[n_old:]])

    encoder = scorer.encoder
    return replace(
        scorer,
        inventory=Inventory(
            [*inventory.words, *strangers],
            inventory.parents + n_new * (inventory.parents >= n_old),
            inventory.children,
            insert(inventory.covers, False),
            insert(inventory.scope_kinds, 0),
            insert(inventory.reaches, 0),
        ),
        table=insert(scorer.table, np.array([scorer.stranger(word) for word in strangers])),
        classes=insert(scorer.classes, 0),
        idf=insert(scorer.idf, MAX_IDF),
        encoder=replace(encoder, words=insert(encoder.words, encoder.words[-1])),
    )


def _data(
    base: Scorer,
    columns: Sequence[int | None],
    sentences: Sequence[str],
    sections: IntArray,
    targets: Targets,
) -> _Data:
    reading = base.read(sentences)
    heard = base.encoder.listen(reading.pooled, sections)
    n_labels, n_hidden = len(base.bias), len(base.encoder.value)
    scores = reading.scores.copy()
    scores[:, n_labels:] += heard @ base.encoder.around
    dense = np.concatenate([scores, reading.pooled[:, n_hidden:], heard], axis=1)
    scales = DENSE_SCALE / np.maximum(dense.std(axis=0), MIN_DEVIATION)
    offset = np.zeros((len(sentences), len(columns)))
    for new, old in enumerate(columns):
        if old is not None:
            offset[:, new] = scores @ base.blend[:-1, old] + base.blend[-1, old]
    found = base.inventory.find(sentences)
    lengths = base.lengths(found)
    known = found.words < base.inventory.n_units
    found = replace(found, words=np.where(known, found.words, 0))  # marks never seen before
    vocabulary = Vocabulary(base.inventory, base.idf, base.classes, [None] * len(base.class_table))
    counts = unit_counts(vocabulary, found)
    classes = class_counts(vocabulary, found)
    blocks = [
        Block(counts, unit_values(vocabulary, counts, Weights())),
        Block(classes, sp.diags_array(np.full(classes.shape[1], LEXICON_SCALE)).tocsr()),
        Block(sp.diags_array(lengths).tocsr(), dense * scales),
    ]
    return _Data(blocks, lengths, offset, targets, scales)


def _fit(design: Design, data: _Data, rows: IntArray | slice, strengths: Array) -> Heads:
    """Fit the change on some of the sentences; a label of strength 0 does not change."""
    targets = data.targets.rows(rows)
    n_themes = targets.themes.shape[1]
    fixed = np.where(strengths > 0, 0.0, np.nan)
    targets = replace(
        targets, themes=targets.themes + fixed[:n_themes], tones=targets.tones + fixed[n_themes:]
    )
    return fit_heads(
        design,
        targets,
        C=np.where(strengths > 0, strengths, 1.0),
        max_iter=MAX_ITER,
        offset=data.offset[rows],
    )


def _left_out(data: _Data, left_out: NDArray[np.bool_]) -> Array:
    """Log-odds of a fold by what the others teach, at each strength."""
    rows = np.flatnonzero(~left_out)
    n_labels = data.offset.shape[1]
    blocks = [Block(b.counts[left_out], b.values) for b in data.blocks]
    with threadpool_limits(1):  # the same sums, in the same order, on any number of cores
        design = make_design(
            [Block(b.counts[rows], b.values) for b in data.blocks], data.lengths[rows]
        )
        changes = [
            _fit(design, data, rows, np.full(n_labels, strength)).log_odds(
                blocks, data.lengths[left_out]
            )
            for strength in STRENGTHS
        ]
    return data.offset[left_out] + np.stack(changes)


def _losses(log_odds: Array, targets: Targets) -> Array:
    """Sum of the log losses of each theme, and last of the tone; 0 for what was not coded."""
    n_themes = targets.themes.shape[1]
    z, y, weights = log_odds[:, :n_themes], targets.themes, targets.weights
    themes = np.nansum((np.logaddexp(0, z) - y * z) * weights[:, None], axis=0)
    z, y = log_odds[:, n_themes:], targets.tones
    if not y.shape[1]:
        return np.append(themes, 0.0)
    coded = ~np.isnan(y).any(axis=1)
    tone = (logsumexp(z, axis=1) - np.nansum(y * z, axis=1))[coded] @ weights[coded]
    return np.append(themes, tone)


def _fold(
    base: Scorer, columns: Sequence[int | None], heads: Heads, data: _Data, n_themes: int
) -> Scorer:
    """Add the change to the rows and weights of the scorer."""
    units, classes, dense = heads.weights
    dense = dense * data.scales[:, None]
    n_old, n_labels = len(base.bias), len(columns)
    n_scores, n_hidden = len(base.blend) - 1, len(base.encoder.value)
    of_scores, of_peaks, of_heard = np.split(dense, [n_scores, n_scores + n_hidden])
    bias = heads.bias.copy()
    for new, old in enumerate(columns):
        if old is not None:
            of_scores[:, new] += base.blend[:-1, old]
            bias[new] += base.blend[-1, old]
    of_table = of_scores[:n_old]
    class_table = base.class_table @ of_table + LEXICON_SCALE * classes.reshape(
        *base.class_table.shape[:2], n_labels
    )
    class_table[0] = 0.0
    encoder = base.encoder

    def widen(weights: NDArray[np.float32], more: Array) -> NDArray[np.float32]:
        return np.concatenate([weights, more.astype(np.float32)], axis=-1)

    return Scorer(
        inventory=base.inventory,
        table=half(base.table @ of_table + data.blocks[0].values @ units),
        class_table=half(class_table),
        gram_table=half(base.gram_table @ of_table + Weights().characters * units[-N_BUCKETS:]),
        classes=base.classes,
        idf=base.idf.astype(np.float32).astype(np.float64),
        bias=base.bias @ of_table + bias,
        encoder=replace(
            encoder,
            peak=widen(encoder.peak, of_peaks),
            bias=widen(encoder.bias, np.zeros(n_labels)),
            around=widen(encoder.around, of_heard),
        ),
        blend=np.concatenate(
            [np.eye(n_labels), of_scores[n_old:], np.eye(n_labels), np.zeros((1, n_labels))]
        ),
        n_themes=n_themes,
    )
