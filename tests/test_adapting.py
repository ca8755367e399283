import numpy as np
import pytest
from test_training import LEXICON, SETTINGS, THEMES, TONES, VECTORS, passages

from stancelib.adapting import STRENGTHS, adapt_scorer
from stancelib.targets import Targets
from stancelib.training import train_scorer

TEXTS = [
    "The calm sea is good.",
    "The choir of Zqwxtown sang on land.",
    "Zqwxtown's choir sang, and the storm hits ships.",
    "No rest on the quiet land.",
    "The drought hits farms again.",
    "It stayed good.",
] * 4
SECTIONS = np.repeat(np.arange(12), 2)
FOLDS = SECTIONS // 4


@pytest.fixture(scope="module")
def base():
    return train_scorer(passages(), THEMES, TONES, LEXICON, VECTORS, SETTINGS).scorer


def log_odds(scorer, texts, sections):
    reading = scorer.read(texts)
    return scorer.combine(reading.scores, scorer.surroundings(reading.pooled, sections))


def targets(themes, tones):
    n = len(TEXTS)
    return Targets(
        np.full((n, 2), np.nan) if themes is None else themes,
        np.full((n, 2), np.nan) if tones is None else tones,
        np.ones(n),
    )


def test_nothing_coded_changes_nothing(base):
    adapted = adapt_scorer(base, range(4), TEXTS, SECTIONS, targets(None, None), FOLDS)
    assert adapted.strengths == [0.0] * 3
    before = log_odds(base, TEXTS, SECTIONS)
    np.testing.assert_allclose(adapted.before, before, atol=1e-6)
    np.testing.assert_allclose(adapted.out_of_fold, before, atol=1e-6)
    after = log_odds(adapted.scorer, TEXTS, SECTIONS)
    np.testing.assert_allclose(after, before, atol=0.02)  # tables are rounded to half precision


def test_learns_a_label_that_the_base_does_not_know(base):
    choir = np.array([[float("choir" in t)] for t in TEXTS])
    coded = Targets(choir, np.zeros((len(TEXTS), 0)), np.ones(len(TEXTS)))
    adapted = adapt_scorer(base, [None], TEXTS, SECTIONS, coded, FOLDS)
    assert np.isnan(adapted.before).all()
    assert adapted.strengths[0] in STRENGTHS
    said = adapted.out_of_fold[:, 0] > 0
    assert (said == (choir[:, 0] == 1)).all()
    new = ["The choir of Zqwxtown sang.", "The storm hits ships again."]
    first, second = log_odds(adapted.scorer, new, np.array([0, 1]))[:, 0]
    assert first > second + 1


def test_what_is_folded_scores_like_what_was_fitted(base):
    """The scorer says of its training sentences what the regression said."""
    tones = np.tile(np.eye(2)[[0, 1, 1, 0, 1, 0]], (4, 1))  # not what it says
    adapted = adapt_scorer(base, range(4), TEXTS, SECTIONS, targets(None, tones), FOLDS)
    assert adapted.strengths[-1] > 0
    after = log_odds(adapted.scorer, TEXTS, SECTIONS)
    assert (after[:, 2:].argmax(axis=1) == tones.argmax(axis=1)).mean() > 0.9
    np.testing.assert_allclose(after[:, :2], adapted.before[:, :2], atol=0.02)


def test_learns_words_that_the_base_does_not_know(base):
    assert base.inventory.unit(("zqwxtown",)) is None
    adapted = adapt_scorer(base, range(4), TEXTS, SECTIONS, targets(None, None), FOLDS)
    inventory = adapted.scorer.inventory
    assert inventory.unit(("zqwxtown",)) is not None
    assert inventory.name(inventory.unit(("calm", "sea"))) == "calm sea"
    assert (np.diff(inventory.parents * inventory.n_words + inventory.children) > 0).all()


def test_the_same_again_and_with_more_processes(base):
    coded = targets(np.tile(np.eye(2), (12, 1)), None)
    one = adapt_scorer(base, range(4), TEXTS, SECTIONS, coded, FOLDS)
    two = adapt_scorer(base, range(4), TEXTS, SECTIONS, coded, FOLDS, n_jobs=2)
    assert one.strengths == two.strengths
    np.testing.assert_array_equal(one.scorer.table, two.scorer.table)


def test_the_base_is_not_changed(base):
    table = base.table.copy()
    coded = targets(np.tile(np.eye(2), (12, 1)), None)
    adapt_scorer(base, range(4), TEXTS, SECTIONS, coded, FOLDS)
    np.testing.assert_array_equal(base.table, table)
