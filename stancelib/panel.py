"""Many articles with metadata: from sentences to findings."""

import warnings
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, overload

import numpy as np
from numpy.typing import NDArray

from stancelib.aggregation import Readings, Summary, summarise
from stancelib.article import Article
from stancelib.errors import DataError, PanelWarning, listed, report_faults
from stancelib.examples import read_examples
from stancelib.grouping import Groups, make_groups, missing_cells
from stancelib.html_report import render_report
from stancelib.model import Model, default_model
from stancelib.panel_arrays import SENTENCE_COLUMNS, PanelArrays, gather_articles
from stancelib.panel_estimates import COLUMNS, estimate_groups
from stancelib.panel_sources import read_articles
from stancelib.records import Passage
from stancelib.sampling import Gold, Sample, draw_sample, match_examples, write_sample

if TYPE_CHECKING:
    import pandas as pd

MIN_ARTICLES = 5
QUANTITIES = ("share", "tone_score", "balance")
_GROUP_COLUMNS = (
    *("theme", "n_articles", "n_sentences", "n_all"),
    *(f"{quantity}{end}" for quantity in QUANTITIES for end in ("", "_low", "_high")),
    "note",
)
_FRAME_COLUMNS = (  # those of all panels
    *("article", "sentence", "start", "end", "text", "tone", "tone_score", "confidence"),
    *("theme", "given", "probability"),
)
_Names = str | Sequence[str] | None


