"""Time and memory of a large panel: ``python tests/benchmarks/panel.py [ARTICLES]``.

Passages of the bundled corpus are scored once; each article is made of the scored sentences of
passages drawn at random, until it has 40. A sample is coded by the model's own labels, a tenth of
them turned round. Takes half a minute for the 10,000 articles that it makes by default.
"""

import resource
import sys
import time
from dataclasses import replace

import numpy as np

import stancelib
from stancelib.building import read_corpus
from stancelib.panel import Panel
from stancelib.sentences import Span

N_SENTENCES = 40
N_PASSAGES = 300
N_GOLD = 500


def scored_passages(model):
    passages = read_corpus()[:N_PASSAGES]
    return [model.score_sentences([e.text for e in p.examples], title=p.title) for p in passages]


def made_article(number, passages, rng):
    """An article of the sentences of passages drawn at random, under a line with its number."""
    parts, n = [], 0
    while n < N_SENTENCES:
        parts.append(passages[rng.integers(len(passages))])
        n += len(parts[-1])
    texts = [p.text[s.start : s.end] for p in parts for s in p.spans][:N_SENTENCES]
    texts[0] = f"{texts[0]} ({number})"
    ends = np.cumsum([len(t) + 1 for t in texts]).tolist()
    return replace(
        parts[0],
        text="\n".join(texts),
        spans=[Span(e - 1 - len(t), e - 1, False) for t, e in zip(texts, ends, strict=True)],
        theme_probabilities=np.concatenate([p.theme_probabilities for p in parts])[:N_SENTENCES],
        tone_probabilities=np.concatenate([p.tone_probabilities for p in parts])[:N_SENTENCES],
    )


def coded(panel, sample, rng):
    """The sample with the model's labels, a tenth of them turned round."""
    passages = []
    for passage, article, place in zip(
        sample.passages, sample.articles, sample.sentences, strict=True
    ):
        row = panel.arrays.first_rows[article] + place
        said = panel.arrays.given[row] ^ (rng.random(len(panel.themes)) < 0.1)
        themes = frozenset(t for t, yes in zip(panel.themes, said, strict=True) if yes)
        tone = panel.arrays.chosen_tones[row]
        passages.append(
            replace(passage, examples=(replace(passage.examples[0], themes=themes, tone=tone),))
        )
    return passages


def timed(name, call):
    start = time.perf_counter()
    result = call()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"{name:<44}{time.perf_counter() - start:>8.1f}{peak:>10.2f}")
    return result


def main() -> None:
    n_articles = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    rng = np.random.default_rng(0)
    days = rng.integers(0, 730, n_articles)
    metadata = {
        "outlet": rng.choice(["Gazette", "Herald", "Tribune"], n_articles),
        "date": np.datetime64("2023-01-01") + days,
    }
    print(f"{n_articles} articles of {N_SENTENCES} sentences")
    print(f"{'':<44}{'s':>8}{'GiB, peak':>10}")
    passages = timed("score the corpus", lambda: scored_passages(stancelib.load()))
    records = [
        dict(zip(metadata, row, strict=True)) for row in zip(*metadata.values(), strict=True)
    ]
    articles = (made_article(i, passages, rng) for i in range(n_articles))
    panel = timed("make and gather articles", lambda: Panel.from_articles(articles, records))
    timed("by()", panel.by)
    timed("by(outlet, month)", lambda: panel.by(["outlet", "month"]))
    timed("by(outlet, day)", lambda: panel.by(["outlet", "day"], min_articles=2))
    timed("by(outlet, heading)", lambda: panel.by(["outlet", "heading"]))
    sample = timed("sample_for_coding", lambda: panel.sample_for_coding(N_GOLD, by="outlet"))
    gold = coded(panel, sample, rng)
    timed("estimate()", lambda: panel.estimate(gold))
    timed("estimate(outlet)", lambda: panel.estimate(gold, by="outlet"))
    timed("estimate(outlet, month)", lambda: panel.estimate(gold, by=["outlet", "month"]))
    timed("to_frame()", panel.to_frame)
    timed("to_frame('long')", lambda: panel.to_frame("long"))


if __name__ == "__main__":
    main()
