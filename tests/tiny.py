"""A model folder of a few words, quick to write and to read; its scores mean nothing."""

import json
from pathlib import Path

import numpy as np

from stancelib.encoder import Encoder
from stancelib.inventory import Inventory, Scope
from stancelib.scorer import Scorer
from stancelib.store import _digest, write_model
from stancelib.tokens import N_BUCKETS

THEMES, TONES = ("economy",), ("negative", "positive")
WORDS = ["war", "peace", "trade", "rose", "fell", "0"]
PHRASES = [("trade", "war"), ("peace", "talks")]
PROBES = ("Trade rose.", "It is not a trade war.")
TEXT = "Trade rose, and peace talks did not.\nHeading\nThe trade war fell by 7 or 12,000 Qwxz."
NO_SCORES = {"precision": 0.5, "recall": 0.5, "f1": 0.5, "f1_interval": [0.4, 0.6], "support": 9}
CARD = {
    "name": "tiny",
    "trained_on": {"n_passages": 1, "n_sentences": 1, "fingerprint": "0" * 64},
    "decision_rule": {"themes": "given", "thresholds": {"economy": 0.5}, "tone": "one"},
    "out_of_fold": {
        "themes": {"economy": NO_SCORES},
        "tones": {"negative": NO_SCORES, "positive": NO_SCORES},
        **{f"{axis}_macro_f1": 0.5 for axis in ("theme", "tone")},
        **{f"{axis}_macro_f1_interval": [0.4, 0.6] for axis in ("theme", "tone")},
        **{f"{axis}_calibration_error": 0.1 for axis in ("theme", "tone")},
        "none_recall": None,
    },
    "settings": {},
    "versions": {},
    "limits": ["Of no use."],
}


def tiny_scorer(seed=0, n_encoded=3):
    """Random weights; with more encoder scores than labels it is as after retraining."""
    inventory = Inventory.build(
        WORDS, PHRASES, frozenset(PHRASES[:1]), {("not",): Scope(1, 4), ("no",): Scope(1, 4)}
    )
    generator = np.random.default_rng(seed)
    n_labels, n_dims, n_hidden, n_classes, n_scopes = 3, 4, 5, 2, 2
    n_units, n_words = inventory.n_units, inventory.n_words

    def weights(*shape):
        return generator.normal(0, 0.5, shape).astype(np.float16).astype(np.float32)

    return Scorer(
        inventory=inventory,
        table=weights(n_units, n_labels),
        class_table=weights(n_classes, n_scopes, n_labels),
        gram_table=np.tile(weights(256, n_labels), (N_BUCKETS // 256, 1)),
        classes=np.arange(n_units) % n_classes,
        idf=np.full(n_units, 3.0),
        bias=weights(n_labels).astype(np.float64),
        encoder=Encoder(
            words=weights(n_words + 1, n_dims).astype(np.float16),
            classes=weights(n_classes, n_scopes, n_dims),
            mix=weights(3 * n_dims, 2 * n_hidden),
            mix_bias=weights(2 * n_hidden),
            attention=weights(n_hidden, n_labels),
            value=weights(n_hidden, n_labels),
            peak=weights(n_hidden, n_encoded),
            bias=weights(n_encoded),
            near=weights(6 * n_hidden, 2 * n_hidden),
            near_bias=weights(2 * n_hidden),
            far=weights(3 * n_hidden, 2 * n_hidden),
            far_bias=weights(2 * n_hidden),
            around=weights(2 * n_hidden, n_encoded),
        ),
        blend=weights(n_labels + n_encoded + 1, n_labels).astype(np.float64),
        n_themes=1,
    )


def write_tiny(path, *, seed=0, n_encoded=3, probes=PROBES, overwrite=False):
    write_model(
        path,
        tiny_scorer(seed, n_encoded),
        themes=THEMES,
        tones=TONES,
        thresholds=np.array([0.5]),
        card={**CARD, "name": f"tiny {seed}"},
        readme="# tiny\n",
        probes=probes,
        overwrite=overwrite,
    )
    return Path(path)


def edit(folder, **changes):
    """Change keys of model.json; None removes a key."""
    head = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    head.update(changes)
    head = {k: v for k, v in head.items() if v is not None}
    (folder / "model.json").write_text(json.dumps(head), encoding="utf-8")


def resign(folder):
    """Mend the digest, as someone would who changes a folder on purpose."""
    head = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    edit(folder, sha256=_digest(head, (folder / "weights.npz").read_bytes()))


def repack(folder, **changes):
    """Change arrays of weights.npz and mend the digest; None removes an array."""
    with np.load(folder / "weights.npz") as arrays:
        kept = {**arrays, **changes}
    np.savez(folder / "weights.npz", **{k: v for k, v in kept.items() if v is not None})
    resign(folder)
