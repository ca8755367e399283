import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression

from stancelib.features import Block
from stancelib.heads import fit_heads, make_design
from stancelib.targets import Targets


@pytest.fixture
def problem():
    rng = np.random.default_rng(1)
    counts = sp.csr_array(rng.poisson(0.3, (200, 30)).astype(float))
    values = rng.normal(size=(30, 8))
    other = sp.csr_array(rng.poisson(0.5, (200, 5)).astype(float))
    other_values = sp.csr_array(np.eye(5))
    lengths = rng.uniform(1, 3, 200)
    features = np.hstack([counts @ values, other.toarray()]) / lengths[:, None]
    noise = rng.normal(size=(200, 3))
    themes = (features @ rng.normal(size=(13, 2)) + noise[:, :2] > 0).astype(float)
    tone = (features @ rng.normal(size=(13, 3)) + noise).argmax(axis=1)
    blocks = [Block(counts, values), Block(other, other_values)]
    return blocks, lengths, features, themes, tone


def test_is_scikit_learns_logistic_regression(problem):
    blocks, lengths, features, themes, tone = problem
    weights = np.linspace(0.5, 1.5, 200)
    targets = Targets(themes, np.eye(3)[tone], weights)
    log_odds = fit_heads(make_design(blocks, lengths), targets, C=2.0, max_iter=2000).log_odds(
        blocks, lengths
    )
    for i in range(2):
        peer = LogisticRegression(C=2.0, max_iter=2000, tol=1e-8)
        peer.fit(features, themes[:, i], sample_weight=weights)
        np.testing.assert_allclose(log_odds[:, i], peer.decision_function(features), atol=0.02)
    peer = LogisticRegression(C=2.0, max_iter=2000, tol=1e-8).fit(
        features, tone, sample_weight=weights
    )
    raised = np.exp(log_odds[:, 2:])
    said = raised / raised.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(said, peer.predict_proba(features), atol=0.005)


def test_few_sentences_are_fitted_in_their_span(problem, monkeypatch):
    blocks, lengths, _, themes, tone = problem
    rng = np.random.default_rng(2)
    many = Block(sp.csr_array(np.eye(200)[rng.integers(0, 150, 200)]), rng.normal(size=(200, 400)))
    targets = Targets(themes, np.eye(3)[tone], np.ones(200))
    C = np.array([0.1, 1.0, 0.5, 0.5, 0.5])
    in_span = fit_heads(make_design([*blocks, many], lengths), targets, C=C, max_iter=2000)
    monkeypatch.setattr("stancelib.heads.MAX_SPAN", 0)
    plain = fit_heads(make_design([*blocks, many], lengths), targets, C=C, max_iter=2000)
    for got, expected in zip(in_span.weights, plain.weights, strict=True):
        np.testing.assert_allclose(got, expected, atol=1e-3)
    np.testing.assert_allclose(in_span.bias, plain.bias, atol=1e-3)


def test_sentences_that_were_not_coded_do_not_count(problem):
    blocks, lengths, _, themes, tone = problem
    tones = np.eye(3)[tone]
    half = [Block(b.counts[:100], b.values) for b in blocks]
    targets = Targets(themes[:100], tones[:100], np.ones(100))
    expected = fit_heads(make_design(half, lengths[:100]), targets, C=1.0, max_iter=500)
    themes[100:] = np.nan
    tones[100:] = np.nan
    got = fit_heads(
        make_design(blocks, lengths), Targets(themes, tones, np.ones(200)), C=1.0, max_iter=500
    )
    np.testing.assert_allclose(
        got.log_odds(blocks, lengths), expected.log_odds(blocks, lengths), atol=0.01
    )


def test_features_that_no_sentence_has_get_no_weight(problem):
    blocks, lengths, _, themes, tone = problem
    wider = sp.csr_array(sp.hstack([blocks[1].counts, sp.csr_array((200, 2))]))
    block = Block(wider, sp.csr_array(np.eye(7)))
    targets = Targets(themes, np.eye(3)[tone], np.ones(200))
    heads = fit_heads(make_design([block], lengths), targets, C=1.0, max_iter=50)
    assert (heads.weights[0][5:] == 0).all()
    assert (heads.weights[0][:5] != 0).all()


def test_an_offset_is_what_is_there_already(problem):
    """With an unlimited penalty the offset alone speaks, but for the bias."""
    blocks, lengths, _, themes, tone = problem
    targets = Targets(themes, np.eye(3)[tone], np.ones(200))
    free = fit_heads(make_design(blocks, lengths), targets, C=1.0, max_iter=500)
    offset = free.log_odds(blocks, lengths)
    tied = fit_heads(make_design(blocks, lengths), targets, C=1e-9, max_iter=200, offset=offset)
    change = tied.log_odds(blocks, lengths)
    np.testing.assert_allclose(change, np.tile(tied.bias, (200, 1)), atol=1e-3)
    assert np.abs(tied.bias[:2]).max() < 0.1


def test_each_label_has_its_own_penalty(problem):
    blocks, lengths, _, themes, tone = problem
    targets = Targets(themes, np.eye(3)[tone], np.ones(200))
    C = np.array([2.0, 0.02, 2.0, 2.0, 2.0])
    each = fit_heads(make_design(blocks, lengths), targets, C=C, max_iter=3000).log_odds(
        blocks, lengths
    )
    loose, tight = (
        fit_heads(make_design(blocks, lengths), targets, C=c, max_iter=3000).log_odds(
            blocks, lengths
        )
        for c in (2.0, 0.02)
    )
    np.testing.assert_allclose(each[:, [0, 2, 3, 4]], loose[:, [0, 2, 3, 4]], atol=0.05)
    np.testing.assert_allclose(each[:, 1], tight[:, 1], atol=0.05)
    assert np.abs(loose[:, 1] - tight[:, 1]).mean() > 0.2
