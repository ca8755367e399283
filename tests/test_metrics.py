import numpy as np
import pytest
from sklearn.metrics import precision_recall_fscore_support

from stancelib.metrics import (
    MIN_THRESHOLD,
    Comparison,
    best_thresholds,
    calibration_error,
    compare_labels,
    decide,
    evaluate_labels,
)

THEMES, TONES = ("a", "b"), ("bad", "good")


@pytest.fixture
def data():
    rng = np.random.default_rng(0)
    n = 300
    themes = (rng.random((n, 2)) < 0.3).astype(float)
    tones = np.eye(2)[rng.integers(0, 2, n)]
    tone_p = rng.dirichlet([1, 1], n)
    probabilities = np.hstack([np.clip(themes * 0.4 + rng.random((n, 2)) * 0.6, 0, 1), tone_p])
    return probabilities, themes, tones, np.repeat(np.arange(30), 10)


def evaluate(data, thresholds=(0.5, 0.4)):
    probabilities, themes, tones, passages = data
    return evaluate_labels(
        probabilities, themes, tones, np.array(thresholds), passages, THEMES, TONES
    )


def test_agrees_with_scikit_learn(data):
    probabilities, themes, tones, _ = data
    evaluation = evaluate(data)
    said = probabilities[:, :2] >= [0.5, 0.4]
    p, r, f, n = precision_recall_fscore_support(themes, said)
    for i, name in enumerate(THEMES):
        score = evaluation.themes[name]
        assert (score.precision, score.recall, score.f1, score.support) == pytest.approx(
            (p[i], r[i], f[i], n[i])
        )
    assert evaluation.theme_macro_f1 == pytest.approx(f.mean())
    _, _, f, _ = precision_recall_fscore_support(tones.argmax(1), probabilities[:, 2:].argmax(1))
    assert evaluation.tone_macro_f1 == pytest.approx(f.mean())


def test_intervals_hold_the_value_and_are_the_same_each_time(data):
    evaluation = evaluate(data)
    low, high = evaluation.theme_macro_f1_interval
    assert low < evaluation.theme_macro_f1 < high
    assert high - low > 0.02
    assert evaluate(data) == evaluation


def test_the_bootstrap_draws_passages_not_sentences(data):
    probabilities, themes, tones, _ = data
    copies = [np.repeat(a, 10, axis=0) for a in (probabilities, themes, tones)]
    passages = np.repeat(np.arange(len(themes)), 10)
    together = evaluate((*copies, passages)).theme_macro_f1_interval
    apart = evaluate((*copies, np.arange(len(passages)))).theme_macro_f1_interval
    assert together[1] - together[0] > 2 * (apart[1] - apart[0])


def test_not_coded_counts_for_nothing(data):
    probabilities, themes, tones, passages = data
    more = [np.vstack([a, a[:50]]) for a in (probabilities, themes, tones)]
    more[1][300:] = np.nan
    more[2][300:] = np.nan
    evaluation = evaluate((*more, np.concatenate([passages, passages[:50]])))
    first = evaluate(data)
    assert evaluation.themes["a"].f1 == first.themes["a"].f1
    assert evaluation.tones["bad"].f1 == first.tones["bad"].f1
    assert evaluation.tone_macro_f1 == first.tone_macro_f1
    assert evaluation.theme_calibration_error == first.theme_calibration_error
    assert evaluation.none_recall == first.none_recall


def test_none_recall():
    probabilities = np.array([[0.9, 0.1, 1, 0], [0.1, 0.1, 1, 0], [0.1, 0.9, 1, 0]])
    themes = np.array([[0.0, 0], [0, 0], [0, 1]])
    tones = np.array([[1.0, 0]] * 3)
    assert evaluate((probabilities, themes, tones, np.arange(3))).none_recall == 0.5


def test_a_label_that_is_nowhere_does_not_count():
    themes = np.array([[1.0, 0], [0, 0]])
    evaluation = evaluate(
        (
            np.array([[0.9, 0.1, 1, 0], [0.1, 0.1, 1, 0]]),
            themes,
            np.array([[1.0, 0]] * 2),
            np.arange(2),
        )
    )
    assert evaluation.theme_macro_f1 == evaluation.themes["a"].f1 == 1.0
    assert np.isnan(evaluation.themes["b"].f1)
    assert evaluation.tone_macro_f1 == 1.0
    assert evaluation.to_dict()["themes"]["b"]["f1"] is None
    said = np.array([[0.9, 0.9, 1, 0], [0.1, 0.1, 1, 0]])  # now "b" is found where it is not
    wrong = evaluate((said, themes, np.array([[1.0, 0]] * 2), np.arange(2)))
    assert wrong.theme_macro_f1 == 0.5


def test_nothing_was_coded():
    nothing = np.full((2, 2), np.nan)
    evaluation = evaluate((np.full((2, 4), 0.5), nothing, nothing, np.arange(2)))
    assert np.isnan(evaluation.theme_macro_f1)
    assert np.isnan(evaluation.tone_macro_f1_interval[0])


def test_calibration_error():
    assert calibration_error(np.array([0.05, 0.95]), np.array([0.0, 1.0])) == pytest.approx(0.05)
    assert np.isnan(calibration_error(np.zeros(0), np.zeros(0)))
    assert calibration_error(np.array([1.0]), np.array([1.0])) == 0


