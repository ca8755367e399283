import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import stancelib
from stancelib import Candidate, Coding, DataError, Example, Passage, measure_agreement
from stancelib.review import (
    find_label_errors,
    select_to_label,
    to_frame,
    to_records,
    to_table,
)

THEMES, TONES = ("economy", "climate"), ("negative", "neutral", "positive")


def passage(*labels, name="a"):
    examples = (
        Example(f"Sentence {i}.", themes if themes is None else frozenset(themes), tone)
        for i, (themes, tone) in enumerate(labels)
    )
    return Passage(name, tuple(examples))


def find(passages, probabilities, **options):
    return find_label_errors(passages, probabilities, themes=THEMES, tones=TONES, **options)


def corpus(n=400, seed=0, rate=(0.3, 0.04)):
    """Sentences with labels, 5 % of each kind changed, and noisy probabilities of the right."""
    rng = np.random.default_rng(seed)
    themes = rng.random((n, 2)) < rate
    tones = rng.integers(0, 3, n)
    log_odds = np.where(themes, 1.5, -3) + rng.normal(size=(n, 2))
    logits = 2 * np.eye(3)[tones] + rng.normal(size=(n, 3))
    tone_p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    probabilities = np.hstack([1 / (1 + np.exp(-log_odds)), tone_p])
    wrong = np.stack([rng.permutation(n) < n // 20 for _ in range(3)], axis=1)
    themes, tones = themes ^ wrong[:, :2], (tones + wrong[:, 2]) % 3
    labels = [
        ({name for name, yes in zip(THEMES, row, strict=True) if yes}, TONES[tone])
        for row, tone in zip(themes, tones, strict=True)
    ]
    passages = [passage(*labels[i : i + 10], name=str(i // 10)) for i in range(0, n, 10)]
    return passages, probabilities, wrong


def test_a_wrong_theme_and_a_wrong_tone_are_found():
    passages = [
        passage((["economy"], "negative"), ([], "neutral"), name="a"),
        passage(([], "negative"), ([], "neutral"), ([], "negative"), name="b"),
    ]
    probabilities = [
        [0.9, 0.1, 0.8, 0.1, 0.1],
        [0.1, 0.1, 0.1, 0.8, 0.1],
        [0.95, 0.1, 0.8, 0.1, 0.1],
        [0.1, 0.1, 0.1, 0.8, 0.1],
        [0.1, 0.1, 0.05, 0.9, 0.05],
    ]
    theme, tone = sorted(find(passages, probabilities), key=lambda s: s.label)
    assert (theme.passage, theme.index, theme.text) == ("b", 0, "Sentence 0.")
    assert (theme.given, theme.suggested, theme.probability) == (False, True, 0.95)
    assert (tone.passage, tone.index, tone.label) == ("b", 2, "tone")
    assert (tone.given, tone.suggested, tone.probability) == ("negative", "neutral", 0.9)
    own, other = (0.8 + 0.8 + 0.05) / 3, 0.8  # what each tone gets where it was given
    assert tone.score == pytest.approx((0.9 / other) / (0.9 / other + 0.05 / own))


def test_half_of_the_wrong_labels_are_in_the_first_tenth():
    for seed in range(3):
        passages, probabilities, wrong = corpus(seed=seed)
        first = find(passages, probabilities, n=wrong.size // 10)
        columns = (*THEMES, "tone")
        hits = sum(wrong[int(s.passage) * 10 + s.index, columns.index(s.label)] for s in first)
        assert hits / wrong.sum() > 0.75
        assert {s.label for s in first} == set(columns)


def test_most_likely_first_and_n_cuts():
    passages, probabilities, _ = corpus()
    suspects = find(passages, probabilities)
    scores = [s.score for s in suspects]
    assert scores == sorted(scores, reverse=True)
    assert all(0.5 < score <= 1 for score in scores)
    assert find(passages, probabilities, n=7) == suspects[:7]
    assert all(s.given != s.suggested for s in suspects)


def test_a_sentence_stands_once_for_each_doubtful_label():
    passages = [passage(([], "neutral"), (["economy"], "negative"), ([], "neutral"))]
    sure = [0.99, 0.01, 0.98, 0.01, 0.01]
    suspects = find(passages, [sure, sure, [0.01, 0.01, 0.01, 0.98, 0.01]])
    assert sorted((s.index, s.label) for s in suspects) == [(0, "economy"), (0, "tone")]


def test_what_is_not_coded_is_left_alone():
    passages, probabilities, _ = corpus()
    more = [*passages, passage((None, None), (None, "neutral"), ([], None), name="open")]
    rows = [[0.99, 0.99, 0.98, 0.01, 0.01]] * 3
    found = find(more, np.vstack([probabilities, rows]))
    assert {(s.index, s.label) for s in found if s.passage == "open"} == {
        (1, "tone"),
        (2, "economy"),
        (2, "climate"),
    }
    assert find([passage((None, None))], rows[:1]) == []


def test_right_labels_raise_no_doubt():
    passages = [passage((["climate"], "negative"), ([], "neutral"))]
    assert find(passages, [[0, 0.9, 0.9, 0.1, 0], [0, 0, 0, 1, 0]]) == []
    assert find([], np.empty((0, 5))) == []


@given(st.lists(st.tuples(*[st.floats(0, 1)] * 2, st.sampled_from(TONES)), min_size=1, max_size=8))
def test_any_probabilities_will_do(rows):
    passages = [passage(*(({"economy"} if a < 0.3 else set(), tone) for a, _, tone in rows))]
    probabilities = [[a, b, b, 1 - b, 0] for a, b, _ in rows]
    for suspect in find(passages, probabilities):
        assert 0.5 < suspect.score <= 1
        assert 0 <= suspect.probability <= 1


def test_one_tone_or_none_will_do():
    passages = [passage((["economy"], "neutral"), ([], "neutral"))]
    alone = find_label_errors(passages, [[0.9, 1], [0.8, 1]], themes=["economy"], tones=["neutral"])
    assert [(s.label, s.index) for s in alone] == []
    untoned = [passage((["economy"], None), (["economy"], None), ([], None), ([], None))]
    p = [[0.9], [0.9], [0.1], [0.95]]
    (suspect,) = find_label_errors(untoned, p, themes=["economy"], tones=[])
    assert suspect.index == 3


@pytest.mark.parametrize(
    ("probabilities", "fault"),
    [
        (np.zeros((2, 5)), r"have shape \(2, 5\), expected \(1, 5\)"),
        (np.zeros((1, 4)), r"have shape \(1, 4\), expected \(1, 5\)"),
        ([[0, np.nan, 0, 1, 0]], r"probabilities\[0, 1\] is nan, expected 0 to 1"),
        ([[1.5, 0, 0, 1, 0]], r"probabilities\[0, 0\] is 1.5, expected 0 to 1"),
        ([[0, 0, 0, 0.5, 0.2]], r"tones of probabilities\[0\] add up to 0.700, expected 1"),
    ],
)
def test_wrong_probabilities(probabilities, fault):
    with pytest.raises(ValueError, match=fault):
        find([passage(([], "neutral"))], probabilities)


def test_wrong_arguments_of_find():
    one, row = passage(([], "neutral")), [[0, 0, 0, 1, 0]]
    with pytest.raises(TypeError, match="examples is one Passage; pass a list of Passage"):
        find(one, row)
    with pytest.raises(TypeError, match=r"examples\[0\] is of type Example, expected Passage"):
        find(one.examples, row)
    with pytest.raises(TypeError, match="themes is the string 'economy'; pass a list of names"):
        find_label_errors([one], row, themes="economy", tones=TONES)
    with pytest.raises(ValueError, match="n is 0, expected 1 or more"):
        find([one], row, n=0)
    with pytest.raises(DataError, match=r"a, sentence 0: unknown themes \['sport'\]"):
        find([passage((["sport"], None))], row)


PLACES = ["Tallinn", "Riga", "Vilnius", "Warsaw", "Prague", "Vienna", "Zagreb", "Skopje"]
TEXTS = [
    f"The dispute with {place} over {matter} drags on, some fear. Good morning!"
    for place, matter in zip(
        PLACES, ["fish", "gas", "rail", "visas", "wine", "dams", "steel", "roaming"], strict=True
    )
]


def test_the_doubtful_and_different_are_chosen(model):
    repeated = ["The dispute over grain drags on, some fear."] * 30
    chosen = select_to_label([*repeated, *TEXTS], model, n=6)
    assert len({c.text for c in chosen}) == len(chosen) == 6
    assert sum("grain" in c.text for c in chosen) <= 1
    assert sum("morning" in c.text for c in chosen) <= 1
    c = chosen[0]
    sentence = model.score([*repeated, *TEXTS][c.document])[c.index]
    assert (c.text, c.themes, c.tone) == (sentence.text, sentence.themes, sentence.tone)
    assert c.confidence == sentence.confidence


def test_the_unsure_come_before_the_sure(model, interview):
    article = model.score(interview)
    chosen = select_to_label([interview], model, n=3)
    least_sure = sorted(s.confidence for s in article)[:15]
    assert {c.confidence for c in chosen} <= set(least_sure)


def test_the_same_seed_gives_the_same(model, interview):
    first = select_to_label([interview], model, n=8)
    assert select_to_label([interview], model, n=8) == first
    assert select_to_label([interview], model, n=8, seed=1) != first


def test_coded_sentences_and_their_likes_are_not_chosen(model):
    coded = Example("The dispute with Riga over gas drags on, some fear.", frozenset(), "neutral")
    texts = ["The dispute with Riga over gas drags on, some fear!", "Nobody knows what comes."]
    assert len(select_to_label(texts, model)) == 2
    (chosen,) = select_to_label(texts, model, labelled=[Passage("old", (coded,))])
    assert chosen.document == 1
    open_theme = Example("What will the harvest be like?", None, "neutral")
    passage = Passage("mixed", (coded, Example(texts[0], None, None), open_theme))
    assert {(c.document, c.index) for c in select_to_label([passage, texts[1]], model)} == {
        ("mixed", 2),
        (1, 0),
    }


def test_many_coded_sentences_are_compared_block_by_block(model, monkeypatch):
    monkeypatch.setattr("stancelib.review.BLOCK", 2)
    known = [passage_of(text) for text in TEXTS[:6]]
    chosen = select_to_label(TEXTS, model, n=1, labelled=known)
    assert [c.document for c in chosen] in ([6], [7])
    assert len(select_to_label(TEXTS, model, n=5, labelled=known)) == 2


def passage_of(text):
    sentences = stancelib.score(text).sentences
    return Passage(text, tuple(Example(s.text, frozenset(), "neutral") for s in sentences))


def test_nothing_to_choose_from(model):
    assert select_to_label([], model) == []
    assert select_to_label(["", "... !"], model) == []


def test_wrong_arguments_of_select(model):
    with pytest.raises(TypeError, match="texts is one str; pass a list"):
        select_to_label("A text.", model)
    with pytest.raises(TypeError, match=r"texts\[1\] is of type int; pass strings or passages"):
        select_to_label(["A text.", 3], model)
    with pytest.raises(TypeError, match=r"labelled\[0\] is of type str, expected Passage"):
        select_to_label([], model, labelled=["A text."])
    with pytest.raises(ValueError, match="n is -1, expected 1 or more"):
        select_to_label([], model, n=-1)


CANDIDATE = Candidate(
    0, 12, "One \x1b[2J " + "word " * 30, ("economy", "climate"), "neutral", 0.256
)


def test_table_wraps_the_text():
    lines = to_table([CANDIDATE], width=80).split("\n")
    assert lines[0].split() == ["document", "index", "themes", "tone", "confidence", "text"]
    assert lines[1].split()[:6] == ["0", "12", "economy,", "climate", "neutral", "0.26"]
    assert len(lines) > 3
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in "".join(lines)
    assert to_table([]) == ""


def test_table_and_frame_of_suspects():
    passages, probabilities, _ = corpus()
    suspects = find(passages, probabilities, n=20)
    assert "  yes  " in to_table(suspects)
    frame = to_frame(suspects)
    assert list(frame.columns) == [
        *("passage", "index", "text", "label", "given", "suggested", "probability", "score")
    ]
    assert frame["score"].tolist() == [s.score for s in suspects]
    assert frame.to_dict("records") == to_records(suspects)


def test_table_and_frame_of_candidates_and_disagreements():
    assert to_frame([CANDIDATE])["themes"].tolist() == ["economy;climate"]
    codings = (Coding("anna", frozenset({"economy"}), None), Coding("ben", frozenset(), None))
    found = measure_agreement([Passage("a", (Example("Rain.", None, None, codings),))])
    assert "anna yes, ben no  Rain." in to_table(found.disagreements)
    frame = to_frame(found.disagreements)
    assert (frame["said_anna"].tolist(), frame["said_ben"].tolist()) == ([True], [False])
    assert to_frame([]).empty


def test_a_frame_needs_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match="pip install 'stancelib"):
        to_frame([CANDIDATE])


def test_the_module_is_reachable_without_scikit_learn():
    code = (
        "import sys, stancelib; stancelib.review.find_label_errors;"
        "print({'sklearn', 'scipy', 'pandas'} & set(sys.modules))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert out.stdout == "set()\n"
