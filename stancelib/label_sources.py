"""Files, data frames and lists to entries, and which shape they have."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stancelib.errors import DataError
from stancelib.label_records import Columns, Entry, Log, could_be

FORMATS = (
    "jsonl",
    "table",
    "doccano",
    "label-studio",
    "label-studio-min",
    "argilla",
    "prodigy",
    "huggingface",
    "multi-hot",
    "spacy",
    "fasttext",
)
_DELIMITERS = (",", ";", "\t", "|")
_LINES = (".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class Source:
    """What was read, before it is known what it means.

    Attributes
    ----------
    place : str
        The file, for messages.
    stem : str
        What ids of passages without a name begin with.
    kind : str
        "json", "lines" (of JSON), "table", "text" (lines) or "records" (handed in).
    entries : list of Entry
        Objects as dicts; of a text its lines.
    """

    place: str
    stem: str
    kind: str
    entries: list[Entry]

    def keys(self) -> list[str]:
        """Names of the fields that occur, in order of appearance."""
        return list(
            dict.fromkeys(k for e in self.entries if isinstance(e.value, dict) for k in e.value)
        )


def read_file(path: Path, encoding: str, shape: str | None, columns: Columns, log: Log) -> Source:
    """Read a file as lines, JSON or a table, whichever it is."""
    content = path.read_bytes()
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        name = "UTF-8" if encoding.startswith("utf-8") else encoding
        raise DataError(
            f"{path}: not {name} at byte {error.start}; save it as UTF-8, or name its encoding, "
            "as in encoding='cp1252'"
        ) from error
    kind = "text" if shape == "fasttext" else _kind(text, path.suffix.lower())
    if kind == "json":
        entries = [Entry(f"{path}, record {n}", n, v) for n, v in enumerate(_json(text, path), 1)]
    elif kind == "table":
        entries = _table(text, path, columns, log)
    else:
        parse = _parse if kind == "lines" else str.strip
        entries = [
            Entry(f"{path}:{n}", n, parse(line))
            for n, line in enumerate(text.split("\n"), 1)
            if line.strip()
        ]
    return Source(str(path), path.stem, kind, entries)


def read_objects(source: object) -> Source:
    """Take up a data frame or a list of dicts.

    Raises
    ------
    TypeError
        It is neither.
    DataError
        Two columns of a frame have the same name.
    """
    if hasattr(source, "columns") and hasattr(source, "set_axis"):  # of pandas
        names = [str(name) for name in source.columns]
        _check_unique(names, "data frame")
        frame = source.set_axis(names, axis=1)
        values = frame.astype(object).where(frame.notna(), None).to_dict("records")
    elif isinstance(source, Sequence) and all(isinstance(value, dict) for value in source):
        values = list(source)
    else:
        raise TypeError(
            f"examples are of type {type(source).__name__}; pass a path, a data frame, or a list "
            "of dicts, of Example or of Passage"
        )
    entries = [
        Entry(f"record {n}", n, {str(k): _native(v) for k, v in value.items()})
        for n, value in enumerate(values, 1)
    ]
    return Source("records", "record", "records", entries)


def recognise(source: Source, names: Sequence[str] | None) -> str:
    """Say which of `FORMATS` a source has.

    Raises
    ------
    DataError
        It may have several; they are named.
    """
    if source.kind == "text":
        return "fasttext"
    keys = set(source.keys())
    if not keys and source.kind == "lines":
        return "jsonl"
    signs = {
        "jsonl": "sents" in keys,
        "label-studio": "data" in keys and bool(keys & {"annotations", "predictions"}),
        "label-studio-min": "annotation_id" in keys or {"annotator", "lead_time"} <= keys,
        "argilla": any(key.endswith((".responses", ".suggestion")) for key in keys),
        "prodigy": bool(keys & {"accept", "answer"}),
        "spacy": "cats" in keys,
    }
    fitting = [name for name, fits in signs.items() if fits] or _by_labels(source, names)
    if len(fitting) > 1:
        raise DataError(
            f"{source.place}: may be {' or '.join(fitting)}; name one, as in format={fitting[0]!r}"
        )
    return fitting[0]


def _by_labels(source: Source, names: Sequence[str] | None) -> list[str]:
    """Shapes that differ only in what ``label`` or ``labels`` holds."""
    values = [
        e.value[key]
        for e in source.entries
        if isinstance(e.value, dict)
        for key in ("label", "labels")
        if e.value.get(key) is not None
    ]
    if names is not None and all(isinstance(v, str) for v in values):
        return ["huggingface"] if values else ["table"]
    lists = [v for v in values if isinstance(v, list | tuple)]
    items = [item for v in lists for item in v] + [v for v in values if isinstance(v, int | float)]
    if not items:
        return ["doccano"] if lists else ["table"]
    kinds = {isinstance(item, int | float) for item in items}
    if kinds == {False}:
        return ["doccano"]
    if len(kinds) > 1:
        return ["doccano", "huggingface"]
    return _numeric(lists, names or ())


def _numeric(lists: Sequence[Sequence[Any]], names: Sequence[str]) -> list[str]:
    """Tell indices of names from a 0 or 1 for each name, if that can be told."""
    if any(isinstance(item, float | bool) for numbers in lists for item in numbers):
        return ["multi-hot"]
    fits = bool(lists) and all(len(v) == len(names) and set(v) <= {0, 1} for v in lists)
    if not fits:
        return ["huggingface"]
    repeated = any(len(set(v)) < len(v) for v in lists)
    return ["multi-hot"] if repeated else ["huggingface", "multi-hot"]


def _native(value: object) -> object:
    """Turn numpy's arrays and numbers into Python's."""
    return value.tolist() if hasattr(value, "tolist") else value


def _kind(text: str, suffix: str) -> str:
    start = text.lstrip()[:1]
    if suffix in (".csv", ".tsv"):
        return "table"
    if start == "[" and suffix in _LINES:
        value = _parse(text)
        return "json" if isinstance(value, list) and value and _all_dicts(value) else "lines"
    if suffix in _LINES:
        return "lines"
    if start == "{":
        return "json" if isinstance(_parse(text.lstrip().split("\n")[0]), ValueError) else "lines"
    if start == "[" or suffix == ".json":
        return "json"
    if any(line.startswith("__label__") for line in text.split("\n")):
        return "text"
    return "table"


def _all_dicts(values: list[Any]) -> bool:
    return all(isinstance(value, dict) for value in values)


def _parse(text: str) -> Any:  # noqa: ANN401
    """Parse JSON; a fault is returned, to be named with its place."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        return ValueError(str(error))


