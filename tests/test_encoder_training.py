from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp

from stancelib import encoder_training
from stancelib.encoder_training import EncoderSettings, Material, fit_encoder
from stancelib.lexicon import SCOPES
from stancelib.targets import Targets

N_WORDS, N_CLASSES = 20, 2
WHOLE = EncoderSettings(n_dims=5, n_hidden=4, drop_words=0.0, drop=0.0, cut=0.0)


def made(seed=0, n_passages=5):
    """Sentences of random words (some sentences empty), with labels by lot."""
    rng = np.random.default_rng(seed)
    words, starts, sections = [], [], []
    for passage in range(n_passages):
        for _ in range(rng.integers(1, 5)):
            starts.append(len(words))
            sections.append(passage)
            words += [*rng.integers(1, N_WORDS + 1, rng.integers(0, 6)).tolist(), 0]
    n_pairs = N_CLASSES * len(SCOPES)
    material = Material(
        np.array(words),
        np.array(starts),
        np.array(sections),
        sp.random_array((len(words), n_pairs), density=0.1, rng=rng, format="csr"),
        rng.standard_normal((n_pairs, 3)),
        0.2 * rng.standard_normal((N_WORDS + 1, 6)),
    )
    n = len(starts)
    themes = (rng.random((n, 2)) < 0.4).astype(float)
    themes[0] = np.nan
    targets = Targets(themes, np.eye(3)[rng.integers(0, 3, n)], rng.random(n) + 0.5)
    return material, targets


def test_gradients_are_the_slopes_of_the_loss(monkeypatch):
    material, targets = made()
    rng = np.random.default_rng(1)
    network = encoder_training._Network(material, targets, np.arange(5), WHOLE, rng)
    network.own[1:4] = [1, 2, 1]  # no word is frequent enough here
    network.weights["own"] = np.zeros((3, 5))
    for name, weight in network.weights.items():
        network.weights[name] = weight + 0.3 * rng.standard_normal(weight.shape)
    firsts = np.searchsorted(material.sections, np.arange(6)).tolist()
    stretches = list(pairwise(firsts))
    losses = []
    log_loss = encoder_training.log_loss

    def listen(*args):
        losses.append(log_loss(*args))
        return losses[-1]

    monkeypatch.setattr(encoder_training, "log_loss", listen)
    gradients = network.gradients(stretches)
    assert set(gradients) == set(network.weights)
    for name, weight in network.weights.items():
        for _ in range(6):
            at = tuple(rng.integers(0, n) for n in weight.shape)
            if name == "own" and at[0] == 0:
                continue
            value, step = weight[at], 1e-4
            weight[at] = value + step
            network.gradients(stretches)
            weight[at] = value - step
            network.gradients(stretches)
            weight[at] = value
            slope = (losses[-2][0] - losses[-1][0]) / (2 * step * len(material.starts))
            assert gradients[name][at] == pytest.approx(slope, rel=5e-3, abs=2e-4), name


def test_the_encoder_says_what_the_network_said(monkeypatch):
    material, targets = made()
    rng = np.random.default_rng(1)
    network = encoder_training._Network(material, targets, np.arange(5), WHOLE, rng)
    said = []
    log_loss = encoder_training.log_loss
    monkeypatch.setattr(
        encoder_training, "log_loss", lambda z, *rest: (said.append(z), log_loss(z, *rest))[1]
    )
    n = len(material.starts)
    network.gradients([(0, n)])
    encoder = network.fold()
    rows = encoder.words[material.words].astype(np.float32)
    rows += material.classes @ encoder.classes.reshape(-1, 5)
    rows[material.words == 0] = 0
    encoded = encoder.encode(rows, material.starts)
    one_section = encoder.surroundings(encoded.pooled, material.sections)
    np.testing.assert_allclose(encoded.log_odds + one_section, said[0], atol=0.02)


def test_learns_and_repeats_itself():
    material, _ = made(n_passages=40)
    n = len(material.starts)
    first = material.words[material.starts]
    themes = np.column_stack([first > N_WORDS // 2, first == 0]).astype(float)
    targets = Targets(themes, np.eye(3)[np.zeros(n, int)], np.ones(n))
    settings = EncoderSettings(n_dims=8, n_hidden=8, n_epochs=40, learning_rate=0.01, batch_size=4)
    one, other = (fit_encoder(material, targets, np.arange(40), settings, seed=3) for _ in "ab")
    assert (one.words == other.words).all()
    assert (one.around == other.around).all()
    rows = one.words[material.words].astype(np.float32)
    rows[material.words == 0] = 0
    said = one.encode(rows, material.starts).log_odds[:, 1] > 0
    assert (said == themes[:, 1]).mean() > 0.9


def test_passages_left_out_are_left_alone():
    material, targets = made(n_passages=10)
    kept = np.arange(8)
    one = fit_encoder(material, targets, kept, WHOLE, seed=0)
    targets.themes[material.sections >= 8] = 1 - targets.themes[material.sections >= 8]
    other = fit_encoder(material, targets, kept, WHOLE, seed=0)
    assert (one.mix == other.mix).all()
