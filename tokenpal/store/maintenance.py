"""Whole-ledger work that is rare: rebuilding roll-ups, another zone, other prices, another way to count an account."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from tokenpal.model.errors import UsageError
from tokenpal.model.ranges import grain_seconds
from tokenpal.store import remainder, repricing, rows
from tokenpal.store.accounts import COUNTS
from tokenpal.store.database import Store
from tokenpal.store.interned import interned
from tokenpal.store.rollups import MEASURES, Clock, Deltas, clock
from tokenpal.store.rows import ID
from tokenpal.store.stale import forget_all
from tokenpal.store.upsert import Price
from tokenpal.translation import tr

Progress = Callable[[int, int], None]  # done, total
AT_ONCE: Final = 20_000


def rebuild(store: Store, progress: Progress | None = None) -> None:
    """Make all roll-ups again from the records, in one transaction; nothing may differ afterwards (decisions 2)."""
    with store.transaction():
        for table in ("by_segment", "by_day", "by_hour", "by_utc_day", "money"):
            store.execute(f"DELETE FROM {table}")
        store.execute("UPDATE session SET total = 0, list_pico = 0")
        store.memory.clear()
        names = interned(store)
        total = store.execute("SELECT IFNULL(MAX(id), 0) FROM usage").fetchone()[0]
        for start in range(1, total + 1, AT_ONCE):
            found = store.execute(f"SELECT {rows.COLUMNS} FROM usage WHERE counted = 1 AND id >= ? AND id < ?", (start, start + AT_ONCE)).fetchall()
            by_id = {row[ID]: row for row in found}
            covered, amounts = rows.covered_of(store, list(by_id)), rows.amounts_of(store, list(by_id))
            deltas = Deltas(names, clock(store))
            for row in found:
                deltas.add(row, 1, covered.get(row[ID]) if covered else None)
            for id_, stated in amounts.items():
                deltas.add_money(by_id[id_], 1, stated)
            deltas.flush(store)
            if progress is not None:
                progress(min(start + AT_ONCE - 1, total), total)
        store.execute(
            "UPDATE segment SET (first_at, last_at) = (SELECT IFNULL(MIN(at), 0), IFNULL(MAX(at), 0) FROM usage"
            " WHERE segment = segment.id AND counted = 1)"
        )
        store.execute(
            "UPDATE session SET (first_at, last_at) = (SELECT IFNULL(MIN(first_at), 0), IFNULL(MAX(last_at), 0) FROM segment"
            " WHERE session = session.id AND first_at > 0)"
        )


def zone_of(store: Store) -> str:
    """The zone that days are kept in."""
    return clock(store).zone.key


def set_zone(store: Store, zone: str, progress: Progress | None = None) -> bool:
    """Keep days in this zone from now on; returns whether anything had to change. Raises UsageError for no such zone."""
    try:
        fresh = Clock(zone, 3600)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(tr("There is no time zone {zone}.", zone=repr(zone)), tr("Use a name such as Europe/Berlin.")) from error
    with store.transaction():
        old = clock(store)
        if old.zone.key == zone:
            return False
        grain = grain_seconds(fresh.zone, store.now())
        store.many("UPDATE meta SET value = ? WHERE key = ?", [(zone, "zone"), (str(grain), "grain")])
        store.memory.clear()
        forget_all(store)
        if grain != old.grain:
            rebuild(store, progress)
        else:
            _days_from_hours(store, fresh, progress)
    return True


def _days_from_hours(store: Store, zone: Clock, progress: Progress | None) -> None:
    """The hours stay as they are, so the days can be summed from them."""
    slots = [row[0] for row in store.execute("SELECT DISTINCT slot FROM by_hour ORDER BY slot")]
    sums = ", ".join(f"SUM(h.{name})" for name in MEASURES)
    store.execute("DELETE FROM by_day")
    store.execute("CREATE TEMP TABLE slot_day(slot INTEGER PRIMARY KEY, day INTEGER NOT NULL)")
    try:
        store.many("INSERT INTO slot_day VALUES(?, ?)", [(slot, zone.day(slot)) for slot in slots])
        store.execute(
            f"INSERT INTO by_day(day, segment, model, {', '.join(MEASURES)}) SELECT d.day, h.segment, h.model, {sums}"
            " FROM by_hour h JOIN slot_day d ON d.slot = h.slot GROUP BY 1, 2, 3"
        )
    finally:
        store.execute("DROP TABLE slot_day")
    if progress is not None:
        progress(len(slots), len(slots))


def set_counts(store: Store, account: int, counts: str, mirror_of: int | None, price: Price | None) -> None:
    """How a report counts beside logs: all, remainder or none; ``mirror_of`` = it shows what another account has (decisions 3)."""
    if counts not in COUNTS:
        raise UsageError(tr("{word} is no way to count.", word=repr(counts)), tr("Use one of: {words}.", words=", ".join(COUNTS)))
    with store.transaction():
        if mirror_of == account or not store.execute("SELECT 1 FROM account WHERE id = ?", (mirror_of or account,)).fetchone():
            raise UsageError(tr("An account can only mirror another one."), tr("See Accounts in the window, or run: tokenpal accounts list"))
        store.execute("UPDATE account SET counts = ?, mirror_of = ? WHERE id = ?", (counts, mirror_of, account))
        recount(store, account, price)


def recount(store: Store, account: int, price: Price | None) -> None:
    """Make the remainder again for the days and providers that an account's reports speak of."""
    with store.transaction():
        names = interned(store)
        deltas = Deltas(names, clock(store))
        remainder.recount(store, names, deltas, remainder.reported_days(store, names, account), price)
        deltas.flush(store)


def reprice(store: Store, price: Price, model: str | None = None, *, only_unpriced: bool = False, of_rate: int | None = None, progress: Progress | None = None, where: str = "") -> int:
    """Give records the price that is known now; a command, never something that happens to history by itself.

    ``model`` is a raw name ("" = records without one), ``of_rate`` the rate that they have now, ``where`` one more condition on usage ``u``.
    Prices that a source stated itself stay. Returns how many changed.
    """
    with store.transaction():
        where += " AND u.list_pico IS NULL" if only_unpriced else ""
        values: list[object] = []
        if model is not None:
            where += " AND u.model IN (SELECT id FROM model WHERE name = ?)"
            values.append(model)
        if of_rate is not None:
            where += " AND u.rate = ?"
            values.append(of_rate)
        changed = 0
        for found in repricing.steps(store, price, where, values, progress):
            repricing.write(store, found)
            changed += len(found)
        return changed


def set_alias(store: Store, model: str, alias: str, price: Price | None) -> int:
    """Say which model a name (or "", a log without one) is priced as; "" takes that back. Returns how many records changed."""
    with store.transaction():
        names = interned(store)
        names.model(model)
        store.execute("UPDATE model SET alias = ? WHERE name = ?", (alias.strip(), model))
        store.memory.clear()
        return reprice(store, price, model) if price is not None else 0

