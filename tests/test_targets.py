import numpy as np
import pytest

from stancelib.errors import DataError
from stancelib.records import Example, Passage
from stancelib.targets import make_targets

PASSAGE = Passage(
    "p",
    (
        Example("x", frozenset({"b"}), "up"),
        Example("y", frozenset(), None),
        Example("z", None, "down"),
    ),
    weight=0.5,
)


def test_none_and_not_coded_are_kept_apart():
    targets = make_targets([PASSAGE], ("a", "b"), ("down", "up"))
    nan = np.nan
    np.testing.assert_equal(targets.themes, [[0, 1], [0, 0], [nan, nan]])
    np.testing.assert_equal(targets.tones, [[0, 1], [nan, nan], [1, 0]])
    assert targets.weights.tolist() == [0.5] * 3
    assert targets.rows(np.array([2])).tones.tolist() == [[1, 0]]


def test_unknown_labels_are_named():
    with pytest.raises(DataError) as caught:
        make_targets([PASSAGE], ("a",), ("up",))
    assert str(caught.value).splitlines() == [
        "p, sentence 0: unknown themes ['b'], known are ['a']",
        "p, sentence 2: unknown tone 'down', known are ['up']",
    ]
