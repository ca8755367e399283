"""A model against a coder's labels."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from stancelib.examples import read_examples
from stancelib.metrics import Evaluation, evaluate_labels
from stancelib.model import Model, default_model
from stancelib.records import Passage
from stancelib.targets import make_targets


def evaluate(examples: str | Path | Sequence[Passage], model: Model | None = None) -> Evaluation:
    """Measure a model on labelled passages.

    Each passage is scored as a whole, with its title and the sentences before it as
    context. The sentences must not be among those that the model was trained on.

    Parameters
    ----------
    examples : str, Path or sequence of Passage
        A file for `read_examples`, or what it returned.
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
        The file cannot be read, or holds a label that the model does not have.
    ValueError
        There are no passages.

    Examples
    --------
    >>> import stancelib
    >>> coded = stancelib.Example("Exports to China fell.", frozenset({"economy"}), "negative")
    >>> stancelib.evaluate([stancelib.Passage("mine", (coded,))]).tones["negative"].recall
    1.0
    """
    passages = read_examples(examples) if isinstance(examples, str | Path) else list(examples)
    if not passages:
        raise ValueError("no passages to evaluate on")
    model = default_model() if model is None else model
    targets = make_targets(passages, model.themes, model.tones)
    articles = [
        model.score_sentences([e.text for e in p.examples], title=p.title, before=p.before)
        for p in passages
    ]
    probabilities = np.concatenate(
        [np.concatenate([a.theme_probabilities, a.tone_probabilities], axis=1) for a in articles]
    )
    return evaluate_labels(
        probabilities,
        targets.themes,
        targets.tones,
        articles[0].thresholds,
        np.repeat(np.arange(len(passages)), [len(p.examples) for p in passages]),
        model.themes,
        model.tones,
    )
