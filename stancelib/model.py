"""The object that users hold: texts in, articles out."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import islice, repeat, zip_longest
from pathlib import Path
from threading import Lock
from typing import Any, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from stancelib.article import Article
from stancelib.card import held_out, mean_macro_f1, render_card
from stancelib.encoder import HEARD
from stancelib.records import Contribution, Explanation
from stancelib.scorer import Scorer
from stancelib.sentences import MAX_SENTENCE, Span, split_sentences
from stancelib.store import Stored, read_model, write_model
from stancelib.tokens import token_spans

Array = NDArray[np.float64]
_Titled = tuple[str, str | None]

DEFAULT_FOLDERS = (
    Path(__file__).parent / "_default",  # in a wheel
    Path(__file__).parent.parent / "models" / "default",  # in the repository
)
BLOCK = 4096  # sentences scored at a time: memory stays small, whatever the length of the text
MIN_KNOWN_SHARE = 0.7
MIN_WORDS = 8  # fewer say nothing about the language...
MIN_LETTERS = 20  # ...unless they are long, as in scripts without blanks


class _Outcome(NamedTuple):
    """What scoring one text gives: plain arrays, which travel between processes.

    `scores` are the blended log-odds, `around` the surroundings they took in.
    """

    spans: list[Span]
    scores: Array
    around: Array
    n_words: int
    n_unknown: int


class Model:
    """A trained model: scores texts, explains itself, saves itself.

    Get one from `stancelib.load`. A model never changes, so threads may share one.

    Attributes
    ----------
    themes : tuple of str
        Names of the themes, in the order of all arrays.
    tones : tuple of str
        Names of the tones, in the order of all arrays.
    card : dict
        What is known of the model: data, settings, out-of-fold scores, limits.
    digest : str
        SHA-256 of its weights; empty for a model that was not loaded from a folder.
    scorer : Scorer
        The arrays that do the scoring.

    Examples
    --------
    >>> import stancelib
    >>> model = stancelib.load()
    >>> model.themes
    ('sovereignty', 'economy', 'china_relations', 'russia_relations', 'climate')
    >>> model.score("Exports rose to a record.")[0].tone
    'positive'
    """

    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        self.scorer: Scorer = stored.scorer
        self.themes = stored.themes
        self.tones = stored.tones
        self.card = stored.card
        self.digest = stored.digest

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a model folder; see `stancelib.load`."""
        return cls(read_model(path))

    @property
    def thresholds(self) -> dict[str, float]:
        """Probability from which each theme is given."""
        return dict(zip(self.themes, self._stored.thresholds.tolist(), strict=True))

    def score(self, text: str, *, title: str | None = None) -> Article:
        """Score a text.

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
        """
        return self._article(text, title, self._read_text(text, title))

    def score_sentences(
        self, sentences: Sequence[str], *, title: str | None = None, before: Sequence[str] = ()
    ) -> Article:
        """Score consecutive sentences of one text, cut by the caller.

        Parameters
        ----------
        sentences : sequence of str
            The sentences in order; one comes back for each. Of one longer than 10,000
            characters only so much is read, and ``warnings`` says so.
        title : str or None, optional
            Title of their text, read as a sentence before all others; context only.
        before : sequence of str, optional
            Sentences that stand before the first; context only.

        Returns
        -------
        Article
            Its `text` is the sentences joined by newlines.

        Raises
        ------
        TypeError
            `sentences` or `before` is a string or holds something else than strings, or
            `title` is not a string.
        """
        sentences = _check_texts(sentences, "sentences")
        before = _check_texts(before, "before")
        _check_title(title)
        ends = np.cumsum([len(s) + 1 for s in sentences]).tolist()
        spans = [Span(e - 1 - len(s), e - 1, False) for s, e in zip(sentences, ends, strict=True)]
        return self._article(
            "\n".join(sentences), title, self._read(sentences, spans, title, before)
        )

    def score_many(
        self,
        texts: Iterable[str],
        *,
        titles: Iterable[str | None] | None = None,
        n_jobs: int = 1,
        batch_size: int = 64,
        progress: bool = False,
    ) -> Iterator[Article]:
        """Score texts one after the other, lazily and in order.

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

        Yields
        ------
        Article
            The same as `score` gives for each text.

        Raises
        ------
        TypeError
            `texts` or `titles` is a string, or one of them is not a string.
        ValueError
            `batch_size` is less than 1, or there are more titles than texts or fewer.
        """
        if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
            raise TypeError(f"texts is {_describe(texts)}; pass a list of texts, or use score()")
        if isinstance(titles, str | bytes):
            raise TypeError(f"titles is {_describe(titles)}; pass a title for each text")
        if batch_size < 1:
            raise ValueError(f"batch_size is {batch_size}, expected 1 or more")
        return self._score_many(texts, titles, n_jobs, batch_size, progress)

    def save(self, path: str | Path, *, overwrite: bool = False) -> None:
        """Write the model to a folder.

        Parameters
        ----------
        path : str or Path
            The folder to make; `stancelib.load` reads it. A model that is there already is
            replaced only if it was trained on the same sentences, and its out-of-fold
            macro-F1 (mean of themes and tone) is not higher.
        overwrite : bool, optional
            Whether to replace a model that is there in any case.

        Raises
        ------
        FileExistsError
            There is a model at `path` that is better or cannot be compared, and
            `overwrite` is false; or there is something else.
        ModelFileError
            What is at `path` looks like a model, but cannot be read.
        """
        stored = self._stored
        if not overwrite and (Path(path) / "model.json").is_file():
            self._check_not_worse(path, read_model(path).card)
            overwrite = True
        write_model(
            path,
            stored.scorer,
            themes=self.themes,
            tones=self.tones,
            thresholds=stored.thresholds,
            card=self.card,
            readme=render_card(self.card),
            probes=stored.probes,
            overwrite=overwrite,
        )

    def _check_not_worse(self, path: str | Path, card: dict[str, Any]) -> None:
        if held_out(card) is None or held_out(card) != held_out(self.card):
            raise FileExistsError(
                f"{path} holds a model trained on other sentences, so that scores cannot be "
                "compared; choose another folder, or pass overwrite=True"
            )
        before, now = mean_macro_f1(card), mean_macro_f1(self.card)
        if now < before:
            raise FileExistsError(
                f"{path} holds a model that scores higher on the same sentences: macro-F1 "
                f"{before:.4f}, this one {now:.4f}; choose another folder, or pass overwrite=True"
            )

    def report(self) -> str:
        """Say how good the model is: its card, as Markdown.

        Returns
        -------
        str
            Out-of-fold scores with intervals; for a model of `stancelib.train` also those
            of its base and of the most frequent label on the same sentences, and what more
            labels would bring.

        Examples
        --------
        >>> import stancelib
        >>> print(stancelib.load().report().splitlines()[0])
        # stancelib default
        """
        return render_card(self.card)

    def __repr__(self) -> str:
        return f"<Model {self.card.get('name', '')!r}: themes {self.themes}, tones {self.tones}>"

    def _score_many(
        self,
        texts: Iterable[str],
        titles: Iterable[str | None] | None,
        n_jobs: int,
        batch_size: int,
        progress: bool,
    ) -> Iterator[Article]:
        if progress:
            from tqdm import tqdm

            texts = tqdm(texts, unit=" texts")
        titled = _titled(texts, titles)
        if n_jobs == 1:
            for text, title in titled:
                yield self.score(text, title=title)
            return
        from joblib import Parallel, delayed

        source, waiting = iter(titled), deque[list[_Titled]]()

        def batches() -> Iterator[list[_Titled]]:
            while batch := list(islice(source, batch_size)):
                waiting.append(batch)
                yield batch

        work = Parallel(n_jobs=n_jobs, return_as="generator", pre_dispatch="2*n_jobs")
        for outcomes in work(delayed(self._read_batch)(batch) for batch in batches()):
            for (text, title), outcome in zip(waiting.popleft(), outcomes, strict=True):
                yield self._article(text, title, outcome)

    def _read_batch(self, titled: Sequence[_Titled]) -> list["_Outcome"]:
        return [self._read_text(text, title) for text, title in titled]

    def _read_text(self, text: str, title: str | None) -> "_Outcome":
        _check_text(text, "text")
        _check_title(title)
        spans = split_sentences(text)
        return self._read([text[s.start : s.end] for s in spans], spans, title, ())

    def _read(
        self, sentences: Sequence[str], spans: list[Span], title: str | None, before: Sequence[str]
    ) -> "_Outcome":
        lead = [*([title] if title is not None and title.strip() else []), *before]
        first, last = len(lead), len(lead) + len(sentences)
        texts = [text[:MAX_SENTENCE] for text in (*lead, *sentences)]
        opens = np.array([False] * first + [s.heading for s in spans], dtype=bool)
        if spans and not before:
            opens[first] = False  # a heading at the very start stands under the title
        sections = np.cumsum(opens)
        blocks = [
            self._read_block(texts, sections, start, min(start + BLOCK, last))
            for start in range(first, max(last, first + 1), BLOCK)
        ]
        scores, around, n_words, n_unknown = zip(*blocks, strict=True)
        return _Outcome(
            spans, np.concatenate(scores), np.concatenate(around), sum(n_words), sum(n_unknown)
        )

    def _read_block(
        self, texts: Sequence[str], sections: NDArray[np.int64], start: int, end: int
    ) -> tuple[Array, Array, int, int]:
        """Score some sentences among those they hear: the last four fields of `_Outcome`."""
        scorer = self.scorer
        heard = slice(max(start - HEARD, 0), end + HEARD)
        own = slice(start - heard.start, end - heard.start)
        reading = scorer.read(texts[heard])
        around = scorer.surroundings(reading.pooled, sections[heard])[own]
        return (
            scorer.combine(reading.scores[own], around),
            around,
            int(reading.n_words[own].sum()),
            int(reading.n_unknown[own].sum()),
        )

    def _article(self, text: str, title: str | None, outcome: "_Outcome") -> Article:
        probabilities = self.scorer.probabilities(outcome.scores)
        n_themes = len(self.themes)
        return Article(
            text=text,
            title=title,
            spans=outcome.spans,
            theme_probabilities=probabilities[:, :n_themes],
            tone_probabilities=probabilities[:, n_themes:],
            theme_names=self.themes,
            tone_names=self.tones,
            thresholds=self._stored.thresholds,
            warnings=(*_length_warnings(outcome), *_language_warnings(text, outcome)),
            _explain=partial(self._explain, text, outcome),
        )

    def _explain(self, text: str, outcome: "_Outcome", index: int, label: str) -> Explanation:
        scorer, span, scores = self.scorer, outcome.spans[index], outcome.scores[index]
        sentence, n_labels = text[span.start : span.end][:MAX_SENTENCE], len(scores)
        blend, column = scorer.blend, self._column(label)
        if label in self.tones:
            tones = slice(len(self.themes), None)
            weights = blend[:, column] - blend[:, tones].mean(axis=1)
            log_odds = scores[column] - scores[tones].mean()
        else:
            weights, log_odds = blend[:, column], scores[column]
        found, words, phrases, base = scorer.parts(sentence, weights[:-1])
        tokens = token_spans(sentence)
        contributions = [
            _contribution(text, span.start, tokens[i], tokens[i], value)
            for i, value in enumerate(words[:-1].tolist())
        ]
        for first, last, value in zip(found.places, found.ends, phrases.tolist(), strict=True):
            contributions.append(
                _contribution(text, span.start, tokens[first], tokens[last], value)
            )
        return Explanation(
            label=label,
            probability=float(scorer.probabilities(scores[None])[0, column]),
            log_odds=float(log_odds),
            words=tuple(sorted(contributions, key=lambda c: (c.start, c.end))),
            surroundings=float(outcome.around[index] @ weights[n_labels:-1]),
            base=float(words[-1] + base + weights[-1]),
        )

    def _column(self, label: str) -> int:
        labels = [*self.themes, *self.tones]
        if label not in labels:
            raise ValueError(f"no theme or tone {label!r}; this model has {labels}")
        return labels.index(label)


