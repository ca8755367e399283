import numpy as np
import pytest

from stancelib.prediction_powered import correct_ratio

LIMITS = {"share": (0.0, 1.0), "tone": (-1.0, 1.0), "tone of the theme": (-1.0, 1.0)}


def written_world(seed, n_articles=3000):
    """Sentences of many articles, their truth, and a model that is wrong in one direction."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(8, 33, n_articles)
    article = np.repeat(np.arange(n_articles), sizes)
    n = len(article)
    log_odds = rng.normal(-1, 0.9, n_articles)[article] + rng.normal(0, 1.5, n)
    theme = (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(float)
    said = 1 / (1 + np.exp(-1.2 * (log_odds + rng.normal(0, 0.8, n)) - 0.8))
    mood = rng.normal(-0.2, 0.5, n_articles)[article] + rng.normal(0, 0.8, n) - 0.3 * theme
    tone = (mood > 0.5) * 1.0 - (mood < -0.5)
    score = np.tanh(0.8 * (mood + rng.normal(0, 0.5, n)) + 0.25)
    return np.cumsum(sizes) - sizes, sizes, theme, said, tone, score


def draw_panel(world, rng, n_articles):
    starts, sizes, *values = world
    chosen = rng.integers(len(sizes), size=n_articles)
    rows = np.concatenate([np.arange(starts[a], starts[a] + sizes[a]) for a in chosen])
    return np.repeat(np.arange(n_articles), sizes[chosen]), *(v[rows] for v in values)


def draw_gold(rng, said, n, rule):
    """Sentences to code, and how probable each was: alike, or more where the theme is said."""
    if rule == "alike":
        return rng.choice(len(said), n, replace=False), np.full(n, n / len(said))
    rows, inclusion = [], []
    for stratum, k in ((said >= 0.5, 7 * n // 10), (said < 0.5, n - 7 * n // 10)):
        rows.append(rng.choice(np.flatnonzero(stratum), k, replace=False))
        inclusion.append(np.full(k, k / stratum.sum()))
    return np.concatenate(rows), np.concatenate(inclusion)


def naive_interval(said, given, score, articles):
    """What counting the model's labels gives, with an interval over articles, by quantity."""
    one = np.ones(len(said))
    for top, below in ((given, one), (score, one), (given * score, given)):
        ratio = top.sum() / below.sum()
        error = np.linalg.norm(np.bincount(articles, top - ratio * below)) / below.sum()
        yield ratio - 1.96 * error, ratio + 1.96 * error


def simulate(rule, *, n_rounds, n_articles=200, n_gold=200, seed=20):
    """Share of rounds in which each interval covers the truth, and mean widths, by quantity."""
    world = written_world(seed)
    _, _, theme, _, tone, _ = world
    truths = (theme.mean(), tone.mean(), (theme * tone).sum() / theme.sum())
    rng = np.random.default_rng(seed + 1)
    bounds = np.empty((n_rounds, len(truths), 3, 2))
    for i in range(n_rounds):
        articles, theme, said, tone, score = draw_panel(world, rng, n_articles)
        coded, inclusion = draw_gold(rng, said, n_gold, rule)
        one = np.ones(len(said))
        pairs = (
            ((theme, one), (said, one)),
            ((tone, one), (score, one)),
            ((theme * tone, theme), (said * score, said)),
        )
        naive = naive_interval(said, (said >= 0.5) * 1.0, score, articles)
        for j, ((truth, guess), counted) in enumerate(zip(pairs, naive, strict=True)):
            found = correct_ratio(
                np.column_stack(truth)[coded],
                np.column_stack(guess),
                coded,
                inclusion,
                articles,
                limits=list(LIMITS.values())[j],
            )
            bounds[i, j] = counted, found.gold_only_interval, found.interval
    target = np.array(truths)[:, None]
    covered = (bounds[..., 0] <= target) & (target <= bounds[..., 1])
    return covered.mean(axis=0), (bounds[..., 1] - bounds[..., 0]).mean(axis=0)


@pytest.mark.parametrize("rule", ["alike", "more where the theme is said"])
def test_intervals_cover_the_truth_and_are_shorter_than_without_a_model(rule):
    covered, widths = simulate(rule, n_rounds=500)
    for (naive, gold_only, powered), (_, width_alone, width) in zip(covered, widths, strict=True):
        assert naive < 0.2
        assert 0.92 <= gold_only <= 0.98
        assert 0.93 <= powered <= 0.97
        assert width < 0.92 * width_alone


def mean_of(values):
    return np.column_stack([values, np.ones(len(values))])


def correct_mean(gold, predicted, coded, articles, inclusion=None, **options):
    inclusion = np.full(len(coded), 0.1) if inclusion is None else inclusion
    gold, predicted = mean_of(np.asarray(gold, float)), mean_of(np.asarray(predicted, float))
    return correct_ratio(gold, predicted, coded, inclusion, articles, **options)


