"""What a model found in a text: its sentences, and the picture they make."""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, overload

import numpy as np
from numpy.typing import NDArray

from stancelib.records import Explanation, Sentence, ThemeSummary, ToneSummary
from stancelib.render import html_table
from stancelib.sentences import Span

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Article(Sequence[Sentence]):
    """A scored text: a sequence of sentences with a summary.

    Made by `stancelib.score` and its kin. ``len(article)``, ``article[0]``,
    ``article[2:5]`` and ``for sentence in article`` work as on a tuple of sentences.

    Attributes
    ----------
    text : str
        The text that was scored.
    title : str or None
        Its title, when one was given.
    spans : list of Span
        Where the sentences stand.
    theme_probabilities : array, shape (n_sentences, n_themes)
        Each from 0 to 1 by itself.
    tone_probabilities : array, shape (n_sentences, n_tones)
        Each row adds up to 1.
    theme_names, tone_names : tuple of str
        Names of the columns.
    thresholds : array, shape (n_themes,)
        Probability from which a theme is given.
    warnings : tuple of str
        What makes the scores doubtful as a whole; empty when nothing does.

    Examples
    --------
    >>> import stancelib
    >>> article = stancelib.score("Exports to China fell sharply. The talks end on Friday.")
    >>> len(article), article[1].themes
    (2, ())
    >>> article.themes["china_relations"].n_sentences
    1
    """

    text: str
    title: str | None
    spans: list[Span] = field(repr=False)
    theme_probabilities: Array = field(repr=False)
    tone_probabilities: Array = field(repr=False)
    theme_names: tuple[str, ...] = field(repr=False)
    tone_names: tuple[str, ...] = field(repr=False)
    thresholds: Array = field(repr=False)
    warnings: tuple[str, ...]
    _explain: Callable[[int, str], Explanation] = field(repr=False, compare=False)

    @cached_property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences in order."""
        return tuple(self._sentence(i) for i in range(len(self.spans)))

    @cached_property
    def chosen_tones(self) -> list[str] | list[None]:
        """The most probable tone of each sentence; None for a model without tones."""
        if not self.tone_names:
            return [None] * len(self.spans)
        return [self.tone_names[i] for i in self.tone_probabilities.argmax(axis=1)]

    @cached_property
    def tone_scores(self) -> Array:
        """Tone score of each sentence, -1 to 1; NaN without "positive" and "negative"."""
        if not {"positive", "negative"} <= set(self.tone_names):
            return np.full(len(self.spans), np.nan)
        positive, negative = self.tone_names.index("positive"), self.tone_names.index("negative")
        scores: Array = self.tone_probabilities[:, positive] - self.tone_probabilities[:, negative]
        return scores

    @cached_property
    def confidences(self) -> Array:
        """Confidence of each sentence, 0 to 1; see `Sentence.confidence`."""
        themes = np.maximum(self.theme_probabilities, 1 - self.theme_probabilities)
        confidences: Array = themes.prod(axis=1)
        if self.tone_names:
            confidences = confidences * self.tone_probabilities.max(axis=1)
        return confidences

    @property
    def themes(self) -> dict[str, ThemeSummary]:
        """Each theme with its share of the sentences, their number and mean tone score."""
        given = self.theme_probabilities >= self.thresholds
        return {
            name: ThemeSummary(
                n_sentences=int(given[:, i].sum()),
                share=_mean(given[:, i]),
                tone_score=_mean(self.tone_scores[given[:, i]]),
            )
            for i, name in enumerate(self.theme_names)
        }

    @property
    def tone(self) -> ToneSummary:
        """Mean tone score of all sentences, and the share of each tone."""
        chosen = np.array(self.chosen_tones)
        shares = {name: _mean(chosen == name) for name in self.tone_names}
        return ToneSummary(_mean(self.tone_scores), shares)

    def to_dict(self) -> dict[str, Any]:
        """Turn the article into plain Python values.

        Returns
        -------
        dict
            ``title``, ``n_sentences``, ``themes``, ``tone``, ``warnings`` and
            ``sentences``, one dict each. Numbers that do not exist (the mean tone of a
            theme that no sentence carries) are None.
        """
        return {
            "title": self.title,
            "n_sentences": len(self),
            "themes": {
                name: {
                    "n_sentences": summary.n_sentences,
                    "share": _number(summary.share),
                    "tone_score": _number(summary.tone_score),
                }
                for name, summary in self.themes.items()
            },
            "tone": {
                "score": _number(self.tone.score),
                "shares": {name: _number(share) for name, share in self.tone.shares.items()},
            },
            "warnings": list(self.warnings),
            "sentences": [_sentence_dict(sentence) for sentence in self.sentences],
        }

    def to_json(self, *, indent: int | None = None) -> str:
        """Write `to_dict` as JSON.

        Parameters
        ----------
        indent : int or None
            Blanks per level; None writes one line.

        Returns
        -------
        str
            JSON with non-ASCII characters as they are.
        """
        return json.dumps(self.to_dict(), ensure_ascii=False, indent=indent, allow_nan=False)

    def to_frame(self) -> "pd.DataFrame":
        """Turn the sentences into a data frame; needs pandas.

        Returns
        -------
        pandas.DataFrame
            One row a sentence. Columns: ``sentence`` (number from 0), ``start``, ``end``,
            ``heading``, ``text``; per theme its name (whether it was given) and
            ``p_<theme>``; ``tone``; ``p_<tone>`` per tone; ``tone_score``;
            ``confidence``.

        Raises
        ------
        ImportError
            pandas is not installed.
        """
        try:
            import pandas as pd
        except ImportError as error:
            raise ImportError("to_frame() needs pandas: pip install 'stancelib[frames]'") from error

        columns: dict[str, Any] = {
            "sentence": np.arange(len(self)),
            "start": np.array([s.start for s in self.spans], dtype=np.int64),
            "end": np.array([s.end for s in self.spans], dtype=np.int64),
            "heading": np.array([s.heading for s in self.spans], dtype=bool),
            "text": [self.text[s.start : s.end] for s in self.spans],
        }
        for i, name in enumerate(self.theme_names):
            columns[name] = self.theme_probabilities[:, i] >= self.thresholds[i]
            columns[f"p_{name}"] = self.theme_probabilities[:, i]
        columns["tone"] = self.chosen_tones
        for i, name in enumerate(self.tone_names):
            columns[f"p_{name}"] = self.tone_probabilities[:, i]
        columns["tone_score"] = self.tone_scores
        columns["confidence"] = self.confidences
        return pd.DataFrame(columns)

    def to_html(self, *, card: Mapping[str, Any] | None = None) -> str:
        """Write the article as one HTML page; see `stancelib.render_report`.

        Parameters
        ----------
        card : mapping or None, optional
            The card of the model (`Model.card`), for its scores and limits.

        Returns
        -------
        str
            An HTML document that needs no other file and no network.

        Raises
        ------
        DataError
            `card` lacks what a card has.
        """
        from stancelib.html_report import render_report

        return render_report([self], card=card)

    def __len__(self) -> int:
        return len(self.spans)

    def __iter__(self) -> Iterator[Sentence]:
        return iter(self.sentences)

    @overload
    def __getitem__(self, index: int) -> Sentence: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Sentence, ...]: ...
    def __getitem__(self, index: int | slice) -> Sentence | tuple[Sentence, ...]:
        return self.sentences[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Article):
            return NotImplemented
        same = self.text == other.text and self.title == other.title
        return same and self.sentences == other.sentences

    def __hash__(self) -> int:
        return hash((self.text, self.title))

    def __repr__(self) -> str:
        carried = {n: s for n, s in self.themes.items() if s.n_sentences}
        themes = ", ".join(f"{n} {s.n_sentences} ({s.tone_score:+.2f})" for n, s in carried.items())
        title = f"{self.title!r}: " if self.title else ""
        tone = f"tone {self.tone.score:+.2f}"
        return f"<Article {title}{len(self)} sentences, {tone}; {themes or 'no theme'}>"

    def _repr_html_(self) -> str:
        return html_table(self.sentences)

    def _sentence(self, i: int) -> Sentence:
        span = self.spans[i]
        themes = dict(zip(self.theme_names, self.theme_probabilities[i].tolist(), strict=True))
        tones = dict(zip(self.tone_names, self.tone_probabilities[i].tolist(), strict=True))
        given = self.theme_probabilities[i] >= self.thresholds
        return Sentence(
            text=self.text[span.start : span.end],
            start=span.start,
            end=span.end,
            heading=span.heading,
            themes=tuple(name for name, yes in zip(self.theme_names, given, strict=True) if yes),
            theme_probabilities=themes,
            tone=self.chosen_tones[i],
            tone_probabilities=tones,
            tone_score=float(self.tone_scores[i]),
            confidence=float(self.confidences[i]),
            _explain=partial(self._explain, i),
        )


def _mean(values: NDArray[Any]) -> float:
    return float(values.mean()) if len(values) else math.nan


def _number(value: float) -> float | None:
    return None if math.isnan(value) else value


def _sentence_dict(sentence: Sentence) -> dict[str, Any]:
    return {
        "text": sentence.text,
        "start": sentence.start,
        "end": sentence.end,
        "heading": sentence.heading,
        "themes": list(sentence.themes),
        "theme_probabilities": sentence.theme_probabilities,
        "tone": sentence.tone,
        "tone_probabilities": sentence.tone_probabilities,
        "tone_score": _number(sentence.tone_score),
        "confidence": sentence.confidence,
        "uncertain": sentence.uncertain,
    }