class Panel:
    """Many scored articles with what is known of them; needs pandas.

    Made by `from_frame`, `from_articles` or `from_files`. ``len(panel)`` counts articles.
    Articles are numbered from 0, in the order in which they came.

    Attributes
    ----------
    themes, tones : tuple of str
        Names of the themes and tones.
    arrays : PanelArrays
        All sentences, a row each.

    Examples
    --------
    >>> import pandas, stancelib
    >>> frame = pandas.DataFrame({
    ...     "text": ["Exports rose to a record.", "The glaciers are vanishing."],
    ...     "outlet": ["Gazette", "Herald"],
    ... })
    >>> panel = stancelib.Panel.from_frame(frame)
    >>> panel
    <Panel of 2 articles, 2 sentences; metadata: outlet>
    >>> found = panel.by("outlet", min_articles=1).query("theme == 'climate'")
    >>> found[["outlet", "share"]].values.tolist()
    [['Gazette', 0.0], ['Herald', 1.0]]
    """

    def __init__(self, arrays: PanelArrays, metadata: "pd.DataFrame") -> None:
        self.arrays = arrays
        self.themes = arrays.themes
        self.tones = arrays.tones
        self._metadata = _checked_names(metadata, arrays.themes, arrays.tones)

    @classmethod
    def from_articles(
        cls,
        articles: Iterable[Article],
        metadata: "pd.DataFrame | Sequence[Mapping[str, Any]] | None" = None,
        *,
        errors: str = "raise",
    ) -> Self:
        """Make a panel of scored articles.

        Parameters
        ----------
        articles : iterable of Article
            Scored by one model; a generator will do.
        metadata : data frame, sequence of dict or None, optional
            What is known of them, one row an article, in the same order.
        errors : str, optional
            What to do about texts that are empty, or that stand there twice: "raise", or
            "warn" and keep them. An empty text has no sentences and counts nowhere; one that
            stands there twice counts twice.

        Returns
        -------
        Panel
            Of these articles.

        Raises
        ------
        DataError
            There are no articles, or they were scored by models with other labels; texts are
            empty or stand there twice, and `errors` is "raise"; a column of metadata is called
            as one of `to_frame`.
        ImportError
            pandas is not installed.
        TypeError
            `articles` holds something else, or is a single one; `metadata` is a single dict.
        ValueError
            There are more rows of metadata than articles, or fewer.
        """
        pd = _pandas()
        if isinstance(articles, Article | str):
            raise TypeError(f"articles is one {type(articles).__name__}; pass a list of Article")
        if isinstance(metadata, str | Mapping):
            raise TypeError(f"metadata is one {type(metadata).__name__}; pass a dict an article")
        if metadata is not None and not isinstance(metadata, pd.DataFrame):
            metadata = pd.DataFrame(list(metadata))
        arrays = gather_articles(articles)
        if metadata is None:
            metadata = pd.DataFrame(index=range(len(arrays.texts)))
        if len(metadata) != len(arrays.texts):
            raise ValueError(
                f"metadata has {len(metadata)} rows, there are {len(arrays.texts)} articles; "
                "pass one row an article"
            )
        report_faults(_text_faults(arrays.texts), errors)
        return cls._made(arrays, metadata)

    @classmethod
    def from_frame(
        cls,
        frame: "pd.DataFrame",
        *,
        text: str = "text",
        title: str | None = None,
        model: Model | None = None,
        n_jobs: int = 1,
        progress: bool = False,
        errors: str = "raise",
    ) -> Self:
        """Score the texts of a data frame.

        Parameters
        ----------
        frame : pandas.DataFrame
            One row an article. All columns but text and title are metadata.
        text : str, optional
            Column of the texts.
        title : str or None, optional
            Column of the titles, which are read as context.
        model : Model or None, optional
            None for the bundled one.
        n_jobs, progress : optional
            See `Model.score_many`.
        errors : str, optional
            See `from_articles`; a missing text is an empty one.

        Returns
        -------
        Panel
            Of all rows, in order.

        Raises
        ------
        DataError
            See `from_articles`; nothing is scored before texts are checked.
        ImportError
            pandas is not installed.
        TypeError
            `frame` is no data frame, or a text or title is no string.
        ValueError
            There is no such column.
        """
        pd = _pandas()
        if not isinstance(frame, pd.DataFrame):
            raise TypeError(f"frame is of type {type(frame).__name__}, expected a data frame")
        for column in [text, title] if title is not None else [text]:
            if column not in frame:
                raise ValueError(f"no column {column!r}; there are {list(frame.columns)}")
        texts = _filled(frame[text], "")
        titles = None if title is None else _filled(frame[title], None)
        strange = [i for i, value in enumerate(texts) if not isinstance(value, str)]
        if strange:
            raise TypeError(
                f"{text!r} holds something else than text in {len(strange)} of {len(texts)} rows: "
                f"{listed(strange)}"
            )
        report_faults(_text_faults(texts), errors)
        metadata = frame.drop(columns=[text] if title is None else [text, title])
        model = default_model() if model is None else model
        _checked_names(metadata, model.themes, model.tones)
        scored = model.score_many(texts, titles=titles, n_jobs=n_jobs, progress=progress)
        return cls._made(gather_articles(scored), metadata)

    @classmethod
    def from_files(
        cls,
        paths: str | Path | Sequence[str | Path],
        *,
        text: str = "text",
        title: str | None = None,
        encoding: str = "utf-8-sig",
        model: Model | None = None,
        n_jobs: int = 1,
        progress: bool = False,
        errors: str = "raise",
    ) -> Self:
        """Score the texts of files: one text each (.txt), or JSON Lines, JSON, CSV, TSV, Parquet.

        Parameters
        ----------
        paths : str, Path or sequence of these
            Files, and folders with files; folders within them are not entered.
        text : str, optional
            Column or field of the text, in all but .txt files; the others are metadata.
        title : str or None, optional
            Column of the title.
        encoding : str, optional
            Of text files; UTF-8 with or without a mark at its beginning.
        model, n_jobs, progress : optional
            See `from_frame`.
        errors : str, optional
            See `from_articles`; files of other kinds too are named, or left out with a warning.

        Returns
        -------
        Panel
            Metadata ``file`` is the name of the file.

        Raises
        ------
        DataError
            See `from_articles`; or a file cannot be read as what its name says.
        ImportError
            pandas is not installed, or what it needs to read Parquet.
        OSError
            A file cannot be opened.
        """
        _pandas()
        frame = read_articles(paths, text=text, encoding=encoding, errors=errors)
        return cls.from_frame(
            frame,
            text=text,
            title=title,
            model=model,
            n_jobs=n_jobs,
            progress=progress,
            errors=errors,
        )

    @property
    def articles(self) -> Sequence[Article]:
        """The articles, made when asked for.

        Probabilities have the precision of float32, and sentences cannot explain themselves;
        score ``article.text`` for that.
        """
        return _Articles(self.arrays)

    @property
    def metadata(self) -> "pd.DataFrame":
        """What is known of the articles: a copy, one row each."""
        return self._metadata.copy()

    def by(
        self,
        groups: _Names = None,
        *,
        date: str = "date",
        min_articles: int = MIN_ARTICLES,
        n_draws: int = 1000,
        seed: int = 0,
        errors: str = "raise",
    ) -> "pd.DataFrame":
        """Count themes and average tones by group, as the model sees them.

        Intervals say how much numbers would vary if other articles of the kind had been
        published: a bootstrap over articles, whose sentences hang together [1]_. They do not
        know the errors of the model; `estimate` corrects those. With fewer than some 20
        articles they are too short.

        Parameters
        ----------
        groups : str, sequence of str or None, optional
            Columns of metadata; "heading", whether a sentence is one; or, where metadata have
            no column of that name, "year", "quarter", "month", "week" (ISO 8601) or "day".
            None takes all articles together.
        date : str, optional
            Column of the dates that periods are made of: ISO 8601 text, dates or timestamps.
            A time zone is left as it is.
        min_articles : int, optional
            Groups with fewer articles get NaN and a note; so do tones of themes that fewer
            articles of the group carry.
        n_draws : int, optional
            Bootstrap samples.
        seed : int, optional
            Of the bootstrap.
        errors : str, optional
            What to do about articles without a group or date: "raise", or "warn" and leave
            them out.

        Returns
        -------
        pandas.DataFrame
            One row a group and theme, and one for theme "all", every sentence. Columns:

            - the groups; periods as text, "2024", "2024-Q2", "2024-05", "2024-W18",
              "2024-05-31";
            - ``theme``; ``n_articles`` and ``n_all``, articles and sentences of the group;
              ``n_sentences``, those of the theme;
            - ``share``, their share of the group's sentences, 0 to 1;
            - ``tone_score``, their mean tone score, -1 to 1;
            - ``balance``, the share of positive ones less that of negative ones, -1 to 1;
            - ``_low`` and ``_high`` of these three, ends of 95 % intervals;
            - ``note``, why numbers are missing, else empty.

        Raises
        ------
        DataError
            Articles lack a group or date, and `errors` is "raise".
        ValueError
            There is no such column, or it is called as one that is returned; `n_draws` or
            `min_articles` is less than 1.

        References
        ----------
        .. [1] Efron and Tibshirani (1993), "An introduction to the bootstrap"; Cameron,
           Gelbach and Miller (2008), "Bootstrap-based improvements for inference with
           clustered errors", Review of Economics and Statistics 90.
        """
        _check_least(n_draws=n_draws, min_articles=min_articles)
        made = self._groups(groups, date, errors, _GROUP_COLUMNS)
        arrays = self.arrays
        summary = summarise(
            Readings(arrays.articles, arrays.given, arrays.tone_scores, arrays.signs),
            made.codes,
            len(made.keys),
            min_articles=min_articles,
            n_draws=n_draws,
            seed=seed,
        )
        return _group_frame(made, (*self.themes, "all"), summary, min_articles)

    def to_frame(self, shape: str = "wide") -> "pd.DataFrame":
        """Turn all sentences into a data frame, for CSV, Parquet or other packages.

        Parameters
        ----------
        shape : str, optional
            "wide", one row a sentence, or "long", one row a sentence and theme.

        Returns
        -------
        pandas.DataFrame
            ``article`` (its number) and metadata; then, if wide, the columns of
            `Article.to_frame`; if long, ``sentence``, ``heading``, ``tone``, ``tone_score``
            and ``confidence`` of the sentence, ``theme``, whether it was ``given``, and its
            ``probability``.

        Raises
        ------
        ValueError
            `shape` is neither.
        """
        pd = _pandas()
        if shape not in ("wide", "long"):
            raise ValueError(f"shape is {shape!r}, expected 'wide' or 'long'")
        arrays = self.arrays
        columns = _wide_columns(arrays) if shape == "wide" else _long_columns(arrays)
        rows = arrays.articles if shape == "wide" else arrays.articles.repeat(len(self.themes))
        metadata = self._metadata.iloc[rows].reset_index(drop=True)
        return pd.concat([pd.DataFrame({"article": rows}), metadata, pd.DataFrame(columns)], axis=1)

    def to_html(
        self,
        groups: _Names = None,
        *,
        date: str = "date",
        min_articles: int = MIN_ARTICLES,
        pictures: bool = True,
        card: Mapping[str, Any] | None = None,
    ) -> str:
        """Write all articles, and the numbers of groups, as one HTML page.

        Parameters
        ----------
        groups : str, sequence of str or None, optional
            Of `by`; None for one row of all articles.
        date, min_articles : str, int, optional
            Of `by`.
        pictures : bool, optional
            Whether to draw each article as a strip.
        card : mapping or None, optional
            The card of the model (`Model.card`), for its scores and limits.

        Returns
        -------
        str
            See `stancelib.render_report`. A page of thousands of articles is large.

        Raises
        ------
        DataError, TypeError, ValueError
            See `by` and `stancelib.render_report`.
        """
        titles = [article.title for article in self.articles]
        if "title" in self._metadata:
            titles = _filled(self._metadata["title"], None)
        return render_report(
            self.articles,
            titles=[title or f"Article {i}" for i, title in enumerate(titles)],
            groups=self.by(groups, date=date, min_articles=min_articles),
            pictures=pictures,
            card=card,
        )

    def sample_for_coding(
        self,
        n: int,
        *,
        by: _Names = None,
        date: str = "date",
        seed: int = 0,
        path: str | Path | None = None,
        format: str = "jsonl",  # noqa: A002
        overwrite: bool = False,
    ) -> Sample:
        """Draw sentences at random for coding by hand, and write them to a file.

        Coders get the sentence, its title and the two sentences before it, but neither the
        model's labels nor metadata, since both would sway them; if suggestions must be,
        `write_examples` takes ``sample.passages`` and a model. In doccano and Label Studio the
        sentences before are the field ``context``; a Label Studio interface shows it, and the
        title, when it names ``$context`` and ``$title``. After coding, hand the file to
        `estimate`. Ids, texts and the field ``inclusion_probability`` must stay.

        Parameters
        ----------
        n : int
            How many sentences.
        by : str, sequence of str or None, optional
            Strata, as the groups of `by`: drawn in proportion to their sentences, but at
            least two of each, or one if `n` is too small for that. Take what you want to
            estimate by.
        date : str, optional
            Column of the dates that periods are made of.
        seed : int, optional
            Of the draws. The same panel and seed give the same sample.
        path : str, Path or None, optional
            Where to write it.
        format : str, optional
            Of the file: "jsonl", "doccano" or "label-studio"; see `write_examples`.
        overwrite : bool, optional
            Whether to replace a file that exists.

        Returns
        -------
        Sample
            In random order, so that the first part of it is a random sample as well.

        Raises
        ------
        DataError
            Articles lack a stratum or date.
        FileExistsError
            There is something at `path`, and `overwrite` is false.
        ValueError
            `n` is less than the number of strata or more than that of sentences; there is no
            such column or format.

        Examples
        --------
        >>> import stancelib
        >>> panel = stancelib.Panel.from_articles(
        ...     stancelib.score_many(["Exports rose. Imports fell.", "It rained. It stopped."])
        ... )
        >>> sample = panel.sample_for_coding(2)
        >>> len(sample), sample.inclusion_probabilities.tolist()
        (2, [0.5, 0.5])
        """
        strata = self._groups(by, date, "raise", ())
        sample = draw_sample(self.arrays, strata.codes, n, seed)
        if path is not None:
            write_sample(sample, path, format, overwrite=overwrite)
        return sample

    def match(self, examples: str | Path | Sequence[Passage], *, errors: str = "raise") -> Gold:
        """Find the coded sentences of a sample in the panel.

        Parameters
        ----------
        examples : str, Path or sequence of Passage
            The sample, coded: a file for `read_examples`, or what it returned.
        errors : str, optional
            What to do about sentences that are not of the panel, have another text, no
            inclusion probability or no codes, or stand there twice: "raise", or "warn" and
            leave them out. That does no harm if coders stopped early; if they passed over
            what was hard to code, estimates are biased.

        Returns
        -------
        Gold
            Their rows, inclusion probabilities and labels.

        Raises
        ------
        DataError
            There are such sentences, and `errors` is "raise"; labels are none of the panel's;
            or nothing is coded.
        TypeError
            `examples` holds something else.
        """
        if isinstance(examples, str | Path):
            examples = read_examples(examples)
        return match_examples(self.arrays, examples, errors=errors)

    def estimate(
        self,
        gold: str | Path | Sequence[Passage],
        *,
        by: _Names = None,
        date: str = "date",
        alpha: float = 0.05,
        min_articles: int = MIN_ARTICLES,
        errors: str = "raise",
    ) -> "pd.DataFrame":
        """Estimate shares of themes and tones, corrected for the errors of the model.

        Prediction-powered inference: what the model says of all sentences, moved by what it
        gets wrong in the coded sample. Such estimates are right on average even when the
        model is not; a good model makes their intervals shorter. Predictions are
        probabilities and tone scores, not the labels that `by` counts. Intervals take
        articles for a sample, as those of `by` do. See `stancelib.prediction_powered`.

        Parameters
        ----------
        gold : str, Path or sequence of Passage
            A sample of `sample_for_coding`, coded; see `match`.
        by : str, sequence of str or None, optional
            Groups, as in the method `by`. A group needs coded sentences of its own.
        date : str, optional
            Column of the dates that periods are made of.
        alpha : float, optional
            One less the level of the intervals.
        min_articles : int, optional
            Numbers that rest on coded sentences of fewer articles are NaN, with a note.
        errors : str, optional
            What to do about sentences that do not match, and articles without a group:
            "raise", or "warn" and leave them out.

        Returns
        -------
        pandas.DataFrame
            One row a group, theme and quantity. Columns:

            - the groups;
            - ``theme``; and ``quantity``: "share", of the group's sentences, or "tone_score",
              mean of the theme's sentences, where positive is 1 and negative -1; "all" has
              only the latter, of all sentences;
            - ``naive``, what the model alone says;
            - ``gold_only``, ``gold_only_low``, ``gold_only_high``: the coded sentences alone;
            - ``estimate``, ``low``, ``high``: both together;
            - ``n_gold``, coded sentences it rests on: for a share all of the group, for a tone
              those that carry the theme;
            - ``note``, why numbers are missing, else empty.

        Raises
        ------
        DataError
            See `match` and the method `by`.
        ValueError
            `alpha` is not between 0 and 1, `min_articles` is less than 3, or there is no such
            column.
        """
        pd = _pandas()
        if not 0 < alpha < 1:
            raise ValueError(f"alpha is {alpha}, expected a number between 0 and 1")
        _check_least(3, min_articles=min_articles)
        made = self._groups(by, date, errors, COLUMNS)
        found = estimate_groups(
            self.arrays,
            self.match(gold, errors=errors),
            made,
            alpha=alpha,
            min_articles=min_articles,
        )
        return pd.DataFrame(list(found), columns=[*made.names, *COLUMNS])

    def __len__(self) -> int:
        return len(self.arrays.texts)

    def __repr__(self) -> str:
        known = ", ".join(self._metadata.columns) or "none"
        counts = f"{len(self):,} articles, {len(self.arrays.articles):,} sentences"
        return f"<Panel of {counts}; metadata: {known}>"

    @classmethod
    def _made(cls, arrays: PanelArrays, metadata: "pd.DataFrame") -> Self:
        """Make the panel, and pass on what makes its scores doubtful."""
        doubtful = [i for i, of_article in enumerate(arrays.warnings) if of_article]
        if doubtful:
            warnings.warn(
                f"scores of {len(doubtful)} of {len(arrays.texts)} articles are doubtful: "
                f"{listed(doubtful)}; see panel.articles[{doubtful[0]}].warnings",
                PanelWarning,
                stacklevel=3,
            )
        return cls(arrays, metadata.reset_index(drop=True))

    def _groups(self, names: _Names, date: str, errors: str, taken: Sequence[str]) -> Groups:
        names = (names,) if isinstance(names, str) else tuple(names or ())
        wrong = [name for name in names if name in taken or names.count(name) > 1]
        if wrong:
            raise ValueError(
                f"{wrong[0]!r} is also a column of the result, or stands there twice; rename it"
            )
        return make_groups(
            names,
            self._metadata,
            self.arrays.articles,
            self.arrays.columns,
            date=date,
            errors=errors,
        )