_loading = Lock()


def default_model() -> Model:
    """Load the bundled model; once, whichever threads ask."""
    with _loading:
        return _load_default()


@lru_cache(maxsize=1)
def _load_default() -> Model:
    for folder in DEFAULT_FOLDERS:
        if folder.is_dir():
            return Model.load(folder)
    raise FileNotFoundError(f"no bundled model in {' or '.join(map(str, DEFAULT_FOLDERS))}")


def _contribution(
    text: str, offset: int, first: tuple[str, int, int], last: tuple[str, int, int], value: float
) -> Contribution:
    start, end = offset + first[1], offset + last[2]
    return Contribution(text[start:end], start, end, value)


def _length_warnings(outcome: _Outcome) -> tuple[str, ...]:
    n_long = sum(span.end - span.start > MAX_SENTENCE for span in outcome.spans)
    if not n_long:
        return ()
    return (
        f"{n_long} sentences are longer than {MAX_SENTENCE} characters; only so much of them was "
        "read; cut them, or pass the text to score()",
    )


def _language_warnings(text: str, outcome: _Outcome) -> tuple[str, ...]:
    n_words = outcome.n_words
    if n_words < MIN_WORDS and sum(c.isalpha() for c in text) < MIN_LETTERS:
        return ()
    known = 1 - outcome.n_unknown / max(n_words, 1)
    if known >= MIN_KNOWN_SHARE:
        return ()
    return (
        f"only {known:.0%} of {n_words} words are known to the model, too few to trust the scores; "
        "is the text in another language than the model was trained on?",
    )


