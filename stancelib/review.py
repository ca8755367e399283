"""Better labels: which are probably wrong, and which sentences to code next.

`stancelib.agreement` says where coders differ. `to_table` and `to_frame` show what any of
the three found.
"""

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from stancelib.agreement import Disagreement
from stancelib.article import Article
from stancelib.model import Model
from stancelib.records import Example, Passage
from stancelib.render import printable
from stancelib.targets import Targets, make_targets

if TYPE_CHECKING:
    import pandas as pd

Array = NDArray[np.float64]
IntArray = NDArray[np.int64]

NEAR_DUPLICATE = 0.8  # cosine of two sentences that say the same in nearly the same words
POOL = 5  # sentences to draw from, for each that is wanted
N_BUCKETS = 2**18
BLOCK = 1000  # sentences compared with what is coded at a time


@dataclass(frozen=True, slots=True)
class Suspect:
    """A label that is probably wrong.

    Attributes
    ----------
    passage : str
        Id of the passage.
    index : int
        Place of the sentence in the passage, from 0.
    text : str
        The sentence.
    label : str
        The theme in question, or "tone".
    given, suggested : bool or str
        Whether the theme applies, or which tone holds: as coded, and as it should be.
    probability : float
        Of what is suggested, 0 to 1.
    score : float
        How doubtful the label is, 0.5 to 1; the same scale for all labels.
    """

    passage: str
    index: int
    text: str
    label: str
    given: bool | str
    suggested: bool | str
    probability: float
    score: float


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence worth coding next.

    Attributes
    ----------
    document : int or str
        The text's place among those handed in, from 0; of a passage, its id.
    index : int
        Place of the sentence in it, from 0.
    text : str
        The sentence.
    themes : tuple of str
        Themes that the model gives it.
    tone : str or None
        Tone that the model gives it.
    confidence : float
        How sure the model is, 0 to 1; see `Sentence.confidence`.
    """

    document: int | str
    index: int
    text: str
    themes: tuple[str, ...]
    tone: str | None
    confidence: float


def find_label_errors(
    examples: Sequence[Passage],
    probabilities: ArrayLike,
    *,
    themes: Sequence[str],
    tones: Sequence[str],
    n: int | None = None,
) -> list[Suspect]:
    """Find labels that are probably wrong, the most doubtful first.

    A label is set against the probabilities of a model that has not seen the sentence. As
    in confident learning [1]_, the measure of each value of a label (theme or no theme,
    each tone) is the mean probability it gets where it was given: half of what rare themes
    usually get says as much as half of what frequent ones get. A label is doubtful when
    another value exceeds, for its measure, the given one; its score is the share of that
    value in the two. A sentence stands there once for each of its doubtful labels.

    With 5 % of the labels of the bundled corpus changed at random and bag-of-words
    probabilities, 81 % of the changed ones were among the first tenth of all labels
    (`tests/benchmarks/label_errors.py`).

    Parameters
    ----------
    examples : sequence of Passage
        Coded sentences. What was not coded is left alone.
    probabilities : array, shape (n_sentences, n_themes + n_tones)
        A row for each sentence, in order: themes, each from 0 to 1, then tones, which add
        up to 1. They must be out-of-fold: a model repeats the errors it was trained on.
    themes, tones : sequence of str
        Names of the columns.
    n : int or None, optional
        How many to return at most; None for all that are doubtful.

    Returns
    -------
    list of Suspect
        Equal scores in the order of the sentences.

    Raises
    ------
    TypeError
        `themes` or `tones` is a string, or `examples` holds something else than passages.
    DataError
        Labels are not among `themes` and `tones`.
    ValueError
        `probabilities` are not of this shape and kind, or `n` is less than 1.

    References
    ----------
    .. [1] Northcutt, Jiang and Chuang (2021), "Confident learning: estimating uncertainty
       in dataset labels", Journal of Artificial Intelligence Research 70,
       https://doi.org/10.1613/jair.1.12125.

    Examples
    --------
    >>> passage = Passage("a", (
    ...     Example("Exports fell.", frozenset({"economy"}), "negative"),
    ...     Example("Imports fell.", frozenset(), "negative"),
    ...     Example("The ministers met.", frozenset(), "neutral"),
    ... ))
    >>> probabilities = [[0.9, 0.8, 0.2], [0.9, 0.8, 0.2], [0.1, 0.2, 0.8]]
    >>> (suspect,) = find_label_errors(
    ...     [passage], probabilities, themes=["economy"], tones=["negative", "neutral"]
    ... )
    >>> suspect.text, suspect.label, suspect.given, suspect.suggested
    ('Imports fell.', 'economy', False, True)
    """
    passages = _checked_passages(examples, "examples")
    themes, tones = _names(themes, "themes"), _names(tones, "tones")
    _check_number(n)
    targets = make_targets(passages, themes, tones)
    said = _checked_probabilities(probabilities, len(targets.themes), len(themes), len(tones))
    sentences = [(p.id, i, e.text) for p in passages for i, e in enumerate(p.examples)]
    suspects: list[tuple[int, Suspect]] = []
    for axis in _axes(targets, said, themes, tones):
        suggested, scores = _doubts(axis.given, axis.probabilities)
        for row in np.flatnonzero(scores > 0.5).tolist():
            passage, index, text = sentences[axis.rows[row]]
            suspect = Suspect(
                passage=passage,
                index=index,
                text=text,
                label=axis.label,
                given=axis.values[axis.given[row]],
                suggested=axis.values[suggested[row]],
                probability=float(axis.probabilities[row, suggested[row]]),
                score=float(scores[row]),
            )
            suspects.append((int(axis.rows[row]), suspect))
    suspects.sort(key=lambda found: (-found[1].score, found[0]))
    return [suspect for _, suspect in suspects[:n]]


def select_to_label(
    texts: Iterable[str | Passage],
    model: Model,
    *,
    n: int = 50,
    labelled: Sequence[Passage] = (),
    seed: int = 0,
) -> list[Candidate]:
    """Select sentences that are worth coding: the model is unsure of them, and they differ.

    Sentences are drawn one by one from the ``5 * n`` that the model is least sure of [1]_,
    with a probability that grows with the square of its doubt and with the distance to the
    nearest sentence that is coded or drawn already: the seeding of k-means++ [2]_, as used
    for batches in active learning [3]_. The distance is one less the cosine of hashed tf-idf
    of their words. Near-duplicates, of a cosine of .8 or more, are never drawn. Memory grows
    with the number of sentences; after the model, 100,000 take seconds.

    Parameters
    ----------
    texts : iterable of str or Passage
        Texts to take sentences from. Sentences of passages that are coded already, for themes
        and tone, are context, and count as `labelled`.
    model : Model
        Whose doubts count.
    n : int, optional
        How many to select; fewer come back when there are no more that differ.
    labelled : sequence of Passage, optional
        Sentences coded already.
    seed : int, optional
        Of the draws. The same input and seed give the same sentences.

    Returns
    -------
    list of Candidate
        In the order drawn, so that the first few differ as well.

    Raises
    ------
    TypeError
        `texts` is a string or a passage, or holds something else than these; `labelled`
        holds something else than passages.
    ValueError
        `n` is less than 1.

    References
    ----------
    .. [1] Zhdanov (2019), "Diverse mini-batch active learning",
       https://arxiv.org/abs/1901.05954.
    .. [2] Arthur and Vassilvitskii (2007), "k-means++: the advantages of careful seeding",
       SODA.
    .. [3] Ash, Zhang, Krishnamurthy, Langford and Agarwal (2020), "Deep batch active learning
       by diverse, uncertain gradient lower bounds", ICLR, https://arxiv.org/abs/1906.03671.

    Examples
    --------
    >>> import stancelib
    >>> texts = ["Talks on gas go on. The talks on gas go on!", "The harvest was poor, some say."]
    >>> [c.document for c in select_to_label(texts, stancelib.load(), n=3)]
    [0, 1]
    """
    _check_number(n)
    known = [e.text for p in _checked_passages(labelled, "labelled") for e in p.examples]
    candidates: list[Candidate] = []
    for document, article, examples in _scored(texts, model):
        for index, sentence in enumerate(article):
            if examples and _is_coded(examples[index]):
                known.append(sentence.text)
                continue
            candidates.append(
                Candidate(
                    document=document,
                    index=index,
                    text=sentence.text,
                    themes=sentence.themes,
                    tone=sentence.tone,
                    confidence=sentence.confidence,
                )
            )
    candidates.sort(key=lambda candidate: candidate.confidence)
    doubts = 1 - np.array([c.confidence for c in candidates])
    chosen = _draw([c.text for c in candidates], doubts, known, n, np.random.default_rng(seed))
    return [candidates[i] for i in chosen]


def to_table(
    findings: Sequence[Suspect] | Sequence[Candidate] | Sequence[Disagreement], *, width: int = 100
) -> str:
    """Lay findings out as a table of fixed width.

    Parameters
    ----------
    findings : sequence of Suspect, Candidate or Disagreement
        Rows of the table, all of one kind.
    width : int, optional
        Columns of the terminal; the text wraps in what the others leave, but never in less
        than 20.

    Returns
    -------
    str
        Lines joined by newlines, the text last; empty without findings. Control characters
        are shown as ``�``.

    Examples
    --------
    >>> print(to_table([Candidate("a", 3, "Exports fell.", ("economy",), "neutral", 0.31)]))
    document  index  themes   tone     confidence  text
    a         3      economy  neutral  0.31        Exports fell.
    """
    if not findings:
        return ""
    names = [f.name for f in fields(findings[0]) if f.name != "text"]
    rows = [names, *([_cell(getattr(found, name)) for name in names] for found in findings)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(names))]
    left = sum(widths) + 2 * len(widths)
    lines = []
    for row, text in zip(rows, ["text", *(found.text for found in findings)], strict=True):
        cells = "".join(f"{cell:<{w}}  " for cell, w in zip(row, widths, strict=True))
        first, *more = textwrap.wrap(printable(text), max(width - left, 20)) or [""]
        lines += [cells + first, *(" " * left + line for line in more)]
    return "\n".join(lines)


def to_frame(
    findings: Sequence[Suspect] | Sequence[Candidate] | Sequence[Disagreement],
) -> "pd.DataFrame":
    """Turn findings into a data frame; needs pandas.

    Parameters
    ----------
    findings : sequence of Suspect, Candidate or Disagreement
        Rows of the frame, all of one kind.

    Returns
    -------
    pandas.DataFrame
        One row a finding, one column an attribute; themes joined by ``;``, and what each
        coder said in ``said_<coder>``. Empty without findings.

    Raises
    ------
    ImportError
        pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError("to_frame() needs pandas: pip install 'stancelib[frames]'") from error

    return pd.DataFrame(to_records(findings))


