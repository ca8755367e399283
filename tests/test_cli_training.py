import csv
import io
import json

import pytest

import stancelib
from stancelib import Coding, Example, Passage, retraining
from stancelib.cli import main

BOATS = ["A ship left the harbour", "The tanker reached the harbour", "Two ships lay at anchor"]
SONGS = ["The choir sang a hymn", "A singer left the choir", "They sang two songs"]


def run(capsys, *arguments):
    code = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def write(path, first_day, n, slip=None):
    """Sentences about boats and songs by turns, one a passage; one of them coded wrongly."""
    lines = []
    for i in range(n):
        text = f"{(BOATS, SONGS)[i % 2][i % 3]} on day {first_day + i}."
        about_boats = (i % 2 == 0) != (i == slip)
        record = {"id": f"{i}", "sents": [[text, ["boats"] if about_boats else [], None]]}
        lines.append(json.dumps(record))
    path.write_text("\n".join(lines))
    return path


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "coded.jsonl", 0, 48)


def test_train(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(retraining, "MIN_STEPS", 1)  # what is learnt is not at issue
    files = [write(tmp_path / "a.jsonl", 0, 24), write(tmp_path / "b.jsonl", 24, 24)]
    out_folder = tmp_path / "mine"
    train = ["train", *files, "--out", out_folder, "--base", "none", "--no-learning-curve"]
    code, out, err = run(capsys, *train, "--name", "harbour watch", "--seed", 7)
    assert (code, err) == (0, "")
    model = stancelib.load(out_folder)
    assert out.startswith(f"{files[0]}: 24 sentences in 24 passages, read as jsonl\n")
    assert f"\n{files[1]}: 24 sentences" in out
    assert out.endswith(f"\n\n{model.report()}\n")
    assert "# harbour watch\n\nTrained on 48 labelled sentences in 48 passages" in out
    assert model.themes == ("boats",)
    assert model.card["settings"]["seed"] == 7
    assert len(model.card["learning_curve"]) == 1


def test_a_model_that_is_there_is_replaced_when_told_so(file, tmp_path, model, capsys, monkeypatch):
    out_folder = tmp_path / "mine"
    model.save(out_folder)
    other = stancelib.load(out_folder)
    other.card["name"] = "other"
    other.card["trained_on"]["fingerprint"] = "of other sentences"
    monkeypatch.setattr(stancelib, "train", lambda *_, **__: other)
    code, out, err = run(capsys, "train", file, "--out", out_folder)
    assert (code, out) == (2, "")
    assert "trained on other sentences" in err
    assert err.endswith("choose another folder, or pass --overwrite\n")
    assert stancelib.load(out_folder).card["name"] == model.card["name"]
    assert run(capsys, "train", file, "--out", out_folder, "--overwrite")[0] == 0
    assert stancelib.load(out_folder).card["name"] == "other"


@pytest.fixture
def seen(monkeypatch):
    """What `train` is called with; it trains nothing."""
    calls = []

    class Refused(stancelib.StanceError):
        pass

    def train(passages, **options):
        calls.append((passages, options))
        raise Refused("enough")

    monkeypatch.setattr(stancelib, "train", train)
    return calls


def test_options_reach_train(file, tmp_path, capsys, seen):
    themes = ["--theme", "boats", "--theme", "songs", "--theme", "boats"]
    run(capsys, "train", file, "--out", tmp_path / "x", *themes, "--jobs", 2, "--base", "folder")
    run(capsys, "train", file, "--out", tmp_path / "x", "--base", "none")
    (_, first), (_, second) = seen
    assert first == {
        "base": "folder",
        "themes": ["boats", "songs"],
        "name": "retrained",
        "seed": 0,
        "learning_curve": True,
        "n_jobs": 2,
        "progress": False,
    }
    assert (second["base"], second["themes"]) == (None, None)


def test_ids_are_made_unique_only_for_several_files(file, tmp_path, capsys, seen):
    other = write(tmp_path / "other.jsonl", 48, 3)
    run(capsys, "train", file, "--out", tmp_path / "x")
    run(capsys, "train", file, other, "--out", tmp_path / "x")
    (alone, _), (together, _) = seen
    assert alone[0].id == "0"
    assert [p.id for p in together] == [
        *(f"{file}:{i}" for i in range(48)),
        *(f"{other}:{i}" for i in range(3)),
    ]


def test_what_is_refused_before_training(file, tmp_path, capsys, seen):
    (tmp_path / "full").mkdir()
    code, out, err = run(capsys, "train", file, "--out", tmp_path / "full", "--overwrite")
    assert (code, out) == (2, "")
    assert (
        err == f"stancelib: {tmp_path / 'full'}: exists and is not a model folder; name another\n"
    )
    code, _, err = run(capsys, "train", tmp_path / "none", "--out", tmp_path / "x")
    assert (code, err) == (2, f"stancelib: {tmp_path / 'none'}: No such file or directory\n")
    assert not seen


def test_bad_labels_and_arguments_are_one_line(file, tmp_path, capsys):
    train = ["train", file, "--out", tmp_path / "x"]
    code, _, err = run(capsys, *train, "--theme", "songs")
    assert code == 2
    assert err.startswith("stancelib: theme 'songs': 0 sentences with it and 48 without")
    code, _, err = run(capsys, *train, "--theme", "neutral")  # a tone of the base
    assert code == 2
    assert "expected names that differ" in err
    assert not (tmp_path / "x").exists()


def test_other_formats(tmp_path, capsys, seen):
    file = tmp_path / "coded.json"
    file.write_text('{"text": "A boat.", "label": ["boats"]}\n')
    run(capsys, "train", file, "--out", tmp_path / "x", "--format", "doccano")
    ((passages, _),) = seen
    assert passages[0].examples[0].themes == {"boats"}
    code, _, err = run(capsys, "train", file, "--out", tmp_path / "x", "--format", "jsonl")
    assert code == 2
    assert "expected an object with a list `sents`" in err


def test_review(tmp_path, capsys):
    file = write(tmp_path / "coded.jsonl", 0, 48, slip=10)
    code, out, err = run(capsys, "review", file, "--n", 1)
    assert (code, err) == (0, "")
    summary, counts = out.split("\n\n")[0].split("\n", 1)
    assert summary == f"{file}: 48 sentences in 48 passages, read as jsonl"
    assert "boats 23" in counts
    title, _, header, row, *_ = out.split("\n\n", 1)[1].splitlines()
    assert title.startswith("doubtful labels: ")
    assert header.split()[:3] == ["passage", "index", "label"]
    assert row.split()[:5] == ["10", "0", "boats", "no", "yes"]


def said(monkeypatch, passages, right=True):
    """Let files hold these passages, and models that have not seen them be right or wrong."""

    def predict(passages, *, themes, **_):
        assert themes == ("boats",)
        rows = [
            [0.9 if ("boats" in e.themes) == right else 0.1, 1, 0, 0]
            for p in passages
            for e in p.examples
        ]
        return stancelib.OutOfFold(themes, ("negative", "neutral", "positive"), rows)

    examples = stancelib.Examples(tuple(passages), "jsonl")
    monkeypatch.setattr(stancelib, "read_examples", lambda _, **__: examples)
    monkeypatch.setattr(stancelib, "predict_out_of_fold", predict)


def coded(*said_by, themes=frozenset({"boats"})):
    codings = tuple(Coding(coder, themes, tone) for coder, tone in said_by)
    return Example("A boat.", themes, None, codings)


def test_review_without_doubts_says_so(capsys, monkeypatch):
    said(monkeypatch, [Passage("p", (coded(), coded(themes=frozenset())))])
    code, out, err = run(capsys, "review", "x")
    assert (code, err) == (0, "")
    assert out.startswith("x: 2 sentences in 1 passages")
    assert out.endswith("\n\nno label is doubtful\n")
    code, out, err = run(capsys, "review", "x", "--csv")
    assert (code, out) == (0, "passage,index,text,label,given,suggested,probability,score\n")
    assert err.startswith("x: 2 sentences in 1 passages")
    assert err.endswith("\n\nno label is doubtful\n")


def test_review_as_csv(capsys, monkeypatch):
    passages = [Passage(f"p{i}", (coded(), coded(themes=frozenset()))) for i in range(3)]
    said(monkeypatch, passages, right=False)
    _, out, err = run(capsys, "review", "x", "--csv", "--n", 4)
    rows = list(csv.DictReader(io.StringIO(out)))
    assert len(rows) == 4
    assert (rows[0]["passage"], rows[0]["label"], rows[0]["given"]) == ("p0", "boats", "True")
    assert "doubtful" not in err


def test_review_tells_how_far_coders_agree(capsys, monkeypatch):
    pair = (coded(("anna", "neutral"), ("ben", "positive")), coded(themes=frozenset()))
    said(monkeypatch, [Passage("p", pair)])
    agreement = "1 sentences in 1 passages with two or more coders, of 2: anna, ben\n"
    _, out, err = run(capsys, "review", "x")
    assert agreement in out
    assert out.endswith("labels on which coders differ: 1\n\nno label is doubtful\n")
    assert err == ""
    _, out, err = run(capsys, "review", "x", "--csv")
    assert out.startswith("passage,index")
    assert agreement in err


def test_agreement_on_other_tones_says_how_they_are_ranked(capsys, monkeypatch):
    pair = (coded(("anna", "warm"), ("ben", "cold")), coded(themes=frozenset()))
    said(monkeypatch, [Passage("p", pair)])
    assert "tone, ordinal: ranks are cold, warm\n" in run(capsys, "review", "x")[1]
