"""Truth and probabilities to scores with intervals. Pure functions of arrays."""

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

N_DRAWS = 1000
N_BINS = 10
MIN_THRESHOLD = 0.25


@dataclass(frozen=True, slots=True)
class LabelScore:
    """How well one theme or tone is found.

    Attributes
    ----------
    precision, recall, f1 : float
        0 to 1; NaN for precision where nothing was found, for recall where there was
        nothing to find, for F1 where both are so.
    f1_interval : tuple of float
        95 % bootstrap interval of F1 over passages.
    support : int
        Sentences that carry the label in truth.
    """

    precision: float
    recall: float
    f1: float
    f1_interval: tuple[float, float]
    support: int


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How a model's labels compare with a coder's.

    Attributes
    ----------
    n_sentences, n_passages : int
        What was compared.
    themes, tones : dict of str to LabelScore
        By label.
    theme_macro_f1, tone_macro_f1 : float
        Mean F1 over the themes, over the tones, that were found or were there to find;
        NaN where none was.
    theme_macro_f1_interval, tone_macro_f1_interval : tuple of float
        95 % bootstrap intervals over passages.
    theme_calibration_error, tone_calibration_error : float
        Expected calibration error over 10 bins of equal width [1]_: for themes over all
        pairs of a sentence and a theme, for tones of the most probable tone.
    none_recall : float
        Share of the sentences without a theme that were rightly left without one.

    References
    ----------
    .. [1] Guo, Pleiss, Sun and Weinberger (2017), "On calibration of modern neural
       networks", ICML, https://proceedings.mlr.press/v70/guo17a.html.
    """

    n_sentences: int
    n_passages: int
    themes: dict[str, LabelScore]
    tones: dict[str, LabelScore]
    theme_macro_f1: float
    theme_macro_f1_interval: tuple[float, float]
    tone_macro_f1: float
    tone_macro_f1_interval: tuple[float, float]
    theme_calibration_error: float
    tone_calibration_error: float
    none_recall: float

    def to_dict(self) -> dict[str, Any]:
        """Turn into plain Python values, rounded to four digits; None for NaN."""
        return {key: rounded(value) for key, value in asdict(self).items()}

    def __str__(self) -> str:
        lines = [
            f"{self.n_sentences} sentences in {self.n_passages} passages",
            "",
            f"{'':<18}{'precision':>10}{'recall':>8}{'F1':>7}   {'95 %':<14}{'support':>8}",
        ]
        for labels, macro, interval, name in (
            (self.themes, self.theme_macro_f1, self.theme_macro_f1_interval, "theme macro-F1"),
            (self.tones, self.tone_macro_f1, self.tone_macro_f1_interval, "tone macro-F1"),
        ):
            for label, s in labels.items():
                lines.append(
                    f"{label:<18}{s.precision:>10.3f}{s.recall:>8.3f}{s.f1:>7.3f}   "
                    f"{_interval(s.f1_interval):<14}{s.support:>8}"
                )
            lines += [f"{name:<36}{macro:>7.3f}   {_interval(interval)}", ""]
        lines += [
            f"{'calibration error, themes':<36}{self.theme_calibration_error:>7.3f}",
            f"{'calibration error, tone':<36}{self.tone_calibration_error:>7.3f}",
            f"{'rightly left without a theme':<36}{self.none_recall:>7.3f}",
        ]
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class Difference:
    """What a second model scores on the same sentences, against a first.

    Attributes
    ----------
    first, second : float
        What each scores, 0 to 1; NaN where there is nothing to score.
    difference : float
        The second less the first: -1 to 1; NaN where one of them is.
    interval : tuple of float
        95 % bootstrap interval of the difference over passages.
    second_better : float
        Share of the draws in which the second scores higher, 0 to 1; a draw in which both
        score the same counts half. NaN where there is no difference to draw.
    """

    first: float
    second: float
    difference: float
    interval: tuple[float, float]
    second_better: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """How two models do on the same sentences. ``print`` shows it as a table.

    Attributes
    ----------
    n_sentences, n_passages : int
        What they were compared on.
    themes, tones : dict of str to Difference
        F1 of each label that both models have.
    theme_macro_f1, tone_macro_f1 : Difference
        Mean F1 over these, as in `Evaluation`.
    only_first, only_second : tuple of str
        Labels that only one of the models has. They are not compared.
    """

    n_sentences: int
    n_passages: int
    themes: dict[str, Difference]
    tones: dict[str, Difference]
    theme_macro_f1: Difference
    tone_macro_f1: Difference
    only_first: tuple[str, ...]
    only_second: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Turn into plain Python values, rounded to four digits; None for NaN."""
        return {key: rounded(value) for key, value in asdict(self).items()}

    def __str__(self) -> str:
        rows = {
            **self.themes,
            "theme macro-F1": self.theme_macro_f1,
            **self.tones,
            "tone macro-F1": self.tone_macro_f1,
        }
        width = max(len(name) for name in rows) + 2
        lines = [
            f"{self.n_sentences} sentences in {self.n_passages} passages; F1",
            "",
            f"{'':<{width}}{'first':>7}{'second':>8}{'difference':>12}   {'95 %':<16}"
            f"{'second better':>14}",
        ]
        for name, d in rows.items():
            low, high = d.interval
            paired = f"{d.difference:>+12.3f}   {low:+.3f} to {high:+.3f}{d.second_better:>14.0%}"
            row = f"{name:<{width}}{d.first:>7.3f}{d.second:>8.3f}"
            lines.append(row if math.isnan(d.difference) else row + paired)
            lines += [""] * name.endswith("macro-F1")
        for which, labels in (("first", self.only_first), ("second", self.only_second)):
            if labels:
                lines.append(f"only in the {which}, not compared: {', '.join(labels)}")
        return "\n".join(lines).rstrip()


