"""The journal page's own questions and edits: lists of any length, many sessions at once, export, the history of edits.

Sessions are named by the ids of ``SessionIndex`` here: what is chosen need not be loaded. Each edit is one edit to undo.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, TextIO

import msgspec
from msgspec import UNSET, UnsetType

from tokenpal.engine import queries
from tokenpal.engine.changes import at_length, changes
from tokenpal.engine.prices import pricer_for
from tokenpal.insight import spreadsheet
from tokenpal.insight.tasks import attribute
from tokenpal.insight.why import Why
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import Split
from tokenpal.model.listing import SessionIndex
from tokenpal.model.money import MoneyKind
from tokenpal.model.report import Filter, SessionDetail, SessionRow
from tokenpal.model.tokens import CLASSES
from tokenpal.store import edits, journal, listing, sessions
from tokenpal.store.database import Store
from tokenpal.store.listing import Choices as Choices
from tokenpal.translation import tr

AT_ONCE: Final = 500
LONG: Final = 2_000
"""Sessions from which an edit is carried out apart; fewer take a tenth of a second."""
HEAD: Final = (
    "id", "agent", "account", "started", "ended", "project", "branch", "models", "requests", *CLASSES, "reasoning", "total",
    "list_price_usd", "unpriced_requests", "task", "label", "reason", "tags", "note",
)  # fmt: skip


class Progress:
    """How far a long edit got. The database thread writes, the window reads; ``stop`` is the person's wish to leave it."""

    def __init__(self, total: int = 0) -> None:
        self.done = 0
        self.total = total
        self.stop = False


class Stopped(UsageError):
    """The person stopped an edit; nothing of it was kept."""


class _Counted(Collection[str]):
    """Keys that count how far one got with them."""

    def __init__(self, keys: Sequence[str], progress: Progress) -> None:
        self._keys, self._progress = keys, progress

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: object) -> bool:
        return key in self._keys

    def __iter__(self) -> Iterator[str]:
        for place, key in enumerate(self._keys):
            if self._progress.stop:
                raise Stopped(tr("Stopped."), tr("Nothing was changed."))
            self._progress.done = place
            yield key


# ---------------------------------------------------------------------------------------------- questions


def session_index(
    store: Store, filter: Filter = Filter(), first: date | None = None, until: date | None = None, zone: str = "UTC", find: str = ""  # noqa: B008 - frozen
) -> SessionIndex:
    """Who is in the list, in which order, with its days and their sums. ``find``: a session's key whose place is wanted."""
    return listing.session_index(store, filter, first, until, zone, find)


def session_page(store: Store, ids: Sequence[int]) -> dict[int, SessionRow]:
    """The rows of some sessions of an index."""
    return sessions.rows_by_id(store, ids)


def numbered_page(store: Store, number: int, ids: Sequence[int]) -> tuple[int, dict[int, SessionRow]]:
    """The same with the number it was asked under: answers may come late."""
    return number, session_page(store, ids)


def why_of(store: Store, key: str) -> tuple[str, tuple[Why, ...]]:
    """A session's key, and why its parts have their tasks."""
    return key, queries.why(store, key)


def offer_of(store: Store, key: str) -> tuple[str, queries.Offer | None]:
    """A session's key, and what "same as last time in this folder" offers for it."""
    return key, queries.offer(store, key)


def waiting(store: Store, label_days: int = 30) -> tuple[int, ...]:
    """Ids of the sessions that wait for a label, newest first; older ones are not asked about (``queries.today`` counts them)."""
    return listing.waiting(store, store.now() - label_days * 86_400)


def choices(store: Store) -> Choices:
    """What a list can be narrowed by."""
    return listing.choices(store)


def detail(store: Store, key: str) -> tuple[SessionDetail, tuple[Split, ...]] | None:
    """One session with its parts, and where the person cut it."""
    found = sessions.session_detail(store, key)
    return None if found is None else (found, listing.splits_of(store, found.row.id))


def history(store: Store) -> list[tuple[int, str, bool]]:
    """(time, title, undone) of the edits that can be taken back or done again, newest first."""
    return edits.history(store)


def past(store: Store) -> tuple[list[tuple[int, str, bool]], int]:
    """The same, and how many of the newest 200 are gone because their records took too much room."""
    return edits.history(store), edits.let_go(store)


# ---------------------------------------------------------------------------------------------- many at once


def _many(_: Store, ids: Sequence[int], *__: object) -> bool:
    return len(ids) >= LONG


