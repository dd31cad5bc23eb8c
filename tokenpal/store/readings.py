"""What is current rather than added up: limit windows, balances, problems, and how far sources were read."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from tokenpal.model.cursors import Cursor
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.usage import Balance, LimitReading, Origin, Problem
from tokenpal.store import history
from tokenpal.store.database import Store
from tokenpal.store.history import balance_history as balance_history, limit_history as limit_history


def note_limits(store: Store, account: int, found: Sequence[LimitReading]) -> None:
    """Keep the newest reading of each limit, at the same second the higher use, and how it went."""
    store.many(
        'INSERT INTO limit_reading(account, name, at, used_percent, resets_at, window_minutes, origin, used, "limit")'
        " VALUES(?,?,?,?,?,?,?,?,?) ON CONFLICT(account, name) DO UPDATE SET at = excluded.at, used_percent = excluded.used_percent,"
        " resets_at = excluded.resets_at, window_minutes = excluded.window_minutes, origin = excluded.origin, used = excluded.used,"
        ' "limit" = excluded."limit" WHERE (excluded.at, excluded.used_percent) > (limit_reading.at, limit_reading.used_percent)',
        [
            (
                account, reading.name, reading.at, reading.used_percent, reading.resets_at, reading.window_minutes,
                reading.origin.value, _dump(reading.used), _dump(reading.limit),
            )
            for reading in found
        ],
    )  # fmt: skip
    history.note_limits(store, account, found)


def limits(store: Store, account: int | None = None) -> list[tuple[int, LimitReading]]:
    """(account, newest reading) of every limit, by account and name."""
    rows = store.execute(
        'SELECT account, name, used_percent, at, resets_at, window_minutes, origin, used, "limit" FROM limit_reading'
        " WHERE ?1 IS NULL OR account = ?1 ORDER BY account, window_minutes, name", (account,)
    )  # fmt: skip
    return [
        (id_, LimitReading(name, used_percent, at, resets_at, window, Origin(origin), _load(used), _load(limit)))
        for id_, name, used_percent, at, resets_at, window, origin, used, limit in rows
    ]


def note_balances(store: Store, account: int, found: Sequence[Balance]) -> None:
    """Keep the newest word on each prepaid balance, and how it went."""
    store.many(
        "INSERT INTO balance(account, name, at, kind, currency, pico) VALUES(?,?,?,?,?,?) ON CONFLICT(account, name) DO UPDATE"
        " SET at = excluded.at, kind = excluded.kind, currency = excluded.currency, pico = excluded.pico"
        " WHERE (excluded.at, excluded.pico) > (balance.at, balance.pico)",
        [(account, one.name, one.at, one.left.kind.value, one.left.currency, one.left.pico) for one in found],
    )
    history.note_balances(store, account, found)


def balances(store: Store, account: int | None = None) -> list[tuple[int, Balance]]:
    """(account, balance) by account and name."""
    rows = store.execute(
        "SELECT account, name, kind, currency, pico, at FROM balance WHERE ?1 IS NULL OR account = ?1 ORDER BY account, name", (account,)
    )
    return [(id_, Balance(name, Money(MoneyKind(kind), currency, pico), at)) for id_, name, kind, currency, pico, at in rows]


def note_problems(store: Store, account: int, problems: Sequence[Problem]) -> None:
    """Remember problems; the same one met again (a file read twice) is still one."""
    if not problems:
        return
    merged: dict[tuple[str, str, str], int] = {}
    for problem in problems:
        key = (problem.source, problem.position, problem.reason)
        merged[key] = max(merged.get(key, 0), problem.count)
    now = store.now()
    store.many(
        "INSERT INTO problem(account, source, position, reason, count, first_at, last_at) VALUES(?,?,?,?,?,?,?)"
        " ON CONFLICT(account, source, position, reason) DO UPDATE SET count = MAX(count, excluded.count), last_at = excluded.last_at",
        [(account, *key, count, now, now) for key, count in sorted(merged.items())],
    )


def problems(store: Store, account: int | None = None, limit: int = 1_000) -> list[tuple[int, Problem]]:
    """(account, problem), newest first."""
    rows = store.execute(
        "SELECT account, source, position, reason, count FROM problem WHERE ?1 IS NULL OR account = ?1"
        " ORDER BY last_at DESC, account, source, position, reason LIMIT ?2", (account, limit)
    )  # fmt: skip
    return [(id_, Problem(source, position, reason, count)) for id_, source, position, reason, count in rows]


def save_cursors(store: Store, account: int, cursors: Sequence[Cursor]) -> None:
    """How far files and reports were read; in the transaction of what was read."""
    store.many(
        "INSERT OR REPLACE INTO cursor(account, name, device, inode, size, mtime_ns, offset, head, tail, state)"
        " VALUES(?,?,?,?,?,?,?,?,?,?)",
        [(account, c.name, *map(_signed, (c.device, c.inode)), c.size, c.mtime_ns, c.offset, c.head, c.tail, c.state) for c in cursors],
    )


def cursors(store: Store, account: int) -> dict[str, Cursor]:
    """All cursors of an account by name."""
    rows = store.execute("SELECT name, device, inode, size, mtime_ns, offset, head, tail, state FROM cursor WHERE account = ?", (account,))
    return {row[0]: Cursor(row[0], _unsigned(row[1]), _unsigned(row[2]), *row[3:]) for row in rows}


def _signed(number: int) -> int:
    # Devices and inodes may use all 64 bits (Windows file ids); SQLite's integers are signed.
    return number - 2**64 if number >= 2**63 else number


def _unsigned(number: int) -> int:
    return number + 2**64 if number < 0 else number


def _dump(money: Money | None) -> str | None:
    return None if money is None else msgspec.json.encode(money).decode()


def _load(text: str | None) -> Money | None:
    return None if text is None else msgspec.json.decode(text, type=Money)
