"""The part of ``tokenpal import`` that takes in journals of Timewarrior, Toggl and jrnl."""

from __future__ import annotations

import argparse
from typing import Any

import msgspec

from tokenpal.cli import output
from tokenpal.cli.output import Column
from tokenpal.engine.diaries import NOTES, Diary, Wish
from tokenpal.engine.importing import As
from tokenpal.engine.journals import known
from tokenpal.engine.journals.base import BY
from tokenpal.engine.weeks import FIELDS
from tokenpal.insight.moments import duration
from tokenpal.model.errors import UsageError

MOST_ROWS = 40


def add(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("--as", dest="kind", choices=[*known.KINDS], default="", help="a journal of this tool (default: by what the file holds)")
    parser.add_argument("--by", choices=BY, default="", help="what timers of a journal are named by (default: what names most of the time)")
    parser.add_argument("--task", metavar="NAME=TASK", action="append", default=[], help="timers called NAME in the journal go to this task; NAME= leaves them out")
    parser.add_argument("--to", choices=[NOTES, *FIELDS], default=NOTES, help="where entries of jrnl go: notes on sessions, or a field of the week's check-in")


def chosen(options: argparse.Namespace) -> As:
    """What the person chose. Raises UsageError."""
    names: dict[str, str] = {}
    for one in options.task:
        name, sign, task = one.partition("=")
        if not sign:
            raise UsageError(f"{one!r} names no task.", "Write it like --task 'code review=Checkout retry'.")
        names[" ".join(name.split())] = task.strip()
    return As(options.kind, Wish(options.by, names, options.to))


def print_look(found: Diary) -> None:
    """The dry run in words."""
    span = "" if not found.first else f", {found.first}" if found.first == found.until else f", {found.first} to {found.until}"
    held = " and ".join(part for number, part in ((found.intervals, output.count(found.intervals, "timer")), (found.entries, output.count(found.entries, "entry", "entries"))) if number)
    print(f"It holds a journal of {found.name}: {held or 'nothing'}{span}.")
    if found.groups:
        columns = [Column(f"By {found.wish.by}", flexible=True), Column("Time", right=True), Column("Goes to", flexible=True)]
        output.print_table(columns, [
            (output.clean(group.name) or "(no name)", duration(group.seconds), f"{output.clean(group.task)}{'' if group.known else ' (new)'}" if group.task else "left out")
            for group in found.groups[:MOST_ROWS]
        ])  # fmt: skip
        if len(found.groups) > MOST_ROWS:
            print(f"And {output.count(len(found.groups) - MOST_ROWS, 'more name')}.")
    print(f"Would be new: {made(found)}.")
    _kept(found)
    for reason in found.reasons:
        output.say(output.left_out(reason))


def print_taken(taken: Diary) -> None:
    """What was done."""
    print(f"New: {made(taken)}. tokenpal undo takes it back.")


def made(found: Diary) -> str:
    """What is new by it, in words."""
    laid, said = found.laid, found.said
    where = output.count(said.places, "session") if found.wish.to == NOTES else f"{output.count(said.places, 'check-in')}"
    parts = [f"{output.count(laid.timers, 'timer')} of {duration(laid.seconds)}"] if laid.timers else []
    parts += [output.count(len(laid.tasks), "task")] if laid.tasks else []
    parts += [f"{output.count(said.added, 'note' if found.wish.to == NOTES else 'line')} on {where}"] if said.added else []
    return ", ".join(parts) or "nothing"


def _kept(found: Diary) -> None:
    laid, said = found.laid, found.said
    if laid.covered:
        print(f"{duration(laid.covered)} of it have a timer here already, which stays.")
    if said.known:
        print(f"{output.count(said.known, 'entry', 'entries')} stand here already.")
    if said.unplaced:
        print(f"{output.count(said.unplaced, 'entry', 'entries')} fall within an hour of no session. --to learned keeps them in the check-ins.")
    if found.running:
        print(f"{output.count(found.running, 'timer')} had not ended and {'is' if found.running == 1 else 'are'} left out.")
    if laid.refused:
        print(f"{output.count(laid.refused, 'timer')} with a name that no task can have.")


def as_json(found: Diary) -> dict[str, Any]:
    """All of it."""
    built: dict[str, Any] = msgspec.to_builtins(found)
    return built
