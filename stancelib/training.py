"""Labelled passages to a scorer: cross-validation, context stage, calibration, folding.

1. The heads are fitted on all passages but a fold, for each fold in turn; their scores of
   the fold are *out-of-fold*: what the first stage says of sentences it has not seen.
2. The context stage is fitted on those scores and on the surroundings made of them, so
   it learns from honest inputs; its own out-of-fold scores come from the same folds.
3. A corpus is richer in themes than the text it is for. Where the prevalence of the themes
   in such text is given, the context stage counts sentences so that they have it: then
   its probabilities hold there, and "more likely than not" is the threshold.
4. The heads are fitted once more on everything and folded into one row per unit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from stancelib.context import surroundings
from stancelib.features import (
    Block,
    Vectors,
    Vocabulary,
    Weights,
    build_vocabulary,
    class_values,
    count_blocks,
    lengths,
)
from stancelib.heads import Heads, fit_heads
from stancelib.lexicon import SCOPES, Lexicon
from stancelib.records import Passage
from stancelib.scorer import Scorer
from stancelib.targets import Targets, make_targets
from stancelib.tokens import N_BUCKETS

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a model is trained; recorded in its card.

    Attributes
    ----------
    C : float
        Inverse strength of the penalty on the first stage's weights.
    C_context : float
        The same for the context stage.
    prevalence : tuple of float or None
        Share of the sentences that carry each theme in the text the model is for; None
        takes the training data as they are.
    max_iter : int
        Steps of the optimiser at most.
    n_folds : int
        Folds of the cross-validation; passages are never split.
    seed : int
        Decides which passage goes into which fold.
    weights : Weights
        Scale of each block of features.
    """

    C: float = 1.0
    C_context: float = 0.015
    prevalence: tuple[float, ...] | None = None
    max_iter: int = 150
    n_folds: int = 5
    seed: int = 0
    weights: Weights = field(default_factory=Weights)


@dataclass(frozen=True, slots=True)
class Trained:
    """A scorer with what cross-validation says of it.

    Attributes
    ----------
    scorer : Scorer
        Fitted on all passages.
    out_of_fold : array, shape (n_sentences, n_labels)
        Probabilities of the passages' sentences by models that have not seen them.
    """

    scorer: Scorer
    out_of_fold: Array


def train_scorer(
    passages: Sequence[Passage],
    themes: Sequence[str],
    tones: Sequence[str],
    lexicon: Lexicon,
    vectors: Vectors | None,
    settings: Settings,
    report: Callable[[str], None] = lambda _: None,
) -> Trained:
    """Train a scorer on labelled passages.

    Parameters
    ----------
    passages : sequence of Passage
        What to learn from.
    themes, tones : sequence of str
        Names of the labels, in the order that the scorer's columns will have.
    lexicon : Lexicon
        Terms with their entries.
    vectors : Vectors or None
        Word vectors.
    settings : Settings
        How to train.
    report : callable, optional
        Called with a line of text at each step.

    Returns
    -------
    Trained
        The same for the same input, up to the last digits of the arithmetic.
    """
    examples = [e for p in passages for e in p.examples]
    texts = np.repeat(np.arange(len(passages)), [len(p.examples) for p in passages])
    targets = make_targets(passages, themes, tones)
    vocabulary = build_vocabulary(
        [e.text for e in examples], lexicon, vectors.words if vectors else ()
    )
    found = vocabulary.inventory.find([e.text for e in examples])
    blocks = count_blocks(vocabulary, found, vectors, settings.weights)
    sizes = lengths(vocabulary, found)
    report(f"{len(examples)} sentences, {vocabulary.inventory.n_units} units")

    first = np.zeros((len(examples), len(themes) + len(tones)))
    titles = np.full((len(passages), first.shape[1]), np.nan)
    folds = list(
        GroupKFold(settings.n_folds, shuffle=True, random_state=settings.seed).split(
            texts, groups=texts
        )
    )
    for number, (train, test) in enumerate(folds, 1):
        heads = _fit(blocks, sizes, targets, train, settings)
        held = [Block(b.counts[test], b.values) for b in blocks]
        first[test] = heads.log_odds(held, sizes[test])
        scorer = fold(vocabulary, blocks, heads, settings, n_themes=len(themes))
        for i in np.unique(texts[test]).tolist():
            if (title := passages[i].title) is not None:
                titles[i] = scorer.probabilities(scorer.read([title]).log_odds)
        report(f"fold {number} of {settings.n_folds}")

    heads = _fit(blocks, sizes, targets, np.arange(len(examples)), settings)
    scorer = fold(vocabulary, blocks, heads, settings, n_themes=len(themes))
    around = surroundings(scorer.probabilities(first), texts, titles[texts])
    inputs = np.concatenate([first, around], axis=1)
    weights = theme_weights(targets, settings.prevalence)
    second = np.zeros_like(first)
    for train, test in folds:
        context = fit_context(
            inputs[train], targets.rows(train), weights[train], settings.C_context
        )
        second[test] = inputs[test] @ context[:-1] + context[-1]
    context = fit_context(inputs, targets, weights, settings.C_context)
    report("context stage")
    return Trained(replace(scorer, context=context), scorer.probabilities(second))


