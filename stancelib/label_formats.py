"""What annotation tools and libraries write: Label Studio, Argilla, Prodigy, fastText..."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from stancelib.errors import DataError
from stancelib.label_records import (
    Columns,
    Entry,
    Log,
    Record,
    Said,
    could_be,
    fields_of,
    names_of,
    plain,
)
from stancelib.label_sources import Source
from stancelib.label_tables import read_table

_PREFIX = "__label__"


def read_records(
    source: Source,
    shape: str,
    columns: Columns,
    log: Log,
    *,
    names: Sequence[str] | None = None,
    separator: str | None = None,
) -> list[Record]:
    """Read what a source holds as records of one form.

    Parameters
    ----------
    source : Source
        What was read of a file.
    shape : str
        One of `FORMATS`, but not "jsonl".
    columns : mapping
        Columns that the caller named.
    log : Log
        Takes faults, and what is no label.
    names : sequence of str or None, optional
        Names of labels that are numbers.
    separator : str or None, optional
        What separates labels in a cell of a table; "" for one label a cell, None to
        recognise it.

    Returns
    -------
    list of Record
        In the order of the file.

    Raises
    ------
    DataError
        No column holds labels, or it is ambiguous which; or labels are numbers, and `names`
        is None.
    """
    entries = source.entries
    if shape == "fasttext":
        return _each(_fasttext, entries, log)
    entries = [entry for entry in entries if _is_object(entry, log)]
    if shape in _TOOLS:
        return _each(_TOOLS[shape], entries, log)
    if shape in ("huggingface", "multi-hot"):
        own = columns.get("themes")
        fields = [own] if isinstance(own, str) else ["label", "labels"]
        entries = _named(entries, fields, shape, names, log)
    if shape == "spacy":
        columns = {"themes": "cats", **columns}
    if shape == "doccano" and separator is None:
        separator = "#"  # what its CSV has; in JSON the labels are a list
    choices = shape == "label-studio-min"
    return read_table(entries, source.place, columns, log, separator=separator, choices=choices)


def _each(read: Callable[[Entry, Log], Record], entries: Sequence[Entry], log: Log) -> list[Record]:
    records = []
    for entry in entries:
        try:
            records.append(read(entry, log))
        except DataError as error:
            log.fault(entry, error)
    return records


def _is_object(entry: Entry, log: Log) -> bool:
    if isinstance(entry.value, ValueError):
        log.fault(entry, entry.value)
    elif not isinstance(entry.value, dict):
        log.fault(entry, f"{entry.value!r}, expected an object")
    return isinstance(entry.value, dict)


def _label_studio(entry: Entry, log: Log) -> Record:
    task = entry.value
    if not isinstance(task.get("data"), dict):
        raise DataError(f"`data` is {task.get('data')!r}, expected an object with the text")
    annotations = _objects(task.get("annotations") or [], "`annotations`")
    said = []
    for annotation in annotations:
        if annotation.get("was_cancelled"):
            log.skipped["cancelled annotations"] += 1
        else:
            results = _objects(annotation.get("result") or [], "`result`")
            said.append(_label_studio_results(results, _completed_by(annotation), log))
    fields = fields_of({"meta": task.get("meta") or {}, **task["data"]})
    return Record(entry, fields, _numbered(said), key=plain(task.get("id")) or None)


def _label_studio_results(results: Sequence[dict[str, Any]], coder: str | None, log: Log) -> Said:
    labels: list[str] = []
    tones: list[str] = []
    for result in results:
        value = result.get("value")
        if not isinstance(value, dict) or "choices" not in value:
            log.skipped[f"results of type {result.get('type')!r}"] += 1
            continue
        question = str(result.get("from_name", ""))
        chosen = names_of(value["choices"], f"choices of {question!r}")
        (tones if could_be(question, "tone") else labels).extend(chosen)
    return Said(tuple(labels), tuple(tones), coder=coder)


def _completed_by(annotation: dict[str, Any]) -> str | None:
    coder = annotation.get("completed_by")
    if isinstance(coder, dict):
        coder = coder.get("email") or coder.get("username") or coder.get("id")
    return plain(coder) or None


def _argilla(entry: Entry, log: Log) -> Record:
    value = entry.value
    questions = [key.removesuffix(".responses") for key in value if key.endswith(".responses")]
    said: dict[str, Said] = {}
    left_out: dict[str, str] = {}
    for question in questions:
        responses = _listed(value, f"{question}.responses") or []
        n = len(responses)
        users = _listed(value, f"{question}.responses.users", n) or [None] * n
        states = _listed(value, f"{question}.responses.status", n) or ["submitted"] * n
        coders = [plain(user) or str(i) for i, user in enumerate(users, 1)]
        for coder, response, state in zip(coders, responses, states, strict=True):
            if state != "submitted":
                left_out[coder] = plain(state)
            elif response is not None:
                before = said.get(coder, Said(coder=coder))
                said[coder] = _argilla_answer(before, question, response, log)
    log.skipped.update(f"responses with status {state!r}" for state in left_out.values())
    own = ("status", "_server_id")
    fields = {
        key: v
        for key, v in fields_of(value).items()
        if key not in own and not any(key.startswith(f"{q}.") for q in _questions(value))
    }
    return Record(entry, fields, tuple(said.values()))


def _questions(value: dict[str, Any]) -> set[str]:
    ends = (".responses", ".suggestion")
    return {key.removesuffix(end) for key in value for end in ends if key.endswith(end)}


def _argilla_answer(said: Said, question: str, response: object, log: Log) -> Said:
    chosen = [response] if isinstance(response, str) else response
    if not isinstance(chosen, list) or not all(isinstance(name, str) for name in chosen):
        log.skipped[f"answers to {question!r} that are no labels"] += 1
        return said
    if could_be(question, "tone"):
        return replace(said, tones=(*said.tones, *chosen))
    return replace(said, labels=(*said.labels, *chosen))


def _listed(value: dict[str, Any], key: str, length: int | None = None) -> list[Any] | None:
    items = value.get(key)
    if items is None:
        return None
    if not isinstance(items, list) or (length is not None and len(items) != length):
        expected = "a list" if length is None else f"a list of {length}"
        raise DataError(f"`{key}` is {items!r}, expected {expected}")
    return items


def _prodigy(entry: Entry, log: Log) -> Record:
    task = entry.value
    answer = task.get("answer", "accept")
    said: tuple[Said, ...] = ()
    if answer not in ("accept", "reject", "ignore"):
        raise DataError(f"`answer` is {answer!r}, expected accept, reject or ignore")
    coder = plain(task.get("_annotator_id") or task.get("_session_id")) or None
    if answer != "accept":
        log.skipped[f"answers {answer!r}"] += 1
    elif "accept" not in task:
        raise DataError("no list `accept`; yes-or-no decisions on one label are not read")
    else:
        said = (Said(names_of(task["accept"], "`accept`"), coder=coder),)
    own = ("accept", "answer", "options", "label", "config", "tokens", "spans", "html")
    fields = {k: v for k, v in fields_of(task).items() if k not in own and not k.startswith("_")}
    return Record(entry, fields, said, key=plain(task.get("_input_hash")) or None)


def _fasttext(entry: Entry, log: Log) -> Record:  # noqa: ARG001
    words = entry.value.split()
    n = next((i for i, word in enumerate(words) if not word.startswith(_PREFIX)), len(words))
    if _PREFIX in words[:n]:
        raise DataError(f"a label without a name in {entry.value!r}")
    text = entry.value.split(maxsplit=n)[n:]
    labels = tuple(word.removeprefix(_PREFIX) for word in words[:n])
    return Record(entry, {"text": "".join(text)}, (Said(labels),))


def _named(
    entries: Sequence[Entry],
    fields: Sequence[str],
    shape: str,
    names: Sequence[str] | None,
    log: Log,
) -> list[Entry]:
    """Put names where labels are numbers."""
    if names is None:
        raise DataError("the labels are numbers; pass names=[...], the name of each in order")
    convert = _multi_hot if shape == "multi-hot" else _by_index
    named = []
    for entry in entries:
        value = dict(entry.value)
        try:
            for key in fields:
                if value.get(key) is not None:
                    value[key] = convert(value[key], names)
        except DataError as error:
            log.fault(entry, error)
        else:
            named.append(replace(entry, value=value))
    return named


def _by_index(value: object, names: Sequence[str]) -> list[str]:
    chosen = []
    for item in value if isinstance(value, list | tuple) else [value]:
        text = "" if isinstance(item, bool) else plain(item).strip()
        if not text.isdecimal() or int(text) >= len(names):
            raise DataError(f"label is {item!r}, expected a number from 0 to {len(names) - 1}")
        chosen.append(names[int(text)])
    return chosen


def _multi_hot(value: object, names: Sequence[str]) -> dict[str, float]:
    if not isinstance(value, list | tuple) or len(value) != len(names):
        raise DataError(f"labels are {value!r}, expected a list of {len(names)}, one for each name")
    return dict(zip(names, value, strict=True))


def _numbered(said: Sequence[Said]) -> tuple[Said, ...]:
    """Name coders without a name by their number, where there are several."""
    if len(said) < 2:
        return tuple(said)
    return tuple(s if s.coder else replace(s, coder=str(i)) for i, s in enumerate(said, 1))


def _objects(value: object, what: str) -> list[dict[str, Any]]:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise DataError(f"{what} is {value!r}, expected a list of objects")
    return value


_TOOLS = {"label-studio": _label_studio, "argilla": _argilla, "prodigy": _prodigy}
