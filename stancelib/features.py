"""Training features: what is known of each unit, and how often each stands in each sentence.

Every feature of a sentence is a sum over its units, divided by one number (the sentence's
*length*). So a linear model over all of them folds into one row of weights per unit:
that is what `stancelib.scorer` looks up.

==========  =====================================================================
block       features of a unit
==========  =====================================================================
identity    the word or phrase itself
characters  its character n-grams, hashed; they also serve words never seen before
vector      its word vector, learned from public text
lexicon     its tone and theme cues, apart for each scope it stands in
==========  =====================================================================
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from stancelib.inventory import MAX_IDF, SMOOTHING, Found, Inventory
from stancelib.lexicon import CUES, SCOPES, Entry, Lexicon
from stancelib.tokens import N_BUCKETS, hash_grams, number_shape, tokenize

Array = NDArray[np.float64]

MIN_PAIR = 3  # sentences that a pair of words must stand in to be a unit
LEXICON_SCALE = 4.0  # about the idf of a word of middling rarity


@dataclass(frozen=True, slots=True)
class Weights:
    """How loudly each block speaks before training: its scale relative to the others.

    A block of a small scale needs large weights to matter, and the penalty forbids those.
    """

    word: float = 1.0
    pair: float = 0.7
    characters: float = 0.5
    vector: float = 2.0
    lexicon: float = 1.0


@dataclass(frozen=True, slots=True)
class Vectors:
    """Word vectors: a name and a row of length 1 for each word."""

    words: list[str]
    rows: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Block:
    """One block of features: how often rows stand in sentences, and what each row means.

    The features of the sentences are ``counts @ values`` divided by their lengths.

    Attributes
    ----------
    counts : sparse array, shape (n_sentences, n_rows)
    values : sparse or dense array, shape (n_rows, n_features)
    """

    counts: sp.csr_array
    values: sp.csr_array | Array


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """An inventory with what training knows of its units.

    Attributes
    ----------
    inventory : Inventory
        Words and phrases.
    idf : array, shape (n_units,)
        Inverse document frequency of each unit, from 1 to `MAX_IDF`.
    classes : array of int64, shape (n_units,)
        Lexicon class of each unit: an index into `entries`; 0 where it has no entry.
    entries : list of Entry or None
        The distinct entries of the lexicon; the first is None.
    """

    inventory: Inventory
    idf: Array
    classes: NDArray[np.int64]
    entries: list[Entry | None]


def build_vocabulary(
    sentences: Sequence[str], lexicon: Lexicon, extra_words: Iterable[str] = ()
) -> Vocabulary:
    """Collect the units of a corpus, of the lexicon and of the word vectors.

    Parameters
    ----------
    sentences : sequence of str
        All sentences of the corpus.
    lexicon : Lexicon
        Its terms all become units.
    extra_words : iterable of str, optional
        Words to know beside those of the corpus and the lexicon. Numbers among them are
        left out: numbers are known by their shape.

    Returns
    -------
    Vocabulary
        The same for the same input in any order of words.
    """
    literal = {token for term in [*lexicon.entries, *lexicon.openers] for token in term}
    word_counts: Counter[str] = Counter()
    pair_counts: Counter[tuple[str, ...]] = Counter()
    for sentence in sentences:
        tokens = [
            number_shape(t) if t[0].isdigit() and t not in literal else t
            for t in tokenize(sentence)
        ]
        word_counts.update(set(tokens))
        pair_counts.update(set(pairwise(tokens)))
    phrases = {p: n for p, n in pair_counts.items() if n >= MIN_PAIR}
    covering = frozenset(term for term in lexicon.entries if len(term) > 1)
    inventory = Inventory.build(
        [*word_counts, *literal, *(w for w in extra_words if not w[0].isdigit())],
        sorted(covering.union(phrases)),
        covering,
        lexicon.openers,
    )
    frequency = np.zeros(inventory.n_units)
    for word, n in word_counts.items():
        frequency[_known(inventory, (word,))] = n
    for pair, n in phrases.items():
        frequency[_known(inventory, pair)] = n
    idf = np.minimum(np.log((len(sentences) + 1) / (frequency + 1)) + 1, MAX_IDF)
    idf[0] = 0.0
    entries: list[Entry | None] = [None, *sorted(set(lexicon.entries.values()), key=_entry_order)]
    numbers = {entry: i for i, entry in enumerate(entries)}
    classes = np.zeros(inventory.n_units, dtype=np.int64)
    for term, entry in lexicon.entries.items():
        classes[_known(inventory, term)] = numbers[entry]
    return Vocabulary(inventory, idf, classes, entries)


def count_blocks(
    vocabulary: Vocabulary, found: Found, vectors: Vectors | None, weights: Weights
) -> list[Block]:
    """Make the feature blocks of the sentences in which `found` was found.

    Parameters
    ----------
    vocabulary : Vocabulary
        Of the inventory that found it.
    found : Found
        All of its words are known (the sentences are those the vocabulary was built of).
    vectors : Vectors or None
        Word vectors; None leaves that block out.
    weights : Weights
        Scale of each block.

    Returns
    -------
    list of Block
        Units (identity and characters), lexicon, and vectors where given, in this order.
    """
    counts = unit_counts(vocabulary, found)
    blocks = [
        Block(counts, unit_values(vocabulary, counts, weights)),
        Block(class_counts(vocabulary, found), class_values(vocabulary.entries, weights)),
    ]
    if vectors is not None:
        blocks.append(Block(counts, vector_values(vocabulary, vectors, weights)))
    return blocks


def lengths(vocabulary: Vocabulary, found: Found) -> Array:
    """Length of each sentence: the root of its words' squared idf, smoothed.

    Returns
    -------
    array, shape (n_sentences,)
        Positive.
    """
    mass: Array = np.add.reduceat(vocabulary.idf[found.words] ** 2, found.starts)
    return np.sqrt(mass + SMOOTHING)


def unit_values(vocabulary: Vocabulary, counts: sp.csr_array, weights: Weights) -> sp.csr_array:
    """Identity and character features of the units.

    A word has an identity when two sentences hold it; phrases always have one.

    Returns
    -------
    sparse array, shape (n_units, n_units + N_BUCKETS)
        Row of each unit; the last `N_BUCKETS` columns are the hashed character n-grams.
    """
    inventory, idf = vocabulary.inventory, vocabulary.idf
    n_words, n_units = inventory.n_words, inventory.n_units
    identity = np.where(
        np.arange(n_units) < n_words, weights.word * idf, weights.pair * LEXICON_SCALE
    )
    seen = np.bincount(counts.indices, minlength=n_units)
    identity[(np.arange(n_units) < n_words) & (seen < 2)] = 0.0
    rows, columns, values = [], [], []
    for unit, word in enumerate(inventory.words):
        grams = hash_grams(word)
        scale = weights.characters * idf[unit] / max(len(grams), 1) ** 0.5
        rows += [unit] * len(grams)
        columns += grams
        values += [scale] * len(grams)
    characters = sp.csr_array((values, (rows, columns)), shape=(n_units, N_BUCKETS))
    return sp.csr_array(sp.hstack([sp.diags_array(identity), characters]))


def class_values(entries: Sequence[Entry | None], weights: Weights) -> Array:
    """Features of each pair of a lexicon class and a scope.

    Returns
    -------
    array, shape (n_entries * n_scopes, n_features)
        Row ``entry * n_scopes + scope``. Features: the tone as seven indicators and as a
        number, both apart for each scope; each theme cue, alone and with the sign of the
        tone; an indicator for "no cue". Rows of the entry None are zero.
    """
    n_scopes, n_cues = len(SCOPES), len(CUES)
    tones = np.zeros((len(entries), n_scopes, n_scopes, 8))
    cues = np.zeros((len(entries), n_scopes, n_cues * 4 + 1))
    for i, entry in enumerate(entries):
        if entry is None:
            continue
        for scope in range(n_scopes):
            tones[i, scope, scope, entry.tone + 3] = 1.0 if entry.tone else 0.5
            tones[i, scope, scope, 7] = entry.tone
        for cue in entry.cues:
            at = CUES.index(cue) * 4
            cues[i, :, at] = 1.0
            cues[i, :, at + 2 + np.sign(entry.tone)] = 0.5
        cues[i, :, -1] = 0.0 if entry.cues else 0.5
    flat = np.concatenate(
        [tones.reshape(len(entries) * n_scopes, -1), cues.reshape(len(entries) * n_scopes, -1)],
        axis=1,
    )
    return flat * (weights.lexicon * LEXICON_SCALE)


def spoken_classes(
    vocabulary: Vocabulary, found: Found
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lexicon classes that speak in the sentences, each in its scope.

    Returns
    -------
    tokens : array of int64, shape (n_spoken,)
        Where each speaks: at its word, or at the last word of its phrase.
    rows : array of int64, shape (n_spoken,)
        Its row in `class_values`.
    """
    words = np.where(found.covered, 0, vocabulary.classes[found.words])
    phrases = np.where(found.speaks, vocabulary.classes[found.phrases], 0)
    tokens = np.concatenate([np.arange(len(words)), found.ends])
    classes = np.concatenate([words, phrases])
    scopes = np.concatenate([found.scopes, found.scopes[found.places]])
    kept = classes > 0
    return tokens[kept], (classes * len(SCOPES) + scopes)[kept]


