import datetime
import math
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import stancelib
from stancelib.errors import DataError
from stancelib.plots import (
    plot_article,
    plot_comparison,
    plot_explanation,
    plot_themes,
    plot_tone_over_time,
)

mpl.use("Agg")

NAN = math.nan


@pytest.fixture(autouse=True)
def _close():
    yield
    pyplot.close("all")


def row(theme="all", *, tone=0.1, share=0.2, note="", n=20, **group):
    spread = {"share": share, "tone_score": tone, "balance": tone}
    numbers = {}
    for name, value in spread.items():
        numbers |= {name: value, f"{name}_low": value - 0.05, f"{name}_high": value + 0.05}
    counts = {"theme": theme, "n_articles": n, "n_sentences": 9, "n_all": 90}
    return {**group, **counts, **numbers, "note": note}


def frame(*rows):
    return pd.DataFrame(rows)


def names(ax):
    return [label.get_text() for label in ax.get_yticklabels()]


def written(ax):
    return [text.get_text() for text in ax.texts]


def draw(ax):
    """Lay out and draw, since some faults show only then."""
    ax.figure.canvas.draw()
    return ax


def clipped(ax):
    """Whether some text of the axes lies outside of the figure."""
    figure = draw(ax).figure
    box = ax.get_tightbbox(figure.canvas.get_renderer())
    width, height = figure.canvas.get_width_height()
    return box.x0 < -1 or box.y0 < -1 or box.x1 > width + 1 or box.y1 > height + 1


def test_article(article):
    ax = draw(plot_article(article))
    assert names(ax) == ["all sentences", *(t.replace("_", " ") for t in article.theme_names)]
    bars = [bar for bar in ax.patches if bar.get_height()]
    n_themes = sum(len(s.themes) for s in article)
    assert len(bars) == len(article) + n_themes
    top = min(bar.get_y() + bar.get_height() for bar in bars)
    assert top == pytest.approx(-0.42)  # rows count downwards: a positive sentence of "all"
    legend = [text.get_text() for text in ax.get_legend().get_texts()]
    assert legend == [
        "positive (above the line)",
        "neutral (on it)",
        "negative (below the line)",
    ]
    (top_axis,) = ax.child_axes
    headings = [label.get_text() for label in top_axis.get_xticklabels()]
    assert headings == [s.text for s in article if s.heading]
    assert not clipped(ax)


def test_a_bar_stands_where_its_sentence_does(model):
    article = model.score("They met on Friday. We condemn the brutal attack.")
    assert [s.tone for s in article] == ["neutral", "negative"]
    ax = plot_article(article)
    found = [bar for bar in ax.patches if round(bar.get_y()) == 0]
    (negative,) = [bar for bar in found if bar.get_facecolor() == mpl.colors.to_rgba("#b2182b")]
    assert negative.get_x() < 1 < negative.get_x() + negative.get_width()


@pytest.mark.parametrize(("times", "label"), [(1, "sentence"), (6, "bins of about 2 ")])
def test_long_articles_are_binned(model, interview, times, label):
    article = model.score("\n".join([interview] * times))
    ax = plot_article(article)
    assert label in ax.get_xlabel()
    assert len(ax.patches) <= 3 * 6 * 120
    assert not clipped(ax)


def test_an_article_without_sentences():
    assert draw(plot_article(stancelib.score(""))).get_xlabel() == "no sentences"


def test_what_a_text_says_is_not_a_formula():
    article = stancelib.score("Costs of $\\frac{ and $x_\nThe talks went on, and on.")
    assert article[0].heading
    ax = draw(plot_article(article))
    assert ax.child_axes[0].get_xticklabels()[0].get_text().startswith(r"Costs of \$\frac{")
    draw(plot_explanation(article[0].explain("economy")))


def test_draws_on_the_given_axes(article):
    _, ax = pyplot.subplots()
    assert plot_article(article, ax=ax) is ax
    assert plot_themes(article.themes, ax=ax) is ax
    assert pyplot.get_fignums() == [ax.figure.number]


