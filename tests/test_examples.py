import json

import pytest

from stancelib.errors import DataError
from stancelib.examples import label_names, read_examples
from stancelib.records import Example


def write(folder, *records):
    file = folder / "data.jsonl"
    file.write_text(
        "".join(r if isinstance(r, str) else json.dumps(r) + "\n" for r in records), "utf-8"
    )
    return file


def test_reads_passages_with_their_context(tmp_path):
    record = {
        "id": "a-1",
        "genre": "speech",
        "title": "Opening",
        "before": ["We met."],
        "sents": [["It failed.", [], "negative"], ["Why?", None, None]],
    }
    (passage,) = read_examples(write(tmp_path, record))
    assert passage.id == "a-1"
    assert passage.title == "Opening"
    assert passage.before == ("We met.",)
    assert passage.metadata == {"genre": "speech"}
    assert passage.examples == (
        Example("It failed.", frozenset(), "negative"),
        Example("Why?", None, None),
    )


def test_passages_without_an_id_are_named_after_file_and_line(tmp_path):
    sents = [["One.", [], "neutral"]]
    first, second = read_examples(
        write(tmp_path, "\n", {"sents": sents}, {"id": None, "sents": sents})
    )
    assert (first.id, second.id) == ("data-2", "data-3")


@pytest.mark.parametrize(
    ("record", "fault"),
    [
        ("{", "data.jsonl:1: Expecting property name"),
        ('{"sents": ' + "[" * 100_000, "data.jsonl:1: "),
        ('{"sents": [["a", [], 1' + "0" * 5000 + "]]}", "data.jsonl:1: "),
        ([], "expected an object with a list `sents`"),
        ({"sents": "x"}, "expected an object with a list `sents`"),
        ({"sents": []}, "`sents` is empty"),
        ({"sents": [["a", []]]}, r"sentence 0 is \['a', \[\]\], expected \[text, themes, tone\]"),
        ({"sents": [["a", "x", None]]}, "themes are 'x', expected a list of names or null"),
        ({"sents": [["a", [], 3]]}, "tone is 3, expected a name or null"),
        ({"sents": [["a", [], None]], "title": 3}, "`title` is 3, expected a string"),
        ({"sents": [["a", [], None]], "before": "x"}, "`before` is 'x', expected a list"),
    ],
)
def test_names_what_is_wrong(tmp_path, record, fault):
    with pytest.raises(DataError, match=fault):
        read_examples(write(tmp_path, record))


def test_names_the_first_twenty_faults_and_counts_the_rest(tmp_path):
    with pytest.raises(DataError) as caught:
        read_examples(write(tmp_path, *["[]\n"] * 25))
    lines = str(caught.value).splitlines()
    assert len(lines) == 21
    assert lines[-1] == "... and 5 more"


def test_the_same_id_twice(tmp_path):
    record = {"id": "a", "sents": [["One.", [], "neutral"]]}
    with pytest.raises(DataError, match=r"data\.jsonl:2: id 'a' stands in line 1 too"):
        read_examples(write(tmp_path, record, record))


def test_empty_and_not_utf8(tmp_path):
    with pytest.raises(DataError, match="no passages; expected one JSON object a line"):
        read_examples(write(tmp_path, "\n"))
    (tmp_path / "latin.jsonl").write_bytes(b"\xe9")
    with pytest.raises(DataError, match="not UTF-8 at byte 0; save it as UTF-8"):
        read_examples(tmp_path / "latin.jsonl")


def test_label_names(tmp_path):
    records = [{"sents": [["a", ["z", "b"], "up"], ["b", None, "down"]]}]
    assert label_names(read_examples(write(tmp_path, *records))) == (("b", "z"), ("down", "up"))
