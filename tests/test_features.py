import numpy as np
import pytest

from stancelib.features import (
    Vectors,
    Weights,
    build_vocabulary,
    class_values,
    count_blocks,
    lengths,
)
from stancelib.inventory import MAX_IDF, SMOOTHING, Scope
from stancelib.lexicon import SCOPES, Entry, Lexicon
from stancelib.tokens import N_BUCKETS

SENTENCES = ["Trade fell.", "Trade fell in 2023.", "Trade fell, not peace.", "In 1992 peace came."]
LEXICON = Lexicon(
    {("peace",): Entry(2, ""), ("trade",): Entry(0, "E"), ("trade", "fell"): Entry(-2, "E")},
    {("not",): Scope(1, 4)},
)
VECTORS = Vectors(["peace", "unseen", "2023"], np.array([[1, 0], [0, 1], [1, 0]], np.float16))


@pytest.fixture
def vocabulary():
    return build_vocabulary(SENTENCES, LEXICON, VECTORS.words)


def test_words_numbers_phrases_and_extra_words_are_units(vocabulary):
    words = set(vocabulary.inventory.words)
    assert {"trade", "0000", "unseen", "not", ","} <= words
    assert "2023" not in words
    assert vocabulary.inventory.unit(("trade", "fell")) is not None


def test_idf(vocabulary):
    inventory = vocabulary.inventory
    trade, unseen = inventory.unit(("trade",)), inventory.unit(("unseen",))
    assert vocabulary.idf[trade] == pytest.approx(np.log(5 / 4) + 1)
    assert vocabulary.idf[unseen] == pytest.approx(min(np.log(5) + 1, MAX_IDF))
    assert vocabulary.idf[0] == 0


def test_blocks_have_a_row_per_sentence_and_per_unit(vocabulary):
    found = vocabulary.inventory.find(SENTENCES)
    units, classes, vectors = count_blocks(vocabulary, found, VECTORS, Weights())
    n_units = vocabulary.inventory.n_units
    assert units.counts.shape == vectors.counts.shape == (4, n_units)
    assert units.values.shape == (n_units, n_units + N_BUCKETS)
    assert vectors.values.shape == (n_units, 2)
    assert classes.counts.shape == (4, 4 * len(SCOPES))
    trade = vocabulary.inventory.unit(("trade",))
    assert units.counts[:, [trade]].toarray().ravel().tolist() == [1, 1, 1, 0]


def test_a_phrase_speaks_for_its_words_and_a_negator_moves_the_class(vocabulary):
    found = vocabulary.inventory.find(SENTENCES)
    counts = count_blocks(vocabulary, found, None, Weights())[1].counts.toarray()

    def column(entry, scope):
        return counts[:, vocabulary.entries.index(entry) * len(SCOPES) + scope].tolist()

    assert column(Entry(-2, "E"), 0) == [1, 1, 1, 0]
    assert column(Entry(0, "E"), 0) == [0, 0, 0, 0]
    assert column(Entry(2, ""), 0) == [0, 0, 0, 1]
    assert column(Entry(2, ""), 1) == [0, 0, 1, 0]


def test_words_that_one_sentence_holds_have_no_identity(vocabulary):
    found = vocabulary.inventory.find(SENTENCES)
    values = count_blocks(vocabulary, found, None, Weights())[0].values
    came, trade = (vocabulary.inventory.unit((w,)) for w in ("came", "trade"))
    assert values[came, came] == 0
    assert values[trade, trade] > 0
    assert values[[came], -N_BUCKETS:].nnz > 0


def test_class_values_tell_scopes_apart_for_tone_only():
    values = class_values([None, Entry(-2, "E")], Weights()).reshape(2, len(SCOPES), -1)
    assert not values[0].any()
    plain, negated = values[1, 0], values[1, 1]
    shared = (plain != 0) & (negated != 0)
    assert shared.sum() == 2  # the cue, and the cue with the sign of the tone
    assert ((plain != 0) & ~shared).sum() == 2  # the tone as an indicator and as a number


def test_lengths_are_smoothed_roots(vocabulary):
    found = vocabulary.inventory.find(["", "trade"])
    trade = vocabulary.idf[vocabulary.inventory.unit(("trade",))]
    assert lengths(vocabulary, found) == pytest.approx(
        [SMOOTHING**0.5, (SMOOTHING + trade**2) ** 0.5]
    )


def test_the_order_of_input_does_not_matter():
    vocabularies = [
        build_vocabulary(order, LEXICON, VECTORS.words) for order in (SENTENCES, SENTENCES[::-1])
    ]
    assert vocabularies[0].inventory.words == vocabularies[1].inventory.words
    assert (vocabularies[0].idf == vocabularies[1].idf).all()