def test_themes_of_an_article(article):
    ax = plot_themes(article.themes)
    assert names(ax)[0] == "sovereignty"
    summary = article.themes["climate"]
    (x,), _ = ax.lines[2 * 4 + 1].get_data()
    assert x == pytest.approx(summary.share)
    assert f"−{-summary.tone_score:.2f}" in written(ax)
    assert not clipped(ax)


def test_themes_of_a_group_have_intervals():
    rows = (row("climate", tone=-0.3), row("all"), row("economy", tone=0.3, share=0.4))
    ax = plot_themes(frame(*rows))
    assert names(ax) == ["climate", "economy", "all sentences"]
    assert written(ax)[:2] == ["−0.30 (−0.35 to −0.25)", "+0.30 (+0.25 to +0.35)"]
    assert [line.get_marker() for line in ax.lines] == ["None", "v", "None", "^"]
    assert ax.lines[2].get_xdata() == pytest.approx([0.35, 0.45])
    assert not clipped(ax)


def test_themes_of_too_few_articles_say_so():
    rows = (row("climate", tone=NAN, share=NAN, note="2 articles, fewer than 5"), row("economy"))
    assert "2 articles, fewer than 5" in written(plot_themes(frame(*rows)))[0]
    rows = (row("climate", tone=NAN, note="no tone"), row("economy"))
    assert written(plot_themes(frame(*rows)))[0] == "no tone"


def test_themes_want_one_group():
    both = frame(row("climate", outlet="Herald"), row("climate", outlet="Gazette"))
    with pytest.raises(DataError, match=r"several groups, told apart by \['outlet'\]"):
        plot_themes(both)


def test_tone_over_time_leaves_gaps():
    tones = {"2023-11": 0.1, "2023-12": 0.2, "2024-02": NAN, "2024-03": -0.1}
    ax = plot_tone_over_time(
        frame(*(row(month=m, tone=t, n=i) for i, (m, t) in enumerate(tones.items())))
    )
    line = ax.lines[0].get_ydata()
    assert line == pytest.approx([0.1, 0.2, NAN, NAN, -0.1], nan_ok=True)
    assert ax.get_xticklabels()[0].get_text() == "2023-11"
    below = ax.figure.axes[1]
    assert [bar.get_height() for bar in below.patches] == [0, 1, 0, 2, 3]
    assert ax.get_ylabel() == "mean tone score, all sentences"
    assert not clipped(ax)


@pytest.mark.parametrize(
    ("period", "values", "places"),
    [
        ("year", [2022, 2024], [0, 2]),
        ("year", ["2022", "2023"], [0, 1]),
        ("quarter", ["2023-Q4", "2024-Q1"], [0, 1]),
        ("quarter", pd.period_range("2023Q4", periods=2, freq="Q"), [0, 1]),
        ("month", ["2023-12", "2024-02"], [0, 2]),
        ("month", pd.to_datetime(["2023-12-01", "2024-01-01"]), [0, 1]),
        ("week", ["2020-W53", "2021-W01"], [0, 1]),
        ("day", [datetime.date(2024, 2, 28), datetime.date(2024, 3, 1)], [0, 2]),
        ("day", ["2024-02-28", "2024-02-29"], [0, 1]),
    ],
)
def test_periods(period, values, places):
    ax = plot_tone_over_time(frame(*(row(**{period: value}) for value in values)))
    there = np.flatnonzero(np.isfinite(ax.lines[0].get_ydata()))
    assert there.tolist() == places
    assert draw(ax).get_xlabel() == period


def test_many_periods_have_few_labels():
    days = pd.date_range("2024-01-01", "2024-06-30")
    ax = plot_tone_over_time(frame(*(row(day=day) for day in days)))
    assert 3 <= len(ax.get_xticks()) <= 10


@pytest.mark.parametrize("value", ["2024-13", "spring", pd.NaT, "2024"])
def test_what_is_no_period(value):
    with pytest.raises(DataError, match=r"is no month; expected ISO text .* such as '2024-03'"):
        plot_tone_over_time(frame(row(month="2024-01"), row(month=value)))


