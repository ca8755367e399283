from dataclasses import replace

import numpy as np
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


CODED = [
    passage("Exports fell sharply, a blow to growth.", frozenset({"economy"}), "negative"),
    passage("Imports rose to a record.", frozenset(), "positive"),
    passage("The ministers meet on Friday.", frozenset({"harbours"}), "mixed"),
]


@pytest.fixture(scope="module")
def other():
    """A model with one theme and two tones of the bundled one, and some of its own."""
    texts = ["The tide was low.", "Exports fell.", "A pilot came aboard.", "Growth was strong."]
    coded = [
        passage(
            f"{texts[i % 4]} {i}",
            frozenset({("harbours", "economy")[i % 2]}),
            ("negative", "neutral", "mixed")[i % 3],
        )
        for i in range(48)
    ]
    return stancelib.train(
        coded, base=None, themes=["economy", "harbours"], n_folds=2, learning_curve=False
    )


def test_compare_says_what_evaluate_says(model, other):
    passages = [replace(p, examples=(replace(p.examples[0], tone=None),)) for p in CODED[:2]]
    comparison = stancelib.compare(passages, model, other)
    assert (comparison.n_sentences, comparison.n_passages) == (2, 2)
    economy = comparison.themes["economy"]
    assert economy.first == stancelib.evaluate(passages, model).themes["economy"].f1
    assert economy.second == stancelib.evaluate(passages, other).themes["economy"].f1
    assert np.isnan(comparison.tone_macro_f1.difference)


def test_labels_of_one_model_are_listed_not_compared(model, other):
    comparison = stancelib.compare(CODED, model, other)
    assert list(comparison.themes) == ["economy"]
    assert list(comparison.tones) == ["negative", "neutral"]
    assert comparison.only_first == (*(t for t in model.themes if t != "economy"), "positive")
    assert comparison.only_second == ("harbours", "mixed")
    back = stancelib.compare(CODED, other, model)
    assert (back.only_first, back.only_second) == (comparison.only_second, comparison.only_first)
    assert back.theme_macro_f1.first == comparison.theme_macro_f1.second


def test_what_cannot_be_compared(model, other):
    with pytest.raises(TypeError, match=r"first is of type str; pass a Model, as load\(\)"):
        stancelib.compare(CODED, "default", model)
    with pytest.raises(ValueError, match="no passages; expected"):
        stancelib.compare([], model, other)
    with pytest.raises(stancelib.DataError, match=r"unknown themes \['war'\]"):
        stancelib.compare([passage("War.", frozenset({"war"}), None)], model, other)


def test_models_without_a_common_label(model):
    coded = [passage(f"Boat {i}.", frozenset({"boats"} if i % 2 else ()), None) for i in range(24)]
    boats = stancelib.train(coded, base=None, n_folds=2, learning_curve=False)
    with pytest.raises(ValueError, match=r"no label in common: .* the second \['boats'\]"):
        stancelib.compare(coded, model, boats)
