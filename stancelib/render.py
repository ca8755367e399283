"""Sentences to tables: for a terminal and for a notebook."""

import textwrap
from collections.abc import Sequence
from html import escape
from unicodedata import category

from stancelib.records import Sentence

_ANSI = {"negative": "\033[31m", "positive": "\033[32m"}
_RESET = "\033[0m"
_CSS = {"negative": "#b2182b", "positive": "#1b7837"}


def text_table(sentences: Sequence[Sentence], *, width: int, colour: bool) -> str:
    """Lay sentences out as a table of fixed width.

    Parameters
    ----------
    sentences : sequence of Sentence
        Rows of the table.
    width : int
        Columns of the terminal; the text wraps in what the other columns leave, but never
        in less than 20.
    colour : bool
        Whether to colour the tone with ANSI codes.

    Returns
    -------
    str
        Lines joined by newlines. Control characters of the text are shown as ``�``.
    """
    rows = [(f"{i}", _themes(s), _tone(s), s) for i, s in enumerate(sentences)]
    themes_width = max([len("themes"), *(len(r[1]) for r in rows)])
    tone_width = max([len("tone"), *(len(r[2]) for r in rows)])
    left = 4 + 2 + themes_width + 2 + tone_width + 2
    room = max(width - left, 20)
    lines = [f"{'no.':>4}  {'themes':<{themes_width}}  {'tone':<{tone_width}}  sentence"]
    for number, themes, tone, sentence in rows:
        cell = f"{tone:<{tone_width}}"
        if colour and sentence.tone in _ANSI:
            cell = f"{_ANSI[sentence.tone]}{cell}{_RESET}"
        text = ("# " if sentence.heading else "") + printable(sentence.text)
        first, *more = textwrap.wrap(text, room) or [""]
        lines.append(f"{number:>4}  {themes:<{themes_width}}  {cell}  {first}")
        lines += [" " * left + line for line in more]
    return "\n".join(lines)


def html_table(sentences: Sequence[Sentence]) -> str:
    """Lay sentences out as an HTML table; everything from the text is printable and escaped."""
    rows = []
    for i, sentence in enumerate(sentences):
        colour = _CSS.get(sentence.tone or "", "inherit")
        text = escape(printable(sentence.text))
        if sentence.heading:
            text = f"<b>{text}</b>"
        rows.append(
            f"<tr><td>{i}</td><td>{escape(_themes(sentence))}</td>"
            f'<td style="color:{colour};white-space:nowrap">{escape(_tone(sentence))}</td>'
            f'<td style="text-align:left">{text}</td></tr>'
        )
    head = "<tr><th>no.</th><th>themes</th><th>tone</th><th>sentence</th></tr>"
    return f"<table><thead>{head}</thead><tbody>{''.join(rows)}</tbody></table>"


def printable(text: str) -> str:
    """Replace what is not printable by ``�``.

    So nothing is left that a terminal might obey, or that reorders or breaks a line:
    control and format characters, line separators, surrogates, private and unassigned ones.
    """
    return "".join(c if c.isprintable() or category(c) == "Zs" else "�" for c in text)


def _themes(sentence: Sentence) -> str:
    return ", ".join(f"{t} {sentence.theme_probabilities[t]:.2f}" for t in sentence.themes) or "-"


def _tone(sentence: Sentence) -> str:
    if sentence.tone is None:
        return "-"
    return f"{sentence.tone} {sentence.tone_probabilities[sentence.tone]:.2f}"
