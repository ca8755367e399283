"""A user's labelled sentences to a model: on top of another model, or alone.

On top of a model (`stancelib.adapting`) a few hundred sentences are enough, and the themes
and tones that they do not code stay as they were. Alone, they are all the model knows, in
any language written with spaces. Either way each sentence is also scored by a model that
has not seen its document, and those out-of-fold scores are what the model's card reports,
beside those of the model it was made from and of always giving the most frequent label.
"""

import hashlib
import json
import platform
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from importlib.metadata import version
from itertools import compress
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stancelib.adapting import adapt_scorer
from stancelib.card import make_card
from stancelib.encoder_training import EncoderSettings
from stancelib.errors import MAX_FAULTS, DataError
from stancelib.examples import label_names, read_examples
from stancelib.folds import assign_folds
from stancelib.lexicon import Lexicon
from stancelib.metrics import Evaluation, best_thresholds, evaluate_labels
from stancelib.model import Model, default_model
from stancelib.records import Passage
from stancelib.scorer import Scorer
from stancelib.store import Stored
from stancelib.targets import Targets, make_targets
from stancelib.training import Settings, train_scorer

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

MIN_EXAMPLES = 10
"""Sentences that a new theme or tone must have, and also be without."""
THRESHOLD = 0.5
RULE = (
    "given when its probability reaches the threshold; thresholds give the highest F1 on the "
    "training sentences, out-of-fold, and are the base's where nothing was learnt"
)
CURVE = (4, 2)  # parts of the documents, each of which is learnt from
N_FOLDS, N_FOLDS_OF_MANY, MANY = 5, 3, 5_000  # folds, and from how many sentences fewer will do
CURVE_FOLDS = 3
ENOUGH = 1_000  # sentences to measure a point of the learning curve on
N_PROBES = 5
SENTENCES_A_STEP = 80  # of the encoder that is trained alone...
MIN_STEPS, MIN_EPOCHS, MAX_EPOCHS = 600, 6, 30  # ...and for how long
MAX_ITER = 60  # of the table that is trained alone: without a lexicon it settles early
LIMITS = (
    "Scores are those of sentences like the ones it was trained on; measure it on other text.",
    "Shares counted from its labels are biased by its errors; correct them with a coded sample.",
)


