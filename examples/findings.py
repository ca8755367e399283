"""From articles to findings: how three invented outlets wrote of China around a summit.

Pictures, an HTML report and a sample for coding go to the folder named on the command line,
or to a temporary one.
"""

import sys
import tempfile
from pathlib import Path

import pandas as pd
from matplotlib import pyplot

import stancelib
from stancelib import plots

SUMMIT = "2031-06-12"
CHINA = "china_relations"
DATA = Path(__file__).parent / "outlets"
folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp(prefix="findings-"))
folder.mkdir(parents=True, exist_ok=True)

articles = pd.read_json(DATA / "articles.jsonl", lines=True)
articles["summit"] = (articles["date"] >= SUMMIT).map({False: "before", True: "after"})
panel = stancelib.Panel.from_frame(articles, title="title")
print(panel)


def with_interval(rows: pd.DataFrame, value: str, low: str, high: str) -> pd.Series:
    bounds = "(" + rows[low].map("{:.2f}".format) + " to " + rows[high].map("{:.2f}".format) + ")"
    cells = rows[value].map("{:.2f} ".format) + bounds.mask(rows[low].isna(), "(no interval)")
    return cells.mask(rows[value].isna(), "too few articles")


# What the model sees: its labels, counted.
groups = panel.by(["outlet", "summit"])
for quantity, themes in (("share", panel.themes), ("tone_score", (CHINA, "all"))):
    rows = groups[groups["theme"].isin(themes)]
    cells = with_interval(rows, quantity, f"{quantity}_low", f"{quantity}_high")
    table = rows.assign(cell=cells).pivot(
        index=["theme", "outlet"], columns="summit", values="cell"
    )
    print(f"\n{plots.QUANTITIES[quantity]}, as the model counts\n")
    print(table[["before", "after"]].to_string())

# Pictures.
titles = articles["title"].tolist()
column = panel.articles[titles.index("I was wrong about the railway")]
plots.plot_article(column).figure.savefig(folder / "article.png")
plots.plot_themes(panel.by()).figure.savefig(folder / "themes.png")
quarters = panel.by("quarter")
plots.plot_tone_over_time(quarters, theme=CHINA).figure.savefig(folder / "time.png")
figure, axes = pyplot.subplots(2, sharex=True, figsize=(7, 4), layout="constrained")
for ax, when in zip(axes, ("before", "after"), strict=True):
    plots.plot_comparison(groups[groups["summit"] == when], theme=CHINA, ax=ax)
    ax.set_title(f"Tone on China {when} the summit", loc="left")
figure.savefig(folder / "outlets.png")
pyplot.close("all")

# All texts and numbers on one page.
page = panel.to_html(["outlet", "summit"], card=stancelib.load().card)
(folder / "report.html").write_text(page, encoding="utf-8")

# The model errs. Draw sentences, code them by the codebook, and let them correct the counts.
sample = folder / "sample.jsonl"
if not sample.exists():  # somebody may have coded it
    panel.sample_for_coding(60, seed=0, path=sample)
# That sample, coded by a language model that did not see the labels of the sentences.
coded = DATA / "coded.jsonl"

corrected = pd.concat(
    [
        panel.estimate(coded).query("quantity == 'share'").assign(summit="both"),
        panel.estimate(coded, by="summit").query("theme == @CHINA and quantity == 'tone_score'"),
    ]
)
corrected["corrected"] = with_interval(corrected, "estimate", "low", "high")
columns = ["theme", "quantity", "summit", "naive", "corrected", "n_gold"]
print("\ncorrected by 60 coded sentences\n")
print(corrected[columns].round(2).to_string(index=False))

n_wide = (corrected["high"] - corrected["low"] > 0.2).sum()
print(
    f"\nCaution: {n_wide} of {len(corrected)} corrected intervals are wider than 0.2, and those of "
    "the counts, which rest on five articles each, are too short; code more before you publish.\n"
)
print(f"Pictures, report and sample: {folder}")
