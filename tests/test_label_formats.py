import json
from pathlib import Path

import pytest

from stancelib import Coding, DataError, Example, Passage, read_examples, write_examples

FILES = Path(__file__).parent / "label_files"
NAMES = ["climate", "economy", "negative"]


def labels(*themes):
    return frozenset(themes)


def examples(passages):
    return [e for p in passages for e in p.examples]


def test_excel_with_two_coders():
    read = read_examples(FILES / "excel.csv")
    quay = "The quay was sold to a foreign bank."
    calm = "It was a calm day,\r\nthe mayor said."
    ann, ben = "ann", "ben"
    assert read == [
        Passage(
            "a1",
            (
                Example(
                    quay,
                    None,
                    "negative",
                    (
                        Coding(ann, labels("economy", "sovereignty"), "negative"),
                        Coding(ben, labels("economy"), "negative"),
                    ),
                ),
                Example(
                    calm,
                    labels(),
                    None,
                    (Coding(ann, labels(), "neutral"), Coding(ben, labels(), "positive")),
                ),
            ),
            title="Harbour sold",
        ),
        Passage(
            "a2",
            (
                Example(
                    'The reef is pale; "dead", they say.',
                    labels("climate"),
                    "negative",
                    (Coding(ann, labels("climate"), "negative"),),
                ),
            ),
        ),
    ]
    assert read.format == "table"
    assert read.skipped == {"blank rows": 1}
    assert read.undecided == {"themes": 1, "tone": 1}


def test_a_column_for_each_theme():
    read = read_examples(FILES / "flags.tsv")
    assert read == [
        Passage(
            "p1",
            (
                Example("Wages rose.", labels("economy"), "positive"),
                Example("The hall was full.", labels(), "neutral"),
                Example("More later.", None, None),
            ),
            metadata={"year": "2019"},
        ),
        Passage(
            "p2",
            (Example("Rains failed.", labels("climate"), None),),
            metadata={"year": "2020"},
        ),
    ]


def test_doccano():
    read = read_examples(FILES / "doccano.jsonl")
    assert (read.format, [p.id for p in read]) == ("doccano", ["11", "12", "13"])
    assert examples(read) == [
        Example("The bridge to the south reopened.", labels("china"), "positive"),
        Example("Tea was served.", labels(), "neutral"),
        Example("Nobody has read this one.", None, None),
    ]


@pytest.mark.parametrize("named", [None, "doccano"])
def test_doccano_csv(named):
    assert examples(read_examples(FILES / "doccano.csv", format=named)) == [
        Example("The bridge, at last, reopened.", labels("china", "economy"), None),
        Example("Tea was served.", labels(), None),
    ]


def test_label_studio():
    read = read_examples(FILES / "label_studio.json", coders="any")
    steel = (
        Coding("7", labels("china", "economy"), "negative"),
        Coding("ben@example.org", labels("economy"), "negative"),
    )
    assert read == [
        Passage(
            "d1",
            (
                Example("Steel prices doubled.", labels("china", "economy"), "negative", steel),
                Example("Mills stand idle.", None, None),
                Example(
                    "A choir sang.", labels(), "positive", (Coding("7", labels(), "positive"),)
                ),
            ),
            title="Steel",
        )
    ]
    assert read.skipped == {"results of type 'textarea'": 1, "cancelled annotations": 1}


def test_label_studio_min():
    read = read_examples(FILES / "label_studio_min.json", coders="8")
    first = (
        Coding("7", labels("china", "economy"), "negative"),
        Coding("8", labels("economy"), "negative"),
    )
    assert read.format == "label-studio-min"
    assert examples(read) == [
        Example("Steel prices doubled.", labels("economy"), "negative", first),
        Example("A choir sang.", None, None, (Coding("7", labels(), "positive"),)),
    ]


def test_label_studio_csv_does_not_split_choices():
    read = read_examples(FILES / "label_studio_min.csv")
    assert [(e.themes, e.tone) for e in examples(read)] == [
        (labels("economy", "trade, steel"), "negative"),
        (labels(), "positive"),
        (labels("trade, steel"), "neutral"),
    ]


