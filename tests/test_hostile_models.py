"""Model folders made to hurt: refused, without running anything or filling the memory."""

import io
import json
import os
import pickle
import random
import re
import struct
import subprocess
import sys
import warnings
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from invariants import check_article
from tiny import TEXT, edit, repack, resign, write_tiny

import stancelib
from stancelib.errors import ModelFileError
from stancelib.model import Model
from stancelib.store import MAX_BYTES, MAX_HEAD_BYTES, read_model

N_FLIPS = 300


@pytest.fixture
def folder(tmp_path):
    return write_tiny(tmp_path / "model")


def try_model(folder):
    """Refused, or a model whose probabilities are probabilities; nothing between."""
    try:
        model = Model.load(folder)
    except ModelFileError as error:
        return str(error)
    article = model.score(TEXT, title="Trade")
    check_article(article)
    article[0].explain(model.themes[0])
    return article


def flips(content, seed):
    """Copies with one bit flipped: anywhere, and more of them where the structure is."""
    chance = random.Random(seed)
    places = [chance.randrange(len(content)) for _ in range(N_FLIPS // 2)]
    places += [chance.randrange(max(len(content) - 4000, 0), len(content)) for _ in places]
    for place in places:
        flipped = bytearray(content)
        flipped[place] ^= 1 << chance.randrange(8)
        yield bytes(flipped)


def test_flips_in_the_weights_are_all_noticed(folder):
    content = (folder / "weights.npz").read_bytes()
    for flipped in flips(content, 1):
        (folder / "weights.npz").write_bytes(flipped)
        with pytest.raises(ModelFileError, match="damaged or mixed with another model"):
            read_model(folder)


def test_flips_in_the_weights_with_a_mended_digest_do_no_harm(folder):
    content = (folder / "weights.npz").read_bytes()
    refused = 0
    for flipped in flips(content, 2):
        (folder / "weights.npz").write_bytes(flipped)
        resign(folder)
        refused += isinstance(try_model(folder), str)
    assert refused > N_FLIPS // 4


@pytest.mark.parametrize("mended", [False, True])
def test_flips_in_the_head_do_no_harm(folder, mended):
    before = try_model(folder)
    content = (folder / "model.json").read_bytes()
    refused = 0
    for flipped in flips(content, 3):
        (folder / "model.json").write_bytes(flipped)
        if mended:
            with suppress(ValueError, KeyError, TypeError):  # no longer JSON, or no head
                resign(folder)
        outcome = try_model(folder)
        refused += isinstance(outcome, str)
        assert mended or isinstance(outcome, str) or outcome == before
    assert refused > N_FLIPS // 4


@pytest.mark.parametrize("name", ["model.json", "weights.npz"])
def test_truncated_files(folder, name):
    content = (folder / name).read_bytes()
    for share in range(20):
        (folder / name).write_bytes(content[: len(content) * share // 20])
        if name == "weights.npz":
            resign(folder)
        assert isinstance(try_model(folder), str)


def entries(folder):
    with zipfile.ZipFile(folder / "weights.npz") as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def rezip(folder, items, method=zipfile.ZIP_STORED):
    """Write an archive with any entries, twice the same if need be."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names that stand there twice
        with zipfile.ZipFile(folder / "weights.npz", "w", method) as archive:
            for name, content in items:
                archive.writestr(name, content)
    resign(folder)


def header(descr, shape, version=b"\1\0"):
    text = f"{{'descr': {descr!r}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text


class Trap:
    """Unpickling it makes a file."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


def pickled_array(trap):
    buffer = io.BytesIO()
    np.save(buffer, np.array([trap], dtype=object), allow_pickle=True)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "content",
    [pickled_array, pickle.dumps, lambda trap: header("|O", (1,)) + pickle.dumps(trap)],
    ids=["array of objects", "bare pickle", "pickle behind a header"],
)
@pytest.mark.parametrize("name", ["words.npy", "bias.npy", "extra.npy", "extra", "data.pkl"])
def test_a_pickle_is_refused_and_not_run(folder, tmp_path, content, name):
    trap = Trap(tmp_path / "ran")
    rezip(folder, {**entries(folder), name: content(trap)}.items())
    with pytest.raises(ModelFileError, match=r"is no array of numbers|not expected"):
        read_model(folder)
    assert not trap.path.exists()


@pytest.mark.parametrize(
    "name", ["../bias.npy", "/bias.npy", "a/../bias.npy", "C:\\bias.npy", "bias.npy/", "bias"]
)
def test_names_in_the_archive_lead_nowhere(folder, name):
    held = entries(folder)
    rezip(folder, [*held.items(), (name, held["bias.npy"])])
    with pytest.raises(ModelFileError, match="missing or not expected"):
        read_model(folder)


def test_names_that_stand_twice(folder):
    held = entries(folder)
    rezip(folder, [*held.items(), ("bias.npy", held["bias.npy"])])
    with pytest.raises(ModelFileError, match="a name twice"):
        read_model(folder)
    head = (folder / "model.json").read_text()
    (folder / "model.json").write_text('{"themes": [],' + head[1:])
    with pytest.raises(ModelFileError, match="one is there twice"):
        read_model(folder)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_the_compression_of_npz_files_is_read(folder, method):
    rezip(folder, entries(folder).items(), method)
    with pytest.raises(ModelFileError, match="compressed in a way that npz files are not"):
        read_model(folder)


def test_compressed_arrays_are_read(folder):
    before = try_model(folder)
    rezip(folder, entries(folder).items(), zipfile.ZIP_DEFLATED)
    assert try_model(folder) == before


@pytest.mark.parametrize(
    "start",
    [
        header("<f8", (1 << 29,)),
        header("<f8", "(999999999, 999999999, 999999999)"),
        header("<f8", "(9999999999999999999999,)"),
        header("<f8", "(" + "1, " * 1000 + ")"),
        header("<f8", "(-1,)"),
        header("<f8", "(3.0,)"),
        header("<f8", "(" * 500 + ")" * 500),
        header("<f8", "(3,)", b"\3\0"),
        header("<f9", "(3,)"),
        header("<U3", "(3,)"),
        header("<c8", "(3,)"),
        header("<m8", "(3,)"),
        header([("a", "<f8")], "(3,)"),
        header("<f8", "(__import__('os').abort(),)"),
        b"\x93NUMPY\1\0\xff\xff{",
        b"",
    ],
)
def test_headers_that_lie(folder, start):
    rezip(folder, {**entries(folder), "bias.npy": start + bytes(24)}.items())
    with pytest.raises(ModelFileError, match=r"weights.npz: (damaged: )?bias"):
        read_model(folder)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"bias": np.zeros(3, complex)}, "bias is no array of numbers"),
        ({"bias": np.zeros(3, int)}, "bias has shape .* and type int64, expected 1 axes and kind"),
        ({"bias": np.zeros((3, 1))}, r"bias has shape \(3, 1\) and type float64, expected 1 axes"),
        ({"bias": np.float64(1)}, r"bias has shape \(\)"),
        ({"encoder_bias": np.float32(1)}, r"encoder_bias has shape \(\)"),
        ({"covers": np.zeros(3, np.uint8)}, "covers has shape .* and type uint8"),
        ({"covers": np.zeros(3, bool)}, r"covers has shape \(3,\), expected"),
        ({"reaches": np.zeros(0, np.uint8)}, "reaches has shape"),
        ({"children": np.zeros(1, np.int32)}, "children has shape"),
        ({"encoder_value": np.zeros((0, 3), np.float32)}, "encoder_mix has shape"),
        ({"encoder_words": np.zeros((0, 0), np.float16)}, "shape"),
        ({"class_table": np.zeros((0, 0, 3), np.float16)}, "class_table has shape .* is empty"),
        ({"bias": np.full(3, np.inf)}, "bias holds numbers that are not finite"),
        ({"idf": np.full(42, np.nan)}, "idf has shape|idf holds numbers that are not finite"),
        ({"bias": np.full(3, 1e300)}, "bias holds numbers outside of -10000 to 10000"),
        ({"encoder_around": np.full((10, 3), -3e38)}, "encoder_around holds numbers outside"),
        ({"words": np.frombuffer(b"\n" * 5, np.uint8)}, "6 words, encoder_words has"),
    ],
)
def test_arrays_that_are_wrong(folder, changes, message):
    repack(folder, **changes)
    with pytest.raises(ModelFileError, match=message):
        read_model(folder)