class _Articles(Sequence[Article]):
    """Articles of a panel, made one by one."""

    def __init__(self, arrays: PanelArrays) -> None:
        self._arrays = arrays

    def __len__(self) -> int:
        return len(self._arrays.texts)

    @overload
    def __getitem__(self, index: int) -> Article: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Article, ...]: ...
    def __getitem__(self, index: int | slice) -> Article | tuple[Article, ...]:
        numbers = range(len(self))[index]
        if isinstance(numbers, range):
            return tuple(map(self._arrays.article, numbers))
        return self._arrays.article(numbers)


def _pandas() -> Any:  # noqa: ANN401
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("panels need pandas: pip install 'stancelib[frames]'") from error
    return pd


def _checked_names(
    metadata: "pd.DataFrame", themes: Sequence[str], tones: Sequence[str]
) -> "pd.DataFrame":
    """Metadata with names of columns that are text, and no columns of `Panel.to_frame`."""
    labels = [*themes, *tones]
    taken = {*_FRAME_COLUMNS, *SENTENCE_COLUMNS, *labels, *(f"p_{name}" for name in labels)}
    names = [str(name) for name in metadata.columns]
    wrong = [name for name, n in Counter(names).items() if name in taken or n > 1]
    if wrong:
        raise DataError(
            f"metadata columns {wrong} stand there twice or are called as columns of to_frame(); "
            "rename them"
        )
    return metadata.set_axis(names, axis=1)