def train(
    examples: object,
    *,
    base: Model | str | Path | None = "default",
    themes: Sequence[str] | None = None,
    tones: Sequence[str] | None = None,
    name: str = "retrained",
    n_folds: int | None = None,
    seed: int = 0,
    learning_curve: bool = True,
    n_jobs: int = 1,
    progress: bool = False,
) -> Model:
    """Train a model on labelled sentences.

    Parameters
    ----------
    examples : str, Path, data frame or list
        Whatever `read_examples` takes or returned. Sentences of one document belong in one
        passage, in their order: they are read in their context, and never stand on both
        sides of a split.
    base : Model, str, Path or None, optional
        The model to start from: ``"default"`` for the bundled one, a model, or a model
        folder. What the examples add to it is learnt; how far they may move it is chosen
        by cross-validation for each theme and for the tone, and may be "not at all". A
        base theme that no example carries stays as it is. None trains from the examples
        alone, in any language written with spaces.
    themes, tones : sequence of str or None, optional
        Labels of the model. None takes those of the base, and those of the examples after
        them in sorted order; tones that are not all among the base's replace them. Themes
        of the examples that are not named are left out.
    name : str, optional
        Name of the model, for its card.
    n_folds : int or None, optional
        Folds of the cross-validation, 2 or more. None for 5, and for 3 from 5,000 sentences on.
    seed : int, optional
        Decides which document goes into which fold, and all else that is random.
    learning_curve : bool, optional
        Whether to train on quarters and halves of the documents as well, so that
        `Model.report` can say whether more labels would help; about doubles the time.
    n_jobs : int, optional
        Processes to use, as in joblib: -1 for all cores. The result is the same.
    progress : bool, optional
        Whether to show a progress bar on stderr.

    Returns
    -------
    Model
        Its card holds the out-of-fold scores; `Model.report` prints them. The same for
        the same input, up to the last digits of the arithmetic.

    Raises
    ------
    DataError
        The file cannot be read; a new theme or tone has too few examples with or without
        it; all sentences belong to one document; a tone is not among `tones`.
    ModelFileError
        `base` is a folder that cannot be loaded.
    TypeError
        `themes` or `tones` is a string.
    ValueError
        There are no examples, names stand there twice, or `n_folds` is less than 2.

    Examples
    --------
    >>> import stancelib
    >>> harbour = ["The harbour of Tema took in two ships.", "A ferry left the harbour at noon."]
    >>> other = ["The choir sang for an hour.", "The museum opens again in the spring."]
    >>> coded = [
    ...     stancelib.Passage(f"{i}", (stancelib.Example(f"{i}: {text}", themes, None),))
    ...     for i in range(10)
    ...     for texts, themes in ((harbour, {"harbours"}), (other, set()))
    ...     for text in texts
    ... ]
    >>> model = stancelib.train(coded, learning_curve=False)
    >>> model.score("They met in the old harbour. The match was called off.")[0].themes
    ('harbours',)
    """
    passages, task, n_folds = _prepare(examples, base, themes, tones, n_folds)
    with _bar(progress) as report:
        trained = _train(task, passages, n_folds, seed, n_jobs, report)
        curve = [
            _point(task, passages, n_parts, seed, n_jobs, report)
            for n_parts in (CURVE if learning_curve else ())
            if len(passages) >= CURVE_FOLDS * n_parts
        ]
    return _model(task, passages, trained, curve, name, n_folds, seed)


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """Probabilities of coded sentences by models that have not seen their documents.

    Attributes
    ----------
    themes, tones : tuple of str
        Names of the columns.
    probabilities : array, shape (n_sentences, n_themes + n_tones)
        A row for each sentence, in order: themes, each from 0 to 1, then tones, which add
        up to 1.
    """

    themes: tuple[str, ...]
    tones: tuple[str, ...]
    probabilities: Array


def predict_out_of_fold(
    examples: object,
    *,
    base: Model | str | Path | None = "default",
    themes: Sequence[str] | None = None,
    tones: Sequence[str] | None = None,
    n_folds: int | None = None,
    seed: int = 0,
    n_jobs: int = 1,
    progress: bool = False,
) -> OutOfFold:
    """Score labelled sentences by models that have not seen their documents.

    What `train` does but for the last step: for `stancelib.review.find_label_errors`, and
    for measures of your own.

    Parameters
    ----------
    examples, base, themes, tones, n_folds, seed, n_jobs, progress
        See `train`.

    Returns
    -------
    OutOfFold
        The same for the same input, up to the last digits of the arithmetic.

    Raises
    ------
    DataError, ModelFileError, ValueError
        See `train`.
    """
    passages, task, n_folds = _prepare(examples, base, themes, tones, n_folds)
    with _bar(progress) as report:
        trained = _train(task, passages, n_folds, seed, n_jobs, report)
    return OutOfFold(task.themes, task.tones, trained.out_of_fold)


class _Task(NamedTuple):
    """What is to be learnt.

    Attributes
    ----------
    base : Model or None
        Where to start from.
    themes, tones : tuple of str
        Labels of the new model.
    columns : list of int or None
        Which of the base's labels each label is.
    learnt : array of bool, shape (n_labels,)
        Labels that the examples code, and often enough; the others stay as they are.
    """

    base: Model | None
    themes: tuple[str, ...]
    tones: tuple[str, ...]
    columns: list[int | None]
    learnt: NDArray[np.bool_]

    @property
    def base_thresholds(self) -> Array:
        """Threshold of each theme in the base; .5 where it does not know the theme."""
        known = self.base.thresholds if self.base else {}
        return np.array([known.get(theme, THRESHOLD) for theme in self.themes])

    def passages(self, passages: Sequence[Passage]) -> list[Passage]:
        """Leave out the themes that the model will not have."""
        kept = frozenset(self.themes)
        return [
            replace(
                p,
                examples=tuple(
                    e if e.themes is None else replace(e, themes=e.themes & kept)
                    for e in p.examples
                ),
            )
            for p in passages
        ]

    def targets(self, passages: Sequence[Passage]) -> Targets:
        """Labels as numbers; those that are not learnt count as not coded."""
        targets = make_targets(passages, self.themes, self.tones)
        not_learnt = np.where(self.learnt, 0.0, np.nan)
        n_themes = len(self.themes)
        return replace(
            targets,
            themes=targets.themes + not_learnt[:n_themes],
            tones=targets.tones + not_learnt[n_themes:],
        )


