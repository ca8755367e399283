import pytest

from stancelib.building import CORPUS
from stancelib.errors import DataError
from stancelib.inventory import Scope
from stancelib.lexicon import SCOPES, Entry, read_lexicon


def write(folder, lexicon, scopes="not\tnegated\t4\n"):
    (folder / "lexicon.tsv").write_text(lexicon, encoding="utf-8")
    (folder / "scopes.tsv").write_text(scopes, encoding="utf-8")
    return folder


def test_reads_terms_and_openers(tmp_path):
    lexicon = read_lexicon(write(tmp_path, "net-zero\t1\tL\npoverty\t-2\tE\nso be it\t0\t-\n"))
    assert lexicon.entries[("net", "zero")] == Entry(1, "L")
    assert lexicon.entries[("so", "be", "it")] == Entry(0, "")
    assert lexicon.openers == {("not",): Scope(SCOPES.index("negated"), 4)}


def test_names_all_faults_with_their_lines(tmp_path):
    faulty = "war\t-2\na b c d e f g\t0\t-\nwar\t9\t-\nwar\t1\tX\npeace\t1\t-\npeace\t1\t-\n"
    with pytest.raises(DataError) as caught:
        read_lexicon(write(tmp_path, faulty, "not\tupside\t4\nno\tnegated\t31\n"))
    assert str(caught.value).splitlines() == [
        "7 faults in the lexicon",
        "lexicon.tsv:1: 2 fields, expected term, tone and cues, separated by tabs",
        "lexicon.tsv:2: 'a b c d e f g' has 7 tokens, allowed are 1 to 6",
        "lexicon.tsv:3: tone '9' of 'war' is not a whole number from -3 to 3",
        "lexicon.tsv:4: cues 'X' of 'war' are not letters of SECRL or -",
        "lexicon.tsv:6: 'peace' stands there twice",
        "scopes.tsv:1: ['not', 'upside', '4']: expected a term, one of ('negated', 'diminished', "
        "'intensified', 'conceded', 'contrasted', 'intended'), and its reach, 1 to 30",
        "scopes.tsv:2: ['no', 'negated', '31']: expected a term, one of ('negated', 'diminished', "
        "'intensified', 'conceded', 'contrasted', 'intended'), and its reach, 1 to 30",
    ]


def test_the_shipped_lexicon_is_in_order():
    lexicon = read_lexicon(CORPUS)
    assert len(lexicon.entries) > 20_000
    assert lexicon.entries[("genocide",)].tone == -3