def _titled(texts: Iterable[str], titles: Iterable[str | None] | None) -> Iterator[_Titled]:
    """Each text with its title."""
    end = object()
    pairs: Iterable[tuple[Any, Any]] = (
        zip(texts, repeat(None), strict=False)
        if titles is None
        else zip_longest(texts, titles, fillvalue=end)
    )
    for i, (text, title) in enumerate(pairs):
        if text is end or title is end:
            more, fewer = ("titles", "texts") if text is end else ("texts", "titles")
            raise ValueError(f"there are {i} {fewer} and more {more}; pass a title for each text")
        _check_text(text, f"texts[{i}]")
        if title is not None:
            _check_text(title, f"titles[{i}]")
        yield text, title


def _check_text(text: object, name: str) -> None:
    if not isinstance(text, str):
        raise TypeError(f"{name} is {_describe(text)}; pass a string{_remedy(text, name)}")


def _check_title(title: object) -> None:
    if title is not None:
        _check_text(title, "title")


def _check_texts(texts: Iterable[str], name: str) -> list[str]:
    if isinstance(texts, str | bytes) or not isinstance(texts, Iterable):
        raise TypeError(f"{name} is {_describe(texts)}; pass a list of strings")
    texts = list(texts)
    for i, text in enumerate(texts):
        _check_text(text, f"{name}[{i}]")
    return texts


def _describe(value: object) -> str:
    return "None" if value is None else f"of type {type(value).__name__}"


def _remedy(value: object, name: str) -> str:
    if isinstance(value, bytes):
        return f", decoded first: {name}.decode('utf-8')"
    if isinstance(value, list | tuple) and name == "text":
        return ", or use score_many() for several texts"
    return ""
