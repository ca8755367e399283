import numpy as np
import pytest

from stancelib import DataError
from stancelib.panel_arrays import gather_articles


def test_articles_come_back(toy_article):
    articles = [toy_article(1, title="On trade", headings=(0,)), toy_article(2, 0), toy_article(3)]
    arrays = gather_articles(iter(articles))
    assert arrays.articles.tolist() == [0] * 4 + [2] * 4
    assert arrays.places.tolist() == [0, 1, 2, 3] * 2
    for number, article in enumerate(articles):
        again = arrays.article(number)
        assert (again.text, again.title, again.spans) == (
            article.text,
            article.title,
            article.spans,
        )
        assert again.theme_probabilities == pytest.approx(article.theme_probabilities, abs=1e-6)
        assert again.tone_probabilities == pytest.approx(article.tone_probabilities, abs=1e-6)
        assert again.themes.keys() == article.themes.keys()


def test_arrays_say_what_sentences_say(toy_article):
    articles = [toy_article(1), toy_article(2)]
    arrays = gather_articles(articles)
    for row, sentence in enumerate(s for a in articles for s in a):
        assert arrays.sentence(row) == sentence.text
        given = [t for t, yes in zip(arrays.themes, arrays.given[row], strict=True) if yes]
        assert tuple(given) == sentence.themes
        assert arrays.chosen_tones[row] == sentence.tone
        assert arrays.tone_scores[row] == pytest.approx(sentence.tone_score, abs=1e-6)
        assert arrays.confidences[row] == pytest.approx(sentence.confidence, abs=1e-6)
        assert arrays.signs[row] == {"positive": 1, "neutral": 0, "negative": -1}[sentence.tone]


def test_articles_of_a_model_without_tones(toy_article):
    article = toy_article(1)
    for name, value in (("tone_names", ()), ("tone_probabilities", np.zeros((4, 0)))):
        object.__setattr__(article, name, value)
    arrays = gather_articles([article])
    assert arrays.chosen_tones.tolist() == [None] * 4
    assert np.isnan(arrays.signs).all()
    assert arrays.confidences == pytest.approx(article.confidences, abs=1e-6)


def test_articles_of_different_models(toy_article):
    articles = [toy_article(1), toy_article(2, themes=("economy",)), toy_article(3)]
    fault = "1 articles have other themes, tones or thresholds than the first: 1; score all with"
    with pytest.raises(DataError, match=fault):
        gather_articles(articles)


def test_what_is_no_article(toy_article):
    with pytest.raises(TypeError, match=r"articles\[1\] is of type str, expected Article"):
        gather_articles([toy_article(1), "text"])
    with pytest.raises(DataError, match="no articles; a panel has at least one"):
        gather_articles([])


def test_articles_cannot_explain_themselves(toy_article):
    article = gather_articles([toy_article(1)]).article(0)
    with pytest.raises(ValueError, match="cannot explain 'economy' of its sentence 2; score it"):
        article[2].explain("economy")
