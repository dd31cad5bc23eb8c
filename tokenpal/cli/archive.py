"""``tokenpal export`` and ``tokenpal import``: everything as JSON lines, and merging it on another machine."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tokenpal.cli import output
from tokenpal.cli.profile import Profile
from tokenpal.engine.shared import make_rulebook
from tokenpal.insight.tasks import attribute
from tokenpal.model.errors import UsageError
from tokenpal.model.report import AccountRow
from tokenpal.sources import registry
from tokenpal.store import archive
from tokenpal.store.ledger import Rules


def add(commands: Any, name: str, help_line: str) -> None:
    if name == "export":
        parser = commands.add_parser(
            name,
            help=help_line,
            description="Write everything to a file of JSON lines. It holds folders, branches and notes in clear; keys are not in it.",
            epilog=output.EXIT_CODES,
        )
        parser.add_argument("file", metavar="FILE", nargs="?", default="-", help="where to; - or nothing = standard output")
        parser.set_defaults(run=run_export)
        return
    parser = commands.add_parser(
        name,
        help=help_line,
        description="Merge a file made with tokenpal export: the same record is counted once, newer words win, older ones stay in the undo history.",
        epilog=output.EXIT_CODES,
    )
    parser.add_argument("file", metavar="FILE", help="- = standard input")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run_import)


def run_export(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        if options.file == "-":
            for line in archive.export(store):
                print(line)
            return None
        target = Path(options.file).expanduser()
        if target.is_dir():
            raise UsageError(f"{target} is a folder.", "Give the name of a file.")
        partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
        count = 0
        try:
            with open(
                partial,
                "w",
                encoding="utf-8",
                errors="backslashreplace",
                newline="\n",
                opener=lambda path, flags: os.open(path, flags, 0o600),
            ) as file:
                for line in archive.export(store):
                    file.write(line + "\n")
                    count += 1
            partial.replace(target)
        finally:
            partial.unlink(missing_ok=True)
    print(f"{target}: {output.count(count, 'line')}")
    return None


def run_import(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        book = make_rulebook(store, Path.home(), lambda: int(time.time()))

        def rules(account: AccountRow) -> Rules:
            source = registry.source(account.source)
            return Rules(None, book.price, None, attribute) if source is None else book.of(source)

        merged = archive.merge(store, _lines(options.file), rules, attribute)
    if options.json:
        output.print_json({"lines": merged.lines, "records": merged.records, "journal": merged.journal, "unknown": merged.unknown})
    else:
        print(
            f"{output.count(merged.lines, 'line')} read: {output.count(merged.records, 'usage record')} new or changed, {output.count(merged.journal, 'entry', 'entries')} of yours new or newer."
        )
    if merged.unknown:
        output.say(f"{output.count(merged.unknown, 'line')} of kinds that this version does not know were left out.")
    return None


def _lines(name: str) -> Iterator[bytes]:
    if name == "-":
        yield from (line for line in sys.stdin.buffer if line.strip())
        return
    path = Path(name).expanduser()
    if not path.is_file():
        raise UsageError(f"There is no file {path}.", "Make one with: tokenpal export FILE")
    with open(path, "rb") as file:
        yield from (line for line in file if line.strip())
