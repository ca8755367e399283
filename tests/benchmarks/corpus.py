"""Counts and agreement of the corpus: ``python tests/benchmarks/corpus.py``.

Agreement is Cohen's kappa, per theme and for tone: of two blind readers (``first_readers.tsv``
and ``second_readers.tsv``), and of authors (``authors.tsv``) and settled labels.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from sklearn.metrics import cohen_kappa_score

from stancelib.building import CORPUS, THEMES, TONES

LETTERS = dict(zip("SECRL", THEMES, strict=True))
TONE_LETTERS = dict(zip("nup", TONES, strict=True))
Labels = dict[tuple[str, int], tuple[frozenset[str], str]]


def passages() -> Iterator[dict[str, Any]]:
    for file in sorted(CORPUS.glob("*.jsonl")):
        for line in file.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def read_labels(name: str) -> Labels:
    labels: Labels = {}
    for line in (CORPUS / name).read_text(encoding="utf-8").splitlines():
        passage, index, themes, tone = line.split("\t")
        names = frozenset(LETTERS[letter] for letter in themes if letter != "-")
        labels[passage, int(index)] = (names, TONE_LETTERS[tone])
    return labels


def agreement(name: str, one: Labels, other: Labels) -> list[str]:
    both = sorted(one.keys() & other.keys())
    kappas = [
        cohen_kappa_score([theme in one[k][0] for k in both], [theme in other[k][0] for k in both])
        for theme in THEMES
    ]
    kappas.append(cohen_kappa_score([one[k][1] for k in both], [other[k][1] for k in both]))
    same = np.mean([one[k][0] == other[k][0] for k in both])
    return [name, str(len(both)), f"{same:.3f}", *(f"{kappa:.3f}" for kappa in kappas)]


def shares(title: str, counts: Counter[str], n: int) -> None:
    rows = [[name, f"{count:,}", f"{count / n:.1%}"] for name, count in counts.most_common()]
    print_table([title, "sentences", "share"], rows)


def print_table(head: list[str], rows: Iterable[list[str]]) -> None:
    table = [head, *rows]
    widths = [max(len(row[i]) for row in table) for i in range(len(head))]
    for first, *rest in table:
        cells = [cell.rjust(width) for cell, width in zip(rest, widths[1:], strict=True)]
        print("  ".join([first.ljust(widths[0]), *cells]))
    print()


def main() -> None:
    regions = dict(
        line.split("\t")
        for line in (CORPUS / "places.tsv").read_text(encoding="utf-8").splitlines()
    )
    settled: Labels = {}
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("label", "genre", "region", "decade")
    }
    n_passages = n = 0
    for passage in passages():
        n_passages += 1
        year = passage.get("year")
        for index, (_, themes, tone) in enumerate(passage["sents"]):
            n += 1
            settled[passage["id"], index] = (frozenset(themes), tone)
            counts["label"].update([*(themes or ["no theme"]), tone])
            counts["genre"][passage["genre"]] += 1
            counts["region"][regions[passage["place"]]] += 1
            counts["decade"][f"{year // 10 * 10}s" if year else "not noted"] += 1
    print(f"{n:,} sentences in {n_passages:,} passages, {len(regions)} places\n")
    for title, counter in counts.items():
        shares(title, counter, n)
    readers, authors = read_labels("second_readers.tsv"), read_labels("authors.tsv")
    print_table(
        ["kappa", "sentences", "same themes", *THEMES, "tone"],
        [
            agreement("two blind readers", read_labels("first_readers.tsv"), readers),
            agreement("author and settled label", authors, settled),
        ],
    )


if __name__ == "__main__":
    main()
