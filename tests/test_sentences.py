import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from stancelib.sentences import split_sentences


def cut(text):
    return [text[s.start : s.end] for s in split_sentences(text)]


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("Talks ended. They failed.", ["Talks ended.", "They failed."]),
        (
            'Mr. Orr met Gen. Lee. "We agree," he said. "It is done." They left.',
            ["Mr. Orr met Gen. Lee.", '"We agree," he said.', '"It is done."', "They left."],
        ),
        ("“We go. We win. We stay,” she said.", ["“We go.", "We win.", "We stay,” she said."]),
        ("“We did.”“They did.” All did.", ["“We did.”", "“They did.”", "All did."]),
        ("(…) During the talks, all agreed.", ["(…) During the talks, all agreed."]),
        ("All agreed. (…) Then they left.", ["All agreed.", "(…) Then they left."]),
        ("All agreed. (…)", ["All agreed. (…)"]),
        ("(It rained.) They met.", ["(It rained.)", "They met."]),
        ("1. Open the border. 2. Sign the text.", ["1. Open the border.", "2. Sign the text."]),
        ("Prices rose 3.5 percent to $1.2 bn. No one cheered.", None),
        ("Lt. Col. Ruiz spoke. Maj. Okoye listened.", None),
        ("The P.L.A. might exercise. The U.N. will watch.", None),
        ("He stepped down on Jan. 3. She took over on Feb. 5.", None),
        ("J. R. Moyo wrote to P. V. Lal. He replied.", None),
        ("A pause ... then more came. And so on… it went.", None),
        ("“Is it so?” asked he. “Yes!” said she.", None),
        ("HARARE — The U.S. and Zimbabwe signed. It holds.", None),
        ("• Grain • Oil • Steel", ["• Grain", "• Oil", "• Steel"]),
        ("First line\nsecond line", ["First line", "second line"]),
        ("One.\r\nTwo.\u2028Three.", ["One.", "Two.", "Three."]),
        ("", []),
        (" \n\t\n ", []),
    ],
)
def test_hard_cases(text, sentences):
    if sentences is None:  # two sentences, cut at the last full stop before a capital
        assert len(cut(text)) == 2
    else:
        assert cut(text) == sentences


def test_headings():
    text = "Trade talks resume\nThe ministers met.\n\nA new road\n- Item\nIn short:\n"
    text += "The road opened.\nAnkara"
    headings = [text[s.start : s.end] for s in split_sentences(text) if s.heading]
    assert headings == ["Trade talks resume", "A new road"]


def test_a_line_that_is_too_long_is_no_heading():
    text = "word " * 21 + "\nThe road opened."
    assert not any(s.heading for s in split_sentences(text))


def test_interview_cuts_into_its_sentences(interview):
    spans = split_sentences(interview)
    assert len(spans) == 41
    assert [interview[s.start : s.end] for s in spans if s.heading] == [
        "Trade with the south",
        "Energy from the north",
        "A drier steppe",
    ]


def test_time_is_linear_in_wordless_text():
    text = "”. “" * 5000
    assert "".join(cut(text)).replace(" ", "") == text.replace(" ", "")


@given(
    st.text(
        st.characters() | st.sampled_from(" \n.?!…“”\"'‘’()[]•-1aA\u200b\u00ad\u0301"), max_size=200
    )
)
@example("\x1c.\x85A. B")
@example("”. “.” (…)")
def test_sentences_are_exact_ordered_and_cover_everything(text):
    end = 0
    for span in split_sentences(text):
        assert text[end : span.start].strip() == ""
        sentence = text[span.start : span.end]
        assert sentence
        assert sentence == sentence.strip()
        end = span.end
    assert text[end:].strip() == ""
