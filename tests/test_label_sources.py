import json

import pytest

from stancelib import DataError, read_examples
from stancelib.label_records import Log
from stancelib.label_sources import read_file, read_objects, recognise


def written(tmp_path, name, text, encoding="utf-8"):
    file = tmp_path / name
    file.write_bytes(text.encode(encoding))
    return file


def shape(path, names=None):
    return recognise(read_file(path, "utf-8-sig", None, {}, Log()), names)


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        ({"sents": []}, "jsonl"),
        ({"data": {}, "annotations": []}, "label-studio"),
        ({"text": "A.", "annotator": 1, "lead_time": 2}, "label-studio-min"),
        ({"text": "A.", "q.responses": []}, "argilla"),
        ({"text": "A.", "q.suggestion": "a"}, "argilla"),
        ({"text": "A.", "accept": []}, "prodigy"),
        ({"text": "A.", "cats": {}}, "spacy"),
        ({"text": "A.", "label": ["a"]}, "doccano"),
        ({"text": "A.", "labels": [0, 2]}, "huggingface"),
        ({"text": "A.", "label": 1}, "huggingface"),
        ({"text": "A.", "labels": [0.0, 1.0]}, "multi-hot"),
        ({"text": "A.", "labels": [True, False]}, "multi-hot"),
        ({"text": "A.", "label": "a"}, "table"),
        ({"text": "A.", "tone": "a"}, "table"),
    ],
)
def test_shapes_of_records(tmp_path, record, expected):
    lines = json.dumps(record)
    assert shape(written(tmp_path, "a.jsonl", lines)) == expected
    assert shape(written(tmp_path, "b.json", f"[{lines},\n{lines}]")) == expected
    assert shape(written(tmp_path, "c.json", f"{lines}\n{lines}\n")) == expected
    assert shape(written(tmp_path, "d.jsonl", f"[{lines}]")) == expected
    assert shape(written(tmp_path, "e.txt", json.dumps(record, indent=1))) == expected
    assert recognise(read_objects([record]), None) == expected


def test_ambiguous_shapes():
    def refused(records, names=None):
        with pytest.raises(DataError) as caught:
            recognise(read_objects(records), names)
        return str(caught.value)

    assert refused([{"cats": {}, "accept": []}]) == (
        "records: may be prodigy or spacy; name one, as in format='prodigy'"
    )
    assert "may be huggingface or multi-hot" in refused([{"labels": [0, 1]}], ["a", "b"])
    assert "may be doccano or huggingface" in refused([{"labels": ["a", 1]}])


def test_lists_of_0_and_1_that_can_be_told():
    records = [{"labels": [0, 1]}, {"labels": [0, 0]}]
    assert recognise(read_objects(records), ["a", "b"]) == "multi-hot"
    assert recognise(read_objects([{"labels": [0, 1]}]), ["a", "b", "c"]) == "huggingface"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiters(tmp_path, delimiter):
    rows = [["text", "label", "note"], ['"A; b, c."', "x", ""], ["B.", "", '"d|e\tf"']]
    text = "".join(delimiter.join(row) + "\n" for row in rows)
    (first, second) = read_examples(written(tmp_path, "a.csv", text))
    assert first.examples[0].text == "A; b, c."
    assert second.metadata == {"note": "d|e\tf"}


def test_a_delimiter_that_cannot_be_told(tmp_path):
    file = written(tmp_path, "a.csv", "words;x,y\n")
    with pytest.raises(DataError, match="columns may be separated by ',' or ';'"):
        read_examples(file)


def test_the_index_column_of_a_frame_is_left_out(tmp_path):
    (passage,) = read_examples(written(tmp_path, "a.csv", ",text,label\n0,A.,x\n"))
    assert passage.metadata == {}


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("text,label,label\nA.,x,y\n", r"a\.csv: column 'label' stands there twice; rename one"),
        ("text,label\nA.,x\nB.\n", r"a\.csv:3: 1 cells, the header has 2; put cells that hold"),
        ('text,label\n"A.\nB.",x\nC.,y,z\n', r"a\.csv:4: 3 cells, the header has 2"),
        ('text,label\nA.,"x\n', r"a\.csv:2: unexpected end of data; check its quotation marks"),
        ("text,label\n", r"a\.csv: no passages; expected a sentence a record"),
        ("", r"a\.csv: no passages; expected a sentence a record"),
    ],
)
def test_damaged_tables(tmp_path, text, fault):
    with pytest.raises(DataError, match=fault):
        read_examples(written(tmp_path, "a.csv", text))


def test_damaged_json(tmp_path):
    with pytest.raises(DataError, match=r"a\.json: Expecting .*; expected one JSON list, or one"):
        read_examples(written(tmp_path, "a.json", '[{"text": "A."}'))
    with pytest.raises(DataError, match=r"a\.json: no passages; expected a sentence a record"):
        read_examples(written(tmp_path, "a.json", "[]"))


def test_a_cell_longer_than_the_csv_module_allows(tmp_path):
    (passage,) = read_examples(written(tmp_path, "a.csv", f"text,label\n{'A' * 200_000},x\n"))
    assert len(passage.examples[0].text) == 200_000
    import csv

    assert csv.field_size_limit() == 131_072


def test_encodings(tmp_path):
    file = written(tmp_path, "a.csv", "text;label\nCafés open.;x\n", "cp1252")
    with pytest.raises(DataError, match=r"not UTF-8 at byte 14; .* as in encoding='cp1252'"):
        read_examples(file)
    (passage,) = read_examples(file, encoding="cp1252")
    assert passage.examples[0].text == "Cafés open."


def test_what_cannot_be_read():
    for source in (3, None, {"text": "A."}, ["A."], [{"text": "A."}, "B."]):
        with pytest.raises(TypeError, match="pass a path, a data frame, or a list of dicts"):
            read_examples(source)
