"""A model to a folder and back: JSON and arrays, no code in either.

A folder holds ``model.json`` (labels, thresholds, card, digest, probes), ``weights.npz``
(arrays, read with ``allow_pickle=False``) and ``README.md`` (the card, for people).

`FORMAT` is raised by one whenever folders written before stop being read right. To raise
it: write down here what changed; keep a folder of the old format in ``tests/formats``;
either read it still, or refuse it with a message that says how to rebuild it; test that.

- 1: first format.
- 2: an encoder beside the table, a blend in place of the context stage, reaches of scopes.
"""

import hashlib
import io
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stancelib.encoder import Encoder
from stancelib.errors import ModelFileError
from stancelib.inventory import Inventory
from stancelib.scorer import Scorer
from stancelib.tokens import N_BUCKETS

FORMAT = 2
PROBE_TOLERANCE = 1e-6
MAX_BYTES = 256 * 1024 * 1024  # of weights.npz, and of all its arrays together

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Stored:
    """What a model folder holds.

    Attributes
    ----------
    scorer : Scorer
        The arrays.
    themes, tones : tuple of str
        Names of the scorer's columns.
    thresholds : array, shape (n_themes,)
        Probability from which a theme is given.
    card : dict
        What is known of the model, as plain JSON values.
    probes : tuple of str
        Sentences that the model is checked by.
    digest : str
        SHA-256 over labels, thresholds and ``weights.npz``.
    """

    scorer: Scorer
    themes: tuple[str, ...]
    tones: tuple[str, ...]
    thresholds: Array
    card: dict[str, Any]
    probes: tuple[str, ...]
    digest: str


def write_model(
    path: str | Path,
    scorer: Scorer,
    *,
    themes: Sequence[str],
    tones: Sequence[str],
    thresholds: Array,
    card: dict[str, Any],
    readme: str,
    probes: Sequence[str],
    overwrite: bool = False,
) -> None:
    """Write a model folder, all of it or nothing.

    Parameters
    ----------
    path : str or Path
        The folder to make.
    scorer : Scorer
        What to write.
    themes, tones : sequence of str
        Names of the scorer's columns.
    thresholds : array, shape (n_themes,)
        Probability from which a theme is given.
    card : dict
        Plain JSON values.
    readme : str
        The card for people.
    probes : sequence of str
        Sentences whose probabilities are written down and checked at each load.
    overwrite : bool, optional
        Whether to take the place of a model folder that is there. It is set aside when the
        new one is whole, and goes when that stands in its place.

    Raises
    ------
    FileExistsError
        There is something at `path` already, and `overwrite` is false, or it is no model
        folder.
    OSError
        The folder cannot be written.
    """
    path = Path(path)
    there = path.exists() or path.is_symlink()
    if there and not overwrite:
        raise FileExistsError(f"{path} exists; choose another folder or remove it first")
    if there and (path.is_symlink() or not (path / "model.json").is_file()):
        raise FileExistsError(f"{path} is not a model folder; choose another or remove it first")
    weights = _pack(scorer)
    head = {
        "format": FORMAT,
        "themes": list(themes),
        "tones": list(tones),
        "thresholds": thresholds.tolist(),
        "card": card,
        "probes": [
            [s, np.round(p, 9).tolist()]
            for s, p in zip(probes, _probe(scorer, probes), strict=True)
        ],
    }
    head["sha256"] = _digest(head, weights)
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{path.name}-", dir=path.parent))
    try:
        _write(beside / "weights.npz", weights)
        _write(
            beside / "model.json", (json.dumps(head, indent=1, ensure_ascii=False) + "\n").encode()
        )
        _write(beside / "README.md", readme.encode())
        beside.chmod(0o755)
        if there:
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}-old-", dir=path.parent))
            path.rename(old)  # in the place of the empty folder
            beside.rename(path)
            shutil.rmtree(old, ignore_errors=True)
        else:
            beside.rename(path)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise


def read_model(path: str | Path) -> Stored:
    """Read a model folder and check it.

    The digest guards against damage and mix-ups, not against someone who rewrites both
    files: whoever can do that can make a model say anything, but cannot make it run code.

    Parameters
    ----------
    path : str or Path
        The folder.

    Returns
    -------
    Stored
        What it holds.

    Raises
    ------
    ModelFileError
        The folder is missing, incomplete or damaged, of another format, or does not give
        the probabilities that were written down for its probes.
    """
    path = Path(path)
    head = _read_head(path)
    try:
        weights = (path / "weights.npz").read_bytes()
    except OSError as error:
        raise ModelFileError(
            f"{path / 'weights.npz'}: cannot be read ({error.strerror})"
        ) from error
    digest = _digest(head, weights)
    if digest != head["sha256"]:
        raise ModelFileError(
            f"{path}: damaged or mixed with another model: SHA-256 is {digest[:12]}..., "
            f"model.json says {head['sha256'][:12]}...; copy the whole folder again"
        )
    themes, tones = tuple(head["themes"]), tuple(head["tones"])
    scorer = _unpack(path / "weights.npz", weights, len(themes), len(themes) + len(tones))
    thresholds = np.array(head["thresholds"], dtype=np.float64)
    thresholds.flags.writeable = False  # every article of the model holds it
    probes = _check_probes(path, scorer, head["probes"])
    return Stored(scorer, themes, tones, thresholds, head["card"], probes, digest)


