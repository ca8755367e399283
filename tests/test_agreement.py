import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score

from stancelib import Coding, DataError, Example, Passage, measure_agreement
from stancelib.agreement import cohen_kappa, krippendorff_alpha

NAN = float("nan")
CANONICAL = np.array(  # coders in rows, as Krippendorff prints them
    [
        [1, 2, 3, 3, 2, 1, 4, 1, 2, NAN, NAN, NAN],
        [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, NAN, 3],
        [NAN, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, NAN],
        [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, NAN],
    ]
).T
codes = st.lists(
    st.lists(st.sampled_from([0.0, 1.0, 2.0, NAN]), min_size=3, max_size=3), min_size=1, max_size=12
)


def coded(text="A sentence.", **said):
    """A sentence with `coder=(themes, tone)`; themes as a string of names, None for not coded."""
    codings = [
        Coding(coder, None if themes is None else frozenset(themes.split()), tone)
        for coder, (themes, tone) in said.items()
    ]
    return Example(text, None, None, tuple(codings))


@pytest.fixture
def passages():
    first = (
        coded("Exports fell.", anna=("economy", "negative"), ben=("economy", "negative")),
        coded("The ministers met.", anna=("", "neutral"), ben=("", "positive")),
        coded("The harvest was rich.", anna=("economy", "positive"), ben=("", "positive")),
    )
    second = (
        coded("They left.", anna=("", "neutral"), ben=("", "neutral"), cleo=("", "neutral")),
        coded("Nobody else read this.", cleo=("climate", "positive")),
        coded("Prices rose.", ben=("economy", "negative"), cleo=(None, "neutral")),
    )
    return [Passage("a", first), Passage("b", second)]


@pytest.mark.parametrize(("level", "alpha"), [("nominal", 0.743), ("ordinal", 0.815)])
def test_alpha_of_the_canonical_data(level, alpha):
    assert krippendorff_alpha(CANONICAL, level=level) == pytest.approx(alpha, abs=5e-4)


def test_alpha_by_hand():
    # values 0 five times, 1 three times; one unit of four differs
    two = [[0, 0], [0, 0], [1, 1], [0, 1]]
    assert krippendorff_alpha(two) == pytest.approx(1 - 7 * 2 / (2 * 5 * 3))
    assert krippendorff_alpha(two, level="ordinal") == pytest.approx(1 - 7 * 2 / (2 * 5 * 3))
    assert krippendorff_alpha([[0, 1], [1, 0]]) == pytest.approx(1 - 3 * 4 / (2 * 2 * 2))


def test_ordinal_alpha_forgives_neighbours():
    near, far = [[0, 1], [1, 1], [2, 2], [0, 0]], [[0, 2], [1, 1], [2, 2], [0, 0]]
    assert krippendorff_alpha(near, level="ordinal") > krippendorff_alpha(near)
    assert krippendorff_alpha(far, level="ordinal") < krippendorff_alpha(far)


@given(codes)
def test_alpha_does_not_depend_on_who_coded_or_on_single_codings(codings):
    for level in ("nominal", "ordinal"):
        alpha = krippendorff_alpha(codings, level=level)
        assert np.isnan(alpha) or alpha <= 1
        turned = [row[::-1] for row in codings] + [[NAN, 1.0, NAN]]
        assert krippendorff_alpha(turned, level=level) == pytest.approx(alpha, nan_ok=True)
        scaled = np.array(codings) * 10 - 3
        assert krippendorff_alpha(scaled, level=level) == pytest.approx(alpha, nan_ok=True)


def test_alpha_where_nothing_varies_or_nothing_is_paired():
    assert np.isnan(krippendorff_alpha([[1, 1], [1, 1]]))
    assert np.isnan(krippendorff_alpha([[1, NAN], [NAN, 0]]))
    assert np.isnan(krippendorff_alpha(np.empty((0, 2)), level="ordinal"))


def test_alpha_refuses():
    with pytest.raises(ValueError, match=r"level is 'ratio', expected one of \['nominal', 'ord"):
        krippendorff_alpha([[1, 1]], level="ratio")
    with pytest.raises(ValueError, match="codings has 1 dimensions, expected 2"):
        krippendorff_alpha([1, 1])
    with pytest.raises(ValueError, match="codings holds infinity"):
        krippendorff_alpha([[1, np.inf]])


def test_kappa_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 3, 80).astype(float), rng.integers(0, 3, 80).astype(float)
    b[:40] = a[:40]
    expected = cohen_kappa_score(a, b)
    assert cohen_kappa(a, b) == pytest.approx(expected)
    more = cohen_kappa(np.append(a, [0, NAN, 2]), np.append(b, [NAN, 1, NAN]))
    assert more == pytest.approx(expected)


def test_kappa_where_there_is_none():
    assert np.isnan(cohen_kappa([2, 2], [2, 2]))
    assert np.isnan(cohen_kappa([0, NAN], [NAN, 1]))
    assert cohen_kappa([0, 0], [1, 1]) == 0
    with pytest.raises(ValueError, match=r"codings of shapes \(2,\) and \(3,\)"):
        cohen_kappa([0, 1], [0, 1, 1])


