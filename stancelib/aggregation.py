"""Sentences to shares and mean tones of groups, with bootstrap intervals over articles.

Pure functions of arrays.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

BLOCK = 4_000_000  # draw counts held at a time


@dataclass(frozen=True, slots=True)
class Readings:
    """What sentences say, one row each.

    Attributes
    ----------
    articles : array of int, shape (n_sentences,)
        Which article each belongs to.
    given : array of bool, shape (n_sentences, n_themes)
        Whether each theme is given.
    tone_scores : array, shape (n_sentences,)
        Tone scores, -1 to 1; NaN for a model without them.
    signs : array, shape (n_sentences,)
        1 where the tone is positive, -1 where it is negative, else 0; NaN as above.
    """

    articles: NDArray[np.integer]
    given: NDArray[np.bool_]
    tone_scores: NDArray[np.floating]
    signs: NDArray[np.floating]


@dataclass(frozen=True, slots=True)
class Summary:
    """Groups and themes in numbers; the last theme stands for all sentences.

    Attributes
    ----------
    n_articles : array of int, shape (n_groups,)
        Articles with sentences in the group.
    n_carrying : array of int, shape (n_groups, n_themes + 1)
        Those with a sentence that carries the theme.
    n_sentences : array of int, shape (n_groups, n_themes + 1)
        Sentences that carry the theme.
    values : array, shape (3, n_groups, n_themes + 1)
        Share, mean tone score and balance.
    low, high : array, shape (3, n_groups, n_themes + 1)
        Ends of their 95 % intervals.
    """

    n_articles: IntArray
    n_carrying: IntArray
    n_sentences: IntArray
    values: Array
    low: Array
    high: Array


def summarise(
    readings: Readings,
    groups: IntArray,
    n_groups: int,
    *,
    min_articles: int,
    n_draws: int,
    seed: int,
) -> Summary:
    """Compute shares, mean tone scores and balances of groups of sentences.

    Intervals are percentiles of a bootstrap over the articles of each group, with the same
    draws for all of its themes. They do not depend on what other groups there are.

    Parameters
    ----------
    readings : Readings
        What sentences say.
    groups : array of int, shape (n_sentences,)
        Group of each sentence, from 0; below 0 for none.
    n_groups : int
        How many groups there are.
    min_articles : int
        Numbers of groups with fewer articles are NaN; so are tones of a theme that fewer
        articles carry. Intervals need at least two.
    n_draws : int
        Bootstrap samples.
    seed : int
        Of the bootstrap.

    Returns
    -------
    Summary
        NaN where nothing can be said: also the tone of no sentence, and intervals of what is
        alike in all articles, as a share of 0.
    """
    n_themes = readings.given.shape[1] + 1
    summary = Summary(
        n_articles=np.zeros(n_groups, dtype=np.int64),
        n_carrying=np.zeros((n_groups, n_themes), dtype=np.int64),
        n_sentences=np.zeros((n_groups, n_themes), dtype=np.int64),
        values=np.full((3, n_groups, n_themes), np.nan),
        low=np.full((3, n_groups, n_themes), np.nan),
        high=np.full((3, n_groups, n_themes), np.nan),
    )
    for group, sums in _sums_by_group(readings, groups):
        counts = sums[:, 0]
        n_articles, n_carrying = len(sums), np.count_nonzero(counts, axis=0)
        summary.n_articles[group] = n_articles
        summary.n_carrying[group] = n_carrying
        summary.n_sentences[group] = counts.sum(axis=0)
        if n_articles < min_articles:
            continue
        values = _ratios(sums.sum(axis=0))
        values[1:, n_carrying < min_articles] = np.nan
        summary.values[:, group] = values
        if n_articles > 1:
            low, high = _ends(_drawn(sums, n_draws, seed))
            known = ~np.isnan(values) & (low < high)
            known[0, -1] = True  # the share of all sentences is 1, whichever are drawn
            summary.low[:, group] = np.where(known, low, np.nan)
            summary.high[:, group] = np.where(known, high, np.nan)
    return summary


def _sums_by_group(readings: Readings, groups: IntArray) -> Iterator[tuple[int, Array]]:
    """Each group with the sums of its articles, shape (n_articles, 3, n_themes + 1).

    Sums are of 1, of the tone score and of the sign, over the sentences of each theme.
    """
    rows = np.flatnonzero(groups >= 0)
    n_articles = int(readings.articles.max(initial=-1)) + 1
    cells, cell = np.unique(
        groups[rows] * n_articles + readings.articles[rows], return_inverse=True
    )
    said = np.ones(len(rows)), readings.tone_scores[rows], readings.signs[rows]
    carried = [np.arange(len(rows)), *(np.flatnonzero(given) for given in readings.given[rows].T)]
    sums = np.empty((len(cells), len(said), len(carried)))
    for theme, carrying in enumerate(carried):
        for i, values in enumerate(said):
            sums[:, i, theme - 1] = np.bincount(cell[carrying], values[carrying], len(cells))
    present, starts = np.unique(cells // max(n_articles, 1), return_index=True)
    for group, start, end in zip(present, starts, [*starts[1:], len(cells)], strict=False):
        yield int(group), sums[start:end]


def _drawn(sums: Array, n_draws: int, seed: int) -> Array:
    """Ratios of bootstrap samples of articles, shape (n_draws, 3, n_themes + 1)."""
    n_articles = len(sums)
    flat, rng = sums.reshape(n_articles, -1), np.random.default_rng(seed)
    block = max(BLOCK // n_articles, 1)
    drawn = [
        rng.multinomial(n_articles, np.full(n_articles, 1 / n_articles), size).astype(float) @ flat
        for size in np.diff([*range(0, n_draws, block), n_draws])
    ]
    return _ratios(np.concatenate(drawn).reshape(n_draws, *sums.shape[1:]))


def _ratios(sums: Array) -> Array:
    """Share, mean tone score and balance from sums, over the last two axes."""
    counts = sums[..., :1, :]
    whole = np.concatenate([counts[..., -1:].repeat(counts.shape[-1], -1), counts, counts], axis=-2)
    ratios: Array = np.full(sums.shape, np.nan)
    np.divide(sums, whole, out=ratios, where=whole > 0)
    return ratios


def _ends(drawn: Array) -> tuple[Array, Array]:
    """Find the ends of 95 % intervals over the first axis; NaN does not count."""
    ordered = np.sort(drawn, axis=0)  # NaN last
    last = (~np.isnan(ordered)).sum(axis=0) - 1
    ends = []
    for level in (0.025, 0.975):
        place = np.maximum(level * last, 0)
        below = np.floor(place).astype(np.int64)
        above = np.minimum(below + 1, np.maximum(last, 0))
        low, high = (np.take_along_axis(ordered, i[None], 0)[0] for i in (below, above))
        ends.append(low + (high - low) * (place - below))
    return ends[0], ends[1]
