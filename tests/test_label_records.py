import pytest

from stancelib.errors import DataError
from stancelib.label_records import (
    Entry,
    Log,
    could_be,
    fields_of,
    find_columns,
    names_of,
    plain,
)


def test_columns_by_their_names():
    names = ["Doc ID", "headline", "sentence", "Sentiment", "coder-id", "year"]
    assert find_columns(names, {}, "f") == {
        "text": "sentence",
        "tone": "Sentiment",
        "document": "Doc ID",
        "title": "headline",
        "coder": "coder-id",
    }


def test_the_name_of_the_role_goes_first():
    assert find_columns(["sentence", "text"], {}, "f") == {"text": "text"}
    with pytest.raises(DataError) as caught:
        find_columns(["doc", "article"], {}, "f")
    assert str(caught.value) == (
        "f: columns ['doc', 'article'] may all hold the document; "
        "name one with columns={'document': 'doc'}"
    )


def test_columns_of_the_caller():
    names = ["text", "title", "article", "doc"]
    named = {"text": "title", "document": "article", "title": None}
    assert find_columns(names, named, "f") == {"text": "title", "document": "article"}
    with pytest.raises(DataError, match=r"f: no column 'x'; there are \['text'\]"):
        find_columns(["text"], {"themes": ["x"]}, "f")


def test_could_be():
    assert could_be("Label", "themes")
    assert not could_be("Label", "tone")


def test_fields_of_meta():
    assert fields_of({"text": "A.", "meta": {"doc": "d", "text": "B."}}) == {
        "text": "A.",
        "doc": "d",
    }
    assert fields_of({"meta": "late"}) == {"meta": "late"}


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), ([], ""), ({}, ""), (2.0, "2"), (2.5, "2.5"), (0, "0"), (["é"], '["é"]')],
)
def test_plain(value, text):
    assert plain(value) == text


def test_names_of():
    assert names_of(["a"], "x") == ("a",)
    for value in ("a", ["a", 1], None):
        with pytest.raises(DataError, match=r"x is .*, expected a list of names"):
            names_of(value, "x")


def test_faults_come_in_the_order_of_the_file():
    log = Log()
    log.check()
    for number in (30, 2, 1):
        log.fault(Entry(f"f:{number}", number, None), "odd")
    with pytest.raises(DataError) as caught:
        log.check()
    assert str(caught.value).splitlines() == ["f:1: odd", "f:2: odd", "f:30: odd"]
