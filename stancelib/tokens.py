"""Sentence to tokens: the one place where text becomes tokens, for training and scoring alike.

A token is a run of letters (inner apostrophes kept), letters with dots ("u.s."), a
number, or a single other character that is neither white space nor a hyphen: "long-term"
and "long term" are the same two tokens. Tokens are lower case; ``’`` counts as ``'``.
"""

import re
import unicodedata
from zlib import crc32

N_BUCKETS = 1 << 15
MAX_WORD = 100  # characters; longer words are none, and cost more than their length

# Not letters, but inside words: combining marks, then characters without a width.
_MARKS = "\u0300-\u036f"
_INVISIBLE = "\u00ad\u200b-\u200d\u2060\ufeff"
_RUN = rf"[^\W\d_](?:[^\W\d_]|[{_MARKS}{_INVISIBLE}])*"
_OTHER = rf"[^\w\s\-‐‑{_INVISIBLE}]"
_TOKEN = re.compile(rf"\d+(?:[.,]\d+)*|[a-z]\.(?:[a-z]\.)+|{_RUN}(?:'{_RUN})*|{_OTHER}")
_TOKEN_ASCII = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[a-z]\.(?:[a-z]\.)+|[a-z]+(?:'[a-z]+)*|[^\w\s\-]")
_DROP_INVISIBLE = dict.fromkeys([0xAD, 0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF])


def tokenize(text: str) -> list[str]:
    """Cut a sentence into lower-case tokens.

    Parameters
    ----------
    text : str
        A sentence; any Unicode text will do.

    Returns
    -------
    list of str
        The tokens in order; empty when `text` is blank.

    Examples
    --------
    >>> tokenize("Xi’an’s exports hit $24.3 billion.")
    ["xi'an's", 'exports', 'hit', '$', '24.3', 'billion', '.']
    """
    folded = _fold(text)
    if folded.isascii():
        return _TOKEN_ASCII.findall(folded)
    found = _TOKEN.findall(folded)
    return [token if token.isascii() else _clean(token) for token in found]


def token_spans(text: str) -> list[tuple[str, int, int]]:
    """Cut a sentence into the tokens of `tokenize`, with their places.

    Parameters
    ----------
    text : str
        A sentence.

    Returns
    -------
    list of (str, int, int)
        Token, start and end; ``text[start:end]`` is what the token was made from.

    Examples
    --------
    >>> token_spans("Not now.")
    [('not', 0, 3), ('now', 4, 7), ('.', 7, 8)]
    """
    return [(_clean(m.group()), m.start(), m.end()) for m in _TOKEN.finditer(_fold(text))]


def number_shape(token: str) -> str:
    """Replace the digits of a number by zeros, so that numbers of one shape share a token.

    Examples
    --------
    >>> number_shape("24.3")
    '00.0'
    """
    return re.sub(r"\d", "0", token)


def hash_grams(word: str) -> list[int]:
    """Hash the character n-grams (3 to 5) of a word, its ends marked, to buckets.

    Of a word longer than `MAX_WORD`, only so much is looked at.

    Parameters
    ----------
    word : str
        A token.

    Returns
    -------
    list of int
        Numbers below `N_BUCKETS`, with repetitions; empty for numbers and marks.

    Examples
    --------
    >>> len(hash_grams("oil")), hash_grams("7")
    (6, [])
    """
    if not word[:1].isalpha():
        return []
    framed = f"<{word[:MAX_WORD]}>".encode()
    return [
        crc32(framed[i : i + n]) % N_BUCKETS for n in (3, 4, 5) for i in range(len(framed) - n + 1)
    ]


def _fold(text: str) -> str:
    """Lower case with as many characters as before, so that places stay true."""
    folded = text.lower()
    if len(folded) != len(text):
        folded = "".join(c if len(c.lower()) != 1 else c.lower() for c in text)
    return folded.replace("’", "'")


def _clean(token: str) -> str:
    """Compose accents and drop characters without a width, except in overlong words."""
    if token.isascii() or len(token) > MAX_WORD:
        return token
    return unicodedata.normalize("NFC", token.translate(_DROP_INVISIBLE))
