"""A model to a folder and back: JSON and arrays, no code in either.

A folder holds ``model.json`` (labels, thresholds, card, digest, probes), ``weights.npz``
(arrays) and ``README.md`` (the card, for people). A folder may come from anyone: its
arrays are cut out of the archive here, without `numpy.load`, so that nothing in it can
reach pickle; sizes are checked before memory is taken, and numbers before they are used.

`FORMAT` is raised by one whenever folders written before stop being read right. To raise
it: write down here what changed; keep a folder of the old format in ``tests/formats``;
either read it still, or refuse it with a message that says how to rebuild it; test that.

- 1: first format.
- 2: an encoder beside the table, a blend in place of the context stage, reaches of scopes.
"""

import glob
import hashlib
import io
import json
import math
import os
import re
import shutil
import stat
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path
from reprlib import repr as short
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stancelib.card import render_card
from stancelib.encoder import Encoder
from stancelib.errors import ModelFileError
from stancelib.inventory import CLAUSE_MARKS, SEPARATOR, Inventory
from stancelib.scorer import Scorer
from stancelib.tokens import N_BUCKETS

FORMAT = 2
PROBE_TOLERANCE = 1e-6
MAX_BYTES = 256 * 1024 * 1024  # of weights.npz, and of its arrays at eight bytes a number
MAX_HEAD_BYTES = 4 * 1024 * 1024  # of model.json
MAX_WEIGHT = 1e4  # beyond zero; so that no sum overflows, and every probability is a number
MAX_REACH = 255
MAX_PROBES = 100
MAX_PROBE = 1000  # characters of a probe

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
        Sentences whose probabilities are written down and checked at each load; up to
        `MAX_PROBES`, and of each up to `MAX_PROBE` characters.
    overwrite : bool, optional
        Whether to take the place of a model folder that is there. It is set aside when the
        new one is whole, and goes when that stands in its place.

    Raises
    ------
    FileExistsError
        There is something at `path` already, and `overwrite` is false, or it is no model
        folder.
    OSError
        The folder cannot be written. Nothing is left behind, and a model that was there
        is as it was.

    Notes
    -----
    The new folder is written beside `path`, under a name that begins with a dot, synced to
    disk, and then renamed. A process that is killed leaves at `path` what was there before,
    or the whole new model. Two folders cannot change places in one step, so with
    `overwrite` there is a moment, between two renames, in which nothing is at `path`. After
    a kill in that moment the earlier model is whole in ``.<name>-old-*`` beside it, and
    `read_model` says so. What a killed save leaves under dotted names can be removed.
    """
    path = Path(path)
    there = path.exists() or path.is_symlink()
    if there and not overwrite:
        raise FileExistsError(f"{path} exists; choose another folder or remove it first")
    if there and (path.is_symlink() or not (path / "model.json").is_file()):
        raise FileExistsError(f"{path} is not a model folder; choose another or remove it first")
    weights = _pack(scorer)
    probes = [probe[:MAX_PROBE] for probe in probes[:MAX_PROBES]]
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
        _sync(beside)
        if there:
            _exchange(path, beside)
        else:
            beside.rename(path)
    except BaseException:
        shutil.rmtree(beside, ignore_errors=True)
        raise
    _sync(path.parent)


def _exchange(path: Path, beside: Path) -> None:
    """Set the folder at `path` aside, put `beside` there; or leave all as it was."""
    old = Path(tempfile.mkdtemp(prefix=_aside(path), dir=path.parent))
    try:
        path.rename(old)  # in the place of the empty folder
    except BaseException:
        old.rmdir()
        raise
    try:
        beside.rename(path)
    except BaseException:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)


def _aside(path: Path) -> str:
    """Begin the name of the folder that the model at `path` is set aside in."""
    return f".{path.name}-old-"


def read_model(path: str | Path) -> Stored:
    """Read a model folder and check it.

    The folder may come from anyone. Reading it runs no code that is in it, opens no files
    but its two, follows links only to plain files, and takes at most four times
    `MAX_BYTES` of memory. The digest guards against damage and mix-ups, not against
    someone who rewrites both files: whoever can do that can make a model say anything.

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
        weights = _read_file(path / "weights.npz", MAX_BYTES)
    except OSError as error:
        raise ModelFileError(
            f"{path / 'weights.npz'}: cannot be read ({error.strerror})"
        ) from error
    digest = _digest(head, weights)
    if digest != head["sha256"]:
        raise ModelFileError(
            f"{path}: damaged or mixed with another model: SHA-256 is {digest[:12]}..., "
            f"model.json says {head['sha256'][:12]!r}...; copy the whole folder again"
        )
    themes, tones = tuple(head["themes"]), tuple(head["tones"])
    scorer = _unpack(path / "weights.npz", weights, len(themes), len(themes) + len(tones))
    thresholds = np.array(head["thresholds"], dtype=np.float64)
    thresholds.flags.writeable = False  # every article of the model holds it
    probes = _check_probes(path, scorer, head["probes"])
    return Stored(scorer, themes, tones, thresholds, head["card"], probes, digest)


