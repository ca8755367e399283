import numpy as np
import pytest

from stancelib.building import CORPUS, TARGET, THEMES, TONES, build, fingerprint, read_corpus
from stancelib.card import render_card
from stancelib.errors import DataError
from stancelib.examples import label_names


def test_the_shipped_model_was_built_from_this_corpus(model):
    assert model.card["trained_on"]["fingerprint"] == fingerprint()
    passages = read_corpus()
    assert model.card["trained_on"]["n_passages"] == len(passages)
    assert label_names(passages) == (tuple(sorted(THEMES)), tuple(sorted(TONES)))


def test_the_shipped_card_is_the_one_in_the_folder(model):
    assert (TARGET / "README.md").read_text(encoding="utf-8") == render_card(model.card)


def test_does_not_overwrite(tmp_path):
    with pytest.raises(FileExistsError, match="exists; choose another folder"):
        build(tmp_path)


def test_origins_must_name_the_files(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"sents": [["One.", [], "neutral"]]}')
    (tmp_path / "origins.tsv").write_text("b\t1.0\n")
    with pytest.raises(DataError, match=r"names \['b'\], there are \['a'\]"):
        read_corpus(tmp_path)
    (tmp_path / "origins.tsv").write_text("a\n")
    with pytest.raises(DataError, match=r"origins.tsv:1: 'a': expected a file name and a weight"):
        read_corpus(tmp_path)
    (tmp_path / "origins.tsv").write_text("a\t0.5\n")
    assert [p.weight for p in read_corpus(tmp_path)] == [0.5]


def test_vectors_are_of_length_one():
    with np.load(CORPUS / "vectors" / "vectors.npz", allow_pickle=False) as arrays:
        lengths = np.linalg.norm(arrays["vectors"].astype(float), axis=1)
    np.testing.assert_allclose(lengths, 1.0, atol=2e-3)
