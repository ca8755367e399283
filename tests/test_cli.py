import csv
import io
import json
import os
import re
import subprocess
import sys

import pytest

import stancelib
from stancelib.cli import main


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("Exports to China fell, “badly”.\nTalks go on.", encoding="utf-8")
    return path


def run(capsys, *arguments):
    code = main([str(a) for a in arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_table(file, capsys):
    code, out, err = run(capsys, "score", file)
    assert (code, err) == (0, "")
    assert out.startswith(f"{file} (2 sentences)\n")
    assert "negative" in out
    assert re.search(r"^china_relations +[12] +(50|100)%  mean tone -0\.\d\d$", out, re.MULTILINE)
    assert "\033" not in out


def test_json_of_one_file_is_an_object_and_of_two_a_list(file, capsys):
    _, out, _ = run(capsys, "score", file, "--format", "json", "--title", "Trade")
    record = json.loads(out)
    expected = stancelib.score(file.read_text("utf-8"), title="Trade").to_dict()
    assert record == {"file": str(file), **expected}
    _, out, _ = run(capsys, "score", file, file, "--format", "json")
    assert [r["n_sentences"] for r in json.loads(out)] == [2, 2]


def test_jsonl(file, capsys):
    _, out, _ = run(capsys, "score", file, file, "--format", "jsonl")
    assert [json.loads(line)["file"] for line in out.splitlines()] == [str(file)] * 2


def test_csv(file, capsys):
    _, out, _ = run(capsys, "score", file, "--format", "csv")
    first, second = csv.DictReader(io.StringIO(out))
    article = stancelib.score(file.read_text("utf-8"))
    assert first["text"] == "Exports to China fell, “badly”."
    assert first["themes"] == ";".join(article[0].themes)
    assert float(first["p_economy"]) == pytest.approx(
        article[0].theme_probabilities["economy"], abs=1e-6
    )
    assert float(second["tone_score"]) == pytest.approx(article[1].tone_score, abs=1e-6)
    assert (second["sentence"], second["tone"]) == ("1", article[1].tone)


def test_standard_input_and_python_m():
    for command in (["-m", "stancelib"], ["-c", "from stancelib.cli import main; main()"]):
        done = subprocess.run(
            [sys.executable, *command, "score", "-", "--format", "jsonl"],
            input=b"Prices rose.",
            capture_output=True,
            check=True,
        )
        assert json.loads(done.stdout)["sentences"][0]["text"] == "Prices rose."


def test_a_c_locale_does_not_matter(file):
    done = subprocess.run(
        [sys.executable, "-m", "stancelib", "score", file],
        capture_output=True,
        check=True,
        env={"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    )
    assert "“badly”" in done.stdout.decode("utf-8")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe\xfa", "not UTF-8 at byte 0; save it as UTF-8"),
        (b"PK\0\1", "a binary file; expected UTF-8 text"),
    ],
)
def test_files_that_are_no_text(tmp_path, capsys, content, message):
    (tmp_path / "x").write_bytes(content)
    code, out, err = run(capsys, "score", tmp_path / "x")
    assert (code, out) == (2, "")
    assert err == f"stancelib: {tmp_path / 'x'}: {message}\n"


def test_missing_file_directory_and_model(tmp_path, file, capsys):
    assert run(capsys, "score", tmp_path / "none") == (
        2,
        "",
        f"stancelib: {tmp_path / 'none'}: No such file or directory\n",
    )
    _, _, err = run(capsys, "score", tmp_path)
    assert err == f"stancelib: {tmp_path}: is a directory; name the files in it\n"
    _, _, err = run(capsys, "score", file, "--model", tmp_path)
    assert err == f"stancelib: {tmp_path}: not a model folder: there is no model.json in it\n"


def test_title_goes_with_one_file(file, capsys):
    code, _, err = run(capsys, "score", file, file, "--title", "x")
    assert code == 2
    assert err == "stancelib: --title goes with one FILE, got 2\n"


def test_an_empty_file_is_an_empty_article(tmp_path, capsys):
    (tmp_path / "x").write_bytes(b"")
    code, out, _ = run(capsys, "score", tmp_path / "x")
    assert code == 0
    assert "(0 sentences)" in out


def test_warnings_are_shown(tmp_path, capsys):
    (tmp_path / "x").write_text(
        "Президент заявил о новых санкциях против соседней страны.", "utf-8"
    )
    _, out, _ = run(capsys, "score", tmp_path / "x")
    assert "warning: only" in out
    _, out, err = run(capsys, "score", tmp_path / "x", "--format", "csv")
    assert "only" not in out
    assert "words are known" in err


def test_usage_errors_exit_with_2(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["score"])
    assert "usage: stancelib score" in capsys.readouterr().err


def test_a_closed_pipe_is_no_error(file):
    command = f"{sys.executable} -m stancelib score {file} --format jsonl"
    with subprocess.Popen(
        command, shell=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as done:
        done.stdout.close()
        assert done.stderr.read() == b""
    assert done.returncode == 0


def test_a_full_disk_is_one_line(file):
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "stancelib", "score", file],
            stdout=full,
            stderr=subprocess.PIPE,
        )
    assert done.returncode == 2
    assert done.stderr == b"stancelib: standard output: No space left on device\n"


def test_many_faults_are_told_in_one_line(tmp_path, capsys):
    (tmp_path / "gold.jsonl").write_text("[]\n" * 5)
    code, _, err = run(capsys, "evaluate", tmp_path / "gold.jsonl")
    assert code == 2
    assert err.count("\n") == 1
    assert "gold.jsonl:1: expected an object" in err
    assert "(and 4 more lines of faults)" in err


def test_evaluate(tmp_path, capsys):
    data = tmp_path / "gold.jsonl"
    data.write_text(json.dumps({"sents": [["Exports fell sharply.", ["economy"], "negative"]]}))
    code, out, _ = run(capsys, "evaluate", data)
    assert code == 0
    assert "1 sentences in 1 passages" in out
    assert "theme macro-F1" in out
    _, out, _ = run(capsys, "evaluate", data, "--json")
    assert json.loads(out) == stancelib.evaluate(data).to_dict()
    data.write_text(json.dumps({"sents": [["Exports fell.", ["war"], None]]}))
    code, _, err = run(capsys, "evaluate", data)
    assert code == 2
    assert "sentence 0: unknown themes ['war'], known are ['sovereignty'" in err


def test_compare(tmp_path, capsys):
    data = tmp_path / "coded.jsonl"
    data.write_text(json.dumps({"sents": [["Exports fell sharply.", ["economy"], "negative"]]}))
    code, out, err = run(capsys, "compare", "default", "default", data)
    assert (code, err) == (0, "")
    assert "1 sentences in 1 passages" in out
    assert "second better" in out
    _, out, _ = run(capsys, "compare", "default", "default", data, "--json")
    model = stancelib.load()
    assert json.loads(out) == stancelib.compare(data, model, model).to_dict()
    code, _, err = run(capsys, "compare", "default", tmp_path, data)
    assert code == 2
    assert "not a model folder" in err


def test_compare_models_without_a_common_label(tmp_path, capsys, monkeypatch):
    def compare(*_):
        raise ValueError("no label in common")

    monkeypatch.setattr(stancelib, "compare", compare)
    code, _, err = run(capsys, "compare", "default", "default", tmp_path)
    assert (code, err) == (2, "stancelib: no label in common\n")


@pytest.fixture
def texts(tmp_path):
    (tmp_path / "a.txt").write_text("The harvest was poor, some say. Talks on gas go on.")
    (tmp_path / "b.txt").write_text("A bridge was opened with much noise.")
    return [tmp_path / "a.txt", tmp_path / "b.txt"]


def test_suggest(texts, capsys):
    code, out, err = run(capsys, "suggest", *texts, "--n", 2)
    assert (code, err) == (0, "")
    header, *rows = out.splitlines()
    assert header.split()[:2] == ["document", "index"]
    assert sum(row.startswith(str(texts[0].parent)) for row in rows) == 2


def test_suggest_as_csv(texts, tmp_path, capsys):
    _, out, _ = run(capsys, "suggest", *texts, "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert {(r["document"], r["index"], r["text"]) for r in rows} == {
        (str(texts[0]), "0", "The harvest was poor, some say."),
        (str(texts[0]), "1", "Talks on gas go on."),
        (str(texts[1]), "0", "A bridge was opened with much noise."),
    }
    new = tmp_path / "new.csv"
    assert run(capsys, "suggest", *texts, "--out", new) == (0, "", "")
    assert new.read_text("utf-8") == out
    assert run(capsys, "suggest", *texts, "--out", new) == (
        2,
        "",
        f"stancelib: {new}: exists; name a new file\n",
    )


def test_suggest_leaves_out_what_is_coded(texts, tmp_path, capsys):
    coded = tmp_path / "coded.jsonl"
    coded.write_text(json.dumps({"sents": [["Talks on gas go on.", [], "neutral"]]}))
    _, out, _ = run(capsys, "suggest", texts[0], "--labelled", coded)
    assert "harvest" in out
    assert "gas" not in out
    texts[0].write_text("Talks on gas go on!")
    _, out, err = run(capsys, "suggest", texts[0], "--labelled", coded)
    assert (out, err) == ("no sentence to code next\n", "")
    _, out, err = run(capsys, "suggest", texts[0], "--labelled", coded, "--csv")
    assert (out, err) == (
        "document,index,text,themes,tone,confidence\n",
        "no sentence to code next\n",
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["suggest", "x", "--n", "0"], "argument --n: 0 is less than 1"),
        (["suggest", "x", "--n", "some"], "argument --n: invalid number value: 'some'"),
        (["suggest", "x", "--csv", "--out", "y"], "not allowed with argument --csv"),
    ],
)
def test_usage_of_suggest(arguments, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert message in capsys.readouterr().err


def test_report(file, tmp_path, capsys):
    out = tmp_path / "report.html"
    assert run(capsys, "report", file, "--out", out) == (0, "", "")
    page = out.read_text("utf-8")
    model = stancelib.load()
    article = model.score(file.read_text("utf-8"))
    assert page == stancelib.render_report([article], titles=[str(file)], card=model.card)


def test_report_is_not_overwritten_unasked(file, tmp_path, capsys):
    out = tmp_path / "report.html"
    out.write_text("mine")
    code, _, err = run(capsys, "report", file, "--out", out)
    assert code == 2
    assert err == f"stancelib: {out}: is there already; choose another name, or pass --overwrite\n"
    assert out.read_text() == "mine"
    assert run(capsys, "report", file, "--out", out, "--overwrite")[0] == 0
    assert out.read_text("utf-8").startswith("<!DOCTYPE html>")


def test_report_with_titles_of_file_names(tmp_path, capsys):
    path = tmp_path / "We condemn the brutal attack.txt"
    path.write_text("They met on Friday.")
    out = tmp_path / "report.html"
    assert run(capsys, "report", path, "--out", out, "--title-from-file-name")[0] == 0
    model = stancelib.load()
    titled = model.score("They met on Friday.", title=path.stem)
    assert out.read_text("utf-8") == titled.to_html(card=model.card)
    assert titled[0].tone_score != model.score("They met on Friday.")[0].tone_score


def test_report_to_a_folder_that_is_not_there(file, tmp_path, capsys):
    out = tmp_path / "none" / "report.html"
    code, _, err = run(capsys, "report", file, "--out", out)
    assert (code, err) == (2, f"stancelib: {out}: No such file or directory\n")