_DAMAGE = (
    ArithmeticError,
    AttributeError,
    LookupError,
    OSError,
    EOFError,
    RuntimeError,  # an encrypted archive, JSON that is too deep
    TypeError,
    ValueError,
    struct.error,
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


def _read_file(file: Path, limit: int) -> bytes:
    """Read a file, or what a link leads to, unless it is too long or no plain file."""
    mode, size = file.stat().st_mode, file.stat().st_size
    if not stat.S_ISREG(mode):
        raise ModelFileError(f"{file}: cannot be read (not a regular file)")
    if size <= limit:
        with file.open("rb") as stream:
            content = stream.read(limit + 1)  # some files are longer than they say
        size = len(content)
    if size > limit:
        raise ModelFileError(f"{file}: {size} bytes or more, allowed are {limit}")
    return content


def _read_head(path: Path) -> dict[str, Any]:
    file = path / "model.json"
    try:
        head = json.loads(_read_file(file, MAX_HEAD_BYTES).decode(), object_pairs_hook=_object)
        json.dumps(head, ensure_ascii=False).encode()  # fails on halves of surrogate pairs
    except FileNotFoundError as error:
        raise ModelFileError(
            f"{path}: not a model folder: there is no model.json in it{_set_aside(path)}"
        ) from error
    except OSError as error:
        raise ModelFileError(f"{file}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise ModelFileError(f"{file}: damaged: {error}") from error
    if not isinstance(head, dict) or "format" not in head:
        raise ModelFileError(f"{file}: damaged: it names no format")
    if head["format"] != FORMAT:
        raise ModelFileError(
            f"{file}: format {short(head['format'])}, this stancelib reads format {FORMAT}; "
            "install the version that wrote it, or train the model again"
        )
    for key, kind in _HEAD.items():
        if not isinstance(head.get(key), kind):
            raise ModelFileError(f"{file}: damaged: {key!r} is missing or is no {kind.__name__}")
    _check_head(file, head)
    return head


def _check_head(file: Path, head: dict[str, Any]) -> None:
    labels = [*head["themes"], *head["tones"]]
    if not all(isinstance(label, str) for label in labels) or len(set(labels)) < len(labels):
        raise ModelFileError(f"{file}: damaged: {short(labels)} are not names that differ")
    if not labels:
        raise ModelFileError(f"{file}: damaged: there are neither themes nor tones")
    thresholds = head["thresholds"]
    if not all(isinstance(t, float | int) and 0 <= t <= 1 for t in thresholds):
        raise ModelFileError(f"{file}: damaged: thresholds {short(thresholds)} are not from 0 to 1")
    if len(thresholds) != len(head["themes"]):
        raise ModelFileError(
            f"{file}: damaged: {len(thresholds)} thresholds for {len(head['themes'])} themes"
        )
    try:
        render_card(head["card"])
    except _DAMAGE as error:
        raise ModelFileError(f"{file}: damaged card: {error!r}") from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Refuse an object that names a key twice: readers differ in which of them counts."""
    keys = dict(pairs)
    if len(keys) < len(pairs):
        raise ValueError(f"of the keys {short([key for key, _ in pairs])}, one is there twice")
    return keys


def _set_aside(path: Path) -> str:
    """Say where the earlier model is after a save was killed at the wrong moment."""
    folders = [] if path.exists() else sorted(path.parent.glob(f"{glob.escape(_aside(path))}*"))
    if not folders:
        return ""
    return f"; a save was interrupted: rename {folders[-1]}, the earlier model, to {path}"


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
        a = _arrays(file, weights)
        _check_shapes(file, a, n_labels)
        words = _words(file, a)
        scorer = Scorer(
            inventory=Inventory(
                words,
                a["parents"].astype(np.int64),
                a["children"].astype(np.int64),
                a["covers"],
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
    except _DAMAGE as error:
        raise ModelFileError(f"{file}: damaged: {error}") from error
    return scorer


# Kind of numbers, as numpy has it, and number of axes of each array.
_ARRAYS = {
    "words": ("u", 1),
    "parents": ("iu", 1),
    "children": ("iu", 1),
    "covers": ("b", 1),
    "scope_kinds": ("iu", 1),
    "reaches": ("iu", 1),
    "table": ("f", 2),
    "class_table": ("f", 3),
    "gram_table": ("f", 2),
    "classes": ("iu", 1),
    "idf": ("f", 1),
    "bias": ("f", 1),
    "blend": ("f", 2),
    "encoder_words": ("f", 2),
    "encoder_classes": ("f", 3),
    "encoder_mix": ("f", 2),
    "encoder_mix_bias": ("f", 1),
    "encoder_attention": ("f", 2),
    "encoder_value": ("f", 2),
    "encoder_peak": ("f", 2),
    "encoder_bias": ("f", 1),
    "encoder_near": ("f", 2),
    "encoder_near_bias": ("f", 1),
    "encoder_far": ("f", 2),
    "encoder_far_bias": ("f", 1),
    "encoder_around": ("f", 2),
}
_CENTRAL = b"PK\1\2"  # before each entry in the directory of an archive
# What numpy writes before an array of numbers; its own reader would also evaluate much else.
_ARRAY_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([<>|][biuf][1248])', 'fortran_order': (True|False), "
    rb"'shape': \(((?:\d{1,9}, ?){0,4}(?:\d{1,9})?)\), \} *\n",
    re.DOTALL,
)


def _arrays(file: Path, weights: bytes) -> dict[str, NDArray[Any]]:
    """Cut the arrays out of the archive: these and no others, and no more than is allowed."""
    if weights.count(_CENTRAL) > 2 * len(_ARRAYS):
        raise ModelFileError(f"{file}: damaged: it holds more than {len(_ARRAYS)} arrays")
    with zipfile.ZipFile(io.BytesIO(weights)) as archive:
        entries = archive.infolist()
        names, expected = [e.filename for e in entries], {f"{name}.npy" for name in _ARRAYS}
        if len(set(names)) < len(names) or set(names) != expected:
            odd = sorted(expected.symmetric_difference(names)) or "a name twice"
            raise ModelFileError(f"{file}: damaged: missing or not expected: {short(odd)}")
        if not {e.compress_type for e in entries} <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise ModelFileError(f"{file}: damaged: compressed in a way that npz files are not")
        size = sum(entry.file_size for entry in entries)
        if size > MAX_BYTES:
            raise ModelFileError(f"{file}: its arrays take {size} bytes, allowed are {MAX_BYTES}")
        arrays = {}
        for entry in entries:
            name = entry.filename.removesuffix(".npy")
            with archive.open(entry) as stream:  # not read(), which trusts no size but the end
                arrays[name] = _array(file, name, stream.read(entry.file_size))
    size = 8 * sum(array.size for array in arrays.values())
    if size > MAX_BYTES:
        raise ModelFileError(f"{file}: its numbers take {size} bytes, allowed are {MAX_BYTES}")
    return arrays


def _array(file: Path, name: str, content: bytes) -> NDArray[Any]:
    header = _ARRAY_HEADER.match(content)
    if header is None:
        raise ModelFileError(f"{file}: damaged: {name} is no array of numbers")
    code, fortran, extent = (group.decode() for group in header.groups())
    shape = tuple(int(length) for length in extent.split(",") if length.strip())
    dtype = np.dtype(code)
    kinds, n_axes = _ARRAYS[name]
    if dtype.kind not in kinds or len(shape) != n_axes:
        raise ModelFileError(
            f"{file}: {name} has shape {shape} and type {dtype}, expected {n_axes} axes and "
            f"kind {kinds!r}"
        )
    if len(content) - header.end() != math.prod(shape) * dtype.itemsize:
        raise ModelFileError(
            f"{file}: damaged: {name} has {len(content) - header.end()} bytes for shape {shape} "
            f"and type {dtype}"
        )
    array = np.frombuffer(content, dtype, offset=header.end())
    return array.reshape(shape[::-1]).T if fortran == "True" else array.reshape(shape)


def _check_shapes(file: Path, a: dict[str, NDArray[Any]], n_labels: int) -> None:
    n_words, n_dims = len(a["encoder_words"]) - 1, a["encoder_words"].shape[1]
    n_nodes = len(a["parents"])
    n_units = n_words + n_nodes
    n_classes, n_scopes, _ = a["class_table"].shape
    n_hidden, n_attended = a["encoder_value"].shape
    n_encoded = max(len(a["encoder_bias"]), n_attended)
    expected: dict[str, tuple[int, ...]] = {
        "children": (n_nodes,),
        "covers": (n_units,),
        "scope_kinds": (n_units,),
        "reaches": (n_units,),
        "table": (n_units, n_labels),
        "class_table": (n_classes, n_scopes, n_labels),
        "gram_table": (N_BUCKETS, n_labels),
        "classes": (n_units,),
        "idf": (n_units,),
        "bias": (n_labels,),
        "blend": (n_labels + n_encoded + 1, n_labels),
        "encoder_words": (n_words + 1, n_dims),
        "encoder_classes": (n_classes, n_scopes, n_dims),
        "encoder_mix": (3 * n_dims, 2 * n_hidden),
        "encoder_mix_bias": (2 * n_hidden,),
        "encoder_attention": (n_hidden, n_attended),
        "encoder_value": (n_hidden, n_attended),
        "encoder_peak": (n_hidden, n_encoded),
        "encoder_bias": (n_encoded,),
        "encoder_near": (6 * n_hidden, 2 * n_hidden),
        "encoder_near_bias": (2 * n_hidden,),
        "encoder_far": (3 * n_hidden, 2 * n_hidden),
        "encoder_far_bias": (2 * n_hidden,),
        "encoder_around": (2 * n_hidden, n_encoded),
    }
    for name, shape in expected.items():
        if a[name].shape != shape:
            raise ModelFileError(f"{file}: {name} has shape {a[name].shape}, expected {shape}")
        if 0 in shape and name != "children":
            raise ModelFileError(f"{file}: {name} has shape {shape}: it is empty")
        if a[name].dtype.kind == "f":
            _check_weights(file, name, a[name])
    bounds = {
        "children": n_words,
        "classes": n_classes,
        "scope_kinds": n_scopes,
        "reaches": MAX_REACH + 1,
    }
    for name, bound in bounds.items():
        if a[name].size and not (a[name].min() >= 0 and a[name].max() < bound):
            raise ModelFileError(f"{file}: {name} holds numbers outside of 0 to {bound - 1}")
    _check_trie(file, a["parents"].astype(np.int64), a["children"].astype(np.int64), n_words)


def _check_weights(file: Path, name: str, array: NDArray[Any]) -> None:
    if not np.isfinite(array).all():
        raise ModelFileError(f"{file}: {name} holds numbers that are not finite")
    if max(array.max(), -array.min()) > MAX_WEIGHT:
        raise ModelFileError(
            f"{file}: {name} holds numbers outside of -{MAX_WEIGHT:.0f} to {MAX_WEIGHT:.0f}"
        )


def _check_trie(
    file: Path, parents: NDArray[np.int64], children: NDArray[np.int64], n_words: int
) -> None:
    if not ((parents >= 0) & (parents < n_words + np.arange(len(parents)))).all():
        raise ModelFileError(f"{file}: parents holds numbers that are not those of earlier units")
    if (np.diff(parents * n_words + children) <= 0).any():
        raise ModelFileError(f"{file}: parents and children are not in sorted order")


def _words(file: Path, a: dict[str, NDArray[Any]]) -> list[str]:
    content = a["words"].tobytes()
    n_words, n_rows = content.count(b"\n") + 1, len(a["encoder_words"]) - 1
    if n_words != n_rows:
        raise ModelFileError(f"{file}: damaged: {n_words} words, encoder_words has {n_rows}")
    words = content.decode().split("\n")
    known = set(words)
    if len(known) < n_words or words[0] != SEPARATOR or not known >= CLAUSE_MARKS:
        raise ModelFileError(
            f"{file}: damaged: words do not differ, or the separator or marks are missing"
        )
    return words


def _probe(scorer: Scorer, sentences: Sequence[str]) -> Array:
    """Probabilities of sentences that stand one after the other."""
    reading = scorer.read(sentences)
    around = scorer.surroundings(reading.pooled, np.zeros(len(sentences), dtype=np.int64))
    return scorer.probabilities(scorer.combine(reading.scores, around))


def _check_probes(path: Path, scorer: Scorer, probes: list[Any]) -> tuple[str, ...]:
    try:
        sentences = tuple(sentence for sentence, _ in probes)
        if not all(isinstance(s, str) and len(s) <= MAX_PROBE for s in sentences):
            raise ValueError(f"they are not texts of up to {MAX_PROBE} characters")
        if len(sentences) > MAX_PROBES:
            raise ValueError(f"they are {len(sentences)}, allowed are {MAX_PROBES}")
        written = np.array([p for _, p in probes], dtype=np.float64)
        worst = np.abs(_probe(scorer, sentences) - written.reshape(len(probes), len(scorer.bias)))
    except _DAMAGE as error:
        raise ModelFileError(f"{path / 'model.json'}: damaged probes: {error}") from error
    if not worst.max(initial=0.0) <= PROBE_TOLERANCE:
        raise ModelFileError(
            f"{path}: its probe sentences score up to {worst.max():.2g} off from what was written "
            "down; the folder is damaged, or this platform computes otherwise"
        )
    return sentences


def _write(file: Path, content: bytes) -> None:
    try:
        with file.open("wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from error


def _sync(folder: Path) -> None:
    """Have the names in a folder on disk, where the file system knows how."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
