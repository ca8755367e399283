"""Many scored articles as arrays, one row a sentence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from stancelib.article import Article
from stancelib.errors import DataError, listed
from stancelib.sentences import Span

# What is known of each sentence beside the model's reading; `Panel.by` groups by it as well.
SENTENCE_COLUMNS: dict[str, Callable[[Article], NDArray[Any]]] = {
    "heading": lambda article: np.array([s.heading for s in article.spans], dtype=bool),
}


@dataclass(frozen=True, eq=False)
class PanelArrays:
    """Scored articles.

    Attributes
    ----------
    texts, titles, warnings : list
        Of each article.
    themes, tones : tuple of str
        Names of the columns.
    thresholds : array, shape (n_themes,)
        Probability from which a theme is given.
    articles : array of int64, shape (n_sentences,)
        Which article each sentence belongs to, in order.
    starts, ends : array of int64, shape (n_sentences,)
        Where it stands in its text.
    columns : dict of str to array, shape (n_sentences,)
        `SENTENCE_COLUMNS`.
    theme_probabilities : array of float32, shape (n_sentences, n_themes)
        Each from 0 to 1 by itself.
    tone_probabilities : array of float32, shape (n_sentences, n_tones)
        Each row adds up to 1.
    given : array of bool, shape (n_sentences, n_themes)
        Whether each theme is given.
    tone_scores : array of float32, shape (n_sentences,)
        -1 to 1; NaN for a model without them.
    """

    texts: list[str]
    titles: list[str | None]
    warnings: list[tuple[str, ...]]
    themes: tuple[str, ...]
    tones: tuple[str, ...]
    thresholds: NDArray[np.float64]
    articles: NDArray[np.int64]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    columns: dict[str, NDArray[Any]]
    theme_probabilities: NDArray[np.float32]
    tone_probabilities: NDArray[np.float32]
    given: NDArray[np.bool_]
    tone_scores: NDArray[np.float32]

    @cached_property
    def first_rows(self) -> NDArray[np.int64]:
        """Row of the first sentence of each article, and the number of rows last."""
        return np.searchsorted(self.articles, np.arange(len(self.texts) + 1))

    @cached_property
    def places(self) -> NDArray[np.int64]:
        """Number of each sentence in its article, from 0."""
        return np.arange(len(self.articles)) - self.first_rows[self.articles]

    @cached_property
    def chosen_tones(self) -> NDArray[np.object_]:
        """The most probable tone of each sentence; None for a model without tones."""
        if not self.tones:
            return np.full(len(self.articles), None)
        names = np.array(self.tones, dtype=object)
        chosen: NDArray[np.object_] = names[self.tone_probabilities.argmax(axis=1)]
        return chosen

    @cached_property
    def signs(self) -> NDArray[np.float32]:
        """1 where the tone is positive, -1 where it is negative, else 0; NaN as tone scores."""
        sign = (self.chosen_tones == "positive") * 1.0 - (self.chosen_tones == "negative")
        return np.where(np.isnan(self.tone_scores), np.nan, sign).astype(np.float32)

    @cached_property
    def confidences(self) -> NDArray[np.float32]:
        """Confidence of each sentence, 0 to 1; see `Sentence.confidence`."""
        p = self.theme_probabilities
        confidences: NDArray[np.float32] = np.maximum(p, 1 - p).prod(axis=1)
        if self.tones:
            confidences = confidences * self.tone_probabilities.max(axis=1)
        return confidences

    def sentence(self, row: int) -> str:
        """Text of the sentence in a row."""
        sentence: str = self.texts[self.articles[row]][self.starts[row] : self.ends[row]]
        return sentence

    def article(self, number: int) -> Article:
        """Make an article again; its probabilities have the precision of float32."""
        rows = slice(*self.first_rows[[number, number + 1]])
        headings = self.columns["heading"][rows]
        places = zip(self.starts[rows], self.ends[rows], headings, strict=True)
        return Article(
            text=self.texts[number],
            title=self.titles[number],
            spans=[Span(int(start), int(end), bool(heading)) for start, end, heading in places],
            theme_probabilities=self.theme_probabilities[rows].astype(float),
            tone_probabilities=self.tone_probabilities[rows].astype(float),
            theme_names=self.themes,
            tone_names=self.tones,
            thresholds=self.thresholds,
            warnings=self.warnings[number],
            _explain=_no_explanation,
        )


def gather_articles(articles: Iterable[Article]) -> PanelArrays:
    """Put articles into arrays, one by one.

    Raises
    ------
    DataError
        There are none, or they were scored by models with other themes, tones or thresholds.
    TypeError
        One of them is no `Article`.
    """
    texts, titles, warnings = [], [], []
    rows: list[dict[str, NDArray[Any]]] = []
    columns: list[list[NDArray[Any]]] = []
    first: Article | None = None
    differing = []
    for number, article in enumerate(articles):
        if not isinstance(article, Article):
            raise TypeError(
                f"articles[{number}] is of type {type(article).__name__}, expected Article"
            )
        if first is None:
            first = article
        if not _same_labels(article, first):
            differing.append(number)
            continue
        texts.append(article.text)
        titles.append(article.title)
        warnings.append(article.warnings)
        rows.append(_rows(number, article))
        columns.append([read(article) for read in SENTENCE_COLUMNS.values()])
    if first is None:
        raise DataError("no articles; a panel has at least one")
    if differing:
        raise DataError(
            f"{len(differing)} articles have other themes, tones or thresholds than the first: "
            f"{listed(differing)}; score all with one model"
        )
    return PanelArrays(
        texts=texts,
        titles=titles,
        warnings=warnings,
        themes=first.theme_names,
        tones=first.tone_names,
        thresholds=first.thresholds,
        columns={
            name: np.concatenate(parts)
            for name, parts in zip(SENTENCE_COLUMNS, zip(*columns, strict=True), strict=True)
        },
        **{name: np.concatenate([row[name] for row in rows]) for name in rows[0]},
    )


def _rows(number: int, article: Article) -> dict[str, NDArray[Any]]:
    return {
        "articles": np.full(len(article), number, dtype=np.int64),
        "starts": np.array([s.start for s in article.spans], dtype=np.int64),
        "ends": np.array([s.end for s in article.spans], dtype=np.int64),
        "theme_probabilities": article.theme_probabilities.astype(np.float32),
        "tone_probabilities": article.tone_probabilities.astype(np.float32),
        "given": article.theme_probabilities >= article.thresholds,
        "tone_scores": article.tone_scores.astype(np.float32),
    }


def _same_labels(article: Article, first: Article) -> bool:
    return (
        article.theme_names == first.theme_names
        and article.tone_names == first.tone_names
        and np.array_equal(article.thresholds, first.thresholds)
    )


def _no_explanation(index: int, label: str) -> NoReturn:
    raise ValueError(
        f"an article of a panel cannot explain {label!r} of its sentence {index}; "
        "score it again: model.score(article.text, title=article.title)"
    )
