"""Labelled sentences in and out: files of all shapes to passages, checked record by record."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, overload

from stancelib.codings import Rule, Scheme, check_rule, recombine, rename_labels
from stancelib.errors import DataError
from stancelib.label_assembly import assemble
from stancelib.label_formats import read_records
from stancelib.label_records import ROLES, Columns, Log
from stancelib.label_sources import FORMATS, read_file, read_objects, recognise
from stancelib.label_writers import WRITABLE, Suggester, write_passages
from stancelib.passage_lines import read_passages
from stancelib.records import Example, Passage


@dataclass(frozen=True, eq=False)
class Examples(Sequence[Passage]):
    """Labelled passages, with an account of how they were read.

    A sequence of `Passage`, equal to any list of the same passages.

    Attributes
    ----------
    passages : tuple of Passage
        In the order of the file.
    format : str
        The shape of the file.
    skipped : dict of str to int
        What was found and does not count as a label, or was left out: how often, by reason.
    undecided : dict of str to int
        Sentences whose "themes", or "tone", several coders coded without a result.
    """

    passages: tuple[Passage, ...]
    format: str
    skipped: dict[str, int] = field(default_factory=dict)
    undecided: dict[str, int] = field(default_factory=dict)

    def summary(self) -> str:
        """Count what was read, for printing.

        Examples
        --------
        >>> print(read_examples([{"text": "Exports fell.", "label": ["economy"]}]).summary())
        1 sentences in 1 passages, read as doccano
        coded for themes: 1, for tone: 0
        themes: economy 1, none 0
        """
        examples = [e for p in self.passages for e in p.examples]
        coded = [e.themes for e in examples if e.themes is not None]
        themes = Counter(theme for given in coded for theme in sorted(given))
        tones = Counter(e.tone for e in examples if e.tone is not None)
        coders = Counter(c.coder for e in examples for c in e.codings)
        lines = [
            f"{len(examples)} sentences in {len(self)} passages, read as {self.format}",
            f"coded for themes: {len(coded)}, for tone: {tones.total()}",
        ]
        if coded:
            lines.append(
                f"themes: {_counts(themes)}{', ' if themes else ''}none {coded.count(frozenset())}"
            )
        if tones:
            lines.append(f"tones: {_counts(tones)}")
        if coders:
            several = sum(len(e.codings) > 1 for e in examples)
            lines.append(f"coders: {_counts(coders)}; {several} sentences coded by several")
        if any(self.undecided.values()):
            lines.append(f"coded by several, undecided: {_counts(self.undecided)}")
        lines += [f"not counted: {reason}: {n}" for reason, n in self.skipped.items()]
        return "\n".join(lines)

    def __len__(self) -> int:
        return len(self.passages)

    def __iter__(self) -> Iterator[Passage]:
        return iter(self.passages)

    @overload
    def __getitem__(self, index: int) -> Passage: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, index: int | slice) -> Passage | tuple[Passage, ...]:
        return self.passages[index]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Examples | list | tuple):
            return NotImplemented
        return self.passages == tuple(other)

    __hash__ = None  # type: ignore[assignment]  # passages hold dicts


def read_examples(
    source: object,
    *,
    format: str | None = None,  # noqa: A002
    tones: Sequence[str] = ("negative", "neutral", "positive"),
    names: Sequence[str] | None = None,
    rename: Mapping[str, str | None] | None = None,
    empty: str = "none",
    coders: Rule | None = None,
    columns: Columns | None = None,
    separator: str | None = None,
    encoding: str = "utf-8-sig",
) -> Examples:
    r"""Read coded sentences: own files, spreadsheets, exports of annotation tools.

    Own files have one passage a line: an object with ``sents``, a list of
    ``[text, themes, tone]``, and, if known, ``id``, ``title``, ``before`` (a list of up to a
    few sentences that stand before the first) and ``weight``. `themes` is a list of names,
    empty for none; `themes` or `tone` may be null for "not coded"; a fourth element may list
    what each of several coders said, ``[coder, themes, tone]``. All other fields are kept as
    metadata, as text.

    In all other files a record is a sentence. Sentences of one ``document`` become one
    passage, in the order of the file; what all of them have in common becomes its metadata.
    Labels that are tones, in upper or lower case, are tones; "none" says that no theme
    applies; all others are themes.

    Parameters
    ----------
    source : str, Path, data frame or list
        A file, or a pandas data frame, or a list of dicts, of `Example` or of `Passage`.
    format : str or None, optional
        None to recognise it, or one of

        - "jsonl": own files;
        - "table": CSV, TSV, frames and dicts: one column with labels, or a column of 0 and
          1 for each, and perhaps one with the tone;
        - "doccano", "label-studio", "label-studio-min" (JSON-MIN and CSV), "argilla" (flat
          records), "prodigy": what these tools export;
        - "huggingface" (labels are numbers in `names`), "multi-hot" (a 0 or 1 for each of
          `names`), "spacy" (``cats``), "fasttext" (``__label__``).
    tones : sequence of str, optional
        Labels that are tones. Own files keep the two apart themselves.
    names : sequence of str or None, optional
        Names of labels that are numbers.
    rename : mapping of str to str or None, optional
        Names to put in the place of labels, before all else; None drops the label.
    empty : str, optional
        What it means that a sentence was coded and got no theme: "none", it has none, or
        "uncoded", its themes were not coded. Where no sentence of a file has a theme, themes
        were not coded; where others have a tone, a sentence without any label was not coded.
    coders : str, callable or None, optional
        How to combine several coders: "majority", "unanimous", "any", the name of one, or a
        function of the tuple of `Coding` that returns themes and tone. "majority" takes
        what more than half say; what is tied is not coded. None keeps the labels that stand
        beside the codings in own files, and is "majority" elsewhere.
    columns : mapping or None, optional
        Names of columns or fields, where they are not the usual ones, by role: "text",
        "themes" (a name, or a list of them), "tone", "document", "title", "coder", and "id"
        or "position", which tell sentences apart. None for a role that no column has.
    separator : str or None, optional
        What separates labels in a cell; "" if a cell holds one label, None to recognise
        ``;``, ``|``, ``,`` or ``#``.
    encoding : str, optional
        Of a file.

    Returns
    -------
    sequence of Passage
        An `Examples`; ``print(examples.summary())`` says what was read.

    Raises
    ------
    DataError
        Records are not of their shape, or hold nothing; the shape is ambiguous, or labels are
        numbers without `names`. The first 20 faults are named at once, each with its place.
    TypeError, ValueError, LookupError
        An argument is none of the above.
    OSError
        The file cannot be opened.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "mine.csv"
    >>> _ = file.write_text("text;codes;tone\nExports fell.;trade|jobs;negative\n")
    >>> mine = read_examples(file, columns={"themes": "codes"}, rename={"trade": "economy"})
    >>> sorted(mine[0].examples[0].themes), mine[0].examples[0].tone
    (['economy', 'jobs'], 'negative')
    """
    rename, columns = {} if rename is None else rename, {} if columns is None else columns
    _check_arguments(format, tones, names, rename, empty, columns)
    scheme, log = Scheme(tuple(tones), rename, empty), Log()
    handed = _passages(source)
    if handed is not None:
        format, passages, own = "passages", handed, True  # noqa: A001
    else:
        if isinstance(source, str | Path):
            read = read_file(Path(source), encoding, format, columns, log)
        else:
            read = read_objects(source)
        format = format or recognise(read, names)  # noqa: A001
        own = format == "jsonl"
        if own:
            passages = read_passages(read.entries, read.stem, log)
        else:
            records = read_records(read, format, columns, log, names=names, separator=separator)
            passages = assemble(records, read.place, read.stem, columns, scheme, log)
        log.check()
        if not passages:
            expected = "one JSON object a line" if own else "a sentence a record"
            raise DataError(f"{read.place}: no passages; expected {expected}")
    if own and columns:
        raise ValueError("columns= goes with other files than own ones; leave it out")
    if names is not None and format not in ("huggingface", "multi-hot"):
        raise ValueError(f"names= goes with labels that are numbers; these are read as {format}")
    if own and rename:
        passages = [rename_labels(passage, scheme, log) for passage in passages]
    if coders is not None or not own:
        rule = coders or "majority"
        check_rule(rule, passages)
        passages = [recombine(passage, rule) for passage in passages]
    return Examples(tuple(passages), format, dict(log.skipped), _undecided(passages))


def write_examples(
    examples: str | Path | Iterable[Passage],
    path: str | Path,
    *,
    format: str = "jsonl",  # noqa: A002
    model: Suggester | None = None,
    overwrite: bool = False,
) -> None:
    """Write labelled passages, for reading back or for coding them on in an annotation tool.

    ``read_examples(path, empty="uncoded")`` gives the same passages again, as far as the
    format can carry them: "jsonl" all, the others no `before` and no weight, "doccano" no
    codings, and "label-studio" no labels beside codings. These two tell themes from tones by
    name: a theme must not be called "none" or like a tone.

    Parameters
    ----------
    examples : iterable of Passage
        What `read_examples` gives.
    path : str or Path
        The file to write, in UTF-8.
    format : str, optional
        "jsonl", own lines; "doccano", JSON Lines; or "label-studio", JSON of tasks, for a
        project with the interface of `label_studio_config`.
    model : Model or None, optional
        Suggests labels for sentences that are not yet coded at all: as predictions for
        Label Studio, where they do not count before someone accepts them; as labels for
        doccano, which has nothing else, so that they read back as if they were coded.
    overwrite : bool, optional
        Whether to replace a file that exists.

    Raises
    ------
    FileExistsError
        There is something at `path`, and `overwrite` is false.
    TypeError
        `examples` is a string, or holds something else than passages.
    ValueError
        The format is unknown, or "jsonl" with a model; a passage has no sentences, the id of
        another, or metadata that would be read as something else.
    OSError
        The file cannot be written.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "tasks.json"
    >>> passages = [Passage("a", (Example("Exports fell.", None, None),))]
    >>> write_examples(passages, file, format="label-studio")
    >>> read_examples(file) == passages
    True
    """
    path, passages = Path(path), _check_passages(examples)
    if format not in WRITABLE:
        raise ValueError(f"format is {format!r}, expected one of {list(WRITABLE)}")
    if format == "jsonl" and model is not None:
        raise ValueError(
            "own files hold no suggestions; leave out model=, or choose another format"
        )
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists; choose another name or pass overwrite=True")
    write_passages(passages, path, format, model)


def label_names(passages: Iterable[Passage]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Collect the names of themes and of tones that occur, each in sorted order."""
    themes: set[str] = set()
    tones: set[str] = set()
    for example in (e for p in passages for e in p.examples):
        themes |= example.themes or set()
        if example.tone is not None:
            tones.add(example.tone)
    return tuple(sorted(themes)), tuple(sorted(tones))


