import pytest

from stancelib import Coding, DataError, Example, read_examples


def rows(*values, **common):
    return [{**common, **value} for value in values]


def examples(passages):
    return [e for p in passages for e in p.examples]


def row(text, label="", **more):
    return {"text": text, "label": label, **more}


def test_documents_keep_the_order_of_the_file():
    read = read_examples(
        [row("A.", "x", doc="b"), row("B.", doc="a"), row("C."), row("D.", doc="b", title="T")]
    )
    assert [(p.id, p.title, [e.text for e in p.examples]) for p in read] == [
        ("b", "T", ["A.", "D."]),
        ("a", None, ["B."]),
        ("record-3", None, ["C."]),
    ]


def test_metadata_is_what_a_document_has_in_common():
    read = read_examples(
        [row("A.", "x", doc="b", year=1990, page=1), row("B.", doc="b", year=1990.0, page=2)]
    )
    assert read[0].metadata == {"year": "1990"}
    assert read.skipped == {"columns that vary within a document: page": 1}


def test_two_titles_of_a_document():
    with pytest.raises(DataError, match="record 2: title is 'U', that of document 'b' is 'T'"):
        read_examples([row("A.", doc="b", title="T"), row("B.", doc="b", title="U")])


def test_a_sentence_said_twice_is_two_sentences():
    read = read_examples([row("Thank you.", "x", doc="d"), row("Thank you.", "y", doc="d")])
    assert [e.themes for e in examples(read)] == [{"x"}, {"y"}]


def test_a_sentence_said_twice_and_coded_by_two():
    read = read_examples(
        [row("Hm.", label, doc="d", coder=c) for c, label in [("a", "x"), ("a", "y"), ("b", "x")]]
    )
    first, second = examples(read)
    assert [c.coder for c in first.codings] == ["a", "b"]
    assert second.codings == (Coding("a", frozenset({"y"}), None),)


def test_sentences_by_id_and_by_position():
    two = [row("A.", "x", coder="a"), row("A.", "x", coder="b")]
    for key in ("id", "position"):
        apart = [{**r, key: i, "doc": "d"} for i, r in enumerate(two)]
        together = [{**r, key: 0, "doc": "d"} for r in two]
        assert len(examples(read_examples(apart))) == 2
        assert len(examples(read_examples(together))) == 1
    without = [{**r, "position": 0, "text": t} for r, t in zip(two, "AB", strict=True)]
    assert len(examples(read_examples(without))) == 2


def test_an_id_that_is_not_one():
    with pytest.raises(DataError) as caught:
        read_examples([row("A.", "x", id=7), row("B.", "x", id=7), row("A.", "y", id=7)])
    second, third = str(caught.value).splitlines()
    assert second.startswith("record 2: the sentence has the key '7' as that of record 1, with ano")
    assert third.startswith("record 3: the sentence is that of record 1, coded again by nobody in")
    read = read_examples([row("A.", "x", id=7), row("B.", "x", id=7)], columns={"document": "id"})
    assert [len(p.examples) for p in read] == [2]


def test_a_coder_twice():
    with pytest.raises(DataError, match="record 2: the sentence is that of record 1, coded again"):
        read_examples([row("A.", "x", id=7, coder="a"), row("A.", "y", id=7, coder="a")])


@pytest.mark.parametrize("text", [None, "", " \t", 3])
def test_no_text(text):
    with pytest.raises(DataError, match="record 1: no text in column 'text': "):
        read_examples([row(text, "x")])
    with pytest.raises(DataError, match=r"no text in columns \['words'\]: None; .* the column"):
        read_examples([{"words": "A.", "label": ["x"]}])


@pytest.mark.parametrize(
    ("labels", "empty", "expected"),
    [
        (["x", ""], "none", [{"x"}, set()]),
        (["x", ""], "uncoded", [{"x"}, None]),
        (["none", ""], "none", [set(), set()]),
        (["None", ""], "uncoded", [set(), None]),
        (["neutral", "negative"], "none", [None, None]),
        (["x;neutral", "neutral"], "none", [{"x"}, set()]),
        (["x;neutral", ""], "none", [{"x"}, None]),
        (["x;neutral", "neutral"], "uncoded", [{"x"}, None]),
    ],
)
def test_no_theme_and_not_coded(labels, empty, expected):
    records = [row("A.", label) for label in labels]
    assert [e.themes for e in examples(read_examples(records, empty=empty))] == expected


def test_labels_that_contradict_each_other():
    with pytest.raises(DataError, match=r"record 1: \['none', 'x'\] say no theme and a theme"):
        read_examples([row("A.", "x;none")])
    with pytest.raises(DataError, match="record 1: two tones"):
        read_examples([row("A.", "Negative", tone="positive")])
    with pytest.raises(DataError, match="record 1: a label is blank"):
        read_examples([row("A.", ["x", " "])])


def test_renaming_goes_before_all_else():
    read = read_examples(
        [row("A.", "China;Good;junk"), row("B.", "junk")],
        rename={"China": "china_relations", "Good": "positive", "junk": None},
    )
    assert examples(read) == [
        Example("A.", frozenset({"china_relations"}), "positive"),
        Example("B.", None, None),
    ]
    assert read.skipped == {"label 'junk', dropped by rename": 2}


def test_a_coding_without_labels_is_none():
    read = read_examples([row("A.", "x;neutral", coder="a"), row("A.", "", coder="b")])
    assert [c.coder for c in examples(read)[0].codings] == ["a"]
