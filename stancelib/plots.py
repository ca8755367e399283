"""Pictures of articles, of groups of articles and of explanations; needs matplotlib.

Every function draws on the axes it is given, or makes a figure, and returns the axes.
Tone is always shown twice: by colour, and by direction, marker or words, so that pictures
survive grey print and colour blindness.
"""

import datetime
import math
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stancelib.article import Article
from stancelib.errors import DataError
from stancelib.picture_data import (
    ALL,
    Strip,
    check_group_frame,
    group_columns,
    make_strip,
    plain,
    signed,
)
from stancelib.records import Explanation, ThemeSummary
from stancelib.render import printable

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

Array = NDArray[np.float64]

QUANTITIES = {
    "share": "share of sentences",
    "tone_score": "mean tone score",
    "balance": "share positive less share negative",
}
MAX_LABEL = 40  # characters
MAX_WORDS = 20
MAX_HEADINGS = 20  # names of headings that fit side by side
TICK_WIDTH = 0.8  # inches
MAX_OUTLETS = 6  # colours and markers that can be told apart

_TONES = ("negative", "neutral", "positive")
_PLACES = ("below the line", "on it", "above the line")
_COLOURS = ("#b2182b", "#8c8c8c", "#2166ac")
_MARKERS = ("v", "o", "^")
# Okabe and Ito (2008), without yellow, which vanishes on white.
_SERIES = (
    ("#0072b2", "o"),
    ("#d55e00", "s"),
    ("#009e73", "^"),
    ("#000000", "D"),
    ("#cc79a7", "v"),
    ("#56b4e9", "P"),
)
_FOR, _AGAINST = "#1b7837", "#762a83"  # not those of tones: a word may speak for "negative"
_FAINT, _BARS, _MUTED = "#d9d9d9", "#bdbdbd", "#595959"
_PERIODS = ("day", "week", "month", "quarter", "year")
_STEPS = {
    "day": (1, 7, 14, 28, 91, 182, 364),
    "week": (1, 2, 4, 13, 26, 52, 104),
    "month": (1, 2, 3, 6, 12, 24, 60, 120),
    "quarter": (1, 2, 4, 8, 20, 40),
    "year": (1, 2, 5, 10, 20, 50),
}
_ISO = {
    "year": re.compile(r"(\d{4})"),
    "quarter": re.compile(r"(\d{4})-?Q([1-4])"),
    "month": re.compile(r"(\d{4})-(0[1-9]|1[0-2])"),
    "week": re.compile(r"(\d{4})-?W(0[1-9]|[1-4]\d|5[0-3])"),
    "day": re.compile(r"(\d{4})-(\d\d)-(\d\d)"),
}


def plot_article(article: Article, *, ax: "Axes | None" = None) -> "Axes":
    """Draw an article as a strip: sentences in order, a lane for all and one for each theme.

    A bar is a sentence: above the line when positive, below when negative, on it when
    neutral. Long articles are cut into 120 bins; there the height of a bar is a share of
    the bin's sentences, and the lanes of the themes are stretched alike, so that the
    tallest bar fills its lane. Headings are ticks along the top.

    Parameters
    ----------
    article : Article
        A scored text.
    ax : matplotlib.axes.Axes or None, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes that were drawn on.

    Raises
    ------
    TypeError
        `article` is not an `Article`.
    ImportError
        matplotlib is not installed.

    Examples
    --------
    >>> import stancelib
    >>> from stancelib.plots import plot_article
    >>> article = stancelib.score("Exports fell. The two sides met on Friday.")
    >>> plot_article(article).get_xlabel()
    'sentence'
    """
    if not isinstance(article, Article):
        raise TypeError(f"article is of type {type(article).__name__}; pass an Article")
    strip = make_strip(article.sentences, article.theme_names)
    ax = _axes(ax, min(6 + len(article) / 20, 8), 1.3 + 0.45 * len(strip.lanes))
    _draw_bars(ax, strip)
    if {"negative", "positive"} <= set(article.tone_names):
        _explain_bars(ax, len(strip.lanes))
    _name_rows(ax, [plain(lane) for lane in strip.lanes])
    ax.set_xlim(-0.5, max(len(article), 1) - 0.5)
    _label_sentences(ax, strip)
    _mark_headings(ax, article)
    return ax


