"""Text to sentences, with exact places.

Lines are cut first: paragraphs, headings and list items stand on lines of their own.
Inside a line nupunkt finds the borders; a few repairs follow, each for a case that news
and speeches have and that nupunkt 0.8 cuts otherwise.
"""

import re
from typing import NamedTuple

import nupunkt

MAX_HEADING_WORDS = 20
MAX_LIST_MARK = 6  # characters
MAX_RANK = 8

_LINE = re.compile(r"[^\n\r\v\f\x1c-\x1e\x85\u2028\u2029]+")
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

    A heading is a line of its own of at most `MAX_HEADING_WORDS` words that has no mark
    at its end, is no list item, and has more text below it.

    Parameters
    ----------
    text : str
        Any Unicode text. Line breaks end a sentence.

    Returns
    -------
    list of Span
        In order and without overlap. All of `text` outside of them is white space, and
        none begins or ends with white space.

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
        spans += [Span(a, b, heading) for a, b in pieces]
    return spans


def _pieces(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Borders by nupunkt and before bullets; places in `text`, white space stripped."""
    line = text[start:end]
    cuts = {a for a, _ in nupunkt.sent_spans(line)} | {0}
    cuts |= {m.start() for m in _BULLET.finditer(line)}
    ordered = sorted(cuts)
    return [
        _strip(text, start + a, start + b)
        for a, b in zip(ordered, [*ordered[1:], len(line)], strict=True)
        if not line[a:b].isspace()
    ]


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
