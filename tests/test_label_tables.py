import pandas as pd
import pytest

from stancelib import DataError, Example, Passage, read_examples


def table(tmp_path, text, name="mine.csv", encoding="utf-8"):
    file = tmp_path / name
    file.write_bytes(text.encode(encoding))
    return file


def labels(passages):
    examples = [e for p in passages for e in p.examples]
    return [(None if e.themes is None else sorted(e.themes), e.tone) for e in examples]


@pytest.mark.parametrize("separator", [";", "|", ",", "#"])
def test_labels_in_one_column(tmp_path, separator):
    file = table(
        tmp_path, f'text,themes,tone\nA.,"economy{separator} climate",neutral\nB.,,neutral'
    )
    assert labels(read_examples(file)) == [(["climate", "economy"], "neutral"), ([], "neutral")]


def test_two_separators(tmp_path):
    file = table(tmp_path, "text\tthemes\nA.\ttrade, jobs; climate\n")
    with pytest.raises(DataError, match=r"labels may be separated by ';' or ','; name one, as in"):
        read_examples(file)
    assert labels(read_examples(file, separator=";")) == [(["climate", "trade, jobs"], None)]
    assert labels(read_examples(file, separator="")) == [(["trade, jobs; climate"], None)]


def test_labels_as_lists_and_sets():
    rows = [{"text": "A.", "themes": {"b", "a"}}, {"text": "B.", "themes": '["c"]'}]
    assert labels(read_examples(rows)) == [(["a", "b"], None), (["c"], None)]


def test_a_data_frame():
    frame = pd.DataFrame(
        {
            "text": ["A.", "B.", "C."],
            "economy": [1.0, 0.0, None],
            "climate": [True, False, None],
            "tone": ["neutral", None, None],
            "year": [2001, 2002, 2003],
        }
    )
    assert read_examples(frame) == [
        Passage("record-1", (Example("A.", frozenset({"economy", "climate"}), "neutral"),),
                metadata={"year": "2001"}),
        Passage("record-2", (Example("B.", frozenset(), None),), metadata={"year": "2002"}),
        Passage("record-3", (Example("C.", None, None),), metadata={"year": "2003"}),
    ]  # fmt: skip


def test_a_frame_with_a_column_twice():
    frame = pd.DataFrame([["A.", 1, 0]], columns=["text", "economy", "economy"])
    with pytest.raises(DataError, match="data frame: column 'economy' stands there twice"):
        read_examples(frame)


def test_tones_as_columns_of_0_and_1():
    row = {"text": "A.", "economy": 1, "negative": 0, "positive": 1}
    assert labels(read_examples([row])) == [(["economy"], "positive")]
    with pytest.raises(DataError, match=r"two tones, \['negative', 'positive'\]; keep one"):
        read_examples([{**row, "negative": 1}])


def test_faults_of_0_and_1(tmp_path):
    file = table(tmp_path, "text,economy,climate\nA.,1,0\nB.,1,\nC.,0,2\nD.,0,0\n")
    with pytest.raises(DataError) as caught:
        read_examples(file)
    second, third = str(caught.value).splitlines()
    assert second == (
        f"{file}:3: ['climate'] blank while others are filled; put 0 or 1, or leave all blank"
    )
    assert third.startswith(f"{file}:4: climate is '2', expected 0 or 1")


def test_columns_named_by_the_caller(tmp_path):
    file = table(tmp_path, "Satz,heading,trade,Urteil,Blatt\nA.,1,1,good,x\nB.,0,0,bad,x\n")
    read = read_examples(
        file,
        columns={"text": "Satz", "themes": ["trade"], "tone": "Urteil", "document": "Blatt"},
        rename={"good": "positive", "bad": "negative", "trade": "economy"},
    )
    assert [p.id for p in read] == ["x"]
    assert labels(read) == [(["economy"], "positive"), ([], "negative")]
    assert read.skipped == {"columns that vary within a document: heading": 1}


def test_several_columns_with_a_label_each():
    rows = [{"text": "A.", "first": "economy", "second": "climate"}, {"text": "B.", "first": "a"}]
    read = read_examples(rows, columns={"themes": ["first", "second"]})
    assert labels(read) == [(["climate", "economy"], None), (["a"], None)]


def test_names_of_labels_are_not_taken_for_0_and_1():
    assert labels(read_examples([{"text": "A.", "label": "1"}])) == [(["1"], None)]


def test_no_column_of_labels():
    rows = [{"text": "A.", "my codes": "economy"}]
    with pytest.raises(DataError, match=r"none of the columns \['text', 'my codes'\] holds labels"):
        read_examples(rows)
    read = read_examples(rows, columns={"themes": None})
    assert labels(read) == [(None, None)]
    assert read[0].metadata == {"my codes": "economy"}


def test_a_cell_that_is_not_json():
    with pytest.raises(DataError, match=r"record 1: themes is '\{oops', which is not JSON"):
        read_examples([{"text": "A.", "themes": "{oops"}])


def test_a_tone_that_is_none():
    with pytest.raises(DataError, match="record 1: tone is 'mixed', expected one of"):
        read_examples([{"text": "A.", "tone": "mixed"}])
    read = read_examples([{"text": "A.", "tone": "mixed"}], tones=["mixed", "clear"])
    assert labels(read) == [(None, "mixed")]
