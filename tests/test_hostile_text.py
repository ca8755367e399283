"""Any text at all: no exception, exact places, true probabilities, linear time, bounded memory."""

import csv
import io
import json
import time
import tracemalloc
from contextlib import redirect_stderr, redirect_stdout
from unicodedata import category

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from invariants import HARD, check_article, check_spans, check_tokens

from stancelib.cli import main
from stancelib.sentences import MAX_SENTENCE, split_sentences
from stancelib.tokens import MAX_WORD, hash_grams, token_spans, tokenize

ANY = st.characters(exclude_categories=())  # surrogates too
TEXTS = st.lists(ANY | st.sampled_from(HARD), max_size=60).map("".join)
FILLER = "The ministers met in May.\nNothing was signed.\nThey will meet again.\n"


@settings(deadline=None, max_examples=200)
@given(TEXTS)
def test_sentences_and_tokens(text):
    check_spans(text)
    check_tokens(text)


@settings(deadline=None, max_examples=60)
@given(text=TEXTS, title=st.none() | TEXTS)
@example(text="\0", title="\ud800")
@example(text="\u202eevil.\u202c A\u0301", title="\x1b[31m")
def test_articles(model, text, title):
    article = model.score(text, title=title)
    check_article(article)
    assert model.score(text, title=title) == article
    for sentence in article[:1]:
        for label in ("economy", "negative"):
            why = sentence.explain(label)
            total = sum(w.value for w in why.words) + why.surroundings + why.base
            assert total == pytest.approx(why.log_odds, abs=1e-4)


@settings(deadline=None, max_examples=40)
@given(st.lists(TEXTS, max_size=5), TEXTS)
def test_sentences_of_the_caller(model, sentences, before):
    article = model.score_sentences(sentences, before=[before])
    check_article(article)
    assert [s.text for s in article] == sentences


@settings(deadline=None, max_examples=100)
@given(TEXTS, TEXTS)
def test_a_paragraph_that_follows_does_not_change_the_cuts(first, second):
    alone = split_sentences(first)
    together = split_sentences(f"{first}\n{second}")[: len(alone)]
    assert [s[:2] for s in together] == [s[:2] for s in alone]
    # Only the last line may turn into a heading: now there is text below it.
    assert [s.heading for s in together[:-1]] == [s.heading for s in alone[:-1]]


@settings(deadline=None, max_examples=40)
@given(TEXTS, TEXTS)
def test_text_more_than_three_sentences_away_does_not_count(model, near, far):
    plain = model.score(f"{near}\n{FILLER}")
    n = len(plain) - 3
    after = model.score(f"{near}\n{FILLER}{far}")
    np.testing.assert_allclose(
        after.theme_probabilities[:n], plain.theme_probabilities[:n], rtol=0, atol=1e-6
    )
    np.testing.assert_allclose(
        after.tone_probabilities[:n], plain.tone_probabilities[:n], rtol=0, atol=1e-6
    )


def command(*arguments):
    """Run the command with real byte streams, as a terminal or a pipe has them."""
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding="ascii") for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        code = main([str(a) for a in arguments])
        out.flush()
        err.flush()
    return code, out.buffer.getvalue().decode("utf-8"), err.buffer.getvalue().decode("utf-8")


@settings(deadline=None, max_examples=12)
@given(text=TEXTS.map(lambda t: t.encode("utf-8", "replace").decode()), title=TEXTS)
def test_the_command(tmp_path_factory, text, title):
    file = tmp_path_factory.mktemp("hostile") / "text.txt"
    file.write_bytes(text.encode())
    code, out, err = command("score", file, "--format", "json", "--title", title)
    if "\0" in text:
        assert (code, out) == (2, "")
        assert "a binary file" in err
        return
    assert (code, err) == (0, "")
    sentences = json.loads(out)["sentences"]
    _, out, _ = command("score", file, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(out, newline="")))
    assert [row["text"] for row in rows] == [s["text"] for s in sentences]
    _, out, _ = command("score", file)
    assert all(c == "\n" or c.isprintable() or category(c) == "Zs" for c in out)


LONG = {
    "no blank": "a",
    "quotation marks": "“",
    "closing marks": ".”",
    "question marks": "?!",
    "spaced question marks": "? ! ",
    "brackets": ".)",
    "spaced full stops": ". ",
    "initials": "A. ",
    "list items": "1. ",
    "bullets": " • ",
    "ellipses": "…",
    "marks in the wrong order": "\u0301\u0316",
    "soft hyphens": "a\u00ad",
    "zero width": "\u200b",
    "apostrophes": "a'",
    "numbers": "1,",
    "acronyms": "u.",
    "capital with two small letters": "İ",
    "words": "word ",
    "left-overs of HTML": "<br/>&nbsp;",
    "ranks": "Lt. ",
    "newlines": "\n",
    "carriage returns": "\r\n",
    "blanks": " ",
    "short lines": "A!\n",
}


def seconds(call, text):
    def once():
        start = time.process_time()
        call(text)
        return time.process_time() - start

    return min(once() for _ in range(3))  # what else the machine does only adds


@pytest.mark.parametrize("unit", LONG.values(), ids=LONG)
@pytest.mark.parametrize("call", [split_sentences, tokenize, token_spans])
def test_time_grows_with_the_length(call, unit):
    short, long = (f"Ab{unit * (n // len(unit))} A. B" for n in (4_000, 64_000))
    assert seconds(call, long) < 48 * seconds(call, short) + 0.1  # 256 if it were quadratic


@pytest.mark.parametrize("unit", ["“", "?!", "a\u0301\u0316", "A!\n"])
def test_time_of_scoring_grows_with_the_length(model, unit):
    short, long = (unit * (n // len(unit)) for n in (1_000, 16_000))
    assert seconds(model.score, long) < 48 * seconds(model.score, short) + 0.2


@pytest.mark.parametrize("unit", ["a", "\n", "é", "\u00ad", " "])
def test_a_million_characters(model, unit):
    check_article(model.score(unit * 1_000_000))


@pytest.mark.parametrize(
    ("sentences", "megabytes"), [(["“" * 10_000] * 12, 100), (["A!"] * 10_000, 30)]
)
def test_memory_does_not_grow_with_the_length(model, sentences, megabytes):
    tracemalloc.start()
    model.score_sentences(sentences)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < megabytes * 1e6


def test_overlong_sentences_of_the_caller_are_read_in_part_and_flagged(model):
    long = "Exports to China fell. " + "x " * MAX_SENTENCE
    article = model.score_sentences([long, "Prices rose."])
    check_article(article)
    assert article.warnings[0].startswith("1 sentences are longer than 10000 characters; only so")
    same = model.score_sentences([long + "It rose. " * 100, "Prices rose."])
    assert (same.tone_probabilities == article.tone_probabilities).all()
    why = article[0].explain("negative")
    total = sum(w.value for w in why.words) + why.surroundings + why.base
    assert total == pytest.approx(why.log_odds, abs=1e-3)
    assert model.score(long).warnings != article.warnings


def test_overlong_words_cost_no_more_than_their_beginning():
    assert hash_grams("a" * 10 * MAX_WORD) == hash_grams("a" * MAX_WORD + "b")
    assert len(tokenize("é" * 10 * MAX_WORD)[0]) == 10 * MAX_WORD
