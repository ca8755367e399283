"""Text to sentences, with exact places.

Lines are cut first: paragraphs, headings and list items stand on lines of their own.
Inside a line nupunkt finds the borders; a few repairs follow, each for a case that news
and speeches have and that nupunkt 0.8 cuts otherwise.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate, chain, islice, pairwise
from typing import NamedTuple

import nupunkt

MAX_SENTENCE = 10_000  # characters; what is longer is no sentence, and is cut
MAX_RUN = 1000  # characters without white space that the borders are looked for in
MAX_HEADING_WORDS = 20
MAX_LIST_MARK = 6  # characters
MAX_RANK = 8

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
_SPACE = re.compile(r"\s+")
_LAST_SPACE = re.compile(r".*\s", re.DOTALL)
_LONG_RUN = re.compile(rf"\S{{{MAX_RUN + 1},}}")
_BULLET = re.compile(r"(?<=\s)(?=[•▪●]\s)")
_END_MARK = re.compile(r"[.!?…:;,][\"'”’»)\]]*$")
_CLOSING = re.compile(r"[”’»)\]]+(?=\s|[“‘«(\[]|$)")
_LIST_MARK = re.compile(r"\(?(?:\d{1,3}|[a-z]|[ivx]{1,4})[.)]|[•▪●*–—-]")
_RANK = re.compile(r"(?:^|\s)(?:Lt|Col|Maj|Gen|Capt|Cmdr|Adm|Sgt|Amb|Brig|Insp|Supt)\.$")


class Span(NamedTuple):
    """Where a sentence stands: ``text[start:end]``, and whether it is a heading."""

    start: int
    end: int
    heading: bool


def split_sentences(text: str) -> list[Span]:
    r"""Cut a text into sentences and headings.

    What has no border for `MAX_SENTENCE` characters is cut, at white space if there is
    any. The time taken is linear in the length of the text.

    A heading is a line of its own of at most `MAX_HEADING_WORDS` words that has no mark
    at its end, is no list item, and has more text below it.

    Parameters
    ----------
    text : str
        Any Unicode text. Line breaks end a sentence.

    Returns
    -------
    list of Span
        In order and without overlap. All of `text` outside of them is white space; none
        begins or ends with white space, or is longer than `MAX_SENTENCE`.

    References
    ----------
    .. [1] nupunkt: https://github.com/alea-institute/nupunkt, after Kiss and Strunk
       (2006), "Unsupervised multilingual sentence boundary detection",
       doi:10.1162/coli.2006.32.4.485.

    Examples
    --------
    >>> text = "Talks resume\nGen. Lee met Mr. Orr. “We agree. It holds,” he said."
    >>> [text[s.start : s.end] for s in split_sentences(text)]
    ['Talks resume', 'Gen. Lee met Mr. Orr.', '“We agree.', 'It holds,” he said.']
    """
    spans: list[Span] = []
    lines = [m.span() for m in _LINE.finditer(text) if not m.group().isspace()]
    for number, (start, end) in enumerate(lines):
        pieces = _repair(text, _pieces(text, start, end))
        heading = len(pieces) == 1 and number + 1 < len(lines) and _is_heading(text, *pieces[0])
        spans += [Span(a, b, heading) for piece in pieces for a, b in _shorten(text, *piece)]
    return spans


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Borders by nupunkt and before bullets; places in `text`, white space stripped."""
    line = text[start:end]
    cuts = _borders(line) | {0}
    cuts |= {m.start() for m in _BULLET.finditer(line)}
    ordered = sorted(cuts)
    return [
        _strip(text, start + a, start + b)
        for a, b in zip(ordered, [*ordered[1:], len(line)], strict=True)
        if not line[a:b].isspace()
    ]


def _borders(line: str) -> set[int]:
    """Where sentences begin, as nupunkt sees it.

    For each mark in it, nupunkt reads a run without white space to its end: quadratic. So
    it does not get to see the middle of a long run.
    """
    middles = [(m.start() + MAX_RUN // 2, m.end() - MAX_RUN // 2) for m in _LONG_RUN.finditer(line)]
    kept = pairwise([0, *chain.from_iterable(middles), len(line)])
    pieces = [line[a:b] for a, b in islice(kept, 0, None, 2)]
    ends = list(accumulate(map(len, pieces)))
    gaps = list(accumulate((b - a for a, b in middles), initial=0))
    return {a + gaps[bisect_right(ends, a)] for a, _ in nupunkt.sent_spans("".join(pieces))}


def _shorten(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Cut a piece that is too long, after the last white space that comes early enough."""
    while end - start > MAX_SENTENCE:
        limit = start + MAX_SENTENCE
        last = _LAST_SPACE.match(text, start, limit + 1)
        cut = last.end() if last else limit
        yield _strip(text, start, cut)
        space = _SPACE.match(text, cut, end)
        start = space.end() if space else cut
    yield start, end


def _repair(text: str, pieces: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join what was cut too early: before a lower-case word, after "(…)", "2." or "Lt."."""
    repaired: list[tuple[int, int]] = []
    join = False  # whether the next piece belongs to the last one
    for start, end in pieces:
        closing = _CLOSING.match(text, start, end) if repaired else None
        if closing and not join:
            repaired[-1] = (repaired[-1][0], closing.end())
            start, end = _strip(text, closing.end(), end)
            if start == end:
                continue
        if repaired and (join or _goes_on(text, repaired[-1][1], start)):
            repaired[-1] = (repaired[-1][0], end)
        else:
            repaired.append((start, end))
        wordless = not any(c.isalnum() for c in text[start:end])
        join = (wordless and (join or repaired[-1][0] == start)) or _leads_on(text, start, end)
    if len(repaired) > 1 and join and not any(c.isalnum() for c in text[slice(*repaired[-1])]):
        _, end = repaired.pop()
        repaired[-1] = (repaired[-1][0], end)
    return repaired


def _goes_on(text: str, end: int, start: int) -> bool:
    """Whether a piece goes on with the sentence before it, since it begins with a small letter."""
    return text[start].islower() and text[end - 1] in ".…"


def _leads_on(text: str, start: int, end: int) -> bool:
    """Whether a piece is the mark of a list item, or ends with a rank: "2." and "said Lt."."""
    if end - start <= MAX_LIST_MARK and _LIST_MARK.fullmatch(text, start, end):
        return True
    return _RANK.search(text, max(start, end - MAX_RANK), end) is not None


def _is_heading(text: str, start: int, end: int) -> bool:
    line = text[start:end]
    words = line.split()
    if len(words) > MAX_HEADING_WORDS or not any(c.isalpha() for c in line):
        return False
    return not _END_MARK.search(line) and not _LIST_MARK.fullmatch(words[0])


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    return start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
