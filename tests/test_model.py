import subprocess
import sys
from itertools import islice

import numpy as np
import pytest

import stancelib


def test_labels(model):
    assert model.themes == (
        "sovereignty",
        "economy",
        "china_relations",
        "russia_relations",
        "climate",
    )
    assert model.tones == ("negative", "neutral", "positive")
    assert list(model.thresholds) == list(model.themes)


def test_the_bundled_model_is_loaded_once(model):
    assert stancelib.load() is model


def test_all_paths_give_the_same(model, interview):
    (streamed,) = model.score_many([interview])
    assert streamed == stancelib.score(interview) == model.score(interview)
    start = interview.split("\n\nTrade with the south")[0]  # no heading in it
    whole = model.score(start, title="A coast of friends")
    cut = model.score_sentences([s.text for s in whole], title="A coast of friends")
    np.testing.assert_allclose(cut.theme_probabilities, whole.theme_probabilities, atol=1e-12)
    np.testing.assert_allclose(cut.tone_probabilities, whole.tone_probabilities, atol=1e-12)
    later = model.score_sentences(
        [s.text for s in whole[3:]], title="A coast of friends", before=[s.text for s in whole[:3]]
    )
    np.testing.assert_allclose(later.theme_probabilities, whole.theme_probabilities[3:], atol=1e-6)


def test_score_many_is_lazy_and_in_order(model):
    def texts():
        yield from ("Exports fell.", "Exports rose. Prices fell.")
        raise AssertionError("read too far")

    assert [len(a) for a in islice(model.score_many(texts()), 2)] == [1, 2]


@pytest.mark.parametrize("n_jobs", [1, 2])
def test_score_many_with_titles(model, n_jobs):
    texts, titles = ["It fell again.", "It rained."], ["Exports to China", None]
    scored = list(model.score_many(texts, titles=iter(titles), n_jobs=n_jobs))
    expected = [model.score(t, title=h) for t, h in zip(texts, titles, strict=True)]
    assert scored == expected
    assert scored != list(model.score_many(texts))


def test_score_many_with_other_numbers_of_titles(model):
    with pytest.raises(ValueError, match="there are 1 titles and more texts; pass a title for"):
        list(model.score_many(["One.", "Two."], titles=["A"]))
    with pytest.raises(ValueError, match="there are 1 texts and more titles; pass a title for"):
        list(model.score_many(["One."], titles=["A", "B"]))
    with pytest.raises(TypeError, match="titles is of type str; pass a title for each text"):
        model.score_many(["One."], titles="A")
    with pytest.raises(TypeError, match=r"titles\[0\] is of type int; pass a string"):
        list(model.score_many(["One."], titles=[1]))


def test_score_many_in_processes(model):
    texts = [f"Exports fell by {i} percent. China protests." for i in range(10)]
    assert list(model.score_many(texts, n_jobs=2, batch_size=3)) == list(model.score_many(texts))


def test_progress_goes_to_stderr(model, capsys):
    assert len(list(model.score_many(["One.", "Two."], progress=True))) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "2/2" in err


def test_sentences_come_back_one_for_one(model):
    article = model.score_sentences(["One. Still one.", "", "(…)"])
    assert [s.text for s in article] == ["One. Still one.", "", "(…)"]
    assert article.text == "One. Still one.\n\n(…)"
    assert len(model.score_sentences([])) == 0


def test_context_counts(model):
    def china(**context):
        sentence = "They have not answered our letter."
        return model.score_sentences([sentence], **context)[0].theme_probabilities[
            "china_relations"
        ]

    before = ["Beijing has rejected the ruling on the reefs.", "China sent ships to the shoal."]
    assert china(before=before) > 2 * china()
    assert china(title="China and Vietnam in talks on the South China Sea") > china()


def test_what_stands_under_one_heading_does_not_colour_the_next(model):
    first = "Trade with China\nChina bought more beef. Beijing has lifted its ban. "
    china = [s.theme_probabilities["china_relations"] for s in model.score(first + "It rained.")]
    apart = model.score(first + "\nThe weather\nIt rained.")
    assert apart[-1].theme_probabilities["china_relations"] < china[-1]


def test_explanations_add_up(model, interview, article):
    for sentence in (article[0], article[4], article[15], article[30]):
        for label in (*model.themes, *model.tones):
            why = sentence.explain(label)
            total = sum(w.value for w in why.words) + why.surroundings + why.base
            assert total == pytest.approx(why.log_odds, abs=1e-5)
            for word in why.words:
                assert interview[word.start : word.end] == word.text
                assert sentence.start <= word.start < word.end <= sentence.end
            expected = {**sentence.theme_probabilities, **sentence.tone_probabilities}[label]
            assert why.probability == pytest.approx(expected)
            if label in model.themes:
                assert 1 / (1 + np.exp(-why.log_odds)) == pytest.approx(expected)