_UNPACK_ERRORS = (
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    OSError,
    EOFError,
    RuntimeError,  # an encrypted archive
    zipfile.BadZipFile,
    zlib.error,
)
_HEAD = {
    "themes": list,
    "tones": list,
    "thresholds": list,
    "sha256": str,
    "card": dict,
    "probes": list,
}


def _read_head(path: Path) -> dict[str, Any]:
    file = path / "model.json"
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ModelFileError(f"{file}: {file.stat().st_size} bytes, allowed are {MAX_BYTES}")
        head = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelFileError(f"{path}: not a model folder: there is no model.json in it") from error
    except OSError as error:
        raise ModelFileError(f"{file}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{file}: damaged: {error}") from error
    if not isinstance(head, dict) or "format" not in head:
        raise ModelFileError(f"{file}: damaged: it names no format")
    if head["format"] != FORMAT:
        raise ModelFileError(
            f"{file}: format {head['format']!r}, this stancelib reads format {FORMAT}; "
            "install the version that wrote it, or train the model again"
        )
    for key, kind in _HEAD.items():
        if not isinstance(head.get(key), kind):
            raise ModelFileError(f"{file}: damaged: {key!r} is missing or is no {kind.__name__}")
    labels = [*head["themes"], *head["tones"]]
    if not all(isinstance(label, str) for label in labels) or len(set(labels)) < len(labels):
        raise ModelFileError(f"{file}: damaged: {labels} are not names that differ")
    thresholds = head["thresholds"]
    if not all(isinstance(t, float | int) and 0 <= t <= 1 for t in thresholds):
        raise ModelFileError(f"{file}: damaged: thresholds {thresholds} are not from 0 to 1")
    if len(thresholds) != len(head["themes"]):
        raise ModelFileError(
            f"{file}: damaged: {len(thresholds)} thresholds for {len(head['themes'])} themes"
        )
    return head


def _digest(head: dict[str, Any], weights: bytes) -> str:
    labels = json.dumps([head["themes"], head["tones"], head["thresholds"]])
    return hashlib.sha256(labels.encode() + b"\0" + weights).hexdigest()


def _pack(scorer: Scorer) -> bytes:
    inventory = scorer.inventory
    arrays: dict[str, NDArray[Any]] = {
        "words": np.frombuffer("\n".join(inventory.words).encode(), dtype=np.uint8),
        "parents": inventory.parents.astype(np.int32),
        "children": inventory.children.astype(np.int32),
        "covers": inventory.covers,
        "scope_kinds": inventory.scope_kinds.astype(np.uint8),
        "reaches": inventory.reaches.astype(np.uint8),
        "table": scorer.table.astype(np.float16),
        "class_table": scorer.class_table.astype(np.float16),
        "gram_table": scorer.gram_table.astype(np.float16),
        "classes": scorer.classes.astype(np.uint16),
        "idf": scorer.idf.astype(np.float32),
        "bias": scorer.bias,
        "blend": scorer.blend,
    }
    for field in fields(Encoder):
        arrays[f"encoder_{field.name}"] = getattr(scorer.encoder, field.name)
    arrays["encoder_classes"] = scorer.encoder.classes.astype(np.float16)
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    return buffer.getvalue()


def _unpack(file: Path, weights: bytes, n_themes: int, n_labels: int) -> Scorer:
    try:
        with zipfile.ZipFile(io.BytesIO(weights)) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > MAX_BYTES:
            raise ModelFileError(f"{file}: its arrays take {size} bytes, allowed are {MAX_BYTES}")
        with np.load(io.BytesIO(weights), allow_pickle=False) as arrays:
            a = {name: arrays[name] for name in arrays.files}
        if not all(isinstance(array, np.ndarray) for array in a.values()):
            raise ModelFileError(f"{file}: damaged: it holds something else than arrays")
        words = a["words"].tobytes().decode().split("\n")
        scorer = Scorer(
            inventory=Inventory(
                words,
                a["parents"].astype(np.int64),
                a["children"].astype(np.int64),
                a["covers"].astype(bool),
                a["scope_kinds"].astype(np.int64),
                a["reaches"].astype(np.int64),
            ),
            table=a["table"].astype(np.float32),
            class_table=a["class_table"].astype(np.float32),
            gram_table=a["gram_table"].astype(np.float32),
            classes=a["classes"].astype(np.int64),
            idf=a["idf"].astype(np.float64),
            bias=a["bias"].astype(np.float64),
            encoder=Encoder(
                words=a["encoder_words"].astype(np.float16),
                **{
                    field.name: a[f"encoder_{field.name}"].astype(np.float32)
                    for field in fields(Encoder)
                    if field.name != "words"
                },
            ),
            blend=a["blend"].astype(np.float64),
            n_themes=n_themes,
        )
    except _UNPACK_ERRORS as error:
        raise ModelFileError(f"{file}: damaged: {error}") from error
    _check_shapes(file, scorer, n_labels)
    return scorer