def test_tone_over_time_names_what_is_wrong():
    months = frame(row(month="2024-01"), row(month="2024-01"))
    with pytest.raises(DataError, match="several rows have month '2024-01' and theme 'all'"):
        plot_tone_over_time(months)
    with pytest.raises(ValueError, match=r"no theme 'war' in the frame; it has \['all'\]"):
        plot_tone_over_time(months, theme="war")
    with pytest.raises(ValueError, match="expected one column of periods, one of"):
        plot_tone_over_time(frame(row()))
    with pytest.raises(ValueError, match="expected a column 'week', one of"):
        plot_tone_over_time(months, period="week")
    with pytest.raises(DataError, match=r"lacks the columns \['n_articles'\]"):
        plot_tone_over_time(months.drop(columns="n_articles"))


def test_comparison_of_all_themes():
    themes = ("climate", "economy", "all")
    rows = [
        row(t, outlet=o, tone=0.1 * i) for i, o in enumerate(("Herald", "Gazette")) for t in themes
    ]
    ax = plot_comparison(frame(*rows))
    assert names(ax) == ["climate", "economy", "all sentences"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["Herald", "Gazette"]
    markers = [line.get_marker() for line in ax.lines if len(line.get_xdata()) == 1]
    assert markers == ["o", "s"] * 3
    assert not clipped(ax)
    assert names(plot_comparison(frame(*rows), quantity="share")) == ["climate", "economy"]


def test_comparison_of_one_theme():
    outlets = [f"The {i}th newspaper of a town with a long, long name" for i in range(9)]
    rows = [row("climate", outlet=outlet) for outlet in outlets]
    rows[3] = row("climate", outlet=outlets[3], tone=NAN, note="articles: 2, fewer than 5")
    ax = plot_comparison(frame(*rows), theme="climate")
    assert len(names(ax)) == 9
    assert all(len(name) <= 40 for name in names(ax))
    assert [text.strip() for text in written(ax)] == ["articles: 2, fewer than 5"]
    assert not clipped(ax)


def test_comparison_names_what_is_wrong():
    rows = [row("climate", outlet=f"Paper {i}") for i in range(7)]
    with pytest.raises(ValueError, match="7 groups are more than the 6 that can be told apart"):
        plot_comparison(frame(*rows))
    with pytest.raises(ValueError, match="quantity is 'mood', expected one of"):
        plot_comparison(frame(*rows), quantity="mood")
    with pytest.raises(DataError, match=r"lacks the columns \['country'\]"):
        plot_comparison(frame(*rows), by="country")
    with pytest.raises(DataError, match="several rows have outlet 'Paper 0' and theme 'climate'"):
        plot_comparison(frame(rows[0], rows[0]), theme="climate")


def test_explanation_adds_up(article):
    why = max(article, key=lambda s: len(s.text)).explain("negative")
    ax = plot_explanation(why)
    assert len(ax.patches) == 20 + 3
    assert sum(bar.get_width() for bar in ax.patches) == pytest.approx(why.log_odds)
    assert names(ax)[-3:] == [f"({len(why.words) - 20} smaller ones)", "(surroundings)", "(base)"]
    assert ax.get_title(loc="left").startswith(f"negative: probability {why.probability:.2f}")
    assert not clipped(ax)


def test_words_keep_their_order():
    why = stancelib.score("Exports fell, all of them.")[0].explain("economy")
    assert "all" in [word.text for word in why.words]
    ax = plot_explanation(why)
    assert names(ax)[: len(why.words)] == [word.text for word in why.words]
    assert [bar.get_width() for bar in ax.patches][: len(why.words)] == [w.value for w in why.words]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (plot_article, "article is of type str; pass an Article"),
        (plot_themes, "frame is of type str; pass the frame of Panel.by"),
        (plot_tone_over_time, "frame is of type str"),
        (plot_comparison, "frame is of type str"),
        (plot_explanation, r"explanation is of type str; pass sentence.explain\(label\)"),
    ],
)
def test_wrong_arguments(function, message):
    with pytest.raises(TypeError, match=message):
        function("x")


def test_without_matplotlib_the_remedy_is_named(article, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match=r"pip install 'stancelib\[plot\]'"):
        plot_article(article)


def test_matplotlib_is_imported_only_to_draw():
    code = "import sys, stancelib.plots; print('matplotlib' in sys.modules)"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "False\n"
