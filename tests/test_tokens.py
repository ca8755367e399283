import pytest
from hypothesis import given
from hypothesis import strategies as st

from stancelib.tokens import N_BUCKETS, hash_grams, number_shape, token_spans, tokenize


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Don’t panic!", ["don't", "panic", "!"]),
        ("U.S.-China trade", ["u.s.", "china", "trade"]),
        ("long-term", ["long", "term"]),
        ("€5.2m, 1,200 t", ["€", "5.2", "m", ",", "1,200", "t"]),
        ("eco\u00adnomy", ["economy"]),
        ("cafe\u0301", ["café"]),
        ("İstanbul", ["İstanbul"]),
        ("Путин", ["путин"]),
        ("", []),
    ],
)
def test_tokenize(text, tokens):
    assert tokenize(text) == tokens


@given(st.text(max_size=100))
def test_spans_are_those_of_the_tokens(text):
    spans = token_spans(text)
    assert [token for token, _, _ in spans] == tokenize(text)
    end = 0
    for _, start, stop in spans:
        assert end <= start < stop <= len(text)
        end = stop


@given(st.text(max_size=100))
def test_nothing_but_blanks_hyphens_and_invisible_characters_is_left_out(text):
    left = list(text)
    for _, start, end in token_spans(text):
        left[start:end] = [" "] * (end - start)
    assert not any(c.isalnum() for c in left)


def test_case_and_apostrophes_do_not_matter():
    assert tokenize("CHINA’S") == tokenize("china's")


def test_number_shape():
    assert number_shape("1,264.5") == "0,000.0"


def test_grams_are_buckets():
    grams = hash_grams("glacier")
    assert len(grams) == 7 + 6 + 5
    assert all(0 <= g < N_BUCKETS for g in grams)
    assert hash_grams("glacier") == grams
    assert hash_grams("2024") == hash_grams("%") == []
