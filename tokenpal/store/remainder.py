"""What counts when several sources may have seen the same requests (decisions 3).

Logs count. What was handed over (an imported file, a receiver: kind ``inbox``) counts for what no log covers, and a provider's
report for what neither covers; per UTC day, provider, model base name and token class. Whose request it was is the record's
own word, so the log of any agent covers the report of the provider it talked to.
A hand-over may repeat any log and any other hand-over, so each is set against all that counts before it. The reports of one
provider are different organisations (engine.poll refuses two keys of one), so each token is taken off only one of them.

A hand-over that does not say whose request it was is set against every provider's logs of that model. Days of other trackers
are those of a calendar: they are set against the logs of the UTC day or of the person's day, whichever has more.

What differs only in how exactly it was said covers too: writes to the cache are one class here, as many sources do not say how
long these live, and use without a model name covers, and is covered by, whatever is left of the day. A report that cannot tell
what of a prompt came from the cache (quality ``inferred`` or ``lower_bound``, no cached token) has whole prompts as fresh input: all input of the
logs covers it; and where the logs of a model know no cache, their input covers all input of a report.
An account set to *all* is left whole; *none*, or a gateway that mirrors another account, counts no tokens at all. Stated
money always counts. What is covered is kept in table ``covered``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Quality
from tokenpal.store import rows
from tokenpal.store.database import Store
from tokenpal.store.interned import Interned
from tokenpal.store.rollups import DAY, SLOT, Deltas
from tokenpal.store.rows import AT, ID, LIST_PICO, MODEL, REQUESTS, TOKENS, TRAIT, Covered, Row
from tokenpal.store.upsert import Price

LOG_SUMS: Final = """
  SELECT h.model, g.account, SUM(h.fresh_input), SUM(h.cache_read), SUM(h.cache_write_5m), SUM(h.cache_write_1h),
    SUM(h.cache_write_other), SUM(h.output), SUM(h.reasoning), SUM(h.requests)
  FROM {table} h CROSS JOIN segment g ON g.id = h.segment CROSS JOIN account a ON a.id = g.account
  WHERE h.{axis} >= ? AND h.{axis} < ? AND a.kind = 'log' GROUP BY h.model, g.account"""
HOURS: Final = LOG_SUMS.format(table="by_hour", axis="slot")
UTC_DAYS: Final = LOG_SUMS.format(table="by_utc_day", axis="day")
LOCAL_DAYS: Final = LOG_SUMS.format(table="by_day", axis="day")
LOCAL: Final = "local day"  # endpoint of records that are days of the calendar, not of UTC
COVER: Final = "INSERT INTO covered VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
SAME: Final = tuple((index, index) for index in range(8))
WRITES: Final = ((2, 4), (3, 4), (4, 2), (4, 3), (2, 3), (3, 2))  # wanted, given
CACHE: Final = slice(1, 5)
UNSURE: Final = frozenset({Quality.INFERRED.value, Quality.LOWER_BOUND.value})
WHOLE_PROMPT: Final = ((0, 1), (0, 2), (0, 3), (0, 4))
NO_CACHE: Final = ((1, 0), (2, 0), (3, 0), (4, 0))

Pool = dict[str, list[int]]  # model base name -> seven counts and requests that something else may have seen
Days = dict[str, set[int]]  # provider -> UTC days
Found = tuple[int, str, Row]  # account, how it counts, record


def any_reports(store: Store) -> bool:
    """Whether there is anything that could be covered."""
    return bool(store.execute("SELECT EXISTS(SELECT 1 FROM reported)").fetchone()[0])


def reported_days(store: Store, names: Interned, account: int) -> Days:
    """Where the reports of an account lie."""
    found: Days = {}
    for model, day in store.execute(
        f"SELECT DISTINCT u.model, r.at / {DAY} FROM reported r CROSS JOIN usage u ON u.id = r.usage WHERE r.account = ?", (account,)
    ).fetchall():
        found.setdefault(names.whose(model, account), set()).add(day)
    return found


def touched(names: Interned, account: int, deltas: Deltas) -> Days:
    """Where the changes of an account's batch lie."""
    found: Days = {}
    per_day = DAY // SLOT
    for slot, _, model in deltas.fine:
        found.setdefault(names.whose(model, account), set()).add(slot // per_day)
    for day, _, model in deltas.utc:
        found.setdefault(names.whose(model, account), set()).add(day)
    return found


def recount(store: Store, names: Interned, deltas: Deltas, days: Days, price: Price | None) -> None:
    """Make ``covered`` again for these days. The roll-ups of logs must be up to date; the changes go to ``deltas``."""
    accounts = store.execute(
        "SELECT id, kind, CASE WHEN mirror_of IS NOT NULL THEN 'none' ELSE counts END FROM account a WHERE kind <> 'log'"
        " AND EXISTS(SELECT 1 FROM reported r WHERE r.account = a.id) ORDER BY id"
    ).fetchall()
    if not accounts:
        return
    if any(kind == "inbox" for _, kind, _ in accounts):
        if any(trait[5] == LOCAL for trait in names.trait_of.values()):
            days = {provider: {day + step for day in wanted for step in (-1, 0, 1)} for provider, wanted in days.items()}
        days = {**days, "": set().union(*days.values())}
    for provider, wanted in sorted(days.items()):
        for day in sorted(wanted):
            _recount_day(store, names, deltas, provider, day, accounts, price)


def _recount_day(
    store: Store, names: Interned, deltas: Deltas, provider: str, day: int, accounts: Sequence[tuple[int, str, str]], price: Price | None
) -> None:
    groups: list[list[Found]] = []
    reports: list[Found] = []
    for account, kind, counts in accounts:
        found = [(account, counts, row) for row in _records(store, account, day) if names.whose(row[MODEL], account) == provider]
        if kind == "inbox":
            groups += [[each for each in found if _is_local(names, each) is local] for local in (False, True)]
        else:
            reports += found
    groups.append(reports)
    if not any(groups):
        return
    pool = _logged(store, names, provider, day)
    old = rows.covered_of(store, [row[ID] for group in groups for *_, row in group])
    for group in groups:
        # A record that names no model can only be set against what no other record has used up.
        group.sort(key=lambda each: not names.bases[each[2][MODEL]])
        last = group is reports
        seen = pool if last else {base: [*counts] for base, counts in pool.items()}
        if group and not last and _is_local(names, group[0]):
            for base, logged in _logged(store, names, provider, day, local=True).items():
                seen[base] = [max(here, there) for here, there in zip(logged, seen.get(base, [0] * 8), strict=True)]
        shares = _shares(names, group, seen)
        for (_, counts, row), taken in zip(group, shares, strict=True):
            if not last and counts != "none":
                known = pool.setdefault(names.bases[row[MODEL]], [0] * 8)
                for index, value in enumerate((*row[TOKENS], row[REQUESTS] or 0)):
                    known[index] += value - taken[index]
            _keep(store, deltas, row, old.get(row[ID]), _covered(names, provider, counts, row, taken, price))


def _records(store: Store, account: int, day: int) -> list[Row]:
    return store.execute(
        f"SELECT {rows.COLUMNS} FROM usage WHERE counted = 1 AND id IN (SELECT usage FROM reported WHERE account = ?"
        " AND at >= ? AND at < ?) ORDER BY family, variant", (account, day * DAY, (day + 1) * DAY)
    ).fetchall()  # fmt: skip


def _is_local(names: Interned, found: Found) -> bool:
    return names.trait_of[found[2][TRAIT]][5] == LOCAL


def _logged(store: Store, names: Interned, provider: str, day: int, *, local: bool = False) -> Pool:
    """Seven counts and requests of the provider's logs on a UTC day, by model base name; "" = of every provider's.

    ``local``: of the same date in the person's zone.
    """
    pool: Pool = {}
    per_day = DAY // SLOT
    hours = (LOCAL_DAYS, (day, day + 1)) if local else (HOURS, (day * per_day, (day + 1) * per_day))
    for sql, span in (hours, (UTC_DAYS, (day, day + 1))):
        for model, account, *sums in store.execute(sql, span).fetchall():
            if not provider or names.whose(model, account) == provider:
                known = pool.setdefault(names.bases[model], [0] * 8)
                for index, value in enumerate(sums):
                    known[index] += value
    return pool


def _shares(names: Interned, found: Sequence[Found], pool: Pool) -> list[list[int]]:
    """What of each record is covered; takes it off ``pool``. Records that name no model come last."""
    taken = [[0] * 8 for _ in found]

    def take(index: int, given: list[int], pairs: Iterable[tuple[int, int]]) -> None:
        row, mine = found[index][2], taken[index]
        wanted = (*row[TOKENS], row[REQUESTS] or 0)
        for to, of in pairs:
            part = min(wanted[to] - mine[to], given[of])
            mine[to] += part
            given[of] -= part

    bases = [names.bases[row[MODEL]] for *_, row in found]
    plain = {base for base, given in pool.items() if not any(given[CACHE])}

    def unlike(index: int, base: str) -> tuple[tuple[int, int], ...]:
        """Classes that one side tells apart and the other does not."""
        row = found[index][2]
        whole = names.trait_of[row[TRAIT]][4] in UNSURE and not any(row[TOKENS][CACHE])
        return (*(WHOLE_PROMPT if whole else ()), *(NO_CACHE if base in plain else ()))

    open_ = [index for index, (_, counts, _) in enumerate(found) if counts == "remainder"]
    for pairs in (SAME, WRITES):  # of writes first those of the same life
        for index in open_:
            if bases[index] and bases[index] in pool:
                take(index, pool[bases[index]], pairs)
    for index in open_:
        if bases[index] and bases[index] in pool:
            take(index, pool[bases[index]], unlike(index, bases[index]))
    for index in open_:
        for base, given in pool.items():
            if not bases[index] or not base:
                take(index, given, (*SAME, *WRITES, *unlike(index, base)))
    return taken


def _covered(names: Interned, provider: str, counts: str, row: Row, taken: list[int], price: Price | None) -> Covered | None:
    """The row of table ``covered``. None = nothing is."""
    tokens: tuple[int, ...] = row[TOKENS]
    if counts == "none":
        return (*tokens, row[REQUESTS] or 0, 0)
    if not any(taken[:6]):
        return None
    # What remains of reasoning must fit into what remains of output.
    taken[6] = max(taken[6], tokens[6] - (tokens[5] - taken[5]))
    rest = Tokens(*(have - gone for have, gone in zip(tokens, taken, strict=False)))
    return (*taken, _rest_price(names, provider, row, rest, price))


def _keep(store: Store, deltas: Deltas, row: Row, before: Covered | None, after: Covered | None) -> None:
    if after == before:
        return
    deltas.add(row, -1, before)
    deltas.add(row, 1, after)
    store.execute("DELETE FROM covered WHERE usage = ?", (row[ID],))
    if after is not None:
        store.execute(COVER, (row[ID], *after))


def _rest_price(names: Interned, provider: str, row: Row, rest: Tokens, price: Price | None) -> int | None:
    if not rest.total:
        return 0
    if price is None or row[LIST_PICO] is None:
        return None
    name = names.model_names[row[MODEL]]
    kind = names.trait_of[row[TRAIT]]
    priced = price(provider, names.aliases.get(name, name), row[AT], kind[1], rows.priced_as(kind[0], kind[4]), rest)
    return None if priced is None else priced.pico
