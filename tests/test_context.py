import numpy as np

from stancelib.context import REACH, surroundings

NONE = np.full((1, 1), np.nan)


def describe(p, texts=None, headings=None, titles=NONE):
    p = np.array(p, dtype=float)[:, None]
    n = len(p)
    texts = np.zeros(n, dtype=int) if texts is None else np.array(texts)
    headings = np.full(n, -1) if headings is None else np.array(headings)
    return surroundings(p, texts, headings, np.array(titles, dtype=float))


def test_before_and_around():
    before, around, above, has_above = describe([0.2, 0.4, 0.9]).T
    assert before.tolist() == [0, 0.2, 0.4]
    np.testing.assert_allclose(around, [0.65, 0.55, 0.3])
    assert not above.any()
    assert not has_above.any()


def test_around_reaches_so_far_and_no_further():
    p = np.zeros(20)
    p[0] = 1.0
    around = describe(p)[:, 1]
    assert around[REACH] > 0
    assert around[REACH + 1] == 0


def test_a_lone_sentence_has_no_surroundings():
    assert describe([0.7]).tolist() == [[0, 0, 0, 0]]


def test_texts_do_not_see_each_other():
    together = describe([0.2, 0.4, 0.9, 0.1], texts=[0, 0, 1, 1], titles=[[np.nan], [0.3]])
    first, second = describe([0.2, 0.4]), describe([0.9, 0.1], titles=[[0.3]])
    np.testing.assert_allclose(together, np.vstack([first, second]))


def test_the_heading_counts_before_the_title():
    above = describe([0.8, 0.2, 0.3], headings=[-1, 0, 0], titles=[[0.5]])[:, 2:]
    np.testing.assert_allclose(above, [[0.5, 1], [0.8, 1], [0.8, 1]])


def test_nothing_comes_of_nothing():
    assert describe([], titles=NONE).shape == (0, 4)