def evaluate_labels(
    probabilities: Array,
    themes: Array,
    tones: Array,
    thresholds: Array,
    passages: IntArray,
    theme_names: Sequence[str],
    tone_names: Sequence[str],
    *,
    seed: int = 0,
) -> Evaluation:
    """Compare probabilities with a coder's labels.

    Parameters
    ----------
    probabilities : array, shape (n_sentences, n_themes + n_tones)
        Themes first, each from 0 to 1; then tones, which add up to 1.
    themes : array, shape (n_sentences, n_themes)
        1 where the theme applies, 0 where not, NaN where it was not coded.
    tones : array, shape (n_sentences, n_tones)
        1 for the tone that holds, else 0; NaN where it was not coded.
    thresholds : array, shape (n_themes,)
        Probability from which a theme is given.
    passages : array of int64, shape (n_sentences,)
        Which passage each sentence belongs to; the bootstrap draws passages.
    theme_names, tone_names : sequence of str
        Names of the columns.
    seed : int, optional
        Of the bootstrap.

    Returns
    -------
    Evaluation
        Sentences that were not coded count for nothing.
    """
    n_themes = len(theme_names)
    said = decide(probabilities, thresholds)
    theme_said, tone_said = said[:, :n_themes], said[:, n_themes:]
    groups, draws = _draws(passages, seed)
    theme_scores, theme_macro, theme_interval = _scores(
        theme_said, themes, groups, draws, theme_names
    )
    tone_scores, tone_macro, tone_interval = _scores(tone_said, tones, groups, draws, tone_names)
    coded = ~np.isnan(themes).any(axis=1)
    none = coded & (themes == 0).all(axis=1)
    return Evaluation(
        n_sentences=len(probabilities),
        n_passages=draws.shape[1],
        themes=theme_scores,
        tones=tone_scores,
        theme_macro_f1=theme_macro,
        theme_macro_f1_interval=theme_interval,
        tone_macro_f1=tone_macro,
        tone_macro_f1_interval=tone_interval,
        theme_calibration_error=_theme_calibration(probabilities[:, :n_themes], themes),
        tone_calibration_error=_tone_calibration(probabilities[:, n_themes:], tones),
        none_recall=float((theme_said[none].sum(axis=1) == 0).mean())
        if none.any()
        else float("nan"),
    )


def decide(probabilities: Array, thresholds: Array) -> Array:
    """Give labels by probabilities: themes that reach their threshold, and the likeliest tone.

    Parameters
    ----------
    probabilities : array, shape (n_sentences, n_themes + n_tones)
        Themes first, then tones.
    thresholds : array, shape (n_themes,)
        Probability from which a theme is given.

    Returns
    -------
    array, shape (n_sentences, n_themes + n_tones)
        1 for what is given, else 0.

    Examples
    --------
    >>> decide(np.array([[0.6, 0.1, 0.7, 0.2], [0.4, 0.4, 0.3, 0.3]]), np.array([0.5]))
    array([[1., 0., 1., 0.],
           [0., 1., 0., 0.]])
    """
    n_themes = len(thresholds)
    themes = (probabilities[:, :n_themes] >= thresholds).astype(float)
    return np.concatenate([themes, _one_hot(probabilities[:, n_themes:])], axis=1)


