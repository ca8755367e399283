"""Compare how two outlets write about the same summit: one row a sentence, then pandas."""

import pandas as pd

import stancelib

OUTLETS = {
    "Harbour Times": (
        "The summit on shared rivers ended in failure. Delegates blamed one another, and the "
        "drought goes on. Farmers have lost half of the harvest."
    ),
    "State Gazette": (
        "The summit on shared rivers was a success. Delegates praised the spirit of trust. "
        "They agreed to plant new forests along the banks."
    ),
}

frames = []
for outlet, article in zip(OUTLETS, stancelib.score_many(OUTLETS.values()), strict=True):
    frames.append(article.to_frame().assign(outlet=outlet))
sentences = pd.concat(frames)

print(sentences.groupby("outlet")["tone_score"].mean().round(2).to_string())