class _Trained(NamedTuple):
    """A scorer, and probabilities of the coded sentences, shape (n_sentences, n_labels).

    `before` are those of the base (NaN for labels that it does not know), `strengths` what
    was chosen for each theme and for the tone; both None where there is no base.
    `thresholds` are those of the themes.
    """

    scorer: Scorer
    out_of_fold: Array
    thresholds: Array
    before: Array | None = None
    strengths: list[float] | None = None


def _prepare(
    examples: object,
    base: Model | str | Path | None,
    themes: Sequence[str] | None,
    tones: Sequence[str] | None,
    n_folds: int | None,
) -> tuple[list[Passage], _Task, int]:
    passages = list(read_examples(examples))
    n_sentences = sum(len(p.examples) for p in passages)
    if not n_sentences:
        raise ValueError("no examples to train on")
    if n_folds is None:
        n_folds = N_FOLDS if n_sentences < MANY else N_FOLDS_OF_MANY
    if n_folds < 2:
        raise ValueError(f"n_folds is {n_folds}, expected 2 or more")
    for what, names in (("themes", themes), ("tones", tones)):
        if isinstance(names, str):
            raise TypeError(f"{what} is the string {names!r}; pass a list of names")
    return passages, _task(passages, _base_model(base), themes, tones), n_folds


def _base_model(base: Model | str | Path | None) -> Model | None:
    if base is None or isinstance(base, Model):
        return base
    return default_model() if base == "default" else Model.load(base)


def _task(
    passages: Sequence[Passage],
    base: Model | None,
    themes: Sequence[str] | None,
    tones: Sequence[str] | None,
) -> _Task:
    found_themes, found_tones = label_names(passages)
    known_themes, known_tones = (base.themes, base.tones) if base else ((), ())
    if themes is None:
        themes = [*known_themes, *(t for t in found_themes if t not in known_themes)]
    if tones is None:
        tones = known_tones if set(found_tones) <= set(known_tones) else found_tones
    known = [*known_themes, *known_tones]
    columns = [known.index(label) if label in known else None for label in (*themes, *tones)]
    if set(tones) != set(known_tones):  # a tone is one among others: with others, another
        columns[len(themes) :] = [None] * len(tones)
    task = _Task(base, tuple(themes), tuple(tones), columns, np.ones(len(columns), dtype=bool))
    _check_names(task)
    targets = task.targets(task.passages(passages))
    learnt = _often_enough(task, np.concatenate([targets.themes, targets.tones], axis=1))
    return task._replace(learnt=learnt)


def _check_names(task: _Task) -> None:
    labels = [*task.themes, *task.tones]
    if len(set(labels)) < len(labels) or not labels:
        raise ValueError(f"themes and tones are {labels}, expected names that differ")
    if len(task.tones) == 1:
        raise DataError(f"one tone only, {task.tones[0]!r}: at least two are needed to tell apart")


