"""Labelled passages to a scorer: cross-validation, blend, calibration, folding.

1. Table and encoder are fitted on all passages but a fold, for each fold in turn; their
   scores of the fold are *out-of-fold*: what they say of sentences they have not seen.
2. The blend is fitted on those scores (stacking, Wolpert 1992), so it learns how far each
   can be trusted; its own out-of-fold scores come from the same folds.
3. A corpus is richer in themes than the text it is for. Where the prevalence of the themes
   in such text is given, the blend counts sentences so that they have it: then its
   probabilities hold there, and "more likely than not" is the threshold.
4. Table and encoder are fitted once more on everything and folded into one row per unit.

A title is read as a sentence before the first, without labels. `Passage.before` is not read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from joblib import Parallel, delayed
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits

from stancelib.encoder import Encoder
from stancelib.encoder_training import EncoderSettings, Material, fit_encoder, make_material
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
from stancelib.folds import assign_folds
from stancelib.heads import Heads, fit_heads, make_design
from stancelib.lexicon import SCOPES, Lexicon
from stancelib.records import Example, Passage
from stancelib.scorer import Scorer, half
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
        Inverse strength of the penalty on the weights of the table.
    C_blend : float
        The same for the blend. Small: text of other kinds than the corpus is read less
        surely, and probabilities must be as cautious.
    prevalence : tuple of float or None
        Share of the sentences that carry each theme in the text the model is for; None
        takes the training data as they are.
    max_iter : int
        Steps of the table's optimiser at most.
    n_folds : int
        Folds of the cross-validation; passages are never split.
    seed : int
        Decides which passage goes into which fold, and all that is random in the encoder.
    weights : Weights
        Scale of each block of the table's features.
    encoder : EncoderSettings
        How the encoder is trained.
    """

    C: float = 1.0
    C_blend: float = 0.0003
    prevalence: tuple[float, ...] | None = None
    max_iter: int = 150
    n_folds: int = 5
    seed: int = 0
    weights: Weights = field(default_factory=Weights)
    encoder: EncoderSettings = field(default_factory=EncoderSettings)


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
    n_jobs: int = 1,
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
    n_jobs : int, optional
        Processes to use, as in joblib: -1 for all cores. The result is the same.
    report : callable, optional
        Called with a line of text at each step.

    Returns
    -------
    Trained
        The same for the same input, up to the last digits of the arithmetic.
    """
    passages = [_with_title(p) for p in passages]
    sentences = [e.text for p in passages for e in p.examples]
    sections = np.repeat(np.arange(len(passages)), [len(p.examples) for p in passages])
    targets = make_targets(passages, themes, tones)
    vocabulary = build_vocabulary(sentences, lexicon, vectors.words if vectors else ())
    found = vocabulary.inventory.find(sentences)
    data = _Data(
        vocabulary,
        count_blocks(vocabulary, found, vectors, settings.weights),
        lengths(vocabulary, found),
        make_material(vocabulary, found, sections, vectors),
        targets,
    )
    report(f"{len(sentences)} sentences, {vocabulary.inventory.n_units} units")

    everything = np.arange(len(sentences))
    fold_of = assign_folds(passages, settings.n_folds, settings.seed)[sections]
    splits = [
        (np.flatnonzero(fold_of != k), np.flatnonzero(fold_of == k))
        for k in range(int(fold_of.max()) + 1)
    ]
    work = Parallel(n_jobs=n_jobs, return_as="generator")(
        delayed(_fit)(data, train, settings)
        for train in [*(train for train, _ in splits), everything]
    )
    n_labels = len(themes) + len(tones)
    inputs = np.zeros((len(sentences), 2 * n_labels))
    for number, (_, test) in enumerate(splits, 1):
        scorer = next(work)
        reading = scorer.read([sentences[i] for i in test])
        inputs[test] = reading.scores
        inputs[test, n_labels:] += scorer.surroundings(reading.pooled, sections[test])
        report(f"fold {number} of {len(splits)}")
    scorer = next(work)
    report("everything")

    weights = theme_weights(targets, settings.prevalence)
    blended = np.zeros((len(sentences), n_labels))
    for train, test in splits:
        blend = fit_blend(inputs[train], targets.rows(train), weights[train], settings.C_blend)
        blended[test] = inputs[test] @ blend[:-1] + blend[-1]
    blend = fit_blend(inputs, targets, weights, settings.C_blend)
    is_title = np.array(
        [p.title is not None and e is p.examples[0] for p in passages for e in p.examples]
    )
    return Trained(replace(scorer, blend=blend), scorer.probabilities(blended[~is_title]))


def fold(
    vocabulary: Vocabulary,
    blocks: Sequence[Block],
    heads: Heads,
    encoder: Encoder,
    settings: Settings,
    n_themes: int,
) -> Scorer:
    """Fold the weights of all features into one row per unit.

    Rows are rounded to half precision, as the model file stores them. The blend of the
    scorer passes the table through unchanged.
    """
    inventory = vocabulary.inventory
    unit_weights, class_weights, *vector_weights = heads.weights
    table = blocks[0].values @ unit_weights
    for block, weights in zip(blocks[2:], vector_weights, strict=True):
        table = table + block.values @ weights
    n_labels = len(heads.bias)
    class_table = class_values(vocabulary.entries, settings.weights) @ class_weights
    grams = unit_weights[-N_BUCKETS:] * settings.weights.characters
    blend = np.zeros((2 * n_labels + 1, n_labels))
    blend[:n_labels] = np.eye(n_labels)
    return Scorer(
        inventory=inventory,
        table=half(table),
        class_table=half(class_table.reshape(-1, len(SCOPES), n_labels)),
        gram_table=half(grams),
        classes=vocabulary.classes,
        idf=vocabulary.idf.astype(np.float32).astype(np.float64),
        bias=heads.bias,
        encoder=encoder,
        blend=blend,
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
        if not coded.any():
            continue
        present = np.average(y[coded], weights=targets.weights[coded])
        if 0 < present < 1:
            weights[:, column] *= np.where(y == 1, wanted / present, (1 - wanted) / (1 - present))
    return weights


def fit_blend(inputs: Array, targets: Targets, weights: Array, C: float) -> Array:
    """Fit the blend on out-of-fold scores.

    Parameters
    ----------
    inputs : array, shape (n_sentences, n_inputs)
        Scores of the table, and of the encoder with the surroundings.
    targets : Targets
        Labels of the sentences.
    weights : array, shape (n_sentences, n_themes)
        How much each sentence counts for each theme.
    C : float
        Inverse strength of the penalty.

    Returns
    -------
    array, shape (n_inputs + 1, n_labels)
        Weights, the bias last. A label that all or none of the sentences carry keeps the
        table's score.
    """
    n_themes = targets.themes.shape[1]
    n_labels = n_themes + targets.tones.shape[1]
    blend = np.zeros((inputs.shape[1] + 1, n_labels))
    blend[:n_labels] = np.eye(n_labels)
    for column in range(n_themes):
        y = targets.themes[:, column]
        model = _logistic(inputs, y, ~np.isnan(y), weights[:, column], C)
        if model is not None:
            blend[:-1, column], blend[-1, column] = model.coef_[0], model.intercept_[0]
    if n_labels == n_themes:
        return blend
    y, coded = targets.tones.argmax(axis=1), ~np.isnan(targets.tones[:, 0])
    model = _logistic(inputs, y, coded, targets.weights, C)
    if model is not None and len(model.classes_) == n_labels - n_themes:
        rows = np.column_stack([model.coef_, model.intercept_])
        if len(rows) == 1:  # of two tones: log-odds of the second
            rows = np.concatenate([-rows / 2, rows / 2])
        blend[:, n_themes:] = rows.T
    return blend


def _logistic(
    inputs: Array, y: Array, coded: NDArray[np.bool_], weights: Array, C: float
) -> LogisticRegression | None:
    """Fit one label; None where all coded sentences agree, so that there is nothing to fit."""
    if len(np.unique(y[coded])) < 2:
        return None
    model = LogisticRegression(C=C, max_iter=1000)
    return model.fit(inputs[coded], y[coded], sample_weight=weights[coded])


@dataclass(frozen=True, slots=True)
class _Data:
    """All that table and encoder are fitted on."""

    vocabulary: Vocabulary
    blocks: list[Block]
    lengths: Array
    material: Material
    targets: Targets


def _fit(data: _Data, rows: IntArray, settings: Settings) -> Scorer:
    """Fit table and encoder on some of the sentences, whole passages of them."""
    with threadpool_limits(1):  # the same sums, in the same order, on any number of cores
        targets = data.targets.rows(rows)
        chosen = [Block(b.counts[rows], b.values) for b in data.blocks]
        design = make_design(chosen, data.lengths[rows])
        heads = fit_heads(design, targets, C=settings.C, max_iter=settings.max_iter)
        passages = np.unique(data.material.sections[rows])
        encoder = fit_encoder(
            data.material, data.targets, passages, settings.encoder, settings.seed
        )
    return fold(
        data.vocabulary, data.blocks, heads, encoder, settings, data.targets.themes.shape[1]
    )


def _with_title(passage: Passage) -> Passage:
    if passage.title is None or not passage.title.strip():
        return replace(passage, title=None)
    title = Example(passage.title, None, None)
    return replace(passage, examples=(title, *passage.examples))