def _filled(column: "pd.Series", value: str | None) -> list[Any]:
    """Cells of a column, with a value for those that hold nothing."""
    cells = column.astype(object)
    return [value if gone else cell for cell, gone in zip(cells, missing_cells(cells), strict=True)]


def _text_faults(texts: Sequence[str]) -> list[str]:
    """Name texts that are empty, and those that stand there twice."""
    empty = [i for i, text in enumerate(texts) if not text.strip()]
    first: dict[str, int] = {}
    twice = [
        f"{i} (as {first[text]})"
        for i, text in enumerate(texts)
        if text.strip() and first.setdefault(text, i) != i
    ]
    faults = (
        (empty, "articles are empty", "fill in their text, or leave them out"),
        (twice, "articles have the text of another", "keep one of each"),
    )
    return [
        f"{len(found)} of {len(texts)} {fault}: {listed(found)}; {remedy}, or keep them with "
        "errors='warn'"
        for found, fault, remedy in faults
        if found
    ]


def _check_least(least: int = 1, **values: int) -> None:
    for name, value in values.items():
        if value < least:
            raise ValueError(f"{name} is {value}, expected {least} or more")


def _group_frame(
    groups: Groups, themes: Sequence[str], summary: Summary, min_articles: int
) -> "pd.DataFrame":
    """Lay out a summary, one row a group and theme."""
    pd = _pandas()
    n = len(themes)
    keys = [key for key in groups.keys for _ in themes]
    columns: dict[str, Any] = {
        name: [key[i] for key in keys] for i, name in enumerate(groups.names)
    }
    columns["theme"] = list(themes) * len(groups.keys)
    columns["n_articles"] = summary.n_articles.repeat(n)
    columns["n_sentences"] = summary.n_sentences.ravel()
    columns["n_all"] = summary.n_sentences[:, -1].repeat(n)
    for i, quantity in enumerate(QUANTITIES):
        columns[quantity] = summary.values[i].ravel()
        columns[f"{quantity}_low"] = summary.low[i].ravel()
        columns[f"{quantity}_high"] = summary.high[i].ravel()
    unbounded = np.isnan(summary.low) & ~np.isnan(summary.values)
    columns["note"] = [
        _note(in_group, carrying, min_articles, bare)
        for in_group, carrying, bare in zip(
            columns["n_articles"].tolist(),
            summary.n_carrying.ravel().tolist(),
            unbounded.reshape(len(QUANTITIES), -1).T.tolist(),
            strict=True,
        )
    ]
    return pd.DataFrame(columns)