def to_records(
    findings: Sequence[Suspect] | Sequence[Candidate] | Sequence[Disagreement],
) -> list[dict[str, object]]:
    """Turn findings into flat dicts, as rows of a CSV file.

    Parameters
    ----------
    findings : sequence of Suspect, Candidate or Disagreement
        Any of these.

    Returns
    -------
    list of dict
        One a finding, one key an attribute; themes joined by ``;``, and what each coder
        said as ``said_<coder>``.

    Examples
    --------
    >>> record, = to_records([Candidate("a", 3, "Rain.", ("climate", "economy"), None, 0.5)])
    >>> record["themes"]
    'climate;economy'
    """
    return [dict(_columns(found)) for found in findings]


class _Axis(NamedTuple):
    """One label with its values, where it was coded."""

    label: str
    values: tuple[bool | str, ...]
    rows: IntArray
    given: IntArray
    probabilities: Array


def _axes(
    targets: Targets, said: Array, themes: Sequence[str], tones: Sequence[str]
) -> Iterator[_Axis]:
    for column, theme in enumerate(themes):
        rows = np.flatnonzero(~np.isnan(targets.themes[:, column]))
        given = targets.themes[rows, column].astype(int)
        p = said[rows, column]
        yield _Axis(theme, (False, True), rows, given, np.column_stack([1 - p, p]))
    if tones:
        rows = np.flatnonzero(~np.isnan(targets.tones[:, 0]))
        given = targets.tones[rows].argmax(axis=1)
        yield _Axis("tone", tuple(tones), rows, given, said[rows, len(themes) :])


