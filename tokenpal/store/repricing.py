"""Other prices for records that have one already: what would change, and the change with its way back.

Prices that a source stated itself stay. Nothing here happens to history by itself (agent-logs 2.7).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from tokenpal.model.ranges import number_day
from tokenpal.model.rates import Rate, Repricing, Why
from tokenpal.model.tokens import Tokens
from tokenpal.store import rows
from tokenpal.store.database import Store
from tokenpal.store.interned import Interned, interned
from tokenpal.store.rollups import SLOT, Clock, Deltas, clock
from tokenpal.store.rows import AT, COUNTED, ID, LIST_PICO, MODEL, RATE, TOKENS, TRAIT, Covered, Row
from tokenpal.store.upsert import Price

Progress = Callable[[int, int], None]  # done, total
AT_ONCE: Final = 20_000
COLUMNS: Final = ", ".join(f"u.{name.strip()}" for name in rows.COLUMNS.split(","))


class Step(NamedTuple):
    """A record with another price: as it is, as it would be; and what of it logs cover, if anything."""

    old: Row
    new: Row
    covered: Covered | None
    after: Covered | None
    rate: Rate | None  # the new one


def steps(
    store: Store, price: Price, where: str = "", values: Sequence[Any] = (), progress: Progress | None = None, *,
    amounts_only: bool = False, asking: bool = False,
) -> Iterator[list[Step]]:
    """Records that ``price`` says otherwise of, some at a time. ``amounts_only`` leaves out those whose amount stays.

    Inside a transaction, as rates that are met for the first time are put into the ledger; ``asking`` writes nothing.
    """  # fmt: skip
    names = interned(store)
    total = store.execute("SELECT IFNULL(MAX(id), 0) FROM usage").fetchone()[0]
    for start in range(1, total + 1, AT_ONCE):
        found = store.execute(
            f"SELECT g.account, {COLUMNS} FROM usage u JOIN segment g ON g.id = u.segment WHERE u.id >= ? AND u.id < ?{where}",
            (start, start + AT_ONCE, *values),
        ).fetchall()
        covered = rows.covered_of(store, [row[1] for row in found])
        changed = []
        for account, *parts in found:
            step = _step(names, price, account, tuple(parts), covered.get(parts[ID]), amounts_only=amounts_only, asking=asking)
            if step is not None:
                changed.append(step)
        yield changed
        if progress is not None:
            progress(min(start + AT_ONCE - 1, total), total)


def _step(names: Interned, price: Price, account: int, row: Row, covered: Covered | None, *, amounts_only: bool, asking: bool) -> Step | None:
    if row[RATE] is None and row[LIST_PICO] is not None:
        return None
    name, kind, whose = names.model_names[row[MODEL]], names.trait_of[row[TRAIT]], names.whose(row[MODEL], account)

    def priced(tokens: Tokens) -> tuple[int | None, Rate | None]:
        answer = price(whose, names.aliases.get(name, name), row[AT], kind[1], rows.priced_as(kind[0], kind[4]), tokens)
        return (None, None) if answer is None else (answer.pico, answer.rate)

    pico, rate = priced(Tokens(*row[TOKENS]))
    if pico == row[LIST_PICO] and (amounts_only or pico is None):
        return None
    known = None if rate is None or asking else names.rate(rate)
    if (pico, known) == (row[LIST_PICO], row[RATE]):
        return None
    after = covered
    if covered is not None:
        left = Tokens(*(have - gone for have, gone in zip(row[TOKENS], covered[:7], strict=True)))
        after = (*covered[:8], priced(left)[0] if left.total else 0)
    return Step(row, (*row[:LIST_PICO], pico, known, *row[RATE + 1 :]), covered, after, rate)


def write(store: Store, found: Sequence[Step]) -> None:
    """Give these records their new price, in the roll-ups too."""
    deltas = Deltas(interned(store), clock(store))
    for step in found:
        if step.old[COUNTED] == 1:
            deltas.add(step.old, -1, step.covered)
            deltas.add(step.new, 1, step.after)
    store.many("UPDATE usage SET list_pico = ?, rate = ? WHERE id = ?", [(step.new[LIST_PICO], step.new[RATE], step.new[ID]) for step in found])
    store.many("UPDATE covered SET list_pico = ? WHERE usage = ?", [(s.after[8], s.new[ID]) for s in found if s.after is not None])
    deltas.flush(store)


def preview(store: Store, price: Price, own: str, span: tuple[int, int], progress: Progress | None = None) -> list[Repricing]:
    """What ``price`` would change of records in [start, end) epoch seconds, by month and model; nothing is written.

    ``own`` is the origin of the person's rates. Only what counts is shown; months are those of the store's zone.
    """
    sums: dict[tuple[str, str, Why], list[int]] = {}
    names, zone = interned(store), clock(store)
    where = " AND u.counted = 1 AND u.at >= ? AND u.at < ?"
    for found in steps(store, price, where, span, progress, amounts_only=True, asking=True):
        for step in found:
            old, new = (row[LIST_PICO] if part is None else part[8] for row, part in ((step.old, step.covered), (step.new, step.after)))
            place = (_month(zone, step.old[AT]), names.model_names[step.old[MODEL]], _why(step.old[LIST_PICO], step.rate, own))
            known = sums.setdefault(place, [0, 0, 0, 0, 0])
            for index, value in enumerate((1, old or 0, new or 0, old is None, new is None)):
                known[index] += value
    return [Repricing(month, model, why, *parts) for (month, model, why), parts in sorted(sums.items())]


def note(
    store: Store, id_: int, price: Price, span: tuple[int, int], progress: Progress | None = None, *, where: str = "", values: Sequence[Any] = ()
) -> int:
    """Note under this number what would change, for ``switch``; returns how many records. With ``where`` also what only gets another rate."""
    noted = 0
    for found in steps(store, price, f" AND u.at >= ? AND u.at < ?{where}", (*span, *values), progress, amounts_only=not where):
        store.many(
            "INSERT INTO repriced VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (id_, s.old[ID], s.old[LIST_PICO], s.old[RATE], s.covered and s.covered[8], s.new[LIST_PICO], s.new[RATE], s.after and s.after[8])
                for s in found
            ],
        )
        noted += len(found)
    return noted


def switch(store: Store, id_: int, *, done: bool) -> None:
    """Make what was noted under this number, or take it back. Records that say something else by now stay as they are."""
    old, new = "n.old_pico, n.old_rate, n.old_rest", "n.new_pico, n.new_rate, n.new_rest"
    columns = f"{old}, {new}" if done else f"{new}, {old}"
    last = 0
    while True:
        found = store.execute(
            f"SELECT {columns}, {COLUMNS} FROM repriced n CROSS JOIN usage u ON u.id = n.usage WHERE n.reprice = ? AND n.usage > ?"
            " ORDER BY n.usage LIMIT ?", (id_, last, AT_ONCE)
        ).fetchall()  # fmt: skip
        if not found:
            return
        covered = rows.covered_of(store, [row[6 + ID] for row in found])
        changed = []
        for from_pico, from_rate, from_rest, to_pico, to_rate, to_rest, *parts in found:
            row: Row = tuple(parts)
            last = row[ID]
            if (row[LIST_PICO], row[RATE]) != (from_pico, from_rate):
                continue
            before = after = covered.get(row[ID])
            if before is not None:  # what is covered may be another part than then
                whole = to_rest if before[8] == from_rest else _part(before[8], from_pico, to_pico)
                after = (*before[:8], whole)
            changed.append(Step(row, (*row[:LIST_PICO], to_pico, to_rate, *row[RATE + 1 :]), before, after, None))
        write(store, changed)


def _part(rest: int | None, whole: int | None, other: int | None) -> int | None:
    return None if rest is None or not whole or other is None else rest * other // whole


def _why(old: int | None, rate: Rate | None, own: str) -> Why:
    if rate is None:
        return Why.GONE
    if rate.origin == own:
        return Why.OWN
    return Why.FOUND if old is None else Why.PUBLIC


def _month(zone: Clock, at: int) -> str:
    return number_day(zone.day(at // SLOT)).isoformat()[:7]
