import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stancelib import aggregation
from stancelib.aggregation import Readings, summarise

N_ARTICLES = 40


def readings(seed=0, sizes=(1, 9), n_articles=N_ARTICLES):
    rng = np.random.default_rng(seed)
    articles = np.repeat(np.arange(n_articles), rng.integers(*sizes, n_articles))
    n = len(articles)
    scores = rng.uniform(-1, 1, n).astype(np.float32)
    return Readings(articles, rng.random((n, 2)) < (0.4, 0.1), scores, np.sign(np.round(scores)))


def summary_of(read, groups, **options):
    options = {"min_articles": 1, "n_draws": 200, "seed": 0, **options}
    return summarise(read, groups, int(groups.max(initial=-1)) + 1, **options)


def test_values_are_counts_and_means():
    read = readings()
    groups = read.articles % 3
    found = summary_of(read, groups)
    for group in range(3):
        inside = groups == group
        assert found.n_articles[group] == len(set(read.articles[inside]))
        every = np.ones(len(inside), dtype=bool)
        for theme, carried in enumerate([*read.given.T, every]):
            rows = inside & carried
            assert found.n_sentences[group, theme] == rows.sum()
            assert found.n_carrying[group, theme] == len(set(read.articles[rows]))
            expected = (
                rows.sum() / inside.sum(),
                read.tone_scores[rows].mean(),
                read.signs[rows].mean(),
            )
            assert found.values[:, group, theme] == pytest.approx(expected, abs=1e-6)


def test_intervals_are_percentiles_of_drawn_articles():
    read = readings()
    found = summary_of(read, np.zeros(len(read.articles), dtype=int), n_draws=100, seed=3)
    rng, drawn = np.random.default_rng(3), []
    for counts in rng.multinomial(N_ARTICLES, np.full(N_ARTICLES, 1 / N_ARTICLES), 100):
        rows = np.repeat(np.arange(len(read.articles)), counts[read.articles])
        carried = read.given[rows, 0]
        drawn.append(
            (
                carried.mean(),
                read.tone_scores[rows][carried].mean(dtype=float),
                read.signs[rows][carried].mean(dtype=float),
            )
        )
    low, high = np.quantile(drawn, [0.025, 0.975], axis=0)
    assert found.low[:, 0, 0] == pytest.approx(low)
    assert found.high[:, 0, 0] == pytest.approx(high)


def test_intervals_cover_the_truth():
    truths, hits = (0.4, 0.0), np.zeros(2)
    for seed in range(150):
        read = readings(seed + 1, n_articles=80)
        found = summary_of(read, np.zeros(len(read.articles), dtype=int), seed=seed)
        hits += (found.low[:2, 0, 0] <= truths) & (truths <= found.high[:2, 0, 0])
    assert (hits / 150 > 0.9).all()
    assert (hits / 150 < 0.99).all()


def test_sentences_of_an_article_hang_together():
    read = readings(sizes=(1, 2))
    tenfold = Readings(*(np.repeat(a, 10, axis=0) for a in (read.articles, read.given)), *(
        np.repeat(a, 10) for a in (read.tone_scores, read.signs)
    ))  # fmt: skip
    once, ten = (summary_of(r, np.zeros(len(r.articles), dtype=int)) for r in (read, tenfold))
    assert ten.low == pytest.approx(once.low, nan_ok=True)
    assert ten.high == pytest.approx(once.high, nan_ok=True)


def test_intervals_do_not_depend_on_other_groups():
    read = readings()
    groups = read.articles % 4
    together, alone = summary_of(read, groups), summary_of(read, np.where(groups == 2, 0, -1))
    for name in ("values", "low", "high"):
        one, other = getattr(together, name)[:, 2], getattr(alone, name)[:, 0]
        assert one == pytest.approx(other, nan_ok=True)
    assert alone.n_articles == together.n_articles[2]


