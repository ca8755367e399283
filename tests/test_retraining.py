from dataclasses import replace

import numpy as np
import pytest

import stancelib
from stancelib import DataError, Example, Passage, predict_out_of_fold, train

SCENES = [
    "The {} of the valley was opened on day {}.",
    "Nobody had expected a {} so late, the mayor wrote in letter {}.",
    "A second {} is to follow in year {}, if the council agrees.",
]


def coded(themes=("ferry", "museum"), n=24, tone=None):
    """Passages on one theme each, in turn; the last sentence is on nothing."""
    made = []
    for i in range(n):
        theme = themes[i % len(themes)]
        examples = [
            Example(text.format(theme, i), frozenset({theme}), tone and tone[i % len(tone)])
            for text in SCENES
        ]
        last = Example(f"It rained for {i} hours.", frozenset(), tone and "neutral")
        made.append(Passage(f"p{i}", (*examples, last)))
    return made


@pytest.fixture(scope="module")
def ferries():
    return train(coded(), name="ferries", n_jobs=2)


def test_new_themes_stand_beside_those_of_the_base(ferries):
    base = stancelib.load()
    assert ferries.themes == (*base.themes, "ferry", "museum")
    assert ferries.tones == base.tones
    said = ferries.score_sentences(["A ferry came at noon.", "They saw the museum."])
    assert [s.themes for s in said] == [("ferry",), ("museum",)]


def test_what_was_not_coded_stays_as_it_was(ferries, interview):
    before, after = stancelib.score(interview), ferries.score(interview)
    np.testing.assert_allclose(
        after.theme_probabilities[:, :5], before.theme_probabilities, atol=5e-3
    )
    np.testing.assert_allclose(after.tone_probabilities, before.tone_probabilities, atol=5e-3)
    strengths = ferries.card["settings"]["strengths"]
    assert {label for label, strength in strengths.items() if strength} == {"ferry", "museum"}


def test_explanations_still_add_up(ferries):
    for label in ("ferry", "china_relations", "negative"):
        why = ferries.score("The ferry to China sank. Nobody was hurt.")[0].explain(label)
        parts = sum(w.value for w in why.words) + why.surroundings + why.base
        assert parts == pytest.approx(why.log_odds, abs=1e-4)


def test_many_sentences_take_fewer_folds_and_parts(monkeypatch):
    trained, train_once = [], stancelib.retraining._train

    def counting(task, passages, *rest):
        trained.append(len(passages))
        return train_once(task, passages, *rest)

    monkeypatch.setattr(stancelib.retraining, "_train", counting)
    monkeypatch.setattr(stancelib.retraining, "MANY", 96)
    monkeypatch.setattr(stancelib.retraining, "ENOUGH", 48)
    card = train(coded()).card
    assert card["settings"]["n_folds"] == 3
    assert [point["n_sentences"] for point in card["learning_curve"]] == [16, 32, 64]
    assert trained == [24, 6, 6, 12]


def test_the_card_compares_and_draws_the_curve(ferries):
    card = ferries.card
    assert card["trained_on"]["n_sentences"] == 96
    assert card["out_of_fold"]["themes"]["ferry"]["f1"] > 0.9
    majority, base = (
        card["comparison"]["most frequent label"],
        card["comparison"]["stancelib default"],
    )
    assert majority["themes"]["ferry"]["f1"] == 0
    assert "ferry" not in base["themes"]  # the base does not know it
    sizes = [point["n_sentences"] for point in card["learning_curve"]]
    assert sizes == [16, 32, 77]
    report = ferries.report()
    assert "## Compared on the same sentences" in report
    assert "From 32 to 77 sentences, theme macro-F1 changed by" in report


def test_a_retrained_model_is_saved_and_loaded(ferries, tmp_path):
    ferries.save(tmp_path / "model")
    again = stancelib.load(tmp_path / "model")
    text = "The ferry sank. It was old."
    np.testing.assert_allclose(
        again.score(text).theme_probabilities, ferries.score(text).theme_probabilities, atol=1e-6
    )
    assert again.card == ferries.card


def test_saving_replaces_only_what_is_not_better_on_the_same_sentences(ferries, tmp_path):
    def scoring(value, fingerprint="same"):
        card = ferries.card | {
            "out_of_fold": ferries.card["out_of_fold"] | {"theme_macro_f1": value},
            "trained_on": ferries.card["trained_on"] | {"fingerprint": fingerprint},
        }
        return stancelib.Model(replace(ferries._stored, card=card))

    path = tmp_path / "model"
    scoring(0.7).save(path)
    scoring(0.8).save(path)
    with pytest.raises(FileExistsError, match=r"macro-F1 0\.8000, this one 0\.6000; choose"):
        scoring(0.6).save(path)
    with pytest.raises(FileExistsError, match="trained on other sentences"):
        scoring(0.9, "other").save(path)
    assert stancelib.load(path).card["out_of_fold"]["theme_macro_f1"] == 0.8
    scoring(0.6).save(path, overwrite=True)
    assert stancelib.load(path).card["out_of_fold"]["theme_macro_f1"] == 0.6
    assert [p.name for p in tmp_path.iterdir()] == ["model"]


