"""Labelled files to passages, checked line by line."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from stancelib.errors import MAX_FAULTS, DataError
from stancelib.records import Example, Passage

_STRUCTURE = {"id", "sents", "title", "before"}


def read_examples(path: str | Path) -> list[Passage]:
    """Read labelled passages from a JSON Lines file.

    One passage a line: an object with ``sents``, a list of ``[text, themes, tone]``, and,
    if known, ``id``, ``title`` and ``before`` (a list of up to a few sentences that stand
    before the first). `themes` is a list of names, empty for none; `themes` or `tone` may
    be null for "not coded". All other fields are kept as metadata, as text.

    Parameters
    ----------
    path : str or Path
        The file, in UTF-8.

    Returns
    -------
    list of Passage
        In the order of the file.

    Raises
    ------
    DataError
        A line is not of this shape, an id stands there twice, or the file is not UTF-8 or
        holds no passage. The first 20 faults are named at once, each with its line.
    OSError
        The file cannot be opened.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> file = pathlib.Path(tempfile.mkdtemp()) / "mine.jsonl"
    >>> _ = file.write_text('{"id": "a", "sents": [["Exports fell.", ["economy"], "negative"]]}')
    >>> read_examples(file)[0].examples[0].tone
    'negative'
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except UnicodeDecodeError as error:
        raise DataError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from error
    passages: list[Passage] = []
    faults: list[str] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        where = f"{path}:{number}"
        try:
            passage = _passage(json.loads(line), default_id=f"{path.stem}-{number}")
        except (ValueError, RecursionError) as error:  # DataError is a ValueError
            faults.append(f"{where}: {error}")
            continue
        if passage.id in seen:
            faults.append(f"{where}: id {passage.id!r} stands in line {seen[passage.id]} too")
        seen[passage.id] = number
        passages.append(passage)
    if faults:
        more = len(faults) - MAX_FAULTS
        tail = [f"... and {more} more"] if more > 0 else []
        raise DataError("\n".join([*faults[:MAX_FAULTS], *tail]))
    if not passages:
        raise DataError(f"{path}: no passages; expected one JSON object a line")
    return passages


def label_names(passages: Iterable[Passage]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Collect the names of themes and of tones that occur, each in sorted order."""
    themes: set[str] = set()
    tones: set[str] = set()
    for example in (e for p in passages for e in p.examples):
        themes |= example.themes or set()
        if example.tone is not None:
            tones.add(example.tone)
    return tuple(sorted(themes)), tuple(sorted(tones))


def _passage(record: object, default_id: str) -> Passage:
    if not isinstance(record, dict) or not isinstance(record.get("sents"), list):
        raise DataError("expected an object with a list `sents` of [text, themes, tone]")
    if not record["sents"]:
        raise DataError("`sents` is empty; a passage has at least one sentence")
    title, before = record.get("title"), record.get("before") or []
    if title is not None and not isinstance(title, str):
        raise DataError(f"`title` is {title!r}, expected a string")
    if not isinstance(before, list) or not all(isinstance(s, str) for s in before):
        raise DataError(f"`before` is {before!r}, expected a list of sentences")
    metadata = {k: str(v) for k, v in record.items() if k not in _STRUCTURE and v is not None}
    return Passage(
        id=default_id if record.get("id") is None else str(record["id"]),
        examples=tuple(_examples(record["sents"])),
        title=title or None,
        before=tuple(before),
        metadata=metadata,
    )


def _examples(sents: list[Any]) -> Iterator[Example]:
    for i, sent in enumerate(sents):
        if not isinstance(sent, list) or len(sent) != 3 or not isinstance(sent[0], str):
            raise DataError(f"sentence {i} is {sent!r}, expected [text, themes, tone]")
        text, themes, tone = sent
        if themes is not None and not (
            isinstance(themes, list) and all(isinstance(t, str) for t in themes)
        ):
            raise DataError(
                f"sentence {i}: themes are {themes!r}, expected a list of names or null"
            )
        if tone is not None and not isinstance(tone, str):
            raise DataError(f"sentence {i}: tone is {tone!r}, expected a name or null")
        yield Example(text, None if themes is None else frozenset(themes), tone)
