import dataclasses

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancelib.errors import DataError
from stancelib.picture_data import (
    MAX_BINS,
    ScoredText,
    check_group_frame,
    group_columns,
    make_strip,
    plain,
    signed,
)

THEMES = ("economy", "climate")


@pytest.fixture(scope="module")
def sentence(model):
    return model.score("Exports fell.")[0]


@settings(max_examples=30, deadline=None)
@given(
    codes=st.lists(
        st.tuples(
            st.sampled_from(["negative", "neutral", "positive", "mixed", None]),
            st.sets(st.sampled_from(THEMES)),
        ),
        max_size=3 * MAX_BINS,
    )
)
def test_bars_are_shares_of_the_bin(sentence, codes):
    sentences = [dataclasses.replace(sentence, tone=t, themes=tuple(own)) for t, own in codes]
    strip = make_strip(sentences, THEMES)
    n_bins = len(strip.edges) - 1
    assert n_bins == min(len(codes), MAX_BINS)
    assert strip.binned == (len(codes) > MAX_BINS)
    assert (strip.edges[0], strip.edges[-1]) == (0, len(codes))
    heights = strip.upper - strip.lower
    assert heights[:, 0].sum(axis=0) == pytest.approx(np.ones(n_bins))
    size = np.diff(strip.edges)
    for lane, theme in enumerate(THEMES, start=1):
        for side, tones in enumerate(
            [{"negative"}, {"neutral", "mixed", None}, {"positive"}],
        ):
            count = sum(t in tones and theme in own for t, own in codes)
            assert heights[side, lane] @ size == pytest.approx(count)


def test_positive_lies_above_the_line_and_negative_below(sentence):
    tones = ("negative", "neutral", "positive")
    strip = make_strip([dataclasses.replace(sentence, tone=tone) for tone in tones], THEMES)
    assert strip.lanes == ("all", "economy", "climate")
    assert (strip.lower[0, 0, 0], strip.upper[0, 0, 0]) == (-1, 0)
    assert (strip.lower[1, 0, 1], strip.upper[1, 0, 1]) == (-0.5, 0.5)
    assert (strip.lower[2, 0, 2], strip.upper[2, 0, 2]) == (0, 1)


def test_the_tallest_bar_is_that_of_a_theme(sentence):
    sentences = [dataclasses.replace(sentence, tone="positive", themes=())] * 4 * MAX_BINS
    assert make_strip(sentences, THEMES).tallest == 1
    sentences[0] = dataclasses.replace(sentence, tone="positive", themes=("climate",))
    assert make_strip(sentences, THEMES).tallest == pytest.approx(1 / 4)


def test_an_article_is_a_scored_text(article):
    assert isinstance(article, ScoredText)
    assert not isinstance(article.sentences, ScoredText)


def test_frames_of_groups():
    frame = pd.DataFrame({"outlet": ["x"], "theme": ["all"], "share": [1.0]})
    check_group_frame(frame, ("theme", "share"))
    assert group_columns(frame) == ["outlet"]
    with pytest.raises(DataError, match=r"lacks the columns \['note'\], it has \['outlet', 'theme"):
        check_group_frame(frame, ("theme", "note"))
    with pytest.raises(TypeError, match="frame is of type dict; pass the frame"):
        check_group_frame({}, ("theme",))
    with pytest.raises(DataError, match="frame has no rows; choose groups that are there"):
        check_group_frame(frame[:0], ("theme",))


def test_plain_words():
    assert plain("russia_relations") == "russia relations"


@given(st.floats(-100, 100))
def test_signed_numbers(value):
    text = signed(value)
    assert float(text.replace("−", "-")) == pytest.approx(value, abs=0.005001)
    assert (text[0] in "+−") == (abs(float(text.replace("−", "-"))) > 0)
