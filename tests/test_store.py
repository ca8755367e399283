import io
import json
import pickle
import shutil
import zipfile
from pathlib import Path

import numpy as np
import pytest

import stancelib
from stancelib.errors import ModelFileError
from stancelib.model import DEFAULT_FOLDERS
from stancelib.store import _digest, read_model


@pytest.fixture
def folder(tmp_path):
    source = next(f for f in DEFAULT_FOLDERS if f.is_dir())
    return shutil.copytree(source, tmp_path / "model")


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


def relabel(folder, **changes):
    edit(folder, **changes)
    resign(folder)


def repack(folder, **changes):
    """Change arrays of weights.npz and mend the digest; None removes an array."""
    with np.load(folder / "weights.npz") as arrays:
        kept = {**arrays, **changes}
    np.savez(folder / "weights.npz", **{k: v for k, v in kept.items() if v is not None})
    resign(folder)


def test_round_trip(model, interview, tmp_path):
    model.save(tmp_path / "copy")
    copy = stancelib.load(tmp_path / "copy")
    assert copy.score(interview) == model.score(interview)
    assert (copy.card, copy.themes, copy.tones) == (model.card, model.themes, model.tones)
    assert copy.digest == model.digest
    assert sorted(f.name for f in (tmp_path / "copy").iterdir()) == [
        "README.md",
        "model.json",
        "weights.npz",
    ]


def test_saving_twice_gives_the_same_bytes(model, tmp_path):
    model.save(tmp_path / "a")
    model.save(tmp_path / "b")
    for name in ("README.md", "model.json", "weights.npz"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_does_not_overwrite(model, tmp_path):
    (tmp_path / "there").mkdir()
    with pytest.raises(FileExistsError, match="there exists; choose another folder"):
        model.save(tmp_path / "there")
    assert list((tmp_path / "there").iterdir()) == []


def test_a_failed_save_leaves_nothing(model, tmp_path, monkeypatch):
    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr("stancelib.store.Path.rename", fail)
    with pytest.raises(OSError, match="disk full"):
        model.save(tmp_path / "new")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda f: shutil.rmtree(f), "not a model folder: there is no model.json in it"),
        (lambda f: (f / "weights.npz").unlink(), "weights.npz: cannot be read"),
        (lambda f: (f / "model.json").write_text("{"), "model.json: damaged"),
        (lambda f: (f / "model.json").write_bytes(b"\xff\xfe"), "model.json: damaged"),
        (lambda f: (f / "model.json").write_text("[]"), "it names no format"),
        (lambda f: (f / "model.json").write_text("[" * 100_000), "model.json: damaged"),
        (lambda f: edit(f, format=99), "format 99, this stancelib reads format 2"),
        (lambda f: edit(f, themes=None), "'themes' is missing or is no list"),
        (lambda f: edit(f, card=[]), "'card' is missing or is no dict"),
        (lambda f: edit(f, thresholds=[0.5]), "1 thresholds for 5 themes"),
        (lambda f: relabel(f, themes=["a"], thresholds=[0.5]), "table has shape"),
        (lambda f: edit(f, themes=list("abcde")), "damaged or mixed with another model"),
        (lambda f: edit(f, themes=["a"] * 5), "are not names that differ"),
        (lambda f: edit(f, themes=[[1]] * 5), "are not names that differ"),
        (lambda f: repack(f, blend=np.ones((17, 8))), "probe sentences score up to"),
        (lambda f: edit(f, thresholds=["x"] * 5), r"thresholds \['x', .* are not from 0 to 1"),
        (lambda f: edit(f, probes=[["Hello.", [0.0] * 8]]), "probe sentences score up to"),
        (lambda f: edit(f, probes=[["Hello.", ["x"]]]), "damaged probes"),
        (lambda f: repack(f, table=None), "weights.npz: damaged"),
        (lambda f: repack(f, bias=np.full(8, np.nan)), "bias holds numbers that are not finite"),
        (lambda f: repack(f, bias=np.zeros(3)), r"bias has shape \(3,\), expected \(8,\)"),
        (lambda f: repack(f, words=np.zeros(3, np.uint8)), "damaged|shape"),
        (lambda f: repack(f, encoder_mix=None), "weights.npz: damaged"),
        (lambda f: repack(f, encoder_words=np.float16(1)), r"encoder_words has shape \(\)"),
        (lambda f: repack(f, encoder_near=np.zeros((2, 2))), "encoder_near has shape"),
        (lambda f: repack(f, table=np.array([{}], dtype=object)), "weights.npz: damaged"),
    ],
)
def test_damage_is_named(folder, damage, message):
    damage(folder)
    with pytest.raises(ModelFileError, match=message):
        read_model(folder)


@pytest.mark.parametrize("at", [0, 1000, -30])
def test_a_flipped_byte_is_noticed(folder, at):
    content = bytearray((folder / "weights.npz").read_bytes())
    content[at] ^= 1
    (folder / "weights.npz").write_bytes(content)
    with pytest.raises(ModelFileError, match="damaged or mixed with another model: SHA-256"):
        read_model(folder)


def test_a_pickle_in_the_archive_is_refused_and_not_run(folder, tmp_path):
    class Trap:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("words.npy", pickle.dumps(Trap()))
    (folder / "weights.npz").write_bytes(buffer.getvalue())
    resign(folder)
    with pytest.raises(ModelFileError, match="it holds something else than arrays"):
        read_model(folder)
    assert not (tmp_path / "ran").exists()


def test_a_folder_of_an_earlier_format_is_refused_with_a_remedy():
    with pytest.raises(ModelFileError, match=r"format 1, .* or train the model again"):
        read_model(Path(__file__).parent / "formats" / "1")
