"""What retraining brings a user of another kind of text: ``python tests/benchmarks/retraining.py``.

A simulated user: 500 passages of the corpus, all of one genre, are held back, and a base is
trained without them. The user codes 200 to 2,000 sentences of one part of them; the base, and
what `stancelib.train` makes of it, are measured on the rest. Then one label is made wrong in 5 %
of 1,000 of the user's sentences, and `stancelib.review` is asked to find them. Last, training is
timed: 1,000 sentences on the bundled model, and 10,000 alone. The base takes some minutes to
train; it is kept in the folder that ``--base FOLDER`` names, and taken from there the next time.
"""

import argparse
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

import stancelib
from stancelib import Example
from stancelib.building import (
    CORPUS,
    PREVALENCE,
    THEMES,
    THRESHOLD,
    TONES,
    read_corpus,
    read_vectors,
)
from stancelib.lexicon import read_lexicon
from stancelib.model import Model
from stancelib.records import Passage
from stancelib.review import find_label_errors
from stancelib.store import Stored
from stancelib.training import Settings, train_scorer

N_HELD_BACK = 500
Wrong = tuple[str, int, str]
SIZES = (200, 500, 1000, 2000)


def hold_back(genre: str) -> tuple[list[Passage], list[Passage]]:
    """Split the corpus: passages of the genre that are held back, and all others."""
    passages = read_corpus()
    of_genre = [p for p in passages if p.metadata["genre"] == genre]
    drawn = np.random.default_rng(0).permutation(len(of_genre))[:N_HELD_BACK]
    held_back = [of_genre[i] for i in drawn]
    # a base that has never seen the genre at all
    return held_back, [p for p in passages if p.metadata["genre"] != genre]


def train_base(passages: Sequence[Passage]) -> Model:
    trained = train_scorer(
        passages,
        THEMES,
        TONES,
        read_lexicon(CORPUS),
        read_vectors(),
        Settings(prevalence=PREVALENCE, n_folds=3),
        n_jobs=-1,
        report=print,
    )
    thresholds = np.full(len(THEMES), THRESHOLD)
    card = stancelib.load().card | {"name": "base"}  # its scores are another model's
    return Model(Stored(trained.scorer, THEMES, TONES, thresholds, card, (), ""))


def first(passages: Sequence[Passage], n_sentences: int) -> list[Passage]:
    counts = np.cumsum([len(p.examples) for p in passages])
    return list(passages[: int(np.searchsorted(counts, n_sentences)) + 1])


def plant(
    passages: Sequence[Passage], rng: np.random.Generator
) -> tuple[list[Passage], set[Wrong]]:
    """Make one label wrong, a theme or the tone, in 5 % of the sentences."""
    places = [(p.id, i) for p in passages for i in range(len(p.examples))]
    drawn = rng.choice(len(places), round(0.05 * len(places)), replace=False)
    chosen = {places[i]: int(rng.integers(len(THEMES) + 1)) for i in drawn}
    planted: set[Wrong] = set()

    def spoil(place: tuple[str, int], example: Example) -> Example:
        if place not in chosen:
            return example
        label = chosen[place]
        if label < len(THEMES):
            planted.add((*place, THEMES[label]))
            return replace(example, themes=(example.themes or frozenset()) ^ {THEMES[label]})
        planted.add((*place, "tone"))
        others = [tone for tone in TONES if tone != example.tone]
        return replace(example, tone=others[int(rng.integers(len(others)))])

    spoilt = [
        replace(p, examples=tuple(spoil((p.id, i), e) for i, e in enumerate(p.examples)))
        for p in passages
    ]
    return spoilt, planted


def review(passages: Sequence[Passage], base: Model) -> None:
    for seed in range(3):
        spoilt, planted = plant(passages, np.random.default_rng(seed))
        said = stancelib.predict_out_of_fold(spoilt, base=base, n_jobs=2)
        suspects = find_label_errors(
            spoilt, said.probabilities, themes=said.themes, tones=said.tones
        )
        n = sum(len(p.examples) for p in passages) // 10
        listed = {(s.passage, s.index, s.label) for s in suspects[:n]}
        print(
            f"review: {len(planted)} wrong labels planted, {len(planted & listed)} among the "
            f"first {n} of the list ({len(planted & listed) / len(planted):.0%})",
            flush=True,
        )


def show(name: str, e: stancelib.Evaluation, seconds: float) -> None:
    print(
        f"{name:24s} themes {e.theme_macro_f1:.3f} tone {e.tone_macro_f1:.3f} "
        f"calibration {e.theme_calibration_error:.3f} {e.tone_calibration_error:.3f} "
        f"{seconds:.1f} s",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--genre", default="speech")
    parser.add_argument("--base", type=Path)
    options = parser.parse_args()
    held_back, others = hold_back(options.genre)
    if options.base and options.base.exists():
        base = stancelib.load(options.base)
    else:
        base = train_base(others)
        if options.base:
            base.save(options.base)
    half = len(held_back) // 2
    user, rest = held_back[:half], held_back[half:]
    n_user, n_rest = (sum(len(p.examples) for p in ps) for ps in (user, rest))
    print(f"{options.genre}: {n_user} sentences for the user, {n_rest} to measure on")
    show("base", stancelib.evaluate(rest, base), 0.0)
    for size in SIZES:
        if size > n_user:
            break
        for name, start in (("on the base", base), ("alone", None)):
            started = time.perf_counter()
            model = stancelib.train(first(user, size), base=start, learning_curve=False, n_jobs=2)
            spent = time.perf_counter() - started
            show(f"{size} {name}", stancelib.evaluate(rest, model), spent)
    review(first(user, 1000), base)
    for size, start in ((1000, "default"), (10_000, None)):
        started = time.perf_counter()
        stancelib.train(first(others, size), base=start, n_jobs=2)
        spent = time.perf_counter() - started
        print(f"{size} sentences, base {start}, learning curve included: {spent:.1f} s")


if __name__ == "__main__":
    main()
