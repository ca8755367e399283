import stancelib
from stancelib.render import printable, text_table


def test_table_keeps_its_width(article):
    for width in (100, 140):
        lines = text_table(article.sentences, width=width, colour=False).split("\n")
        assert max(map(len, lines)) <= width
        assert lines[0].split() == ["no.", "themes", "tone", "sentence"]


def test_a_narrow_terminal_still_leaves_room_for_words(article):
    text = text_table(article.sentences, width=10, colour=False)
    assert "ULAANBAATAR" in text


def test_headings_are_marked(article):
    assert "# A drier steppe" in text_table(article.sentences, width=120, colour=False)


def test_colour_is_asked_for():
    sentences = stancelib.score("We condemn the brutal attack.").sentences
    assert "\033[31mnegative" in text_table(sentences, width=80, colour=True)
    assert "\033" not in text_table(sentences, width=80, colour=False)


def test_a_text_cannot_command_the_terminal():
    sentences = stancelib.score("Evil \033[2J text\u202e.").sentences
    table = text_table(sentences, width=80, colour=False)
    assert "\033" not in table
    assert "\u202e" not in table
    assert printable("a\x07b") == "a�b"