def _json(text: str, path: Path) -> list[Any]:
    value = _parse(text)
    if isinstance(value, ValueError):
        raise DataError(f"{path}: {value}; expected one JSON list, or one JSON object a line")
    return value if isinstance(value, list) else [value]


def _table(text: str, path: Path, columns: Columns, log: Log) -> list[Entry]:
    rows = list(_rows(text, _delimiter(text, path, columns), path))
    if not rows:
        return []
    header = [name.strip() for name in rows[0][1]]
    _check_unique([name for name in header if name], str(path))
    entries = []
    for line, cells in rows[1:]:
        entry = Entry(f"{path}:{line}", line, {})
        if not any(cell.strip() for cell in cells):
            log.skipped["blank rows"] += 1
        elif len(cells) != len(header):
            log.fault(
                entry,
                f"{len(cells)} cells, the header has {len(header)}; put cells that hold the "
                "delimiter or a line break in quotation marks",
            )
        else:
            entry.value.update({n: c for n, c in zip(header, cells, strict=True) if n})
            entries.append(entry)
    return entries


def _rows(text: str, delimiter: str, path: Path) -> Iterator[tuple[int, list[str]]]:
    """Rows that are not empty, each with the line it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    limit = csv.field_size_limit(max(len(text), csv.field_size_limit()))
    line = 1
    try:
        for row in reader:
            if row:
                yield line, row
            line = reader.line_num + 1
    except csv.Error as error:
        raise DataError(f"{path}:{line}: {error}; check its quotation marks") from error
    finally:
        csv.field_size_limit(limit)


def _delimiter(text: str, path: Path, columns: Columns) -> str:
    """Find the delimiter that shows a column for the text, else the one that cuts most."""
    headers = {}
    for delimiter in _DELIMITERS:
        try:
            headers[delimiter] = [n.strip() for n in next(_rows(text, delimiter, path), (1, []))[1]]
        except DataError:
            continue  # quotation marks as this delimiter would have them make no sense
    several = {d: names for d, names in headers.items() if len(names) > 1}
    telling = {d: names for d, names in several.items() if _has_text(names, columns)} or several
    most = max(map(len, telling.values()), default=0)
    best = [d for d, names in telling.items() if len(names) == most]
    if len(best) > 1:
        raise DataError(
            f"{path}: the columns may be separated by {' or '.join(map(repr, best))}; "
            "save it with one delimiter, and names without the other"
        )
    return best[0] if best else ","


def _has_text(names: Sequence[str], columns: Columns) -> bool:
    text = columns.get("text")
    return text in names if text else any(could_be(name, "text") for name in names)


def _check_unique(names: Sequence[str], place: str) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"{place}: column {twice[0]!r} stands there twice; rename one")
