"""How well a model reads the second sample of real text: ``python tests/benchmarks/pool.py``.

The sentences belong to others and are not here; `pool_labels.tsv` holds the labels that a reader
gave them (id, sentence, themes, tone), for measuring only, never for training. Where the text lies
beside the repository, this joins the two and prints what ``stancelib evaluate`` would.
"""

import json
import sys
from pathlib import Path

import stancelib
from stancelib import Example, Passage

LABELS = Path(__file__).parent / "pool_labels.tsv"
TEXTS = Path(__file__).parents[3] / "shared" / "real" / "pool.jsonl"
THEMES = {
    "S": "sovereignty",
    "E": "economy",
    "C": "china_relations",
    "R": "russia_relations",
    "L": "climate",
}
TONES = {"n": "negative", "u": "neutral", "p": "positive"}


def read_labels() -> dict[tuple[str, int], tuple[frozenset[str], str]]:
    labels = {}
    for line in LABELS.read_text(encoding="utf-8").splitlines():
        passage, index, themes, tone = line.split("\t")
        given = frozenset(THEMES[letter] for letter in themes if letter != "-")
        labels[passage, int(index)] = given, TONES[tone]
    return labels


def read_pool() -> list[Passage]:
    labels = read_labels()
    passages = []
    for line in TEXTS.read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        examples = [Example(s, *labels[record["id"], i]) for i, s in enumerate(record["sents"])]
        before = tuple(record["before"] or ())
        passages.append(Passage(record["id"], tuple(examples), record["title"] or None, before))
    return passages


if __name__ == "__main__":
    if not TEXTS.exists():
        sys.exit(f"{TEXTS}: not there; the labels alone cannot be scored")
    model = stancelib.load(sys.argv[1] if len(sys.argv) > 1 else None)
    print(stancelib.evaluate(read_pool(), model))
