"""How far several coders agree: alpha, kappa, and where they do not."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stancelib.errors import MAX_FAULTS, DataError
from stancelib.metrics import bootstrap_draws, quantiles, rounded
from stancelib.records import Coding, Passage
from stancelib.render import printable

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

LEVELS = ("nominal", "ordinal")
TONES = ("negative", "neutral", "positive")


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A label of a sentence on which its coders differ.

    Attributes
    ----------
    passage : str
        Id of the passage.
    index : int
        Place of the sentence in the passage, from 0.
    text : str
        The sentence.
    label : str
        The theme, or "tone".
    said : dict of str to bool or str
        By coder: whether the theme applies, or which tone holds.
    """

    passage: str
    index: int
    text: str
    label: str
    said: dict[str, bool | str] = field(hash=False)


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """How far coders agree on a theme or on tone.

    Attributes
    ----------
    alpha : float
        Krippendorff's alpha, nominal; NaN where all said the same throughout.
    alpha_interval : tuple of float
        95 % bootstrap interval over passages.
    kappas : dict of str to dict of str to float
        Cohen's kappa of each pair of coders, as ``kappas["anna"]["ben"]``, either way round.
        NaN where they coded no sentence both, or said the same throughout.
    n_sentences : int
        Sentences on which two or more coders gave this label.
    """

    alpha: float
    alpha_interval: tuple[float, float]
    kappas: dict[str, dict[str, float]]
    n_sentences: int


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far coders agree. ``print`` shows it as a table.

    Attributes
    ----------
    coders : tuple of str
        Their names, sorted.
    n_sentences, n_passages : int
        Sentences that two or more coded, and the passages that hold them.
    themes : dict of str to LabelAgreement
        By theme: those that some coder gave, sorted.
    tone : LabelAgreement
        Tones as names: every difference counts the same.
    tone_ordinal_alpha : float
        Alpha of tones as ranks: the step from negative to positive counts for more.
    tone_ordinal_alpha_interval : tuple of float
        95 % bootstrap interval over passages.
    disagreements : tuple of Disagreement
        In the order of the sentences; one for each label on which the coders differ.
    """

    coders: tuple[str, ...]
    n_sentences: int
    n_passages: int
    themes: dict[str, LabelAgreement]
    tone: LabelAgreement
    tone_ordinal_alpha: float
    tone_ordinal_alpha_interval: tuple[float, float]
    disagreements: tuple[Disagreement, ...] = field(repr=False)

    def to_dict(self) -> dict[str, Any]:
        """Turn into plain Python values, rounded to four digits; None for NaN."""
        return {key: rounded(value) for key, value in asdict(self).items()}

    def __str__(self) -> str:
        names = printable(", ".join(self.coders))
        width = max([18, *(len(theme) + 2 for theme in self.themes)])
        lines = [
            f"{self.n_sentences} sentences in {self.n_passages} passages with two or more coders, "
            f"of {len(self.coders)}: {names}",
            "",
            f"{'':<{width}}{'alpha':>6}   {'95 %':<19}{'kappa':<19}{'sentences':>9}",
        ]
        for name, label in [*self.themes.items(), ("tone", self.tone)]:
            lines.append(
                f"{printable(name):<{width}}{label.alpha:>6.3f}   "
                f"{_range(*label.alpha_interval):<19}"
                f"{_kappa_range(label):<19}{label.n_sentences:>9}"
            )
        interval = _range(*self.tone_ordinal_alpha_interval)
        lines += [
            f"{'tone, ordinal':<{width}}{self.tone_ordinal_alpha:>6.3f}   {interval}",
            "",
            f"labels on which coders differ: {len(self.disagreements)}",
        ]
        return "\n".join(lines)


def measure_agreement(
    examples: Sequence[Passage], *, tones: Sequence[str] = TONES, seed: int = 0
) -> Agreement:
    """Measure how far the coders of sentences agree.

    What counts is `Example.codings`; the labels that they were combined into do not. A
    coder who left themes or tone open (None) counts only for what they coded.

    Parameters
    ----------
    examples : sequence of Passage
        Sentences, some of them with two or more codings.
    tones : sequence of str, optional
        Names of the tones, in their order for the ordinal alpha.
    seed : int, optional
        Of the bootstrap, which draws passages.

    Returns
    -------
    Agreement
        Alpha [1]_ per theme and for tone, with intervals; kappa [2]_ of each pair of
        coders; the disagreements.

    Raises
    ------
    TypeError
        `tones` is a string, or `examples` holds something else than passages.
    DataError
        No sentence has two coders, a coder coded a sentence twice, or said a tone that
        is not among `tones`; the first 20 faults are named.

    References
    ----------
    .. [1] Krippendorff (2011), "Computing Krippendorff's alpha-reliability",
       https://repository.upenn.edu/asc_papers/43.
    .. [2] Cohen (1960), "A coefficient of agreement for nominal scales", Educational and
       Psychological Measurement 20, https://doi.org/10.1177/001316446002000104.

    Examples
    --------
    >>> from stancelib import Coding, Example, Passage
    >>> def coded(text, anna, ben):
    ...     codings = (Coding("anna", frozenset(), anna), Coding("ben", frozenset(), ben))
    ...     return Example(text, frozenset(), None, codings)
    >>> passage = Passage("a", (
    ...     coded("The talks failed.", "negative", "negative"),
    ...     coded("The talks go on.", "neutral", "neutral"),
    ...     coded("The talks went well.", "positive", "neutral"),
    ... ))
    >>> agreement = measure_agreement([passage])
    >>> round(agreement.tone.kappas["anna"]["ben"], 2)
    0.5
    >>> agreement.disagreements[0].said
    {'anna': 'positive', 'ben': 'neutral'}
    """
    if isinstance(tones, str):
        raise TypeError(f"tones is the string {tones!r}; pass a list of names")
    sentences = _several(examples, tones)
    coders = sorted({c.coder for s in sentences for c in s.codings})
    themes = sorted({t for s in sentences for c in s.codings for t in c.themes or ()})
    passages, groups = np.unique([s.number for s in sentences], return_inverse=True)
    draws = bootstrap_draws(len(passages), seed)
    tone = _tone_codes(sentences, coders, tones)
    ordinal_alpha, ordinal_interval = _alpha_with_interval(tone, "ordinal", groups, draws)
    return Agreement(
        coders=tuple(coders),
        n_sentences=len(sentences),
        n_passages=len(passages),
        themes={
            theme: _label(_theme_codes(sentences, coders, theme), coders, groups, draws)
            for theme in themes
        },
        tone=_label(tone, coders, groups, draws),
        tone_ordinal_alpha=ordinal_alpha,
        tone_ordinal_alpha_interval=ordinal_interval,
        disagreements=tuple(d for s in sentences for d in _disagreements(s, themes)),
    )


def krippendorff_alpha(codings: ArrayLike, *, level: str = "nominal") -> float:
    """Compute Krippendorff's alpha, the agreement beyond chance of any number of coders.

    Parameters
    ----------
    codings : array, shape (n_sentences, n_coders)
        What each coder said, as a number; NaN for "not coded". Sentences with fewer than
        two codings count for nothing.
    level : {"nominal", "ordinal"}, optional
        Whether numbers are mere names or ranks.

    Returns
    -------
    float
        1 for full agreement, 0 for what chance would give, below 0 for less; NaN where
        no sentence has two codings or all of them are the same number.

    Raises
    ------
    ValueError
        `level` is neither of the two, or `codings` has not two dimensions or holds infinity.

    References
    ----------
    Krippendorff (2011), "Computing Krippendorff's alpha-reliability",
    https://repository.upenn.edu/asc_papers/43.

    Examples
    --------
    >>> nan = float("nan")
    >>> round(krippendorff_alpha([[1, 1, nan], [2, 2, 2], [1, 2, nan]]), 3)
    0.5
    """
    if level not in LEVELS:
        raise ValueError(f"level is {level!r}, expected one of {list(LEVELS)}")
    codes = np.asarray(codings, dtype=float)
    if codes.ndim != 2:
        raise ValueError(f"codings has {codes.ndim} dimensions, expected 2: sentences, coders")
    if np.isinf(codes).any():
        raise ValueError("codings holds infinity; pass finite numbers, and NaN for 'not coded'")
    return float(_alpha(_coincidences(codes).sum(axis=0), level))


def cohen_kappa(first: ArrayLike, second: ArrayLike) -> float:
    """Compute Cohen's kappa, the agreement beyond chance of two coders.

    Parameters
    ----------
    first, second : array, shape (n_sentences,)
        What each said, as a number; NaN for "not coded". Sentences that one of them did
        not code count for nothing.

    Returns
    -------
    float
        From -1 to 1; NaN where no sentence was coded by both, or both said the same
        number throughout.

    Raises
    ------
    ValueError
        The two are not of the same length.

    References
    ----------
    Cohen (1960), "A coefficient of agreement for nominal scales", Educational and
    Psychological Measurement 20, https://doi.org/10.1177/001316446002000104.

    Examples
    --------
    >>> cohen_kappa([0, 1, 2, float("nan")], [0, 1, 1, 1])
    0.5
    """
    a, b = np.asarray(first, dtype=float), np.asarray(second, dtype=float)
    if a.shape != b.shape or a.ndim != 1:
        raise ValueError(f"codings of shapes {a.shape} and {b.shape}; expected one length for both")
    both = ~np.isnan(a) & ~np.isnan(b)
    values = np.unique(np.concatenate([a[both], b[both]]), return_inverse=True)[1]
    if not values.any():  # no sentence, or one value only
        return float("nan")
    from sklearn.metrics import cohen_kappa_score

    return float(cohen_kappa_score(*values.reshape(2, -1)))


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence with the codings of two or more coders."""

    number: int  # of its passage
    passage: str
    index: int
    text: str
    codings: tuple[Coding, ...]


