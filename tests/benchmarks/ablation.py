"""What each part of the model is worth: ``python tests/benchmarks/ablation.py FILE...``.

Trains the bundled model again and again, each time without one of its parts or with less
of the corpus or lexicon, and evaluates each on the coded sentences of the FILEs, which no
model was trained on. Takes two to four minutes for each of the variants. All are trained
with two folds, so that they differ in nothing else.
"""

import sys
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

import stancelib
from stancelib import training
from stancelib.building import (
    CORPUS,
    PREVALENCE,
    THEMES,
    THRESHOLD,
    TONES,
    read_corpus,
    read_vectors,
)
from stancelib.encoder import Encoder
from stancelib.lexicon import read_lexicon
from stancelib.model import Model
from stancelib.scorer import Scorer
from stancelib.store import Stored

FIT_BLEND = training.fit_blend
SURROUNDINGS = Encoder.surroundings


@dataclass(frozen=True)
class Variant:
    """What is left out. `half` is that of the blend: 0 for the table, 1 for the encoder."""

    name: str
    corpus: float = 1.0
    lexicon: float = 1.0
    scopes: bool = True
    vectors: bool = True
    surroundings: bool = True
    half: int | None = None


VARIANTS = (
    Variant("all"),
    Variant("without encoder", half=1),
    Variant("without table", half=0),
    Variant("without surroundings", surroundings=False),
    Variant("without lexicon", lexicon=0.0),
    Variant("without scopes", scopes=False),
    Variant("without vectors", vectors=False),
    Variant("half of the lexicon", lexicon=0.5),
    Variant("half of the corpus", corpus=0.5),
    Variant("a quarter of the corpus", corpus=0.25),
    Variant("an eighth of the corpus", corpus=0.125),
)


def without(half: int, inputs: Any, *rest: Any) -> Any:
    """Leave the table (0) or the encoder (1) out of the blend."""
    n_labels = inputs.shape[1] // 2
    left_out = slice(half * n_labels, (half + 1) * n_labels)
    masked = inputs.copy()
    masked[:, left_out] = 0.0
    blend = FIT_BLEND(masked, *rest)
    blend[left_out] = 0.0
    return blend


def no_surroundings(encoder: Encoder, pooled: Any, _sections: Any) -> Any:
    return np.zeros((len(pooled), encoder.around.shape[1]), np.float32)


def part(items: list[Any], share: float) -> list[Any]:
    """Draw a share of the items, the same each time, in their order."""
    n = round(share * len(items))
    return [items[i] for i in sorted(np.random.default_rng(0).permutation(len(items))[:n])]


@lru_cache(maxsize=1)
def train(variant: Variant) -> tuple[Scorer, tuple[Any, ...]]:
    """Train; also give what the blend was fitted on."""
    lexicon, blended_from = read_lexicon(CORPUS), []

    def fit_blend(*args: Any) -> Any:
        blended_from[:] = args
        return FIT_BLEND(*args)

    training.fit_blend = fit_blend
    Encoder.surroundings = SURROUNDINGS if variant.surroundings else no_surroundings
    trained = training.train_scorer(
        part(read_corpus(), variant.corpus),
        THEMES,
        TONES,
        replace(
            lexicon,
            entries=dict(part(list(lexicon.entries.items()), variant.lexicon)),
            openers=lexicon.openers if variant.scopes else {},
        ),
        read_vectors() if variant.vectors else None,
        training.Settings(prevalence=PREVALENCE, n_folds=2),
        n_jobs=-1,
    )
    return trained.scorer, tuple(blended_from)


def make_model(variant: Variant) -> Model:
    scorer, blended_from = train(replace(variant, name="", half=None))
    if variant.half is not None:
        scorer = replace(scorer, blend=without(variant.half, *blended_from))
    thresholds = np.full(len(THEMES), THRESHOLD)
    return Model(Stored(scorer, THEMES, TONES, thresholds, {}, (), ""))


def main() -> None:
    names = set(sys.argv[1:]) & {v.name for v in VARIANTS}
    files = [name for name in sys.argv[1:] if name not in names]
    for variant in VARIANTS:
        if names and variant.name not in names:
            continue
        model = make_model(variant)
        for file in files:
            e = stancelib.evaluate(file, model)
            cells = (
                f"{axis} {getattr(e, f'{key}_macro_f1'):.3f} ({low:.3f}-{high:.3f})"
                for axis, key in (("themes", "theme"), ("tone", "tone"))
                for low, high in (getattr(e, f"{key}_macro_f1_interval"),)
            )
            print(f"{variant.name:24s} {Path(file).name:16s}", *cells, flush=True)


if __name__ == "__main__":
    main()
