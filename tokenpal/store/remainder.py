"""What counts when logs and a provider's report may have seen the same requests (decisions 3).

Logs count. A report of the same provider counts for what no log covers, per UTC day, model base name and token class: the
day's log tokens are taken off the report's records in key order, each token once, and kept in table ``covered``. Records
that name no model are taken off last, from whatever is left. An account set to *all* is left whole; *none*, or a gateway
that mirrors another account, counts no tokens at all. Stated money always counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain
from tokenpal.store import rows
from tokenpal.store.database import Store
from tokenpal.store.interned import Interned
from tokenpal.store.rollups import DAY, SLOT, Deltas
from tokenpal.store.rows import AT, ID, LIST_PICO, MODEL, REQUESTS, TOKENS, TRAIT, Covered, Row
from tokenpal.store.upsert import Price

LOG_SUMS: Final = """
  SELECT h.model, SUM(h.fresh_input), SUM(h.cache_read), SUM(h.cache_write_5m), SUM(h.cache_write_1h),
    SUM(h.cache_write_other), SUM(h.output), SUM(h.reasoning), SUM(h.requests)
  FROM by_hour h CROSS JOIN segment g ON g.id = h.segment CROSS JOIN account a ON a.id = g.account
  WHERE h.slot >= ? AND h.slot < ? AND a.kind = 'log' AND a.provider = ? GROUP BY h.model"""
COVER: Final = "INSERT INTO covered VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


def has_reports(store: Store, provider: str) -> bool:
    """Whether a change in this provider's logs can change what its reports count for."""
    found = store.execute(
        "SELECT EXISTS(SELECT 1 FROM account a WHERE a.kind <> 'log' AND a.provider = ?"
        " AND EXISTS(SELECT 1 FROM reported r WHERE r.account = a.id))", (provider,)
    )  # fmt: skip
    return bool(found.fetchone()[0])


def recount(store: Store, names: Interned, deltas: Deltas, provider: str, days: Iterable[int], price: Price | None) -> None:
    """Make ``covered`` again for these UTC days of a provider. by_hour must be up to date; the changes go to ``deltas``."""
    accounts = store.execute(
        "SELECT id, CASE WHEN mirror_of IS NOT NULL THEN 'none' ELSE counts END FROM account"
        " WHERE kind <> 'log' AND provider = ? ORDER BY id", (provider,)
    ).fetchall()  # fmt: skip
    for day in sorted(days):
        left = _logged(store, names, provider, day)
        found: list[tuple[str, Row]] = []
        for account, counts in accounts:
            found += [
                (counts, row)
                for row in store.execute(
                    f"SELECT {rows.COLUMNS} FROM usage WHERE counted = 1 AND id IN (SELECT usage FROM reported WHERE account = ?"
                    " AND at >= ? AND at < ?) ORDER BY family, variant", (account, day * DAY, (day + 1) * DAY)
                )
            ]  # fmt: skip
        # A record that names no model can only be set against what no other record has used up.
        found.sort(key=lambda each: not names.bases[each[1][MODEL]])
        old = rows.covered_of(store, [row[ID] for _, row in found])
        for counts, row in found:
            new = _cover(names, provider, counts, row, left, price)
            before = old.get(row[ID])
            if new == before:
                continue
            deltas.add(row, -1, before)
            deltas.add(row, 1, new)
            store.execute("DELETE FROM covered WHERE usage = ?", (row[ID],))
            if new is not None:
                store.execute(COVER, (row[ID], *new))


def _logged(store: Store, names: Interned, provider: str, day: int) -> dict[str, list[int]]:
    """Seven counts and requests of the provider's logs on a UTC day, by model base name."""
    left: dict[str, list[int]] = {}
    per_day = DAY // SLOT
    for model, *sums in store.execute(LOG_SUMS, (day * per_day, (day + 1) * per_day, provider)):
        known = left.setdefault(names.bases[model], [0] * 8)
        for index, value in enumerate(sums):
            known[index] += value
    return left


def _cover(names: Interned, provider: str, counts: str, row: Row, left: dict[str, list[int]], price: Price | None) -> Covered | None:
    """What of this record is covered; takes it off ``left``. None = nothing is."""
    tokens: tuple[int, ...] = row[TOKENS]
    requests = row[REQUESTS] or 0
    if counts == "all":
        return None
    if counts == "none":
        return (*tokens, requests, 0)
    base = names.bases[row[MODEL]]
    taken = [0] * 8
    for each in ([left[base]] if base in left else []) if base else left.values():
        for index, wanted in enumerate((*tokens, requests)):
            part = min(wanted - taken[index], each[index])
            taken[index] += part
            each[index] -= part
    if not any(taken[:6]):
        return None
    # What remains of reasoning must fit into what remains of output.
    taken[6] = max(taken[6], tokens[6] - (tokens[5] - taken[5]))
    rest = Tokens(*(have - gone for have, gone in zip(tokens, taken, strict=False)))
    return (*taken, _rest_price(names, provider, row, rest, price))


def _rest_price(names: Interned, provider: str, row: Row, rest: Tokens, price: Price | None) -> int | None:
    if not rest.total:
        return 0
    if price is None or row[LIST_PICO] is None:
        return None
    name = names.model_names[row[MODEL]]
    kind = names.trait_of[row[TRAIT]]
    priced = price(provider, names.aliases.get(name, name), row[AT], kind[1], Grain(kind[0]), rest)
    return None if priced is None else priced.pico