def plot_themes(
    frame: "pd.DataFrame | Mapping[str, ThemeSummary]", *, ax: "Axes | None" = None
) -> "Axes":
    """Draw how much each theme is spoken of, and in what tone.

    A dot is the share of the sentences, a line its interval. The mean tone score stands in
    words beside it, and the marker says its sign: up for positive, down for negative.

    Parameters
    ----------
    frame : pandas.DataFrame or mapping of str to ThemeSummary
        Rows of one group, as `Panel.by` gives them; or `Article.themes`, without intervals.
    ax : matplotlib.axes.Axes or None, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes that were drawn on.

    Raises
    ------
    TypeError
        `frame` is neither.
    DataError
        Columns are missing, or a theme has several rows.
    ImportError
        matplotlib is not installed.

    Examples
    --------
    >>> import stancelib
    >>> from stancelib.plots import plot_themes
    >>> article = stancelib.score("Exports fell. The two sides met on Friday.")
    >>> plot_themes(article.themes).get_xlabel()
    'share of sentences'
    """
    rows = _theme_rows(frame)
    ax = _axes(ax, 7, 1.1 + 0.38 * len(rows))
    _name_rows(ax, [plain(row["theme"]) for row in rows])
    for y, row in enumerate(rows):
        side = _side(row["tone_score"])
        if row["theme"] != ALL:
            _draw_interval(ax, y, row, "share", _COLOURS[side], _MARKERS[side])
        if row["theme"] == ALL or not math.isnan(row["share"]):
            _beside(ax, y, _tone_words(row))
    _beside(ax, -0.75, "mean tone score")
    ax.set_xlim(left=0)
    ax.xaxis.set_major_formatter(_per_cent())
    ax.set_xlabel(QUANTITIES["share"])
    return ax


