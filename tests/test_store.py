import io
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from tiny import edit, repack, resign, write_tiny

import stancelib
from stancelib.errors import ModelFileError
from stancelib.model import DEFAULT_FOLDERS
from stancelib.store import read_model

ROOT = Path(__file__).parent.parent


@pytest.fixture
def folder(tmp_path):
    source = next(f for f in DEFAULT_FOLDERS if f.is_dir())
    return shutil.copytree(source, tmp_path / "model")


def relabel(folder, **changes):
    edit(folder, **changes)
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


CALLS = ("os.mkdir", "os.fsync", "os.chmod", "os.rename", "io.open")


def fail_at(monkeypatch, number, error):
    """Let one of the calls that a save makes to the system fail, the number-th."""
    count = iter(range(10_000))

    def failing(call):
        def perhaps(*arguments, **options):
            if next(count) == number:
                raise error
            return call(*arguments, **options)

        return perhaps

    for name in CALLS:
        module, call = name.split(".")
        real = {"os": os, "io": io}[module]
        monkeypatch.setattr(real, call, failing(getattr(real, call)))


@pytest.mark.parametrize("there", [False, True])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_whatever_fails_a_save_is_all_or_nothing(tmp_path, there, error):
    path = tmp_path / "model"
    before = "tiny 0" if there else None
    n_failed = 0
    for number in range(40):
        if there:
            write_tiny(path, seed=0, overwrite=True)
        with pytest.MonkeyPatch.context() as patch:
            fail_at(patch, number, error)
            try:
                write_tiny(path, seed=1, overwrite=there)
                allowed = {"tiny 1"}
            except OSError:
                allowed = {before}
            except KeyboardInterrupt:  # it may come when all is done
                allowed = {before, "tiny 1"}
        n_failed += before in allowed
        left = [f.name for f in tmp_path.iterdir()]
        assert left in ([], ["model"])
        assert (read_model(path).card["name"] if left else None) in allowed
        shutil.rmtree(path, ignore_errors=True)
    assert 8 <= n_failed < 30  # each call failed once, and then there were no more


SAVE = """
import sys, tiny
tiny.write_tiny(sys.argv[1], seed=0, overwrite=True)
print("ready", flush=True)
for seed in range(1, 1_000_000):
    tiny.write_tiny(sys.argv[1], seed=seed, overwrite=True)
"""


def killed_saves(path, n_kills, generator):
    """Kill a process that saves again and again; yield after each kill."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    for _ in range(n_kills):
        with subprocess.Popen(
            [sys.executable, "-c", SAVE, path], stdout=subprocess.PIPE, env=environment
        ) as process:
            process.stdout.readline()
            time.sleep(generator.uniform(0, 0.1))
            process.kill()
        yield


def test_a_killed_save_leaves_a_whole_model(tmp_path):
    path = tmp_path / "model"
    for _ in killed_saves(path, 10, random.Random(7)):
        try:
            read_model(path)
        except ModelFileError as error:  # killed between the two renames
            (aside,) = re.findall(r"a save was interrupted: rename (\S+),", str(error))
            read_model(aside)


def test_a_model_that_was_set_aside_is_named(tmp_path):
    write_tiny(tmp_path / ".[x]-old-abc")
    with pytest.raises(ModelFileError, match=r"was interrupted: rename \S*/\.\[x\]-old-abc, the"):
        read_model(tmp_path / "[x]")
    (tmp_path / "[x]").mkdir()
    with pytest.raises(ModelFileError, match=r"there is no model\.json in it$"):
        read_model(tmp_path / "[x]")


@pytest.mark.skipif(sys.platform == "win32", reason="there are no limits of this kind")
def test_a_full_disk_is_one_clear_error(tmp_path):
    code = (
        "import resource, signal, sys, tiny\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n    tiny.write_tiny(sys.argv[1])\n"
        "except OSError as error:\n    print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path / "model"],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
    )
    assert re.fullmatch(r"\[Errno 27\] File too large: '\S*/weights\.npz'\n", done.stdout)
    assert list(tmp_path.iterdir()) == []


def test_a_target_that_cannot_be_written(model):
    if not Path("/proc").is_dir():
        pytest.skip("there is no /proc")
    with pytest.raises(OSError, match="/proc"):
        model.save("/proc/model")


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
