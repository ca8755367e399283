from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stancelib import DataError, Example, PanelWarning, Passage, read_examples, sampling
from stancelib.panel_arrays import gather_articles
from stancelib.sampling import draw_sample, match_examples, write_sample


@pytest.fixture(scope="module")
def arrays(toy_article):
    return gather_articles(toy_article(i, 3 + i % 5, title=f"Title {i}") for i in range(30))


def one_stratum(arrays):
    return np.zeros(len(arrays.articles), dtype=int)


def coded(sample, themes=frozenset({"economy"}), tone="negative"):
    return [
        replace(p, examples=(Example(p.examples[0].text, themes, tone),)) for p in sample.passages
    ]


def test_a_sample_knows_its_sentences(arrays):
    sample = draw_sample(arrays, one_stratum(arrays), 20, 0)
    assert len(sample) == 20
    assert len({p.id for p in sample.passages}) == 20
    assert sample.inclusion_probabilities == pytest.approx(20 / len(arrays.articles))
    for passage, article, place in zip(
        sample.passages, sample.articles, sample.sentences, strict=True
    ):
        (example,) = passage.examples
        assert example == Example(f"Sentence {place} of article {article}.", None, None)
        assert passage.title == f"Title {article}"
        context = [f"Sentence {i} of article {article}." for i in range(max(place - 2, 0), place)]
        assert list(passage.before) == context
        assert set(passage.metadata) == {"inclusion_probability"}


def test_the_seed_decides(arrays):
    strata = one_stratum(arrays)
    first = draw_sample(arrays, strata, 20, 0).passages
    assert draw_sample(arrays, strata, 20, 0).passages == first
    assert draw_sample(arrays, strata, 20, 1).passages != first
    assert list(first) != sorted(first, key=lambda p: p.id)


def test_every_sentence_is_as_probable_as_it_is_said_to_be(arrays):
    strata = (arrays.articles >= 25).astype(int)
    counts = np.zeros(len(strata))
    for seed in range(300):
        sample = draw_sample(arrays, strata, 15, seed)
        rows = arrays.first_rows[sample.articles] + sample.sentences
        counts[rows] += 1
    assert counts[rows] == pytest.approx(300 * sample.inclusion_probabilities, abs=20)
    assert counts.sum() == 300 * 15


@given(st.lists(st.integers(1, 50), min_size=1, max_size=12), st.data())
def test_strata_get_their_share(sizes, data):
    sizes = np.array(sizes)
    n = data.draw(st.integers(len(sizes), int(sizes.sum())))
    shares = sampling._allocate(n, sizes)
    assert shares.sum() == n
    assert (shares <= sizes).all()
    assert (shares >= 1).all()
    if n >= np.minimum(sizes, 2).sum():
        assert (shares >= np.minimum(sizes, 2)).all()


def test_large_strata_get_shares_in_proportion():
    assert sampling._allocate(100, np.array([500, 300, 200])).tolist() == [50, 30, 20]
    assert sampling._allocate(10, np.array([997, 3])).tolist() == [8, 2]


@pytest.mark.parametrize("n", [0, 1, 151])
def test_impossible_sizes(arrays, n):
    strata = (arrays.articles >= 25).astype(int)
    total = len(strata)
    with pytest.raises(ValueError, match=f"expected 2 .one of each stratum. to {total} .all"):
        draw_sample(arrays, strata, n if n < 2 else total + 1, 0)


@pytest.mark.parametrize("shape", ["jsonl", "doccano", "label-studio"])
def test_samples_return_through_all_formats(arrays, tmp_path, shape):
    sample = draw_sample(arrays, one_stratum(arrays), 20, 0)
    path = tmp_path / "sample.json"
    write_sample(sample, path, shape, overwrite=False)
    assert "negative" not in path.read_text(encoding="utf-8")
    back = read_examples(path, empty="uncoded")
    if shape == "jsonl":
        assert back == sample.passages
    else:
        contexts = [p.metadata.get("context", "") for p in back]
        assert contexts == [" ".join(p.before) for p in sample.passages]
    gold = match_examples(arrays, coded(replace(sample, passages=back.passages)), errors="raise")
    assert gold.rows.tolist() == (arrays.first_rows[sample.articles] + sample.sentences).tolist()
    assert gold.inclusion_probabilities.tolist() == sample.inclusion_probabilities.tolist()


