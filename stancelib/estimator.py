"""Training and scoring in the manner of scikit-learn: texts and labels in, labels out."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import check_is_fitted

from stancelib.model import Model
from stancelib.records import Example, Passage
from stancelib.retraining import train

Array = NDArray[np.float64]


class StanceClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classify texts, by labels that exclude each other or by several at once.

    `stancelib.train` as a scikit-learn estimator: for pipelines, grid search and
    cross-validation. Each text is read as one sentence that stands alone; for sentences in
    their context use `stancelib.train`.

    Parameters
    ----------
    base : Model, str, Path or None, optional
        The model to start from, as for `stancelib.train`: ``"default"`` for the bundled
        one; None to learn from the texts alone.
    labels : sequence of str or None, optional
        Names of the columns of an indicator matrix `y`. A name that is a theme of the base
        starts from what the base knows of it.
    n_folds : int or None, optional
        Folds of the cross-validation within `fit`, 2 or more; None as in `stancelib.train`.
    seed : int, optional
        Of all that is random.
    n_jobs : int, optional
        Processes to use within `fit`, as in joblib.

    Attributes
    ----------
    classes_ : array, shape (n_classes,)
        What the columns of `predict_proba` stand for. Single labels in sorted order; for
        an indicator matrix `labels`, or the numbers of the columns.
    model_ : Model
        What was learnt: single labels are its tones, columns of a matrix its themes.

    Notes
    -----
    Single labels start from the tones of the base if they are the same names, otherwise
    from nothing but its reading of the texts. ``cross_val_predict(method="predict_proba")``
    replaces single labels by numbers before it fits.

    Examples
    --------
    >>> from stancelib import StanceClassifier
    >>> texts = [f"{n} ships left the harbour." for n in range(10)]
    >>> texts += [f"{n} singers joined the choir." for n in range(10)]
    >>> classifier = StanceClassifier(n_folds=2).fit(texts, ["sea"] * 10 + ["song"] * 10)
    >>> classifier.predict(["A ship came into the harbour."]).tolist()
    ['sea']
    >>> classifier.predict_proba(["A choir of singers."]).round(1).shape
    (1, 2)
    """

    def __init__(
        self,
        *,
        base: Model | str | Path | None = "default",
        labels: Sequence[str] | None = None,
        n_folds: int | None = None,
        seed: int = 0,
        n_jobs: int = 1,
    ) -> None:
        self.base = base
        self.labels = labels
        self.n_folds = n_folds
        self.seed = seed
        self.n_jobs = n_jobs

    def fit(self, X: Iterable[str], y: ArrayLike) -> Self:
        """Learn from labelled texts.

        Parameters
        ----------
        X : sequence of str, shape (n_texts,)
            A list, an array or a series of texts.
        y : array, shape (n_texts,) or (n_texts, n_labels)
            A label for each text; or an indicator matrix, 1 where the label applies, else 0.

        Returns
        -------
        StanceClassifier
            Itself.

        Raises
        ------
        TypeError
            `X` is a string or holds something else than strings, or `labels` is a string.
        DataError
            A label is too rare to be learnt, or all texts are the same.
        ModelFileError
            `base` is a folder that cannot be loaded.
        ValueError
            There are no texts, `y` has not as many rows, it holds something else than
            labels, or `labels` does not fit its columns.
        """
        texts = _checked_texts(X)
        labels = np.asarray(y)
        if labels.ndim not in (1, 2):
            raise ValueError(f"y has {labels.ndim} dimensions, expected 1 (labels) or 2 (0 and 1)")
        if len(labels) != len(texts):
            raise ValueError(f"X has {len(texts)} texts and y {len(labels)} rows; pass as many")
        fit = self._fit_single if labels.ndim == 1 else self._fit_matrix
        fit(texts, labels)
        return self

    def predict(self, X: Iterable[str]) -> NDArray[Any]:
        """Label texts.

        Parameters
        ----------
        X : sequence of str, shape (n_texts,)
            The texts.

        Returns
        -------
        array, shape (n_texts,) or (n_texts, n_classes)
            The most probable class of each text; after an indicator matrix, 1 for each
            label whose probability reaches its threshold in `model_`, else 0.

        Raises
        ------
        NotFittedError
            `fit` has not been called.
        TypeError
            `X` is a string or holds something else than strings.
        """
        probabilities = self.predict_proba(X)
        if self.model_.themes:
            thresholds = np.array(list(self.model_.thresholds.values()))
            return (probabilities >= thresholds).astype(np.int64)
        chosen: NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return chosen

    def predict_proba(self, X: Iterable[str]) -> Array:
        """Score texts.

        Parameters
        ----------
        X : sequence of str, shape (n_texts,)
            The texts.

        Returns
        -------
        array, shape (n_texts, n_classes)
            Probabilities in the order of `classes_`. Rows of single labels add up to 1;
            after an indicator matrix each is from 0 to 1 by itself.

        Raises
        ------
        NotFittedError
            `fit` has not been called.
        TypeError
            `X` is a string or holds something else than strings.
        """
        check_is_fitted(self, "model_")
        texts = _checked_texts(X)
        scorer = self.model_.scorer
        reading = scorer.read(texts)
        around = scorer.surroundings(reading.pooled, np.arange(len(texts)))
        return scorer.probabilities(scorer.combine(reading.scores, around))

    def _fit_single(self, texts: list[str], y: NDArray[Any]) -> None:
        if self.labels is not None:
            raise ValueError("labels name the columns of an indicator matrix, but y has none")
        kinds = sorted({"str" if isinstance(v, str) else type(v).__name__ for v in y.tolist()})
        if len(kinds) > 1:
            raise ValueError(
                f"y holds values of types {kinds}, expected one; leave out texts that were not "
                "coded"
            )
        if len(y) and type_of_target(y) not in ("binary", "multiclass"):
            raise ValueError(f"y is {type_of_target(y)}, expected labels: strings or whole numbers")
        classes, numbers = np.unique(y, return_inverse=True)
        names = [str(value) for value in classes.tolist()]
        examples = [
            Example(text, None, names[number]) for text, number in zip(texts, numbers, strict=True)
        ]
        self.model_ = self._train(examples, (), names)
        self.classes_ = classes

    def _fit_matrix(self, texts: list[str], y: NDArray[Any]) -> None:
        if isinstance(self.labels, str):
            raise TypeError(f"labels is the string {self.labels!r}; pass a list of names")
        if not np.isin(y, [0, 1]).all():
            raise ValueError("y is a matrix with values other than 0 and 1; pass an indicator")
        names = [str(i) for i in range(y.shape[1])] if self.labels is None else list(self.labels)
        if len(names) != y.shape[1]:
            raise ValueError(f"labels has {len(names)} names and y {y.shape[1]} columns")
        examples = [
            Example(text, frozenset(names[i] for i in np.flatnonzero(row)), None)
            for text, row in zip(texts, y == 1, strict=True)
        ]
        self.model_ = self._train(examples, names, ())
        self.classes_ = np.arange(len(names)) if self.labels is None else np.array(names)

    def _train(
        self, examples: Sequence[Example], themes: Sequence[str], tones: Sequence[str]
    ) -> Model:
        return train(
            [Passage(f"text {i}", (example,)) for i, example in enumerate(examples)],
            base=self.base,
            themes=themes,
            tones=tones,
            n_folds=self.n_folds,
            seed=self.seed,
            learning_curve=False,
            n_jobs=self.n_jobs,
        )

    def __sklearn_tags__(self) -> Any:  # noqa: ANN401
        tags = super().__sklearn_tags__()
        tags.input_tags.string = True
        tags.input_tags.one_d_array = True
        tags.input_tags.two_d_array = False
        tags.classifier_tags.multi_label = True
        return tags


def _checked_texts(X: Iterable[str]) -> list[str]:
    if isinstance(X, str | bytes):
        raise TypeError("X is one string; pass a list of texts")
    if getattr(X, "ndim", 1) != 1:
        raise TypeError(f"X has {X.ndim} dimensions; pass one column of texts")  # type: ignore[attr-defined]
    texts = list(X)
    for i, text in enumerate(texts):
        if not isinstance(text, str):
            raise TypeError(f"X[{i}] is of type {type(text).__name__}, expected a string")
    return texts