def with_one(array, at, value):
    changed = array.copy()
    changed[at] = value
    return changed


@pytest.mark.parametrize(
    ("name", "at", "value", "message"),
    [
        ("parents", 0, -1, "parents holds numbers that are not those of earlier units"),
        ("parents", -1, 1 << 30, "parents holds numbers that are not those of earlier units"),
        ("parents", 0, 24, "not in sorted order"),
        ("children", 0, -1, "children holds numbers outside of 0 to"),
        ("children", 0, 1 << 30, "children holds numbers outside of 0 to"),
        ("classes", 0, 2, "classes holds numbers outside of 0 to 1"),
        ("scope_kinds", 0, 2, "scope_kinds holds numbers outside of 0 to 1"),
    ],
)
def test_numbers_out_of_range(folder, name, at, value, message):
    with np.load(folder / "weights.npz") as arrays:
        array = arrays[name]
    repack(folder, **{name: with_one(array, at, value)})
    with pytest.raises(ModelFileError, match=message):
        read_model(folder)


@pytest.mark.parametrize("value", [-1, 256, 1 << 62])
def test_reaches_out_of_range(folder, value):
    with np.load(folder / "weights.npz") as arrays:
        array = arrays["reaches"].astype(np.int64)
    repack(folder, reaches=with_one(array, 0, value))
    with pytest.raises(ModelFileError, match="reaches holds numbers outside of 0 to 255"):
        read_model(folder)