def vector_values(vocabulary: Vocabulary, vectors: Vectors, weights: Weights) -> Array:
    """Word vectors of the units, times their idf; zero where there is none.

    Returns
    -------
    array, shape (n_units, n_dimensions)
    """
    values = np.zeros((vocabulary.inventory.n_units, vectors.rows.shape[1]))
    for word, row in zip(vectors.words, vectors.rows, strict=True):
        unit = vocabulary.inventory.unit((word,))
        if unit is not None:
            values[unit] = row
    return values * (weights.vector * vocabulary.idf[:, None])


def unit_counts(vocabulary: Vocabulary, found: Found) -> sp.csr_array:
    """Count the units of each sentence, shape (n_sentences, n_units)."""
    sentence = np.repeat(
        np.arange(len(found.starts)), np.diff(found.starts, append=len(found.words))
    )
    rows = np.concatenate([sentence, sentence[found.places]])
    columns = np.concatenate([found.words, found.phrases])
    shape = (len(found.starts), vocabulary.inventory.n_units)
    return sp.csr_array((np.ones(len(rows)), (rows, columns)), shape=shape)


def class_counts(vocabulary: Vocabulary, found: Found) -> sp.csr_array:
    """Count the lexicon classes in their scopes, shape (n_sentences, n_entries * n_scopes)."""
    tokens, columns = spoken_classes(vocabulary, found)
    rows = np.searchsorted(found.starts, tokens, side="right") - 1
    shape = (len(found.starts), len(vocabulary.entries) * len(SCOPES))
    return sp.csr_array((np.ones(len(columns)), (rows, columns)), shape=shape)


def _known(inventory: Inventory, tokens: tuple[str, ...]) -> int:
    unit = inventory.unit(tokens)
    if unit is None:
        raise KeyError(tokens)
    return unit


def _entry_order(entry: Entry) -> tuple[str, int]:
    return entry.cues, entry.tone