def compare_labels(
    first: Array,
    second: Array,
    truth: Array,
    passages: IntArray,
    names: Sequence[str],
    *,
    seed: int = 0,
) -> tuple[dict[str, Difference], Difference]:
    """Compare what two models give with each other, by a coder's labels.

    The bootstrap [1]_ is paired: each draw of passages scores both models, so that what is
    hard for both does not blur their difference [2]_ [3]_.

    Parameters
    ----------
    first, second : array, shape (n_sentences, n_labels)
        1 where a model gives the label, else 0.
    truth : array, shape (n_sentences, n_labels)
        1 where the label applies, 0 where not, NaN where it was not coded.
    passages : array of int64, shape (n_sentences,)
        Which passage each sentence belongs to; the bootstrap draws passages.
    names : sequence of str
        Names of the columns.
    seed : int, optional
        Of the bootstrap.

    Returns
    -------
    labels : dict of str to Difference
        F1 of each label.
    macro : Difference
        Macro-F1.

    References
    ----------
    .. [1] Efron and Tibshirani (1993), "An introduction to the bootstrap", Chapman & Hall.
    .. [2] Koehn (2004), "Statistical significance tests for machine translation
       evaluation", EMNLP, https://aclanthology.org/W04-3250.
    .. [3] Berg-Kirkpatrick, Burkett and Klein (2012), "An empirical investigation of
       statistical significance in NLP", EMNLP, https://aclanthology.org/D12-1091.

    Examples
    --------
    >>> truth = np.array([[1.0], [0.0]])
    >>> labels, macro = compare_labels(1 - truth, truth, truth, np.arange(2), ["economy"])
    >>> labels["economy"].difference, macro.interval
    (1.0, (1.0, 1.0))
    """
    groups, draws = _draws(passages, seed)
    f1s, all_drawn = [], []
    for said in (first, second):
        counts = _counts(said, truth, groups, draws)
        f1s.append(_f1(*counts.sum(axis=1)))
        all_drawn.append(_f1(*(draws @ c for c in counts)))
    labels = {
        name: _difference(*(f1[i] for f1 in f1s), *(drawn[:, i] for drawn in all_drawn))
        for i, name in enumerate(names)
    }
    macro = _difference(*map(_mean_of_numbers, f1s), *map(_mean_of_numbers, all_drawn))
    return labels, macro


def best_thresholds(probabilities: Array, themes: Array) -> Array:
    """Find the thresholds that give the highest F1, from calibrated probabilities.

    Where probabilities are calibrated, the threshold that is best for F1 is half of the
    highest F1 [1]_. That F1 is read off the sentences; the threshold is not, as it would
    follow their accidents.

    Parameters
    ----------
    probabilities : array, shape (n_sentences, n_themes)
        Out-of-fold, from 0 to 1.
    themes : array, shape (n_sentences, n_themes)
        1 where the theme applies, 0 where not, NaN where it was not coded.

    Returns
    -------
    array, shape (n_themes,)
        From `MIN_THRESHOLD` to .5; .5 for a theme that is nowhere.

    References
    ----------
    .. [1] Lipton, Elkan and Naryanaswamy (2014), "Optimal thresholding of classifiers to
       maximize F1 measure", ECML PKDD, https://doi.org/10.1007/978-3-662-44851-9_15.

    Examples
    --------
    >>> best_thresholds(np.array([[0.9], [0.6], [0.3]]), np.array([[1.0], [0.0], [0.0]]))
    array([0.5])
    """
    thresholds = np.full(themes.shape[1], 0.5)
    for column, truth in enumerate(themes.T):
        coded = ~np.isnan(truth)
        ranked = truth[coded][np.argsort(-probabilities[coded, column], kind="stable")]
        if ranked.sum():
            f1 = 2 * np.cumsum(ranked) / (np.arange(1, len(ranked) + 1) + ranked.sum())
            thresholds[column] = max(f1.max() / 2, MIN_THRESHOLD)
    return thresholds


def calibration_error(probabilities: Array, truths: Array) -> float:
    """Compute the expected calibration error over bins of equal width.

    Parameters
    ----------
    probabilities, truths : array, shape (n,)
        Said probability, and 1 or 0 for what was true.

    Returns
    -------
    float
        Mean distance between said and true share, over bins, weighted by their size;
        NaN for nothing.

    Examples
    --------
    >>> calibration_error(np.array([0.9, 0.9, 0.1, 0.1]), np.array([1.0, 0.0, 0.0, 0.0]))
    0.25
    """
    if not len(probabilities):
        return float("nan")
    bins = np.minimum((probabilities * N_BINS).astype(int), N_BINS - 1)
    said = np.bincount(bins, probabilities, N_BINS)
    true = np.bincount(bins, truths, N_BINS)
    return float(np.abs(said - true).sum() / len(probabilities))


