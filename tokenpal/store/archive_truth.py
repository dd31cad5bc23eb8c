"""The lines of an archive that version 3 added: how limits and balances went, corrections, exchange rates."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from tokenpal.store import corrections, exchange, history
from tokenpal.store.database import Store
from tokenpal.store.interned import interned

Line = dict[str, Any]
KINDS: Final = frozenset({"limit_history", "balance_history", "correction", "exchange_rate"})


def lines(store: Store, places: Mapping[int, int]) -> Iterator[Line]:
    """Every row, in an order that depends on the content only; ``places``: account -> number of its line."""
    for kind, columns in (("limit_history", "at, used_percent, resets_at"), ("balance_history", "at, kind, currency, pico")):
        points: dict[tuple[int, str], list[list[Any]]] = {}
        for account, name, *point in store.execute(f"SELECT account, name, {columns} FROM {kind} ORDER BY account, name, at"):
            points.setdefault((places[account], name), []).append(point)
        for (account, name), found in sorted(points.items()):
            yield {"is": kind, "account": account, "name": name, "points": found}
    for account, endpoint, day, model, provider, noted_at, before, after in corrections.rows_of(store):
        yield {
            "is": "correction", "account": places[account], "endpoint": endpoint, "day": day, "model": model, "provider": provider,
            "noted_at": noted_at, "before": json.loads(before), "after": json.loads(after),
        }  # fmt: skip
    for row in exchange.rows_of(store):
        yield {"is": "exchange_rate", **dict(zip(exchange.COLUMNS, row, strict=True))}


def take(store: Store, line: Line, accounts: Mapping[int, int]) -> None:
    """Merge one of these lines; the same line again changes nothing. ``accounts``: number of a line -> account here."""
    if line["is"] == "exchange_rate":
        exchange.keep(store, tuple(line[name] for name in exchange.COLUMNS))
        return
    account = accounts[int(line["account"])]
    if line["is"] == "correction":
        model = interned(store).model(str(line["model"]), str(line["provider"]))
        store.execute(
            "INSERT OR IGNORE INTO correction(account, endpoint, day, model, noted_at, before, after) VALUES(?, ?, ?, ?, ?, ?, ?)",
            (account, line["endpoint"], line["day"], model, line["noted_at"], json.dumps(line["before"]), json.dumps(line["after"])),
        )
    else:
        history.note(store, str(line["is"]), account, [(account, str(line["name"]), *point) for point in line["points"]])
