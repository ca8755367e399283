"""The bundled model, rebuilt from the corpus folder.

``python -m stancelib.building`` reads ``models/corpus/`` and writes ``models/default/``.
The same corpus, settings and library versions give the same bytes.
"""

import hashlib
import platform
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from stancelib.card import make_card, render_card
from stancelib.errors import DataError
from stancelib.examples import read_examples
from stancelib.features import Vectors
from stancelib.lexicon import read_lexicon
from stancelib.metrics import evaluate_labels
from stancelib.records import Passage
from stancelib.store import write_model
from stancelib.targets import make_targets
from stancelib.training import Settings, train_scorer

CORPUS = Path(__file__).parent.parent / "models" / "corpus"
TARGET = Path(__file__).parent.parent / "models" / "default"
NAME = "stancelib default"
THEMES = ("sovereignty", "economy", "china_relations", "russia_relations", "climate")
TONES = ("negative", "neutral", "positive")
# Of the themes in speeches, briefings, official sites and news on foreign policy, to the nearest
# twentieth: 2,914 sentences of such text, coded for measuring, had .04, .21, .08, .22 and .05.
PREVALENCE = (0.05, 0.2, 0.1, 0.2, 0.05)
THRESHOLD = 0.5
RULE = (
    "given when the probability reaches the threshold; probabilities are calibrated to the "
    "prevalence of themes named under the settings"
)
LIMITS = (
    "English only; written for news, speeches, interviews and official text on foreign policy.",
    "The training text was written for this purpose; facts and quotations in it are invented.",
    "Irony, insinuation and knowledge of the world beyond the text are beyond it.",
    "A theme is marked by what the sentence and its neighbours say, not by what a reader knows.",
    "Shares counted from its labels are biased by its errors; correct them with a coded sample.",
)
PROBES = (
    "The ministers will meet on Friday.",
    "Exports to China fell by a third, and farmers blame the new tariffs.",
    "Russian troops have never left the northern districts of our country.",
    "We thank our partners for the record harvest of renewable energy.",
    "The glaciers are no longer a threat to Qwxzvia's villages.",
)


def read_corpus(folder: Path = CORPUS) -> list[Passage]:
    """Read all passages of a corpus folder, weighted by the file they come from.

    Parameters
    ----------
    folder : Path, optional
        Holds ``*.jsonl`` and ``origins.tsv``: a line per file, its name and weight.

    Returns
    -------
    list of Passage
        In the order of ``origins.tsv``.

    Raises
    ------
    DataError
        ``origins.tsv`` does not name just the ``*.jsonl`` files there are, each with a
        weight, or one of them cannot be read.
    """
    weights = dict(_origins(folder / "origins.tsv"))
    there = {path.stem for path in folder.glob("*.jsonl")}
    if there != set(weights):
        raise DataError(
            f"{folder / 'origins.tsv'}: names {sorted(weights)}, there are {sorted(there)}"
        )
    return [
        replace(passage, weight=weight)
        for stem, weight in weights.items()
        for passage in read_examples(folder / f"{stem}.jsonl")
    ]


def read_vectors(folder: Path = CORPUS) -> Vectors:
    """Read the word vectors of a corpus folder."""
    with np.load(folder / "vectors" / "vectors.npz", allow_pickle=False) as arrays:
        return Vectors(arrays["words"].tolist(), arrays["vectors"])


def fingerprint(folder: Path = CORPUS) -> str:
    """Digest of all that the model is made of: SHA-256 over names and contents of the files."""
    digest = hashlib.sha256()
    names = ("origins.tsv", "lexicon.tsv", "scopes.tsv", "vectors/vectors.npz")
    for file in sorted([*folder.glob("*.jsonl"), *(folder / name for name in names)]):
        digest.update(file.name.encode() + b"\0" + file.read_bytes())
    return digest.hexdigest()


def build(
    target: Path,
    corpus: Path = CORPUS,
    settings: Settings | None = None,
    n_jobs: int = -1,
) -> None:
    """Train the bundled model and write its folder.

    Parameters
    ----------
    target : Path
        The folder to make; it must not exist.
    corpus : Path, optional
        The corpus folder.
    settings : Settings or None, optional
        How to train; None for the settings of the bundled model.
    n_jobs : int, optional
        Processes to use, as in joblib. The result is the same.

    Raises
    ------
    FileExistsError
        There is something at `target` already.
    DataError
        The corpus cannot be read.
    """
    if target.exists():
        raise FileExistsError(f"{target} exists; choose another folder or remove it first")
    settings = settings or Settings(prevalence=PREVALENCE)
    passages = read_corpus(corpus)
    with threadpool_limits(1), tqdm(unit=" steps") as bar:

        def report(message: str) -> None:
            bar.set_description(message)
            bar.update()

        trained = train_scorer(
            passages,
            THEMES,
            TONES,
            read_lexicon(corpus),
            read_vectors(corpus),
            settings,
            n_jobs,
            report,
        )
    targets = make_targets(passages, THEMES, TONES)
    thresholds = np.full(len(THEMES), THRESHOLD)
    evaluation = evaluate_labels(
        trained.out_of_fold,
        targets.themes,
        targets.tones,
        thresholds,
        np.repeat(np.arange(len(passages)), [len(p.examples) for p in passages]),
        THEMES,
        TONES,
    )
    card = make_card(
        name=NAME,
        passages=passages,
        evaluation=evaluation,
        thresholds=dict(zip(THEMES, thresholds.tolist(), strict=True)),
        fingerprint=fingerprint(corpus),
        settings=_plain(asdict(settings)),
        versions={
            "python": platform.python_version(),
            **_versions(("numpy", "scipy", "scikit-learn")),
        },
        limits=LIMITS,
        rule=RULE,
    )
    write_model(
        target,
        trained.scorer,
        themes=THEMES,
        tones=TONES,
        thresholds=thresholds,
        card=card,
        readme=render_card(card),
        probes=PROBES,
    )


def _origins(file: Path) -> Iterator[tuple[str, float]]:
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        fields = line.split("\t")
        try:
            yield fields[0], float(fields[1])
        except (IndexError, ValueError) as error:
            raise DataError(
                f"{file}:{number}: {line!r}: expected a file name and a weight"
            ) from error


def _versions(names: Sequence[str]) -> dict[str, str]:
    return {name: version(name) for name in names}


def _plain(settings: dict[str, Any]) -> dict[str, Any]:
    weights, encoder = settings.pop("weights"), settings.pop("encoder")
    settings["prevalence"] = list(settings["prevalence"] or ())
    return {
        **settings,
        **{f"weight_{name}": value for name, value in weights.items()},
        **{f"encoder_{name}": value for name, value in encoder.items()},
    }


def main() -> None:
    """Rebuild the bundled model in place: the old one goes when the new one is whole."""
    fresh = TARGET.with_name("default.new")
    shutil.rmtree(fresh, ignore_errors=True)
    build(fresh)
    shutil.rmtree(TARGET, ignore_errors=True)
    fresh.rename(TARGET)


if __name__ == "__main__":
    main()
