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