def test_codes_become_numbers(arrays):
    passages = draw_sample(arrays, one_stratum(arrays), 4, 0).passages
    labels = (
        (frozenset({"economy"}), "negative"),
        (frozenset({"economy", "climate"}), "neutral"),
        (frozenset(), None),
        (None, "positive"),
    )
    gold = match_examples(
        arrays,
        [
            replace(p, examples=(Example(p.examples[0].text, *of),))
            for p, of in zip(passages, labels, strict=True)
        ],
        errors="raise",
    )
    nan = np.nan
    np.testing.assert_array_equal(gold.themes, [[1, 0], [1, 1], [0, 0], [nan, nan]])
    np.testing.assert_array_equal(gold.tones, [-1, 0, nan, 1])
    assert len(gold) == 4


def test_all_that_does_not_match_is_named_at_once(arrays):
    sample = draw_sample(arrays, one_stratum(arrays), 9, 0)
    a, b, c, d, e, *rest = coded(sample)
    wrong = [
        replace(a, id="article-99-sentence-0"),
        replace(b, id=b.id.rsplit("-", 1)[0] + "-77"),
        replace(c, examples=(Example("Another sentence.", frozenset(), "neutral"),)),
        replace(d, examples=(Example(d.examples[0].text, None, None),)),
        replace(e, metadata={"inclusion_probability": "1.5"}),
        *rest,
        rest[0],
        replace(rest[1], id="mine-1"),
    ]
    with pytest.raises(DataError) as caught:
        match_examples(arrays, wrong, errors="raise")
    lines = str(caught.value).split("\n")
    assert len(lines) == 5
    assert lines[0].startswith("3 of 11 sentences stand at no place of the panel; match with")
    assert lines[0].endswith(f": article-99-sentence-0, {wrong[1].id}, mine-1")
    assert lines[1].startswith("1 of 11 sentences have another text than the panel has there;")
    assert lines[2].startswith("1 of 11 sentences are not coded;")
    assert lines[3].startswith("1 of 11 sentences have no inclusion_probability from 0 to 1")
    assert lines[4] == f"1 of 11 sentences stand there twice; keep one coding of each: {rest[0].id}"
    with pytest.warns(PanelWarning, match="3 of 11 sentences stand at no place"):
        assert len(match_examples(arrays, wrong, errors="warn")) == 4


def test_other_labels_are_refused(arrays):
    sample = draw_sample(arrays, one_stratum(arrays), 4, 0)
    passages = coded(sample, frozenset({"migration", "economy"}), "angry")
    with pytest.raises(DataError) as caught:
        match_examples(arrays, passages, errors="warn")
    assert str(caught.value).split("\n") == [
        "4 of 4 sentences have a theme that the panel does not have: migration; it has "
        "['economy', 'climate']; see rename= of read_examples",
        "4 of 4 sentences have a tone that the panel does not have: angry; it has "
        "['negative', 'neutral', 'positive']; see rename= of read_examples",
    ]


def test_nothing_coded(arrays):
    with pytest.raises(DataError, match="no coded sentences of this panel"):
        match_examples(arrays, [], errors="raise")
    passage = Passage("x", (Example("y", frozenset(), None),))
    with pytest.raises(TypeError, match="examples hold something else than passages"):
        match_examples(arrays, passage, errors="raise")
    with pytest.raises(TypeError, match="examples hold something else than passages"):
        match_examples(arrays, [passage.examples[0]], errors="raise")