@contextmanager
def _keys(store: Store, ids: Sequence[int], progress: Progress | None) -> Iterator[Collection[str]]:
    told = progress or Progress()
    keys = listing.keys_of(store, ids)
    told.total = len(keys)
    yield _Counted(keys, told)
    told.done = told.total


@changes("labels")
@at_length(_many)
def label(
    store: Store, ids: Sequence[int], name: str | UnsetType | None, reason: str | UnsetType | None = UNSET, progress: Progress | None = None
) -> None:
    """Label sessions; None takes the label away. Raises UsageError."""
    with _keys(store, ids, progress) as keys:
        journal.annotate(store, keys, label=name, reason=reason)


@changes("labels")
@at_length(_many)
def tag(store: Store, ids: Sequence[int], add: Iterable[str] = (), remove: Iterable[str] = (), progress: Progress | None = None) -> None:
    """Add and remove tags; each session keeps its others. Raises UsageError."""
    with _keys(store, ids, progress) as keys:
        journal.change_tags(store, keys, add, remove)


@changes("labels", "tasks", "usage")
@at_length(_many)
def assign(store: Store, ids: Sequence[int], task: int | None, progress: Progress | None = None) -> None:
    """Give sessions to a task by hand; None = they belong to none."""
    with _keys(store, ids, progress) as keys:
        journal.assign(store, keys, task, attribute)


@changes("labels", "tasks", "usage")
@at_length(_many)
def release(store: Store, ids: Sequence[int], progress: Progress | None = None) -> None:
    """Let timer, rules and project defaults decide again."""
    with _keys(store, ids, progress) as keys:
        journal.release(store, keys, attribute)


@changes("labels", "tasks", "usage")
def same_as(store: Store, key: str, name: str, reason: str, task: int | None) -> None:
    """Take what was offered: label, reason, and the task if there is one; one edit."""
    journal.take_over(store, key, name, reason, task, attribute)


@changes("labels", "tasks", "checkins", "usage", "accounts")
@at_length(lambda store, count: edits.is_big(store, count=count))
def undo_back(store: Store, count: int) -> int:
    """Take back the newest ``count`` edits, newest first; how many there were."""
    done = 0
    while done < count and edits.undo(store, attribute, lambda: pricer_for(store)) is not None:
        done += 1
    return done


# ---------------------------------------------------------------------------------------------- out


def export(store: Store, ids: Sequence[int], path: Path, progress: Progress | None = None) -> int:
    """Write these sessions as CSV, in this order; how many. A cell never becomes a formula. Raises OSError."""
    told = progress or Progress()
    told.total = len(ids)
    with path.open("w", encoding="utf-8", newline="") as file:
        return _write(store, ids, file, told)


def _write(store: Store, ids: Sequence[int], file: TextIO, told: Progress) -> int:
    spreadsheet.write(file, [HEAD])
    for start in range(0, len(ids), AT_ONCE):
        if told.stop:
            raise Stopped(tr("Stopped."), tr("The file holds the first part of the list."))
        some = ids[start : start + AT_ONCE]
        rows = sessions.rows_by_id(store, some)
        spreadsheet.write(file, (cells(rows[id_]) for id_ in some if id_ in rows))
        told.done = start + len(some)
    return told.done


def cells(row: SessionRow) -> list[str]:
    """A session as a line of a table, in the order of HEAD; what is unknown is empty."""
    tokens = row.measures.tokens
    price = next((money for money in row.measures.money if money.kind is MoneyKind.LIST_PRICE and money.currency == "USD"), None)
    figures = [getattr(tokens, name) for name in CLASSES]
    requests = "" if row.measures.requests is None else row.measures.requests
    values = [
        row.id, row.agent, row.account, _moment(row.started), _moment(row.ended), row.project, row.branch, " ".join(row.models), requests, *figures,
        tokens.reasoning, tokens.total, "" if price is None else price.amount, row.measures.unpriced_requests, row.task, row.label, row.reason,
        " ".join(row.tags), row.note,
    ]  # fmt: skip
    return spreadsheet.line(values)


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class Mix(msgspec.Struct, frozen=True):
    """What many sessions have: sessions by label ("" = none), and the tags of any of them by how many have them."""

    labels: dict[str, int]
    tags: dict[str, int]
    by_hand: int = 0  # whose task was given by hand


def mix(store: Store, ids: Sequence[int]) -> Mix:
    """Labels, tags and hand-given tasks among these sessions."""
    return Mix(*listing.mix(store, ids))
