"""The words and phrases that a model knows, and how they are found in sentences.

A *unit* is a word or a phrase of up to `MAX_WORDS` words. Units are numbered: words
first, then the nodes of a trie over words, whose leaves and some inner nodes are the
phrases. Finding is done for a whole batch at once, in numpy.

Some units open a *scope* over the words that follow: a negator turns their tone round,
an intensifier makes it stronger. A scope ends after as many tokens as its opener
reaches, at the next opener, at the next clause mark or at the end of the sentence. A
lexicon phrase *covers* its words: "no longer a threat" speaks for "threat".
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from stancelib.tokens import number_shape, tokenize

MAX_WORDS = 6
MAX_IDF = 9.0
SMOOTHING = 40.0  # added to the squared length of a sentence
SEPARATOR = ""  # word 0: stands between sentences, so that no phrase runs over their border
CLAUSE_MARKS = frozenset([SEPARATOR, *',;:.?!()[]–—“”"'])

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]


class Scope(NamedTuple):
    """A scope that a unit opens: which one, 1 or more, and over how many tokens."""

    kind: int
    reach: int


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in a batch of sentences; one row per token or phrase.

    Attributes
    ----------
    words : array of int64, shape (n_tokens,)
        Unit of each token. Each sentence ends with one `SEPARATOR`. A word that the
        inventory does not hold has the unit ``n_units + i`` for the i-th string of
        `unknown`.
    scopes : array of int64, shape (n_tokens,)
        Scope in which each token stands; 0 is none.
    covered : array of bool, shape (n_tokens,)
        Whether a lexicon phrase speaks for the token.
    starts : array of int64, shape (n_sentences,)
        Where each sentence begins among the tokens.
    phrases : array of int64, shape (n_phrases,)
        Unit of each phrase found.
    places, ends : array of int64, shape (n_phrases,)
        First and last token of each phrase.
    speaks : array of bool, shape (n_phrases,)
        False for a lexicon phrase inside a longer one.
    unknown : list of str
        The words that the inventory does not hold, each once.
    """

    words: IntArray
    scopes: IntArray
    covered: BoolArray
    starts: IntArray
    phrases: IntArray
    places: IntArray
    ends: IntArray
    speaks: BoolArray
    unknown: list[str]


