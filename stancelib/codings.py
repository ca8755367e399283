"""What labels mean, and how several coders' labels add up."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from stancelib.errors import DataError
from stancelib.label_records import Log
from stancelib.records import Coding, Example, Passage

RULES = ("majority", "unanimous", "any")
NONE = "none"  # the label that says: coded, and no theme applies

Labels = tuple[frozenset[str] | None, str | None]
Rule = str | Callable[[tuple[Coding, ...]], Labels]


@dataclass(frozen=True, slots=True)
class Scheme:
    """What a file's labels mean.

    Attributes
    ----------
    tones : tuple of str
        Labels that are tones, in any case; all others are themes.
    rename : mapping of str to str or None
        Names to put in the place of labels; None drops the label.
    empty : str
        "none" if a sentence that was coded and got no theme has none, "uncoded" if its
        themes were not coded.
    """

    tones: tuple[str, ...]
    rename: Mapping[str, str | None] = field(default_factory=dict)
    empty: str = NONE

    def renamed(self, labels: Iterable[str], log: Log) -> list[str]:
        """Rename labels; those that are dropped are counted."""
        names = []
        for label in labels:
            name = self.rename.get(label, label)
            if name is None:
                log.skipped[f"label {label!r}, dropped by rename"] += 1
            else:
                names.append(name)
        return names

    def names(self, labels: Iterable[str], log: Log) -> list[str]:
        """Rename labels, strip blanks, and write tones and "none" as they are written here."""
        labels = [label.strip() for label in labels]
        if "" in labels:
            raise DataError("a label is blank")
        own = {name.casefold(): name for name in (NONE, *self.tones)}
        return [own.get(name.casefold(), name) for name in self.renamed(labels, log)]


def combine(codings: Sequence[Coding], rule: Rule = "majority") -> Labels:
    """Combine what several coders said of a sentence.

    Parameters
    ----------
    codings : sequence of Coding
        One or more.
    rule : str or callable, optional
        - "majority": a theme applies if more than half of those who coded themes gave it,
          and does not if less than half did; the tone is the most frequent. Themes with
          a theme at just half, and tones that are equally frequent, are not coded.
        - "unanimous": as all say; not coded where two differ.
        - "any": a theme applies if one coder gave it; the tone as by majority.
        - any other string: as the coder of this name says.
        - a function of the tuple of codings, which returns themes and tone.

    Returns
    -------
    frozenset of str or None
        The themes; None for "not coded".
    str or None
        The tone; None for "not coded".

    Raises
    ------
    TypeError
        The function returned something else.

    Examples
    --------
    >>> ann = Coding("ann", frozenset({"economy"}), "neutral")
    >>> ben = Coding("ben", frozenset(), "neutral")
    >>> combine([ann, ben])
    (None, 'neutral')
    >>> combine([ann, ben, Coding("cat", frozenset(), "positive")])
    (frozenset(), 'neutral')
    """
    if callable(rule):
        return _checked(rule(tuple(codings)))
    if rule not in RULES:
        own = [c for c in codings if c.coder == rule]
        return (own[0].themes, own[0].tone) if own else (None, None)
    themes = [c.themes for c in codings if c.themes is not None]
    tones = Counter(c.tone for c in codings if c.tone is not None)
    if rule == "unanimous":
        same_themes = themes[0] if len(set(themes)) == 1 else None
        return same_themes, next(iter(tones)) if len(tones) == 1 else None
    first = tones.most_common(2)
    tone = first[0][0] if first and (len(first) < 2 or first[0][1] > first[1][1]) else None
    if rule == "any":
        return (frozenset().union(*themes) if themes else None), tone
    counts = Counter(theme for given in themes for theme in given)
    if not themes or any(2 * n == len(themes) for n in counts.values()):
        return None, tone
    return frozenset(theme for theme, n in counts.items() if 2 * n > len(themes)), tone


def check_rule(rule: Rule, passages: Sequence[Passage]) -> None:
    """Check that a rule is one, or the name of a coder.

    Raises
    ------
    TypeError
        It is neither a string nor a function.
    ValueError
        It is neither; the coders are named.
    """
    if not isinstance(rule, str) and not callable(rule):
        raise TypeError(f"coders is {rule!r}, expected a string or a function")
    coders = {c.coder for p in passages for e in p.examples for c in e.codings}
    if isinstance(rule, str) and rule not in (*RULES, *coders):
        raise ValueError(
            f"coders is {rule!r}, expected one of {list(RULES)}, a function, "
            f"or a coder's name: there are {sorted(coders)}"
        )


def recombine(passage: Passage, rule: Rule) -> Passage:
    """Combine the codings of a passage anew; sentences without codings keep their labels."""
    examples = (
        Example(e.text, *combine(e.codings, rule), e.codings) if e.codings else e
        for e in passage.examples
    )
    return replace(passage, examples=tuple(examples))


def rename_labels(passage: Passage, scheme: Scheme, log: Log) -> Passage:
    """Rename the labels of a passage, those of its codings included."""

    def renamed(labels: Labels) -> Labels:
        themes, tone = labels
        tones = scheme.renamed([] if tone is None else [tone], log)
        return (
            None if themes is None else frozenset(scheme.renamed(themes, log)),
            tones[0] if tones else None,
        )

    examples = (
        Example(
            e.text,
            *renamed((e.themes, e.tone)),
            tuple(Coding(c.coder, *renamed((c.themes, c.tone))) for c in e.codings),
        )
        for e in passage.examples
    )
    return replace(passage, examples=tuple(examples))


def _checked(labels: object) -> Labels:
    themes, tone = labels if isinstance(labels, tuple) and len(labels) == 2 else ("", "")
    if isinstance(themes, str) or not isinstance(tone, str | None):
        raise TypeError(
            f"coders() returned {labels!r}, expected (set of themes or None, tone or None)"
        )
    return None if themes is None else frozenset(themes), tone
