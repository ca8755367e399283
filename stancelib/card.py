"""The card of a model: what is known of it, for programs and for people."""

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from stancelib.metrics import Evaluation
from stancelib.records import Passage

WORTHWHILE = 0.005  # of macro-F1, for the last point of a learning curve


def make_card(
    *,
    name: str,
    passages: Sequence[Passage],
    evaluation: Evaluation,
    thresholds: Mapping[str, float],
    fingerprint: str,
    settings: Mapping[str, Any],
    versions: Mapping[str, str],
    limits: Sequence[str],
    rule: str,
    comparison: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    learning_curve: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Collect what is known of a model.

    Parameters
    ----------
    name : str
        What the model is called.
    passages : sequence of Passage
        What it was trained on.
    evaluation : Evaluation
        Its out-of-fold scores.
    thresholds : mapping of str to float
        Of each theme.
    fingerprint : str
        Digest of the training data.
    settings : mapping
        How it was trained.
    versions : mapping of str to str
        Of the libraries that trained it.
    limits : sequence of str
        What it must not be relied on for.
    rule : str
        When a theme is given, in words.
    comparison : mapping of str to mapping, optional
        What others score on the same sentences, by their name; `Evaluation.to_dict` of each.
    learning_curve : sequence of mapping, optional
        Macro-F1 and its interval after learning from ``n_sentences``, few ones first.

    Returns
    -------
    dict
        Plain JSON values.
    """
    return {
        "name": name,
        "trained_on": {
            "n_passages": len(passages),
            "n_sentences": sum(len(p.examples) for p in passages),
            "fingerprint": fingerprint,
        },
        "decision_rule": {
            "themes": rule,
            "thresholds": dict(thresholds),
            "tone": "the most probable one",
        },
        "out_of_fold": evaluation.to_dict(),
        "comparison": {name: dict(scores) for name, scores in comparison.items()},
        "learning_curve": [dict(point) for point in learning_curve],
        "settings": dict(settings),
        "versions": dict(versions),
        "limits": list(limits),
    }


def held_out(card: Mapping[str, Any]) -> object:
    """Say which sentences the out-of-fold scores are of; None where the card does not."""
    fingerprint = card.get("trained_on", {}).get("fingerprint")
    settings = card.get("settings", {})
    return fingerprint and (fingerprint, settings.get("n_folds"), settings.get("seed"))


def mean_macro_f1(card: Mapping[str, Any]) -> float:
    """Mean of the out-of-fold macro-F1 of themes and of tone, of those that there are; 0 to 1."""
    scores = card["out_of_fold"]
    values = [scores[key] for key in ("theme_macro_f1", "tone_macro_f1")]
    there = [value for value in values if value is not None]
    return sum(there) / len(there) if there else 0.0


def render_card(card: Mapping[str, Any]) -> str:
    """Write a card as Markdown."""
    trained, rule = card["trained_on"], card["decision_rule"]
    lines = [
        f"# {card['name']}",
        "",
        f"Trained on {trained['n_sentences']:,} labelled sentences in "
        f"{trained['n_passages']:,} passages",
        f"(fingerprint `{trained['fingerprint'][:16]}`).",
        "",
        *_scores(card),
        *_comparison(card),
        *_learning_curve(card.get("learning_curve", ())),
        "## Decision rule",
        "",
        f"A theme is {rule['themes']}; the tone is {rule['tone']}.",
        "",
        "## Limits",
        "",
        *[f"- {limit}" for limit in card["limits"]],
        "",
        "## How it was trained",
        "",
        *[f"- {key}: {value}" for key, value in {**card["settings"], **card["versions"]}.items()],
    ]
    return "\n".join(lines) + "\n"


def _scores(card: Mapping[str, Any]) -> Iterator[str]:
    scores, thresholds = card["out_of_fold"], card["decision_rule"]["thresholds"]
    yield from (
        "## Scores",
        "",
        "Out-of-fold: each sentence was scored by a model that had not seen its passage.",
        "Intervals (95 %) are bootstrapped over passages. They say how well the model reads text",
        "like its corpus, not how well it reads yours: measure that with `stancelib evaluate`.",
        "",
        "| label | threshold | precision | recall | F1 | 95 % | support |",
        "| --- | ---: | ---: | ---: | ---: | :---: | ---: |",
    )
    rows = {**scores["themes"], **scores["tones"]}
    for label, row in rows.items():
        if row["f1"] is None:
            continue
        yield _row(
            label,
            f"{thresholds[label]:.2f}" if label in thresholds else "",
            *(_decimal(row[key]) for key in ("precision", "recall", "f1")),
            _interval(row["f1_interval"]),
            row["support"],
        )
    if not_coded := [label for label, row in rows.items() if row["f1"] is None]:
        yield from ("", f"In none of the sentences: {', '.join(not_coded)}.")
    yield from ("", "| measure | value | 95 % |", "| --- | ---: | :---: |")
    for key in ("theme_macro_f1", "tone_macro_f1"):
        yield _row(_words(key), _decimal(scores[key]), _interval(scores[f"{key}_interval"]))
    for key in ("theme_calibration_error", "tone_calibration_error", "none_recall"):
        yield _row(_words(key), _decimal(scores[key]), "")
    yield ""


def _comparison(card: Mapping[str, Any]) -> Iterator[str]:
    others = card.get("comparison", {})
    if not others:
        return
    own = card["out_of_fold"]
    yield from ("## Compared on the same sentences", "")
    yield "F1 of this model (out-of-fold) and of others."
    yield ""
    yield _row("label", "support", "this model", "95 %", *others)
    yield _row("---", "---:", "---:", ":---:", *["---:"] * len(others))
    for axis in ("themes", "tones"):
        for label, row in own[axis].items():
            if row["f1"] is None:
                continue
            theirs = (scores[axis].get(label, {}).get("f1") for scores in others.values())
            yield _row(
                label,
                row["support"],
                _decimal(row["f1"]),
                _interval(row["f1_interval"]),
                *map(_decimal, theirs),
            )
    yield ""


def _learning_curve(points: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if len(points) < 2:
        return
    yield from ("## Would more labels help?", "")
    yield from ("| sentences | theme macro-F1 | 95 % | tone macro-F1 | 95 % |",)
    yield "| ---: | ---: | :---: | ---: | :---: |"
    for point in points:
        cells = (
            cell
            for key in ("theme_macro_f1", "tone_macro_f1")
            for cell in (_decimal(point[key]), _interval(point[f"{key}_interval"]))
        )
        yield _row(point["n_sentences"], *cells)
    yield ""
    for key in ("theme_macro_f1", "tone_macro_f1"):
        before, now = points[-2][key], points[-1][key]
        if before is not None and now is not None:
            gain = now - before
            helps = "should help" if gain >= WORTHWHILE else "of the same kind would bring little"
            sizes = f"{points[-2]['n_sentences']} to {points[-1]['n_sentences']} sentences"
            yield f"From {sizes}, {_words(key)} changed by {gain:+.3f}: more {helps}."
            yield ""


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _words(key: str) -> str:
    return key.replace("_", " ").replace("macro f1", "macro-F1")


def _decimal(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _interval(interval: Sequence[float | None]) -> str:
    low, high = interval
    return "" if low is None or high is None else f"{low:.3f}-{high:.3f}"
