"""Everything as JSON lines, and merging such a file: two machines of one person, or a way out (decisions 5).

The first line says what the file is; every other line is one object with ``is``. Local numbers do not occur: tasks are
named by their uid, prices by their line, sessions by their key. Left out are what other tables follow from (roll-ups, the
search index), what holds on one machine only (cursors, health, problems, keys, membership of a team, what was notified) and the
undo history. Settings are a file of their own. The whole format: resources/formats/archive.md.
The audit log of sharing is in it to be read; a machine that has a log of its own keeps that one.

Merging: the same usage key is one record, by the rules of the ledger; of two labels, notes, tag lists, assignments, tasks or
check-ins the newer one stays; splits, timers, rules and defaults are added where they do not collide. What the file
replaced is one edit in the undo history. Merging the same file again changes nothing. A task deleted here comes back when the
file has it: nothing is lost.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any, Final

import msgspec

from tokenpal.model.errors import UsageError
from tokenpal.store import archive_desktop as desktop, archive_journal as words, archive_ledger as numbers, archive_shapes
from tokenpal.store.database import Store
from tokenpal.store.edits import Attribute, editing
from tokenpal.translation import mark, tr

FORMAT: Final = "tokenpal-archive/1"
TITLE: Final = mark("Import from a file")

Progress = Callable[[int], None]  # lines so far


class Merged(msgspec.Struct, frozen=True):
    """What an import did; lines of kinds that this version does not know are counted and left out."""

    lines: int
    records: int
    journal: int  # rows of the person's words that the file added or replaced
    unknown: int


def export(store: Store) -> Iterator[str]:
    """The lines, without line ends, in an order that depends on the content only. One consistent moment."""
    with one_moment(store):
        yield _line({"is": FORMAT})
        for one in chain(numbers.lines(store), words.lines(store), desktop.lines(store, numbers.places_of(store))):
            yield _line(one)


@contextmanager
def one_moment(store: Store) -> Iterator[None]:
    """A snapshot that keeps nobody from writing, however slowly the lines are taken (a pager, a network drive)."""
    if store.connection.in_transaction:
        yield
        return
    store.execute("BEGIN")
    try:
        yield
    finally:
        store.execute("ROLLBACK")


def merge(
    store: Store,
    lines: Iterable[str | bytes],
    rules: numbers.RulesFor,
    attribute: Attribute | None = None,
    progress: Progress | None = None,
) -> Merged:
    """Merge the lines of an export: all of them or none. Raises UsageError, with the line, for what is no archive."""
    unknown = count = 0
    with store.transaction():
        ledger = numbers.Importer(store, rules)
        journal: list[dict[str, Any]] = []
        for count, text in enumerate(lines, 1):
            one = _object(text, count)
            if count == 1:
                if one.get("is") != FORMAT:
                    raise UsageError(tr("This file is no archive of tokenpal."), tr("Make one in Settings with “Export everything”, or run: tokenpal export FILE"))
                continue
            try:
                archive_shapes.check(one)
                if one.get("is") in words.KINDS:
                    journal.append(_here(ledger, one))
                elif not ledger.take(one):
                    unknown += 1
            except (KeyError, TypeError, ValueError, msgspec.MsgspecError) as error:
                raise _broken(count) from error
            if progress is not None and count % 1000 == 0:
                progress(count)
        if not count:
            raise UsageError(tr("This file is empty."), tr("Make an archive in Settings with “Export everything”, or run: tokenpal export FILE"))
        try:
            ledger.finish()  # before the journal: rules may name accounts, and segments follow the words
            with editing(store, tr(TITLE), attribute) as change:
                words.merge(change, journal)
                changed = sum(change.after.get(place) != old for place, old in change.before.items())
            words.merge_draws(store, journal)
            words.merge_audit(store, journal)
        except (KeyError, TypeError, ValueError, msgspec.MsgspecError) as error:
            raise UsageError(tr("This archive contradicts itself, so nothing was imported."), tr("Export it again.")) from error
    return Merged(count, ledger.records, changed, unknown)


def _here(ledger: numbers.Importer, line: dict[str, Any]) -> dict[str, Any]:
    """A line of the journal with the names that its session and its account have here."""
    if "session" in line:
        return {**line, "session": ledger.session_key(line["session"])}
    if line["is"] == "budget" and line["account"] is not None:
        return {**line, "account": ledger.account_here(line["account"])}
    return line


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _object(text: str | bytes, number: int) -> dict[str, Any]:
    try:
        value = json.loads(text, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise _broken(number) from error
    if not isinstance(value, dict):
        raise _broken(number)
    return value


def _no_number(name: str) -> None:
    raise ValueError(name)


def _broken(number: int) -> UsageError:
    return UsageError(
        tr("Line {number} of the file cannot be understood, so nothing was imported.", number=number),
        tr("Export it again; the file may be cut short."),
    )