def _doubts(given: IntArray, probabilities: Array) -> tuple[IntArray, Array]:
    """For each sentence the best other value, and its share in it and the given one, 0 to 1."""
    rows, n_values = np.arange(len(given)), probabilities.shape[1]
    own = np.bincount(given, probabilities[rows, given], n_values)
    counts = np.bincount(given, minlength=n_values)
    usual = np.where(counts > 0, own / np.maximum(counts, 1), 1.0)
    measured = probabilities / np.maximum(usual, 1e-6)
    own_measured = measured[rows, given]
    measured[rows, given] = -1
    suggested = measured.argmax(axis=1)
    other_measured = np.maximum(measured[rows, suggested], 0)  # a lone tone has no other
    return suggested, other_measured / (other_measured + own_measured)


def _scored(
    texts: Iterable[str | Passage], model: Model
) -> Iterator[tuple[int | str, Article, tuple[Example, ...]]]:
    """Each text's number or id, its article, and the examples of a passage."""
    if isinstance(texts, str | Passage):
        raise TypeError(f"texts is one {type(texts).__name__}; pass a list")
    for number, text in enumerate(texts):
        if isinstance(text, str):
            yield number, model.score(text), ()
        elif isinstance(text, Passage):
            sentences = [e.text for e in text.examples]
            article = model.score_sentences(sentences, title=text.title, before=text.before)
            yield text.id, article, text.examples
        else:
            raise TypeError(
                f"texts[{number}] is of type {type(text).__name__}; pass strings or passages"
            )