def _check_shapes(file: Path, scorer: Scorer, n_labels: int) -> None:
    n_units, n_words = scorer.inventory.n_units, scorer.inventory.n_words
    n_classes, n_scopes = scorer.class_table.shape[:2] if scorer.class_table.ndim == 3 else (0, 0)
    encoder = scorer.encoder
    n_dims = encoder.words.shape[1] if encoder.words.ndim == 2 else 0
    n_hidden, n_attended = encoder.value.shape if encoder.value.ndim == 2 else (0, 0)
    n_encoded = max(len(encoder.bias), n_attended)
    expected: dict[str, tuple[NDArray[Any], tuple[int, ...]]] = {
        "table": (scorer.table, (n_units, n_labels)),
        "class_table": (scorer.class_table, (n_classes, n_scopes, n_labels)),
        "gram_table": (scorer.gram_table, (N_BUCKETS, n_labels)),
        "classes": (scorer.classes, (n_units,)),
        "idf": (scorer.idf, (n_units,)),
        "bias": (scorer.bias, (n_labels,)),
        "blend": (scorer.blend, (n_labels + n_encoded + 1, n_labels)),
        "encoder_words": (encoder.words, (n_words + 1, n_dims)),
        "encoder_classes": (encoder.classes, (n_classes, n_scopes, n_dims)),
        "encoder_mix": (encoder.mix, (3 * n_dims, 2 * n_hidden)),
        "encoder_mix_bias": (encoder.mix_bias, (2 * n_hidden,)),
        "encoder_attention": (encoder.attention, (n_hidden, n_attended)),
        "encoder_value": (encoder.value, (n_hidden, n_attended)),
        "encoder_peak": (encoder.peak, (n_hidden, n_encoded)),
        "encoder_bias": (encoder.bias, (n_encoded,)),
        "encoder_near": (encoder.near, (6 * n_hidden, 2 * n_hidden)),
        "encoder_near_bias": (encoder.near_bias, (2 * n_hidden,)),
        "encoder_far": (encoder.far, (3 * n_hidden, 2 * n_hidden)),
        "encoder_far_bias": (encoder.far_bias, (2 * n_hidden,)),
        "encoder_around": (encoder.around, (2 * n_hidden, n_encoded)),
    }
    for name, (array, shape) in expected.items():
        if array.shape != shape:
            raise ModelFileError(f"{file}: {name} has shape {array.shape}, expected {shape}")
        if not np.isfinite(array).all():
            raise ModelFileError(f"{file}: {name} holds numbers that are not finite")
    inventory = scorer.inventory
    bounds = {
        "parents": (inventory.parents, n_units),
        "children": (inventory.children, n_words),
        "classes": (scorer.classes, n_classes),
        "scope_kinds": (inventory.scope_kinds, n_scopes),
    }
    for name, (array, bound) in bounds.items():
        if array.size and not (array.min() >= 0 and array.max() < bound):
            raise ModelFileError(f"{file}: {name} holds numbers outside of 0 to {bound - 1}")
    order = np.diff(inventory.parents * n_words + inventory.children)
    if (order <= 0).any():
        raise ModelFileError(f"{file}: parents and children are not in sorted order")
    for name in ("covers", "scope_kinds", "reaches"):
        if getattr(inventory, name).shape != (n_units,):
            raise ModelFileError(f"{file}: {name} has the wrong length")


def _probe(scorer: Scorer, sentences: Sequence[str]) -> Array:
    """Probabilities of sentences that stand one after the other."""
    reading = scorer.read(sentences)
    around = scorer.surroundings(reading.pooled, np.zeros(len(sentences), dtype=np.int64))
    return scorer.probabilities(scorer.combine(reading.scores, around))


def _check_probes(path: Path, scorer: Scorer, probes: list[Any]) -> tuple[str, ...]:
    try:
        sentences = tuple(str(sentence) for sentence, _ in probes)
        written = np.array([p for _, p in probes], dtype=np.float64)
        worst = np.abs(_probe(scorer, sentences) - written.reshape(len(probes), len(scorer.bias)))
    except (ValueError, TypeError) as error:
        raise ModelFileError(f"{path / 'model.json'}: damaged probes: {error}") from error
    if not worst.max(initial=0.0) <= PROBE_TOLERANCE:
        raise ModelFileError(
            f"{path}: its probe sentences score up to {worst.max():.2g} off from what was written "
            "down; the folder is damaged, or this platform computes otherwise"
        )
    return sentences


def _write(file: Path, content: bytes) -> None:
    with file.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
