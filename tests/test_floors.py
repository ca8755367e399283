"""Imports run one way: a module imports only from floors below its own."""

import ast
from pathlib import Path

import pytest

import stancelib

FLOOR = {
    "errors": 0,
    "records": 0,
    "tokens": 0,
    "sentences": 0,
    "metrics": 0,
    "inventory": 1,
    "label_records": 1,
    "targets": 1,
    "render": 1,
    "card": 1,
    "label_sources": 2,
    "label_tables": 2,
    "codings": 2,
    "passage_lines": 2,
    "lexicon": 2,
    "agreement": 2,
    "encoder": 2,
    "article": 2,
    "label_assembly": 3,
    "label_formats": 3,
    "label_writers": 3,
    "scorer": 3,
    "features": 3,
    "folds": 2,
    "examples": 4,
    "heads": 4,
    "store": 4,
    "encoder_training": 5,
    "model": 5,
    "training": 6,
    "evaluation": 6,
    "review": 6,
    "adapting": 6,
    "building": 7,
    "retraining": 7,
    "__init__": 8,
    "cli": 9,
    "__main__": 10,
}
FILES = sorted(Path(stancelib.__file__).parent.glob("*.py"))


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.ImportFrom):
            modules = [a.name for a in node.names if a.name in FLOOR]
            from_face = node.module == "stancelib" and modules
            names = [f"stancelib.{name}" for name in modules] if from_face else [node.module]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name == "stancelib":
                yield "__init__"
            elif name.startswith("stancelib."):
                yield name.removeprefix("stancelib.")


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_imports_run_downhill(path):
    uphill = [name for name in imported(path) if FLOOR[name] >= FLOOR[path.stem]]
    assert not uphill, f"{path.stem} (floor {FLOOR[path.stem]}) imports {uphill}"


def test_every_module_has_a_floor_and_a_test():
    assert {path.stem for path in FILES} == set(FLOOR)
    tests = {p.stem for p in Path(__file__).parent.glob("test_*.py")}
    assert {f"test_{s}" for s in FLOOR if not s.startswith("__")} <= tests