def fold(
    vocabulary: Vocabulary, blocks: Sequence[Block], heads: Heads, settings: Settings, n_themes: int
) -> Scorer:
    """Fold the weights of all features into one row per unit.

    Rows are rounded to half precision, as the model file stores them. The context stage
    of the scorer passes the first stage through unchanged.
    """
    inventory = vocabulary.inventory
    unit_weights, class_weights, *vector_weights = heads.weights
    table = blocks[0].values @ unit_weights
    for block, weights in zip(blocks[2:], vector_weights, strict=True):
        table = table + block.values @ weights
    n_labels = len(heads.bias)
    class_table = class_values(vocabulary.entries, settings.weights) @ class_weights
    grams = unit_weights[-N_BUCKETS:] * settings.weights.characters
    context = np.zeros((4 * n_labels + 2, n_labels))
    context[:n_labels] = np.eye(n_labels)
    return Scorer(
        inventory=inventory,
        table=_half(table),
        class_table=_half(class_table.reshape(-1, len(SCOPES), n_labels)),
        gram_table=_half(grams),
        classes=vocabulary.classes,
        idf=vocabulary.idf.astype(np.float32).astype(np.float64),
        bias=heads.bias,
        context=context,
        n_themes=n_themes,
    )


def theme_weights(targets: Targets, prevalence: Sequence[float] | None) -> Array:
    """Weigh the sentences so that each theme has its prevalence.

    Parameters
    ----------
    targets : Targets
        Labels and weights of the sentences.
    prevalence : sequence of float or None
        Wanted share of each theme, between 0 and 1; None for the share it has.

    Returns
    -------
    array, shape (n_sentences, n_themes)
        The sentences' own weights, times wanted by present share of the theme where it
        applies, and of its absence elsewhere.
    """
    weights = np.repeat(targets.weights[:, None], targets.themes.shape[1], axis=1)
    for column, wanted in enumerate(prevalence or ()):
        y = targets.themes[:, column]
        coded = ~np.isnan(y)
        present = np.average(y[coded], weights=targets.weights[coded])
        if 0 < present < 1:
            weights[:, column] *= np.where(y == 1, wanted / present, (1 - wanted) / (1 - present))
    return weights


def fit_context(inputs: Array, targets: Targets, weights: Array, C: float) -> Array:
    """Fit the context stage on out-of-fold inputs.

    Parameters
    ----------
    inputs : array, shape (n_sentences, n_inputs)
        First-stage log-odds and surroundings.
    targets : Targets
        Labels of the sentences.
    weights : array, shape (n_sentences, n_themes)
        How much each sentence counts for each theme.
    C : float
        Inverse strength of the penalty.

    Returns
    -------
    array, shape (n_inputs + 1, n_labels)
        Weights, the bias last. A label that all or none of the sentences carry keeps its
        first-stage score.
    """
    n_themes = targets.themes.shape[1]
    n_labels = n_themes + targets.tones.shape[1]
    context = np.zeros((inputs.shape[1] + 1, n_labels))
    context[:n_labels] = np.eye(n_labels)
    for column in range(n_themes):
        y = targets.themes[:, column]
        model = _logistic(inputs, y, ~np.isnan(y), weights[:, column], C)
        if model is not None:
            context[:-1, column], context[-1, column] = model.coef_[0], model.intercept_[0]
    y, coded = targets.tones.argmax(axis=1), ~np.isnan(targets.tones[:, 0])
    model = _logistic(inputs, y, coded, targets.weights, C)
    if model is not None and len(model.classes_) == n_labels - n_themes:
        rows = np.column_stack([model.coef_, model.intercept_])
        if len(rows) == 1:  # of two tones: log-odds of the second
            rows = np.concatenate([-rows / 2, rows / 2])
        context[:, n_themes:] = rows.T
    return context


def _logistic(
    inputs: Array, y: Array, coded: NDArray[np.bool_], weights: Array, C: float
) -> LogisticRegression | None:
    """Fit one label; None where all coded sentences agree, so that there is nothing to fit."""
    if len(np.unique(y[coded])) < 2:
        return None
    model = LogisticRegression(C=C, max_iter=1000)
    return model.fit(inputs[coded], y[coded], sample_weight=weights[coded])


def _fit(
    blocks: Sequence[Block], sizes: Array, targets: Targets, rows: IntArray, settings: Settings
) -> Heads:
    chosen = [Block(b.counts[rows], b.values) for b in blocks]
    return fit_heads(
        chosen, sizes[rows], targets.rows(rows), C=settings.C, max_iter=settings.max_iter
    )


def _half(values: Array) -> NDArray[np.float32]:
    return values.astype(np.float16).astype(np.float32)
