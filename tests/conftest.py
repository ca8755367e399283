from pathlib import Path

import numpy as np
import pytest

import stancelib
from stancelib.sentences import Span

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def model():
    return stancelib.load()


@pytest.fixture(scope="session")
def interview():
    return (ROOT / "examples" / "interview.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def article(model, interview):
    return model.score(interview, title="President: a coast of friends")


@pytest.fixture(scope="session")
def toy_article():
    """Make an article of numbered sentences whose probabilities are random."""

    def make(number, n=4, *, title=None, themes=("economy", "climate"), headings=(), warnings=()):
        rng = np.random.default_rng(number)
        sentences = [f"Sentence {i} of article {number}." for i in range(n)]
        ends = np.cumsum([len(s) + 1 for s in sentences], dtype=int).tolist()
        return stancelib.Article(
            text=" ".join(sentences),
            title=title,
            spans=[
                Span(e - 1 - len(s), e - 1, i in headings)
                for i, (s, e) in enumerate(zip(sentences, ends, strict=True))
            ],
            theme_probabilities=rng.random((n, len(themes))),
            tone_probabilities=rng.dirichlet([1.0] * 3, n),
            theme_names=themes,
            tone_names=("negative", "neutral", "positive"),
            thresholds=np.full(len(themes), 0.5),
            warnings=warnings,
            _explain=print,
        )

    return make
