import numpy as np
import pytest

from stancelib.inventory import Inventory, Scope


@pytest.fixture
def inventory():
    return Inventory.build(
        ["threat", "peace", "is", "a", "0"],
        [("no", "longer", "a", "threat"), ("a", "threat"), ("peace", "talks")],
        covering=frozenset([("no", "longer", "a", "threat"), ("a", "threat")]),
        openers={
            ("not",): Scope(1, 4),
            ("no", "longer"): Scope(1, 4),
            ("hardly",): Scope(2, 4),
            ("however",): Scope(3, 9),
            ("however", ","): Scope(3, 9),
        },
    )


def names(inventory, found):
    return [inventory.name(u) for u in found.phrases]


def test_words_are_numbered_in_sorted_order_whatever_the_input_order(inventory):
    again = Inventory.build(
        ["0", "a", "is", "peace", "threat"],
        [("peace", "talks"), ("a", "threat"), ("no", "longer", "a", "threat")],
        covering=frozenset([("a", "threat"), ("no", "longer", "a", "threat")]),
        openers={
            ("however", ","): Scope(3, 9),
            ("however",): Scope(3, 9),
            ("hardly",): Scope(2, 4),
            ("no", "longer"): Scope(1, 4),
            ("not",): Scope(1, 4),
        },
    )
    assert again.words == inventory.words
    assert (again.parents == inventory.parents).all()


def test_numbers_and_marks_stand_before_words(inventory):
    first = inventory.first_word
    assert inventory.words[0] == ""
    assert {"0", ",", "."} <= set(inventory.words[:first])
    assert not any(word[:1].isalpha() for word in inventory.words[:first])
    assert all(word[0].isalpha() for word in inventory.words[first:])
    assert inventory.words[first:] == sorted(inventory.words[first:])


def test_unit_and_name_are_inverse(inventory):
    unit = inventory.unit(("no", "longer", "a", "threat"))
    assert inventory.name(unit) == "no longer a threat"
    assert inventory.unit(("no", "longer", "war")) is None
    assert inventory.unit(("longer", "a")) is None


def test_phrases_are_found_at_their_places(inventory):
    found = inventory.find(["It is no longer a threat.", "Peace talks"])
    assert "no longer a threat" in names(inventory, found)
    assert "peace talks" in names(inventory, found)
    at = found.places[names(inventory, found).index("peace talks")]
    assert at == found.starts[1]


def test_no_phrase_runs_over_the_border_of_two_sentences(inventory):
    assert "peace talks" not in names(inventory, inventory.find(["peace", "talks"]))


def test_the_longest_phrase_speaks_and_covers(inventory):
    found = inventory.find(["no longer a threat, a threat"])
    speaking = [n for n, s in zip(names(inventory, found), found.speaks, strict=True) if s]
    assert speaking.count("a threat") == 1  # the one behind the comma
    assert found.covered.tolist() == [True] * 4 + [False] + [True] * 2 + [False]


@pytest.mark.parametrize(
    ("sentence", "scopes"),
    [
        ("not a threat", [0, 1, 1, 0]),
        ("not, a threat", [0, 0, 0, 0, 0]),
        ("is not", [0, 0, 0]),
        ("no longer peace", [0, 0, 1, 0]),
        ("hardly a threat", [0, 2, 2, 0]),
        ("not hardly peace", [0, 1, 2, 0]),
        ("not a a a a a a", [0, 1, 1, 1, 1, 0, 0, 0]),
        ("however a a a a a a", [0, 3, 3, 3, 3, 3, 3, 0]),
        ("however, a threat", [0, 0, 3, 3, 0]),
        ("however hardly a a a a a", [0, 3, 2, 2, 2, 2, 0, 0]),
    ],
)
def test_scopes(inventory, sentence, scopes):
    assert inventory.find([sentence]).scopes.tolist() == scopes


def test_a_scope_ends_with_the_sentence(inventory):
    assert inventory.find(["is not", "a threat"]).scopes.tolist() == [0] * 6


def test_unknown_words_are_numbered_behind_the_units(inventory):
    found = inventory.find(["peace zzz 7 77 zzz"])
    assert found.unknown == ["zzz", "00"]
    assert (found.words[[1, 4]] == inventory.n_units).all()
    assert found.words[2] == inventory.unit(("0",))


def test_a_batch_finds_what_its_sentences_find_alone(inventory):
    sentences = ["not a threat", "", "no longer a threat hardly zzz", "peace yyy zzz peace talks"]
    together = inventory.find(sentences)
    alone = [inventory.find([s]) for s in sentences]
    for field in ("words", "scopes", "covered"):
        parts = np.concatenate([getattr(f, field) for f in alone])
        whole = getattr(together, field)
        if field == "words":  # strangers are numbered batch by batch
            parts, whole = (np.minimum(a, inventory.n_units) for a in (parts, whole))
        assert (whole == parts).all()
    assert together.unknown == ["zzz", "yyy"]
    names_alone = [name for f in alone for name in names(inventory, f)]
    assert sorted(names(inventory, together)) == sorted(names_alone)


def test_too_long_a_phrase_is_refused():
    with pytest.raises(ValueError, match="7 tokens, allowed are 2 to 6"):
        Inventory.build([], [tuple("abcdefg")])
