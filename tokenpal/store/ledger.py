"""The ledger's three operations, one transaction a batch: upsert, supersede, replace window (decisions 2).

Roll-ups, segments' tasks, what logs cover of reports, and the cursors of what was read change in the same transaction, so
a program killed at any instant has either all of a batch or none of it. Any order and any cutting into batches of the same
items gives the same ledger. Batches of some thousands of records cost half of what batches of a few hundred do.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec

from tokenpal.model.cursors import Cursor
from tokenpal.model.errors import UsageError
from tokenpal.model.names import ANY_PROVIDER, maker
from tokenpal.model.ranges import EARLIEST, LATEST, number_day
from tokenpal.model.usage import Balance, Item, LimitReading, Problem, SessionFact, Superseded, UsageRecord, Window
from tokenpal.store import bounds, corrections, readings, remainder
from tokenpal.store.database import Store
from tokenpal.store.interned import Interned, interned
from tokenpal.store.rollups import Deltas, clock
from tokenpal.store.rows import Key, split_key
from tokenpal.store.segments import Attribute, attribute_segments, reattribute, resegment, settle_bounds
from tokenpal.store.upsert import Account, Place, Price, Settle, Upsert, merge
from tokenpal.translation import tr

__all__ = ["Applied", "Attribute", "Batch", "Place", "Price", "Rules", "Settle", "apply", "reattribute", "resegment"]


class Batch(msgspec.Struct, frozen=True):
    """Items of one account with the cursors that cover them. A Window and all its records belong in one batch."""

    account: int
    items: Sequence[Item] = ()
    cursors: Sequence[Cursor] = ()


class Rules(msgspec.Struct, frozen=True):
    """What the ledger cannot know itself. All are pure functions; None = there is no such rule.

    ``settle`` names the keys that count among the copies of one family; a record alone in its family counts unasked.
    ``price`` takes provider, model, time, tier, grain and tokens. ``place`` maps a folder to its project ("" = none).
    """

    settle: Settle | None = None
    price: Price | None = None
    place: Place | None = None
    attribute: Attribute | None = None


class Applied(msgspec.Struct, frozen=True):
    """What a batch changed: number of records, local days (UTC dates for records of a UTC day), problems noted."""

    records: int
    changed_days: frozenset[date]
    problems: int


def apply(store: Store, batch: Batch, rules: Rules) -> Applied:
    """Put a batch into the ledger. Applying it twice is the same as once. Raises StoreError, or UsageError for no account."""
    with store.transaction():
        names = interned(store, batch.account)
        account = _account(store, batch.account)
        places = _Places(rules.place)
        records: dict[Key, UsageRecord] = {}
        superseded: dict[Key, bool] = {}
        windows: list[Window] = []
        problems: list[Problem] = []
        limits: list[LimitReading] = []
        balances: list[Balance] = []
        for item in batch.items:
            if isinstance(item, UsageRecord):
                if not EARLIEST <= item.at < LATEST:
                    problems.append(Problem(item.session, "", "a record has an impossible time; it was left out"))
                    continue
                if item.provider or not account.provider:
                    item = _own(item, account.provider)
                key = split_key(item.key)
                known = records.get(key)
                records[key] = item if known is None else merge(known, item, places)
            elif isinstance(item, Superseded):
                superseded[split_key(item.key)] = item.again
            elif isinstance(item, Window):
                windows.append(item)
            elif isinstance(item, SessionFact):
                _note_fact(store, names, account, item)
            elif isinstance(item, LimitReading):
                limits.append(item)
            elif isinstance(item, Balance):
                balances.append(item)
            elif isinstance(item, Problem):
                problems.append(item)
        deltas = Deltas(names, clock(store))
        watch = corrections.Watch(store, account.id, windows) if windows else None
        outcome = Upsert(store, names, account, deltas, rules.settle, rules.price, places).run(records, superseded, windows)
        if watch is not None:
            watch.note()
        if outcome.left_out:
            problems.append(bounds.problem(outcome.left_out))
        days: remainder.Days = {}
        if account.is_report:
            for model, day in outcome.report_days:
                days.setdefault(names.whose(model, account.id), set()).add(day)
        elif remainder.any_reports(store):
            days = remainder.touched(names, account.id, deltas)
        changed, pairs = deltas.flush(store)
        if days:
            remainder.recount(store, names, deltas, days, rules.price)
            more, others = deltas.flush(store)
            changed |= more
            pairs |= others
        settle_bounds(store, outcome.spans, outcome.shrunk, outcome.reach)
        if rules.attribute is not None and (pairs or outcome.spans):
            attribute_segments(store, {segment for segment, _ in pairs} | set(outcome.spans), rules.attribute)
        problems += [Problem("", reading.name, bounds.WINDOW) for reading in limits if reading.used_percent > bounds.MOST_PERCENT]
        readings.note_limits(store, account.id, [bounds.sensible(reading) for reading in limits])
        readings.note_balances(store, account.id, balances)
        readings.note_problems(store, account.id, problems)
        readings.save_cursors(store, account.id, batch.cursors)
        return Applied(outcome.changed, frozenset(number_day(day) for day in changed), len(problems))


def _account(store: Store, id_: int) -> Account:
    row = store.execute("SELECT provider, kind FROM account WHERE id = ?", (id_,)).fetchone()
    if row is None:
        raise UsageError(tr("This account does not exist any more."), tr("See Accounts in the window, or run: tokenpal accounts list"))
    return Account(id_, "" if row[0] == ANY_PROVIDER else row[0], row[1] != "log")


def _own(record: UsageRecord, provider: str) -> UsageRecord:
    """The record with its provider as it is kept: "" for the account's own (``provider``), the model's maker where none is said."""
    whose = "" if record.provider == ANY_PROVIDER else record.provider
    whose = whose or ("" if provider else maker(record.model))
    whose = "" if whose == provider else whose
    return record if whose == record.provider else msgspec.structs.replace(record, provider=whose)


class _Places(dict[str, str]):
    """Projects by folder, each asked for once."""

    def __init__(self, place: Place | None) -> None:
        super().__init__({"": ""})
        self.place = place or str  # without a rule a folder is its own project

    def __missing__(self, folder: str) -> str:
        found = self[folder] = self.place(folder)
        return found


def _note_fact(store: Store, names: Interned, account: Account, fact: SessionFact) -> None:
    session = names.session(fact.session, account.id)
    if fact.parent or fact.version:
        store.execute(
            "UPDATE session SET parent = IFNULL(NULLIF(?, ''), parent), version = IFNULL(NULLIF(?, ''), version) WHERE id = ?",
            (fact.parent, fact.version, session),
        )
    if fact.parts:
        store.many(
            "INSERT INTO session_part(part, session) VALUES(?, ?) ON CONFLICT(part) DO UPDATE SET session = excluded.session",
            [(part, fact.session) for part in fact.parts],
        )
