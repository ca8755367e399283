import copy

from stancelib.card import render_card


def test_the_shipped_card_says_what_matters(model):
    text = render_card(model.card)
    scores = model.card["out_of_fold"]
    assert f"{scores['theme_macro_f1']:.3f}" in text
    assert f"{scores['themes']['climate']['f1']:.3f}" in text
    assert f"{model.thresholds['climate']:.2f}" in text
    assert f"{model.card['trained_on']['n_sentences']:,} labelled sentences" in text
    for limit in model.card["limits"]:
        assert limit in text


def test_labels_that_were_not_coded_are_named_apart(model):
    card = copy.deepcopy(model.card)
    gone = {
        "precision": None,
        "recall": None,
        "f1": None,
        "f1_interval": [None, None],
        "support": 0,
    }
    card["out_of_fold"]["themes"]["climate"] = gone
    report = render_card(card)
    assert "\n| climate |" not in report
    assert "In none of the sentences: climate." in report
