"""Each script of `examples/` runs and says what it should."""

import runpy
from pathlib import Path

import pytest

import stancelib

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


def test_every_script_is_tested():
    tested = Path(__file__).read_text(encoding="utf-8")
    for script in EXAMPLES.glob("*.py"):
        assert f'"{script.name}"' in tested


@pytest.mark.parametrize("text", sorted(EXAMPLES.glob("*.txt")), ids=lambda p: p.name)
def test_texts_are_utf8(text):
    assert text.read_text(encoding="utf-8")
