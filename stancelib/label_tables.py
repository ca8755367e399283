"""Tables of sentences: one column of labels, or a column of 0 and 1 for each label."""

import json
from collections.abc import Sequence
from typing import Any

from stancelib.errors import DataError
from stancelib.label_records import (
    Columns,
    Entry,
    Log,
    Record,
    Said,
    fields_of,
    find_columns,
    names_of,
    plain,
)

SEPARATORS = (";", "|", ",", "#")
_YES, _NO = ("1", "true", "yes"), ("0", "false", "no")
# What Label Studio adds of its own to the columns of a project.
_TOOL = ("annotation_id", "created_at", "updated_at", "lead_time", "Comments")


def read_table(
    entries: Sequence[Entry],
    place: str,
    columns: Columns,
    log: Log,
    *,
    separator: str | None = None,
    choices: bool = False,
) -> list[Record]:
    """Read rows of a table, or flat records.

    Parameters
    ----------
    entries : sequence of Entry
        Each a dict, cells by column.
    place : str
        The file, for messages.
    columns : mapping
        Columns that the caller named.
    log : Log
        Takes faults.
    separator : str or None, optional
        What separates labels in a cell; "" for one label a cell, None to recognise it.
    choices : bool, optional
        Whether cells are Label Studio's: a string is one label, whatever it contains.

    Returns
    -------
    list of Record
        One for each row without fault.

    Raises
    ------
    DataError
        No column holds labels, or what holds them or separates them is ambiguous.
    """
    if not entries:  # none without fault
        return []
    rows = [(entry, fields_of(entry.value)) for entry in entries]
    names = list(dict.fromkeys(name for _, fields in rows for name in fields))
    found = find_columns(names, columns, place)
    table = [fields for _, fields in rows]
    used = {found[role] for role in found if role != "themes"}
    labels = _label_columns(table, [n for n in names if n not in used], found, columns, choices)
    # A single column of themes holds their names, even if they are numbers.
    lone = columns.get("themes") or found.get("themes")
    flags = [n for n in labels if n != lone and _is_flag([fields.get(n) for fields in table])]
    if not labels and "tone" not in found and columns.get("themes", "") is not None:
        raise DataError(
            f"{place}: none of the columns {names} holds labels; name one with "
            "columns={'themes': ...}, or pass columns={'themes': None} if nothing is coded yet"
        )
    if separator is None and not choices:
        cells = [fields.get(name) for fields in table for name in labels if name not in flags]
        separator = _separator(cells, place)
    left = {*labels, *([found["tone"]] if "tone" in found else []), *_TOOL}
    records = []
    for entry, fields in rows:
        try:
            said = _said(fields, [n for n in labels if n not in flags], flags, separator)
            tones = _cell(fields.get(found.get("tone", "")), None, "tone")
        except DataError as error:
            log.fault(entry, error)
            continue
        rest = {name: value for name, value in fields.items() if name not in left}
        records.append(Record(entry, rest, (Said(said.labels, tones.labels, said.asked),)))
    return records


def _label_columns(
    table: Sequence[dict[str, Any]],
    names: Sequence[str],
    found: dict[str, str],
    columns: Columns,
    choices: bool,
) -> list[str]:
    """Columns that hold labels: named by the caller, by their own name, or by what they hold."""
    named = columns.get("themes")
    if named is not None:
        return [named] if isinstance(named, str) else list(named)
    if "themes" in columns:
        return []
    column = [found["themes"]] if "themes" in found else []
    if choices:
        held = [n for n in names if any(_is_choices(fields.get(n)) for fields in table)]
        return list(dict.fromkeys([*column, *held]))
    return column or [n for n in names if _is_flag([fields.get(n) for fields in table])]


def _said(
    fields: dict[str, Any], lists: Sequence[str], flags: Sequence[str], separator: str | None
) -> Said:
    cells = [_cell(fields.get(name), separator, name) for name in lists]
    values = {name: _flag(fields.get(name), name) for name in flags}
    blank = [name for name, value in values.items() if value is None]
    if blank and len(blank) < len(values):
        raise DataError(f"{blank} blank while others are filled; put 0 or 1, or leave all blank")
    given = [name for name, value in values.items() if value]
    return Said(
        labels=(*(label for cell in cells for label in cell.labels), *given),
        asked=(*(label for cell in cells for label in cell.asked), *(values if not blank else ())),
    )


def _cell(cell: object, separator: str | None, name: str) -> Said:
    """Read the labels of one cell."""
    if isinstance(cell, str) and cell.strip()[:1] in ("[", "{"):
        try:
            cell = json.loads(cell)
        except ValueError as error:
            raise DataError(f"{name} is {cell!r}, which is not JSON: {error}") from error
    if isinstance(cell, dict):
        if "choices" in cell:
            return Said(labels=names_of(cell["choices"], f"{name}: choices"))
        if not all(isinstance(v, int | float) and 0 <= v <= 1 for v in cell.values()):
            raise DataError(f"{name} is {cell!r}, expected numbers from 0 to 1")
        return Said(tuple(k for k, v in cell.items() if v >= 0.5), asked=tuple(cell))
    if isinstance(cell, list | tuple | set | frozenset):
        return Said(names_of(sorted(cell) if isinstance(cell, set | frozenset) else cell, name))
    parts = plain(cell).split(separator) if separator else [plain(cell)]
    return Said(tuple(part for part in parts if part.strip()))


def _is_choices(cell: object) -> bool:
    return (isinstance(cell, dict) and "choices" in cell) or (
        isinstance(cell, str) and cell.lstrip().startswith('{"choices"')
    )


def _is_flag(cells: Sequence[object]) -> bool:
    """Whether more than half of what is not blank is yes or no; then the rest are faults."""
    filled = [plain(cell).strip().lower() for cell in cells if plain(cell).strip()]
    fitting = [cell for cell in filled if cell.removesuffix(".0") in _YES + _NO]
    return 2 * len(fitting) > len(filled)


def _flag(cell: object, name: str) -> bool | None:
    text = plain(cell).strip().lower().removesuffix(".0")
    if text not in ("", *_YES, *_NO):
        raise DataError(
            f"{name} is {cell!r}, expected 0 or 1; if it holds no theme, name those that do "
            "with columns={'themes': [...]}"
        )
    return text in _YES if text else None


def _separator(cells: Sequence[object], place: str) -> str | None:
    """Find the one separator that occurs in text cells; None where there is none."""
    texts = [c for c in cells if isinstance(c, str) and c.strip()[:1] not in ("[", "{")]
    present = [s for s in SEPARATORS if any(s in text for text in texts)]
    if len(present) > 1:
        raise DataError(
            f"{place}: labels may be separated by {' or '.join(map(repr, present))}; "
            f"name one, as in separator={present[0]!r}"
        )
    return present[0] if present else None
