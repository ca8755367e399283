import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import stancelib
from stancelib import DataError, Example, Panel, PanelWarning, panel_arrays, write_examples

BY_COLUMNS = [
    *("theme", "n_articles", "n_sentences", "n_all"),
    *("share", "share_low", "share_high"),
    *("tone_score", "tone_score_low", "tone_score_high"),
    *("balance", "balance_low", "balance_high"),
    "note",
]
TEXTS = [
    "Exports to China fell sharply. The ministers will meet on Friday.",
    "Glaciers are vanishing.",
    "Trade grew and both sides were pleased.",
]


@pytest.fixture(scope="module")
def articles(toy_article):
    return [toy_article(i, 3 + i % 5, title=f"Title {i}", headings=(0,)) for i in range(60)]


@pytest.fixture(scope="module")
def metadata():
    return pd.DataFrame(
        {
            "outlet": ["Gazette", "Herald", "Tribune"] * 20,
            "date": [f"2024-{1 + i // 20:02}-11" for i in range(60)],
        }
    )


@pytest.fixture(scope="module")
def panel(articles, metadata):
    return Panel.from_articles(articles, metadata)


def test_what_a_panel_holds(panel, articles, metadata):
    assert len(panel) == len(panel.articles) == 60
    assert panel.themes == ("economy", "climate")
    assert panel.tones == ("negative", "neutral", "positive")
    pd.testing.assert_frame_equal(panel.metadata, metadata)
    assert repr(panel) == "<Panel of 60 articles, 300 sentences; metadata: outlet, date>"
    assert panel.articles[7].text == articles[7].text
    assert [a.title for a in panel.articles[-2:]] == ["Title 58", "Title 59"]
    assert len(list(panel.articles)) == 60
    with pytest.raises(IndexError):
        panel.articles[60]


def test_metadata_cannot_be_changed_from_outside(panel, metadata):
    handed_out = panel.metadata
    handed_out.loc[0, "outlet"] = "changed"
    pd.testing.assert_frame_equal(panel.metadata, metadata)