class Inventory:
    """Words and phrases by number, ready to be found in sentences.

    Parameters
    ----------
    words : sequence of str
        Word of each unit from 0 on: `SEPARATOR`, then numbers and marks, then words.
    parents, children : array of int64, shape (n_nodes,)
        Trie over words: node ``n_words + i`` is unit ``parents[i]`` followed by the
        word ``children[i]``. Sorted by parent, then child, so that nodes can be looked
        up by bisection and parents come before their children.
    covers : array of bool, shape (n_units,)
        Units that speak for the words they are made of.
    scope_kinds, reaches : array of int64, shape (n_units,)
        Scope that a unit opens over what follows (0 is none), and over how many tokens.

    Attributes
    ----------
    first_word : int
        The units from here up to `n_words` begin with a letter: no numbers, no marks.
    """

    def __init__(
        self,
        words: Sequence[str],
        parents: IntArray,
        children: IntArray,
        covers: BoolArray,
        scope_kinds: IntArray,
        reaches: IntArray,
    ) -> None:
        self.words = list(words)
        self.parents = parents
        self.children = children
        self.covers = covers
        self.scope_kinds = scope_kinds
        self.reaches = reaches
        self.first_word = bisect_left(self.words, True, key=_is_word)
        self._ids = dict(zip(self.words, range(len(self.words)), strict=True))
        self._keys = parents * len(self.words) + children
        self._clause_marks = np.zeros(len(self.words), dtype=bool)
        self._clause_marks[[self._ids[mark] for mark in CLAUSE_MARKS]] = True

    @property
    def n_words(self) -> int:
        """Number of words, the separator among them."""
        return len(self.words)

    @property
    def n_units(self) -> int:
        """Number of words and trie nodes."""
        return len(self.words) + len(self.parents)

    @classmethod
    def build(
        cls,
        words: Sequence[str],
        phrases: Sequence[tuple[str, ...]],
        covering: frozenset[tuple[str, ...]] = frozenset(),
        openers: Mapping[tuple[str, ...], Scope] = MappingProxyType({}),
    ) -> Self:
        """Give the words and phrases their numbers.

        Parameters
        ----------
        words : sequence of str
            Single words to know; clause marks are known in any case.
        phrases : sequence of tuple of str
            Phrases of two to `MAX_WORDS` tokens; their words are added to `words`.
        covering : frozenset of tuple of str, optional
            Those of the phrases that cover their words.
        openers : mapping of tuple of str to Scope, optional
            Units (of one token or more) that open a scope, which one, and over how much.

        Returns
        -------
        Inventory
            With words in sorted order, whatever the order they were given in.

        Raises
        ------
        ValueError
            A phrase has fewer than two or more than `MAX_WORDS` tokens.
        """
        longer = {p for p in openers if len(p) > 1}.union(phrases)
        for phrase in longer:
            if not 2 <= len(phrase) <= MAX_WORDS:
                raise ValueError(
                    f"phrase {phrase}: {len(phrase)} tokens, allowed are 2 to {MAX_WORDS}"
                )
        singles = {p[0] for p in openers if len(p) == 1}
        known = [
            SEPARATOR,
            *sorted(
                CLAUSE_MARKS.union(words, singles, *longer) - {SEPARATOR},
                key=lambda word: (_is_word(word), word),
            ),
        ]
        unit_of: dict[tuple[str, ...], int] = {(word,): i for i, word in enumerate(known)}
        edges: list[tuple[int, int]] = []
        for length in range(2, MAX_WORDS + 1):
            starts = {p[:length] for p in longer if len(p) >= length}
            level = sorted((unit_of[s[:-1]], unit_of[s[-1:]], s) for s in starts)
            unit_of |= {s: len(known) + len(edges) + i for i, (_, _, s) in enumerate(level)}
            edges += [(parent, child) for parent, child, _ in level]
        covers = np.zeros(len(known) + len(edges), dtype=bool)
        covers[[unit_of[p] for p in covering]] = True
        kinds, reaches = np.zeros((2, len(covers)), dtype=np.int64)
        for unit, scope in openers.items():
            kinds[unit_of[unit]], reaches[unit_of[unit]] = scope
        parents, children = np.array(edges, dtype=np.int64).reshape(-1, 2).T
        return cls(known, parents, children, covers, kinds, reaches)

    def unit(self, tokens: tuple[str, ...]) -> int | None:
        """Look up the unit of a word or phrase; None when there is none."""
        node = self._ids.get(tokens[0])
        for token in tokens[1:]:
            child = self._ids.get(token)
            if node is None or child is None:
                return None
            key = node * self.n_words + child
            at = int(np.searchsorted(self._keys, key))
            known = at < len(self._keys) and self._keys[at] == key
            node = self.n_words + at if known else None
        return node

    def name(self, unit: int) -> str:
        """Spell out a unit, with blanks between its words."""
        words = []
        while unit >= self.n_words:
            words.append(self.words[self.children[unit - self.n_words]])
            unit = int(self.parents[unit - self.n_words])
        return " ".join([self.words[unit], *reversed(words)])

    def find(self, sentences: Sequence[str]) -> Found:
        """Find words, phrases and scopes in sentences.

        Parameters
        ----------
        sentences : sequence of str
            Sentences, each looked at by itself.

        Returns
        -------
        Found
            Units in order of their place.
        """
        words, starts, unknown = self._look_up(sentences)
        known = np.where(words < self.n_words, words, 0)
        units, places, lengths = self._match(known)
        covered, speaks = self._cover(units, places, lengths, len(words))
        ends = places + lengths - 1
        scopes = self._scopes(words, known, units, ends)
        return Found(words, scopes, covered, starts, units, places, ends, speaks, unknown)

    def _look_up(self, sentences: Sequence[str]) -> tuple[IntArray, IntArray, list[str]]:
        tokens: list[str] = []
        starts = np.zeros(len(sentences), dtype=np.int64)
        for i, sentence in enumerate(sentences):
            starts[i] = len(tokens)
            tokens += tokenize(sentence)
            tokens.append(SEPARATOR)
        found = list(map(self._ids.get, tokens))
        strangers: dict[str, int] = {}
        if None in found:
            for at, unit in enumerate(found):
                if unit is None:
                    token = tokens[at]
                    if token[0].isdigit():
                        token = number_shape(token)
                        unit = self._ids.get(token)
                    if unit is None:
                        unit = self.n_units + strangers.setdefault(token, len(strangers))
                    found[at] = unit
        return np.array(found, dtype=np.int64), starts, list(strangers)

    def _match(self, words: IntArray) -> tuple[IntArray, IntArray, IntArray]:
        """All phrases at all places, by a walk of all places through the trie at once."""
        places = np.arange(len(words))
        nodes = words
        units, starts, lengths = [], [], []
        for length in range(2, MAX_WORDS + 1):
            inside = places + length <= len(words)
            places, nodes = places[inside], nodes[inside]
            keys = nodes * self.n_words + words[places + length - 1]
            at = np.searchsorted(self._keys, keys)
            at[at == len(self._keys)] = 0
            hit = self._keys[at] == keys if len(self._keys) else np.zeros(len(keys), dtype=bool)
            places, nodes = places[hit], self.n_words + at[hit]
            units.append(nodes)
            starts.append(places)
            lengths.append(np.full(len(places), length))
        return np.concatenate(units), np.concatenate(starts), np.concatenate(lengths)

    def _cover(
        self, units: IntArray, places: IntArray, lengths: IntArray, n_tokens: int
    ) -> tuple[BoolArray, BoolArray]:
        """Let the longest phrases speak first; a phrase inside spoken ground is silent."""
        covered = np.zeros(n_tokens, dtype=bool)
        speaks = np.ones(len(units), dtype=bool)
        covers = self.covers[units]
        for length in range(MAX_WORDS, 1, -1):
            rows = np.flatnonzero(covers & (lengths == length))
            spans = places[rows, None] + np.arange(length)
            free = ~covered[spans].all(axis=1)
            speaks[rows] = free
            covered[spans[free]] = True
        return covered, speaks

    def _scopes(
        self, words: IntArray, known: IntArray, units: IntArray, ends: IntArray
    ) -> IntArray:
        """Scope of each token: that of the last opener before it, unless too far or cut off.

        An opener may end with a clause mark itself ("however,").
        """
        index = np.arange(len(words))
        opener = np.where(self.scope_kinds[known] > 0, known, 0)
        long = self.scope_kinds[units] > 0
        opener[ends[long]] = units[long]  # shorter ones first: the longest stays
        last_open = np.maximum.accumulate(np.where(opener > 0, index, -1))
        marks = self._clause_marks[known] & (words < self.n_words)
        last_mark = np.maximum.accumulate(np.where(marks, index, -1))
        before = np.concatenate([[-1], last_open[:-1]])
        near = index - before <= self.reaches[opener[before]]
        within = (before >= 0) & (before >= last_mark) & near
        return np.where(within, self.scope_kinds[opener[before]], 0)


def _is_word(token: str) -> bool:
    return token[:1].isalpha()
