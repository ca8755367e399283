"""One model, or two, against a coder's labels."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from stancelib.examples import read_examples
from stancelib.metrics import Comparison, Evaluation, compare_labels, decide, evaluate_labels
from stancelib.model import Model, default_model
from stancelib.records import Passage
from stancelib.targets import make_targets

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]


def evaluate(examples: object, model: Model | None = None) -> Evaluation:
    """Measure a model on labelled passages.

    Each passage is scored as a whole, with its title and the sentences before it as
    context. The sentences must not be among those that the model was trained on.

    Parameters
    ----------
    examples : str, Path, data frame or list
        Whatever `read_examples` takes or returned.
    model : Model or None, optional
        The model to measure; None for the bundled one.

    Returns
    -------
    Evaluation
        Precision, recall, F1 and support per label, macro-F1 with bootstrap intervals
        over passages, calibration error; ``print`` shows it as a table.

    Raises
    ------
    DataError
        The examples cannot be read, there are none, or they hold a label that the model does
        not have.

    Examples
    --------
    >>> import stancelib
    >>> coded = stancelib.Example("Exports to China fell.", frozenset({"economy"}), "negative")
    >>> stancelib.evaluate([stancelib.Passage("mine", (coded,))]).tones["negative"].recall
    1.0
    """
    passages = list(read_examples(examples))
    model = default_model() if model is None else model
    targets = make_targets(passages, model.themes, model.tones)
    return evaluate_labels(
        _probabilities(passages, model),
        targets.themes,
        targets.tones,
        np.array(list(model.thresholds.values())),
        _numbers(passages),
        model.themes,
        model.tones,
    )


def compare(examples: object, first: Model, second: Model, *, seed: int = 0) -> Comparison:
    """Compare two models on the same labelled passages, by a paired bootstrap.

    The sentences must not be among those that either model was trained on; that holds for
    the base of a retrained model as well. Each model gives its own labels by its own
    thresholds; a sentence of a tone that only one of them has counts as it was coded.

    Parameters
    ----------
    examples : str, Path, data frame or list
        Whatever `read_examples` takes or returned.
    first, second : Model
        The models to compare.
    seed : int, optional
        Of the bootstrap, which draws passages.

    Returns
    -------
    Comparison
        Both values, their difference with its interval, and how often the second is better:
        for macro-F1 and for each label that both have; ``print`` shows it as a table. See
        `stancelib.metrics.compare_labels` for the method.

    Raises
    ------
    TypeError
        `first` or `second` is not a Model.
    DataError
        The examples cannot be read, there are none, or they hold a label that neither model
        has.
    ValueError
        The models have no label in common.

    Examples
    --------
    >>> import stancelib
    >>> coded = stancelib.Example("Exports to China fell.", frozenset({"economy"}), "negative")
    >>> passages = [stancelib.Passage("mine", (coded,))]
    >>> comparison = stancelib.compare(passages, stancelib.load(), stancelib.load())
    >>> comparison.tones["negative"].difference
    0.0
    """
    for name, model in (("first", first), ("second", second)):
        if not isinstance(model, Model):
            raise TypeError(
                f"{name} is of type {type(model).__name__}; pass a Model, as load() returns it"
            )
    passages = list(read_examples(examples))
    themes = [theme for theme in first.themes if theme in second.themes]
    tones = [tone for tone in first.tones if tone in second.tones]
    if not themes and not tones:
        raise ValueError(
            f"no label in common: the first has {[*first.themes, *first.tones]}, "
            f"the second {[*second.themes, *second.tones]}"
        )
    only_first = _others(first.themes, themes), _others(first.tones, tones)
    only_second = _others(second.themes, themes), _others(second.tones, tones)
    targets = make_targets(
        passages,
        [*themes, *only_first[0], *only_second[0]],
        [*tones, *only_first[1], *only_second[1]],
    )
    numbers = _numbers(passages)
    (by_theme, theme_macro_f1), (by_tone, tone_macro_f1) = (
        compare_labels(a, b, truth[:, : len(names)], numbers, names, seed=seed)
        for a, b, truth, names in zip(
            _labels(passages, first, themes, tones),
            _labels(passages, second, themes, tones),
            (targets.themes, targets.tones),
            (themes, tones),
            strict=True,
        )
    )
    return Comparison(
        n_sentences=len(numbers),
        n_passages=len(passages),
        themes=by_theme,
        tones=by_tone,
        theme_macro_f1=theme_macro_f1,
        tone_macro_f1=tone_macro_f1,
        only_first=(*only_first[0], *only_first[1]),
        only_second=(*only_second[0], *only_second[1]),
    )


def _numbers(passages: Sequence[Passage]) -> IntArray:
    """Say which passage each sentence belongs to."""
    return np.repeat(np.arange(len(passages)), [len(p.examples) for p in passages])


def _probabilities(passages: Sequence[Passage], model: Model) -> Array:
    """Themes, then tones, of all sentences in their context."""
    articles = [
        model.score_sentences([e.text for e in p.examples], title=p.title, before=p.before)
        for p in passages
    ]
    return np.concatenate(
        [np.concatenate([a.theme_probabilities, a.tone_probabilities], axis=1) for a in articles]
    )


def _labels(
    passages: Sequence[Passage], model: Model, themes: Sequence[str], tones: Sequence[str]
) -> tuple[Array, Array]:
    """Give labels, 1 or 0: for these themes of the model, and for these tones."""
    thresholds = np.array(list(model.thresholds.values()))
    said = decide(_probabilities(passages, model), thresholds)
    return (
        said[:, [model.themes.index(theme) for theme in themes]],
        said[:, [len(model.themes) + model.tones.index(tone) for tone in tones]],
    )


def _others(labels: Sequence[str], common: Sequence[str]) -> list[str]:
    return [label for label in labels if label not in common]
