"""``tokenpal export`` and ``tokenpal import``: everything as JSON lines; merging it, and taking in what other tools wrote."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tokenpal.cli import diary, output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile
from tokenpal.cli.scan import cancellable
from tokenpal.engine import importing, keep
from tokenpal.engine.files import Given, opened
from tokenpal.engine.importing import Look, Progress, Taken
from tokenpal.engine.scan import here
from tokenpal.model.errors import UsageError
from tokenpal.model.tokens import CLASSES, Tokens
from tokenpal.store import archive
from tokenpal.store.database import Store

IMPORT: str = """Take in a file, recognised by its content:
  an export of tokenpal      merged: the same record counts once, newer words win, older ones stay in the undo history
  usage lines                tokenpal-usage/1, from any script (resources/formats/usage.md)
  outcome lines              tokenpal-outcome/1: labels and notes where you have said nothing (resources/formats/outcomes.md)
  ccusage                    ccusage daily --json
  tokscale                   tokscale graph --output FILE
  CodeBurn                   codeburn export -f json, or its records.csv
  Timewarrior                timew export, or its data files: timers of the past, for tasks by tag
  Toggl                      the detailed report as CSV, or time entries as JSON: timers of the past
  jrnl                       jrnl --format json or txt: notes on the sessions the entries fall in (resources/formats/journals.md)
  captured output            claude -p --output-format json or stream-json, codex exec --json, gemini --output-format json or stream-json

