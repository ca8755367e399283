import json

import pytest

from stancelib import Coding, DataError, Example, Passage, read_examples
from stancelib.label_records import Entry, Log
from stancelib.passage_lines import passage_line, read_passages

CODED = Passage(
    "p",
    (
        Example(
            "One.",
            frozenset({"b", "a"}),
            "up",
            (Coding("ann", frozenset({"a"}), None), Coding("ben", None, "up")),
        ),
        Example("Two.", frozenset(), None),
        Example("Three.", None, None),
    ),
    title="T",
    before=("Zero.",),
    metadata={"genre": "speech"},
    weight=0.25,
)


def read(line):
    return read_passages([Entry("f:1", 1, json.loads(line))], "f", Log())


def test_a_line_as_it_is_written():
    assert passage_line(CODED) == (
        '{"id": "p", "genre": "speech", "title": "T", "before": ["Zero."], "weight": 0.25, '
        '"sents": [["One.", ["a", "b"], "up", [["ann", ["a"], null], ["ben", null, "up"]]], '
        '["Two.", [], null], ["Three.", null, null]]}'
    )
    assert read(passage_line(CODED)) == [CODED]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"weight": -1}, "`weight` is -1, expected a number of 0 or more"),
        ({"weight": True}, "`weight` is True"),
        ({"weight": float("inf")}, "`weight` is inf"),
        ({"weight": "1"}, "`weight` is '1'"),
        ({"sents": [["a", [], None, "x"]]}, "sentence 0: codings are 'x', expected a list"),
        (
            {"sents": [["a", [], None, [["ann", []]]]]},
            r"sentence 0: a coding is \['ann', \[\]\], expected \[coder, themes, tone\]",
        ),
        (
            {"sents": [["a", [], None, [[1, [], None]]]]},
            r"sentence 0: a coding is \[1, \[\], None\]",
        ),
        ({"sents": [["a", [], None, [["ann", 3, None]]]]}, "sentence 0: themes are 3, expected"),
    ],
)
def test_faults(tmp_path, change, fault):
    file = tmp_path / "data.jsonl"
    file.write_text(json.dumps({"sents": [["a", [], None]], **change}), encoding="utf-8")
    with pytest.raises(DataError, match=rf"data\.jsonl:1: {fault}"):
        read_examples(file)


def test_what_a_line_cannot_hold():
    clash = Passage("p", CODED.examples, metadata={"weight": "x"})
    with pytest.raises(ValueError, match="passage 'p': metadata 'weight' is a field of the file"):
        passage_line(clash)