def test_blocks_of_draws_change_nothing(monkeypatch):
    read = readings()
    groups = np.zeros(len(read.articles), dtype=int)
    whole = summary_of(read, groups)
    monkeypatch.setattr(aggregation, "BLOCK", 70 * N_ARTICLES)
    assert summary_of(read, groups).low == pytest.approx(whole.low)


def test_an_article_may_be_in_several_groups():
    read = readings(sizes=(4, 5))
    groups = np.arange(len(read.articles)) % 2
    found = summary_of(read, groups)
    assert found.n_articles.tolist() == [N_ARTICLES, N_ARTICLES]
    assert found.n_sentences[:, -1].tolist() == [2 * N_ARTICLES] * 2


def one_theme(articles, given):
    n = len(articles)
    return Readings(np.array(articles), np.array(given, bool)[:, None], np.ones(n), np.ones(n))


def test_small_groups_have_counts_and_no_numbers():
    read = one_theme([0, 1, 2, 3], [1, 1, 0, 1])
    found = summary_of(read, np.array([0, 0, 1, 0]), min_articles=2)
    assert found.n_articles.tolist() == [3, 1]
    assert found.n_sentences[1].tolist() == [0, 1]
    assert np.isnan(found.values[:, 1]).all()
    assert np.isnan(found.low[:, 1]).all()
    assert not np.isnan(found.values[:, 0]).any()


def test_themes_of_few_articles_have_a_share_and_no_tone():
    found = summary_of(one_theme([0, 0, 1, 2], [1, 1, 0, 0]), np.zeros(4, int), min_articles=2)
    assert found.n_carrying[0].tolist() == [1, 3]
    assert found.values[0, 0, 0] == 0.5
    assert found.low[0, 0, 0] <= 0.5 <= found.high[0, 0, 0]
    assert np.isnan([found.values[1:, 0, 0], found.low[1:, 0, 0]]).all()


def test_a_theme_that_is_not_there_has_no_interval():
    found = summary_of(one_theme([0, 1, 2], [0, 0, 0]), np.zeros(3, int))
    assert found.values[0, 0, 0] == 0
    assert np.isnan([found.low[0, 0, 0], found.high[0, 0, 0], found.values[1, 0, 0]]).all()


def test_what_is_alike_in_all_articles_has_no_interval():
    found = summary_of(one_theme([0, 0, 1, 1, 2], [1, 0, 1, 1, 0]), np.zeros(5, int))
    assert found.values[:, 0, 0].tolist() == pytest.approx([3 / 5, 1, 1])
    assert np.isnan(found.low[:, 0, 0]).tolist() == [False, True, True]
    assert found.low[0, 0, -1] == found.high[0, 0, -1] == 1


def test_one_article_has_no_interval():
    found = summary_of(one_theme([0, 0], [1, 0]), np.zeros(2, int))
    assert found.values[0, 0].tolist() == [0.5, 1]
    assert np.isnan(found.low).all()


def test_models_without_tones():
    read = readings()
    nan = np.full(len(read.articles), np.nan)
    blind = Readings(read.articles, read.given, nan, nan)
    found = summary_of(blind, np.zeros(len(nan), int))
    assert not np.isnan(found.values[0]).any()
    assert np.isnan([found.values[1:], found.low[1:], found.high[1:]]).all()


def test_no_sentences_at_all():
    empty = Readings(np.zeros(0, int), np.zeros((0, 2), bool), np.zeros(0), np.zeros(0))
    assert summary_of(empty, np.zeros(0, int)).values.shape == (3, 0, 3)


@given(st.lists(st.lists(st.floats(-5, 5) | st.just(np.nan), min_size=3, max_size=3), min_size=1))
def test_ends_are_quantiles_of_numbers(rows):
    drawn = np.array(rows)
    low, high = aggregation._ends(drawn)
    for column, *ends in zip(drawn.T, low, high, strict=True):
        numbers = column[~np.isnan(column)]
        if len(numbers):
            assert ends == pytest.approx(np.quantile(numbers, [0.025, 0.975]).tolist())
        else:
            assert np.isnan(ends).all()
