"""What must hold for any text; used by tests/test_hostile_text.py and benchmarks/fuzz.py."""

import numpy as np

from stancelib.sentences import MAX_SENTENCE, split_sentences
from stancelib.tokens import hash_grams, token_spans, tokenize

# What scraped text has, and what is hard on splitters and tokenisers.
HARD = (
    *" \t\n\r\v\f\0\x1b\x1c\x85\u00a0\u2028\u2029\u3000",
    *".!?…:;,-–—•*()[]{}<>&#@=+/\\|_%$€",
    *"\"'`“”‘’«»‚„",
    *"aAbBiIxXzZ0179éßİıςΣǅﬁñ中文ひ한日русعبע",
    *"\u0301\u0316\u0344\u00ad\u200b\u200c\u200d\u200e\u200f\u202e\u2060\u2066\ufeff\ufffd\uffff",
    *"😀👩🏽🏴\ud800\udfff\U000e0001\U0010ffff²½Ⅷ①",
    *("Lt. ", "U.S. ", "Mr. ", "e.g. ", "p.m. ", "No. 7", "1.", "(a)", "...", ". . .", "?!", ".”"),
    *("not ", "no longer ", "however, ", "China ", "Moscow ", "trade ", "war. ", "It rose. "),
    *("<br/>", "&nbsp;", "&#8217;", "http://a.b/c?d=e", "<!-- ", "\r\n", "\n\n", "\n- "),
)


def check_spans(text):
    """Sentences are exact, in order, apart, and cover all that is not white space."""
    spans = split_sentences(text)
    end = 0
    for span in spans:
        assert end <= span.start < span.end <= len(text)
        assert text[end : span.start].strip() == ""
        sentence = text[span.start : span.end]
        assert sentence == sentence.strip()
        assert len(sentence) <= MAX_SENTENCE
        end = span.end
    assert text[end:].strip() == ""
    return spans


def check_tokens(text):
    """Tokens are not empty, stand where they say, in order, and leave no letter out."""
    spans = token_spans(text)
    assert [token for token, _, _ in spans] == tokenize(text)
    end = 0
    for token, start, stop in spans:
        assert token
        assert end <= start < stop <= len(text)
        assert not any(c.isalnum() for c in text[end:start])
        hash_grams(token)
        end = stop
    assert not any(c.isalnum() for c in text[end:])


def check_article(article):
    """Places are exact, probabilities are probabilities, and JSON can be made of it."""
    for sentence in article:
        assert article.text[sentence.start : sentence.end] == sentence.text
    themes, tones = article.theme_probabilities, article.tone_probabilities
    assert themes.shape[0] == tones.shape[0] == len(article)
    for probabilities in (themes, tones):
        assert ((probabilities >= 0) & (probabilities <= 1)).all()
    np.testing.assert_allclose(tones.sum(axis=1), 1, atol=1e-9)
    article.to_json()
