import pytest

import stancelib
from stancelib import Example, Passage


def passage(text, themes, tone, **context):
    return Passage("p", (Example(text, themes, tone),), **context)


def test_counts_by_hand():
    passages = [
        passage("Exports fell sharply, a blow to growth.", frozenset({"economy"}), "negative"),
        passage("Exports fell sharply, a blow to jobs.", frozenset(), "positive"),
        passage("The ministers meet on Friday.", frozenset(), "neutral"),
        passage("The ministers meet on Monday.", None, None),
    ]
    evaluation = stancelib.evaluate(passages)
    economy = evaluation.themes["economy"]
    assert (economy.precision, economy.recall, economy.support) == (0.5, 1.0, 1)
    assert (evaluation.n_sentences, evaluation.n_passages) == (4, 4)
    assert evaluation.tones["negative"].precision == 0.5
    assert evaluation.tones["neutral"].recall == 1.0
    assert evaluation.none_recall == 0.5


def test_context_is_used():
    text = "They have not answered our letter."
    context = {
        "title": "China and Vietnam in talks on the South China Sea",
        "before": (
            "Beijing has rejected the ruling on the reefs.",
            "China sent ships to the shoal.",
        ),
    }
    themes = frozenset({"china_relations"})
    with_context = stancelib.evaluate([passage(text, themes, "negative", **context)])
    without = stancelib.evaluate([passage(text, themes, "negative")])
    assert with_context.theme_calibration_error < without.theme_calibration_error


def test_nothing_to_evaluate():
    with pytest.raises(ValueError, match="no passages; expected"):
        stancelib.evaluate([])
