import numpy as np

from stancelib.context import REACH, surroundings


def describe(p, sections=None, above=None):
    p = np.array(p, dtype=float)[:, None]
    sections = np.zeros(len(p), dtype=int) if sections is None else np.array(sections)
    above = np.full(p.shape, np.nan) if above is None else np.array(above, dtype=float)[:, None]
    return surroundings(p, sections, above)


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


def test_sections_do_not_see_each_other():
    together = describe([0.2, 0.4, 0.9, 0.1], [0, 0, 1, 1], [np.nan, np.nan, 0.3, 0.3])
    first, second = describe([0.2, 0.4]), describe([0.9, 0.1], above=[0.3, 0.3])
    np.testing.assert_allclose(together, np.vstack([first, second]))


def test_what_stands_above():
    above = describe([0.8, 0.2, 0.3], above=[np.nan, 0.5, 0.0])[:, 2:]
    assert above.tolist() == [[0, 0], [0.5, 1], [0, 1]]


def test_nothing_comes_of_nothing():
    assert describe([]).shape == (0, 4)