def test_agreement_counts_what_two_or_more_coded(passages):
    agreement = measure_agreement(passages)
    assert agreement.coders == ("anna", "ben", "cleo")
    assert (agreement.n_sentences, agreement.n_passages) == (5, 2)
    assert list(agreement.themes) == ["economy"]  # climate was given by a single coder
    economy = [[1, 1, NAN], [0, 0, NAN], [1, 0, NAN], [0, 0, 0], [NAN, 1, NAN]]
    tone = [[0, 0, NAN], [1, 2, NAN], [2, 2, NAN], [1, 1, 1], [NAN, 0, 1]]
    assert agreement.themes["economy"].alpha == pytest.approx(krippendorff_alpha(economy))
    assert agreement.themes["economy"].n_sentences == 4
    assert agreement.tone.alpha == pytest.approx(krippendorff_alpha(tone))
    assert agreement.tone.n_sentences == 5
    assert agreement.tone_ordinal_alpha == pytest.approx(krippendorff_alpha(tone, level="ordinal"))
    kappas = agreement.tone.kappas
    assert kappas["anna"]["ben"] == kappas["ben"]["anna"] == cohen_kappa([0, 1, 2, 1], [0, 2, 2, 1])
    assert np.isnan(kappas["anna"]["cleo"])


def test_disagreements_say_who_said_what(passages):
    found = measure_agreement(passages).disagreements
    assert [(d.passage, d.index, d.label) for d in found] == [
        ("a", 1, "tone"),
        ("a", 2, "economy"),
        ("b", 2, "tone"),
    ]
    assert found[0].said == {"anna": "neutral", "ben": "positive"}
    assert found[1].said == {"anna": True, "ben": False}
    assert found[2].text == "Prices rose."


def test_intervals_draw_passages():
    sentences = [
        coded(
            anna=("economy" if i % 2 else "", ("neutral", "positive")[i % 2]),
            ben=("economy" if i % 3 else "", "neutral"),
        )
        for i in range(60)
    ]
    apart = measure_agreement([Passage(str(i), (s,)) for i, s in enumerate(sentences)])
    pairs = [Passage(str(i), (s,) * 10) for i, s in enumerate(sentences)]
    together = measure_agreement(pairs)
    a, b = apart.themes["economy"], together.themes["economy"]
    assert a.alpha_interval[0] < a.alpha < a.alpha_interval[1]
    assert b.alpha_interval == pytest.approx(a.alpha_interval, abs=0.02)
    assert measure_agreement(pairs) == together
    assert measure_agreement(pairs, seed=1) != together


def test_a_label_that_does_not_vary_has_no_alpha():
    passage = Passage("a", (coded(anna=("climate", "neutral"), ben=("climate", "neutral")),) * 3)
    agreement = measure_agreement([passage])
    assert np.isnan(agreement.themes["climate"].alpha)
    assert np.isnan(agreement.tone_ordinal_alpha)
    assert agreement.disagreements == ()
    assert agreement.to_dict()["tone"]["alpha"] is None
    assert "climate" in str(agreement)


def test_table_and_dict_say_the_same(passages):
    agreement = measure_agreement(passages)
    plain = json.loads(json.dumps(agreement.to_dict()))
    assert f"{plain['themes']['economy']['alpha']:.3f}" in str(agreement)
    assert "5 sentences in 2 passages with two or more coders, of 3: anna, ben, cleo" in str(
        agreement
    )
    assert "labels on which coders differ: 3" in str(agreement)
    assert plain["disagreements"][1]["said"] == {"anna": True, "ben": False}


def test_faults_are_named_at_once():
    twice = Example(
        "Rain.", None, None, (Coding("anna", None, "neutral"), Coding("anna", None, "neutral"))
    )
    odd = coded(anna=("", "glum"), ben=("", "neutral"))
    with pytest.raises(DataError) as caught:
        measure_agreement([Passage("a", (twice, odd))])
    assert str(caught.value).splitlines() == [
        "a, sentence 0: coder 'anna' coded it twice; keep one coding",
        "a, sentence 1: 'anna' said tone 'glum', known are ['negative', 'neutral', 'positive']",
    ]
    with pytest.raises(DataError, match=r"and 5 more$"):
        measure_agreement([Passage("a", (odd,) * 25)])
    assert measure_agreement([Passage("a", (odd,))], tones=["glum", "neutral"]).n_sentences == 1


def test_fewer_than_two_coders():
    with pytest.raises(DataError, match=r"no sentence has codings of two coders \(coders: none\)"):
        measure_agreement([Passage("a", (Example("Rain.", frozenset(), "neutral"),))])
    with pytest.raises(DataError, match=r"\(coders: \['anna', 'ben'\]\)"):
        measure_agreement([Passage("a", (coded(anna=("", None)), coded(ben=("", None))))])


def test_wrong_arguments():
    with pytest.raises(TypeError, match=r"examples\[0\] is of type str; pass a list of Passage"):
        measure_agreement("a.jsonl")
    with pytest.raises(TypeError, match="tones is the string 'neutral'; pass a list of names"):
        measure_agreement([], tones="neutral")
