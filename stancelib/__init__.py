"""Read foreign-policy text: themes and tone of every sentence, how sure, and why.

>>> import stancelib
>>> article = stancelib.score("Exports to China fell sharply. The two sides met on Friday.")
>>> article[0].themes, article[0].tone
(('economy', 'china_relations'), 'negative')

Only numpy is imported for scoring. See the README for the road from a text to a finding.
"""

from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancelib.agreement import Agreement, Disagreement, LabelAgreement, measure_agreement
from stancelib.article import Article
from stancelib.errors import DataError, ModelFileError, PanelWarning, StanceError
from stancelib.evaluation import compare, evaluate
from stancelib.examples import Examples, read_examples, write_examples
from stancelib.html_report import render_report
from stancelib.label_writers import label_studio_config
from stancelib.metrics import Comparison, Difference, Evaluation, LabelScore
from stancelib.model import Model, default_model
from stancelib.records import (
    Coding,
    Contribution,
    Example,
    Explanation,
    Passage,
    Sentence,
    ThemeSummary,
    ToneSummary,
)
from stancelib.review import Candidate, Suspect

if TYPE_CHECKING:
    from stancelib.estimator import StanceClassifier
    from stancelib.panel import Panel
    from stancelib.retraining import OutOfFold, predict_out_of_fold, train

__version__ = "0.1.0"

__all__ = [
    "Agreement",
    "Article",
    "Candidate",
    "Coding",
    "Comparison",
    "Contribution",
    "DataError",
    "Difference",
    "Disagreement",
    "Evaluation",
    "Example",
    "Examples",
    "Explanation",
    "LabelAgreement",
    "LabelScore",
    "Model",
    "ModelFileError",
    "OutOfFold",
    "Panel",
    "PanelWarning",
    "Passage",
    "Sentence",
    "StanceClassifier",
    "StanceError",
    "Suspect",
    "ThemeSummary",
    "ToneSummary",
    "compare",
    "evaluate",
    "label_studio_config",
    "load",
    "measure_agreement",
    "predict_out_of_fold",
    "read_examples",
    "render_report",
    "score",
    "score_many",
    "train",
    "write_examples",
]


_LATER = {
    "OutOfFold": "retraining",
    "Panel": "panel",
    "StanceClassifier": "estimator",
    "predict_out_of_fold": "retraining",
    "train": "retraining",
}


def __getattr__(name: str) -> Any:  # noqa: ANN401
    """Import what scoring does not need when it is first asked for."""
    if name in _LATER:
        return getattr(import_module(f"stancelib.{_LATER[name]}"), name)
    raise AttributeError(f"module 'stancelib' has no attribute {name!r}")


def load(path: str | Path | None = None) -> Model:
    """Load a model.

    Parameters
    ----------
    path : str, Path or None, optional
        A model folder; None for the bundled model, which is loaded once and kept.

    Returns
    -------
    Model
        Ready to score.

    Raises
    ------
    ModelFileError
        The folder is missing, damaged or of another format.

    Examples
    --------
    >>> import stancelib
    >>> stancelib.load().tones
    ('negative', 'neutral', 'positive')
    """
    return default_model() if path is None else Model.load(path)


def score(text: str, *, title: str | None = None) -> Article:
    """Score a text with the bundled model; see `Model.score`.

    Parameters
    ----------
    text : str
        The text; paragraphs and headings on lines of their own.
    title : str or None, optional
        Its title: read as a sentence before the first, but not scored. Like any
        sentence, it is heard by the three after it.

    Returns
    -------
    Article
        Without sentences when `text` is blank.

    Raises
    ------
    TypeError
        `text` or `title` is not a string.

    Examples
    --------
    >>> import stancelib
    >>> article = stancelib.score("The glaciers are vanishing. The ministers meet in May.")
    >>> [sentence.tone for sentence in article]
    ['negative', 'neutral']
    """
    return default_model().score(text, title=title)


def score_many(
    texts: Iterable[str],
    *,
    titles: Iterable[str | None] | None = None,
    n_jobs: int = 1,
    batch_size: int = 64,
    progress: bool = False,
) -> Iterator[Article]:
    """Score texts with the bundled model, lazily and in order; see `Model.score_many`.

    Parameters
    ----------
    texts : iterable of str
        The texts; a generator will do.
    titles : iterable of str or None, optional
        A title for each text, None where it has none.
    n_jobs : int, optional
        Processes to use, as in joblib: -1 for all cores.
    batch_size : int, optional
        Texts that travel to a process at a time.
    progress : bool, optional
        Whether to show a progress bar on stderr.

    Returns
    -------
    iterator of Article
        The same as `score` gives for each text.

    Raises
    ------
    TypeError
        `texts` or `titles` is a string, or one of them is not a string.
    ValueError
        `batch_size` is less than 1, or there are more titles than texts or fewer.

    Examples
    --------
    >>> import stancelib
    >>> [len(article) for article in stancelib.score_many(["One. Two.", "", "Three."])]
    [2, 0, 1]
    """
    return default_model().score_many(
        texts, titles=titles, n_jobs=n_jobs, batch_size=batch_size, progress=progress
    )
