"""Records to passages: what was said of the same sentence, and the sentences of a document."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from stancelib.codings import NONE, Scheme
from stancelib.errors import DataError
from stancelib.label_records import Columns, Entry, Log, Record, Said, find_columns, plain
from stancelib.records import Coding, Example, Passage


def assemble(
    records: Sequence[Record], place: str, stem: str, columns: Columns, scheme: Scheme, log: Log
) -> list[Passage]:
    """Put records together: codings to sentences, sentences to passages.

    Parameters
    ----------
    records : sequence of Record
        In the order of the file.
    place, stem : str
        The file, for messages, and what ids of passages without a name begin with.
    columns : mapping
        Columns that the caller named.
    scheme : Scheme
        What labels mean.
    log : Log
        Takes faults, and what is left out.

    Returns
    -------
    list of Passage
        A document each, or a sentence each where no document is named. Sentences with
        codings by named coders are not yet coded themselves; `recombine` does that.
    """
    names = list(dict.fromkeys(name for r in records for name in r.fields))
    found = find_columns(names, {**columns, "themes": None, "tone": None}, place)
    sentences: dict[tuple[str, ...], _Sentence] = {}
    seen: Counter[tuple[str, ...]] = Counter()
    for record in records:
        try:
            _add(record, found, scheme, sentences, seen, log)
        except DataError as error:
            log.fault(record.entry, error)
    _settle(sentences.values(), scheme)
    documents: dict[tuple[str, ...], list[_Sentence]] = {}
    for sentence in sentences.values():
        own_key = (sentence.document,) if sentence.document else ("", str(len(documents)))
        documents.setdefault(own_key, []).append(sentence)
    varying: Counter[str] = Counter()
    passages = [_passage(group, stem, varying, log) for group in documents.values()]
    if varying:
        log.skipped[f"columns that vary within a document: {', '.join(varying)}"] = len(varying)
    return passages


@dataclass
class _Vote:
    """Codings under way: whether themes that nobody mentioned are none is not yet known."""

    coder: str | None
    themes: frozenset[str] | None
    tone: str | None


@dataclass
class _Sentence:
    entry: Entry
    text: str
    document: str
    id: str
    title: str
    fields: dict[str, set[str]]
    votes: list[_Vote] = field(default_factory=list)


def _add(
    record: Record,
    found: Mapping[str, str],
    scheme: Scheme,
    sentences: dict[tuple[str, ...], _Sentence],
    seen: Counter[tuple[str, ...]],
    log: Log,
) -> None:
    """Add what a record says to its sentence."""
    cells = {role: plain(record.fields.get(column)).strip() for role, column in found.items()}
    text = record.fields.get(found.get("text", ""))
    if not isinstance(text, str) or not text.strip():
        where = f"column {found['text']!r}" if "text" in found else f"columns {list(record.fields)}"
        raise DataError(
            f"no text in {where}: {text!r}; fill it in, or name the column with "
            "columns={'text': ...}"
        )
    votes = [_vote(said, cells.get("coder"), scheme, log) for said in record.said]
    document, coder = cells.get("document", ""), (votes[0].coder if votes else None) or ""
    key = record.key or cells.get("id") or (cells.get("position") if document else "")
    identity: tuple[str, ...] = (document, "key", key) if key else (document, "text", text)
    if not key:  # the nth time that this coder meets this text
        seen[*identity, coder] += 1
        identity = (*identity, str(seen[*identity, coder]))
    sentence = sentences.setdefault(
        identity,
        _Sentence(record.entry, text, document, cells.get("id", ""), cells.get("title", ""), {}),
    )
    first = f"that of {sentence.entry.where}"
    if sentence.text != text:
        raise DataError(
            f"the sentence has the key {key!r} as {first}, with another text; if this names "
            "documents, pass columns={'document': ...}, if nothing, columns={'id': None}"
        )
    taken = [vote.coder for vote in sentence.votes]
    for vote in votes:
        if vote.coder in taken or (taken and None in (vote.coder, *taken)):
            raise DataError(
                f"the sentence is {first}, coded again by {vote.coder or 'nobody in particular'}; "
                "keep one, or name the coders with columns={'coder': ...}"
            )
        taken.append(vote.coder)
    sentence.votes.extend(votes)
    roles = set(found.values())
    for name, value in record.fields.items():
        if name not in roles and plain(value).strip():
            sentence.fields.setdefault(name, set()).add(plain(value))


def _vote(said: Said, coder: str | None, scheme: Scheme, log: Log) -> _Vote:
    """Tell themes from tones."""
    labels = scheme.names(said.labels, log)
    tones = scheme.names(said.tones, log)
    if unknown := sorted(set(tones) - set(scheme.tones)):
        raise DataError(
            f"tone is {unknown[0]!r}, expected one of {list(scheme.tones)}; map it with "
            f"rename={{{unknown[0]!r}: ...}}, or name all with tones="
        )
    tones = sorted({*tones, *(label for label in labels if label in scheme.tones)})
    themes = {label for label in labels if label not in scheme.tones}
    if len(tones) > 1:
        raise DataError(f"two tones, {tones}; keep one, or drop one with rename=")
    if NONE in themes and len(themes) > 1:
        raise DataError(f"{sorted(themes)} say no theme and a theme; keep one")
    asked = any(n not in scheme.tones for n in scheme.names(said.asked, Log()))
    given = frozenset(themes - {NONE}) if themes or asked else None
    return _Vote(said.coder or coder or None, given, tones[0] if tones else None)


def _settle(sentences: Iterable[_Sentence], scheme: Scheme) -> None:
    """Decide what it means that a vote gives no theme, now that the whole file is known."""
    votes = [vote for sentence in sentences for vote in sentence.votes]
    if scheme.empty != NONE or all(vote.themes is None for vote in votes):
        return
    has_tones = any(vote.tone is not None for vote in votes)
    for vote in votes:
        if vote.themes is None and (vote.tone is not None or not has_tones):
            vote.themes = frozenset()


def _passage(
    group: Sequence[_Sentence],
    stem: str,
    varying: Counter[str],
    log: Log,
) -> Passage:
    first = group[0]
    titles = list(dict.fromkeys(s.title for s in group if s.title))
    for sentence in group:
        if sentence.title and sentence.title != titles[0]:
            log.fault(
                sentence.entry,
                f"title is {sentence.title!r}, that of document {first.document!r} is "
                f"{titles[0]!r}; give it one title, or pass columns={{'title': None}}",
            )
    metadata = {}
    for name in dict.fromkeys(name for s in group for name in s.fields):
        values = set[str]().union(*(s.fields.get(name, {""}) for s in group))
        if len(values) == 1:
            metadata[name] = values.pop()
        else:
            varying[name] += 1
    return Passage(
        id=first.document or first.id or f"{stem}-{first.entry.number}",
        examples=tuple(_example(sentence) for sentence in group),
        title=titles[0] if titles else None,
        metadata=metadata,
    )


def _example(sentence: _Sentence) -> Example:
    votes = [v for v in sentence.votes if v.themes is not None or v.tone is not None]
    if not votes:
        return Example(sentence.text, None, None)
    if votes[0].coder is None:
        return Example(sentence.text, votes[0].themes, votes[0].tone)
    codings = tuple(Coding(v.coder or "", v.themes, v.tone) for v in votes)
    return Example(sentence.text, None, None, codings)
