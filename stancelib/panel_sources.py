"""Files with articles to a data frame: a text each, or tables with a column of texts."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stancelib.errors import DataError, report_faults
from stancelib.label_records import Log
from stancelib.label_sources import read_file

if TYPE_CHECKING:
    import pandas as pd

_TABLES = (".jsonl", ".ndjson", ".json", ".csv", ".tsv")
READABLE = (".txt", *_TABLES, ".parquet")
FILE = "file"


def read_articles(
    paths: str | Path | Sequence[str | Path], *, text: str, encoding: str, errors: str
) -> "pd.DataFrame":
    """Read articles from files.

    Parameters
    ----------
    paths : str, Path or sequence of these
        Files, and folders with files; folders within them are not entered.
    text : str
        Column or field with the text, in files other than ``.txt``.
    encoding : str
        Of the files, but Parquet.
    errors : str
        What to do about files of another kind: "raise", or "warn" and leave them out.

    Returns
    -------
    pandas.DataFrame
        One row an article: `text`, ``file`` (the name of the file), and all other columns.

    Raises
    ------
    DataError
        A file is not what its name says, or has no such column; files are of another kind;
        there are no articles.
    ImportError
        pandas is not installed, or what it needs for Parquet.
    OSError
        A file cannot be opened.
    """
    import pandas as pd

    records: list[dict[str, Any]] = []
    log, unread = Log(), []
    for path in _files(paths):
        kind = path.suffix.lower()
        if kind not in READABLE:
            unread.append(path.name)
            continue
        found = list(_records(path, kind, text, encoding, log))
        if any(FILE in record for record in found):
            raise DataError(
                f"{path}: a column is called {FILE!r}, as that of file names; rename it"
            )
        records += [{**record, FILE: path.name} for record in found]
    log.check()
    kinds = f"{', '.join(READABLE)} are read"
    faults = [f"{name}: not a file of articles; {kinds}" for name in unread]
    report_faults(faults, errors)
    if not records:
        raise DataError(f"no articles in {paths}; files of kinds {kinds}")
    return pd.DataFrame(records)


def _files(paths: str | Path | Sequence[str | Path]) -> Iterator[Path]:
    for path in map(Path, [paths] if isinstance(paths, str | Path) else paths):
        if path.is_dir():
            yield from sorted(
                p for p in path.iterdir() if p.is_file() and not p.name.startswith(".")
            )
        else:
            yield path


def _records(path: Path, kind: str, text: str, encoding: str, log: Log) -> Iterator[dict[str, Any]]:
    if kind == ".txt":
        yield {text: _decoded(path, encoding)}
    elif kind == ".parquet":
        import pandas as pd

        frame = pd.read_parquet(path)
        if text not in frame:
            raise DataError(f"{path}: no column {text!r}; there are {list(frame.columns)}")
        yield from frame.to_dict("records")
    else:
        source = read_file(path, encoding, None, {"text": text}, log)
        for entry in source.entries:
            if not isinstance(entry.value, dict):
                fault = entry.value if isinstance(entry.value, ValueError) else repr(entry.value)
                log.fault(entry, f"{fault}; expected an object")
            elif text not in entry.value:
                log.fault(entry, f"no {text!r}; there are {list(entry.value)}")
            else:
                yield entry.value


def _decoded(path: Path, encoding: str) -> str:
    try:
        return path.read_text(encoding=encoding)
    except UnicodeDecodeError as error:
        raise DataError(
            f"{path}: not {encoding} at byte {error.start}; save it as UTF-8, or name its "
            "encoding, as in encoding='cp1252'"
        ) from error