def test_what_is_no_model_is_never_replaced(ferries, tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(FileExistsError, match="is not a model folder"):
        ferries.save(tmp_path, overwrite=True)
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_alone_any_labels_in_any_language():
    words = {"железо": "hlad", "хлеб": "sytost"}
    passages = [
        Passage(
            f"p{i}",
            (
                Example(f"{word} лежит в доме номер {i}", None, tone),
                Example(f"где {word} там и соль {i}", None, tone),
            ),
        )
        for i in range(16)
        for word, tone in [list(words.items())[i % 2]]
    ]
    model = train(passages, base=None, learning_curve=False)
    assert (model.themes, model.tones) == ((), ("hlad", "sytost"))
    said = model.score_sentences(["хлеб там", "железо там"])
    assert [s.tone for s in said] == ["sytost", "hlad"]
    assert np.isnan(said[0].tone_score)
    assert model.card["out_of_fold"]["tone_macro_f1"] > 0.9
    assert model.card["out_of_fold"]["theme_macro_f1"] is None


def test_a_model_without_tones_scores(tmp_path):
    model = train(coded(), base=None, learning_curve=False)
    assert (model.themes, model.tones) == (("ferry", "museum"), ())
    article = model.score("The ferry of the valley was opened. It rained.")
    assert article[0].themes == ("ferry",)
    assert article[0].tone is None
    assert article.tone.shares == {}
    assert article.to_dict()["sentences"][0]["tone"] is None
    model.save(tmp_path / "m")
    assert stancelib.load(tmp_path / "m").tones == ()


def test_other_tones_replace_those_of_the_base():
    model = train(coded(tone=("calm", "angry")), learning_curve=False)
    assert model.tones == ("angry", "calm", "neutral")


def test_themes_that_are_not_named_are_left_out():
    model = train(coded(), themes=["ferry"], tones=[], base=None, learning_curve=False)
    assert model.themes == ("ferry",)


def test_rare_labels_are_refused_with_their_numbers():
    few = coded(n=6)
    with pytest.raises(DataError, match=r"theme 'ferry': 9 sentences with it and 15 without"):
        train(few)
    with pytest.raises(DataError, match=r"theme 'museum': 9 sentences with it"):
        train(few, base=None)


def test_rare_themes_of_the_base_stay_as_they_are():
    passages = coded()
    rare = replace(passages[0].examples[0], themes=frozenset({"climate"}))
    passages[0] = replace(passages[0], examples=(rare, *passages[0].examples[1:]))
    model = train(passages, learning_curve=False)
    assert model.card["settings"]["strengths"]["climate"] == 0


def test_out_of_fold_probabilities_have_not_seen_the_document():
    """What is coded at random cannot be told out-of-fold, however well it is learnt by heart."""
    rng = np.random.default_rng(0)
    passages = [
        Passage(f"p{i}", (Example(f"Note {i} on item {i * 7}.", themes, None),))
        for i in range(60)
        for themes in [frozenset({"luck"} if rng.random() < 0.5 else set())]
    ]
    found = predict_out_of_fold(passages)
    assert found.themes[-1] == "luck"
    luck = np.array(["luck" in p.examples[0].themes for p in passages])
    said = found.probabilities[:, found.themes.index("luck")]
    assert abs(said[luck].mean() - said[~luck].mean()) < 0.2
    assert found.probabilities.shape == (60, len(found.themes) + 3)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"examples": []}, DataError, "no passages; expected"),
        ({"examples": [Passage("p", ())]}, ValueError, "no examples to train on"),
        ({"themes": "ferry"}, TypeError, "themes is the string 'ferry'; pass a list"),
        ({"n_folds": 1}, ValueError, "n_folds is 1, expected 2 or more"),
        ({"themes": ["ferry", "ferry"]}, ValueError, "expected names that differ"),
        ({"base": None, "tones": ["calm"]}, DataError, "one tone only, 'calm'"),
        ({"examples": coded(n=1)}, DataError, "theme 'ferry': 3 sentences"),
        ({"base": "no/such/folder"}, stancelib.ModelFileError, "not a model folder"),
    ],
)
def test_refuses(change, error, message):
    with pytest.raises(error, match=message):
        train(**{"examples": coded(), **change})
