"""A model against a coder's labels."""

import numpy as np

from stancelib.examples import read_examples
from stancelib.metrics import Evaluation, evaluate_labels
from stancelib.model import Model, default_model
from stancelib.targets import make_targets


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