def _note(n_articles: int, n_carrying: int, min_articles: int, unbounded: Sequence[bool]) -> str:
    """Say which numbers are missing, and why."""
    if n_articles < min_articles:
        return f"articles: {n_articles}, fewer than {min_articles}"
    if n_articles == 1:
        return "one article: no intervals"
    notes = []
    if n_carrying < min_articles:
        notes.append(f"articles that carry the theme: {n_carrying}, fewer than {min_articles}")
    if any(unbounded):
        names = [name for name, bare in zip(QUANTITIES, unbounded, strict=True) if bare]
        notes.append(f"alike in all articles, so without interval: {', '.join(names)}")
    return "; ".join(notes)


def _wide_columns(arrays: PanelArrays) -> dict[str, Any]:
    """Columns of a wide frame, as `Article.to_frame` has them."""
    columns: dict[str, Any] = {
        "sentence": arrays.places,
        "start": arrays.starts,
        "end": arrays.ends,
        **arrays.columns,
        "text": [arrays.sentence(row) for row in range(len(arrays.articles))],
    }
    for i, theme in enumerate(arrays.themes):
        columns[theme] = arrays.given[:, i]
        columns[f"p_{theme}"] = arrays.theme_probabilities[:, i]
    columns["tone"] = arrays.chosen_tones
    for i, tone in enumerate(arrays.tones):
        columns[f"p_{tone}"] = arrays.tone_probabilities[:, i]
    columns["tone_score"] = arrays.tone_scores
    columns["confidence"] = arrays.confidences
    return columns


def _long_columns(arrays: PanelArrays) -> dict[str, Any]:
    """Columns of a long frame: those of each sentence as often as there are themes."""
    of_sentence: dict[str, NDArray[Any]] = {
        "sentence": arrays.places,
        **arrays.columns,
        "tone": arrays.chosen_tones,
        "tone_score": arrays.tone_scores,
        "confidence": arrays.confidences,
    }
    n = len(arrays.themes)
    return {
        **{name: values.repeat(n) for name, values in of_sentence.items()},
        "theme": np.tile(np.array(arrays.themes, dtype=object), len(arrays.articles)),
        "given": arrays.given.ravel(),
        "probability": arrays.theme_probabilities.ravel(),
    }
