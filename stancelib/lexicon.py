"""The lexicon: terms with a tone and theme cues, and the words that open a scope.

`lexicon.tsv` holds one term a line: the term (one to six tokens), its tone from -3 to
3, and the letters of its theme cues or ``-``. `scopes.tsv` holds one opener a line: the
term, the name of the scope that it opens, and over how many tokens (1 to `MAX_REACH`).

===========  ====================================================================
scope        what stands in it
===========  ====================================================================
negated      is denied or turned round: "not", "failed to", "an end to"
diminished   is weakened: "slightly", "hardly"
intensified  is made stronger: "deeply", "record"
conceded     gives way to the main clause: "although", "despite"
contrasted   wins over what stood before: "but", "nevertheless"
intended     is duty, wish, plan or condition, not deed: "must", "hopes to", "if"
===========  ====================================================================
"""

from dataclasses import dataclass
from pathlib import Path

from stancelib.errors import DataError
from stancelib.inventory import MAX_WORDS, Scope
from stancelib.tokens import tokenize

CUES = "SECRL"
SCOPES = (
    "plain",
    "negated",
    "diminished",
    "intensified",
    "conceded",
    "contrasted",
    "intended",
)
MAX_REACH = 30
_REACHES = {str(reach) for reach in range(1, MAX_REACH + 1)}

Term = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Entry:
    """What the lexicon says of a term: its tone, -3 to 3, and its cues, letters of `CUES`."""

    tone: int
    cues: str


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Terms with their entries, and openers with their scopes.

    Attributes
    ----------
    entries : dict of tuple of str to Entry
        By the tokens of the term.
    openers : dict of tuple of str to Scope
        By the tokens of the term; the kind is an index into `SCOPES`.
    """

    entries: dict[Term, Entry]
    openers: dict[Term, Scope]


def read_lexicon(folder: Path) -> Lexicon:
    """Read `lexicon.tsv` and `scopes.tsv` of a corpus folder.

    Parameters
    ----------
    folder : Path
        Folder that holds the two files.

    Returns
    -------
    Lexicon
        Terms as tuples of tokens.

    Raises
    ------
    DataError
        A line is not of the format, or a term stands there twice. Up to 20 faults are
        named at once, each with its file and line.
    """
    entries: dict[Term, Entry] = {}
    openers: dict[Term, Scope] = {}
    faults: list[str] = []
    for where, fields in _lines(folder / "lexicon.tsv"):
        term, fault = _entry(fields, entries)
        if fault:
            faults.append(f"{where}: {fault}")
        else:
            entries[term] = Entry(int(fields[1]), "" if fields[2] == "-" else fields[2])
    for where, fields in _lines(folder / "scopes.tsv"):
        term = tuple(tokenize(fields[0]))
        if len(fields) != 3 or fields[1] not in SCOPES[1:] or fields[2] not in _REACHES:
            faults.append(
                f"{where}: {fields}: expected a term, one of {SCOPES[1:]}, and its reach, "
                f"1 to {MAX_REACH}"
            )
        elif not 1 <= len(term) <= MAX_WORDS or term in openers:
            faults.append(f"{where}: {fields[0]!r} has {len(term)} tokens or stands there twice")
        else:
            openers[term] = Scope(SCOPES.index(fields[1]), int(fields[2]))
    if faults:
        raise DataError("\n".join([f"{len(faults)} faults in the lexicon", *faults[:20]]))
    return Lexicon(entries, openers)


def _lines(path: Path) -> list[tuple[str, list[str]]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(f"{path.name}:{no}", line.split("\t")) for no, line in enumerate(lines, 1) if line]


def _entry(fields: list[str], known: dict[Term, Entry]) -> tuple[Term, str]:
    if len(fields) != 3:
        return (), f"{len(fields)} fields, expected term, tone and cues, separated by tabs"
    term = tuple(tokenize(fields[0]))
    if not 1 <= len(term) <= MAX_WORDS:
        return term, f"{fields[0]!r} has {len(term)} tokens, allowed are 1 to {MAX_WORDS}"
    if fields[1] not in {"-3", "-2", "-1", "0", "1", "2", "3"}:
        return term, f"tone {fields[1]!r} of {fields[0]!r} is not a whole number from -3 to 3"
    if fields[2] != "-" and not (fields[2] and set(fields[2]) <= set(CUES)):
        return term, f"cues {fields[2]!r} of {fields[0]!r} are not letters of {CUES} or -"
    if term in known:
        return term, f"{fields[0]!r} stands there twice"
    return term, ""
