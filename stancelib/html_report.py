"""Articles as one HTML file that needs nothing else: no network, no other file.

Whatever comes from texts, titles, groups and cards goes through `_safe`. Should some of it
ever be taken for markup all the same, the page's Content-Security-Policy still allows no
script and no style but those two whose digests it names, and no request at all.
"""

import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from html import escape
from itertools import chain
from math import isnan, nan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from stancelib.errors import DataError
from stancelib.picture_data import (
    ALL,
    GROUP_NUMBERS,
    ScoredText,
    check_group_frame,
    group_columns,
    make_strip,
    plain,
    signed,
)
from stancelib.records import Sentence

if TYPE_CHECKING:
    import pandas as pd

# Control characters but white space, marks and overrides of direction, lone surrogates.
_UNSAFE = re.compile(
    "[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
_MARKS = {"negative": "▼", "positive": "▲"}
_CARD_KEYS = ("name", "trained_on", "decision_rule", "out_of_fold", "limits")
_BAR_WIDTH = 14  # pixels, for texts of a few sentences
_LANE = 1.6  # em
_TO = "\N{NO-BREAK SPACE}to\N{NO-BREAK SPACE}"
_HALF = 0.9  # of half a lane, for the tallest bar


def render_report(
    articles: Sequence[ScoredText],
    *,
    titles: Sequence[str | None] | None = None,
    groups: "pd.DataFrame | None" = None,
    pictures: bool = True,
    card: Mapping[str, Any] | None = None,
) -> str:
    """Write articles as one HTML page.

    The page shows the texts with themes and tone marked, the probabilities of the sentence
    under the pointer or in focus, filters, tables, and the model's scores and limits. It
    is one file, asks nothing of the network, and can be read in the dark and printed.

    Parameters
    ----------
    articles : sequence of Article
        All with the same themes and tones.
    titles : sequence of str or None, optional
        What to call each article on the page; None takes its own title.
    groups : pandas.DataFrame or None, optional
        The frame of `Panel.by`, for a table of groups.
    pictures : bool, optional
        Whether to draw each article as a strip.
    card : mapping or None, optional
        The card of the model (`Model.card`), for its scores and limits.

    Returns
    -------
    str
        An HTML document. It can always be encoded as UTF-8: control characters, marks that
        turn the direction of writing and lone surrogates are shown as ``�``.

    Raises
    ------
    TypeError
        `articles` is one article or holds something else, `titles` is a string, or `groups`
        is not a data frame.
    ValueError
        Articles have different themes or tones, or there are not as many titles as
        articles.
    DataError
        `groups` lacks columns, or `card` lacks what a card has.

    Examples
    --------
    >>> import stancelib
    >>> article = stancelib.score("Exports fell. The two sides met on Friday.")
    >>> page = stancelib.render_report([article], titles=["Trade"])
    >>> ">Trade</h3>" in page
    True
    """
    articles = _check_articles(articles)
    names = _names(articles, titles)
    if groups is not None:
        check_group_frame(groups, GROUP_NUMBERS)
    if card is not None:
        _check_card(card)
    heading = names[0] if len(names) == 1 else f"Themes and tone of {len(names)} texts"
    sections = chain(
        _summary(articles, names),
        () if groups is None else _groups(groups),
        _filters(articles),
        _texts(articles, names, pictures),
        () if card is None else _card(card),
    )
    return _page(heading, sum(len(article.sentences) for article in articles), sections)


def _check_articles(articles: Sequence[ScoredText]) -> list[ScoredText]:
    if isinstance(articles, ScoredText):
        raise TypeError("articles is one Article; pass [article]")
    articles = list(articles)
    for i, article in enumerate(articles):
        if not isinstance(article, ScoredText):
            raise TypeError(f"articles[{i}] is of type {type(article).__name__}; pass Articles")
        for axis in ("theme_names", "tone_names"):
            first, own = getattr(articles[0], axis), getattr(article, axis)
            if own != first:
                raise ValueError(
                    f"articles[{i}] has {axis} {own}, articles[0] has {first}; "
                    "write a report for each model"
                )
    return articles


def _names(articles: Sequence[ScoredText], titles: Sequence[str | None] | None) -> list[str]:
    if isinstance(titles, str):
        raise TypeError("titles is a string; pass a list with a title for each article")
    given = [article.title for article in articles] if titles is None else list(titles)
    if len(given) != len(articles):
        raise ValueError(f"{len(given)} titles for {len(articles)} articles; pass one for each")
    return [
        title if title and title.strip() else f"Text {i}" for i, title in enumerate(given, start=1)
    ]


def _check_card(card: Mapping[str, Any]) -> None:
    missing = [key for key in _CARD_KEYS if key not in card]
    if missing:
        raise DataError(f"card lacks {missing}; pass the card of a model, Model.card")


def _safe(value: object) -> str:
    """Write a value as text that is no markup and does not change how other text is read."""
    return escape(_UNSAFE.sub("�", str(value)))


def _page(heading: str, n_sentences: int, sections: Iterator[str]) -> str:
    folder = Path(__file__).parent
    style, script = (
        (folder / name).read_text(encoding="utf-8") for name in ("report.css", "report.js")
    )
    policy = (
        f"default-src 'none'; style-src '{_digest(style)}'; script-src '{_digest(script)}'; "
        "base-uri 'none'; form-action 'none'"
    )
    return "\n".join(
        (
            "<!DOCTYPE html>",
            '<html lang="en">',
            "<head>",
            '<meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width, initial-scale=1">',
            '<meta name="referrer" content="no-referrer">',
            f"<title>{_safe(heading)}</title>",
            f"<style>{style}</style>",
            "</head>",
            "<body>",
            '<a class="skip" href="#texts">Skip to the texts</a>',
            "<header>",
            f"<h1>{_safe(heading)}</h1>",
            f"<p>{n_sentences:,} sentences, read by stancelib. Themes and tone are a model’s "
            "estimates.</p>",
            "</header>",
            "<main>",
            *sections,
            "</main>",
            '<div id="tip" role="tooltip" hidden></div>',
            f"<script>{script}</script>",
            "</body>",
            "</html>",
            "",
        )
    )


def _digest(content: str) -> str:
    return f"sha256-{b64encode(sha256(content.encode()).digest()).decode()}"


def _summary(articles: Sequence[ScoredText], names: Sequence[str]) -> Iterator[str]:
    sentences = [sentence for article in articles for sentence in article.sentences]
    themes, tones = _labels(articles)
    head = ("theme", "sentences", "share", "mean tone score", *map(plain, tones))
    lanes = {theme: [s for s in sentences if theme in s.themes] for theme in themes}
    rows = [
        (
            plain(theme),
            f"{len(own):,}",
            _per_cent(len(own) / len(sentences) if sentences else nan),
            _signed(_mean([s.tone_score for s in own])),
            *(_per_cent(_mean([s.tone == tone for s in own])) for tone in tones),
        )
        for theme, own in {**lanes, ALL: sentences}.items()
    ]
    yield '<section aria-labelledby="summary">'
    yield '<h2 id="summary">Summary</h2>'
    yield (
        '<p class="muted">The tone score of a sentence is the probability of positive less that '
        "of negative, from −1 to +1. The last columns are shares of a theme’s sentences.</p>"
    )
    yield from _table("themes-table", "Themes", head, rows)
    if len(articles) > 1:
        yield from _article_table(articles, names)
    yield "</section>"


def _article_table(articles: Sequence[ScoredText], names: Sequence[str]) -> Iterator[str]:
    themes, _ = _labels(articles)
    rows = []
    for i, (article, name) in enumerate(zip(articles, names, strict=True), start=1):
        own = article.sentences
        shares = (_mean([theme in s.themes for s in own]) for theme in themes)
        link = _Markup(f'<a href="#text-{i}">{_safe(name)}</a>')
        rows.append(
            (link, len(own), _signed(_mean([s.tone_score for s in own])), *map(_per_cent, shares))
        )
    head = ("text", "sentences", "mean tone score", *map(plain, themes))
    yield from _table("articles-table", "Texts, with the share of each theme", head, rows)


def _groups(frame: "pd.DataFrame") -> Iterator[str]:
    columns = group_columns(frame)
    head = (*columns, "theme", "texts", "sentences", "share", "mean tone score", "balance", "note")
    rows = [
        (
            *(row[name] for name in columns),
            plain(row["theme"]),
            f"{row['n_articles']:,}",
            f"{row['n_sentences']:,}",
            _with_interval(row, "share", _per_cent),
            _with_interval(row, "tone_score", _signed),
            _with_interval(row, "balance", _signed),
            row["note"] or "",
        )
        for row in frame.to_dict("records")
    ]
    yield '<section aria-labelledby="groups">'
    yield '<h2 id="groups">Groups</h2>'
    yield (
        '<p class="muted">With 95 % intervals. The balance is the share of positive sentences '
        "less that of negative ones.</p>"
    )
    words = {*range(len(columns) + 1), len(head) - 1}
    yield from _table("groups-table", "Groups and themes", head, rows, words=words)
    yield "</section>"


def _filters(articles: Sequence[ScoredText]) -> Iterator[str]:
    themes, tones = _labels(articles)
    yield '<section id="texts" aria-labelledby="texts-title" tabindex="-1">'
    yield '<h2 id="texts-title">Texts</h2>'
    yield (
        '<p class="muted">▲ positive, ▼ negative, no mark: neutral; themes stand behind a '
        "sentence.</p>"
    )
    yield (
        '<p class="muted keys" hidden>Point at a sentence for its probabilities; or go to a text '
        "with Tab, and from sentence to sentence with the left and right arrow keys.</p>"
    )
    yield '<form id="filters" hidden>'
    yield from _boxes("theme", "Themes (none chosen: all)", themes, ("none", "no theme"))
    if tones:
        yield from _boxes("tone", "Tone (none chosen: all)", tones)
    yield '<label for="hide"><input type="checkbox" id="hide">hide other sentences</label>'
    yield '<button type="reset">Show all</button>'
    yield '<p id="count" role="status"></p>'
    yield "</form>"
    yield "<noscript><p>Filters and probabilities need the script in this page.</p></noscript>"


def _boxes(
    axis: str, legend: str, labels: Sequence[str], last: tuple[str, str] | None = None
) -> Iterator[str]:
    yield f"<fieldset><legend>{legend}</legend>"
    for i, label in enumerate(labels):
        yield _box(axis, str(i), _safe(plain(label)), f' data-label="{_safe(plain(label))}"')
    if last:
        yield _box(axis, *last)
    yield "</fieldset>"


def _box(axis: str, value: str, label: str, data: str = "") -> str:
    name = f"{axis}-{value}"
    box = f'<input type="checkbox" id="{name}" name="{axis}" value="{value}"{data}>'
    return f'<label for="{name}">{box}{label}</label>'


def _texts(articles: Sequence[ScoredText], names: Sequence[str], pictures: bool) -> Iterator[str]:
    if not articles:
        yield "<p>No texts.</p>"
    for i, (article, name) in enumerate(zip(articles, names, strict=True), start=1):
        yield f'<article id="text-{i}" aria-labelledby="title-{i}">'
        yield f'<h3 id="title-{i}">{_safe(name)}</h3>'
        for warning in article.warnings:
            yield f'<p class="warning">Warning: {_safe(warning)}</p>'
        if pictures and article.sentences:
            yield _picture(article)
        yield f'<div class="text" role="group" aria-label="Sentences of text {i}">'
        yield from _paragraphs(article)
        yield "</div>"
        yield "</article>"
    yield "</section>"


def _paragraphs(article: ScoredText) -> Iterator[str]:
    if not article.sentences:
        yield '<p class="muted">No sentences.</p>'
    line: list[str] = []
    end = 0
    for i, sentence in enumerate(article.sentences):
        gap = article.text[end : sentence.start]
        if line and len(f"x{gap}x".splitlines()) > 1:
            yield f"<p>{' '.join(line)}</p>"
            line = []
        marked = _sentence(sentence, article, first=i == 0)
        if sentence.heading:
            yield f"<h4>{marked}</h4>"
        else:
            line.append(marked)
        end = sentence.end
    if line:
        yield f"<p>{' '.join(line)}</p>"


def _sentence(sentence: Sentence, article: ScoredText, *, first: bool) -> str:
    tone, mark = sentence.tone or "", _MARKS.get(sentence.tone or "")
    numbers = (
        " ".join(f"{100 * p:.0f}" for p in probabilities)
        for probabilities in (
            sentence.theme_probabilities.values(),
            sentence.tone_probabilities.values(),
            (sentence.confidence,),
        )
    )
    own = " ".join(str(article.theme_names.index(theme)) for theme in sentence.themes)
    parts = [
        f'<span class="{f"s {tone}" if mark else "s"}" tabindex="{0 if first else -1}" '
        f'data-themes="{own}"',
        f' data-tone="{article.tone_names.index(tone)}"' if tone else "",
        f' data-p="{"|".join(numbers)}">',
        f'<b role="img" aria-label="{tone}">{mark}</b>' if mark else "",
        _safe(sentence.text),
        *(f" <i>{_safe(plain(theme))}</i>" for theme in sentence.themes),
        "</span>",
    ]
    return "".join(parts)


def _picture(article: ScoredText) -> str:
    strip = make_strip(article.sentences, article.theme_names)
    n_lanes, n_bins = len(strip.lanes), len(strip.edges) - 1
    heads = [
        i * n_bins / len(article.sentences) for i, s in enumerate(article.sentences) if s.heading
    ]
    stretch = _HALF * np.array([1.0, *[1 / strip.tallest] * (n_lanes - 1)])[:, None]
    middle = 2.0 * np.arange(n_lanes)[:, None] + 1 + 2 * bool(heads)
    height = 2 * (n_lanes + bool(heads))
    gap = 0 if strip.binned else 0.1
    paths = [f'<path class="axis" d="{"".join(f"M0 {y:g}H{n_bins}" for y in middle[:, 0])}"/>']
    for i, tone in enumerate(("negative", "neutral", "positive")):
        top, bottom = middle - strip.upper[i] * stretch, middle - strip.lower[i] * stretch
        bars = "".join(
            f"M{x + gap / 2:g} {top[y, x]:.3g}V{bottom[y, x]:.3g}h{1 - gap:g}V{top[y, x]:.3g}z"
            for y, x in np.argwhere(bottom > top)
        )
        paths.append(f'<path class="{tone}" d="{bars}"/>')
    if heads:
        ticks = "".join(f"M{x + 0.5:g} .4V1.6" for x in heads)
        paths.append(f'<path class="heads" d="{ticks}"/>')
    lanes = [*(["headings"] if heads else []), *map(plain, strip.lanes)]
    names = "".join(f"<div>{_safe(lane)}</div>" for lane in lanes)
    what = (
        "Sentences from the first to the last, a row for each theme; positive ones above the "
        "line, negative ones below, neutral ones on it."
    )
    return (
        f'<div class="strip"><div class="lanes" aria-hidden="true">{names}</div>'
        f'<svg role="img" aria-label="{what}" viewBox="0 0 {n_bins} {height}" '
        f'preserveAspectRatio="none" width="{n_bins * _BAR_WIDTH}" '
        f'height="{height / 2 * _LANE:g}em">{"".join(paths)}</svg></div>'
    )


def _card(card: Mapping[str, Any]) -> Iterator[str]:
    trained, scores = card["trained_on"], card["out_of_fold"]
    yield '<section aria-labelledby="model">'
    yield '<h2 id="model">The model</h2>'
    yield (
        f"<p>{_safe(card['name'])}, trained on {trained['n_sentences']:,} labelled sentences. "
        "Each sentence was scored by a model that had not seen its passage; the scores say how "
        "well the model reads text like its own, not how well it reads yours.</p>"
    )
    rows = [
        (
            plain(label),
            *(_decimal(row[key]) for key in ("precision", "recall", "f1")),
            _range(row["f1_interval"]),
            f"{row['support']:,}",
        )
        for label, row in {**scores["themes"], **scores["tones"]}.items()
    ]
    for key, name in (("theme_macro_f1", "themes, mean"), ("tone_macro_f1", "tone, mean")):
        if scores[key] is not None:
            rows.append(
                (name, "", "", _decimal(scores[key]), _range(scores[f"{key}_interval"]), "")
            )
    head = ("label", "precision", "recall", "F1", "95 %", "sentences")
    yield from _table("card-table", "Out-of-fold scores", head, rows)
    rule = card["decision_rule"]
    yield f"<p>A theme is {_safe(rule['themes'])}; the tone is {_safe(rule['tone'])}.</p>"
    yield "<h3>Limits</h3>"
    yield f"<ul>{''.join(f'<li>{_safe(limit)}</li>' for limit in card['limits'])}</ul>"
    yield "</section>"


class _Markup(str):
    """HTML of our own making, to be left as it is."""

    __slots__ = ()


def _table(
    name: str,
    caption: str,
    head: Sequence[object],
    rows: Sequence[Sequence[object]],
    *,
    words: frozenset[int] | set[int] = frozenset({0}),
) -> Iterator[str]:
    """Write a table whose first column names the rows; columns of `words` stand left."""
    yield f'<div class="wide" role="region" tabindex="0" aria-labelledby="{name}">'
    yield f'<table><caption id="{name}">{caption}</caption>'
    cells = (
        f'<th scope="col"{_left(i in words)}>{_safe(cell)}</th>' for i, cell in enumerate(head)
    )
    yield f"<thead><tr>{''.join(cells)}</tr></thead>"
    yield "<tbody>"
    for first, *more in rows:
        inner = "".join(
            f"<td{_left(i in words)}>{_cell(cell)}</td>" for i, cell in enumerate(more, start=1)
        )
        yield f'<tr><th scope="row">{_cell(first)}</th>{inner}</tr>'
    yield "</tbody></table></div>"


def _cell(value: object) -> str:
    return value if isinstance(value, _Markup) else _safe(value)


def _left(words: bool) -> str:
    return ' class="words"' if words else ""


def _labels(articles: Sequence[ScoredText]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return (articles[0].theme_names, articles[0].tone_names) if articles else ((), ())


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else nan


def _per_cent(value: float) -> str:
    return "–" if isnan(value) else f"{100 * value:.0f}\N{NO-BREAK SPACE}%"


def _signed(value: float) -> str:
    return "–" if isnan(value) else signed(value)


def _with_interval(row: Mapping[str, Any], name: str, written: Any) -> str:  # noqa: ANN401
    value, low, high = (row[f"{name}{end}"] for end in ("", "_low", "_high"))
    if isnan(low):
        return str(written(value))
    return f"{written(value)} ({written(low)} to {written(high)})".replace(" to ", _TO)


def _decimal(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _range(interval: Sequence[float | None]) -> str:
    low, high = interval
    return "" if low is None or high is None else f"{low:.3f} to {high:.3f}"