def test_argilla():
    read = read_examples(FILES / "argilla.jsonl")
    ships = (
        Coding("u1", labels("economy"), "positive"),
        Coding("u2", labels("economy", "russia"), "positive"),
    )
    assert read == [
        Passage(
            "n1",
            (
                Example("Grain ships left port.", None, "positive", ships),
                Example("The pier is closed.", None, None),
                Example("It rained.", labels(), "neutral", (Coding("u1", labels(), "neutral"),)),
            ),
        )
    ]
    assert read.skipped == {
        "responses with status 'discarded'": 1,
        "answers to 'effort' that are no labels": 1,
    }


def test_prodigy():
    read = read_examples(FILES / "prodigy.jsonl")
    dam = (Coding("ann", labels("climate"), "negative"), Coding("ben", labels(), "negative"))
    mill = (Coding("ben", labels("economy"), "positive"),)
    assert read == [
        Passage(
            "w1",
            (
                Example("The dam is dry.", None, "negative", dam),
                Example("Ask him.", None, None),
                Example("The mill turns again.", labels("economy"), "positive", mill),
            ),
        )
    ]
    assert read.skipped == {"answers 'ignore'": 1, "answers 'reject'": 1}


def test_numbers_of_names():
    read = read_examples(FILES / "huggingface.jsonl", names=NAMES)
    assert read.format == "huggingface"
    assert [(e.themes, e.tone) for e in examples(read)] == [
        (labels("economy"), "negative"),
        (labels("economy"), None),
        (None, None),
    ]
    scalar = [{"text": "Loans.", "label": 1}, {"text": "Snow.", "label": 2.0}]
    read = read_examples(scalar, names=NAMES, format="huggingface")
    assert [(e.themes, e.tone) for e in examples(read)] == [
        (labels("economy"), None),
        (labels(), "negative"),
    ]


def test_one_for_each_name():
    read = read_examples(FILES / "multi_hot.jsonl", names=NAMES)
    assert read.format == "multi-hot"
    assert [(e.themes, e.tone) for e in examples(read)] == [
        (labels("economy"), "negative"),
        (labels(), None),
    ]


def test_spacy():
    read = read_examples(FILES / "spacy.jsonl")
    assert [(e.themes, e.tone) for e in examples(read)] == [
        (labels("climate"), "negative"),
        (labels(), None),
    ]


def test_fasttext():
    read = read_examples(FILES / "fasttext.txt")
    assert read.format == "fasttext"
    assert examples(read) == [
        Example("Lorries queue at the pass.", labels("china", "economy"), None),
        Example("A  plain line without labels.", labels(), None),
    ]
    assert [p.id for p in read] == ["fasttext-1", "fasttext-2"]


def task(**changes):
    return {"data": {"text": "Ice."}, "annotations": [], **changes}


