"""Shares and tones of the groups of a panel, corrected by a coded sample."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from stancelib.grouping import Groups
from stancelib.panel_arrays import PanelArrays
from stancelib.prediction_powered import Corrected, correct_ratio
from stancelib.sampling import Gold

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

COLUMNS = (
    *("theme", "quantity", "naive", "gold_only", "gold_only_low", "gold_only_high"),
    *("estimate", "low", "high", "n_gold", "note"),
)
_NOTHING = Corrected(np.nan, (np.nan, np.nan), np.nan, (np.nan, np.nan), 0.0)


def estimate_groups(
    arrays: PanelArrays, gold: Gold, groups: Groups, *, alpha: float, min_articles: int
) -> Iterator[dict[str, Any]]:
    """Estimate the shares and tone scores of each group and theme.

    Parameters
    ----------
    arrays : PanelArrays
        The panel.
    gold : Gold
        Coded sentences of it.
    groups : Groups
        Groups of its sentences.
    alpha : float
        One less the level of the intervals.
    min_articles : int
        Articles with coded sentences that a number needs.

    Yields
    ------
    dict
        Values of the group, and of `COLUMNS`.
    """
    order = np.argsort(groups.codes, kind="stable")
    ends = np.searchsorted(groups.codes[order], np.arange(len(groups.keys) + 1))
    for key, start, end in zip(groups.keys, ends, ends[1:], strict=False):
        rows = order[start:end]
        coded = np.flatnonzero(groups.codes[gold.rows] == groups.codes[rows[0]])
        named = dict(zip(groups.names, key, strict=True))
        for values in _estimates(arrays, gold, rows, coded, alpha, min_articles):
            yield {**named, **dict(zip(COLUMNS, values, strict=True))}


class _Question(NamedTuple):
    """What to estimate in a group: a ratio, NaN where a sentence was not coded for it."""

    theme: str
    quantity: str
    naive: float
    gold: Array  # numerator and denominator
    predicted: Array
    bearing: NDArray[np.bool_]  # coded sentences that a share counts, or a tone is of


def _questions(
    arrays: PanelArrays, gold: Gold, rows: IntArray, coded: IntArray
) -> Iterator[_Question]:
    scores, tones = arrays.tone_scores[rows].astype(float), gold.tones[coded]
    has_tones = not np.isnan(scores).all()
    for i, theme in enumerate(arrays.themes):
        given = arrays.given[rows, i]
        p, truth = arrays.theme_probabilities[rows, i].astype(float), gold.themes[coded, i]
        yield _Question(theme, "share", given.mean(), _mean_of(truth), _mean_of(p), truth == 1)
        if has_tones:
            yield _Question(
                theme,
                "tone_score",
                scores[given].mean() if given.any() else np.nan,
                np.column_stack([truth * tones, truth]),
                np.column_stack([p * scores, p]),
                truth == 1,
            )
    if has_tones:
        every = np.ones(len(coded), dtype=bool)
        yield _Question(
            "all", "tone_score", scores.mean(), _mean_of(tones), _mean_of(scores), every
        )


def _estimates(
    arrays: PanelArrays,
    gold: Gold,
    rows: IntArray,
    coded: IntArray,
    alpha: float,
    min_articles: int,
) -> Iterator[tuple[Any, ...]]:
    articles = arrays.articles[rows]
    places = np.searchsorted(rows, gold.rows[coded])
    for question in _questions(arrays, gold, rows, coded):
        usable = ~np.isnan(question.gold).any(axis=1)
        bearing = usable & question.bearing
        n_gold = int((usable if question.quantity == "share" else bearing).sum())
        n_articles = len(np.unique(articles[places[bearing]]))
        found, note = _NOTHING, ""
        if n_articles < min_articles:
            which = (
                "coded sentences" if question.theme == "all" else "coded sentences that carry it"
            )
            note = f"articles with {which}: {n_articles}, fewer than {min_articles}"
        else:
            found = correct_ratio(
                question.gold[usable],
                question.predicted,
                places[usable],
                gold.inclusion_probabilities[coded][usable],
                articles,
                alpha=alpha,
                limits=(0.0, 1.0) if question.quantity == "share" else (-1.0, 1.0),
            )
            note = "coded sentences are all alike" if np.isnan(found.estimate) else ""
        yield (
            *(question.theme, question.quantity, question.naive),
            *(found.gold_only, *found.gold_only_interval),
            *(found.estimate, *found.interval),
            *(n_gold, note),
        )


def _mean_of(values: Array) -> Array:
    """Write a mean as a ratio: the values over 1."""
    return np.column_stack([values, np.ones(len(values))])
