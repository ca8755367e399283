"""How right the model is where it is sure: ``python tests/benchmarks/abstention.py FILE``.

FILE holds coded sentences, as for ``stancelib evaluate``. Sentences are taken in order of
their confidence; for each share of them (coverage), the table says how often the tone, the
set of themes, and both at once are right.
"""

import sys

import numpy as np

import stancelib

COVERAGES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
ACCURACIES = (0.85, 0.9, 0.95)


def main() -> None:
    model = stancelib.load()
    rows = []
    for passage in stancelib.read_examples(sys.argv[1]):
        article = model.score_sentences(
            [e.text for e in passage.examples], title=passage.title, before=passage.before
        )
        for said, coded in zip(article, passage.examples, strict=True):
            if coded.tone is not None and coded.themes is not None:
                right = (said.tone == coded.tone, set(said.themes) == coded.themes)
                rows.append((said.confidence, *right))
    rows.sort(key=lambda row: -row[0])
    confidence, tone, themes = np.array(rows, dtype=float).T
    sure = np.arange(1, len(rows) + 1)
    correct = {"tone": tone, "themes": themes, "both": tone * themes}
    means = {name: np.cumsum(values) / sure for name, values in correct.items()}
    print("coverage  confidence    tone  themes    both")
    for coverage in COVERAGES:
        at = max(round(coverage * len(rows)), 1) - 1
        shares = "  ".join(f"{mean[at]:6.3f}" for mean in means.values())
        print(f"{coverage:8.0%}  {confidence[at]:10.2f}  {shares}")
    print(f"\nuncertain (confidence below .5): {np.mean(confidence < 0.5):.0%} of the sentences")
    for name, mean in means.items():
        reached = [np.flatnonzero(mean[20:] >= a) + 21 for a in ACCURACIES]
        text = ", ".join(
            f"{a:.2f} at {(r[-1] / len(rows)) if len(r) else 0:.0%}"
            for a, r in zip(ACCURACIES, reached, strict=True)
        )
        print(f"coverage at which {name} reaches an accuracy of {text}")


if __name__ == "__main__":
    main()
