import json
import sys

import pandas as pd
import pytest

from stancelib import DataError, PanelWarning
from stancelib.panel_sources import read_articles


def read(paths, *, text="text", encoding="utf-8-sig", errors="raise"):
    return read_articles(paths, text=text, encoding=encoding, errors=errors)


def put(path, content, encoding="utf-8"):
    path.write_text(content, encoding=encoding)
    return path


def test_a_folder_of_texts(tmp_path):
    put(tmp_path / "b.txt", "Second.\n")
    put(tmp_path / "a.txt", "First.\nStill first.", encoding="utf-8-sig")
    put(tmp_path / ".hidden", "x")
    (tmp_path / "folder.txt").mkdir()
    frame = read(tmp_path)
    assert frame.to_dict("list") == {
        "text": ["First.\nStill first.", "Second.\n"],
        "file": ["a.txt", "b.txt"],
    }


def test_tables_and_lines_and_texts_together(tmp_path):
    table = put(tmp_path / "mine.csv", 'body;outlet\n"Exports; they fell.";Gazette\n')
    line = json.dumps({"body": "Imports fell.", "date": "2024-05-31", "views": 7})
    lines = put(tmp_path / "mine.jsonl", line + "\n")
    text = put(tmp_path / "mine.txt", "It rained.")
    frame = read([table, str(lines), text], text="body")
    assert frame["body"].tolist() == ["Exports; they fell.", "Imports fell.", "It rained."]
    assert frame["file"].tolist() == ["mine.csv", "mine.jsonl", "mine.txt"]
    assert frame["outlet"].isna().tolist() == [False, True, True]
    assert frame["views"][1] == 7


def test_parquet(tmp_path, monkeypatch):
    frame = pd.DataFrame({"text": ["It rained."], "outlet": ["Gazette"]})
    monkeypatch.setattr(pd, "read_parquet", lambda _: frame)
    assert read(tmp_path / "a.parquet").to_dict("records") == [
        {"text": "It rained.", "outlet": "Gazette", "file": "a.parquet"}
    ]
    with pytest.raises(DataError, match=r"a.parquet: no column 'body'; there are \['text', 'out"):
        read(tmp_path / "a.parquet", text="body")


def test_faults_of_all_files_at_once(tmp_path):
    put(tmp_path / "a.jsonl", '{"text": "x"}\n{"body": "y"}\n7\n{broken\n')
    put(tmp_path / "b.csv", "text,outlet\nx\n")
    with pytest.raises(DataError) as caught:
        read(tmp_path)
    message = str(caught.value)
    assert "a.jsonl:2: no 'text'; there are ['body']" in message
    assert "a.jsonl:3: 7; expected an object" in message
    assert "a.jsonl:4: Expecting property name" in message
    assert "b.csv:2: 1 cells, the header has 2" in message


def test_files_of_other_kinds(tmp_path):
    put(tmp_path / "a.txt", "It rained.")
    put(tmp_path / "b.pdf", "%PDF")
    fault = r"b.pdf: not a file of articles; \.txt, \.jsonl.* are read"
    with pytest.raises(DataError, match=fault):
        read(tmp_path)
    with pytest.warns(PanelWarning, match=fault):
        assert read(tmp_path, errors="warn")["file"].tolist() == ["a.txt"]


def test_a_wrong_encoding(tmp_path):
    path = put(tmp_path / "a.txt", "Über", encoding="cp1252")
    with pytest.raises(DataError, match=r"a\.txt: not utf-8-sig at byte 0; save it as UTF-8, or"):
        read(path)
    assert read(path, encoding="cp1252")["text"].tolist() == ["Über"]


def test_nothing_to_read(tmp_path):
    with pytest.raises(DataError, match=r"no articles in .*; files of kinds \.txt"):
        read(tmp_path)
    with pytest.raises(FileNotFoundError):
        read(tmp_path / "gone.txt")


def test_a_column_called_like_that_of_file_names(tmp_path):
    path = put(tmp_path / "a.csv", "text,file\nx,y\n")
    with pytest.raises(
        DataError, match=r"a\.csv: a column is called 'file', as that of file names"
    ):
        read(path)


def test_needs_pandas(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError):
        read(tmp_path)
