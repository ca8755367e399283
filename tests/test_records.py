from dataclasses import FrozenInstanceError

import pytest

from stancelib.records import Example, Passage


def test_records_are_frozen():
    example = Example("One.", frozenset(), "neutral")
    with pytest.raises(FrozenInstanceError):
        example.text = "Two."


def test_passages_do_not_share_metadata():
    a, b = Passage("a", ()), Passage("b", ())
    a.metadata["genre"] = "speech"
    assert b.metadata == {}
    assert b.weight == 1.0