def _label(codes: Array, coders: Sequence[str], groups: IntArray, draws: Array) -> LabelAgreement:
    alpha, interval = _alpha_with_interval(codes, "nominal", groups, draws)
    kappas: dict[str, dict[str, float]] = {coder: {} for coder in coders}
    for (i, first), (j, second) in combinations(enumerate(coders), 2):
        kappa = cohen_kappa(codes[:, i], codes[:, j])
        kappas[first][second] = kappas[second][first] = kappa
    n_sentences = int(((~np.isnan(codes)).sum(axis=1) > 1).sum())
    return LabelAgreement(alpha, interval, kappas, n_sentences)


def _alpha_with_interval(
    codes: Array, level: str, groups: IntArray, draws: Array
) -> tuple[float, tuple[float, float]]:
    coincidences = _coincidences(codes)
    by_passage = np.zeros((draws.shape[1], *coincidences.shape[1:]))
    np.add.at(by_passage, groups, coincidences)
    drawn = _alpha(np.tensordot(draws, by_passage, axes=1), level)
    return float(_alpha(by_passage.sum(axis=0), level)), quantiles(drawn)


def _several(examples: Sequence[Passage], tones: Sequence[str]) -> list[_Sentence]:
    """Sentences with two or more coders, checked."""
    sentences: list[_Sentence] = []
    faults: list[str] = []
    coders: set[str] = set()
    for number, passage in enumerate(examples):
        if not isinstance(passage, Passage):
            raise TypeError(
                f"examples[{number}] is of type {type(passage).__name__}; pass a list of Passage"
            )
        for index, example in enumerate(passage.examples):
            sentence = _Sentence(number, passage.id, index, example.text, example.codings)
            faults += _faults(sentence, tones)
            coders |= {c.coder for c in example.codings}
            if len(example.codings) > 1:
                sentences.append(sentence)
    if faults:
        more = [f"... and {len(faults) - MAX_FAULTS} more"] if len(faults) > MAX_FAULTS else []
        raise DataError("\n".join([*faults[:MAX_FAULTS], *more]))
    if not sentences:
        raise DataError(
            f"no sentence has codings of two coders (coders: {sorted(coders) or 'none'}); "
            "agreement needs sentences that two or more have coded"
        )
    return sentences


