"""Values that travel between the modules. Frozen, and plain data inside."""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Coding:
    """What one coder said of a sentence.

    Attributes
    ----------
    coder : str
        Who coded it.
    themes : frozenset of str or None
        Its themes; empty for "coded, and none applies", None for "not coded".
    tone : str or None
        Its tone; None for "not coded".
    """

    coder: str
    themes: frozenset[str] | None
    tone: str | None


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence with its labels.

    Attributes
    ----------
    text : str
        The sentence.
    themes : frozenset of str or None
        Its themes; empty for "coded, and none applies", None for "not coded".
    tone : str or None
        Its tone; None for "not coded".
    codings : tuple of Coding
        What each coder said, where several did; `themes` and `tone` are what they add up to.
    """

    text: str
    themes: frozenset[str] | None
    tone: str | None
    codings: tuple[Coding, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive labelled sentences of one text, with their context.

    Attributes
    ----------
    id : str
        Name of the passage, for messages.
    examples : tuple of Example
        The sentences in order.
    title : str or None
        Title of the text.
    before : tuple of str
        Sentences that stand before the first example, not labelled.
    metadata : dict
        What else is known of the passage: genre, place, outlet, date...
    weight : float
        How much its sentences count in training; 1 is full.
    """

    id: str
    examples: tuple[Example, ...]
    title: str | None = None
    before: tuple[str, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Contribution:
    """What one word or phrase adds to the log-odds of a label.

    Attributes
    ----------
    text : str
        The word or phrase as it stands in the sentence.
    start, end : int
        Its place in the article: ``article.text[start:end] == text``.
    value : float
        What it adds; below zero it speaks against the label.
    """

    text: str
    start: int
    end: int
    value: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a sentence got its probability for a label.

    ``sum(w.value for w in words) + surroundings + base == log_odds``, up to rounding in
    the last digits. For a theme, `log_odds` is the logarithm of ``p / (1 - p)``. For a
    tone it is the tone's logit less the mean logit of all tones.

    Attributes
    ----------
    label : str
        The theme or tone that is explained.
    probability : float
        Its probability, from 0 to 1.
    log_odds : float
        See above.
    words : tuple of Contribution
        Words and phrases, in order of their place. Where a phrase is known, its words
        stand there as well, each with what it adds by itself.
    surroundings : float
        What the sentences around, the heading and the title add.
    base : float
        The log-odds of a sentence without words or surroundings.
    """

    label: str
    probability: float
    log_odds: float
    words: tuple[Contribution, ...]
    surroundings: float
    base: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an article, with its themes and tone.

    Attributes
    ----------
    text : str
        The sentence as it stands in the article.
    start, end : int
        Its place: ``article.text[start:end] == text``.
    heading : bool
        Whether it is a heading on a line of its own.
    themes : tuple of str
        Themes whose probability reaches the model's threshold; possibly empty.
    theme_probabilities : dict of str to float
        Probability of each theme, 0 to 1, each by itself.
    tone : str or None
        The most probable tone; None for a model without tones.
    tone_probabilities : dict of str to float
        Probability of each tone; they add up to 1.
    tone_score : float
        Probability of "positive" less that of "negative": -1 to 1. NaN for a model whose
        tones do not include these two.
    confidence : float
        Probability, 0 to 1, that the more likely side is the right one for the tone and
        for every theme at once, as if they were independent. `tests/benchmarks/abstention.py`
        measures how often it is so.
    """

    text: str
    start: int
    end: int
    heading: bool
    themes: tuple[str, ...]
    theme_probabilities: dict[str, float] = field(hash=False)
    tone: str | None
    tone_probabilities: dict[str, float] = field(hash=False)
    tone_score: float
    confidence: float
    _explain: Callable[[str], Explanation] = field(repr=False, compare=False)

    @property
    def uncertain(self) -> bool:
        """Whether the model thinks an error somewhere more likely than none: confidence below .5.

        Such sentences are the ones to read by eye, or to code first.
        """
        return self.confidence < 0.5

    def explain(self, theme_or_tone: str) -> Explanation:
        """Say why the sentence got its probability for a theme or tone.

        Parameters
        ----------
        theme_or_tone : str
            A label of the model.

        Returns
        -------
        Explanation
            The exact contribution of each word, and of the surroundings.

        Raises
        ------
        ValueError
            The model has no such label.

        Examples
        --------
        >>> import stancelib
        >>> sentence = stancelib.score("Exports to China fell sharply.")[0]
        >>> why = sentence.explain("economy")
        >>> max(why.words, key=lambda word: word.value).text
        'Exports'
        """
        return self._explain(theme_or_tone)


@dataclass(frozen=True, slots=True)
class ThemeSummary:
    """A theme in an article.

    Attributes
    ----------
    n_sentences : int
        Sentences that carry the theme.
    share : float
        Their share of all sentences, 0 to 1; NaN for an article without sentences.
    tone_score : float
        Mean tone score of the sentences that carry the theme, -1 to 1; NaN where none does.
    """

    n_sentences: int
    share: float
    tone_score: float


@dataclass(frozen=True, slots=True)
class ToneSummary:
    """The tone of an article.

    Attributes
    ----------
    score : float
        Mean tone score of all sentences, -1 to 1; NaN for an article without sentences.
    shares : dict of str to float
        Share of the sentences of each tone, 0 to 1; NaN for an article without sentences.
    """

    score: float
    shares: dict[str, float]