def test_explanation_of_an_unknown_label(article):
    with pytest.raises(ValueError, match="no theme or tone 'war'; this model has \\['sovereignty'"):
        article[0].explain("war")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda m: m.score(b"x"),
            r"text is of type bytes; pass a string, decoded first: text\.decode",
        ),
        (lambda m: m.score(None), r"text is None; pass a string"),
        (lambda m: m.score(["x"]), r"text is of type list; pass a string, or use score_many\(\)"),
        (lambda m: m.score("x", title=3), r"title is of type int; pass a string"),
        (
            lambda m: m.score_many("x"),
            r"texts is of type str; pass a list of texts, or use score\(\)",
        ),
        (lambda m: list(m.score_many(["x", None])), r"texts\[1\] is None; pass a string"),
        (lambda m: m.score_many(None), r"texts is None; pass a list of texts"),
        (lambda m: m.score_sentences("x"), r"sentences is of type str; pass a list of strings"),
        (lambda m: m.score_sentences(["x", 1]), r"sentences\[1\] is of type int"),
        (lambda m: m.score_sentences(["x"], before="y"), r"before is of type str"),
    ],
)
def test_wrong_types_say_what_to_pass(model, call, message):
    with pytest.raises(TypeError, match=message):
        call(model)


def test_batch_size_is_checked(model):
    with pytest.raises(ValueError, match="batch_size is 0, expected 1 or more"):
        model.score_many(["x"], batch_size=0)


@pytest.mark.parametrize(
    "text",
    [
        "Президент России заявил, что сотрудничество с Китаем будет продолжено в новом году.",
        "中国外交部发言人 周五 在 北京 表示 两国 关系 稳定 发展 经济 合作",
        "Le ministre des affaires étrangères a déclaré que les négociations reprendraient bientôt.",
        "Der Bundeskanzler erklärte, dass die Verhandlungen über das Abkommen fortgesetzt werden.",
    ],
)
def test_other_languages_are_flagged(model, text):
    (warning,) = model.score(text).warnings
    assert "words are known to the model, too few to trust the scores" in warning


def test_text_without_blanks_is_flagged(model):
    (warning,) = model.score(
        "中国外交部发言人周五表示,两国关系稳定发展。经济合作不断扩大。"
    ).warnings
    assert "too few to trust" in warning


def test_only_the_scored_sentences_are_judged(model):
    russian = "Президент заявил о новых санкциях против соседней страны в пятницу."
    english = "The ministers will meet on Friday to discuss the new trade agreement."
    assert model.score_sentences([english], before=[russian]).warnings == ()
    assert model.score_sentences([russian], before=[english]).warnings != ()


def test_the_thresholds_cannot_be_changed(model, article):
    with pytest.raises(ValueError, match="read-only"):
        article.thresholds[:] = 0
    model.thresholds["climate"] = 0.1
    assert model.thresholds["climate"] == article.thresholds[4]


def test_english_is_not_flagged(article):
    assert article.warnings == ()
    assert stancelib.score("Zxqw?").warnings == ()


def test_scores_do_not_depend_on_the_hash_seed():
    code = "import stancelib; print(stancelib.score('Glaciers melt. Trade grows.').to_json())"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            env={"PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]


def test_reads_the_plain_cases_right(model):
    article = model.score(
        "Exports to China fell sharply, and farmers fear the worst. "
        "Russian troops have seized and looted our territory. "
        "The ministers will meet on Friday. "
        "Emissions fell to a record low, a success for renewable energy."
    )
    assert {"economy", "china_relations"} <= set(article[0].themes)
    assert {"sovereignty", "russia_relations"} <= set(article[1].themes)
    assert article[2].themes == ()
    assert "climate" in article[3].themes
    assert [s.tone for s in article] == ["negative", "negative", "neutral", "positive"]


def test_a_title_is_heard_by_a_heading_at_the_start(model):
    text = "Trade\n\nIt fell last year.\n"
    plain, titled = model.score(text), model.score(text, title="Beijing and Manila at odds")
    assert plain[0].heading
    assert plain[0].theme_probabilities != titled[0].theme_probabilities


def test_a_heading_ends_what_was_before(model):
    plain = model.score("Trade\n\nIt fell last year.\n")
    after = model.score("Moscow shelled the port.\n\nTrade\n\nIt fell last year.\n")
    for one, other in zip(plain, after[1:], strict=True):
        assert one.theme_probabilities == pytest.approx(other.theme_probabilities, abs=1e-6)
