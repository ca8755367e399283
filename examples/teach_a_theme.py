"""Teach the model a theme of your own: train, review the labels, mend them, train again."""

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import stancelib
from stancelib.review import find_label_errors, select_to_label, to_table

HERE = Path(__file__).parent

# Coded by hand for `migration` and tone. Three labels are wrong on purpose.
passages = stancelib.read_examples(HERE / "migration.jsonl")


def train_and_report(passages: Sequence[stancelib.Passage]) -> stancelib.Model:
    # Two folds and no learning curve, to be done in seconds.
    model = stancelib.train(passages, name="migration", n_folds=2, learning_curve=False)
    for line in model.report().splitlines():
        if line.startswith(("| label", "| migration", "| theme macro-F1", "| tone macro-F1")):
            print(line)
    return model


model = train_and_report(passages)

# Which labels are probably wrong? Ask models that have not seen the sentences.
said = stancelib.predict_out_of_fold(passages, themes=["migration"], n_folds=2)
suspects = find_label_errors(
    passages, said.probabilities, themes=said.themes, tones=said.tones, n=20
)
print(f"\n{to_table(suspects)}\n")

# Read them. Most are a matter of taste, but these three are slips.
CORRECTIONS = {
    ("m12", 0): {"tone": "positive"},
    ("m17", 0): {"themes": frozenset({"migration"})},
    ("m24", 3): {"themes": frozenset()},
}
passages = [
    replace(
        passage,
        examples=tuple(
            replace(example, **CORRECTIONS.get((passage.id, index), {}))
            for index, example in enumerate(passage.examples)
        ),
    )
    for passage in passages
]
model = train_and_report(passages)

# The new theme stands beside those that the model knew before.
with tempfile.TemporaryDirectory() as folder:
    model.save(Path(folder) / "migration")
    loaded = stancelib.load(Path(folder) / "migration")
article = loaded.score(
    "Two hundred refugees were taken ashore in Malta. Exports of tinned fish to China rose."
)
for sentence in article:
    print(sentence.themes, sentence.tone, sentence.text)

# What to code next, so that the model learns most?
interview = (HERE / "interview.txt").read_text(encoding="utf-8")
candidates = select_to_label([interview], loaded, n=5, labelled=passages)
print(f"\n{to_table(candidates)}")
