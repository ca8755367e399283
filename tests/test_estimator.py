import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer

import stancelib
from stancelib import StanceClassifier, retraining

SHIPS = ["A ship left the harbour", "The tanker reached the harbour", "Two ships lay at anchor"]
SONGS = ["The choir sang a hymn", "A singer left the choir", "They sang two songs"]
TEXTS = [f"{(SHIPS, SONGS)[i % 2][i % 3]} on day {i}." for i in range(48)]
Y = np.array(["sea", "Song"] * 24)
MATRIX = np.column_stack([Y == "Song", Y == "sea"]).astype(int)


@pytest.fixture(autouse=True)
def short_training(monkeypatch):
    monkeypatch.setattr(retraining, "MIN_STEPS", 1)
    monkeypatch.setattr(retraining, "MIN_EPOCHS", 1)


def alone(**options):
    """Learn from the texts alone, which is quick."""
    return StanceClassifier(base=None, n_folds=2, **options)


@pytest.fixture(scope="module")
def single():
    return StanceClassifier(n_folds=2).fit(TEXTS, Y)


@pytest.fixture(scope="module")
def several():
    return StanceClassifier(n_folds=2, labels=["songs", "economy"]).fit(TEXTS, MATRIX)


def test_single_labels(single):
    probabilities = single.predict_proba(TEXTS)
    assert single.classes_.tolist() == ["Song", "sea"]
    assert probabilities.shape == (48, 2)
    assert probabilities.sum(axis=1) == pytest.approx(1)
    assert single.predict(TEXTS).tolist() == Y.tolist()
    assert single.score(TEXTS, Y) == 1
    assert (single.predict(TEXTS) == single.classes_[probabilities.argmax(axis=1)]).all()


def test_each_text_stands_alone(single):
    texts = ["They sang.", "It lay at anchor.", ""]
    articles = [single.model_.score_sentences([text]) for text in texts]
    expected = np.concatenate([article.tone_probabilities for article in articles])
    assert single.predict_proba(texts) == pytest.approx(expected)


@pytest.mark.parametrize(
    "y", [(Y == "sea").astype(int) * 7 - 3, Y == "sea", pd.Series(Y.astype(object))]
)
def test_labels_of_any_kind_come_back_as_they_were(y):
    classifier = alone().fit(TEXTS, y)
    assert classifier.classes_.tolist() == sorted(set(np.asarray(y).tolist()))
    assert classifier.predict(TEXTS).dtype == np.asarray(y).dtype
    assert set(classifier.predict(TEXTS)) <= set(y)


def test_several_labels(several):
    assert several.classes_.tolist() == ["songs", "economy"]
    assert several.predict(TEXTS).tolist() == MATRIX.tolist()
    assert several.score(TEXTS, MATRIX) == 1
    probabilities = several.predict_proba(TEXTS)
    thresholds = list(several.model_.thresholds.values())
    assert ((probabilities >= thresholds) == MATRIX).all()
    assert several.model_.themes == ("songs", "economy")
    assert several.model_.tones == ()


def test_columns_without_names_have_numbers():
    classifier = alone().fit(TEXTS, MATRIX.tolist())
    assert classifier.classes_.tolist() == [0, 1]
    assert classifier.predict(TEXTS).shape == classifier.predict_proba(TEXTS).shape == (48, 2)
    one = alone().fit(TEXTS, MATRIX[:, :1])
    assert one.predict(TEXTS).shape == (48, 1)


def test_tones_of_the_base_start_from_it(model):
    texts = ["Exports fell sharply.", "The talks went well.", "They meet on Friday."]
    classifier = StanceClassifier(n_folds=2).fit(texts, ["negative", "positive", "neutral"])
    expected = [model.score_sentences([text]).tone_probabilities[0] for text in texts]
    assert classifier.classes_.tolist() == ["negative", "neutral", "positive"]
    assert classifier.predict_proba(texts) == pytest.approx(np.array(expected), abs=0.01)


def test_no_texts(single, several):
    assert single.predict([]).shape == (0,)
    assert several.predict([]).shape == several.predict_proba([]).shape == (0, 2)


def test_arrays_and_series_of_texts(single):
    expected = single.predict_proba(TEXTS[20:30]).tolist()
    for texts in (np.array(TEXTS[20:30]), pd.Series(TEXTS)[20:30], tuple(TEXTS[20:30])):
        assert single.predict_proba(texts).tolist() == expected


