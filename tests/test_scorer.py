import numpy as np
import pytest

SENTENCES = [
    "Exports to China fell by a third, and nobody was surprised.",
    "",
    "Qwxzvia's glaciers are no longer a threat.",
    "7",
    "Россия объявила о санкциях.",
]


@pytest.fixture(scope="module")
def scorer(model):
    return model._scorer


def test_a_batch_scores_as_its_sentences_alone(scorer):
    together = scorer.read(SENTENCES).log_odds
    alone = np.vstack([scorer.read([s]).log_odds for s in SENTENCES])
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-12)


def test_no_sentences_give_no_rows(scorer):
    reading = scorer.read([])
    assert reading.log_odds.shape == (0, 8)
    assert reading.n_words.shape == reading.n_unknown.shape == (0,)


def test_counts_words_and_strangers(scorer):
    reading = scorer.read(SENTENCES)
    assert reading.n_words.tolist() == [11, 0, 7, 0, 4]
    assert reading.n_unknown.tolist() == [0, 0, 1, 0, 4]


def test_probabilities_are_probabilities(scorer):
    p = scorer.probabilities(scorer.read(SENTENCES).log_odds)
    assert ((p >= 0) & (p <= 1)).all()
    np.testing.assert_allclose(p[:, scorer.n_themes :].sum(axis=1), 1.0)


def test_probabilities_of_extreme_scores(scorer):
    p = scorer.probabilities(np.array([[1e3, -1e3, 0, 0, 0, 1e3, -1e3, 0]]))
    assert np.isfinite(p).all()
    assert p[0, :2].tolist() == [1.0, 0.0]
    assert p[0, 5] == 1.0


def test_parts_add_up(scorer):
    for sentence in SENTENCES:
        for label in range(8):
            unit = np.eye(8)[label]
            _, words, phrases = scorer.parts(sentence, unit)
            total = words.sum() + phrases.sum() + scorer.bias[label]
            assert total == pytest.approx(scorer.read([sentence]).log_odds[0, label], abs=1e-9)


def test_unknown_words_get_something_from_their_letters(scorer):
    base, strange = scorer.read(["The zzz of it", "The hyperclimatology of it"]).log_odds
    assert strange[4] > base[4]


def test_negation_turns_tone(scorer):
    plain, negated = scorer.probabilities(
        scorer.read(["The deal is a success.", "The deal is not a success."]).log_odds
    )
    assert plain[7] > negated[7]
    assert plain[5] < negated[5]
