"""What pictures and reports are drawn from: strips of sentences, frames of groups."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from stancelib.errors import DataError
from stancelib.records import Sentence

if TYPE_CHECKING:
    import pandas as pd

MAX_BINS = 120  # more bars than this cannot be told apart across a page
ALL = "all"  # the lane, and in frames of groups the theme, of all sentences
GROUP_NUMBERS = (
    "theme",
    "n_articles",
    "n_sentences",
    "n_all",
    "share",
    "share_low",
    "share_high",
    "tone_score",
    "tone_score_low",
    "tone_score_high",
    "balance",
    "balance_low",
    "balance_high",
    "note",
)

_SIDES = {"negative": 0, "positive": 2}


@runtime_checkable
class ScoredText(Protocol):
    """What a report needs of an `Article`, which stands above it and calls it."""

    @property
    def text(self) -> str:
        """The text that was scored."""

    @property
    def title(self) -> str | None:
        """Its title."""

    @property
    def theme_names(self) -> tuple[str, ...]:
        """Themes of the model."""

    @property
    def tone_names(self) -> tuple[str, ...]:
        """Tones of the model."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What makes the scores doubtful."""

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """The sentences in order."""


@dataclass(frozen=True, slots=True)
class Strip:
    """Sentences in their order, cut into bins, with a lane for each theme.

    Attributes
    ----------
    lanes : tuple of str
        "all", then the themes.
    edges : array of int, shape (n_bins + 1,)
        Numbers of the sentences at which bins begin, and the number of sentences.
    lower, upper : array, shape (3, n_lanes, n_bins)
        Where the bars of negative, neutral and positive sentences begin and end, in shares
        of the bin's sentences: neutral ones lie around 0, positive ones above them,
        negative ones below. Any other tone, or none, counts as neutral.
    """

    lanes: tuple[str, ...]
    edges: NDArray[np.int64]
    lower: NDArray[np.float64]
    upper: NDArray[np.float64]

    @property
    def binned(self) -> bool:
        """Whether a bin holds more than one sentence."""
        return bool(np.diff(self.edges).max(initial=0) > 1)

    @property
    def tallest(self) -> float:
        """How far the bars of themes reach from 0 at most, 0 to 1; 1 where there are none."""
        bars = self.upper[:, 1:].max(initial=0), -self.lower[:, 1:].min(initial=0)
        return float(max(bars)) or 1.0


def make_strip(sentences: Sequence[Sentence], themes: Sequence[str]) -> Strip:
    """Cut sentences into at most `MAX_BINS` bins, and count tones in them.

    Parameters
    ----------
    sentences : sequence of Sentence
        In the order of the text.
    themes : sequence of str
        The lanes after "all".

    Returns
    -------
    Strip
        Without bins when there are no sentences.
    """
    n = len(sentences)
    n_bins = min(n, MAX_BINS)
    edges = np.linspace(0, n, n_bins + 1).astype(np.int64)
    given = np.array([[True, *(t in s.themes for t in themes)] for s in sentences], dtype=bool)
    sides = np.array([_SIDES.get(s.tone or "", 1) for s in sentences], dtype=np.int64)
    shares = np.zeros((3, 1 + len(themes), n_bins))
    for side in range(3):
        for i in range(n_bins):
            part = slice(edges[i], edges[i + 1])
            shares[side, :, i] = (given[part] & (sides[part] == side)[:, None]).mean(axis=0)
    negative, neutral, positive = shares
    half = neutral / 2
    lower, upper = [-half - negative, -half, half], [-half, half, half + positive]
    return Strip((ALL, *themes), edges, np.stack(lower), np.stack(upper))


def check_group_frame(frame: "pd.DataFrame", needed: Sequence[str]) -> None:
    """Refuse what is not a frame of groups with the columns that are needed.

    Parameters
    ----------
    frame : pandas.DataFrame
        As `Panel.by` gives it.
    needed : sequence of str
        Columns that must be there.

    Raises
    ------
    TypeError
        `frame` is not a data frame.
    DataError
        Columns are missing, or there are no rows.
    """
    if not hasattr(frame, "columns"):
        raise TypeError(f"frame is of type {type(frame).__name__}; pass the frame of Panel.by")
    missing = [name for name in needed if name not in frame.columns]
    if missing:
        raise DataError(
            f"frame lacks the columns {missing}, it has {list(frame.columns)}; "
            "pass the frame of Panel.by"
        )
    if not len(frame):
        raise DataError("frame has no rows; choose groups that are there")


def group_columns(frame: "pd.DataFrame") -> list[Any]:
    """Name the columns that say which group a row is of."""
    return [name for name in frame.columns if name not in GROUP_NUMBERS]


def plain(label: str) -> str:
    """Write the name of a theme in plain words.

    >>> plain("china_relations"), plain("all")
    ('china relations', 'all sentences')
    """
    return "all sentences" if label == ALL else label.replace("_", " ")


def signed(value: float) -> str:
    """Write a number with two decimals and a sign; nought has none.

    >>> signed(0.154), signed(-10), signed(-0.001)
    ('+0.15', '−10.00', '0.00')
    """
    text = f"{value:+.2f}".replace("-", "−")
    return "0.00" if text[1:] == "0.00" else text
