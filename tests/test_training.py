from dataclasses import replace

import numpy as np
import pytest

from stancelib.encoder_training import EncoderSettings, fit_encoder, make_material
from stancelib.features import Vectors, Weights, build_vocabulary, count_blocks, lengths
from stancelib.heads import fit_heads, make_design
from stancelib.inventory import Scope
from stancelib.lexicon import Entry, Lexicon
from stancelib.records import Example, Passage
from stancelib.targets import Targets, make_targets
from stancelib.training import Settings, fold, theme_weights, train_scorer

THEMES, TONES = ("sea", "land"), ("bad", "good")
LEXICON = Lexicon(
    {("storm",): Entry(-2, ""), ("calm", "sea"): Entry(2, "")}, {("no",): Scope(1, 4)}
)
VECTORS = Vectors(["sea", "land"], np.eye(2, dtype=np.float16))
ENCODER = EncoderSettings(n_dims=8, n_hidden=8, n_epochs=30, batch_size=4, learning_rate=0.01)
SETTINGS = Settings(C=10.0, C_blend=1.0, max_iter=60, n_folds=3, encoder=ENCODER)


def passages(n=24):
    made = []
    for i in range(n):
        sea = i % 2 == 0
        theme = frozenset({"sea" if sea else "land"})
        first = f"The {'calm sea' if sea else 'quiet land'} is good on day {i}."
        second = (
            f"No rest: the {'storm hits ships' if sea else 'drought hits farms'} again on day {i}."
        )
        third = "It stayed that way."
        made.append(
            Passage(
                f"p{i}",
                (
                    Example(first, theme, "good"),
                    Example(second, theme, "bad"),
                    Example(third, theme, "bad"),
                ),
                title="At sea" if sea else None,
            )
        )
    return made


@pytest.fixture(scope="module")
def trained():
    return train_scorer(passages(), THEMES, TONES, LEXICON, VECTORS, SETTINGS)


def test_learns_what_the_passages_show(trained):
    targets = make_targets(passages(), THEMES, TONES)
    said = trained.out_of_fold[:, :2] >= 0.5
    assert (said == targets.themes).mean() > 0.95
    assert (trained.out_of_fold[:, 2:].argmax(1) == targets.tones.argmax(1)).mean() > 0.95


def test_context_tells_what_a_pronoun_stands_for(trained):
    third = trained.out_of_fold[2::3, :2].argmax(axis=1)
    assert (third == np.arange(24) % 2).all()  # "It stayed that way.", the same words everywhere


def test_is_deterministic(trained):
    again = train_scorer(passages(), THEMES, TONES, LEXICON, VECTORS, SETTINGS)
    assert (again.out_of_fold == trained.out_of_fold).all()
    assert (again.scorer.table == trained.scorer.table).all()
    assert (again.scorer.encoder.words == trained.scorer.encoder.words).all()


def test_processes_give_the_same(trained):
    again = train_scorer(passages(), THEMES, TONES, LEXICON, VECTORS, SETTINGS, n_jobs=2)
    assert (again.out_of_fold == trained.out_of_fold).all()
    assert (again.scorer.encoder.mix == trained.scorer.encoder.mix).all()


def test_sentences_of_one_passage_stay_on_one_side():
    # Each passage has a word of its own that tells its label, which is drawn by lot: whoever
    # sees another sentence of the passage knows it, and nobody else can.
    rng = np.random.default_rng(0)
    lots = rng.integers(0, 2, 60)
    drawn = [
        Passage(
            f"p{i}",
            tuple(
                Example(f"word{i}x it is", frozenset([THEMES[lot]]), TONES[lot]) for _ in range(3)
            ),
        )
        for i, lot in enumerate(lots)
    ]
    settings = replace(SETTINGS, weights=Weights(characters=0.0))
    out = train_scorer(drawn, THEMES, TONES, LEXICON, None, settings).out_of_fold
    said = out[:, 1] >= 0.5
    assert (said == np.repeat(lots, 3)).mean() < 0.65


def test_folding_keeps_the_scores():
    sentences = [e.text for p in passages() for e in p.examples]
    vocabulary = build_vocabulary(sentences, LEXICON, VECTORS.words)
    found = vocabulary.inventory.find(sentences)
    blocks, sizes = (
        count_blocks(vocabulary, found, VECTORS, SETTINGS.weights),
        lengths(vocabulary, found),
    )
    targets = make_targets(passages(), THEMES, TONES)
    heads = fit_heads(make_design(blocks, sizes), targets, C=10.0, max_iter=60)
    material = make_material(vocabulary, found, np.repeat(np.arange(24), 3), VECTORS)
    encoder = fit_encoder(material, targets, np.arange(24), ENCODER, seed=0)
    scorer = fold(vocabulary, blocks, heads, encoder, SETTINGS, n_themes=2)
    np.testing.assert_allclose(
        scorer.read(sentences).scores[:, :4],
        heads.log_odds(blocks, sizes),
        atol=0.02,  # half precision
    )


def test_theme_weights_give_the_wanted_prevalence():
    themes = np.array([[1, 1], [1, 0], [0, np.nan], [0, 0]])
    targets = Targets(themes, np.zeros((4, 0)), np.array([1.0, 1, 1, 2]))
    weights = theme_weights(targets, (0.1, 0.5))
    for column, wanted in enumerate((0.1, 0.5)):
        coded = ~np.isnan(themes[:, column])
        share = np.average(themes[coded, column], weights=weights[coded, column])
        assert share == pytest.approx(wanted)
    assert (theme_weights(targets, None) == targets.weights[:, None]).all()
    nowhere = Targets(np.full((4, 1), np.nan), np.zeros((4, 0)), targets.weights)
    assert (theme_weights(nowhere, (0.1,)) == targets.weights[:, None]).all()


def test_probabilities_follow_the_prevalence():
    shy = replace(SETTINGS, C_blend=0.003)  # so that probabilities are not all near 0 or 1
    rare = replace(shy, prevalence=(0.05, 0.05))
    common, lower = (
        train_scorer(passages(), THEMES, TONES, LEXICON, VECTORS, settings).out_of_fold[:, :2]
        for settings in (shy, rare)
    )
    assert lower.mean() < common.mean() - 0.05
