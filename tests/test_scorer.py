import numpy as np
import pytest

SENTENCES = [
    "Exports to China fell by a third, and nobody was surprised.",
    "",
    "Qwxzvia's glaciers are no longer a threat.",
    "7",
    "Россия объявила о санкциях.",
]


def alone(scorer, sentences):
    scores = scorer.read(sentences).scores
    return scorer.probabilities(scorer.combine(scores, np.zeros((len(sentences), 8))))


@pytest.fixture(scope="module")
def scorer(model):
    return model.scorer


def test_a_batch_scores_as_its_sentences_alone(scorer):
    many = SENTENCES * 30  # more than are read at a time
    together = scorer.read(many)
    alone = [scorer.read([s]) for s in SENTENCES] * 30
    for field in ("scores", "pooled", "n_words", "n_unknown"):
        parts = np.concatenate([getattr(reading, field) for reading in alone])
        np.testing.assert_allclose(getattr(together, field), parts, rtol=0, atol=1e-5)


def test_no_sentences_give_no_rows(scorer):
    reading = scorer.read([])
    assert reading.scores.shape == (0, 16)
    assert reading.n_words.shape == reading.n_unknown.shape == (0,)
    assert scorer.surroundings(reading.pooled, np.zeros(0, dtype=np.int64)).shape == (0, 8)


def test_counts_words_and_strangers(scorer):
    reading = scorer.read(SENTENCES)
    assert reading.n_words.tolist() == [11, 0, 7, 0, 4]
    assert reading.n_unknown.tolist() == [0, 0, 1, 0, 4]


def test_probabilities_are_probabilities(scorer):
    p = alone(scorer, SENTENCES)
    assert ((p >= 0) & (p <= 1)).all()
    np.testing.assert_allclose(p[:, scorer.n_themes :].sum(axis=1), 1.0)


def test_probabilities_of_extreme_scores(scorer):
    p = scorer.probabilities(np.array([[1e3, -1e3, 0, 0, 0, 1e3, -1e3, 0]]))
    assert np.isfinite(p).all()
    assert p[0, :2].tolist() == [1.0, 0.0]
    assert p[0, 5] == 1.0


def test_parts_add_up(scorer):
    for sentence in SENTENCES:
        for score in range(16):
            _, words, phrases, base = scorer.parts(sentence, np.eye(16)[score])
            total = words.sum() + phrases.sum() + base
            assert total == pytest.approx(scorer.read([sentence]).scores[0, score], abs=1e-5)


def test_unknown_words_get_something_from_their_letters(scorer):
    base, strange = scorer.read(["The zzz of it", "The hyperclimatology of it"]).scores
    assert strange[4] > base[4]


def test_negation_turns_tone(scorer):
    plain, negated = alone(scorer, ["The deal is a success.", "The deal is not a success."])
    assert plain[7] > negated[7]
    assert plain[5] < negated[5]
