import json

import pytest

import stancelib
from stancelib.errors import DataError
from stancelib.examples import label_names, read_examples, write_examples
from stancelib.records import Example, Passage


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


ROWS = [
    {"text": "Exports fell.", "label": "economy;negative", "doc": "a", "coder": "ann"},
    {"text": "Exports fell.", "label": "negative", "doc": "a", "coder": "ben"},
    {"text": "Snow fell.", "label": "none;neutral", "doc": "b", "coder": "ann"},
    {"text": "Snow fell.", "label": "none;negative", "doc": "b", "coder": "ben"},
    {"text": "More fell.", "label": "climate;x;neutral", "doc": "b", "coder": "ann"},
]


def test_summary():
    assert read_examples(ROWS, rename={"x": None}).summary().splitlines() == [
        "3 sentences in 2 passages, read as table",
        "coded for themes: 2, for tone: 2",
        "themes: climate 1, none 1",
        "tones: negative 1, neutral 1",
        "coders: ann 3, ben 2; 2 sentences coded by several",
        "coded by several, undecided: themes 1, tone 1",
        "not counted: label 'x', dropped by rename: 1",
    ]


def test_examples_are_a_sequence():
    read = read_examples(ROWS)
    passages = list(read)
    assert len(read) == 2
    assert read == passages
    assert read == tuple(passages)
    assert read == read_examples(ROWS, format="table")
    assert read != passages[:1]
    assert read != "ab"
    assert read[1:] == (passages[1],)
    assert passages[0] in read
    with pytest.raises(TypeError, match="unhashable"):
        hash(read)


def test_passages_and_examples_handed_in():
    read = read_examples(ROWS)
    assert read_examples(read) == read
    assert read_examples(list(read)).format == "passages"
    ben = read_examples(read, coders="ben", rename={"negative": "bad"})
    assert [e.tone for p in ben for e in p.examples] == ["bad", "bad", None]
    first, second = (e for p in read for e in p.examples[:1])
    assert read_examples([first, second]) == [
        Passage("example-1", (first,)),
        Passage("example-2", (second,)),
    ]


def test_labels_beside_codings_stand_unless_a_rule_is_named(tmp_path):
    codings = [["ann", ["a"], None], ["ben", ["b"], None]]
    file = write(tmp_path, {"sents": [["One.", ["c"], None, codings]]})
    assert read_examples(file)[0].examples[0].themes == {"c"}
    assert read_examples(file, coders="any")[0].examples[0].themes == {"a", "b"}


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"format": "xlsx"}, ValueError, "format is 'xlsx', expected one of"),
        ({"empty": "maybe"}, ValueError, "empty is 'maybe', expected 'none' or 'uncoded'"),
        ({"tones": "negative"}, TypeError, "tones is the string 'negative'; pass a list"),
        ({"names": "economy"}, TypeError, "names is the string 'economy'; pass a list"),
        ({"columns": {"theme": "x"}}, ValueError, "columns names the role 'theme', expected"),
        ({"coders": "cat"}, ValueError, r"coders is 'cat', .* there are \['ann', 'ben'\]"),
        ({"rename": ["x"]}, TypeError, r"rename is \['x'\], expected a mapping"),
        ({"columns": "text"}, TypeError, "columns is 'text', expected a mapping"),
        ({"coders": 3}, TypeError, "coders is 3, expected a string or a function"),
        ({"coders": lambda _: None}, TypeError, r"coders\(\) returned None"),
    ],
)
def test_wrong_arguments(options, error, message):
    with pytest.raises(error, match=message):
        read_examples(ROWS, **options)


def test_columns_do_not_go_with_own_files(tmp_path):
    file = write(tmp_path, {"sents": [["One.", [], None]]})
    with pytest.raises(ValueError, match="columns= goes with other files than own ones"):
        read_examples(file, columns={"text": "t"})


def test_all_that_read_examples_reads_can_be_evaluated(tmp_path):
    file = tmp_path / "mine.csv"
    file.write_text("text,label\nExports fell sharply.,economy\nHe sat.,\n", encoding="utf-8")
    evaluation = stancelib.evaluate(file)
    assert (evaluation.n_sentences, evaluation.themes["economy"].support) == (2, 1)


def test_an_existing_file_is_kept(tmp_path):
    file = tmp_path / "own.jsonl"
    read = read_examples(ROWS)
    write_examples(read, file)
    assert read_examples(str(file)) == read
    with pytest.raises(FileExistsError, match=r"own\.jsonl exists; choose another name or pass"):
        write_examples(read, file)
    write_examples(read[:1], file, overwrite=True)
    assert read_examples(file) == read[:1]


@pytest.mark.parametrize(
    ("examples", "options", "error", "message"),
    [
        ([], {"format": "csv"}, ValueError, "format is 'csv', expected one of"),
        ([], {"model": 1}, ValueError, "own files hold no suggestions; leave out model="),
        ("mine.jsonl", {}, TypeError, "examples hold str; pass passages"),
        ([Example("A.", None, None)], {}, TypeError, "examples hold Example; pass passages"),
        ([Passage("p", ())], {}, ValueError, "passage 'p' has no sentences; leave it out"),
        ([Passage("p", (Example("A.", None, None),))] * 2, {}, ValueError, "id 'p' belongs to two"),
    ],
)
def test_what_cannot_be_written(tmp_path, examples, options, error, message):
    with pytest.raises(error, match=message):
        write_examples(examples, tmp_path / "f", **options)