def test_groups_have_one_row_for_each_theme(panel, articles):
    found = panel.by(["outlet", "month"])
    assert list(found.columns) == ["outlet", "month", *BY_COLUMNS]
    assert found["theme"].tolist() == ["economy", "climate", "all"] * 9
    row = found[(found["outlet"] == "Herald") & (found["month"] == "2024-02")].iloc[0]
    inside = [a for i, a in enumerate(articles) if i % 3 == 1 and i // 20 == 1]
    carried = [s for a in inside for s in a if "economy" in s.themes]
    n_all = sum(map(len, inside))
    counts = (row["n_articles"], row["n_sentences"], row["n_all"])
    assert counts == (len(inside), len(carried), n_all)
    assert row["share"] == pytest.approx(len(carried) / n_all)
    assert row["tone_score"] == pytest.approx(np.mean([s.tone_score for s in carried]), abs=1e-6)
    tones = [s.tone for s in carried]
    balance = (tones.count("positive") - tones.count("negative")) / len(tones)
    assert row["balance"] == pytest.approx(balance)
    for quantity in ("share", "tone_score", "balance"):
        assert row[f"{quantity}_low"] < row[quantity] < row[f"{quantity}_high"]
    assert row["note"] == ""


def test_a_panel_as_a_whole(panel):
    found = panel.by()
    assert list(found.columns) == BY_COLUMNS
    pd.testing.assert_frame_equal(panel.by([]), found)
    every = found.iloc[-1]
    assert (every["theme"], every["n_articles"], every["n_sentences"]) == ("all", 60, 300)
    assert every["share"] == every["share_low"] == every["share_high"] == 1


def test_draws_are_repeated_by_the_seed(panel):
    first = panel.by("outlet", n_draws=50)
    pd.testing.assert_frame_equal(panel.by("outlet", n_draws=50), first)
    assert not first.equals(panel.by("outlet", n_draws=50, seed=1))


def test_notes_say_why_numbers_are_missing(toy_article):
    def one(number, p):
        article = toy_article(number, 1)
        article.theme_probabilities[:] = [p, 0.1]
        return article

    few = Panel.from_articles(
        [one(i, 0.9 if i < 2 else 0.2) for i in range(8)], [{"of": "a"}] * 6 + [{"of": "b"}] * 2
    )
    found = few.by("of").set_index(["of", "theme"])
    assert found["note"].tolist() == [
        "articles that carry the theme: 2, fewer than 5",
        "articles that carry the theme: 0, fewer than 5; alike in all articles, so without "
        "interval: share",
        "",
        *["articles: 2, fewer than 5"] * 3,
    ]
    assert found.loc[("a", "economy"), "share"] == pytest.approx(1 / 3)
    assert found.loc["b", "share":"balance_high"].isna().all(axis=None)
    assert found.loc["b", "n_articles"].tolist() == [2, 2, 2]
    single = Panel.from_articles([one(0, 0.9)]).by(min_articles=1)
    assert single["note"].tolist() == ["one article: no intervals"] * 3


def test_sentences_can_be_grouped_too(panel):
    found = panel.by("heading").set_index(["heading", "theme"])
    assert found.loc[(True, "all"), "n_all"] == 60
    assert found.loc[(False, "all"), "n_all"] == 240
    assert found.loc[(False, "all"), "n_articles"] == 60


def test_another_column_of_sentences_takes_one_line(monkeypatch, articles):
    monkeypatch.setitem(
        panel_arrays.SENTENCE_COLUMNS, "half", lambda a: np.arange(len(a)) < len(a) / 2
    )
    panel = Panel.from_articles(articles)
    assert panel.by("half").iloc[-1]["n_articles"] == 60
    assert "half" in panel.to_frame()


def test_articles_without_a_group(articles, metadata):
    holes = metadata.assign(outlet=metadata["outlet"].where(metadata.index != 4))
    panel = Panel.from_articles(articles, holes)
    with pytest.raises(DataError, match="'outlet' is missing in 1 of 60 articles: 4"):
        panel.by("outlet")
    with pytest.warns(PanelWarning, match="'outlet' is missing in 1 of 60 articles: 4"):
        found = panel.by("outlet", errors="warn")
    assert found.groupby("outlet")["n_articles"].first().sum() == 59
    with pytest.raises(DataError, match="'outlet' is missing"):
        panel.sample_for_coding(10, by="outlet")


def test_wide_frames_are_those_of_the_articles(panel, articles):
    frame = panel.to_frame()
    expected = pd.concat([a.to_frame() for a in articles], ignore_index=True)
    assert list(frame.columns) == ["article", "outlet", "date", *expected.columns]
    exact = ["sentence", "start", "end", "heading", "text", "economy", "climate"]
    pd.testing.assert_frame_equal(frame[exact], expected[exact])
    assert frame["tone"].tolist() == expected["tone"].tolist()
    for column in set(expected.columns) - set(exact) - {"tone"}:
        assert frame[column].to_numpy() == pytest.approx(expected[column].to_numpy(), abs=1e-6)
    assert frame["outlet"].tolist() == panel.metadata["outlet"][frame["article"]].tolist()


def test_long_frames_have_a_row_for_each_theme(panel):
    wide, long = panel.to_frame(), panel.to_frame("long")
    assert list(long.columns) == [
        *("article", "outlet", "date", "sentence", "heading", "tone", "tone_score", "confidence"),
        *("theme", "given", "probability"),
    ]
    assert len(long) == 2 * len(wide)
    for theme in panel.themes:
        rows = long[long["theme"] == theme].reset_index(drop=True)
        same = ["article", "outlet", "sentence", "tone", "tone_score"]
        pd.testing.assert_frame_equal(rows[same], wide[same])
        assert rows["given"].tolist() == wide[theme].tolist()
        assert rows["probability"].tolist() == wide[f"p_{theme}"].tolist()
    with pytest.raises(ValueError, match="shape is 'tall', expected 'wide' or 'long'"):
        panel.to_frame("tall")


def test_frames_survive_csv(panel, tmp_path):
    panel.to_frame().to_csv(tmp_path / "panel.csv", index=False)
    back = pd.read_csv(tmp_path / "panel.csv")
    assert back["text"].tolist() == panel.to_frame()["text"].tolist()


def test_metadata_may_not_be_called_as_other_columns(panel, articles):
    columns = {*panel.to_frame().columns, *panel.to_frame("long").columns} - {"outlet", "date"}
    for column in columns:
        with pytest.raises(DataError, match=rf"metadata columns \['{column}'\] stand there twice"):
            Panel.from_articles(articles, [{column: 1}] * 60)
    with pytest.raises(DataError, match=r"metadata columns \['economy'\]"):
        Panel.from_frame(pd.DataFrame({"text": ["x"], "economy": [1]}), model=panel)
    twice = pd.DataFrame([[1, 2]] * 60, columns=["outlet", "outlet"])
    with pytest.raises(DataError, match="'outlet'"):
        Panel.from_articles(articles, twice)


def test_frames_are_scored(model):
    frame = pd.DataFrame(
        {"text": TEXTS, "headline": ["On trade", None, ""], "outlet": ["a", "b", "b"]},
        index=[7, 7, 9],
    )
    panel = Panel.from_frame(frame, title="headline", model=model)
    assert panel.metadata.to_dict("list") == {"outlet": ["a", "b", "b"]}
    assert panel.metadata.index.tolist() == [0, 1, 2]
    expected = model.score(TEXTS[0], title="On trade")
    assert panel.articles[0].title == "On trade"
    assert [s.themes for s in panel.articles[0]] == [s.themes for s in expected]
    assert panel.articles[0][1].tone_score == pytest.approx(expected[1].tone_score, abs=1e-6)
    assert panel.articles[1].title is None
    assert list(frame.columns) == ["text", "headline", "outlet"]


def test_files_are_scored(model, tmp_path):
    for i, text in enumerate(TEXTS):
        (tmp_path / f"{i}.txt").write_text(text, encoding="utf-8")
    panel = Panel.from_files(tmp_path, model=model)
    assert panel.metadata["file"].tolist() == ["0.txt", "1.txt", "2.txt"]
    assert [a.text for a in panel.articles] == TEXTS


def test_empty_texts_and_duplicates_are_named_before_scoring():
    frame = pd.DataFrame({"text": [*TEXTS, TEXTS[1], " ", None]})
    with pytest.raises(DataError) as caught:
        Panel.from_frame(frame, model=object())
    assert str(caught.value).split("\n") == [
        "2 of 6 articles are empty: 4, 5; fill in their text, or leave them out, or keep them "
        "with errors='warn'",
        "1 of 6 articles have the text of another: 3 (as 1); keep one of each, or keep them "
        "with errors='warn'",
    ]
    with pytest.warns(PanelWarning, match="2 of 6 articles are empty: 4, 5"):
        panel = Panel.from_frame(frame, errors="warn")
    assert len(panel) == 6
    assert panel.by(min_articles=1)["n_articles"].tolist()[-1] == 4


def test_articles_are_checked_too(articles):
    with pytest.raises(DataError, match=r"1 of 3 articles have the text of another: 2 \(as 0\)"):
        Panel.from_articles([*articles[:2], articles[0]])


def test_doubtful_scores_are_passed_on(toy_article):
    odd = toy_article(1, warnings=("only 3% of 40 words are known to the model",))
    with pytest.warns(PanelWarning, match="scores of 1 of 2 articles are doubtful: 1; see panel"):
        panel = Panel.from_articles([toy_article(0), odd])
    assert panel.articles[1].warnings == odd.warnings


def coded(sample, panel, rng, wrong=0.1):
    """Code a sample as the model does, but for some labels."""
    passages = []
    for passage, article, place in zip(
        sample.passages, sample.articles, sample.sentences, strict=True
    ):
        sentence = panel.articles[article][place]
        themes = {t for t in panel.themes if (t in sentence.themes) != (rng.random() < wrong)}
        example = Example(sentence.text, frozenset(themes), sentence.tone)
        passages.append(replace(passage, examples=(example,)))
    return passages


def test_from_sample_to_estimate(panel, tmp_path):
    path = tmp_path / "sample.jsonl"
    sample = panel.sample_for_coding(90, by="outlet", path=path)
    assert stancelib.read_examples(path) == sample.passages
    gold = coded(sample, panel, np.random.default_rng(0))
    write_examples(gold, path, overwrite=True)
    assert len(panel.match(path)) == 90
    found = panel.estimate(path, by="outlet")
    assert list(found.columns) == [
        *("outlet", "theme", "quantity", "naive"),
        *("gold_only", "gold_only_low", "gold_only_high"),
        *("estimate", "low", "high", "n_gold", "note"),
    ]
    assert len(found) == 3 * 5
    naive = panel.by("outlet").set_index(["outlet", "theme"])
    for row in found.itertuples():
        assert row.naive == pytest.approx(naive.loc[(row.outlet, row.theme), row.quantity])
        assert row.low < row.estimate < row.high
    pd.testing.assert_frame_equal(panel.estimate(gold, by="outlet"), found)
    assert len(panel.estimate(gold)) == 5


def test_samples_do_not_overwrite(panel, tmp_path):
    path = tmp_path / "sample.json"
    panel.sample_for_coding(5, path=path, format="doccano")
    with pytest.raises(FileExistsError, match=r"sample\.json exists"):
        panel.sample_for_coding(5, path=path, format="doccano")
    panel.sample_for_coding(6, path=path, format="label-studio", overwrite=True)
    assert len(stancelib.read_examples(path)) == 6


def test_gold_of_another_panel(panel, articles):
    gold = coded(panel.sample_for_coding(10), panel, np.random.default_rng(0))
    other = Panel.from_articles(articles[::-1])
    with pytest.raises(DataError, match="of 10 sentences have another text than the panel has"):
        other.estimate(gold)
    smaller = Panel.from_articles(articles[:20])
    with pytest.warns(PanelWarning, match="of 10 sentences stand at no place of the panel"):
        assert 0 < len(smaller.match(gold, errors="warn")) < 10


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda p: p.by("paper"), ValueError, r"no column 'paper'; metadata have \['outlet', 'da"),
        (lambda p: p.by(["outlet", "outlet"]), ValueError, "'outlet' is also a column of the"),
        (lambda p: p.by(n_draws=0), ValueError, "n_draws is 0, expected 1 or more"),
        (lambda p: p.by(min_articles=0), ValueError, "min_articles is 0, expected 1 or more"),
        (lambda p: p.by(errors="skip"), ValueError, "errors is 'skip', expected 'raise' or 'warn'"),
        (lambda p: p.estimate([], alpha=2), ValueError, "alpha is 2, expected a number between"),
        (lambda p: p.estimate([], min_articles=2), ValueError, "min_articles is 2, expected 3"),
        (lambda p: p.estimate([]), DataError, "no coded sentences of this panel"),
        (lambda p: p.estimate([7]), TypeError, "examples hold something else than passages"),
        (lambda p: p.sample_for_coding(301), ValueError, "n is 301, expected 1"),
        (lambda _: Panel.from_articles([]), DataError, "no articles; a panel has at least one"),
        (lambda _: Panel.from_articles("x"), TypeError, "articles is one str; pass a list of"),
        (
            lambda p: Panel.from_articles(p.articles, {"outlet": "a"}),
            TypeError,
            "metadata is one d",
        ),
        (lambda p: Panel.from_articles(p.articles, [{}]), ValueError, "metadata has 1 rows, there"),
        (lambda _: Panel.from_frame([]), TypeError, "frame is of type list, expected a data fr"),
        (
            lambda _: Panel.from_frame(pd.DataFrame({"body": ["x"]})),
            ValueError,
            r"no column 'text'; there are \['body'\]",
        ),
        (
            lambda _: Panel.from_frame(pd.DataFrame({"text": ["x", 3]})),
            TypeError,
            "'text' holds something else than text in 1 of 2 rows: 1",
        ),
    ],
)
def test_wrong_arguments(panel, call, error, message):
    with pytest.raises(error, match=message):
        call(panel)