def test_perfect_predictions_leave_the_variation_of_articles():
    rng = np.random.default_rng(0)
    truth, articles = rng.integers(0, 2, 600).astype(float), np.repeat(np.arange(60), 10)
    coded = rng.choice(600, 60, replace=False)
    found = correct_mean(truth[coded], truth, coded, articles, limits=(0, 1))
    assert found.tuning == pytest.approx(1, abs=0.15)
    assert found.estimate == pytest.approx(truth.mean(), abs=0.02)
    by_article = truth.reshape(60, 10).mean(axis=1)
    width = found.interval[1] - found.interval[0]
    assert width == pytest.approx(2 * 2 * by_article.std() / np.sqrt(60), rel=0.2)


def test_useless_predictions_change_nothing():
    truth, coded = np.tile([0.0, 1.0, 1.0], 10), np.arange(0, 60, 2)
    found = correct_mean(truth, np.full(60, 0.9), coded, np.arange(60))
    assert found.tuning == 0
    assert found.estimate == found.gold_only == pytest.approx(2 / 3)


def test_a_simple_sample_alone_has_the_interval_of_the_textbook():
    truth, n = np.array([0.0, 1, 1, 0, 1, 0, 0, 0, 1, 0]), 10
    found = correct_mean(truth, np.zeros(100), np.arange(n), np.arange(100), limits=(-9, 9))
    half = 2.262157 * truth.std(ddof=1) / np.sqrt(n)
    assert found.gold_only_interval == pytest.approx((0.4 - half, 0.4 + half))


def test_weights_are_one_over_the_probability():
    found = correct_mean([1, 0, 0], np.zeros(9), [0, 3, 6], np.arange(9), [0.5, 0.25, 0.25])
    assert found.gold_only == pytest.approx(2 / (2 + 4 + 4))


def test_sentences_of_an_article_hang_together():
    rng = np.random.default_rng(1)
    truth = np.repeat(rng.integers(0, 2, 20), 5)
    coded, noise = np.arange(100), rng.random(1000)
    together = correct_mean(truth, noise, coded, np.repeat(np.arange(200), 5))
    apart = correct_mean(truth, noise, coded, np.arange(1000))
    assert np.ptp(together.gold_only_interval) > 1.5 * np.ptp(apart.gold_only_interval)


def test_estimates_stay_in_range():
    truth = [0, 0, 0, 0, 1, 0, 0, 0]
    found = correct_mean(truth, np.zeros(50), np.arange(8), np.arange(50), limits=(0, 1))
    assert found.interval[0] == found.gold_only_interval[0] == 0
    assert 0 < found.interval[1] < 1


def test_other_levels():
    truth = [0, 1, 0, 1, 1, 0, 0, 0]
    narrow, wide = (
        correct_mean(truth, np.zeros(50), np.arange(8), np.arange(50), alpha=alpha)
        for alpha in (0.2, 0.01)
    )
    assert wide.interval[0] < narrow.interval[0] < narrow.interval[1] < wide.interval[1]


@pytest.mark.parametrize(
    ("gold", "articles", "gold_only"),
    [
        ([1.0, 0.0, 1.0, 0.0], [0, 0, 1, 1, 2, 2], 0.5),  # two articles
        ([1.0, 1.0, 1.0, 1.0], [0, 1, 2, 3, 4, 5], 1.0),  # all alike
    ],
)
def test_too_little_gives_no_interval(gold, articles, gold_only):
    found = correct_mean(gold, np.zeros(6), [0, 1, 2, 3], articles)
    assert found.gold_only == gold_only
    assert np.isnan([found.estimate, *found.interval, *found.gold_only_interval]).all()


def test_nothing_coded_gives_nothing():
    found = correct_mean([], np.zeros(6), [], np.arange(6))
    assert np.isnan([found.gold_only, found.estimate, *found.interval]).all()
    none = correct_ratio(np.zeros((4, 2)), np.ones((6, 2)), [0, 1, 2, 3], [1] * 4, np.arange(6))
    assert np.isnan(none.gold_only)


def test_a_denominator_that_predictions_make_negative_is_not_used():
    gold = np.array([[1.0, 1], [0, 1], [0, 0], [0, 0], [0, 0], [1, 1]])
    predicted = np.vstack([gold * 5 + [[0, 5]], np.full((30, 2), -50.0)])
    found = correct_ratio(gold, predicted, np.arange(6), [0.2] * 6, np.arange(36), limits=(0, 1))
    assert found.tuning == 0
    assert found.estimate == found.gold_only


@pytest.mark.parametrize("alpha", [0, 1, 5])
def test_alpha_is_a_probability(alpha):
    with pytest.raises(ValueError, match=f"alpha is {alpha}, expected a number between 0 and 1"):
        correct_mean([1], [1], [0], [0], alpha=alpha)
