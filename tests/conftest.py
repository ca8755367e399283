from pathlib import Path

import pytest

import stancelib

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
