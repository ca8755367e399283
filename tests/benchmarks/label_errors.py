"""How many wrong labels are found: ``python tests/benchmarks/label_errors.py``.

Labels of the bundled corpus are changed at random, a bag-of-words model gives out-of-fold
probabilities, and `find_label_errors` ranks the labels. The tables say how many of the changed
labels stand in the first tenth: once 5 % of the labels of each kind are changed and a tenth of
all labels counts, once 5 % of the sentences get one wrong label and the list has a tenth as
many entries as there are sentences. Takes some two minutes.
"""

from collections import Counter
from dataclasses import replace

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold, cross_val_predict

from stancelib.building import THEMES, TONES, read_corpus
from stancelib.review import find_label_errors
from stancelib.targets import make_targets

LABELS = (*THEMES, "tone")
SHARE = 0.05


def changed(example, labels, rng):
    """The example with other values for some of its labels."""
    themes, tone = example.themes, example.tone
    for label in labels:
        if label == "tone":
            tone = rng.choice([t for t in TONES if t != tone])
        else:
            themes = themes ^ {label}
    return replace(example, themes=themes, tone=tone)


def planted(passages, labels_of, rng):
    """The passages with wrong labels; `labels_of` holds their names by number of sentence."""
    numbers = iter(range(len(labels_of)))
    return [
        replace(p, examples=tuple(changed(e, labels_of[next(numbers)], rng) for e in p.examples))
        for p in passages
    ]


def out_of_fold(passages, words, groups):
    targets = make_targets(passages, THEMES, TONES)
    columns = []
    for y in (*targets.themes.T, targets.tones.argmax(axis=1)):
        said = cross_val_predict(
            LogisticRegression(C=4, max_iter=200),
            words,
            y,
            groups=groups,
            cv=GroupKFold(4),
            method="predict_proba",
        )
        columns.append(said[:, 1:] if said.shape[1] == 2 else said)
    return np.hstack(columns)


def report(name, passages, labels_of, words, groups, n, rng):
    wrong = planted(passages, labels_of, rng)
    probabilities = out_of_fold(wrong, words, groups)
    suspects = find_label_errors(wrong, probabilities, themes=THEMES, tones=TONES, n=n)
    starts = dict(
        zip((p.id for p in passages), np.flatnonzero(np.diff(groups, prepend=-1)), strict=True)
    )
    found = Counter(s.label for s in suspects if s.label in labels_of[starts[s.passage] + s.index])
    there = Counter(label for labels in labels_of for label in labels)
    print(f"\n{name}: {len(suspects)} entries\n{'':<18}{'changed':>8}{'found':>8}")
    for label in LABELS:
        print(f"{label:<18}{there[label]:>8}{found[label] / there[label]:>8.0%}")
    print(f"{'all':<18}{there.total():>8}{found.total() / there.total():>8.0%}")


def main() -> None:
    rng = np.random.default_rng(0)
    passages = [
        p
        for p in read_corpus()
        if all(e.themes is not None and e.tone is not None for e in p.examples)
    ]
    groups = np.repeat(np.arange(len(passages)), [len(p.examples) for p in passages])
    words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True).fit_transform(
        [e.text for p in passages for e in p.examples]
    )
    n = len(groups)
    everywhere = [set() for _ in range(n)]
    for label in LABELS:
        for row in rng.choice(n, round(SHARE * n), replace=False):
            everywhere[row].add(label)
    tenth = n * len(LABELS) // 10
    report("5 % of each kind of label", passages, everywhere, words, groups, tenth, rng)
    once = [set() for _ in range(n)]
    for row in rng.choice(n, round(SHARE * n), replace=False):
        once[row].add(LABELS[rng.integers(len(LABELS))])
    report("one label in 5 % of the sentences", passages, once, words, groups, n // 10, rng)


if __name__ == "__main__":
    main()