def plot_tone_over_time(
    frame: "pd.DataFrame",
    *,
    theme: str = ALL,
    period: str | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw the mean tone score of a theme by period, with the number of articles below.

    The line breaks where a period is missing or had too few articles for a number.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a period and theme, as `Panel.by` gives it.
    theme : str, optional
        A theme of the frame; "all" for all sentences.
    period : str or None, optional
        The column of periods: "day", "week", "month", "quarter" or "year"; None takes the
        one that the frame has. Values as pandas periods or timestamps, dates, or ISO text:
        "2024-03-05", "2024-W10", "2024-03", "2024-Q1", "2024".
    ax : matplotlib.axes.Axes or None, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes of the tone; those of the articles lie over them.

    Raises
    ------
    TypeError
        `frame` is not a data frame.
    ValueError
        The frame has no such theme or period.
    DataError
        Columns are missing, a value is not a period, or a period has several rows.
    ImportError
        matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from stancelib.plots import plot_tone_over_time
    >>> tone = {"tone_score": [-0.1, 0.2], "tone_score_low": [-0.2, 0.1]}
    >>> columns = {"month": ["2024-01", "2024-02"], "n_articles": [40, 52], **tone}
    >>> frame = pd.DataFrame({"theme": "all", "tone_score_high": [0.0, 0.3], **columns})
    >>> plot_tone_over_time(frame).get_ylabel()
    'mean tone score, all sentences'
    """
    needed = ("theme", "n_articles", "tone_score", "tone_score_low", "tone_score_high")
    check_group_frame(frame, needed)
    period = _period_column(frame, period)
    rows = _rows_of_theme(frame, theme)
    numbers = [_period_number(row[period], period) for row in rows]
    _refuse_repeats(rows, numbers, period)
    x, columns = _spread(rows, numbers, needed[1:])
    ax = _axes(ax, 8, 3.8)
    _draw_line(ax, x, columns)
    _draw_counts(ax, x, columns["n_articles"])
    _label_periods(ax, x, period)
    ax.set_ylabel(f"{QUANTITIES['tone_score']}, {_label(plain(theme))}")
    return ax


def plot_comparison(
    frame: "pd.DataFrame",
    *,
    by: str = "outlet",
    theme: str | None = None,
    quantity: str = "tone_score",
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw two or more groups side by side, with intervals.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row a group and theme, as `Panel.by` gives it.
    by : str, optional
        The column that tells the groups apart.
    theme : str or None, optional
        One theme, with a row for each group; None draws all themes, with a row for each
        theme and a colour and marker for each of at most 6 groups.
    quantity : {"tone_score", "share", "balance"}, optional
        What to compare.
    ax : matplotlib.axes.Axes or None, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes that were drawn on.

    Raises
    ------
    TypeError
        `frame` is not a data frame.
    ValueError
        The frame has no such theme, `quantity` is another word, or there are more than 6
        groups and no theme.
    DataError
        Columns are missing, or a group has several rows of a theme.
    ImportError
        matplotlib is not installed.

    Examples
    --------
    >>> import pandas as pd
    >>> from stancelib.plots import plot_comparison
    >>> share = {"share": [0.2, 0.1], "share_low": [0.1, 0.05], "share_high": [0.3, 0.15]}
    >>> frame = pd.DataFrame({"outlet": ["Herald", "Gazette"], "theme": "climate", **share})
    >>> ax = plot_comparison(frame, theme="climate", quantity="share")
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['Herald', 'Gazette']
    """
    if quantity not in QUANTITIES:
        raise ValueError(f"quantity is {quantity!r}, expected one of {list(QUANTITIES)}")
    check_group_frame(frame, (by, "theme", quantity, f"{quantity}_low", f"{quantity}_high"))
    themes = _unique(frame["theme"]) if theme is None else [theme]
    if theme is None and quantity == "share":
        themes = [name for name in themes if name != ALL]  # whose share is 1
    cells = {name: _rows_of_theme(frame, name) for name in themes}
    for rows in cells.values():
        _refuse_repeats(rows, [row[by] for row in rows], by)
    groups = _unique(frame[by])
    if theme is not None:
        ax = _axes(ax, 7, 1.1 + 0.38 * len(groups))
        _draw_groups(ax, cells[theme], by, quantity)
        ax.set_title(_label(plain(theme)), loc="left")
    else:
        if len(groups) > MAX_OUTLETS:
            raise ValueError(
                f"{len(groups)} groups are more than the {MAX_OUTLETS} that can be told apart; "
                "choose some, or one theme with theme=..."
            )
        ax = _axes(ax, 7, 1.4 + max(0.38, 0.2 * len(groups)) * len(themes))
        _draw_series(ax, cells, groups, by, quantity)
    _value_axis(ax, quantity)
    return ax


def plot_explanation(explanation: Explanation, *, ax: "Axes | None" = None) -> "Axes":
    """Draw what each word adds to the log-odds of a label, in the order of the sentence.

    Only the 20 words and phrases that add most either way have bars of their own; the
    others are added up, as are the surroundings and the base. All bars together make the
    log-odds in the title.

    Parameters
    ----------
    explanation : Explanation
        What `Sentence.explain` returns.
    ax : matplotlib.axes.Axes or None, optional
        Where to draw; None makes a figure.

    Returns
    -------
    matplotlib.axes.Axes
        The axes that were drawn on.

    Raises
    ------
    TypeError
        `explanation` is not an `Explanation`.
    ImportError
        matplotlib is not installed.

    Examples
    --------
    >>> import stancelib
    >>> from stancelib.plots import plot_explanation
    >>> sentence = stancelib.score("Exports to China fell sharply.")[0]
    >>> plot_explanation(sentence.explain("negative")).get_xlabel()
    'added to the log-odds'
    """
    if not isinstance(explanation, Explanation):
        raise TypeError(
            f"explanation is of type {type(explanation).__name__}; pass sentence.explain(label)"
        )
    parts = _parts(explanation)
    ax = _axes(ax, 6.5, 1.2 + 0.26 * len(parts))
    values = np.array([value for _, value in parts])
    _name_rows(ax, [name for name, _ in parts])
    colours = [_FOR if value > 0 else _AGAINST for value in values]
    ax.barh(np.arange(len(parts)), values, height=0.7, color=colours)
    for y, value in enumerate(values):
        offset, align = (3, "left") if value >= 0 else (-3, "right")
        ax.annotate(
            signed(value),
            (value, y),
            (offset, 0),
            textcoords="offset points",
            ha=align,
            va="center",
            fontsize="small",
        )
    ax.axvline(0, color=_MUTED, linewidth=0.8)
    ax.margins(x=0.14)
    ax.set_xlabel("added to the log-odds")
    ax.set_title(
        f"{_label(plain(explanation.label))}: probability {explanation.probability:.2f}, "
        f"log-odds {signed(explanation.log_odds)}",
        loc="left",
        fontsize="medium",
    )
    return ax


def _axes(ax: "Axes | None", width: float, height: float) -> "Axes":
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError("pictures need matplotlib: pip install 'stancelib[plot]'") from error
    if ax is None:
        _, ax = pyplot.subplots(figsize=(width, height), layout="constrained")
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def _label(text: object, length: int = MAX_LABEL) -> str:
    """One short line without control characters; a dollar sign would begin a formula."""
    line = printable(" ".join(str(text).split()))
    line = line if len(line) <= length else line[: length - 1].rstrip() + "…"
    return line.replace("$", r"\$")


def _side(score: float) -> int:
    """Negative 0, neutral 1, positive 2; a score that rounds to nothing is neutral."""
    return 1 if math.isnan(score) else 1 + int(np.sign(round(score, 2)))


def _unique(values: "pd.Series[Any]") -> list[Any]:
    """Values in their order, "all" last."""
    return sorted(dict.fromkeys(values.tolist()), key=lambda value: value == ALL)


def _per_cent() -> Any:  # noqa: ANN401
    from matplotlib.ticker import FuncFormatter

    return FuncFormatter(lambda value, _: f"{round(100 * value, 1):g} %")


def _name_rows(ax: "Axes", names: Sequence[str]) -> None:
    """Name rows 0, 1, 2... from top to bottom."""
    ax.set_yticks(range(len(names)), [_label(name) for name in names])
    ax.set_ylim(max(len(names), 1) - 0.5, -0.5)
    ax.tick_params(axis="y", length=0)


def _draw_bars(ax: "Axes", strip: Strip) -> None:
    # Rows count downwards, so a bar above the line has the smaller y.
    stretch = np.array([[1.0], *[[1 / strip.tallest]] * (len(strip.lanes) - 1)]) * 0.42
    rows = np.arange(len(strip.lanes))[:, None]
    widths = np.diff(strip.edges)
    gap = 0.0 if strip.binned else 0.4 if len(widths) < 12 else 0.1
    for tone in range(3):
        bottom, top = rows - strip.lower[tone] * stretch, rows - strip.upper[tone] * stretch
        drawn = bottom > top
        x = np.broadcast_to(strip.edges[:-1] - 0.5 + gap / 2, drawn.shape)
        width = np.broadcast_to(widths - gap, drawn.shape)
        ax.bar(
            x[drawn],
            (top - bottom)[drawn],
            width[drawn],
            bottom[drawn],
            align="edge",
            color=_COLOURS[tone],
        )
    ax.hlines(rows[:, 0], -0.5, max(strip.edges[-1], 1) - 0.5, color=_MUTED, linewidth=0.5)


def _explain_bars(ax: "Axes", n_lanes: int) -> None:
    from matplotlib.patches import Patch

    keys = [
        Patch(color=_COLOURS[tone], label=f"{_TONES[tone]} ({_PLACES[tone]})") for tone in (2, 1, 0)
    ]
    ax.legend(
        handles=keys,
        loc="upper center",
        bbox_to_anchor=(0.5, -0.55 / n_lanes - 0.12),
        ncols=3,
        frameon=False,
        fontsize="small",
    )


def _label_sentences(ax: "Axes", strip: Strip) -> None:
    from matplotlib.ticker import MaxNLocator

    n_sentences, n_bins = int(strip.edges[-1]), len(strip.edges) - 1
    if not n_sentences:
        ax.set_xticks([])
        ax.set_xlabel("no sentences")
        return
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xlabel("sentence")
    if strip.binned:
        ax.set_xlabel(
            f"sentence, in bins of about {n_sentences / n_bins:.0f} (height: share of the bin; "
            f"lanes of themes reach to {100 * strip.tallest:.0f} %)"
        )


def _mark_headings(ax: "Axes", article: Article) -> None:
    places = [(i, s.text) for i, s in enumerate(article.sentences) if s.heading]
    if not places:
        return
    top = ax.secondary_xaxis("top")
    named, last = [], -math.inf
    for x, text in places:
        far = x - last >= len(article) / MAX_HEADINGS
        named.append(_label(text, 26) if far and len(places) <= MAX_HEADINGS else "")
        last = x if far else last
    top.set_xticks([x for x, _ in places], named, rotation=35, ha="left", fontsize="small")
    top.tick_params(length=5, pad=1, color=_MUTED)
    top.spines["top"].set_visible(False)
    if not any(named):
        top.set_xlabel("headings", fontsize="small")


def _theme_rows(frame: "pd.DataFrame | Mapping[str, ThemeSummary]") -> list[dict[str, Any]]:
    if isinstance(frame, Mapping):
        return [
            {"theme": name, "share": summary.share, "tone_score": summary.tone_score}
            for name, summary in frame.items()
        ]
    needed = ("theme", "share", "share_low", "share_high")
    check_group_frame(frame, (*needed, "tone_score", "tone_score_low", "tone_score_high"))
    rows = [row for theme in _unique(frame["theme"]) for row in _rows_of_theme(frame, theme)]
    if len(rows) > frame["theme"].nunique():
        raise DataError(
            f"frame has several groups, told apart by {group_columns(frame)}; "
            "choose the rows of one, or use plot_comparison"
        )
    return rows


def _rows_of_theme(frame: "pd.DataFrame", theme: str) -> list[dict[str, Any]]:
    rows = frame[frame["theme"] == theme]
    if not len(rows):
        raise ValueError(f"no theme {theme!r} in the frame; it has {_unique(frame['theme'])}")
    found: list[dict[str, Any]] = rows.to_dict("records")
    return found


def _refuse_repeats(rows: Sequence[Mapping[str, Any]], keys: Sequence[Any], column: str) -> None:
    seen = set()
    for row, key in zip(rows, keys, strict=True):
        if key in seen:
            raise DataError(
                f"several rows have {column} {row[column]!r} and theme {row['theme']!r}; "
                "choose those of one group first"
            )
        seen.add(key)


def _interval(row: Mapping[str, Any], quantity: str) -> tuple[float, float]:
    low, high = (float(row.get(f"{quantity}_{end}", math.nan)) for end in ("low", "high"))
    return low, high


def _draw_interval(
    ax: "Axes", y: float, row: Mapping[str, Any], quantity: str, colour: str, marker: str
) -> None:
    value, (low, high) = float(row[quantity]), _interval(row, quantity)
    if math.isnan(value):
        across = ax.get_yaxis_transform()
        ax.plot([1.03], [y], marker, color=colour, mfc="none", transform=across, clip_on=False)
        _beside(ax, y, "    " + _why(row))
        return
    ax.plot([low, high], [y, y], color=colour, linewidth=1.6, solid_capstyle="butt")
    ax.plot([value], [y], color=colour, marker=marker, markersize=7, linestyle="none")


def _beside(ax: "Axes", y: float, text: str) -> None:
    ax.annotate(
        text,
        (1.03, y),
        xycoords=ax.get_yaxis_transform(),
        va="center",
        fontsize="small",
        annotation_clip=False,
    )


def _why(row: Mapping[str, Any]) -> str:
    """Say why there is no number."""
    return _label(row.get("note") or "no number", 56)


def _tone_words(row: Mapping[str, Any]) -> str:
    if math.isnan(row["tone_score"]):
        return _why(row)
    low, high = _interval(row, "tone_score")
    interval = "" if math.isnan(low) else f" ({signed(low)} to {signed(high)})"
    return signed(row["tone_score"]) + interval


def _period_column(frame: "pd.DataFrame", period: str | None) -> str:
    found = [name for name in _PERIODS if name in frame.columns]
    if period is None and len(found) == 1:
        return found[0]
    if period not in found:
        wanted = "one column of periods" if period is None else f"a column {period!r}"
        raise ValueError(
            f"expected {wanted}, one of {list(_PERIODS)}; the frame has {list(frame.columns)}"
        )
    return period


def _period_number(value: Any, period: str) -> int:  # noqa: ANN401
    """Give each period a number, and the next one the next number."""
    try:
        return _number_of(value, period)
    except ValueError as error:
        raise DataError(
            f"{value!r} is no {period}; expected ISO text or a date, such as "
            f"{_period_name(_number_of(datetime.date(2024, 3, 5), period), period)!r}"
        ) from error


def _number_of(value: Any, period: str) -> int:  # noqa: ANN401
    day = getattr(value, "start_time", value)  # of a pandas period
    if day != day:  # pandas' "not a time" is a date by its type
        raise ValueError(value)
    if not isinstance(day, datetime.date):
        day = _first_day(str(value), period)
    numbers = {
        "year": day.year,
        "quarter": 4 * day.year + (day.month - 1) // 3,
        "month": 12 * day.year + day.month - 1,
        "week": (day.toordinal() - 1) // 7,
        "day": day.toordinal(),
    }
    return numbers[period]


def _first_day(text: str, period: str) -> datetime.date:
    found = _ISO[period].fullmatch(text)
    if found is None:
        raise ValueError(text)
    year, *more = (int(part) for part in found.groups())
    if period == "week":
        return datetime.date.fromisocalendar(year, more[0], 1)
    if period == "quarter":
        return datetime.date(year, 3 * more[0] - 2, 1)
    month, day = [*more, 1, 1][:2]
    return datetime.date(year, month, day)


def _period_name(number: int, period: str) -> str:
    if period == "year":
        return f"{number}"
    if period == "quarter":
        return f"{number // 4}-Q{number % 4 + 1}"
    if period == "month":
        return f"{number // 12}-{number % 12 + 1:02}"
    if period == "week":
        year, week, _ = datetime.date.fromordinal(7 * number + 1).isocalendar()
        return f"{year}-W{week:02}"
    return datetime.date.fromordinal(number).isoformat()


def _spread(
    rows: Sequence[Mapping[str, Any]], numbers: Sequence[int], names: Sequence[str]
) -> tuple[NDArray[np.int64], dict[str, Array]]:
    """Give every period from the first to the last a place, NaN where there is no row."""
    x = np.arange(min(numbers), max(numbers) + 1)
    columns = {name: np.full(len(x), math.nan) for name in names}
    for row, number in zip(rows, numbers, strict=True):
        for name in names:
            columns[name][number - x[0]] = row[name]
    return x, columns


def _draw_line(ax: "Axes", x: NDArray[np.int64], columns: Mapping[str, Array]) -> None:
    tone, low, high = (columns[f"tone_score{end}"] for end in ("", "_low", "_high"))
    colour = _SERIES[0][0]
    ax.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)
    there = np.isfinite(np.concatenate([[math.nan], tone, [math.nan]]))
    alone = there[1:-1] & ~there[:-2] & ~there[2:]  # a band of one period has no width
    ax.vlines(x[alone], low[alone], high[alone], color=colour, alpha=0.4, linewidth=3)
    size = 5 if len(x) <= 60 else 2
    ax.plot(x, tone, color=colour, marker="o", markersize=size, linewidth=1.5)
    ax.axhline(0, color=_MUTED, linewidth=0.8)
    bottom = min(np.nanmin([*low, *tone, -0.1]), 0)
    top = max(np.nanmax([*high, *tone, 0.1]), 0)
    room = 0.06 * (top - bottom)
    # The lowest third is left to the bars.
    ax.set_ylim(bottom - room - 0.5 * (top - bottom), top + room)
    ax.set_yticks([t for t in ax.get_yticks() if bottom - room <= t <= min(top + room, 1)])