def test_table_and_dict_say_the_same(data):
    evaluation = evaluate(data)
    plain = evaluation.to_dict()
    assert f"{plain['themes']['a']['f1']:.3f}" in str(evaluation)
    assert plain["n_passages"] == 30
    assert plain["theme_macro_f1_interval"] == [
        round(x, 4) for x in evaluation.theme_macro_f1_interval
    ]


def test_best_thresholds_are_near_those_that_a_search_finds():
    """With calibrated probabilities and many sentences, none does much better."""
    rng = np.random.default_rng(2)
    probabilities = rng.beta(0.4, 1.6, (20000, 1))
    truth = (rng.random((20000, 1)) < probabilities).astype(float)

    def f1(threshold):
        said = probabilities >= threshold
        return 2 * (said & (truth == 1)).sum() / (said.sum() + truth.sum())

    (found,) = best_thresholds(probabilities, truth)
    assert MIN_THRESHOLD < found < 0.5
    assert f1(found) > max(f1(t) for t in np.linspace(0.05, 0.95, 91)) - 0.003
    assert f1(found) > f1(0.5) + 0.01


def test_best_thresholds_of_what_is_nowhere_or_not_coded():
    probabilities = np.array([[0.9, 0.9, 0.9], [0.2, 0.2, 0.2]])
    truth = np.array([[0.0, np.nan, 1.0], [0.0, np.nan, 0.0]])
    assert best_thresholds(probabilities, truth).tolist() == [0.5, 0.5, 0.5]


@pytest.fixture
def rivals(data):
    """What two models give: the second makes half of the errors of the first."""
    _, themes, _, passages = data
    rng = np.random.default_rng(1)
    wrong = rng.random(themes.shape) < 0.3
    first = np.where(wrong, 1 - themes, themes)
    second = np.where(wrong & (rng.random(themes.shape) < 0.5), 1 - themes, themes)
    return first, second, themes, passages


def test_a_comparison_has_the_values_of_the_evaluations(data, rivals):
    first, second, themes, passages = rivals
    labels, macro = compare_labels(*rivals, THEMES)
    for said, side in ((first, "first"), (second, "second")):
        alone = evaluate((np.hstack([said, data[2]]), themes, data[2], passages))
        assert getattr(macro, side) == alone.theme_macro_f1
        assert {name: getattr(d, side) for name, d in labels.items()} == {
            name: score.f1 for name, score in alone.themes.items()
        }
    assert macro.difference == macro.second - macro.first > 0
    assert macro.interval[0] < macro.difference < macro.interval[1]
    assert 0.95 < macro.second_better <= 1


def test_a_comparison_turned_round_says_the_opposite(rivals):
    first, second, themes, passages = rivals
    there = compare_labels(first, second, themes, passages, THEMES)[0]["a"]
    back = compare_labels(second, first, themes, passages, THEMES)[0]["a"]
    assert back.difference == -there.difference
    assert back.interval == pytest.approx([-there.interval[1], -there.interval[0]])
    assert back.second_better == pytest.approx(1 - there.second_better)


def test_the_bootstrap_of_a_comparison_is_paired(data, rivals):
    first, _, themes, passages = rivals
    second = first.copy()
    second[:5] = themes[:5]  # the same model but for a few sentences
    _, macro = compare_labels(first, second, themes, passages, THEMES)
    low, high = evaluate(
        (np.hstack([first, data[2]]), themes, data[2], passages)
    ).theme_macro_f1_interval
    assert macro.interval[1] - macro.interval[0] < 0.5 * (high - low)


def test_the_same_twice_is_a_tie(rivals):
    first, _, themes, passages = rivals
    _, macro = compare_labels(first, first, themes, passages, THEMES)
    assert (macro.difference, macro.interval, macro.second_better) == (0, (0, 0), 0.5)


def test_nothing_to_compare(rivals):
    first, second, themes, passages = rivals
    labels, macro = compare_labels(first, second, themes * np.nan, passages, THEMES)
    for difference in (*labels.values(), macro):
        values = [difference.difference, *difference.interval, difference.second_better]
        assert np.isnan(values).all()
    labels, macro = compare_labels(first[:, :0], second[:, :0], themes[:, :0], passages, (), seed=1)
    assert labels == {}
    assert np.isnan(macro.first)


def test_comparison_as_table_and_dict(rivals):
    labels, macro = compare_labels(*rivals, THEMES)
    comparison = Comparison(300, 30, labels, {}, macro, macro, ("c",), ())
    plain = comparison.to_dict()
    assert plain["themes"]["a"]["second"] == round(labels["a"].second, 4)
    assert plain["only_first"] == ["c"]
    row = next(line for line in str(comparison).splitlines() if line.startswith("a "))
    assert row.split()[1:4] == [
        f"{labels['a'].first:.3f}",
        f"{labels['a'].second:.3f}",
        f"{labels['a'].difference:+.3f}",
    ]
    assert "only in the first, not compared: c" in str(comparison)
    assert "only in the second" not in str(comparison)


def test_decide():
    said = decide(np.array([[0.5, 0.3, 0.2, 0.8], [0.4, 0.5, 0.6, 0.4]]), np.array([0.5, 0.5]))
    assert said.tolist() == [[1, 0, 0, 1], [0, 1, 1, 0]]
    assert decide(np.zeros((2, 1)), np.array([0.5])).tolist() == [[0], [0]]