@pytest.mark.parametrize("y", [Y, MATRIX], ids=["single", "several"])
def test_cross_validation(y):
    said = cross_val_predict(alone(), np.array(TEXTS), y, cv=2)
    probabilities = cross_val_predict(alone(), np.array(TEXTS), y, cv=2, method="predict_proba")
    assert said.shape == y.shape
    assert probabilities.shape == (48, 2)
    if y.ndim == 1:
        assert set(said) <= {"Song", "sea"}
        assert (np.array(["Song", "sea"])[probabilities.argmax(axis=1)] == said).mean() > 0.9
    else:
        assert ((probabilities >= 0.5) == said).mean() > 0.9


def test_grid_search_in_a_pipeline():
    def lower(texts):
        return [text.lower() for text in texts]

    pipeline = make_pipeline(FunctionTransformer(lower), alone())
    search = GridSearchCV(pipeline, {"stanceclassifier__seed": [3]}, cv=2, error_score="raise")
    search.fit(TEXTS, Y)
    assert search.best_estimator_[-1].seed == 3
    assert search.predict(TEXTS[:2]).shape == (2,)
    assert search.classes_.tolist() == ["Song", "sea"]


def test_parameters_go_round(single):
    parameters = {"base": None, "labels": ("a",), "n_folds": 3, "seed": 9, "n_jobs": 2}
    classifier = StanceClassifier(**parameters)
    assert classifier.get_params() == clone(classifier).get_params() == parameters
    assert not hasattr(clone(single), "model_")


def test_tags():
    tags = StanceClassifier().__sklearn_tags__()
    assert tags.input_tags.string
    assert not tags.input_tags.two_d_array
    assert tags.classifier_tags.multi_label
    assert tags.target_tags.required


def test_the_model_can_be_saved(several, tmp_path):
    several.model_.save(tmp_path / "mine")
    loaded = stancelib.load(tmp_path / "mine")
    article = loaded.score_sentences(["They sang."])
    assert several.predict_proba(["They sang."]) == pytest.approx(article.theme_probabilities)


def test_not_fitted():
    for method in ("predict", "predict_proba"):
        with pytest.raises(NotFittedError, match="not fitted yet"):
            getattr(StanceClassifier(), method)(TEXTS)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ("One text.", "X is one string; pass a list of texts"),
        ([["One text."]], r"X\[0\] is of type list, expected a string"),
        (["One text.", None], r"X\[1\] is of type NoneType, expected a string"),
        (pd.DataFrame({"text": TEXTS}), "X has 2 dimensions; pass one column of texts"),
    ],
)
def test_what_is_no_texts(single, texts, message):
    with pytest.raises(TypeError, match=message):
        single.predict(texts)
    with pytest.raises(TypeError, match=message):
        alone().fit(texts, Y)


@pytest.mark.parametrize(
    ("labels", "y", "error", "message"),
    [
        (None, Y[:3], ValueError, "X has 48 texts and y 3 rows; pass as many"),
        (None, "sea", ValueError, "y has 0 dimensions, expected 1"),
        (None, [*Y[1:], None], ValueError, r"types \['NoneType', 'str'\], expected one; leave"),
        (None, np.linspace(0, 1, 48), ValueError, "y is continuous, expected labels"),
        (None, MATRIX * 2, ValueError, "y is a matrix with values other than 0 and 1"),
        (["a"], Y, ValueError, "labels name the columns of an indicator matrix, but y has none"),
        (["a"], MATRIX, ValueError, "labels has 1 names and y 2 columns"),
        ("ab", MATRIX, TypeError, "labels is the string 'ab'; pass a list of names"),
        (["a", "a"], MATRIX, ValueError, r"\['a', 'a'\], expected names that differ"),
    ],
)
def test_what_is_no_labels(labels, y, error, message):
    with pytest.raises(error, match=message):
        alone(labels=labels).fit(TEXTS, y)


def test_rare_and_lone_labels():
    with pytest.raises(stancelib.DataError, match="tone 'rare': 1 sentences with it and 47"):
        alone().fit(TEXTS, [*Y[1:], "rare"])
    with pytest.raises(stancelib.DataError, match="one tone only, 'sea'"):
        alone().fit(TEXTS, ["sea"] * 48)
    with pytest.raises(stancelib.DataError, match="theme 'b': 48 sentences with it and 0"):
        alone(labels=["a", "b"]).fit(TEXTS, np.column_stack([MATRIX[:, 0], np.ones(48)]))
    with pytest.raises(ValueError, match="no passages; expected"):
        alone().fit([], [])
