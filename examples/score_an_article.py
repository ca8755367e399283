"""Score the example interview: what it is about, how it sounds, and why."""

from pathlib import Path

import stancelib

text = (Path(__file__).parent / "interview.txt").read_text(encoding="utf-8")
article = stancelib.score(text, title="President: a coast of friends")

for theme, summary in article.themes.items():
    print(f"{theme:<18}{summary.n_sentences:>3} sentences, tone {summary.tone_score:+.2f}")

darkest = min(article, key=lambda sentence: sentence.tone_score)
print(f"\nDarkest sentence: {darkest.text}")
why = darkest.explain("negative")
for word in sorted(why.words, key=lambda word: -word.value)[:3]:
    print(f"  {word.text!r} adds {word.value:.2f}")
