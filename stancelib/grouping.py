"""Metadata of articles to groups of sentences, among them periods of their dates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from stancelib.errors import DataError, listed, report_faults

if TYPE_CHECKING:
    import pandas as pd

IntArray = NDArray[np.int64]

PERIODS: dict[str, Callable[[date], str]] = {
    "year": lambda day: f"{day:%Y}",
    "quarter": lambda day: f"{day:%Y}-Q{(day.month + 2) // 3}",
    "month": lambda day: f"{day:%Y-%m}",
    "week": lambda day: "{}-W{:02}".format(*day.isocalendar()),
    "day": lambda day: f"{day:%Y-%m-%d}",
}


@dataclass(frozen=True, slots=True)
class Groups:
    """Sentences in groups.

    Attributes
    ----------
    names : tuple of str
        What the groups are made of.
    keys : list of tuple
        Values of each group, in the order of `names`; sorted.
    codes : array of int64, shape (n_sentences,)
        Group of each sentence; -1 for none.
    """

    names: tuple[str, ...]
    keys: list[tuple[Any, ...]]
    codes: IntArray


def make_groups(
    names: Sequence[str],
    metadata: "pd.DataFrame",
    articles: NDArray[np.integer],
    sentence_columns: Mapping[str, NDArray[Any]],
    *,
    date: str,
    errors: str,
) -> Groups:
    """Put sentences into groups.

    Parameters
    ----------
    names : sequence of str
        What to group by: columns of metadata, columns of sentences, and "year", "quarter",
        "month", "week" or "day". None of them makes one group of all.
    metadata : pandas.DataFrame
        One row an article.
    articles : array of int, shape (n_sentences,)
        Which article each sentence belongs to.
    sentence_columns : mapping of str to array, shape (n_sentences,)
        What is known of each sentence.
    date : str
        Column of metadata with the dates that periods are made of.
    errors : str
        What to do about articles without a value: "raise", or "warn" and leave them out.

    Returns
    -------
    Groups
        Only those that have sentences.

    Raises
    ------
    DataError
        Articles lack a value, a date cannot be read, or values cannot be ordered.
    ValueError
        There is no such column.
    """
    faults: list[str] = []
    codes, levels = [], []
    for name in names:
        if name in sentence_columns:
            values, code = np.unique(sentence_columns[name], return_inverse=True)
        else:
            of_article, values = _article_codes(name, metadata, date, faults)
            code = of_article[articles]
        codes.append(code)
        levels.append(values.tolist())
    report_faults(faults, errors)
    stacked = np.array([np.zeros_like(articles), *codes])  # one row at least
    kept = np.flatnonzero((stacked >= 0).all(axis=0))
    keys, inverse = np.unique(stacked[:, kept], axis=1, return_inverse=True)
    combined = np.full(len(articles), -1, dtype=np.int64)
    combined[kept] = inverse
    return Groups(
        tuple(names),
        [tuple(values[i] for values, i in zip(levels, key[1:], strict=True)) for key in keys.T],
        combined,
    )


def missing_cells(cells: "pd.Series") -> "pd.Series":
    """Which cells of a column hold nothing: None, NaN, NaT or blank text."""
    return cells.isna() | cells.map(lambda cell: isinstance(cell, str) and not cell.strip())


def _article_codes(
    name: str, metadata: "pd.DataFrame", date: str, faults: list[str]
) -> tuple[IntArray, "pd.Index"]:
    """Code of each article, -1 for none, and the values that codes stand for."""
    import pandas as pd

    column = name if name in metadata else date
    if name not in metadata and name not in PERIODS:
        raise ValueError(
            f"no column {name!r}; metadata have {list(metadata.columns)}, and a date makes "
            f"{list(PERIODS)}"
        )
    if column not in metadata:
        raise ValueError(
            f"no column {date!r} to make a {name} of; name the column of dates with date="
        )
    cells = metadata[column].astype(object)
    values = cells.mask(missing_cells(cells), None).tolist()
    _note(faults, column, "is missing", values, [v is None for v in values], "fill it in")
    if name not in metadata:
        days = [None if v is None else _day(v) for v in values]
        wrong = [d is None and v is not None for d, v in zip(days, values, strict=True)]
        remedy = "write dates as in 2024-05-31"
        _note(faults, column, "is not a date", values, wrong, remedy)
        values = [None if d is None else PERIODS[name](d) for d in days]
    try:
        codes, levels = pd.factorize(pd.Series(values, dtype=object), sort=True)
    except TypeError as error:
        raise DataError(f"{column!r} cannot be put in order: {error}; make it text") from error
    return codes, levels


def _day(value: object) -> date | None:
    """Read a date; None if it is none."""
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.strip())
        except ValueError:
            return None
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _note(
    faults: list[str],
    column: str,
    fault: str,
    values: Sequence[object],
    wrong: Sequence[bool],
    remedy: str,
) -> None:
    """Name articles whose value is wrong."""
    numbers = [i for i, is_wrong in enumerate(wrong) if is_wrong]
    if numbers:
        first = values[numbers[0]]
        shown = "" if first is None else f", the first {first!r}"
        message = (
            f"{column!r} {fault} in {len(numbers)} of {len(values)} articles: "
            f"{listed(numbers)}{shown}; {remedy}, or leave them out with errors='warn'"
        )
        if message not in faults:  # of another period of the same dates
            faults.append(message)
