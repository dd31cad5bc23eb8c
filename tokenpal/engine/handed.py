"""Limits that Claude Code handed to the status line while the data file was busy or not there: picked up by the next scan.

The status line appends to a small file; it is moved aside before it is read, so that no line is lost or read twice. A line
whose folder has no account yet waits for the scan that finds it, a week at most.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from tokenpal.model.names import plain
from tokenpal.model.usage import LimitReading
from tokenpal.store import accounts, readings
from tokenpal.store.database import Store

SPOOL: Final = "statusline.jsonl"
TAKEN: Final = "statusline.taken"
MOST: Final = 1 << 20
LONGEST: Final = 8 * 86_400
AHEAD: Final = 300  # seconds that a clock may be wrong


class Handed(msgspec.Struct):
    """One line of the file."""

    root: str
    at: int
    name: str
    minutes: int
    used: float
    resets_at: int | None = None


_decoder = msgspec.json.Decoder(Handed)


def waiting(data: Path) -> int:
    """When something was last put there to pick up, in ns; 0 = nothing. One look at the folder, nothing else."""
    newest = 0
    for name in (SPOOL, TAKEN):
        with suppress(OSError):
            newest = max(newest, os.stat(data / name).st_mtime_ns)
    return newest


def take(store: Store, data: Path) -> int:
    """Store what waits; how many readings. Raises StoreError; then the file stays."""
    if store.read_only or not waiting(data):
        return 0
    taken = data / TAKEN
    if not taken.exists():
        try:
            (data / SPOOL).rename(taken)
        except OSError:
            return 0  # another process was quicker
    try:
        with taken.open("rb") as file:
            lines = file.read(MOST).split(b"\n")
    except OSError:
        return 0
    now = store.now()
    found: dict[int, list[LimitReading]] = {}
    left: list[bytes] = []
    roots = {row.root: row for row in accounts.accounts(store, removed=True) if row.source == "claude-code" and row.kind == "log"}
    for line in lines:
        try:
            one = _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            continue  # nothing, or the torn end of a full disk
        possible = 0 < one.minutes < 1e6 and (one.resets_at is None or 0 < one.resets_at < 4e9)
        if not (possible and now - LONGEST < one.at <= now + AHEAD and 0 <= one.used < 1e6):
            continue
        row = roots.get(one.root) or next((row for root, row in roots.items() if os.path.realpath(root) == os.path.realpath(one.root)), None)
        if row is None:
            left.append(line)
        elif not row.removed:
            found.setdefault(row.id, []).append(LimitReading(plain(one.name, 60), one.used, one.at, one.resets_at, one.minutes))
    with store.transaction():
        for account, news in found.items():
            readings.note_limits(store, account, news)
    if left:
        _put_back(data, left)
    with suppress(OSError):
        taken.unlink()
    return sum(map(len, found.values()))


def _put_back(data: Path, lines: list[bytes]) -> None:
    with suppress(OSError), open(data / SPOOL, "ab", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(b"".join(line + b"\n" for line in lines))
