"""Passages as files for annotation tools, with a model's suggestions."""

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import starmap
from pathlib import Path
from typing import Any, Protocol

from stancelib.codings import NONE
from stancelib.label_records import ROLES, could_be
from stancelib.passage_lines import passage_line
from stancelib.records import Example, Passage, Sentence

WRITABLE = ("jsonl", "doccano", "label-studio")


class Suggester(Protocol):
    """What suggests labels: a `Model`, or anything else with these three."""

    @property
    def themes(self) -> tuple[str, ...]:
        """Names of its themes."""

    @property
    def tones(self) -> tuple[str, ...]:
        """Names of its tones."""

    def score_sentences(
        self, sentences: Sequence[str], *, title: str | None = None, before: Sequence[str] = ()
    ) -> Sequence[Sentence]:
        """Score consecutive sentences."""


def write_passages(
    passages: Sequence[Passage], path: Path, shape: str, model: Suggester | None
) -> None:
    """Write passages in one of `WRITABLE` shapes.

    The file is written beside its place and then put there: it is whole, or as it was.
    """
    if shape == "label-studio":
        tasks = _label_studio_tasks(passages, model)
        content = json.dumps(tasks, ensure_ascii=False, indent=1) + "\n"
    else:
        lines = map(passage_line, passages) if shape == "jsonl" else _doccano_lines(passages, model)
        content = "".join(line + "\n" for line in lines)
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(content)
        Path(beside).chmod(0o644)
        Path(beside).replace(path)
    except BaseException:
        Path(beside).unlink(missing_ok=True)
        raise


def label_studio_config(themes: Sequence[str], tones: Sequence[str]) -> str:
    """Write the labelling interface that a Label Studio project needs for these labels.

    Parameters
    ----------
    themes, tones : sequence of str
        Names of the labels, as in ``model.themes`` and ``model.tones``.

    Returns
    -------
    str
        XML for the project's settings: themes, several or "none", and one tone.

    Raises
    ------
    TypeError
        `themes` or `tones` is a single string.

    Examples
    --------
    >>> print(label_studio_config(["economy"], ["negative", "positive"]))
    <View>
      <Text name="text" value="$text"/>
      <Choices name="themes" toName="text" choice="multiple" required="true">
        <Choice value="economy"/>
        <Choice value="none"/>
      </Choices>
      <Choices name="tone" toName="text" choice="single" required="true">
        <Choice value="negative"/>
        <Choice value="positive"/>
      </Choices>
    </View>
    """
    for name, labels in (("themes", themes), ("tones", tones)):
        if isinstance(labels, str):
            raise TypeError(f"{name} is the string {labels!r}; pass a list of names")
    blocks = (("themes", "multiple", [*themes, NONE]), ("tone", "single", tones))
    choices = "\n".join(starmap(_choices, blocks))
    return f'<View>\n  <Text name="text" value="$text"/>\n{choices}\n</View>'


def _choices(name: str, choice: str, labels: Sequence[str]) -> str:
    lines = "\n".join(f'    <Choice value="{escape(label)}"/>' for label in labels)
    head = f'  <Choices name="{name}" toName="text" choice="{choice}" required="true">'
    return f"{head}\n{lines}\n  </Choices>"


def _doccano_lines(passages: Sequence[Passage], model: Suggester | None) -> Iterator[str]:
    """Write sentences as doccano imports them, an object a line."""
    for passage in passages:
        for i, example, sentence in _with_suggestions(passage, model):
            if sentence is not None:
                labels = [*(sentence.themes or (NONE,)), sentence.tone]
            else:
                labels = [*_themes(example.themes), *_tone(example.tone)]
            yield json.dumps({**_data(passage, i), "label": labels}, ensure_ascii=False)


def _label_studio_tasks(
    passages: Sequence[Passage], model: Suggester | None
) -> list[dict[str, Any]]:
    """Write sentences as Label Studio imports them, a task each."""
    tasks = []
    for passage in passages:
        for i, example, sentence in _with_suggestions(passage, model):
            task: dict[str, Any] = {"data": _data(passage, i), "annotations": _annotations(example)}
            if sentence is not None:
                prediction = {
                    "model_version": _version(model),
                    "score": sentence.confidence,
                    "result": _results(frozenset(sentence.themes), sentence.tone),
                }
                task["predictions"] = [prediction]
            tasks.append(task)
    return tasks


def _with_suggestions(
    passage: Passage, model: Suggester | None
) -> Iterator[tuple[int, Example, Sentence | None]]:
    """Sentences, each with what the model suggests if it is not yet coded."""
    open_ = [e.themes is None and e.tone is None and not e.codings for e in passage.examples]
    article: Sequence[Sentence | None] = [None] * len(open_)
    if model is not None and any(open_):
        article = model.score_sentences(
            [e.text for e in passage.examples], title=passage.title, before=passage.before
        )
    for i, (example, sentence) in enumerate(zip(passage.examples, article, strict=True)):
        yield i, example, sentence if open_[i] else None


def _data(passage: Passage, position: int) -> dict[str, Any]:
    clash = sorted(k for k in passage.metadata if any(could_be(k, role) for role in ROLES))
    if clash:
        raise ValueError(
            f"passage {passage.id!r}: metadata {clash[0]!r} would be read as another field; "
            "rename it"
        )
    title = {"title": passage.title} if passage.title else {}
    text = passage.examples[position].text
    own = {"text": text, "document": passage.id, "position": position}
    return {**own, **title, **passage.metadata}


def _annotations(example: Example) -> list[dict[str, Any]]:
    if example.codings:
        return [
            {"completed_by": {"email": c.coder}, "result": _results(c.themes, c.tone)}
            for c in example.codings
        ]
    result = _results(example.themes, example.tone)
    return [{"result": result}] if result else []


def _results(themes: frozenset[str] | None, tone: str | None) -> list[dict[str, Any]]:
    chosen: Mapping[str, list[str]] = {"themes": _themes(themes), "tone": _tone(tone)}
    return [
        {"from_name": name, "to_name": "text", "type": "choices", "value": {"choices": labels}}
        for name, labels in chosen.items()
        if labels
    ]


def _themes(themes: frozenset[str] | None) -> list[str]:
    return [] if themes is None else sorted(themes) or [NONE]


def _tone(tone: str | None) -> list[str]:
    return [] if tone is None else [tone]


def _version(model: object) -> str:
    """Name the model, by the digest of its weights where it has one."""
    return f"stancelib {getattr(model, 'digest', '')[:12]}".strip()