def _often_enough(task: _Task, coded: Array) -> NDArray[np.bool_]:
    """Which labels can be learnt; raises for those that must be, and cannot."""
    n_themes = len(task.themes)
    n_with, n_without = (coded == 1).sum(axis=0), (coded == 0).sum(axis=0)
    enough: NDArray[np.bool_] = (n_with >= MIN_EXAMPLES) & (n_without >= MIN_EXAMPLES)
    names = [*(f"theme {t!r}" for t in task.themes), *(f"tone {t!r}" for t in task.tones)]
    faults = [
        f"{name}: {yes} sentences with it and {no} without, at least {MIN_EXAMPLES} of each are "
        "needed to learn it; code more, or leave it out"
        for name, yes, no, column, ok in zip(
            names, n_with, n_without, task.columns, enough, strict=True
        )
        if column is None and not ok
    ]
    if faults:
        more = [f"... and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
        raise DataError("\n".join([*faults[:MAX_FAULTS], *more]))
    enough[n_themes:] = (coded[:, n_themes:] == 1).any(axis=1).sum() >= MIN_EXAMPLES
    return enough


def _train(
    task: _Task,
    passages: Sequence[Passage],
    n_folds: int,
    seed: int,
    n_jobs: int,
    report: Callable[[str], None],
) -> _Trained:
    passages = task.passages(passages)
    coded, n_themes = task.targets(passages), len(task.themes)
    if task.base is None:
        settings = _settings(passages, n_folds, seed)
        trained = train_scorer(
            passages, task.themes, task.tones, Lexicon({}, {}), None, settings, n_jobs, report
        )
        thresholds = best_thresholds(trained.out_of_fold[:, :n_themes], coded.themes)
        return _Trained(trained.scorer, trained.out_of_fold, thresholds)
    leads = [[*([p.title] if p.title else []), *p.before] for p in passages]
    sentences: list[str] = []
    is_coded: list[bool] = []
    for lead, passage in zip(leads, passages, strict=True):
        sentences += [*lead, *(e.text for e in passage.examples)]
        is_coded += [False] * len(lead) + [True] * len(passage.examples)
    lengths = [len(lead) + len(p.examples) for lead, p in zip(leads, passages, strict=True)]
    rows = np.flatnonzero(is_coded)
    adapted = adapt_scorer(
        task.base.scorer,
        task.columns,
        sentences,
        np.repeat(np.arange(len(passages)), lengths),
        coded.spread(rows, len(sentences)),
        np.repeat(assign_folds(passages, n_folds, seed), lengths),
        n_jobs,
        report,
    )
    probabilities = adapted.scorer.probabilities
    said = probabilities(adapted.out_of_fold[rows])
    before = probabilities(np.nan_to_num(adapted.before[rows]))
    before[:, [column is None for column in task.columns]] = np.nan
    changed = np.array(adapted.strengths[:-1]) > 0
    thresholds = np.where(
        changed, best_thresholds(said[:, :n_themes], coded.themes), task.base_thresholds
    )
    return _Trained(adapted.scorer, said, thresholds, before, adapted.strengths)


def _settings(passages: Sequence[Passage], n_folds: int, seed: int) -> Settings:
    """Choose settings for training alone: steps of like size, and enough of them."""
    length = sum(len(p.examples) for p in passages) / len(passages)
    batch = max(round(SENTENCES_A_STEP / length), 1)
    epochs = round(min(max(MIN_STEPS * batch / len(passages), MIN_EPOCHS), MAX_EPOCHS))
    return Settings(
        C_blend=1.0,
        max_iter=MAX_ITER,
        n_folds=n_folds,
        seed=seed,
        encoder=EncoderSettings(batch_size=batch, n_epochs=epochs),
    )


def _evaluate(
    task: _Task, passages: Sequence[Passage], probabilities: Array, thresholds: Array
) -> Evaluation:
    """Compare with the labels, but for the columns that are NaN."""
    targets = task.targets(task.passages(passages))
    n_themes = len(task.themes)
    said = np.array(~np.isnan(probabilities).any(axis=0))
    themes, tones = np.split(said, [n_themes])
    return evaluate_labels(
        probabilities[:, said],
        targets.themes[:, themes],
        targets.tones[:, tones],
        thresholds[themes],
        np.repeat(np.arange(len(passages)), [len(p.examples) for p in passages]),
        list(compress(task.themes, themes)),
        list(compress(task.tones, tones)),
    )


def _majority(task: _Task, passages: Sequence[Passage]) -> Array:
    """Probabilities of always giving what most sentences have."""
    targets = task.targets(task.passages(passages))
    shares = np.concatenate([targets.themes, targets.tones], axis=1)
    n_coded = np.maximum((~np.isnan(shares)).sum(axis=0), 1)
    return np.repeat([np.nansum(shares, axis=0) / n_coded], len(shares), axis=0)


def _point(
    task: _Task,
    passages: Sequence[Passage],
    n_parts: int,
    seed: int,
    n_jobs: int,
    report: Callable[[str], None],
) -> dict[str, Any]:
    """One point of the learning curve: cross-validation within each part of the documents.

    Parts are left out once there is enough to measure on.
    """
    part_of = assign_folds(passages, n_parts, seed)
    measured: list[Passage] = []
    trained: list[_Trained] = []
    for k in range(int(part_of.max()) + 1):
        part = list(compress(passages, part_of == k))
        trained.append(_train(task, part, CURVE_FOLDS, seed, n_jobs, report))
        measured += part
        n_sentences = sum(len(p.examples) for p in measured)
        if n_sentences >= ENOUGH:
            break
    evaluation = _evaluate(
        task,
        measured,
        np.concatenate([t.out_of_fold for t in trained]),
        np.mean([t.thresholds for t in trained], axis=0),
    )
    return _scores(evaluation, round(n_sentences / len(trained) * (1 - 1 / CURVE_FOLDS)))


def _scores(evaluation: Evaluation, n_learnt_from: int) -> dict[str, Any]:
    return {
        "n_sentences": n_learnt_from,
        **{
            key: value
            for key, value in evaluation.to_dict().items()
            if key.endswith(("macro_f1", "macro_f1_interval"))
        },
    }


def _model(
    task: _Task,
    passages: Sequence[Passage],
    trained: _Trained,
    curve: Sequence[dict[str, Any]],
    name: str,
    n_folds: int,
    seed: int,
) -> Model:
    evaluation = _evaluate(task, passages, trained.out_of_fold, trained.thresholds)
    n_sentences = evaluation.n_sentences
    settings: dict[str, Any] = {"n_folds": n_folds, "seed": seed}
    if trained.strengths is not None:
        settings["strengths"] = dict(zip((*task.themes, "tone"), trained.strengths, strict=True))
    card = make_card(
        name=name,
        passages=passages,
        evaluation=evaluation,
        thresholds=dict(zip(task.themes, trained.thresholds.round(4).tolist(), strict=True)),
        fingerprint=_fingerprint(passages),
        settings=settings,
        versions={p: version(p) for p in ("numpy", "scipy", "scikit-learn")}
        | {"python": platform.python_version()},
        limits=LIMITS,
        rule=RULE,
        comparison=_comparison(task, passages, trained),
        learning_curve=[*curve, _scores(evaluation, round(n_sentences * (1 - 1 / n_folds)))],
    )
    return _stored(task, trained, card, _probes(passages))


def _stored(task: _Task, trained: _Trained, card: dict[str, Any], probes: tuple[str, ...]) -> Model:
    return Model(
        Stored(trained.scorer, task.themes, task.tones, trained.thresholds, card, probes, "")
    )


def _probes(passages: Sequence[Passage]) -> tuple[str, ...]:
    """Take a few sentences, spread over all, to check saved models by."""
    texts = [e.text for p in passages for e in p.examples]
    return tuple(texts[:: max(len(texts) // N_PROBES, 1)][:N_PROBES])


def _comparison(
    task: _Task, passages: Sequence[Passage], trained: _Trained
) -> dict[str, dict[str, Any]]:
    """Evaluate others on the same sentences."""
    thresholds = np.full(len(task.themes), THRESHOLD)
    others = {
        "most frequent label": _evaluate(
            task, passages, _majority(task, passages), thresholds
        ).to_dict()
    }
    if task.base is not None and trained.before is not None:
        name = str(task.base.card.get("name", "base"))
        others[name] = _evaluate(task, passages, trained.before, task.base_thresholds).to_dict()
    return others


def _fingerprint(passages: Sequence[Passage]) -> str:
    """SHA-256 over the sentences with their labels and context."""
    content = [
        [
            p.title,
            p.before,
            [[e.text, None if e.themes is None else sorted(e.themes), e.tone] for e in p.examples],
        ]
        for p in passages
    ]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


@contextmanager
def _bar(shown: bool) -> Iterator[Callable[[str], None]]:
    """Show a progress bar that counts steps, or nothing."""
    if not shown:
        yield lambda _: None
        return
    from tqdm import tqdm

    with tqdm(unit=" steps") as bar:

        def report(message: str) -> None:
            bar.set_description(message)
            bar.update()

        yield report
