"""Each script of `examples/` runs and says what it should."""

import runpy
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

import stancelib

mpl.use("Agg")
EXAMPLES = Path(__file__).parent.parent / "examples"


def run(name, capsys):
    found = runpy.run_path(str(EXAMPLES / name))
    return found, capsys.readouterr().out


def test_score_an_article(capsys):
    found, out = run("score_an_article.py", capsys)
    assert found["article"].themes["climate"].n_sentences >= 6
    assert "climate " in out
    assert "Darkest sentence: " in out
    assert found["darkest"].tone == "negative"


def test_compare_outlets(capsys):
    found, out = run("compare_outlets.py", capsys)
    means = found["sentences"].groupby("outlet")["tone_score"].mean()
    assert means["State Gazette"] > 0.3 > -0.3 > means["Harbour Times"]
    assert "Harbour Times" in out


def test_teach_a_theme(capsys):
    found, out = run("teach_a_theme.py", capsys)
    doubtful = {(s.passage, s.index) for s in found["suspects"]}
    assert set(found["CORRECTIONS"]) <= doubtful
    assert found["model"].themes == (*stancelib.load().themes, "migration")
    refugees, exports = found["article"]
    assert "migration" in refugees.themes
    assert "economy" in exports.themes
    assert "migration" not in exports.themes
    assert 0 < len(found["candidates"]) <= 5
    assert out.count("| theme macro-F1 |") == 2


def test_findings(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "argv", ["findings.py", str(tmp_path / "new")])
    found, out = run("findings.py", capsys)
    ledger = found["groups"].query("outlet == 'The Ledger' and theme == 'china_relations'")
    tones = ledger.set_index("summit")["tone_score"]
    assert tones["before"] > 0 > tones["after"]
    assert (found["corrected"]["note"] == "").all()
    assert "too few articles" in out
    assert "Caution: " in out
    pictures = {"article.png", "themes.png", "time.png", "outlets.png"}
    written = {path.name: path.stat().st_size for path in (tmp_path / "new").iterdir()}
    assert set(written) == {*pictures, "report.html", "sample.jsonl"}
    assert all(written.values())
    assert "I was wrong about the railway" in (tmp_path / "new/report.html").read_text("utf-8")

    drawn, coded = (
        stancelib.read_examples(path)
        for path in (found["sample"], EXAMPLES / "outlets/coded.jsonl")
    )
    assert [(p.id, p.examples[0].text, p.metadata) for p in drawn] == [
        (p.id, p.examples[0].text, p.metadata) for p in coded
    ]
    assert all(e.themes is not None and e.tone for p in coded for e in p.examples)


def test_findings_keep_a_sample_that_was_coded(capsys, monkeypatch, tmp_path):
    (tmp_path / "sample.jsonl").write_text("coded", encoding="utf-8")
    monkeypatch.setattr(sys, "argv", ["findings.py", str(tmp_path)])
    run("findings.py", capsys)
    assert (tmp_path / "sample.jsonl").read_text(encoding="utf-8") == "coded"


def test_articles_of_the_outlets():
    panel = stancelib.Panel.from_files(EXAMPLES / "outlets/articles.jsonl", title="title")
    assert panel.metadata["outlet"].value_counts().tolist() == [10, 10, 10]
    assert panel.metadata["date"].is_monotonic_increasing
    assert all(8 <= len(article) <= 14 for article in panel.articles)
    assert panel.arrays.given.any(axis=0).all()


def test_every_script_is_tested():
    tested = Path(__file__).read_text(encoding="utf-8")
    for script in EXAMPLES.glob("*.py"):
        assert f'"{script.name}"' in tested


@pytest.mark.parametrize("text", sorted(EXAMPLES.glob("*.txt")), ids=lambda p: p.name)
def test_texts_are_utf8(text):
    assert text.read_text(encoding="utf-8")
