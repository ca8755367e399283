import json
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stancelib import (
    Coding,
    Example,
    Passage,
    label_studio_config,
    read_examples,
    write_examples,
)
from stancelib.codings import combine
from stancelib.label_records import ROLES, could_be

TONES = ("negative", "neutral", "positive")
TEXT = st.text(max_size=20).filter(str.strip)
NAME = TEXT.map(str.strip)
THEME = NAME.filter(lambda name: name.casefold() not in ("none", *TONES))
THEMES = st.none() | st.frozensets(THEME, max_size=3)
TONE = st.none() | st.sampled_from(TONES)
CODED = st.tuples(THEMES, TONE).filter(lambda labels: labels != (None, None))
FIELD = NAME.filter(
    lambda name: (
        not any(could_be(name, role) for role in ROLES)
        and name not in ("id", "sents", "before", "weight", "meta", "metadata", "Comments", "label")
        and not name.endswith((".responses", ".suggestion"))
    )
)
TOOL_FIELDS = {"annotation_id", "lead_time", "created_at", "updated_at", "cats", "accept", "answer",
               "data"}  # fmt: skip


def codings(draw):
    names = draw(st.lists(NAME, min_size=1, max_size=3, unique=True))
    return tuple(Coding(name, *draw(CODED)) for name in names)


@st.composite
def coded_by_several(draw):
    said = codings(draw)
    return Example(draw(TEXT), *combine(said), said)


EXAMPLE = st.builds(Example, TEXT, THEMES, TONE)


def passages_of(examples, **more):
    passage = st.builds(
        Passage,
        id=NAME,
        examples=st.lists(examples, min_size=1, max_size=4).map(tuple),
        title=st.none() | NAME,
        metadata=st.dictionaries(FIELD.filter(lambda n: n not in TOOL_FIELDS), TEXT, max_size=2),
        **more,
    )
    return st.lists(passage, min_size=1, max_size=3, unique_by=lambda p: p.id)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("written")


def there_and_back(passages, folder, name, **options):
    write_examples(passages, folder / name, overwrite=True, **options)
    return read_examples(folder / name, empty="uncoded")


@settings(max_examples=60, deadline=None)
@given(
    passages_of(
        EXAMPLE | coded_by_several(),
        before=st.lists(st.text()).map(tuple),
        weight=st.floats(0, 10),
    )
)
def test_own_lines_keep_all(folder, passages):
    assert there_and_back(passages, folder, "own.jsonl") == passages


@settings(max_examples=60, deadline=None)
@given(passages_of(EXAMPLE))
def test_doccano_keeps_labels_and_documents(folder, passages):
    assert there_and_back(passages, folder, "doccano.jsonl", format="doccano") == passages


@settings(max_examples=60, deadline=None)
@given(passages_of(EXAMPLE | coded_by_several()))
def test_label_studio_keeps_coders_too(folder, passages):
    assert there_and_back(passages, folder, "tasks.json", format="label-studio") == passages


PASSAGE = Passage(
    "p",
    (
        Example("Exports fell.", frozenset({"economy"}), "negative"),
        Example("Trade between the two sides collapsed.", None, None),
    ),
    title="Trade",
    before=("Figures came out on Monday.",),
)


def test_suggestions_for_label_studio(tmp_path, model):
    file = tmp_path / "tasks.json"
    write_examples([PASSAGE], file, format="label-studio", model=model)
    first, second = json.loads(file.read_text(encoding="utf-8"))
    assert first == {
        "data": {"text": "Exports fell.", "document": "p", "position": 0, "title": "Trade"},
        "annotations": [
            {
                "result": [
                    {
                        "from_name": name,
                        "to_name": "text",
                        "type": "choices",
                        "value": {"choices": [label]},
                    }
                    for name, label in (("themes", "economy"), ("tone", "negative"))
                ]
            }
        ],
    }
    (prediction,) = second.pop("predictions")
    scored = model.score_sentences(
        [e.text for e in PASSAGE.examples], title=PASSAGE.title, before=PASSAGE.before
    )[1]
    assert prediction["score"] == scored.confidence
    assert prediction["model_version"] == f"stancelib {model.digest[:12]}"
    assert [r["value"]["choices"] for r in prediction["result"]] == [["economy"], ["negative"]]
    assert second["annotations"] == []
    assert read_examples(file)[0].examples == PASSAGE.examples


def test_suggestions_for_doccano(tmp_path, model):
    file = tmp_path / "doccano.jsonl"
    dull = Passage("q", (Example("He sat down.", None, None),))
    write_examples([PASSAGE, dull], file, format="doccano", model=model)
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert [line["label"] for line in lines] == [
        ["economy", "negative"],
        ["economy", "negative"],
        ["none", "neutral"],
    ]


@pytest.mark.parametrize("format", ["doccano", "label-studio"])
def test_metadata_that_would_be_read_as_something_else(tmp_path, format):  # noqa: A002
    passage = Passage("p", PASSAGE.examples, metadata={"Headline": "x"})
    with pytest.raises(ValueError, match="passage 'p': metadata 'Headline' would be read as anoth"):
        write_examples([passage], tmp_path / "f", format=format)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_behind_when_writing_fails(tmp_path):
    passage = Passage("p", (Example("Half a pair: \ud83d", None, None),))
    file = tmp_path / "own.jsonl"
    file.write_text("precious", encoding="utf-8")
    with pytest.raises(UnicodeEncodeError):
        write_examples([passage], file, overwrite=True)
    assert [p.name for p in tmp_path.iterdir()] == ["own.jsonl"]
    assert file.read_text(encoding="utf-8") == "precious"


def test_label_studio_config():
    root = ElementTree.fromstring(label_studio_config(['a "b" & <c>'], TONES))
    named = {c.get("name"): [x.get("value") for x in c] for c in root.iter("Choices")}
    assert named == {"themes": ['a "b" & <c>', "none"], "tone": list(TONES)}
    assert root.find("Text").get("value") == "$text"
    with pytest.raises(TypeError, match="tones is the string 'neutral'; pass a list of names"):
        label_studio_config([], "neutral")
