from dataclasses import replace

import numpy as np
import pytest

from stancelib.grouping import Groups
from stancelib.panel_arrays import gather_articles
from stancelib.panel_estimates import COLUMNS, estimate_groups
from stancelib.prediction_powered import correct_ratio
from stancelib.sampling import Gold


@pytest.fixture(scope="module")
def arrays(toy_article):
    return gather_articles(toy_article(i, 6) for i in range(60))


@pytest.fixture(scope="module")
def gold(arrays):
    rng = np.random.default_rng(0)
    rows = rng.choice(len(arrays.articles), 120, replace=False)
    themes = (rng.random((120, 2)) < arrays.theme_probabilities[rows] ** 2) * 1.0
    return Gold(rows, np.full(120, 1 / 3), themes, rng.integers(-1, 2, 120) * 1.0)


def estimates(arrays, gold, codes=None, n=1, *, alpha=0.05, min_articles=5):
    codes = np.zeros(len(arrays.articles), dtype=int) if codes is None else codes
    groups = Groups(("part",), [(str(i),) for i in range(n)], codes)
    found = list(estimate_groups(arrays, gold, groups, alpha=alpha, min_articles=min_articles))
    assert all(tuple(row) == ("part", *COLUMNS) for row in found)
    return {(row["part"], row["theme"], row["quantity"]): row for row in found}


def test_rows_and_their_order(arrays, gold):
    found = estimates(arrays, gold)
    assert list(found) == [
        ("0", "economy", "share"),
        ("0", "economy", "tone_score"),
        ("0", "climate", "share"),
        ("0", "climate", "tone_score"),
        ("0", "all", "tone_score"),
    ]
    for row in found.values():
        assert row["low"] < row["estimate"] < row["high"]
        assert row["gold_only_low"] < row["gold_only"] < row["gold_only_high"]
        assert row["note"] == ""


def test_numbers_are_those_of_the_arrays(arrays, gold):
    found = estimates(arrays, gold)
    given, p = arrays.given[:, 1], arrays.theme_probabilities[:, 1].astype(float)
    scores, truth, tones = arrays.tone_scores.astype(float), gold.themes[:, 1], gold.tones
    share, tone = found["0", "climate", "share"], found["0", "climate", "tone_score"]
    assert share["naive"] == given.mean()
    assert share["gold_only"] == pytest.approx(truth.mean())
    assert share["n_gold"] == 120
    assert tone["naive"] == pytest.approx(scores[given].mean())
    assert tone["gold_only"] == pytest.approx(tones[truth == 1].mean())
    assert tone["n_gold"] == truth.sum()
    expected = correct_ratio(
        np.column_stack([truth * tones, truth]),
        np.column_stack([p * scores, p]),
        gold.rows,
        gold.inclusion_probabilities,
        arrays.articles,
    )
    assert (tone["low"], tone["high"]) == expected.interval
    every = found["0", "all", "tone_score"]
    assert every["naive"] == pytest.approx(scores.mean())
    assert every["gold_only"] == pytest.approx(tones.mean())


def test_groups_have_their_own_sample(arrays, gold):
    part = arrays.articles % 2
    found = estimates(arrays, gold, part, 2)
    for name, code in (("0", 0), ("1", 1)):
        inside = part[gold.rows] == code
        alone = Gold(
            gold.rows[inside],
            gold.inclusion_probabilities[inside],
            gold.themes[inside],
            gold.tones[inside],
        )
        same = estimates(arrays, alone, np.where(part == code, 0, -1))
        for (_, theme, quantity), row in same.items():
            assert found[name, theme, quantity] == {**row, "part": name}


def test_other_levels(arrays, gold):
    row, wide = (
        estimates(arrays, gold, alpha=alpha)["0", "economy", "share"] for alpha in (0.05, 0.01)
    )
    assert wide["low"] < row["low"]


def test_what_was_not_coded_does_not_count(arrays, gold):
    themes, tones = gold.themes.copy(), gold.tones.copy()
    themes[:30], tones[90:] = np.nan, np.nan
    found = estimates(arrays, Gold(gold.rows, gold.inclusion_probabilities, themes, tones))
    share, tone = found["0", "economy", "share"], found["0", "economy", "tone_score"]
    assert (share["n_gold"], found["0", "all", "tone_score"]["n_gold"]) == (90, 90)
    assert share["gold_only"] == pytest.approx(themes[30:, 0].mean())
    assert tone["n_gold"] == themes[30:90, 0].sum()


def test_too_few_articles_get_a_note(arrays, gold):
    themes = gold.themes.copy()
    first = np.flatnonzero(themes[:, 1])[:3]
    themes[:, 1] = 0
    themes[first, 1] = 1
    codes = np.where(arrays.articles == arrays.articles[gold.rows[0]], 1, 0)
    rare = Gold(gold.rows, gold.inclusion_probabilities, themes, gold.tones)
    found = estimates(arrays, rare, codes, 2)
    row = found["0", "climate", "share"]
    n = len(set(arrays.articles[gold.rows[first]][codes[gold.rows[first]] == 0]))
    assert row["note"] == f"articles with coded sentences that carry it: {n}, fewer than 5"
    assert np.isnan([row["estimate"], row["low"], row["gold_only"]]).all()
    assert row["naive"] > 0
    assert found["1", "all", "tone_score"]["note"] == (
        "articles with coded sentences: 1, fewer than 5"
    )


def test_a_group_without_coded_sentences(arrays, gold):
    codes = np.isin(np.arange(len(arrays.articles)), gold.rows).astype(int)
    found = estimates(arrays, gold, codes, 2)
    assert found["0", "economy", "share"]["n_gold"] == 0
    assert np.isnan(found["0", "economy", "share"]["estimate"])
    assert not np.isnan(found["1", "economy", "share"]["estimate"])


def test_codes_that_are_all_alike(arrays, gold):
    alike = Gold(gold.rows, gold.inclusion_probabilities, np.ones((120, 2)), gold.tones)
    row = estimates(arrays, alike)["0", "economy", "share"]
    assert row["gold_only"] == 1
    assert row["note"] == "coded sentences are all alike"
    assert np.isnan([row["estimate"], row["low"]]).all()


def test_models_without_tones(arrays, gold):
    blind = replace(arrays, tone_scores=np.full(len(arrays.articles), np.nan, dtype=np.float32))
    assert {quantity for _, _, quantity in estimates(blind, gold)} == {"share"}
