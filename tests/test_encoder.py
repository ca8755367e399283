import numpy as np
import pytest

from stancelib.encoder import MARGIN, apart, beside, centre, gate, shift, spread


@pytest.fixture(scope="module")
def encoder(model):
    return model.scorer.encoder


def pooled(encoder, n, seed=0):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n, len(encoder.around))).astype(np.float32)


def test_gate_lets_through_by_its_second_half():
    np.testing.assert_allclose(gate(np.array([[3.0, 3.0, 50.0, -50.0]])), [[3.0, 0.0]], atol=1e-9)


def test_gate_survives_extremes():
    assert np.isfinite(gate(np.array([[1.0, 1.0, 500.0, -500.0]], dtype=np.float32))).all()


def test_shift_and_beside():
    rows = np.array([[1.0], [2.0], [3.0]])
    assert shift(rows, 1).ravel().tolist() == [0, 1, 2]
    assert shift(rows, -2).ravel().tolist() == [3, 0, 0]
    assert beside(rows, 1).tolist() == [[0, 1, 2], [1, 2, 3], [2, 3, 0]]
    assert beside(rows[:1], 2).tolist() == [[0, 1, 0]]


def test_sections_are_kept_apart():
    places, n_places = apart(np.array([4, 4, 7]))
    assert places.tolist() == [0, 1, 2 + MARGIN]
    assert n_places == 3 + 2 * MARGIN
    assert spread(np.ones((3, 1)), places, n_places).ravel().tolist() == [1, 1, 0, 0, 1, 0, 0]


def test_centre_is_the_middle_third():
    assert centre(np.zeros((9, 2))) == slice(3, 6)


def test_a_sentence_alone_has_no_surroundings(encoder):
    around = encoder.surroundings(pooled(encoder, 3), np.arange(3))
    np.testing.assert_allclose(around, 0, atol=1e-5)


def test_surroundings_reach_three_sentences_and_no_further(encoder):
    rows, sections = pooled(encoder, 9), np.zeros(9, dtype=np.int64)
    changed = rows.copy()
    changed[4] += 1
    moved = np.abs(encoder.surroundings(rows, sections) - encoder.surroundings(changed, sections))
    assert (moved.max(axis=1) > 1e-4).tolist() == [False] + [True] * 7 + [False]


def test_sections_do_not_hear_each_other(encoder):
    rows = pooled(encoder, 5)
    together = encoder.surroundings(rows, np.array([0, 0, 0, 1, 1]))
    alone = [
        encoder.surroundings(part, np.zeros(len(part), dtype=np.int64))
        for part in (rows[:3], rows[3:])
    ]
    np.testing.assert_allclose(together, np.concatenate(alone), atol=1e-5)


def test_order_of_words_counts(model):
    read = model.scorer.read
    one, other = read(
        ["Although exports fell, output rose.", "Although output rose, exports fell."]
    ).scores
    n_labels = len(one) // 2
    assert np.abs(one[n_labels:] - other[n_labels:]).max() > 0.1
