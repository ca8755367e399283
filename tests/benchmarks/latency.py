"""How long a user waits: import, load, one article. ``python tests/benchmarks/latency.py``

Peers run interleaved in one process run; medians and ratios are printed.
"""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

import stancelib
from stancelib.building import TARGET
from stancelib.model import Model

ROOT = Path(__file__).parent.parent.parent
ROUNDS = 15
FRESH = {
    "python": "pass",
    "import numpy": "import numpy",
    "import stancelib": "import stancelib",
    "import, load, score one sentence": "import stancelib; stancelib.score('Exports fell.')",
}


def fresh_process_ms(code: str) -> float:
    start = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return (time.perf_counter() - start) * 1000


def call_ms(call) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1000


def main() -> None:
    times = {name: [] for name in FRESH}
    for _ in range(ROUNDS):
        for name, code in FRESH.items():
            times[name].append(fresh_process_ms(code))
    numpy = median(times["import numpy"])
    print(f"{'fresh process':<36}{'ms':>8}{'ratio to import numpy':>24}")
    for name, measured in times.items():
        print(f"{name:<36}{median(measured):>8.0f}{median(measured) / numpy:>24.2f}")

    model = stancelib.load()
    text = (ROOT / "examples" / "interview.txt").read_text(encoding="utf-8")
    n = len(model.score(text))
    calls = {
        "load the bundled model": lambda: Model.load(TARGET),
        f"score an article of {n} sentences": lambda: model.score(text),
        "the same, and make its sentences": lambda: model.score(text).sentences,
    }
    times = {name: [] for name in calls}
    for _ in range(ROUNDS * 4):
        for name, call in calls.items():
            times[name].append(call_ms(call))
    print(f"\n{'in one process':<36}{'ms':>8}")
    for name, measured in times.items():
        print(f"{name:<36}{median(measured):>8.2f}")


if __name__ == "__main__":
    main()