def _is_coded(example: Example) -> bool:
    return example.themes is not None and example.tone is not None


def _draw(
    texts: Sequence[str], doubts: Array, known: Sequence[str], n: int, rng: np.random.Generator
) -> list[int]:
    """Draw up to `n` of `texts`, which stand in order of falling doubt."""
    vectors, known_vectors = _vectors(texts, known)
    nearest = np.zeros(len(texts))  # cosine to what is coded or drawn already
    nearest[np.diff(vectors.indptr) == 0] = 1  # no words, nothing to code
    n_compared = 0  # the first so many texts have been compared with what is coded
    chosen: list[int] = []
    while len(chosen) < n:
        pool = np.flatnonzero(nearest[:n_compared] < NEAR_DUPLICATE)[: POOL * n]
        if len(pool) < POOL * n and n_compared < len(texts):
            block = slice(n_compared, n_compared + BLOCK)
            cosines = (vectors[block] @ known_vectors.T).max(axis=1).toarray().ravel()
            nearest[block] = np.maximum(nearest[block], cosines)
            n_compared = min(n_compared + BLOCK, len(texts))
            continue
        if not len(pool):
            break
        weights = doubts[pool] ** 2 * (1 - nearest[pool]) + 1e-12
        drawn = int(rng.choice(pool, p=weights / weights.sum()))
        chosen.append(drawn)
        nearest = np.maximum(nearest, (vectors @ vectors[drawn].T).toarray().ravel())
    return chosen


def _vectors(texts: Sequence[str], known: Sequence[str]) -> tuple[Any, Any]:
    """Hashed tf-idf of both, sparse, rows of length one."""
    from scipy.sparse import csr_matrix
    from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer

    if not texts:
        return csr_matrix((0, N_BUCKETS)), csr_matrix((0, N_BUCKETS))
    hashing = HashingVectorizer(n_features=N_BUCKETS, alternate_sign=False, norm=None)
    counts = hashing.transform(texts)
    weighting = TfidfTransformer().fit(counts)
    return weighting.transform(counts), weighting.transform(hashing.transform(known or [""]))


def _checked_passages(passages: Iterable[Passage], name: str) -> list[Passage]:
    if isinstance(passages, str | Passage):
        raise TypeError(f"{name} is one {type(passages).__name__}; pass a list of Passage")
    passages = list(passages)
    for i, passage in enumerate(passages):
        if not isinstance(passage, Passage):
            raise TypeError(f"{name}[{i}] is of type {type(passage).__name__}, expected Passage")
    return passages


def _checked_probabilities(
    probabilities: ArrayLike, n_sentences: int, n_themes: int, n_tones: int
) -> Array:
    said = np.asarray(probabilities, dtype=float)
    wanted = (n_sentences, n_themes + n_tones)
    if said.shape != wanted:
        raise ValueError(
            f"probabilities have shape {said.shape}, expected {wanted}: "
            "a row for each sentence; themes, then tones"
        )
    wrong = ~((said >= 0) & (said <= 1))
    if wrong.any():
        row, column = np.argwhere(wrong)[0].tolist()
        raise ValueError(
            f"probabilities[{row}, {column}] is {said[row, column]}, expected 0 to 1; "
            "every sentence needs out-of-fold probabilities"
        )
    sums = said[:, n_themes:].sum(axis=1)
    if n_tones and (np.abs(sums - 1) > 1e-3).any():
        row = int(np.abs(sums - 1).argmax())
        raise ValueError(f"tones of probabilities[{row}] add up to {sums[row]:.3f}, expected 1")
    return said


def _names(names: Sequence[str], what: str) -> tuple[str, ...]:
    if isinstance(names, str):
        raise TypeError(f"{what} is the string {names!r}; pass a list of names")
    return tuple(names)


def _check_number(n: int | None) -> None:
    if n is not None and n < 1:
        raise ValueError(f"n is {n}, expected 1 or more")


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.2f}"
    if isinstance(value, tuple):
        return printable(", ".join(value)) or "-"
    if isinstance(value, dict):
        return ", ".join(f"{printable(coder)} {_cell(said)}" for coder, said in value.items())
    return printable(str(value))


def _columns(found: Suspect | Candidate | Disagreement) -> Iterator[tuple[str, object]]:
    for name in (f.name for f in fields(found)):
        value = getattr(found, name)
        if isinstance(value, dict):
            yield from ((f"{name}_{coder}", said) for coder, said in value.items())
        else:
            yield name, ";".join(value) if isinstance(value, tuple) else value