def _faults(sentence: _Sentence, tones: Sequence[str]) -> Iterator[str]:
    where = f"{sentence.passage}, sentence {sentence.index}"
    seen: set[str] = set()
    for coding in sentence.codings:
        if coding.coder in seen:
            yield f"{where}: coder {coding.coder!r} coded it twice; keep one coding"
        seen.add(coding.coder)
        if coding.tone is not None and coding.tone not in tones:
            yield f"{where}: {coding.coder!r} said tone {coding.tone!r}, known are {list(tones)}"


def _theme_codes(sentences: Sequence[_Sentence], coders: Sequence[str], theme: str) -> Array:
    codes = np.full((len(sentences), len(coders)), np.nan)
    for row, sentence in enumerate(sentences):
        for coding in sentence.codings:
            if coding.themes is not None:
                codes[row, coders.index(coding.coder)] = theme in coding.themes
    return codes


def _tone_codes(
    sentences: Sequence[_Sentence], coders: Sequence[str], tones: Sequence[str]
) -> Array:
    codes = np.full((len(sentences), len(coders)), np.nan)
    for row, sentence in enumerate(sentences):
        for coding in sentence.codings:
            if coding.tone is not None:
                codes[row, coders.index(coding.coder)] = tones.index(coding.tone)
    return codes


