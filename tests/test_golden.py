"""Scores that stay. After a change that is meant to change scores: note it in CHANGELOG.md
under "Changed scores", then ``python tests/test_golden.py`` writes the files anew."""

import json
from pathlib import Path

import numpy as np
import pytest

import stancelib

ROOT = Path(__file__).parent.parent
GOLDEN = Path(__file__).parent / "golden"
TEXTS = {
    "interview": (
        (ROOT / "examples" / "interview.txt").read_text(encoding="utf-8"),
        "A coast of friends",
    ),
    "odd": (
        "Heading without end\n\nU.S.-China trade fell 3.5% to $1.2bn — “not a crisis”, he said. "
        "(…) Why?\n- Kenya (25%)\n- Ghana (10%)\n"
        "The Qwxzvian glaciers aren’t in danger; Moscow isn't either.\n7\n",
        None,
    ),
}


def scores(name):
    text, title = TEXTS[name]
    article = stancelib.score(text, title=title)
    return [
        [s.start, s.end, *s.theme_probabilities.values(), *s.tone_probabilities.values()]
        for s in article
    ]


@pytest.mark.parametrize("name", TEXTS)
def test_scores_are_those_of_the_golden_file(name):
    golden = json.loads((GOLDEN / f"{name}.json").read_text())
    np.testing.assert_allclose(scores(name), golden, rtol=0, atol=1e-6)


if __name__ == "__main__":
    for name in TEXTS:
        rows = [json.dumps([round(x, 9) for x in row]) for row in scores(name)]
        (GOLDEN / f"{name}.json").write_text("[\n" + ",\n".join(rows) + "\n]\n")