def _scores(
    said: Array, truth: Array, groups: IntArray, draws: Array, names: Sequence[str]
) -> tuple[dict[str, LabelScore], float, tuple[float, float]]:
    counts = _counts(said, truth, groups, draws)
    hits, n_said, n_true = counts.sum(axis=1)
    f1 = _f1(hits, n_said, n_true)
    drawn = _f1(*(draws @ c for c in counts))
    scores = {
        name: LabelScore(
            precision=float(_ratio(hits[i], n_said[i])),
            recall=float(_ratio(hits[i], n_true[i])),
            f1=float(f1[i]),
            f1_interval=quantiles(drawn[:, i]),
            support=int(n_true[i]),
        )
        for i, name in enumerate(names)
    }
    return scores, float(_mean_of_numbers(f1)), quantiles(_mean_of_numbers(drawn))


def _difference(first: Array, second: Array, drawn_first: Array, drawn_second: Array) -> Difference:
    drawn = drawn_second - drawn_first
    drawn = drawn[~np.isnan(drawn)]
    return Difference(
        first=float(first),
        second=float(second),
        difference=float(second - first),
        interval=quantiles(drawn),
        second_better=float((np.sign(drawn).mean() + 1) / 2) if len(drawn) else float("nan"),
    )


def _counts(said: Array, truth: Array, groups: IntArray, draws: Array) -> Array:
    """Hits, what was said and what is true in each passage, shape (3, n_passages, n_labels)."""
    said = said * ~np.isnan(truth)
    truth = np.nan_to_num(truth)
    return np.stack([_by_group(a, groups, draws.shape[1]) for a in (said * truth, said, truth)])


def _draws(passages: IntArray, seed: int) -> tuple[IntArray, Array]:
    """Give the passages numbers from 0 on, and draw them."""
    groups = np.unique(passages, return_inverse=True)[1]
    return groups, bootstrap_draws(int(groups.max(initial=-1)) + 1, seed)


def bootstrap_draws(n_groups: int, seed: int) -> Array:
    """How often each group is drawn in each bootstrap sample, shape (N_DRAWS, n_groups)."""
    if not n_groups:
        return np.zeros((N_DRAWS, 0))
    draws = np.random.default_rng(seed).multinomial(
        n_groups, np.full(n_groups, 1 / n_groups), N_DRAWS
    )
    return draws.astype(float)


def _by_group(values: Array, groups: IntArray, n_groups: int) -> Array:
    sums = np.zeros((n_groups, values.shape[1]))
    np.add.at(sums, groups, values)
    return sums


def _f1(hits: Array, n_said: Array, n_true: Array) -> Array:
    return _ratio(2 * hits, n_said + n_true)


def _ratio(part: Array, whole: Array) -> Array:
    """Divide; NaN where the whole is nothing."""
    ratio: Array = np.where(whole > 0, part / np.where(whole > 0, whole, 1), np.nan)
    return ratio


def _mean_of_numbers(values: Array) -> Array:
    """Mean over the last axis of what is not NaN."""
    return _ratio(np.nansum(values, axis=-1), (~np.isnan(values)).sum(axis=-1))


def _one_hot(probabilities: Array) -> Array:
    chosen = np.zeros_like(probabilities)
    if probabilities.shape[1]:
        chosen[np.arange(len(chosen)), probabilities.argmax(axis=1)] = 1.0
    return chosen


def quantiles(values: Array) -> tuple[float, float]:
    """95 % interval of drawn values; NaN ones do not count, NaN where all are."""
    numbers = values[~np.isnan(values)]
    if not len(numbers):
        return float("nan"), float("nan")
    low, high = np.quantile(numbers, [0.025, 0.975])
    return float(low), float(high)


def _theme_calibration(probabilities: Array, truth: Array) -> float:
    coded = ~np.isnan(truth)
    return calibration_error(probabilities[coded], truth[coded])


def _tone_calibration(probabilities: Array, truth: Array) -> float:
    coded = ~np.isnan(truth).any(axis=1)
    right = (_one_hot(probabilities) * np.nan_to_num(truth)).sum(axis=1)
    return calibration_error(probabilities.max(axis=1, initial=0.0)[coded], right[coded])


def _interval(interval: tuple[float, float]) -> str:
    return f"{interval[0]:.3f}-{interval[1]:.3f}"


def rounded(value: object) -> object:
    """Round what is inside dicts and lists to four digits; None for NaN."""
    if isinstance(value, dict):
        return {key: rounded(v) for key, v in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(v) for v in value]
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 4)
    return value