def _draw_counts(ax: "Axes", x: NDArray[np.int64], counts: Array) -> None:
    below = ax.twinx()
    below.bar(x, np.nan_to_num(counts), width=0.8, color=_BARS)
    most = max(float(np.nanmax(counts)), 1)
    below.set_ylim(0, 4 * most)
    below.set_yticks([0, most], ["0", f"{most:.0f}"])
    below.set_ylabel("articles", loc="bottom")
    below.spines[["top", "right", "left"]].set_visible(False)
    below.tick_params(axis="y", length=2)
    ax.set_zorder(below.get_zorder() + 1)
    ax.patch.set_visible(False)


def _label_periods(ax: "Axes", x: NDArray[np.int64], period: str) -> None:
    steps = _STEPS[period]
    room = ax.get_window_extent().width / ax.figure.dpi / TICK_WIDTH
    step = next((s for s in steps if len(x) / s <= room), steps[-1])
    start = x[0] if period in {"day", "week"} else -(-x[0] // step) * step
    ticks = range(start, x[-1] + 1, step)
    ax.set_xticks(ticks, [_period_name(number, period) for number in ticks])
    ax.set_xlim(x[0] - 0.7, x[-1] + 0.7)
    ax.set_xlabel(period)


def _draw_groups(ax: "Axes", rows: Sequence[Mapping[str, Any]], by: str, quantity: str) -> None:
    _name_rows(ax, [row[by] for row in rows])
    for y, row in enumerate(rows):
        _draw_interval(ax, y, row, quantity, *_SERIES[0])


def _draw_series(
    ax: "Axes",
    cells: Mapping[str, Sequence[Mapping[str, Any]]],
    groups: Sequence[Any],
    by: str,
    quantity: str,
) -> None:
    from matplotlib.lines import Line2D

    _name_rows(ax, [plain(theme) for theme in cells])
    offsets = (np.arange(len(groups)) - (len(groups) - 1) / 2) * min(0.7 / len(groups), 0.25)
    for y, rows in enumerate(cells.values()):
        for row in rows:
            i = groups.index(row[by])
            _draw_interval(ax, y + offsets[i], row, quantity, *_SERIES[i])
    for y in range(1, len(cells)):
        ax.axhline(y - 0.5, color=_FAINT, linewidth=0.6)
    labels = [_label(group) for group in groups]
    keys = [
        Line2D([], [], color=colour, marker=marker, label=label)
        for label, (colour, marker) in zip(labels, _SERIES, strict=False)
    ]
    ncols = max(72 // (12 + max(len(label) for label in labels)), 1)
    ax.legend(handles=keys, loc="lower left", bbox_to_anchor=(0, 1), ncols=ncols, frameon=False)


def _value_axis(ax: "Axes", quantity: str) -> None:
    if quantity == "share":
        ax.set_xlim(left=0)
        ax.xaxis.set_major_formatter(_per_cent())
    else:
        ax.axvline(0, color=_MUTED, linewidth=0.8, zorder=0)
    ax.set_xlabel(QUANTITIES[quantity])


def _parts(explanation: Explanation) -> list[tuple[str, float]]:
    """Names and values in reading order; small ones added up."""
    words = explanation.words
    order = sorted(range(len(words)), key=lambda i: -abs(words[i].value))
    shown = sorted(order[:MAX_WORDS])
    parts = [(words[i].text, words[i].value) for i in shown]
    if hidden := order[MAX_WORDS:]:
        name = f"{len(hidden)} smaller ones"
        parts.append((f"({name})", sum(words[i].value for i in hidden)))
    return [*parts, ("(surroundings)", explanation.surroundings), ("(base)", explanation.base)]
