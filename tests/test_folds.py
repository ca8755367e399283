import numpy as np
import pytest

from stancelib.errors import DataError
from stancelib.folds import assign_folds
from stancelib.records import Example, Passage


def passage(name, *texts):
    return Passage(name, tuple(Example(text, None, None) for text in texts))


LONG = "The ministers of the two countries met at the border."


def test_passages_that_share_a_sentence_stay_together():
    passages = [
        passage("a", "One.", LONG),
        passage("b", "Two."),
        passage("c", LONG.upper(), "Three cranes of the old harbour were sold."),
        passage("d", "Three cranes of the old harbour were sold."),
        *(passage(f"e{i}", f"Number {i}.") for i in range(20)),
    ]
    for seed in range(5):
        folds = assign_folds(passages, 4, seed)
        assert folds[0] == folds[2] == folds[3]
        assert set(folds.tolist()) == {0, 1, 2, 3}
        assert max(np.bincount(folds)) <= 8


def test_short_sentences_do_not_tie_passages_together():
    folds = assign_folds([passage(str(i), "Thank you very much.") for i in range(10)], 5, 0)
    assert np.bincount(folds).tolist() == [2] * 5


def test_the_seed_decides():
    passages = [passage(str(i), f"Sentence {i}.") for i in range(50)]
    first = assign_folds(passages, 5, 0)
    assert (first == assign_folds(passages, 5, 0)).all()
    assert (first != assign_folds(passages, 5, 1)).any()


def test_one_document_cannot_be_split():
    with pytest.raises(DataError, match="2 passages that belong together, at least 2"):
        assign_folds([passage("a", LONG), passage("b", LONG)], 5, 0)