def _disagreements(sentence: _Sentence, themes: Sequence[str]) -> Iterator[Disagreement]:
    said: dict[str, dict[str, bool | str]] = {
        theme: {c.coder: theme in c.themes for c in sentence.codings if c.themes is not None}
        for theme in themes
    }
    said["tone"] = {c.coder: c.tone for c in sentence.codings if c.tone is not None}
    for label, by_coder in said.items():
        if len(set(by_coder.values())) > 1:
            yield Disagreement(
                sentence.passage, sentence.index, sentence.text, label, dict(by_coder)
            )


def _coincidences(codes: Array) -> Array:
    """Pairs of values within each sentence, shape (n_sentences, n_values, n_values).

    Each coding stands in pairs of a total weight of one; values are in sorted order.
    """
    values = np.unique(codes[~np.isnan(codes)])
    counts = (codes[:, :, None] == values).sum(axis=1).astype(float)
    pairs = counts[:, :, None] * counts[:, None, :]
    diagonal = np.arange(len(values))
    pairs[:, diagonal, diagonal] -= counts
    n_others: Array = np.maximum(counts.sum(axis=1) - 1, 1)
    coincidences: Array = pairs / n_others[:, None, None]
    return coincidences


def _alpha(coincidences: Array, level: str) -> Array:
    """Alpha of coincidences, shape (..., n_values, n_values); NaN where nothing varies."""
    totals = coincidences.sum(axis=-1)
    if level == "ordinal":
        ranks = totals.cumsum(axis=-1) - totals / 2
        distances = (ranks[..., :, None] - ranks[..., None, :]) ** 2
    else:
        distances = 1 - np.eye(totals.shape[-1])
    observed = (coincidences * distances).sum(axis=(-2, -1))
    expected = (totals[..., :, None] * totals[..., None, :] * distances).sum(axis=(-2, -1))
    varies = expected > 0
    n_others = totals.sum(axis=-1) - 1
    alpha: Array = np.where(varies, 1 - n_others * observed / np.where(varies, expected, 1), np.nan)
    return alpha


def _range(low: float, high: float) -> str:
    return f"{low:.3f}" if low == high else f"{low:.3f} to {high:.3f}"


def _kappa_range(label: LabelAgreement) -> str:
    kappas = [kappa for others in label.kappas.values() for kappa in others.values()]
    known = [kappa for kappa in kappas if not np.isnan(kappa)]
    if not known:
        return "nan"
    return _range(min(known), max(known))