def test_groups_may_not_be_called_as_columns_of_the_result(articles):
    panel = Panel.from_articles(articles, [{"note": "x", "naive": "y"}] * 60)
    assert len(panel.by("naive")) == 3
    with pytest.raises(ValueError, match="'note' is also a column of the result"):
        panel.by("note")
    with pytest.raises(ValueError, match="'naive' is also a column of the result"):
        panel.estimate([], by="naive")


def test_panels_need_pandas(monkeypatch, articles, tmp_path):
    monkeypatch.setitem(sys.modules, "pandas", None)
    for make in (Panel.from_articles, Panel.from_frame):
        with pytest.raises(ImportError, match="panels need pandas: pip install 'stancelib"):
            make(articles)
    with pytest.raises(ImportError, match="panels need pandas"):
        Panel.from_files(tmp_path)


def test_panels_are_imported_when_asked_for():
    code = (
        "import sys, stancelib; before = 'stancelib.panel' in sys.modules; stancelib.Panel;"
        "print(before, 'pandas' in sys.modules)"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "False False\n"


def test_a_panel_as_a_page(panel, articles):
    page = panel.to_html("outlet")
    assert page == stancelib.render_report(
        panel.articles,
        titles=[a.title or f"Article {i}" for i, a in enumerate(articles)],
        groups=panel.by("outlet"),
    )
    named = Panel.from_articles(articles[:2], [{"title": "<b>First</b>"}, {"title": None}])
    page = named.to_html(min_articles=1, pictures=False)
    assert ">&lt;b&gt;First&lt;/b&gt;</h3>" in page
    assert ">Article 1</h3>" in page
