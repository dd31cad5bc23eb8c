"""``tokenpal checkin``: the week's evidence and the four fields, in the terminal or in the person's editor."""

from __future__ import annotations

import argparse
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import msgspec

from tokenpal.cli import output
from tokenpal.cli.profile import Profile, add_zone, utc_time
from tokenpal.engine import commands as edits, queries, weekfile, weekpage, weeks
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import CheckIn
from tokenpal.model.ranges import iso_week_days
from tokenpal.store.checkins import checked_week


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(
        name,
        help=help_line,
        description="The check-in of an ISO week: what was tried, worked, failed, learned, beside the week's figures.",
        epilog=output.EXIT_CODES,
        usage="""%(prog)s [-h] [--week W] [--tz ZONE]
                        [--edit | --markdown | --json | --text | --list |
                         --template NAME | --templates | --since W]""",  # argparse breaks no line within a group
    )
    parser.add_argument("--week", metavar="W", help="such as 2026-W47 (default: this week)")
    add_zone(parser)
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--edit",
        action="store_true",
        help="write it in $VISUAL or $EDITOR; text on standard input is taken instead when that is no terminal",
    )
    form.add_argument("--markdown", action="store_true", help="as Markdown")
    form.add_argument("--json", action="store_true", help="as one JSON object")
    form.add_argument("--text", action="store_true", help="as plain text")
    form.add_argument("--list", action="store_true", help="the weeks that have one")
    form.add_argument("--template", metavar="NAME", help="fill the fields that are empty with this template; what is written stays")
    form.add_argument("--templates", action="store_true", help="the templates there are")
    form.add_argument("--since", metavar="W", help="all check-ins from this week to --week, as Markdown in one text")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    profile = Profile()
    zone = profile.zone(options.tz)
    with profile.store() as store:
        if options.list:
            return _list(queries.checkin_list(store))
        if options.templates:
            for one in weekpage.every_template(store):
                print(output.clean(one.name))
            return None
        if options.since:
            some = weekfile.written(store, checked_week(options.since), checked_week(options.week) if options.week else "")
            if not some:
                raise UsageError("There is no check-in in these weeks.", "List them with: tokenpal checkin --list")
            print(weekfile.pages(store, some, zone), end="")
            return None
        week = checked_week(options.week) if options.week else weeks.this_week(store, zone)
        if options.template:
            filled = weekpage.begin(store, week, options.template)
            fields = ", ".join(weeks.FIELDS[name].lower() for name in filled)
            print(f"{week}: {fields} filled. tokenpal undo takes it back." if filled else f"{week}: nothing was empty that this template could fill.")
            return None
        if options.text:
            print(weekfile.page(store, week, zone, "text"), end="")
            return None
        checkin = queries.checkin(store, week) or CheckIn(week)
        evidence = weeks.frozen_evidence(checkin) or weeks.evidence(store, week, zone)
        if options.edit:
            words = weeks.read_fields(_edited(weeks.markdown(checkin, evidence)))
            edits.save_checkin(store, msgspec.convert({"week": week, **words, "evidence": weeks.freeze(store, week, zone)}, CheckIn))
            print(f"The check-in of {week} is kept." if any(words.values()) else f"The check-in of {week} is empty.")
            return None
    if options.json:
        output.print_json(as_json(checkin, evidence))
    else:
        print(weeks.markdown(checkin, evidence), end="")
    return None


def _list(found: list[CheckIn]) -> int | None:
    for one in found:
        first = next((line for name in weeks.FIELDS for line in getattr(one, name).splitlines() if line.strip()), "")
        print(output.shorten(f"{one.week}  {output.clean(first)}".rstrip(), output.terminal_width() or 1000))
    if not found:
        print("No check-in yet. Write one with: tokenpal checkin --edit")
    return None


def as_json(checkin: CheckIn, evidence: weeks.Evidence) -> dict[str, Any]:
    """The week's words and figures; ``evidence.frozen`` says whether they are those it was written with."""
    first, until = iso_week_days(checkin.week)
    return {
        "week": checkin.week,
        "from": first.isoformat(),
        "to": until.isoformat(),
        **{name: getattr(checkin, name) for name in weeks.FIELDS},
        "written": utc_time(checkin.changed_at) if checkin.changed_at else None,
        "evidence": {"frozen": weeks.frozen_evidence(checkin) is not None, **msgspec.to_builtins(evidence)},
    }


def _edited(text: str) -> str:
    if not sys.stdin.isatty():
        return sys.stdin.read()
    editor = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    if not editor:
        raise UsageError("No editor is set.", "Set EDITOR, or give the text on standard input.")
    with tempfile.TemporaryDirectory(prefix="tokenpal-") as folder:
        path = Path(folder) / "checkin.md"
        path.write_text(text, "utf-8")
        try:
            code = subprocess.call([*editor, str(path)])
        except OSError as error:
            raise UsageError(f"The editor could not be started: {error.strerror}.", "Set EDITOR to a program that is there.") from error
        if code:
            raise UsageError("The editor ended with an error, so nothing was kept.", "Try again.")
        return path.read_text("utf-8")
