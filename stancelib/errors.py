"""The errors that stancelib raises itself.

::

    StanceError
    ├── DataError (also ValueError)    labelled files, corpora and lexicons
    └── ModelFileError                 model folders

Wrong arguments raise the built-in :class:`TypeError` and :class:`ValueError`,
missing files the built-in :class:`OSError` family.
"""

MAX_FAULTS = 20  # named at once, of the many that a file may have


class StanceError(Exception):
    """Parent of the errors that stancelib raises itself."""


class DataError(StanceError, ValueError):
    """Labelled data, a corpus or a lexicon cannot be read as what it should be."""


class ModelFileError(StanceError):
    """A model folder is missing, damaged, or of a format that this version does not read."""


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
