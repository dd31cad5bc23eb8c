"""What a report and the logs of the same providers say of each UTC day and model, side by side.

Reported is what the provider said, before anything is taken off for what logs cover; measured is what this machine's logs hold
of the providers that the report speaks of, by the record's own provider (decisions 3). Both come from keys and roll-ups:
``reported`` by account and time, ``by_hour`` by slot. Records are read one by one only for answers whose end a log lacks.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from tokenpal.model.sides import NOTHING, OUTPUT, REQUESTS, Cell, Figures, LogUse, add
from tokenpal.model.usage import GRAIN_SECONDS, Grain, Quality
from tokenpal.store.database import Store
from tokenpal.store.interned import Interned, interned
from tokenpal.store.rollups import DAY, SLOT

SLOTS: Final = DAY // SLOT
SUMS: Final = "SUM({0}.fresh_input), SUM({0}.cache_read), SUM({0}.cache_write_5m), SUM({0}.cache_write_1h), SUM({0}.cache_write_other), SUM({0}.output)"
PARTS: Final = f"CASE WHEN h.slot % {SLOTS} < 4 THEN 0 WHEN h.slot % {SLOTS} < 48 THEN 1 WHEN h.slot % {SLOTS} < 92 THEN 2 ELSE 3 END"
"""First hour, to noon, to 23:00, last hour: where use lies that a neighbouring day may claim."""
LOGS: Final = (
    "FROM {table} h CROSS JOIN segment g ON g.id = h.segment WHERE h.{axis} >= ? AND h.{axis} < ?"
    " AND h.model IN (SELECT value FROM json_each(?)) AND g.account IN (SELECT value FROM json_each(?))"
)
BY_HOUR: Final = (
    f"SELECT h.slot / {SLOTS}, h.model, g.account, {PARTS}, {SUMS.format('h')}, SUM(h.requests) {LOGS.format(table='by_hour', axis='slot')} GROUP BY 1, 2, 3, 4"
)
BY_UTC_DAY: Final = (
    f"SELECT h.day, h.model, g.account, -1, {SUMS.format('h')}, SUM(h.requests) {LOGS.format(table='by_utc_day', axis='day')} GROUP BY 1, 2, 3"
)
BY_SLOT: Final = f"SELECT h.slot, h.model, g.account, {SUMS.format('h')}, SUM(h.requests) {LOGS.format(table='by_hour', axis='slot')} GROUP BY 1, 2, 3"
TOLD: Final = (
    f"SELECT r.account, r.at / {DAY}, u.model, {SUMS.format('u')}, SUM(IFNULL(u.requests, 0)), SUM(u.requests IS NULL),"
    " SUM(IFNULL(c.fresh_input + c.cache_read + c.cache_write_5m + c.cache_write_1h + c.cache_write_other + c.output, 0))"
    " FROM reported r CROSS JOIN usage u ON u.id = r.usage LEFT JOIN covered c ON c.usage = u.id"
    " WHERE r.account = ? AND r.at >= ? AND r.at < ? AND u.counted = 1"
    " AND (u.fresh_input + u.cache_read + u.cache_write_5m + u.cache_write_1h + u.cache_write_other + u.output > 0 OR u.requests > 0)"
    " GROUP BY 2, 3"
)
ONE: Final = (
    "SELECT u.at, t.grain FROM reported r CROSS JOIN usage u ON u.id = r.usage CROSS JOIN trait t ON t.id = u.trait WHERE r.account = ? AND u.counted = 1"
    " AND u.fresh_input + u.cache_read + u.cache_write_5m + u.cache_write_1h + u.cache_write_other + u.output > 0 ORDER BY r.at {0} LIMIT 1"
)
CUT_SHORT: Final = (
    f"SELECT u.at / {DAY}, u.model, g.account, {SUMS.format('u')}, SUM(IFNULL(u.requests, 0)) FROM segment g CROSS JOIN usage u ON u.segment = g.id"
    " WHERE g.account IN (SELECT value FROM json_each(?)) AND g.first_at < ? AND g.last_at >= ? AND u.at >= ? AND u.at < ?"
    " AND u.counted = 1 AND u.trait IN (SELECT value FROM json_each(?)) AND u.model IN (SELECT value FROM json_each(?)) GROUP BY 1, 2, 3"
)


class Extent(msgspec.Struct, frozen=True):
    """From when to when an account ever reported tokens, epoch seconds; ``days`` = its newest figure is of a whole UTC day."""

    start: int
    end: int
    days: bool


class Corrected(msgspec.Struct, frozen=True):
    """By how much a provider changed a closed day of a model: after - before."""

    day: int
    base: str
    figures: Figures


def extent(store: Store, account: int) -> Extent | None:
    """None for an account that never reported a token: it tells money, balances or limits."""
    first = store.execute(ONE.format("ASC"), (account,)).fetchone()
    if first is None:
        return None
    at, grain = store.execute(ONE.format("DESC"), (account,)).fetchone()
    return Extent(int(first[0]), int(at) + GRAIN_SECONDS[grain], grain == Grain.DAY)


def logs_known(store: Store, account: int) -> bool:
    """Whether any log has ever had use of a provider that this account reports."""
    names = interned(store)
    provider = names.provider_of(account)
    whose = _Whose({provider}) if provider else _whose(store, names, account)
    return any(
        whose.has(names.bases[model], names.whose(model, log))
        for model, log in store.execute(
            "SELECT DISTINCT b.model, g.account FROM by_segment b CROSS JOIN segment g ON g.id = b.segment CROSS JOIN account a ON a.id = g.account"
            " WHERE a.kind = 'log'"
        ).fetchall()
    )


def cells(
    store: Store, account: int, first: int, until: int, *, settled: int, answered: int, corrected: Sequence[Corrected] = (), unlogged: Iterable[str] = ()
) -> list[Cell]:
    """Every UTC day in [first, until) and model with anything on either side; days are days since 1970.

    ``answered``: the report can hold nothing after it (epoch seconds); ``settled``: it is known to be whole up to here.
    ``unlogged``: sources whose logs leave out whole requests; their lower bound is not one of output.
    """
    names = interned(store)
    found = _Found()
    whose = _whose(store, names, account, first, until)
    _told(store, names, found, whose, account, first, until)
    logs = dict(store.execute("SELECT id, source FROM account WHERE kind = 'log'").fetchall())
    models = _models(names, logs, whose)
    _held(store, names, found, whose, logs, models, first, until)
    _unanswered(store, names, found, whose, logs, models, settled, answered, first, until)
    skipped = set(unlogged)
    _cut_short(store, names, found, whose, [log for log, source in logs.items() if source not in skipped], models, first, until)
    for one in corrected:
        found.add(one.day, one.base, "corrected", one.figures)
    return found.cells(first, until)


# ---------------------------------------------------------------------------------------------- who is who


class _Whose(msgspec.Struct):
    """The providers that an account's report speaks of: of each model it ever named, and its own for the others.

    "" = a hand-over that does not say whose: it is set against every provider's logs of that model, as ``remainder`` does.
    """

    own: set[str]
    of: dict[str, set[str]] = {}

    def has(self, base: str, provider: str) -> bool:
        wanted = self.of.get(base, self.own)
        return provider in wanted or "" in wanted


def _whose(store: Store, names: Interned, account: int, first: int = 0, until: int = 1 << 20) -> _Whose:
    """Most accounts have one provider; what was handed over, and some gateways, name one for each record. Days bound what is looked at."""
    provider = names.provider_of(account)
    found = _Whose({provider} - {""})
    if any(names.providers.values()) or not provider:
        for (model,) in store.execute(
            "SELECT DISTINCT u.model FROM reported r CROSS JOIN usage u ON u.id = r.usage WHERE r.account = ? AND r.at >= ? AND r.at < ?",
            (account, first * DAY, until * DAY),
        ).fetchall():
            told = names.whose(model, account)
            found.own.add(told)
            found.of.setdefault(names.bases[model], set()).add(told)
    return found


def _models(names: Interned, logs: dict[int, str], whose: _Whose) -> list[int]:
    """Models of which a log record may belong to the report."""
    if "" in whose.own:
        return list(names.providers)
    told = {names.provider_of(log) for log in logs}
    return [model for model, provider in names.providers.items() if (provider in whose.own if provider else told & whose.own)]


# ---------------------------------------------------------------------------------------------- both sides


class _Found:
    """Figures by day and model while they are collected."""

    def __init__(self) -> None:
        self.parts: dict[tuple[int, str], dict[str, Figures]] = {}
        self.logs: dict[tuple[int, str], dict[tuple[int, str], Figures]] = {}
        self.counts_requests = True  # until a bucket of the report does not

    def add(self, day: int, base: str, name: str, figures: Iterable[int]) -> None:
        known = self.parts.setdefault((day, base), {})
        known[name] = add(known[name], tuple(figures)) if name in known else tuple(figures)

    def add_log(self, day: int, base: str, log: int, source: str, figures: Iterable[int]) -> None:
        known = self.logs.setdefault((day, base), {})
        key = (log, source)
        known[key] = add(known[key], tuple(figures)) if key in known else tuple(figures)

    def lacks_output(self, place: tuple[int, str]) -> bool:
        held = sum(figures[OUTPUT] for figures in self.logs.get(place, {}).values())
        return 0 < held < self.parts[place].get("reported", NOTHING)[OUTPUT]

    def cells(self, first: int, until: int) -> list[Cell]:
        made = []
        for day, base in sorted({*self.parts, *self.logs}):
            parts, held = self.parts.get((day, base), {}), self.logs.get((day, base), {})
            reported = parts.get("reported", NOTHING)
            if not first <= day < until or not (any(reported) or held):
                continue

            def of(name: str, parts: dict[str, Figures] = parts) -> Figures:
                return parts.get(name, NOTHING)

            counts = not of("uncounted")[0] and reported[REQUESTS] > 0 if any(reported) else self.counts_requests
            made.append(
                Cell(
                    day, base, reported, tuple(LogUse(*log, figures) for log, figures in sorted(held.items())), counts, of("counted")[0],
                    of("late"), of("settling"), (of("part 0"), of("part 1"), of("part 2"), of("part 3")), of("cut short"), of("elsewhere"), of("corrected"), of("handed"),
                )
            )  # fmt: skip
        return made


def _told(store: Store, names: Interned, found: _Found, whose: _Whose, account: int, first: int, until: int) -> None:
    """The account's own report, what other accounts report of the same providers, and what was handed over of them.

    An account that shows the same requests again (a mirror of this one, or what this one mirrors) is no other account.
    """
    kinds = store.execute(
        "SELECT id, kind FROM account WHERE kind <> 'log' AND (id = ?1 OR (IFNULL(mirror_of, 0) <> ?1"
        " AND id <> IFNULL((SELECT mirror_of FROM account WHERE id = ?1), 0))) ORDER BY id", (account,)
    ).fetchall()  # fmt: skip
    own = next((kind for id_, kind in kinds if id_ == account), "")
    for other, kind in kinds:
        for _, day, model, *values in store.execute(TOLD, (other, first * DAY, until * DAY)).fetchall():
            *figures, uncounted, covered = values
            base = names.bases[model]
            if other == account:
                found.add(day, base, "reported", figures)
                found.add(day, base, "uncounted", (uncounted, *NOTHING[1:]))
                found.counts_requests &= not uncounted
                found.add(day, base, "counted", (sum(figures[:REQUESTS]) - covered, *NOTHING[1:]))
            elif kind == own and whose.has(base, names.whose(model, other)):
                found.add(day, base, "elsewhere", figures)
            elif own == "api" and whose.has(base, names.whose(model, other)):
                found.add(day, base, "handed", figures)


def _held(
    store: Store, names: Interned, found: _Found, whose: _Whose, logs: dict[int, str], models: Sequence[int], first: int, until: int
) -> None:
    wanted = (json.dumps(models), json.dumps(list(logs)))
    for sql, span in ((BY_HOUR, (first * SLOTS, until * SLOTS)), (BY_UTC_DAY, (first, until))):
        for day, model, log, part, *figures in store.execute(sql, (*span, *wanted)).fetchall():
            base = names.bases[model]
            if not whose.has(base, names.whose(model, log)):
                continue
            found.add_log(day, base, log, logs[log], figures)
            if part >= 0:
                found.add(day, base, f"part {part}", figures)


def _unanswered(
    store: Store, names: Interned, found: _Found, whose: _Whose, logs: dict[int, str], models: Sequence[int], settled: int, answered: int, first: int, until: int
) -> None:
    """Use of logs after the report's last answer, and of the time before it that the report may not know yet.

    Roll-ups know the hour (or quarter) only: the one in which the answer came counts as not sure.
    """
    start = max(settled // SLOT // 4 * 4, first * SLOTS)
    values = (start, until * SLOTS, json.dumps(models), json.dumps(list(logs)))
    for slot, model, log, *figures in store.execute(BY_SLOT, values).fetchall() if start < until * SLOTS else ():
        base = names.bases[model]
        if whose.has(base, names.whose(model, log)):
            found.add(slot // SLOTS, base, "late" if slot * SLOT >= answered else "settling", figures)


def _cut_short(
    store: Store, names: Interned, found: _Found, whose: _Whose, logs: Sequence[int], models: Sequence[int], first: int, until: int
) -> None:
    """Requests whose log says that it may lack the end, on days on which the report has more output than the logs."""
    traits = [trait for trait, kind in names.trait_of.items() if kind[0] == Grain.REQUEST and kind[4] == Quality.LOWER_BOUND]
    short = {place for place in found.parts if found.lacks_output(place)}
    if not traits or not short:
        return
    low, high = min(day for day, _ in short) * DAY, (max(day for day, _ in short) + 1) * DAY
    values = (json.dumps(logs), high, low, low, high, json.dumps(traits), json.dumps([m for m in models if any(names.bases[m] == b for _, b in short)]))
    for day, model, log, *figures in store.execute(CUT_SHORT, values).fetchall():
        base = names.bases[model]
        if (day, base) in short and whose.has(base, names.whose(model, log)):
            found.add(day, base, "cut short", figures)
