"""A small coded sample and a model's predictions to estimates that are right on average.

Pure functions of arrays.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a coded sample says, alone and with a model's predictions.

    Attributes
    ----------
    gold_only : float
        The estimate from the coded sentences alone; NaN where their denominators add up to 0.
    gold_only_interval : tuple of float
        Its interval; NaN where coded sentences of fewer than three articles bear on it, or
        all are alike.
    estimate : float
        The prediction-powered estimate; NaN with the interval.
    interval : tuple of float
        Its interval.
    tuning : float
        How much the predictions count: 0 for not at all, 1 for as much as if they were labels.
    """

    gold_only: float
    gold_only_interval: tuple[float, float]
    estimate: float
    interval: tuple[float, float]
    tuning: float


def correct_ratio(
    gold: ArrayLike,
    predicted: ArrayLike,
    coded: ArrayLike,
    inclusion: ArrayLike,
    articles: ArrayLike,
    *,
    alpha: float = 0.05,
    limits: tuple[float, float] = (-1.0, 1.0),
) -> Corrected:
    """Estimate the ratio of two means over all sentences, of which some are coded.

    Prediction-powered inference [1]_ with power tuning [2]_: the mean of the predictions over
    all sentences, plus the weighted mean of what coded sentences differ from their
    predictions. Predictions count as much as makes the interval shortest, so that useless
    ones do no harm. Coded sentences are weighted by one over their probability of having
    been drawn, and weights add up to one [3]_. The ratio is linearised. Standard errors are
    clustered by article: they take the articles for a sample too, as a bootstrap over
    articles does. Intervals use Student's t; its degrees of freedom are the articles with
    coded sentences that bear on the ratio, less one, and less another for the tuning. Below
    some 30 such articles they still cover the truth a little less often than they say.

    Parameters
    ----------
    gold : array, shape (n_coded, 2)
        Numerator and denominator of the coded sentences, as they truly are. A denominator
        of 1 everywhere makes the ratio a mean.
    predicted : array, shape (n_sentences, 2)
        Predictions of both for all sentences.
    coded : array of int, shape (n_coded,)
        Which sentences are coded, as rows of `predicted`.
    inclusion : array, shape (n_coded,)
        Probability of each of having been drawn, above 0 and up to 1.
    articles : array of int, shape (n_sentences,)
        Which article each sentence belongs to.
    alpha : float, optional
        One less the level of the intervals.
    limits : tuple of float, optional
        Range of the ratio; estimates and intervals are cut off there.

    Returns
    -------
    Corrected
        Both estimates with their intervals.

    Raises
    ------
    ValueError
        `alpha` is not between 0 and 1.

    References
    ----------
    .. [1] Angelopoulos, Bates, Fannjiang, Jordan and Zrnic (2023), "Prediction-powered
       inference", Science 382, https://doi.org/10.1126/science.adi6000.
    .. [2] Angelopoulos, Duchi and Zrnic (2023), "PPI++: efficient prediction-powered
       inference", https://arxiv.org/abs/2311.01453.
    .. [3] Hájek (1971), comment on an essay by Basu, in "Foundations of statistical
       inference"; Särndal, Swensson and Wretman (1992), "Model assisted survey sampling".

    Examples
    --------
    >>> said = np.array([[0.9, 1], [0.2, 1], [0.8, 1], [0.1, 1], [0.9, 1], [0.2, 1]])
    >>> found = correct_ratio(
    ...     [[1, 1], [0, 1], [0, 1]], said, [0, 1, 2], [0.5] * 3, [0, 1, 2, 3, 4, 5], limits=(0, 1)
    ... )
    >>> round(found.gold_only, 2), round(found.estimate, 2)
    (0.33, 0.25)
    """
    if not 0 < alpha < 1:
        raise ValueError(f"alpha is {alpha}, expected a number between 0 and 1")
    gold, predicted = np.asarray(gold, dtype=float), np.asarray(predicted, dtype=float)
    coded = np.asarray(coded, dtype=np.int64)
    weights = 1 / np.asarray(inclusion, dtype=float)
    weights /= weights.sum() if len(weights) else 1
    names, clusters = np.unique(articles, return_inverse=True)
    n = len(names)
    gold_mean, gap = weights @ gold, predicted.mean(axis=0) - weights @ predicted[coded]
    n_clusters = len(np.unique(clusters[coded][(gold != 0).any(axis=1)]))
    nothing = (np.nan, np.nan)
    if not gold_mean[1] > 0:
        return Corrected(np.nan, nothing, np.nan, nothing, 0.0)
    alone = gold_mean[0] / gold_mean[1]
    if n_clusters < 3:
        return Corrected(float(alone), nothing, np.nan, nothing, 0.0)

    def influences(ratio: float) -> tuple[Array, Array]:
        """By article: what coded labels, and what predictions, add to the ratio's equation."""
        label = gold[:, 0] - ratio * gold[:, 1]
        guess = predicted[:, 0] - ratio * predicted[:, 1]
        own = _sums(clusters[coded], weights * (label - weights @ label), n)
        drawn = _sums(clusters[coded], weights * (guess[coded] - weights @ guess[coded]), n)
        return own, _sums(clusters, (guess - guess.mean()) / len(guess), n) - drawn

    own, other = influences(alone)
    if not own.any():
        return Corrected(float(alone), nothing, np.nan, nothing, 0.0)
    spread = other @ other
    varies = spread > 1e-12 * (own @ own)  # more than by rounding
    tuning = float(-(own @ other) / spread) if varies else 0.0
    numerator, denominator = gold_mean + tuning * gap
    if not denominator > 0:
        tuning, (numerator, denominator) = 0.0, gold_mean
    powered = numerator / denominator
    own_there, other_there = influences(powered)
    together = own_there + tuning * other_there
    reach_alone = _reach(own / gold_mean[1], n_clusters, 1, alpha)
    reach = _reach(together / denominator, n_clusters, 2, alpha)  # the tuning is fitted too
    return Corrected(
        float(alone),
        _interval(alone, reach_alone, limits),
        float(np.clip(powered, *limits)),
        _interval(powered, reach, limits),
        tuning,
    )


def _sums(clusters: IntArray, values: Array, n: int) -> Array:
    return np.bincount(clusters, values, n).astype(float)


def _reach(influences: Array, n_clusters: int, n_fitted: int, alpha: float) -> float:
    """Half the width of an interval, from what each cluster adds to the estimate."""
    from scipy.special import stdtrit

    degrees = n_clusters - n_fitted
    error = np.linalg.norm(influences) * np.sqrt(n_clusters / degrees)
    return float(stdtrit(degrees, 1 - alpha / 2) * error)


def _interval(middle: float, reach: float, limits: tuple[float, float]) -> tuple[float, float]:
    low, high = np.clip([middle - reach, middle + reach], *limits)
    return float(low), float(high)
