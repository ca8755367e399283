"""Fuzz the road from text to article, guided by coverage.

``pip install atheris``, then ``python tests/benchmarks/fuzz.py [seconds]``. Each text goes
through the checks of `tests/invariants.py`; the first that fails is written to a file
``crash-*`` in the working directory, and the exit code is not zero.
"""

import sys
import tempfile
from pathlib import Path

import atheris

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT / "tests"))
with atheris.instrument_imports(include=["stancelib", "nupunkt"]):
    from invariants import HARD, check_article, check_spans, check_tokens

    import stancelib

SECONDS = 600
MAX_LENGTH = 2000  # bytes of one input
SLOWEST = 10  # seconds for one input
MAX_MEGABYTES = 2048


def text_of(data: bytes) -> str:
    """Any Unicode text, or one put together from what is known to be hard."""
    if data[:1] < b"\x60":
        return atheris.FuzzedDataProvider(data[1:]).ConsumeUnicode(len(data))
    return "".join(HARD[byte % len(HARD)] for byte in data[1:])


def check(data: bytes) -> None:
    """Run all that reads a text over it; scoring, which is slow, over one in four."""
    text = text_of(data)
    check_spans(text)
    check_tokens(text)
    if data[:1] and data[0] % 4:
        return
    title = text[:40] if len(data) % 2 else None
    article = MODEL.score(text, title=title)
    check_article(article)
    for sentence in article[:1]:
        sentence.explain(MODEL.tones[-1])
    assert MODEL.score(text, title=title) == article


MODEL = stancelib.load()


def main() -> None:
    """Fuzz for so many seconds; libFuzzer prints how often it ran, and ends the process."""
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    with tempfile.TemporaryDirectory() as folder:
        interview = (ROOT / "examples" / "interview.txt").read_text(encoding="utf-8")
        for number, paragraph in enumerate(interview.split("\n\n")):
            (Path(folder) / f"{number}").write_bytes(b"\0" + paragraph.encode())
        for number in range(0, len(HARD), 4):
            (Path(folder) / f"hard{number}").write_bytes(
                bytes([252 + number // 4 % 4, *range(number)])
            )
        options = [
            f"-max_total_time={seconds}",
            f"-max_len={MAX_LENGTH}",
            f"-timeout={SLOWEST}",
            f"-rss_limit_mb={MAX_MEGABYTES}",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *options, folder], check)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
