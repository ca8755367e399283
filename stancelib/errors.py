"""The errors that stancelib raises itself.

::

    StanceError
    ├── DataError (also ValueError)    labelled files, corpora, lexicons, panels
    └── ModelFileError                 model folders

    UserWarning
    └── PanelWarning                   panels, when work goes on

Wrong arguments raise the built-in :class:`TypeError` and :class:`ValueError`,
missing files the built-in :class:`OSError` family.
"""

import warnings
from collections.abc import Iterable
from itertools import islice

MAX_FAULTS = 20  # named at once, of the many that a file may have


class StanceError(Exception):
    """Parent of the errors that stancelib raises itself."""


class DataError(StanceError, ValueError):
    """Labelled data, a corpus, a lexicon or a panel's data are not what they should be."""


class ModelFileError(StanceError):
    """A model folder is missing, damaged, or of a format that this version does not read."""


class PanelWarning(UserWarning):
    """The data of a panel have a fault, and work went on as the message says."""


def check_faults(faults: list[str]) -> None:
    """Raise a `DataError` that names the first 20 of the faults and counts the rest.

    Raises
    ------
    DataError
        There are faults.
    """
    if faults:
        more = len(faults) - MAX_FAULTS
        tail = [f"... and {more} more"] if more > 0 else []
        raise DataError("\n".join([*faults[:MAX_FAULTS], *tail]))


def report_faults(faults: list[str], errors: str) -> None:
    """Raise a `DataError` that names all faults; where `errors` is "warn", warn instead.

    Raises
    ------
    DataError
        There are faults, and `errors` is "raise".
    ValueError
        `errors` is neither.
    """
    if errors not in ("raise", "warn"):
        raise ValueError(f"errors is {errors!r}, expected 'raise' or 'warn'")
    if errors == "raise":
        check_faults(faults)
    elif faults:
        warnings.warn("\n".join(faults), PanelWarning, stacklevel=3)


def listed(items: Iterable[object], n: int = 5) -> str:
    """Name the first of some things, and count the rest.

    Examples
    --------
    >>> listed(range(8))
    '0, 1, 2, 3, 4 and 3 more'
    """
    rest = iter(items)
    first, more = [str(item) for item in islice(rest, n)], sum(1 for _ in rest)
    return ", ".join(first) + (f" and {more} more" if more else "")