def test_a_unit_that_is_its_own_beginning_is_refused(folder):
    """It would be spelled out without end."""
    with np.load(folder / "weights.npz") as arrays:
        own = len(arrays["encoder_words"]) - 1 + len(arrays["parents"]) - 1
        parents = with_one(arrays["parents"], -1, own)
    repack(folder, parents=parents)
    with pytest.raises(ModelFileError, match="not those of earlier units"):
        read_model(folder)


@pytest.mark.parametrize("change", [b"war\nwar", b"war\n;x"], ids=["a word twice", "no marks"])
def test_words_that_do_not_do(folder, change):
    with np.load(folder / "weights.npz") as arrays:
        words = arrays["words"].tobytes()
    old = b"trade\nwar" if change == b"war\nwar" else b"\n;\n"
    new = change if change == b"war\nwar" else b"\n+\n"
    repack(folder, words=np.frombuffer(words.replace(old, new), np.uint8))
    with pytest.raises(ModelFileError, match="words do not differ, or the separator or marks"):
        read_model(folder)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": "2" * 100_000}, "format '222.*this stancelib reads format 2"),
        ({"format": [2]}, "format .2., this"),
        ({"themes": [], "tones": [], "thresholds": []}, "neither themes nor tones"),
        ({"themes": ["x" * 10_000] * 2}, "are not names that differ"),
        ({"thresholds": [float("nan")]}, "are not from 0 to 1"),
        ({"thresholds": [10**400]}, "are not from 0 to 1"),
        ({"card": {}}, "damaged card: KeyError"),
        ({"card": {"name": [[]], "trained_on": 3}}, "damaged card"),
        ({"sha256": "\x1b[31m"}, r"model.json says '\\x1b"),
        ({"probes": [["x", [10**400] * 3]]}, "damaged probes"),
        ({"probes": ["ab"]}, "damaged probes"),
        ({"probes": [[["x"], [0.0] * 3]]}, "damaged probes: they are not texts"),
        ({"probes": [["x" * 1001, [0.0] * 3]]}, "damaged probes: they are not texts of up to"),
        ({"probes": [["", [0.0] * 3]] * 101}, "damaged probes: they are 101, allowed are 100"),
        ({"probes": [["x", [float("nan")] * 3]]}, "probe sentences score up to nan"),
        ({"probes": [["x", [float("inf")] * 3]]}, "probe sentences score up to inf"),
        ({"probes": [3]}, "damaged probes"),
        ({"tones": ["\ud800", "b"]}, "damaged: .*surrogates not allowed"),
    ],
)
def test_heads_that_are_wrong(folder, change, message):
    edit(folder, **change)
    with pytest.raises(ModelFileError, match=message) as caught:
        read_model(folder)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 1_000_000,
        b'{"a":' * 500_000,
        b'{"format": ' + b"9" * 1_000_000 + b"}",
        b" " * (MAX_HEAD_BYTES + 1),
        b"\xef\xbb\xbf{}",
        b'{"format": NaN}',
        b"{}\0",
        b"",
    ],
    ids=["deep list", "deep object", "long number", "too long", "mark", "NaN", "NUL", "empty"],
)
def test_json_made_to_hurt(folder, content):
    (folder / "model.json").write_bytes(content)
    with pytest.raises(ModelFileError, match=r"model\.json: "):
        read_model(folder)


