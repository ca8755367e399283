"""The command `stancelib`; it and `cli_training` are the only modules that print."""

import argparse
import csv
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from io import TextIOWrapper
from pathlib import Path

import stancelib
from stancelib.article import Article
from stancelib.cli_training import add_commands, number, print_table, write_csv
from stancelib.errors import StanceError
from stancelib.render import printable, text_table
from stancelib.review import Candidate, select_to_label

USAGE_ERROR = 2

_CSV_COLUMNS = (
    "file",
    "sentence",
    "start",
    "end",
    "heading",
    "themes",
    "tone",
    "tone_score",
    "confidence",
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Parameters
    ----------
    arguments : sequence of str or None, optional
        What stands after ``stancelib`` on the command line; None reads ``sys.argv``.

    Returns
    -------
    int
        Exit code: 0 when all went well, 2 for bad input or usage, 130 after Ctrl-C.
    """
    options = _parser().parse_args(arguments)
    try:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")
        options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:
        _discard_output()
        return 0
    except (StanceError, OSError) as error:
        print(f"stancelib: {printable(_message(error))}", file=sys.stderr)
        if isinstance(error, OSError) and error.filename is None:
            _discard_output()
        return USAGE_ERROR
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="stancelib", description="Themes and tone of every sentence of foreign-policy text."
    )
    parser.add_argument("--version", action="version", version=stancelib.__version__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    score = commands.add_parser("score", help="score texts", description="Score text files.")
    score.add_argument(
        "files", nargs="+", metavar="FILE", help="UTF-8 text files; - is standard input"
    )
    score.add_argument("--format", choices=("table", "json", "jsonl", "csv"), default="table")
    score.add_argument("--title", help="title of the text; for a single FILE")
    score.add_argument("--model", metavar="FOLDER", help="model folder; default: the bundled model")
    score.set_defaults(run=_score)

    evaluate = commands.add_parser(
        "evaluate",
        help="measure a model on labelled sentences",
        description="Measure a model on sentences that you have coded.",
    )
    evaluate.add_argument("file", metavar="FILE", help="coded sentences; see read_examples")
    evaluate.add_argument(
        "--model", metavar="FOLDER", help="model folder; default: the bundled model"
    )
    evaluate.add_argument("--json", action="store_true", help="print JSON instead of a table")
    evaluate.set_defaults(run=_evaluate)

    compare = commands.add_parser(
        "compare",
        help="compare two models on labelled sentences",
        description="Compare two models on labelled passages that neither was trained on.",
    )
    for which in ("first", "second"):
        help_ = f"the {which}: a model folder, or default for the bundled model"
        compare.add_argument(which, metavar=which.upper(), help=help_)
    compare.add_argument("file", metavar="FILE", help="coded sentences; see read_examples")
    compare.add_argument("--json", action="store_true", help="print JSON instead of a table")
    compare.set_defaults(run=_compare)

    add_commands(commands)

    suggest = commands.add_parser(
        "suggest",
        help="choose sentences to code next",
        description="Choose sentences that the model is unsure of and that differ.",
    )
    suggest.add_argument(
        "files", nargs="+", metavar="FILE", help="UTF-8 text files; - is standard input"
    )
    suggest.add_argument("--n", type=number, default=50, help="how many; default: 50")
    suggest.add_argument(
        "--model", metavar="FOLDER", help="model folder; default: the bundled model"
    )
    suggest.add_argument("--labelled", metavar="FILE", help="sentences that are coded already")
    output = suggest.add_mutually_exclusive_group()
    output.add_argument("--csv", action="store_true", help="print CSV instead of a table")
    output.add_argument("--out", metavar="FILE", help="write CSV to a new file")
    suggest.set_defaults(run=_suggest)
    report = commands.add_parser(
        "report",
        help="write an HTML report",
        description="Score text files, and write one HTML page that needs no network.",
    )
    report.add_argument(
        "files", nargs="+", metavar="FILE", help="UTF-8 text files; - is standard input"
    )
    report.add_argument("--out", required=True, metavar="FILE.html", help="the page to write")
    report.add_argument(
        "--title-from-file-name",
        action="store_true",
        help="score each text with its file's name, without folder and ending, as its title",
    )
    report.add_argument(
        "--model", metavar="FOLDER", help="model folder; default: the bundled model"
    )
    report.add_argument("--overwrite", action="store_true", help="replace a page that is there")
    report.set_defaults(run=_report)
    return parser


def _score(options: argparse.Namespace) -> None:
    if options.title is not None and len(options.files) > 1:
        raise StanceError(f"--title goes with one FILE, got {len(options.files)}")
    model = stancelib.load(options.model)
    articles = (
        (name, model.score(_read_text(name), title=options.title)) for name in _shown(options.files)
    )
    _WRITERS[options.format](articles)


def _evaluate(options: argparse.Namespace) -> None:
    evaluation = stancelib.evaluate(options.file, stancelib.load(options.model))
    print(json.dumps(evaluation.to_dict(), indent=1) if options.json else evaluation)


def _compare(options: argparse.Namespace) -> None:
    first, second = (
        stancelib.load(None if name == "default" else name)
        for name in (options.first, options.second)
    )
    try:
        comparison = stancelib.compare(options.file, first, second)
    except ValueError as error:
        raise StanceError(str(error)) from error
    print(json.dumps(comparison.to_dict(), indent=1) if options.json else comparison)


def _suggest(options: argparse.Namespace) -> None:
    if options.out and Path(options.out).exists():
        raise StanceError(f"{options.out}: exists; name a new file")
    found = select_to_label(
        (_read_text(name) for name in _shown(options.files)),
        stancelib.load(options.model),
        n=options.n,
        labelled=stancelib.read_examples(options.labelled) if options.labelled else (),
    )
    found = [replace(c, document=options.files[int(c.document)]) for c in found]
    if options.out:
        with Path(options.out).open("x", encoding="utf-8", newline="") as stream:
            write_csv(found, Candidate, stream)
    elif options.csv:
        write_csv(found, Candidate, sys.stdout)
    elif found:
        print_table(found)
    if not found:
        print("no sentence to code next", file=sys.stderr if options.csv else sys.stdout)


def _report(options: argparse.Namespace) -> None:
    out = Path(options.out)
    if out.exists() and not options.overwrite:
        raise StanceError(f"{out}: is there already; choose another name, or pass --overwrite")
    model = stancelib.load(options.model)
    named = [options.title_from_file_name and name != "-" for name in options.files]
    stems = [
        Path(name).stem if yes else None for name, yes in zip(options.files, named, strict=True)
    ]
    articles = [
        model.score(_read_text(name), title=stem)
        for name, stem in zip(_shown(options.files), stems, strict=True)
    ]
    titles = [stem or name for name, stem in zip(options.files, stems, strict=True)]
    page = stancelib.render_report(articles, titles=titles, card=model.card)
    with out.open("w" if options.overwrite else "x", encoding="utf-8") as file:
        file.write(page)


def _shown(files: Sequence[str]) -> Iterator[str]:
    """Names one by one, with a progress bar on a terminal when there are several."""
    if len(files) == 1 or not sys.stderr.isatty() or sys.stdout.isatty():
        yield from files
        return
    from tqdm import tqdm

    yield from tqdm(files, unit=" files")


def _read_text(name: str) -> str:
    if name == "-":
        content = sys.stdin.buffer.read()
    elif Path(name).is_dir():
        raise StanceError(f"{name}: is a directory; name the files in it")
    else:
        content = Path(name).read_bytes()
    if b"\0" in content:
        raise StanceError(f"{name}: a binary file; expected UTF-8 text")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StanceError(f"{name}: not UTF-8 at byte {error.start}; save it as UTF-8") from error


def _write_tables(articles: Iterator[tuple[str, Article]]) -> None:
    width = shutil.get_terminal_size((100, 24)).columns
    colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    for i, (name, article) in enumerate(articles):
        if i:
            print()
        print(printable(name), f"({len(article)} sentences)")
        if len(article):
            print(text_table(article.sentences, width=width, colour=colour))
            print()
            for theme, summary in article.themes.items():
                tone = f"mean tone {summary.tone_score:+.2f}" if summary.n_sentences else ""
                print(f"{theme:<18}{summary.n_sentences:>4}{summary.share:>7.0%}  {tone}")
            print(f"{'all':<18}{len(article):>4}{1:>7.0%}  mean tone {article.tone.score:+.2f}")
        for warning in article.warnings:
            print(f"warning: {warning}")


def _write_json(articles: Iterator[tuple[str, Article]]) -> None:
    values = [{"file": name, **article.to_dict()} for name, article in articles]
    print(json.dumps(values if len(values) > 1 else values[0], ensure_ascii=False, indent=1))


def _write_jsonl(articles: Iterator[tuple[str, Article]]) -> None:
    for name, article in articles:
        print(json.dumps({"file": name, **article.to_dict()}, ensure_ascii=False))


def _write_csv(articles: Iterator[tuple[str, Article]]) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    header = False
    for name, article in articles:
        labels = [*article.theme_names, *article.tone_names]
        if not header:
            writer.writerow([*_CSV_COLUMNS, *(f"p_{label}" for label in labels), "text"])
            header = True
        for i, s in enumerate(article.sentences):
            numbers = [
                s.tone_score,
                s.confidence,
                *s.theme_probabilities.values(),
                *s.tone_probabilities.values(),
            ]
            facts = [name, i, s.start, s.end, int(s.heading), ";".join(s.themes), s.tone]
            writer.writerow([*facts, *(f"{number:.6f}" for number in numbers), s.text])
        for warning in article.warnings:
            print(f"stancelib: {printable(name)}: {warning}", file=sys.stderr)


_WRITERS = {
    "table": _write_tables,
    "json": _write_json,
    "jsonl": _write_jsonl,
    "csv": _write_csv,
}


def _discard_output() -> None:
    """Let what is still in the buffer go nowhere, so that leaving does not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _message(error: Exception) -> str:
    """One line, also of errors that name several faults."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename or 'standard output'}: {error.strerror}"
    first, *more = str(error).splitlines()
    return f"{first} (and {len(more)} more lines of faults)" if more else first
