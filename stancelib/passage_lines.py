"""The library's own labelled files: a passage a line, in JSON."""

import json
import math
from collections.abc import Iterator, Sequence
from typing import Any, TypeGuard

from stancelib.errors import DataError
from stancelib.label_records import Entry, Log
from stancelib.records import Coding, Example, Passage

_STRUCTURE = {"id", "sents", "title", "before", "weight"}


def read_passages(entries: Sequence[Entry], stem: str, log: Log) -> list[Passage]:
    """Read passages, a record each.

    Parameters
    ----------
    entries : sequence of Entry
        See `read_examples` for what they hold.
    stem : str
        What ids of passages without one begin with.
    log : Log
        Takes faults.

    Returns
    -------
    list of Passage
        Those without fault.
    """
    passages: list[Passage] = []
    seen: dict[str, int] = {}
    for entry in entries:
        if isinstance(entry.value, ValueError):
            log.fault(entry, entry.value)
            continue
        try:
            passage = _passage(entry.value, default_id=f"{stem}-{entry.number}")
        except DataError as error:
            log.fault(entry, error)
            continue
        if passage.id in seen:
            log.fault(entry, f"id {passage.id!r} stands in line {seen[passage.id]} too")
        seen[passage.id] = entry.number
        passages.append(passage)
    return passages


def passage_line(passage: Passage) -> str:
    """Write a passage as a line that `read_passages` reads back the same.

    Raises
    ------
    ValueError
        A field of its metadata is called like a part of the passage, or the passage has no
        sentences.
    """
    if clash := sorted(_STRUCTURE & set(passage.metadata)):
        raise ValueError(
            f"passage {passage.id!r}: metadata {clash[0]!r} is a field of the file; rename it"
        )
    if not passage.examples:
        raise ValueError(f"passage {passage.id!r} has no sentences; leave it out")
    record: dict[str, Any] = {"id": passage.id, **passage.metadata}
    if passage.title:
        record["title"] = passage.title
    if passage.before:
        record["before"] = passage.before
    if passage.weight != 1:
        record["weight"] = passage.weight
    record["sents"] = [_sentence(example) for example in passage.examples]
    return json.dumps(record, ensure_ascii=False)


def _sentence(example: Example) -> list[Any]:
    codings = [[c.coder, _sorted(c.themes), c.tone] for c in example.codings]
    sentence = [example.text, _sorted(example.themes), example.tone]
    return [*sentence, codings] if codings else sentence


def _sorted(themes: frozenset[str] | None) -> list[str] | None:
    return None if themes is None else sorted(themes)


def _passage(record: object, default_id: str) -> Passage:
    if not isinstance(record, dict) or not isinstance(record.get("sents"), list):
        raise DataError("expected an object with a list `sents` of [text, themes, tone]")
    if not record["sents"]:
        raise DataError("`sents` is empty; a passage has at least one sentence")
    title, before, weight = record.get("title"), record.get("before"), record.get("weight")
    if title is not None and not isinstance(title, str):
        raise DataError(f"`title` is {title!r}, expected a string")
    if before is not None and not _is_names(before):
        raise DataError(f"`before` is {before!r}, expected a list of sentences")
    if weight is not None and not _is_weight(weight):
        raise DataError(f"`weight` is {weight!r}, expected a number of 0 or more")
    metadata = {k: str(v) for k, v in record.items() if k not in _STRUCTURE and v is not None}
    return Passage(
        id=default_id if record.get("id") is None else str(record["id"]),
        examples=tuple(_examples(record["sents"])),
        title=title or None,
        before=tuple(before or ()),
        metadata=metadata,
        weight=1.0 if weight is None else float(weight),
    )


def _examples(sents: list[Any]) -> Iterator[Example]:
    for i, sent in enumerate(sents):
        if not isinstance(sent, list) or len(sent) not in (3, 4) or not isinstance(sent[0], str):
            raise DataError(
                f"sentence {i} is {sent!r}, expected [text, themes, tone], and a list of codings "
                "where there are several"
            )
        codings = sent[3] if len(sent) == 4 else []
        if not isinstance(codings, list):
            raise DataError(f"sentence {i}: codings are {codings!r}, expected a list")
        yield Example(
            sent[0], *_labels(i, *sent[1:3]), tuple(_coding(i, coding) for coding in codings)
        )


def _coding(i: int, coding: object) -> Coding:
    if not isinstance(coding, list) or len(coding) != 3 or not isinstance(coding[0], str):
        raise DataError(f"sentence {i}: a coding is {coding!r}, expected [coder, themes, tone]")
    return Coding(coding[0], *_labels(i, *coding[1:]))


def _labels(i: int, themes: object, tone: object) -> tuple[frozenset[str] | None, str | None]:
    if themes is not None and not _is_names(themes):
        raise DataError(f"sentence {i}: themes are {themes!r}, expected a list of names or null")
    if tone is not None and not isinstance(tone, str):
        raise DataError(f"sentence {i}: tone is {tone!r}, expected a name or null")
    return None if themes is None else frozenset(themes), tone


def _is_names(value: object) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_weight(value: object) -> TypeGuard[float]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return math.isfinite(value) and value >= 0
