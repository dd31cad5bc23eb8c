"""How new the newest figure of each source is, and what could not be read: a few rows per account, by keys."""

from __future__ import annotations

from tokenpal.model.usage import GRAIN_SECONDS, Grain
from tokenpal.store.database import Store


def newest(store: Store) -> dict[int, tuple[int, bool]]:
    """By account: (end of the newest figure, epoch seconds; whether it is of a whole UTC day). Accounts without any are left out.

    Logs: one pass over the segments. Reports: the last row by (account, time). Limits and balances count as figures too.
    """
    found: dict[int, tuple[int, bool]] = {}
    for account, at in store.execute("SELECT account, MAX(last_at) FROM segment GROUP BY account"):
        if at:
            found[account] = (at, False)
    for (account,) in store.execute("SELECT id FROM account WHERE kind <> 'log'").fetchall():
        row = store.execute(
            "SELECT r.at, t.grain FROM reported r CROSS JOIN usage u ON u.id = r.usage CROSS JOIN trait t ON t.id = u.trait"
            " WHERE r.account = ? ORDER BY r.at DESC LIMIT 1", (account,)
        ).fetchone()  # fmt: skip
        if row is not None:
            # The bucket that still runs has no end yet: it is as new as now.
            found[account] = (min(row[0] + GRAIN_SECONDS[row[1]], max(row[0], store.now())), row[1] == Grain.DAY)
    for table in ("limit_reading", "balance"):
        for account, at in store.execute(f"SELECT account, MAX(at) FROM {table} GROUP BY account"):
            if account not in found:
                found[account] = (at, False)
    return found


def left_out(store: Store) -> dict[int, list[tuple[str, int]]]:
    """By account: (reason, how many places), the most first."""
    found: dict[int, list[tuple[str, int]]] = {}
    for account, reason, count in store.execute("SELECT account, reason, COUNT(*) FROM problem GROUP BY 1, 2 ORDER BY 1, 3 DESC, 2"):
        found.setdefault(account, []).append((reason, count))
    return found
