import json
import math
import pickle
import subprocess
import sys
from collections.abc import Sequence

import pandas as pd
import pytest

import stancelib


def test_is_a_sequence_of_sentences(article):
    assert len(article) == len(list(article)) == 41
    assert article[0] is article.sentences[0]
    assert article[-1] == article.sentences[40]
    assert article[2:4] == article.sentences[2:4]
    with pytest.raises(IndexError):
        article[41]


def test_sentences_say_what_the_arrays_say(article):
    for i, sentence in enumerate(article):
        assert article.text[sentence.start : sentence.end] == sentence.text
        p = sentence.theme_probabilities
        assert list(p.values()) == article.theme_probabilities[i].tolist()
        expected = [t for t, low in zip(p, article.thresholds, strict=True) if p[t] >= low]
        assert list(sentence.themes) == expected
        tones = sentence.tone_probabilities
        assert sum(tones.values()) == pytest.approx(1)
        assert sentence.tone == max(tones, key=tones.get)
        assert sentence.tone_score == pytest.approx(tones["positive"] - tones["negative"])


def test_summary_counts_the_sentences(article):
    for theme, summary in article.themes.items():
        carried = [s for s in article if theme in s.themes]
        assert summary.n_sentences == len(carried) > 0
        assert summary.share == pytest.approx(len(carried) / len(article))
        assert summary.tone_score == pytest.approx(
            sum(s.tone_score for s in carried) / len(carried)
        )
    shares = article.tone.shares
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["neutral"] == pytest.approx(
        sum(s.tone == "neutral" for s in article) / len(article)
    )
    assert article.tone.score == pytest.approx(sum(s.tone_score for s in article) / len(article))


def test_an_empty_article():
    article = stancelib.score(" \n")
    assert len(article) == 0
    assert article.sentences == ()
    assert math.isnan(article.tone.score)
    assert all(s.n_sentences == 0 and math.isnan(s.share) for s in article.themes.values())
    assert article.to_dict()["themes"]["climate"] == {
        "n_sentences": 0,
        "share": None,
        "tone_score": None,
    }
    assert article.to_frame().empty
    assert "0 sentences" in repr(article)


def test_confidence_is_that_of_the_whole_reading(article):
    for sentence in article:
        expected = max(sentence.tone_probabilities.values())
        for p in sentence.theme_probabilities.values():
            expected *= max(p, 1 - p)
        assert sentence.confidence == pytest.approx(expected)
        assert sentence.uncertain == (expected < 0.5)
    assert {s.uncertain for s in article} == {True, False}


def test_json_is_the_dict(article):
    assert json.loads(article.to_json()) == article.to_dict()
    assert "“" in article.to_json(indent=1)


def test_frame(article):
    frame = article.to_frame()
    themes = ["sovereignty", "economy", "china_relations", "russia_relations", "climate"]
    columns = ["sentence", "start", "end", "heading", "text"]
    columns += [c for theme in themes for c in (theme, f"p_{theme}")]
    columns += ["tone", "p_negative", "p_neutral", "p_positive", "tone_score", "confidence"]
    assert list(frame.columns) == columns
    assert frame["climate"].sum() == article.themes["climate"].n_sentences
    assert frame["tone"].tolist() == [s.tone for s in article]
    assert isinstance(frame, pd.DataFrame)


def test_repr_is_one_readable_line(article):
    assert repr(article).startswith("<Article 'President: a coast of friends': 41 sentences, tone ")
    assert "climate" in repr(article)
    assert "\n" not in repr(article)


def test_equal_when_text_title_and_scores_are(model, interview, article):
    assert model.score(interview, title=article.title) == article
    assert model.score(interview) != article
    assert len({article, model.score(interview, title=article.title)}) == 1
    assert article != "x"


def test_articles_travel(article):
    copy = pickle.loads(pickle.dumps(article))
    assert copy == article
    assert copy[4].explain("climate") == article[4].explain("climate")
    assert hash(copy[4]) == hash(article[4])
    assert isinstance(article, Sequence)
    assert article.index(article[4]) == 4


def test_html_escapes_the_text():
    html = stancelib.score("<script>alert(1)</script> & exports fell.")._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; exports fell." in html


def test_pandas_is_imported_only_for_a_frame():
    code = (
        "import sys, stancelib; stancelib.score('One. Two.').to_json();"
        "print(sorted({m.split('.')[0] for m in sys.modules}"
        " & {'pandas', 'sklearn', 'scipy', 'joblib', 'tqdm'}))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "[]\n"
