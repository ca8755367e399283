"""What all shapes of labelled files have in common: records, their fields, their faults."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from stancelib.errors import DataError, check_faults

Columns = Mapping[str, str | Sequence[str] | None]

# The name of a role itself goes before its other names.
ROLES = {
    "text": ("text", "sentence", "content"),
    "themes": ("themes", "theme", "labels", "label", "topics", "topic", "categories", "category"),
    "tone": ("tone", "sentiment", "polarity"),
    "document": (
        "document",
        "document_id",
        "doc",
        "doc_id",
        "article",
        "article_id",
        "passage",
        "file",
    ),
    "title": ("title", "headline"),
    "coder": ("coder", "coder_id", "annotator", "annotator_id"),
    "id": ("id", "sentence_id"),
    "position": ("position",),
}
_INNER = ("meta", "metadata")


@dataclass(frozen=True, slots=True)
class Entry:
    """One value of a file, with its place.

    Attributes
    ----------
    where : str
        File and line, or number of the record, for messages.
    number : int
        The line or the number of the record, from 1.
    value : object
        What stands there; a `ValueError` where it could not be parsed.
    """

    where: str
    number: int
    value: Any


@dataclass(frozen=True, slots=True)
class Said:
    """What a record says of a sentence, in the file's own names.

    Attributes
    ----------
    labels : tuple of str
        Labels it gives, themes or tones.
    tones : tuple of str
        Labels it gives in a field that is for the tone alone.
    asked : tuple of str
        Labels it says yes or no to, where it lists them one by one.
    coder : str or None
        Who says so.
    """

    labels: tuple[str, ...] = ()
    tones: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    coder: str | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a file: a sentence with what was said of it.

    Attributes
    ----------
    entry : Entry
        Where it comes from.
    fields : dict
        All that is not a label.
    said : tuple of Said
        One per coder; empty for a sentence that was not coded.
    key : str or None
        What tells the sentence from others, when that is not a field.
    """

    entry: Entry
    fields: dict[str, Any]
    said: tuple[Said, ...]
    key: str | None = None


@dataclass
class Log:
    """Faults and omissions, gathered while reading.

    Attributes
    ----------
    faults : list of (int, str)
        Number of the entry, and the message.
    skipped : Counter
        What does not count as a label, by reason.
    """

    faults: list[tuple[int, str]] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)

    def fault(self, entry: Entry, message: object) -> None:
        """Note what is wrong with an entry."""
        self.faults.append((entry.number, f"{entry.where}: {message}"))

    def check(self) -> None:
        """Raise a `DataError` if there are faults, in the order of the file."""
        check_faults([message for _, message in sorted(self.faults, key=lambda f: f[0])])


def find_columns(names: Sequence[str], named: Columns, place: str) -> dict[str, str]:
    """Find the columns of a table, or fields of records, that hold text, document and the like.

    Parameters
    ----------
    names : sequence of str
        Names of the columns.
    named : mapping
        Columns that the caller named, by role; None for a role that no column has.
    place : str
        The file, for messages.

    Returns
    -------
    dict of str to str
        Column of each role that has one. Themes are left out where the caller named
        several columns.

    Raises
    ------
    DataError
        A column that the caller named is not there, or several may hold the same.
    """
    wanted = [
        c for v in named.values() if v is not None for c in ([v] if isinstance(v, str) else v)
    ]
    if missing := sorted(set(wanted) - set(names)):
        raise DataError(f"{place}: no column {missing[0]!r}; there are {list(names)}")
    found: dict[str, str] = {}
    free = [name for name in names if name not in wanted]
    for role in ROLES:
        if role in named:
            column = named[role]
            if isinstance(column, str):
                found[role] = column
            continue
        fitting = [name for name in free if could_be(name, role)]
        exact = [name for name in fitting if _simple(name) == role] or fitting
        if len(exact) > 1:
            raise DataError(
                f"{place}: columns {exact} may all hold the {role}; "
                f"name one with columns={{{role!r}: {exact[0]!r}}}"
            )
        if exact:
            found[role] = exact[0]
    return found


def could_be(name: str, role: str) -> bool:
    """Whether a column of this name is taken for a role unless the caller names another."""
    return _simple(name) in ROLES[role]


def fields_of(value: Mapping[str, Any]) -> dict[str, Any]:
    """Fields of a record, those of its ``meta`` or ``metadata`` among them."""
    inner = {
        k: v for name in _INNER if isinstance(value.get(name), dict) for k, v in value[name].items()
    }
    outer = {k: v for k, v in value.items() if not (k in _INNER and isinstance(v, dict))}
    return {**inner, **outer}


def plain(value: object) -> str:
    """Write a cell as text: nothing for None and what is empty, whole numbers without a point."""
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def names_of(value: object, what: str) -> tuple[str, ...]:
    """Check that a value is a list of names, and return it.

    Raises
    ------
    DataError
        It is something else.
    """
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise DataError(f"{what} is {value!r}, expected a list of names")
    return tuple(value)


def _simple(name: str) -> str:
    return "_".join(name.casefold().replace("-", " ").replace("_", " ").split())
