"""The corpus: what every file of `models/corpus/` must hold to."""

import json
import re
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from stancelib.building import CORPUS, THEMES, TONES, read_corpus

SHARED = CORPUS.parents[2] / "shared"
GENRES = {
    "analysis",
    "briefing",
    "communique",
    "editorial",
    "factsheet",
    "headline-list",
    "interview",
    "lead",
    "letter",
    "liveblog",
    "market",
    "news",
    "readout",
    "report",
    "social",
    "speech",
    "statement",
    "wire",
}
# Set formulas, names of bodies and titles of treaties, which nobody owns.
FORMULAS = re.compile(
    "charter of the united|sovereignty and territorial integrity"
    "|territorial integrity of ukraine"
    "|internationally recognized borders|inadmissibility of the use of force"
    "|force for the acquisition"
    "|interaction and confidence building|navigation in the south china"
    "|for the least developed countries|republic of kazakhstan in|people s republic of china"
    "|political forum on sustainable development|security and cooperation in"
    "|international civil aviation organization|ambassador extraordinary and plenipotentiary"
    "|institute for the study of war|bank for reconstruction and development"
    "|heads of state of central asia|republic of the marshall islands"
    "|situation in the middle east including"
)
RUN = 8


@pytest.fixture(scope="module")
def passages():
    return read_corpus()


def words(text):
    return re.findall(r"[^\W_]+", text.lower())


def runs(text, n=RUN):
    w = words(text)
    return [" ".join(w[i : i + n]) for i in range(len(w) - n + 1)]


def sentences(passages):
    return [(p.id, i, e.text) for p in passages for i, e in enumerate(p.examples)]


def test_labels_are_known_and_complete(passages):
    for passage in passages:
        for example in passage.examples:
            assert example.themes <= set(THEMES)
            assert example.tone in TONES


def test_passages_say_where_they_come_from(passages):
    for passage in passages:
        assert re.fullmatch(r"[a-z]\d*-\d{3}", passage.id), passage.id
        assert passage.metadata["genre"] in GENRES, passage.id
        assert passage.metadata["place"], passage.id
        assert passage.before == ()


def test_ids_begin_with_the_name_of_their_file():
    ids = []
    for file in CORPUS.glob("*.jsonl"):
        for line in file.read_text(encoding="utf-8").splitlines():
            ids.append(json.loads(line)["id"])
            assert ids[-1].split("-")[0] == file.stem
    assert len(set(ids)) == len(ids)


def test_sentences_are_of_sensible_length(passages):
    for where in sentences(passages):
        assert 0 < len(where[2]) <= 900, where
        assert where[2] == where[2].strip(), where
        assert "\n" not in where[2], where


def test_no_long_sentence_stands_there_twice(passages):
    counts = Counter(text for _, _, text in sentences(passages) if len(words(text)) > 9)
    assert [text for text, n in counts.items() if n > 1] == []


def test_no_sentence_nearly_repeats_another(passages):
    """Two sentences of ten words or more that share most of their runs of five words."""
    holders = defaultdict(list)
    texts = [(i, runs(text, 5)) for i, (_, _, text) in enumerate(sentences(passages))]
    texts = [(i, set(r)) for i, r in texts if len(r) >= 6]
    for i, shingles in texts:
        for shingle in shingles:
            holders[shingle].append(i)
    shingles_of, common = dict(texts), Counter()
    for held in holders.values():
        common.update((a, b) for k, a in enumerate(held[:20]) for b in held[k + 1 : 20])
    names = sentences(passages)
    near = [
        (names[a], names[b])
        for (a, b), n in common.items()
        if n > 0.7 * min(len(shingles_of[a]), len(shingles_of[b]))
    ]
    assert near == []


def test_the_shares_of_the_labels_are_within_bounds(passages):
    examples = [e for p in passages for e in p.examples]
    themes = Counter(t for e in examples for t in e.themes)
    tones = Counter(e.tone for e in examples)
    none = sum(not e.themes for e in examples) / len(examples)
    assert 0.38 < none < 0.55
    for theme in THEMES:
        assert 0.08 < themes[theme] / len(examples) < 0.35, theme
    for tone, low, high in (
        ("negative", 0.25, 0.4),
        ("neutral", 0.35, 0.55),
        ("positive", 0.2, 0.32),
    ):
        assert low < tones[tone] / len(examples) < high, tone


@pytest.mark.parametrize("name", ["authors.tsv", "second_readers.tsv"])
def test_other_labels_are_of_sentences_that_there_are(passages, name):
    there = {(p.id, i) for p in passages for i in range(len(p.examples))}
    lines = (CORPUS / name).read_text(encoding="utf-8").splitlines()
    for line in lines:
        passage, index, themes, tone = line.split("\t")
        assert (passage, int(index)) in there
        assert re.fullmatch(r"-|[SECRL]+", themes)
        assert tone in {"n", "u", "p"}


@pytest.mark.skipif(not SHARED.is_dir(), reason="the texts to compare with are not here")
def test_no_run_of_words_is_other_peoples(passages):
    """No eight words in a row from the texts the corpus learned its register from."""
    foreign = set()
    files = [*SHARED.glob("exemplars/*.txt"), *SHARED.glob("reference/*.txt")]
    for file in files:
        for line in file.read_text(encoding="utf-8").splitlines():
            foreign.update(runs(line))
    for file in [*SHARED.glob("gold/*.jsonl"), *SHARED.glob("real/*.jsonl")]:
        for line in file.read_text(encoding="utf-8").splitlines():
            record = json.loads(line)
            for part in [*record["sents"], *record["before"], record["title"] or ""]:
                foreign.update(runs(part if isinstance(part, str) else part[0]))
    assert foreign
    ours = [
        (p.id, text) for p in passages for text in [p.title or "", *(e.text for e in p.examples)]
    ]
    found = [(where, run) for where, text in ours for run in runs(text) if run in foreign]
    assert [f for f in found if not FORMULAS.search(f[1])] == []


def test_the_data_statement_is_there():
    text = (Path(CORPUS) / "README.md").read_text(encoding="utf-8")
    assert "invented" in text
    assert "licence" in text.lower()


def test_every_place_has_a_region():
    lines = (CORPUS / "places.tsv").read_text(encoding="utf-8").splitlines()
    regions = dict(line.split("\t") for line in lines)
    places = {
        json.loads(line)["place"]
        for file in CORPUS.glob("*.jsonl")
        for line in file.read_text(encoding="utf-8").splitlines()
    }
    assert places <= set(regions)
    assert len(set(regions.values())) == 12
