"""A look into the data file, and a word put down, within milliseconds: for Claude Code's status line (agent-logs 3.4).

Nothing of the other rooms is imported, not even msgspec or json, which would cost more than all of this together: SQLite
reads the JSON too. A busy, missing or older data file makes ``keep`` say no; it never waits and never raises.
"""

from __future__ import annotations

import os
import sqlite3

TYPE_CHECKING = False  # the module typing costs 5 ms
if TYPE_CHECKING:
    from typing import Any

PATIENCE = 0.03  # seconds for another process that writes just now
MOST_LOG = 4 << 20  # bytes of the write-ahead log, which is not folded in here; then the next scan takes the word
MAJOR = 4  # the newest layout that this version knows (store.migrations, which would cost too much to import)
AGAIN = 60  # seconds after which the same figure is news again
FIELDS = (
    "$.model.display_name", "$.model.id", "$.context_window.total_input_tokens", "$.context_window.total_output_tokens",
    "$.cost.total_cost_usd", "$.rate_limits.five_hour.used_percentage", "$.rate_limits.five_hour.resets_at",
    "$.rate_limits.seven_day.used_percentage", "$.rate_limits.seven_day.resets_at", "$.transcript_path",
)  # fmt: skip
READ = "SELECT " + ", ".join(f"json_extract(?1, '{field}')" for field in FIELDS)
NAMES = ("model", "model_id", "input", "output", "cost", "five_used", "five_resets", "week_used", "week_resets", "transcript")
WINDOWS = (("five", "5 hours", 300), ("week", "week", 10_080))

# The same thinning as in ``history``: one point in 5 minutes, after two days one an hour, after 60 one a day.
THIN = """DELETE FROM limit_history AS h WHERE account = ?1 AND name = ?2 AND EXISTS(
  SELECT 1 FROM limit_history n WHERE n.account = ?1 AND n.name = ?2 AND n.at > h.at AND n.at < CASE
    WHEN h.at < ?3 - 5184000 THEN (h.at / 86400 + 1) * 86400 WHEN h.at < ?3 - 172800 THEN (h.at / 3600 + 1) * 3600
    ELSE (h.at / 300 + 1) * 300 END)"""


class Quick:
    """One short connection; without a data file it is a sheet of paper that is thrown away."""

    def __init__(self, database: str) -> None:
        self.there = os.path.exists(database)
        self.database = database
        try:
            self.connection = sqlite3.connect(database if self.there else ":memory:", timeout=PATIENCE, isolation_level=None)
        except sqlite3.Error:
            self.there = False
            self.connection = sqlite3.connect(":memory:", isolation_level=None)
        if self._newer():  # it is left alone, here too
            self.connection.close()
            self.there = False
            self.connection = sqlite3.connect(":memory:", isolation_level=None)
        # No checkpoint on the agent's time: whoever opens the file next does it.
        self._quietly("PRAGMA wal_autocheckpoint = 0")
        self._quietly("PRAGMA synchronous = NORMAL")

    def _newer(self) -> bool:
        found = self._quietly("PRAGMA user_version")
        return bool(found) and found[0][0] // 65536 > MAJOR

    def read(self, text: str) -> dict[str, object]:
        """The fields of a status line's JSON that say something; empty for anything else."""
        found = self._quietly(READ, (text,))
        return {name: value for name, value in zip(NAMES, found[0], strict=True) if value is not None} if found else {}

    def account(self, root: str) -> tuple[int, bool] | None:
        """(account, removed) of the folder that Claude Code keeps its transcripts in."""
        rows = self._quietly("SELECT id, root, removed_at FROM account WHERE source = 'claude-code' AND kind = 'log'")
        for same in (str, os.path.realpath):
            for id_, folder, removed in rows:
                if same(folder) == same(root):
                    return id_, removed is not None
        return None

    def keep(self, account: int, readings: list[tuple[str, int, float, int | None]], now: int) -> bool:
        """Keep (name, minutes, used per cent, resets at) as readings of this moment. False: it could not be written now."""
        rows = self._quietly("SELECT name, at, used_percent, resets_at FROM limit_reading WHERE account = ?", (account,))
        known = {name: (at, used, resets) for name, at, used, resets in rows}
        news = [one for one in readings if not self._said(known.get(one[0]), one, now)]
        if not news:
            return True
        if _size(f"{self.database}-wal") > MOST_LOG:
            return False
        try:
            self.connection.execute("BEGIN IMMEDIATE")
            for name, minutes, used, resets in news:
                self.connection.execute(
                    "INSERT INTO limit_reading(account, name, at, used_percent, resets_at, window_minutes, origin) VALUES(?,?,?,?,?,?,'reported')"
                    " ON CONFLICT(account, name) DO UPDATE SET at = excluded.at, used_percent = excluded.used_percent,"
                    " resets_at = excluded.resets_at, window_minutes = excluded.window_minutes, origin = excluded.origin,"
                    ' used = NULL, "limit" = NULL WHERE (excluded.at, excluded.used_percent) > (limit_reading.at, limit_reading.used_percent)',
                    (account, name, now, used, resets, minutes),
                )
                self.connection.execute(
                    "INSERT OR REPLACE INTO limit_history(account, name, at, used_percent, resets_at) VALUES(?,?,?,?,?)",
                    (account, name, now, used, resets),
                )
                self.connection.execute(THIN, (account, name, now))
            self.connection.execute("COMMIT")
        except sqlite3.Error:
            self._quietly("ROLLBACK")
            return False
        return True

    def _said(self, before: tuple[int, float, int | None] | None, one: tuple[str, int, float, int | None], now: int) -> bool:
        if before is None:
            return False
        at, used, resets = before
        return at > now or (used == one[2] and resets == one[3] and now - at < AGAIN)

    def known(self, account: int, now: int) -> dict[str, tuple[float, int | None]]:
        """Windows that were read before and are not over, by name: (used per cent, resets at)."""
        rows = self._quietly("SELECT name, used_percent, resets_at FROM limit_reading WHERE account = ?", (account,))
        return {name: (used, resets) for name, used, resets in rows if resets is None or resets > now}

    def zone(self) -> str:
        """The zone that days are kept in; "" = unknown."""
        rows = self._quietly("SELECT value FROM meta WHERE key = 'zone'")
        return str(rows[0][0]) if rows else ""

    def tokens(self, day: int) -> int | None:
        """Tokens of a local day (days since 1970); None when nothing can be told."""
        total = "SUM(fresh_input + cache_read + cache_write_5m + cache_write_1h + cache_write_other + output)"
        rows = self._quietly(
            f"SELECT IFNULL((SELECT {total} FROM by_day WHERE day = ?1), 0) + IFNULL((SELECT {total} FROM by_utc_day WHERE day = ?1), 0)", (day,)
        )
        return int(rows[0][0]) if rows else None

    def note(self, root: str, now: int, readings: list[tuple[str, int, float, int | None]]) -> str:
        """A line for the spool: what could not be kept now."""
        lines = []
        for name, minutes, used, resets in readings:
            found = self._quietly(
                "SELECT json_object('root', ?, 'at', ?, 'name', ?, 'minutes', ?, 'used', ?, 'resets_at', ?)", (root, now, name, minutes, used, resets)
            )
            lines += [f"{row[0]}\n" for row in found]
        return "".join(lines)

    def _quietly(self, sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
        try:
            return self.connection.execute(sql, values).fetchall()
        except (sqlite3.Error, UnicodeError, OverflowError):
            return []


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
