"""The card of a model: what is known of it, for programs and for people."""

from collections.abc import Mapping, Sequence
from typing import Any

from stancelib.metrics import Evaluation
from stancelib.records import Passage


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
            "themes": "given when the probability reaches the threshold; probabilities are "
            "calibrated to the prevalence of themes named under the settings",
            "thresholds": dict(thresholds),
            "tone": "the most probable one",
        },
        "out_of_fold": evaluation.to_dict(),
        "settings": dict(settings),
        "versions": dict(versions),
        "limits": list(limits),
    }


def render_card(card: Mapping[str, Any]) -> str:
    """Write a card as Markdown."""
    trained, scores, rule = card["trained_on"], card["out_of_fold"], card["decision_rule"]
    lines = [
        f"# {card['name']}",
        "",
        f"Trained on {trained['n_sentences']:,} labelled sentences in "
        f"{trained['n_passages']:,} passages",
        f"(fingerprint `{trained['fingerprint'][:16]}`).",
        "",
        "## Scores",
        "",
        "Out-of-fold: each sentence was scored by a model that had not seen its passage.",
        "Intervals (95 %) are bootstrapped over passages. They say how well the model reads text",
        "like its corpus, not how well it reads yours: measure that with `stancelib evaluate`.",
        "",
        "| label | threshold | precision | recall | F1 | 95 % | support |",
        "| --- | ---: | ---: | ---: | ---: | :---: | ---: |",
    ]
    for label, row in {**scores["themes"], **scores["tones"]}.items():
        low, high = row["f1_interval"]
        cells = [
            label,
            f"{rule['thresholds'][label]:.2f}" if label in rule["thresholds"] else "",
            *(f"{row[key]:.3f}" for key in ("precision", "recall", "f1")),
            f"{low:.3f}-{high:.3f}",
            str(row["support"]),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "| measure | value | 95 % |", "| --- | ---: | :---: |"]
    for key in ("theme_macro_f1", "tone_macro_f1"):
        low, high = scores[f"{key}_interval"]
        lines.append(f"| {key.replace('_', ' ')} | {scores[key]:.3f} | {low:.3f}-{high:.3f} |")
    for key in ("theme_calibration_error", "tone_calibration_error", "none_recall"):
        lines.append(f"| {key.replace('_', ' ')} | {scores[key]:.3f} | |")
    lines += ["", "## Decision rule", ""]
    lines += [f"A theme is {rule['themes']}; the tone is {rule['tone']}."]
    lines += ["", "## Limits", "", *[f"- {limit}" for limit in card["limits"]]]
    lines += ["", "## How it was trained", ""]
    lines += [
        f"- {key}: {value}" for key, value in {**card["settings"], **card["versions"]}.items()
    ]
    return "\n".join(lines) + "\n"