What it would do is shown first; on a terminal it asks. Imported use counts only for what no log and no provider report covers.
The same file again changes nothing."""
FORGET: str = "To forget an import: tokenpal accounts remove NAME --forget. To take back outcomes: tokenpal undo."


def add(commands: Any, name: str, help_line: str) -> None:
    if name == "export":
        parser = commands.add_parser(
            name,
            help=help_line,
            description="Write everything to one archive, a zip of JSON lines and of pages to read; a name such as all.jsonl gets the lines alone."
            " It holds folders, branches and notes in clear; keys are not in it.",
            epilog=output.EXIT_CODES,
        )
        parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="where to; - or nothing = standard output")
        parser.set_defaults(run=run_export)
        return
    parser = commands.add_parser(name, help=help_line, description=IMPORT, epilog=f"{FORGET}\n\n{output.EXIT_CODES}")
    parser.add_argument("file", metavar="FILE", help="- = standard input")
    parser.add_argument("--name", metavar="NAME", default="", help="the account it goes to, to keep imports apart: one for each machine, say")
    diary.add(parser)
    parser.add_argument("--dry-run", action="store_true", help="only show what it would do")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--json", action="store_true", help="one JSON object; does not ask")
    parser.set_defaults(run=run_import)


def run_export(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        if options.file == "-":
            for line in archive.export(store):
                print(line)
            return None
        lines = keep.export_to(store, options.file)
    print(f"{options.file}: {output.count(lines, 'line')}")
    return None


def run_import(options: argparse.Namespace) -> int | None:
    if options.file == "-":
        given = Given.content("standard input", sys.stdin.buffer.read(), int(time.time()))
    else:
        given = Given.file(options.file)
    how = diary.chosen(options)
    file = opened(given, how.kind)
    with Profile().store() as store:
        if file.archive:
            merge(store, given, options)
            return None
        with _progress() as progress, cancellable() as cancelled:
            found = importing.look(here(store), given, options.name, progress=progress, cancelled=cancelled, how=how)
        if not options.json:
            print_look(found)
        if options.dry_run or not _wanted(options, found):
            if options.json:
                output.print_json({"found": look_json(found), "imported": None})
            return None
        with _progress() as progress, cancellable() as cancelled:
            taken = importing.take(here(store), given, options.name, progress=progress, cancelled=cancelled, how=how)
    if options.json:
        output.print_json({"found": look_json(found), "imported": taken_json(taken)})
    else:
        print_taken(taken)
    return output.CANCELLED if taken.cancelled else None


def merge(store: Store, given: Given, options: argparse.Namespace) -> None:
    """An export of tokenpal."""
    if options.dry_run:
        found = importing.look(here(store), given).merged
    else:
        found = importing.take(here(store), given).merged
    merged = found or archive.Merged(0, 0, 0, 0)
    if options.json:
        output.print_json({"lines": merged.lines, "records": merged.records, "journal": merged.journal, "unknown": merged.unknown})
    else:
        words = "would be new or changed" if options.dry_run else "new or changed"
        print(
            f"{output.count(merged.lines, 'line')} read: {output.count(merged.records, 'usage record')} {words}, {output.count(merged.journal, 'entry', 'entries')} of yours new or newer."
        )
    if merged.unknown:
        output.say(f"{output.count(merged.unknown, 'line')} of kinds that this version does not know were left out.")


def _wanted(options: argparse.Namespace, found: Look) -> bool:
    if found.diary is not None and not found.records and (found.diary.intervals or found.diary.entries):
        return False  # all of it is here already: no mistake
    if not found.records:
        raise UsageError("There is nothing in this file that can be imported.", "Look at what was left out, above." if found.problems else "")
    if options.yes or options.json or not sys.stdin.isatty():
        return True
    return input("Import it? [Y/n] ").strip().lower() in {"", "y", "yes"}


@contextmanager
def _progress() -> Iterator[Progress]:
    """A bar, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda *_: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress as Bars, TextColumn

    with Bars(TextColumn("{task.description}"), BarColumn(), DownloadColumn(), console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("reading", total=None)
        yield lambda done, total: bars.update(bar, completed=done, total=total)


# ---------------------------------------------------------------------------------------------- words


def print_look(found: Look) -> None:
    """The dry run in words."""
    if found.diary is not None:
        diary.print_look(found.diary)
    elif found.told is not None:
        told = found.told
        print(f"This is a file of {found.what}: {output.count(found.records, 'line')} about {output.count(told.sessions, 'session')}.")
        print(f"  {output.count(told.labels, 'label')}, {output.count(told.notes, 'note')}, {output.count(told.tasks, 'task')}, tags for {output.count(told.tags, 'session')} would be new.")
        if told.kept:
            print(f"  {output.count(told.kept, 'word')} of yours would stay as they are.")
        if found.unknown:
            print(f"  {output.count(found.unknown, 'line')} about sessions or tasks that tokenpal does not know.")
    else:
        span = f", {found.first} to {found.until}" if found.first != found.until else f", {found.first}" if found.first else ""
        print(f"It holds {found.what}: {output.count(found.records, 'record')} on {output.count(found.days, 'day')}{span}.")
        names = {(share.model, share.provider): share.covered for share in found.shares or ()}
        columns = [Column("Model", flexible=True), Column("Provider", drop=2), Column("Tokens", right=True), Column("Known already", right=True), Column("Would count", right=True)]
        output.print_table(columns, [
            (one.model or "unknown", one.provider or "unknown", output.exact(one.tokens.total), *_split(one.tokens.total, names.get((one.model, one.provider)), found.shares is not None))
            for one in found.models
        ])  # fmt: skip
        if found.covered is not None and found.covered.total:
            print(f"Of {output.exact(found.tokens.total)} tokens {output.exact(found.covered.total)} are known from logs, reports or other imports and will not count again. Money that the file states still counts.")
        if found.shares is None:
            print("The file is long: how much of it is known already is worked out during the import.")
        if found.known:
            print(f"{output.count(found.known, 'record')} of it {'is' if found.known == 1 else 'are'} there already.")
        print(f"It goes to the {'new ' if found.new_account else ''}account {output.clean(found.account)}.")
    for reason in found.reasons:
        output.say(output.left_out(reason))


def _split(total: int, covered: Tokens | None, worked_out: bool) -> tuple[str, str]:
    if not worked_out:
        return "?", "?"
    known = 0 if covered is None else covered.total
    return output.exact(known), output.exact(total - known)


def print_taken(taken: Taken) -> None:
    if taken.diary is not None:
        diary.print_taken(taken.diary)
        return
    if taken.told is not None:
        told = taken.told
        print(f"{output.count(told.labels, 'label')}, {output.count(told.notes, 'note')} and {output.count(told.tasks, 'task')} written down. tokenpal undo takes them back.")
        return
    print(f"{output.count(taken.records, 'record')} new or changed in {output.clean(taken.account)}.")
    if taken.cancelled:
        output.say("Cancelled. What was read is kept; importing the file again reads the rest.")


def look_json(found: Look) -> dict[str, Any]:
    return {
        "what": found.what, "account": found.account or None, "records": found.records, "known": found.known, "first": found.first or None,
        "until": found.until or None, "days": found.days, "tokens": _counts(found.tokens), "covered": None if found.covered is None else _counts(found.covered),
        "models": [{"model": one.model, "provider": one.provider, "tokens": _counts(one.tokens)} for one in found.models],
        "problems": found.problems, "reasons": list(found.reasons), "outcomes": _told(found), "unknown": found.unknown,
        **({} if found.diary is None else {"journal": diary.as_json(found.diary)}),
    }  # fmt: skip


def taken_json(taken: Taken) -> dict[str, Any]:
    return {
        "account": taken.account or None, "records": taken.records, "problems": taken.problems, "cancelled": taken.cancelled,
        "outcomes": _told(taken), "unknown": taken.unknown, **({} if taken.diary is None else {"journal": diary.as_json(taken.diary)}),
    }  # fmt: skip


def _told(found: Look | Taken) -> dict[str, int] | None:
    told = found.told
    return None if told is None else {name: getattr(told, name) for name in told.__struct_fields__}


def _counts(tokens: Tokens) -> dict[str, int]:
    return {name: getattr(tokens, name) for name in (*CLASSES, "reasoning", "total")}
