import pytest
from hypothesis import given
from hypothesis import strategies as st

from stancelib import Coding, Example, Passage
from stancelib.codings import Scheme, check_rule, combine, recombine, rename_labels
from stancelib.label_records import Log

NAMES = ("x", "y", "z")
CODINGS = st.lists(
    st.tuples(
        st.none() | st.frozensets(st.sampled_from(NAMES)),
        st.none() | st.sampled_from(("negative", "positive")),
    ),
    min_size=1,
    max_size=5,
).map(lambda said: [Coding(str(i), *labels) for i, labels in enumerate(said)])


def codings(*said):
    return [
        Coding(str(i), None if themes is None else frozenset(themes), tone)
        for i, (themes, tone) in enumerate(said)
    ]


@pytest.mark.parametrize(
    ("said", "rule", "expected"),
    [
        ([("x", "a"), ("x", "a"), ("y", "b")], "majority", ({"x"}, "a")),
        ([("x", "a"), ("", "b")], "majority", (None, None)),
        ([("x", "a"), (None, None)], "majority", ({"x"}, "a")),
        ([("", "a"), ("", "a")], "majority", (set(), "a")),
        ([("x", "a"), ("x", "b"), ("xy", "c")], "majority", ({"x"}, None)),
        ([("xy", "a"), ("xy", "a")], "unanimous", ({"x", "y"}, "a")),
        ([("xy", "a"), ("x", "a"), ("x", "b")], "unanimous", (None, None)),
        ([("xy", "a"), ("z", "b"), ("", "b")], "any", ({"x", "y", "z"}, "b")),
        ([("xy", "a"), ("z", "b")], "any", ({"x", "y", "z"}, None)),
        ([("x", "a"), ("y", "b")], "1", ({"y"}, "b")),
        ([("x", "a")], "9", (None, None)),
        ([(None, None)], "any", (None, None)),
        ([("x", "a")], lambda c: ({c[0].coder}, None), ({"0"}, None)),
    ],
)
def test_rules(said, rule, expected):
    assert combine(codings(*said), rule) == expected


@given(CODINGS)
def test_majority_by_counting(said):
    themes, tone = combine(said, "majority")
    coded = [c.themes for c in said if c.themes is not None]
    shares = {n: sum(n in t for t in coded) / len(coded) if coded else 0.5 for n in NAMES}
    if 0.5 in shares.values():
        assert themes is None
    else:
        assert themes == {n for n in NAMES if shares[n] > 0.5}
    votes = [sum(c.tone == t for c in said) for t in ("negative", "positive")]
    assert tone == (None if votes[0] == votes[1] else ("negative", "positive")[votes[1] > votes[0]])


@given(CODINGS, st.randoms())
def test_the_order_of_coders_does_not_matter(said, random):
    mixed = random.sample(said, len(said))
    for rule in ("majority", "unanimous", "any"):
        assert combine(said, rule) == combine(mixed, rule)


@given(CODINGS)
def test_what_all_say_holds_by_every_rule(said):
    themes, tone = combine(said, "unanimous")
    for rule in ("majority", "any"):
        combined = combine(said, rule)
        assert themes in (None, combined[0])
        assert tone in (None, combined[1])


@pytest.mark.parametrize("result", [None, ("x", "a"), (frozenset(), 1), (frozenset(),)])
def test_functions_that_return_something_else(result):
    with pytest.raises(TypeError, match=r"coders\(\) returned .*, expected \(set of themes"):
        combine(codings(("x", "a")), lambda _: result)


def passage():
    said = tuple(codings(("xy", "a"), ("x", "b")))
    return Passage("p", (Example("A.", frozenset("xy"), "a", said), Example("B.", None, "a")))


def test_recombine():
    first, second = recombine(passage(), "1").examples
    assert (first.themes, first.tone) == ({"x"}, "b")
    assert second == passage().examples[1]


def test_check_rule():
    check_rule("1", [passage()])
    with pytest.raises(ValueError, match=r"coders is 'ann', .*: there are \['0', '1'\]"):
        check_rule("ann", [passage()])


def test_rename_labels():
    log = Log()
    scheme = Scheme(("a", "b"), {"x": "new", "y": None, "b": None})
    first, second = rename_labels(passage(), scheme, log).examples
    new = frozenset({"new"})
    assert first == Example("A.", new, "a", (Coding("0", new, "a"), Coding("1", new, None)))
    assert second.tone == "a"
    assert log.skipped == {"label 'y', dropped by rename": 2, "label 'b', dropped by rename": 1}