def _check_arguments(
    format: str | None,  # noqa: A002
    tones: Sequence[str],
    names: Sequence[str] | None,
    rename: Mapping[str, str | None],
    empty: str,
    columns: Columns,
) -> None:
    if format is not None and format not in FORMATS:
        raise ValueError(f"format is {format!r}, expected one of {list(FORMATS)}")
    if empty not in ("none", "uncoded"):
        raise ValueError(f"empty is {empty!r}, expected 'none' or 'uncoded'")
    for name, value in (("tones", tones), ("names", names)):
        if isinstance(value, str):
            raise TypeError(f"{name} is the string {value!r}; pass a list of names")
    for name, mapping in (("rename", rename), ("columns", columns)):
        if not isinstance(mapping, Mapping):
            raise TypeError(f"{name} is {mapping!r}, expected a mapping")
    if unknown := sorted(set(columns) - set(ROLES)):
        raise ValueError(f"columns names the role {unknown[0]!r}, expected some of {list(ROLES)}")


def _passages(source: object) -> list[Passage] | None:
    """Take up examples or passages that were handed in; None for anything else."""
    if isinstance(source, str | Path) or not isinstance(source, Sequence) or not source:
        return None
    if all(isinstance(item, Passage) for item in source):
        return list(source)
    if all(isinstance(item, Example) for item in source):
        return [Passage(f"example-{n}", (example,)) for n, example in enumerate(source, 1)]
    return None


def _undecided(passages: Sequence[Passage]) -> dict[str, int]:
    counts = {"themes": 0, "tone": 0}
    for example in (e for p in passages for e in p.examples):
        for kind in counts:
            n_coded = sum(getattr(coding, kind) is not None for coding in example.codings)
            counts[kind] += n_coded > 1 and getattr(example, kind) is None
    return counts


def _check_passages(examples: Any) -> list[Passage]:  # noqa: ANN401
    passages = [] if isinstance(examples, str | Path) else list(examples)
    wrong = [p for p in passages if not isinstance(p, Passage)]
    if wrong or isinstance(examples, str | Path):
        what = type(wrong[0] if wrong else examples).__name__
        raise TypeError(f"examples hold {what}; pass passages, as read_examples gives them")
    empty = [p.id for p in passages if not p.examples]
    if empty:
        raise ValueError(f"passage {empty[0]!r} has no sentences; leave it out")
    twice = [name for name, n in Counter(p.id for p in passages).items() if n > 1]
    if twice:
        raise ValueError(f"id {twice[0]!r} belongs to two passages; rename one")
    return passages


def _counts(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{name} {n}" for name, n in ordered)
