"""The commands `stancelib train` and `stancelib review`, and how findings are printed."""

import argparse
import csv
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields, replace
from pathlib import Path
from typing import TextIO

import stancelib
from stancelib.agreement import TONES
from stancelib.errors import StanceError
from stancelib.examples import label_names
from stancelib.label_sources import FORMATS
from stancelib.records import Passage
from stancelib.review import Candidate, Suspect, find_label_errors, to_records, to_table


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the commands to the parser."""
    train = commands.add_parser(
        "train",
        help="train a model on labelled sentences",
        description="Train a model on labelled files, print its report and save it.",
    )
    train.add_argument("files", nargs="+", metavar="FILE", help="labelled files; see read_examples")
    train.add_argument("--out", required=True, metavar="FOLDER", help="where to save the model")
    train.add_argument("--overwrite", action="store_true", help="replace a model that is there")
    train.add_argument(
        "--theme",
        action="append",
        metavar="NAME",
        help="a theme of the model, once for each; default: those of the base and of the files",
    )
    train.add_argument("--name", default="retrained", help="name of the model, for its card")
    train.add_argument(
        "--no-learning-curve",
        dest="learning_curve",
        action="store_false",
        help="do not measure whether more labels would help; saves a third of the time",
    )
    _add_shared(train)
    train.set_defaults(run=_train)

    review = commands.add_parser(
        "review",
        help="find labels that are probably wrong",
        description="Find labels of a file that are probably wrong, and say how far coders agree.",
    )
    review.add_argument("file", metavar="FILE", help="a labelled file; see read_examples")
    review.add_argument("--n", type=number, default=50, help="how many to show; default: 50")
    review.add_argument("--csv", action="store_true", help="print CSV instead of a table")
    _add_shared(review)
    review.set_defaults(run=_review)


def number(text: str) -> int:
    """Read a number from 1 on; for argparse."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{value} is less than 1")
    return value


def print_table(findings: Sequence[Suspect] | Sequence[Candidate]) -> None:
    """Print findings as a table, as wide as the terminal."""
    print(to_table(findings, width=shutil.get_terminal_size((100, 24)).columns))


def write_csv(
    findings: Sequence[Suspect] | Sequence[Candidate],
    kind: type[Suspect] | type[Candidate],
    stream: TextIO,
) -> None:
    """Write findings as CSV; the header also where there are none of that kind."""
    writer = csv.DictWriter(stream, [f.name for f in fields(kind)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(to_records(findings))


def _add_shared(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--base",
        default="default",
        metavar="MODEL",
        help="model folder to start from; default: the bundled model; none: the labels alone",
    )
    command.add_argument("--format", choices=FORMATS, help="of the files; default: recognised")
    command.add_argument("--seed", type=int, default=0, help="of all that is random; default: 0")
    command.add_argument("--jobs", type=int, default=1, help="processes to use; -1: all cores")


def _train(options: argparse.Namespace) -> None:
    out = Path(options.out)
    if out.exists() and not (out / "model.json").is_file():
        raise StanceError(f"{out}: exists and is not a model folder; name another")
    with _usage():
        passages, summaries = _read_all(options.files, options.format)
        model = stancelib.train(
            passages,
            base=_base(options),
            themes=options.theme and list(dict.fromkeys(options.theme)),
            name=options.name,
            seed=options.seed,
            learning_curve=options.learning_curve,
            n_jobs=options.jobs,
            progress=sys.stderr.isatty(),
        )
    try:  # saved before it is printed: a closed pipe must not lose it
        model.save(out, overwrite=options.overwrite)
    except FileExistsError as error:
        raise StanceError(str(error).replace("overwrite=True", "--overwrite")) from error
    print(f"{summaries}\n{model.report()}")


def _review(options: argparse.Namespace) -> None:
    with _usage():
        passages, summary = _read_all([options.file], options.format)
        said = stancelib.predict_out_of_fold(
            passages,
            base=_base(options),
            themes=label_names(passages)[0],  # those of the base alone were hardly coded
            seed=options.seed,
            n_jobs=options.jobs,
            progress=sys.stderr.isatty(),
        )
    suspects = find_label_errors(passages, said.probabilities, themes=said.themes, tones=said.tones)
    aside = sys.stderr if options.csv else sys.stdout
    print(summary, file=aside)
    _print_agreement(passages, aside)
    if options.csv:
        write_csv(suspects[: options.n], Suspect, sys.stdout)
    elif suspects:
        print(f"doubtful labels: {len(suspects)}; the most doubtful first\n")
        print_table(suspects[: options.n])
    if not suspects:
        print("no label is doubtful", file=aside)


def _print_agreement(passages: Sequence[Passage], stream: TextIO) -> None:
    codings = [e.codings for p in passages for e in p.examples if len(e.codings) > 1]
    if not codings:
        return
    tones = {c.tone for of_sentence in codings for c in of_sentence if c.tone is not None}
    ranks = TONES if tones <= set(TONES) else tuple(sorted(tones))
    print(stancelib.measure_agreement(passages, tones=ranks), file=stream)
    if ranks != TONES:
        print(f"tone, ordinal: ranks are {', '.join(ranks)}", file=stream)
    print(file=stream)


def _base(options: argparse.Namespace) -> str | None:
    return None if options.base == "none" else options.base


def _read_all(names: Sequence[str], file_format: str | None) -> tuple[list[Passage], str]:
    """Read files, and say what was found; before ids that might coincide stands the file."""
    files = {name: stancelib.read_examples(name, format=file_format) for name in names}
    summaries = "".join(f"{name}: {read.summary()}\n" for name, read in files.items())
    if len(files) == 1:
        return [passage for read in files.values() for passage in read], summaries
    passages = [replace(p, id=f"{name}:{p.id}") for name, read in files.items() for p in read]
    return passages, summaries


@contextmanager
def _usage() -> Iterator[None]:
    """Arguments that a function refuses come from the command line: tell them as usage errors."""
    try:
        yield
    except ValueError as error:
        raise StanceError(str(error)) from error
