import dataclasses
import json
import re
import shutil
import subprocess
from base64 import b64encode
from hashlib import sha256
from html import unescape
from html.parser import HTMLParser

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import stancelib
from stancelib import render_report
from stancelib.errors import DataError
from stancelib.picture_data import GROUP_NUMBERS, plain

VOID = {"meta", "input"}
HOSTILE = [
    "<script>window.hacked = 1</script>",
    '"><img src=x onerror="window.hacked = 1">',
    "' onfocus='window.hacked = 1' x='",
    "</style></title></script><script>window.hacked = 1</script>",
    "<!-- &lt;b&gt; &#60;i&#62; ]]>",
    "right\u202eto\u2066left\u200f",
    "nul\x00bell\x07next\x85",
    "lone \ud800 surrogate \udfff",
]
SHOWN = [*HOSTILE[:5], "right�to�left�", "nul�bell�next�", "lone � surrogate �"]


class Page(HTMLParser):
    """A page as it is parsed: elements that close in order, attributes, text."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.attributes, self.open, self.content = [], [], [], {}
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.handle_startendtag(tag, attributes)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += [(tag, name, value) for name, value in attributes]
        names = [name for name, _ in attributes]
        assert len(names) == len(set(names))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        where = self.open[-1] if self.open else ""
        self.content[where] = self.content.get(where, "") + data

    def values(self, name, tag=None):
        return [v for t, n, v in self.attributes if n == name and tag in {None, t}]

    @property
    def text(self):
        return "".join(self.content.values())


@pytest.fixture(scope="module")
def groups():
    numbers = {"n_articles": 3, "n_sentences": 4, "n_all": 1200}
    row = dict.fromkeys(GROUP_NUMBERS, 0.25) | numbers | {"note": "", "share_low": 0.2}
    rows = [
        {"outlet": "Herald", **row, "theme": "climate"},
        {"outlet": "Herald", **row, "theme": "all", "tone_score": float("nan"), "note": "too few"},
    ]
    rows[1] |= {"tone_score_low": float("nan"), "tone_score_high": float("nan")}
    return pd.DataFrame(rows)


@pytest.fixture(scope="module")
def page(article, model, groups):
    short = model.score("Exports to China fell.")
    return render_report(
        [article, short, model.score("")],
        titles=["Interview", None, "Nothing"],
        groups=groups,
        card=model.card,
    )


def test_is_well_formed(page):
    parsed = Page(page)
    assert page.startswith('<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">')
    ids = parsed.values("id")
    assert len(ids) == len(set(ids))
    for tag in ("h1", "main", "header", "title", "script", "style", "form"):
        assert parsed.tags.count(tag) == 1, tag
    assert [t for t in parsed.tags if re.fullmatch("h[1-6]", t)][:3] == ["h1", "h2", "h2"]


def test_references_lead_somewhere(page):
    parsed = Page(page)
    ids = set(parsed.values("id"))
    referred = [*parsed.values("aria-labelledby"), *parsed.values("for")]
    referred += [link.removeprefix("#") for link in parsed.values("href")]
    assert len(referred) > 20
    assert set(referred) <= ids


def test_controls_have_labels(page, article):
    parsed = Page(page)
    boxes = [v for t, n, v in parsed.attributes if (t, n) == ("input", "id")]
    assert sorted(boxes) == sorted(parsed.values("for", "label"))
    themes = [f"theme-{i}" for i in range(len(article.theme_names))]
    assert set(boxes) == {*themes, "theme-none", "tone-0", "tone-1", "tone-2", "hide"}
    assert parsed.tags.count("fieldset") == parsed.tags.count("legend") == 2


def test_asks_nothing_of_the_network(page):
    parsed = Page(page)
    names = {name for _, name, _ in parsed.attributes}
    assert not names & {"src", "srcset", "action", "style", "background", "poster"}
    assert not any(name.startswith("on") for name in names)
    assert all(link.startswith("#") for link in parsed.values("href"))
    assert not re.search("url\\(|@import|fetch|XMLHttp|https?:", page)
    policy = parsed.values("content", "meta")[0]
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        digest = b64encode(sha256(parsed.content[tag].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert "unsafe" not in policy


def test_every_sentence_is_there_with_its_labels(article):
    parsed = Page(article.to_html())
    assert len(parsed.values("data-p")) == len(article)
    themes = [" ".join(str(article.theme_names.index(t)) for t in s.themes) for s in article]
    assert parsed.values("data-themes") == themes
    assert parsed.values("data-tone") == [str(article.tone_names.index(s.tone)) for s in article]
    numbers = parsed.values("data-p")[10].replace("|", " ").split()
    sentence = article[10]
    expected = [*sentence.theme_probabilities.values(), *sentence.tone_probabilities.values()]
    assert numbers == [f"{100 * p:.0f}" for p in [*expected, sentence.confidence]]
    for sentence in article:
        assert sentence.text in parsed.text
    headings = re.findall(r"<h4>(?:<[^>]*>|▼|▲)*([^<]*)", article.to_html())
    assert [heading.strip() for heading in headings] == [s.text for s in article if s.heading]
    assert parsed.content["h1"] == parsed.content["h3"] == article.title


def test_tone_is_never_colour_alone(article):
    page = article.to_html()
    for tone, mark in (("negative", "▼"), ("positive", "▲")):
        count = sum(s.tone == tone for s in article)
        assert count > 0
        assert page.count(f'<b role="img" aria-label="{tone}">{mark}</b>') == count
        assert page.count(f'class="s {tone}"') == count


def test_one_sentence_of_a_text_is_reached_with_tab(page):
    stops = Page(page).values("tabindex", "span")
    assert stops.count("0") == 2
    assert set(stops) == {"0", "-1"}


def test_paragraphs_are_those_of_the_text():
    page = stancelib.score("One fell. Two rose.\n\nThree stood.\vFour went.").to_html()
    body = page[page.index('<div class="text"') :]
    assert [p.count("<span") for p in re.findall("<p>.*?</p>", body)] == [2, 1, 1]


def test_tables(page, article, model):
    text = re.sub("<[^>]*>", " ", page)
    climate = article.themes["climate"]
    assert re.search(
        rf"climate\s+{climate.n_sentences}\s+{100 * climate.n_sentences / 42:.0f}", text
    )
    f1 = model.card["out_of_fold"]["themes"]["climate"]["f1"]
    assert f"{f1:.3f}" in text
    for limit in model.card["limits"]:
        assert limit in text
    assert re.search(r"Herald\s+climate\s+3\s+4\s+25\s%\s+\(20\s%\sto\s25\s%\)\s+\+0\.25", text)
    assert re.search(r"Herald\s+all sentences\s+3\s+4\s+25\s%.*?–.*?too few", text, re.DOTALL)


def test_warnings_are_shown():
    article = stancelib.score("Президент заявил о новых санкциях против соседней страны.")
    assert f"Warning: {article.warnings[0]}" in Page(article.to_html()).text


def test_pictures_can_be_left_out(page, article):
    assert Page(page).tags.count("svg") == 2
    assert "svg" not in Page(render_report([article], pictures=False)).tags


def test_no_articles():
    parsed = Page(render_report([]))
    assert "No texts." in parsed.text
    assert parsed.content["h1"] == "Themes and tone of 0 texts"


def test_a_model_without_tones(article):
    bare = dataclasses.replace(
        article, tone_names=(), tone_probabilities=article.tone_probabilities[:, :0]
    )
    parsed = Page(bare.to_html())
    assert parsed.values("data-tone") == []
    assert parsed.tags.count("fieldset") == 1
    assert len(parsed.values("data-p")) == len(article)


@pytest.mark.parametrize(("text", "shown"), list(zip(HOSTILE, SHOWN, strict=True)))
def test_hostile_text_stays_text(model, groups, text, shown):
    harmless, hostile = (_everywhere(model, groups, part) for part in ("x", text))
    assert hostile.tags == harmless.tags
    assert [a[:2] for a in hostile.attributes] == [a[:2] for a in harmless.attributes]
    assert hostile.content["style"] == harmless.content["style"]
    assert hostile.content["script"] == harmless.content["script"]
    # Title, heading, two labels in four places each and more, group and its note, card.
    assert hostile.text.count(shown) >= 12
    assert hostile.content["title"] == f"{shown}Themes and tone of 2 texts"


@settings(max_examples=25, deadline=None)
@given(text=st.text(st.characters(codec=None), min_size=1, max_size=40))
def test_no_text_becomes_markup(model, groups, text):
    parsed = _everywhere(model, groups, text)
    assert parsed.tags == _everywhere(model, groups, "x").tags
    parsed.text.encode()


def _everywhere(model, groups, text):
    """Put a text wherever a text can go; the sentence keeps the labels it has."""
    article = model.score_sentences(["Exports to China fell."], title=text)
    article = dataclasses.replace(
        article,
        text=text,
        spans=[article.spans[0]._replace(end=len(text))],
        theme_names=(f"{text} 1", text, "c", "r", "k"),
        warnings=(text,),
    )
    rule = {"themes": text, "tone": text}
    card = model.card | {"name": text, "limits": [text], "decision_rule": rule}
    said = pd.Series([text] * len(groups), dtype=object)  # strings of Arrow refuse surrogates
    names = [f"column {text}" if name == "outlet" else name for name in groups.columns]
    groups = groups.set_axis(pd.Index(names, dtype=object), axis=1).assign(note=said)
    groups.insert(0, "outlet", said)
    one = render_report([article], titles=[text], groups=groups, card=card)
    two = render_report([article, article], titles=[text, text])  # with a table of links
    (one + two).encode()
    return Page(one + two)


def test_contrast(page):
    style = Page(page).content["style"]
    light, dark = (
        dict(re.findall(r"--([\w-]+): (#\w{6})", part))
        for part in re.findall(r":root \{(.*?)\}", style, re.DOTALL)
    )
    assert light.keys() == dark.keys()
    assert light["page"] != dark["page"]
    on = {
        "page": ["text", "muted", "link", "negative", "positive", "neutral"],
        "soft": ["text"],
        "negative-tint": ["text", "negative"],
        "positive-tint": ["text", "positive"],
    }
    for colours in (light, dark):
        for ground, inks in on.items():
            for ink in inks:
                assert _contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def _contrast(one, other):
    """Contrast as WCAG 2 defines it."""
    first, second = sorted(map(_luminance, (one, other)))
    return (second + 0.05) / (first + 0.05)


def _luminance(colour):
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_two_hundred_articles_would_be_a_few_megabytes(article):
    few, more = (len(render_report([article] * n).encode()) for n in (1, 11))
    assert few + 199 * (more - few) / 10 < 3_000_000


def test_wrong_arguments(article, model, groups):
    with pytest.raises(TypeError, match=r"articles is one Article; pass \[article\]"):
        render_report(article)
    with pytest.raises(TypeError, match=r"articles\[1\] is of type str; pass Articles"):
        render_report([article, "text"])
    with pytest.raises(TypeError, match="titles is a string; pass a list"):
        render_report([article], titles="Interview")
    with pytest.raises(ValueError, match="2 titles for 1 articles; pass one for each"):
        render_report([article], titles=["a", "b"])
    other = dataclasses.replace(article, theme_names=("a", "b", "c", "d", "e"))
    with pytest.raises(ValueError, match=r"articles\[1\] has theme_names \('a', .*write a report"):
        render_report([article, other])
    with pytest.raises(DataError, match=r"lacks the columns \['note'\]"):
        render_report([article], groups=groups.drop(columns="note"))
    with pytest.raises(DataError, match=r"card lacks \['limits'\]; pass the card of a model"):
        article.to_html(card={k: v for k, v in model.card.items() if k != "limits"})


CHECKS = """
(() => {
  const found = [];
  const see = (what) => found.push(what);
  const count = () => see(document.getElementById("count").textContent);
  const key = (name) =>
    document.activeElement.dispatchEvent(
      new KeyboardEvent("keydown", { key: name, bubbles: true }));
  const tip = document.getElementById("tip");
  count();
  document.getElementById("tone-0").click();
  count();
  document.getElementById("hide").click();
  see([...document.querySelectorAll(".s")].filter((s) => s.offsetHeight).length);
  document.querySelector("button[type=reset]").click();
  setTimeout(() => {
    count();
    document.querySelector(".s").focus();
    key("ArrowRight");
    see(document.activeElement === document.querySelectorAll(".s")[1]);
    see(document.querySelectorAll('.s[tabindex="0"]').length);
    see(tip.hidden ? "hidden" : tip.innerText.replace(/\\s+/g, " "));
    key("Escape");
    see(tip.hidden);
    const image = document.createElement("img");
    image.src = "https://192.0.2.1/x";
    document.body.append(image);
    document.body.insertAdjacentHTML("beforeend", "<b style='color:red' onclick='hacked=1'>x</b>");
    const bold = document.querySelector("body > b");
    bold.click();
    setTimeout(() => {
      see(bold.style.color);
      see(String(window.hacked));
      document.body.dataset.found = JSON.stringify([found, blocked]);
    }, 200);
  });
  const blocked = [];
  document.addEventListener("securitypolicyviolation", (e) => blocked.push(e.effectiveDirective));
})();
"""


def test_in_a_browser(tmp_path, model):
    browser = shutil.which("chromium") or shutil.which("google-chrome")
    if browser is None:
        pytest.skip("neither chromium nor google-chrome is on PATH")
    texts = ["We condemn the attack. They met on Friday.", "".join(HOSTILE[:4]) + " fell."]
    articles = [model.score(text) for text in texts]
    page = render_report(articles)
    script = Page(page).content["script"]
    longer = script + CHECKS
    digests = [b64encode(sha256(s.encode()).digest()).decode() for s in (script, longer)]
    path = tmp_path / "report.html"
    path.write_text(page.replace(script, longer).replace(*digests), encoding="utf-8")
    done = subprocess.run(
        [
            browser,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            f"--user-data-dir={tmp_path / 'profile'}",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--virtual-time-budget=2000",
            "--dump-dom",
            path.as_uri(),
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    found, blocked = json.loads(unescape(re.search('data-found="(.*?)"', done.stdout).group(1)))
    tones = [s.tone for article in articles for s in article]
    assert (len(tones), tones[1]) == (3, "neutral")
    n_negative = tones.count("negative")
    second = articles[0][1]
    numbers = {**second.theme_probabilities, **second.tone_probabilities}
    numbers["confidence"] = second.confidence
    assert found == [
        "3 of 3 sentences match.",
        f"{n_negative} of 3 sentences match.",
        n_negative,  # visible
        "3 of 3 sentences match.",
        True,  # the arrow key went to the second sentence
        2,  # tab stops
        " ".join(f"{plain(name)} {_percent(p)} %" for name, p in numbers.items()),
        True,  # Escape hid the tip
        "",  # no colour
        "undefined",  # not hacked
    ]
    assert sorted(blocked) == ["img-src", "script-src-attr", "style-src-attr"]


def _percent(probability):
    whole = round(100 * probability)
    return "< 1" if whole < 1 else "> 99" if whole > 99 else str(whole)