@pytest.mark.parametrize(
    ("records", "options", "fault"),
    [
        ([task(data="Ice.")], {}, "record 1: `data` is 'Ice.', expected an object with the text"),
        ([task(annotations=3)], {}, "record 1: `annotations` is 3, expected a list of objects"),
        (
            [task(annotations=[{"result": [{"value": {"choices": "a"}, "from_name": "q"}]}])],
            {},
            "record 1: choices of 'q' is 'a', expected a list of names",
        ),
        (
            [{"text": "Ice.", "q.responses": "a"}],
            {},
            "record 1: `q.responses` is 'a', expected a list",
        ),
        (
            [{"text": "Ice.", "q.responses": [["a"]], "q.responses.status": []}],
            {},
            r"record 1: `q.responses.status` is \[\], expected a list of 1",
        ),
        (
            [{"text": "Ice.", "accept": "a", "answer": "accept"}],
            {},
            "record 1: `accept` is 'a', expected a list of names",
        ),
        (
            [{"text": "Ice.", "accept": [], "answer": "maybe"}],
            {},
            "record 1: `answer` is 'maybe', expected accept, reject or ignore",
        ),
        (
            [{"text": "Ice.", "label": "a", "answer": "accept"}],
            {},
            "record 1: no list `accept`; yes-or-no decisions",
        ),
        (
            [{"text": "Ice.", "label": 3}],
            {"names": NAMES},
            "record 1: label is 3, expected a number from 0 to 2",
        ),
        (
            [{"text": "Ice.", "labels": [0.0, 1.0]}],
            {"names": NAMES},
            r"record 1: labels are \[0.0, 1.0\], expected a list of 3",
        ),
        (
            [{"text": "Ice.", "labels": [1, 1, 2]}],
            {"names": NAMES, "format": "multi-hot"},
            r"record 1: labels is \{.*\}, expected numbers from 0 to 1",
        ),
        (
            [{"text": "Ice.", "cats": {"climate": "yes"}}],
            {},
            "record 1: cats is .*, expected numbers from 0 to 1",
        ),
        (
            [{"text": "Ice.", "label": ["a"]}, {"text": "Snow.", "label": [["a", 1]]}],
            {"format": "doccano"},
            "record 2: label is .*, expected a list of names",
        ),
        (
            [{"text": "Ice.", "annotation_id": 1, "topics": {"choices": [1]}}],
            {},
            "record 1: topics: choices is",
        ),
    ],
)
def test_a_damaged_record_of_each_shape(records, options, fault):
    with pytest.raises(DataError, match=fault):
        read_examples(records, **options)


def test_damaged_files(tmp_path):
    file = tmp_path / "damaged.jsonl"
    file.write_text('{"text": "Ice.", "label": ["a"]}\n{"text": \n[]\n', encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_examples(file)
    second, third = str(caught.value).splitlines()
    assert second.startswith(f"{file}:2: Expecting value")
    assert third == f"{file}:3: [], expected an object"
    file = tmp_path / "damaged.txt"
    file.write_text("__label__a Ice.\n__label__ Snow.\n__label__b\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_examples(file)
    second, third = str(caught.value).splitlines()
    assert second == f"{file}:2: a label without a name in '__label__ Snow.'"
    assert third.startswith(f"{file}:3: no text in column 'text'")


def test_several_annotations_without_a_name_are_numbered():
    def annotation(theme):
        value = {"choices": [theme]}
        return {"result": [{"from_name": "topics", "type": "choices", "value": value}]}

    both = [annotation("economy"), annotation("climate")]
    one = [annotation("economy")]
    (first, second) = examples(
        read_examples([task(annotations=both, id=1), task(annotations=one, id=2)])
    )
    assert [c.coder for c in first.codings] == ["1", "2"]
    assert second == Example("Ice.", labels("economy"), None)


def test_argilla_without_users_and_status():
    record = {"id": "r", "text": "Ice.", "q.responses": ["climate", "economy", None]}
    for users in ({}, {"q.responses.users": [None, None, None]}):
        (example,) = examples(read_examples([{**record, **users}]))
        assert example.codings == (
            Coding("1", labels("climate"), None),
            Coding("2", labels("economy"), None),
        )


def test_names_are_asked_for():
    with pytest.raises(DataError, match=r"the labels are numbers; pass names=\[...\]"):
        read_examples(FILES / "huggingface.jsonl")
    with pytest.raises(ValueError, match="names= goes with labels that are numbers"):
        read_examples(FILES / "spacy.jsonl", names=NAMES)


def test_numbers_under_another_name():
    records = [{"text": "Loans.", "code": 1}]
    read = read_examples(records, format="huggingface", names=NAMES, columns={"themes": "code"})
    assert examples(read)[0].themes == labels("economy")


@pytest.mark.parametrize("path", sorted(FILES.iterdir()), ids=lambda p: p.name)
def test_what_was_read_can_be_kept(path, tmp_path):
    names = NAMES if path.stem in ("huggingface", "multi_hot") else None
    read = read_examples(path, names=names)
    write_examples(read, tmp_path / "own.jsonl")
    assert read_examples(tmp_path / "own.jsonl") == read
    for line in (tmp_path / "own.jsonl").read_text(encoding="utf-8").splitlines():
        assert json.loads(line)["sents"]