def test_files_that_are_no_files(folder, tmp_path):
    cases = {
        "weights.npz: cannot be read .not a regular file": "/dev/zero",
        "weights.npz: cannot be read .not a regular file.": tmp_path,
        "weights.npz: cannot be read .Too many levels": folder / "weights.npz",
        "weights.npz: cannot be read .No such file": tmp_path / "none",
    }
    for message, target in cases.items():
        (folder / "weights.npz").unlink()
        (folder / "weights.npz").symlink_to(target)
        with pytest.raises(ModelFileError, match=message):
            read_model(folder)
    (folder / "model.json").unlink()
    os.mkfifo(folder / "model.json")  # opening it would wait for ever
    with pytest.raises(ModelFileError, match=r"model\.json: cannot be read \(not a reg"):
        read_model(folder)


def test_links_to_files_are_followed(folder, tmp_path):
    for name in ("model.json", "weights.npz"):
        (folder / name).rename(tmp_path / name)
        (folder / name).symlink_to(tmp_path / name)
    check_article(stancelib.load(folder).score(TEXT))


def test_more_encoder_scores_than_labels(tmp_path):
    check_article(try_model(write_tiny(tmp_path / "retrained", n_encoded=6)))


@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_weights_that_are_allowed_still_give_probabilities(tmp_path, sign):
    folder = write_tiny(tmp_path / "model", probes=())
    with np.load(folder / "weights.npz") as arrays:
        huge = {n: np.full(a.shape, sign * 1e4) for n, a in arrays.items() if a.dtype.kind == "f"}
    repack(folder, **huge)
    check_article(try_model(folder))


LIMITED = """
import resource, sys
import stancelib
from stancelib.errors import ModelFileError
stancelib.load(sys.argv[1]).score("Trade rose.")
used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    stancelib.load(sys.argv[2])
except ModelFileError as error:
    print(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - used) // 1024)
"""


def zip_bomb(path):
    """One array, far larger than it is in the archive."""
    held = entries(path)
    with zipfile.ZipFile(
        path / "weights.npz", "w", zipfile.ZIP_DEFLATED, compresslevel=1
    ) as archive:
        for name, content in held.items():
            with archive.open(name, "w", force_zip64=True) as stream:
                stream.write(content)
                for _ in range(34 if name == "bias.npy" else 0):
                    stream.write(bytes(8_000_000))
    resign(path)


def lying_bomb(path):
    """The same, but the directory says that it is small."""
    zip_bomb(path)
    content = (path / "weights.npz").read_bytes()
    name = next(m.start() for m in re.finditer(b"bias.npy", content) if is_entry(content, m))
    small = struct.pack("<I", 1000)
    (path / "weights.npz").write_bytes(content[: name - 22] + small + content[name - 18 :])
    resign(path)


def is_entry(content, match):
    return content[match.start() - 46 : match.start() - 42] == b"PK\1\2"


def directory_bomb(path):
    """A directory of a million empty entries, each of which would become an object."""
    entry = struct.pack("<4s6H3I5H2I", b"PK\1\2", *[0] * 6, *[0] * 3, 1, *[0] * 6) + b"a"
    n = 500_000
    end = struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, n & 0xFFFF, n & 0xFFFF, n * len(entry), 0, 0)
    (path / "weights.npz").write_bytes(entry * n + end)
    resign(path)


def sparse_giant(path):
    """A file of many gigabytes that takes no room on disk."""
    with (path / "weights.npz").open("r+b") as stream:
        stream.truncate(100 * MAX_BYTES)


@pytest.mark.parametrize(
    ("bomb", "message", "megabytes"),
    [
        (zip_bomb, "allowed are 268435456", 50),
        (lying_bomb, "damaged", 50),
        (directory_bomb, "holds more than", 80),
        (sparse_giant, "allowed are 268435456", 10),
    ],
)
def test_no_memory_is_taken_for_bombs(folder, tmp_path, bomb, message, megabytes):
    bomb(write_tiny(tmp_path / "bomb"))
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", LIMITED, folder, tmp_path / "bomb"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(stancelib.__file__).parent.parent,
    )
    said, used = done.stdout.splitlines()
    assert message in said
    assert int(used) < megabytes


def test_formats_are_kept():
    """Each format has its folder; those of earlier formats are refused with a remedy."""
    folders = Path(__file__).parent / "formats"
    assert json.loads((folders / "1" / "model.json").read_text())["format"] == 1
    with pytest.raises(ModelFileError, match=r"format 1, .* or train the model again"):
        read_model(folders / "1")
    check_article(stancelib.load(folders / "2").score(TEXT))
