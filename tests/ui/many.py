"""A data file with any number of sessions, made in seconds: rows are written directly, as a ledger of ten years would have them.

``fill(database, 200_000)`` for tests and benchmarks of lists; every session has one part, one model, and for some a label,
a note, tags or a task. Roll-ups by day and hour are left out: only lists of sessions are to be asked of it.
"""

from __future__ import annotations

from pathlib import Path
from random import Random

from tokenpal.store import accounts, tasks
from tokenpal.store.database import Store

NOW = 1_795_262_400
YEARS = 10
LABELS = ("", "", "exploration", "delivered", "waste")


def fill(database: Path, count: int, *, now: int = NOW, seed: int = 7) -> None:
    """``count`` sessions over ten years, the newest just before ``now`` (epoch seconds)."""
    roll = Random(seed)
    with Store.open(database, now=lambda: now) as store:
        account = accounts.ensure_log_account(store, "claude-code", "/home/me/.claude", "Claude Code", "anthropic")
        ids = [tasks.add_task(store, f"Task {number}", now=now).id for number in range(30)]
        with store.transaction():
            store.many("INSERT INTO project(id, path) VALUES(?, ?)", [(n + 1, f"/home/me/code/project-{n}") for n in range(80)])
            store.execute("INSERT INTO model(id, name, base) VALUES(1, 'claude-opus-5', 'claude-opus-5')")
            step = YEARS * 365 * 86_400 // count
            sessions, segments, sums, words, tags = [], [], [], [], []
            for number in range(1, count + 1):
                start = now - 300 - (count - number) * step - roll.randrange(max(1, step // 2))
                tokens = roll.randrange(1_000, 900_000)
                key, label = f"claude-code:{number:08d}", LABELS[number % len(LABELS)]
                sessions.append((number, key, account, start, start + 240, tokens, tokens * 3_000_000))
                segments.append((number, number, account, number % 80 + 1, f"feature/PAY-{number % 900}", start, start + 240, start + 240, ids[number % 30] if number % 3 else None))
                sums.append((number, tokens, tokens * 3_000_000))
                if label or number % 50 == 0:
                    note = f"Note of session {number}" if number % 50 == 0 else ""
                    words.append((key, label, "loop" if label == "waste" else "", note))
                if number % 97 == 0:
                    tags.append((key, "spike"))
            store.many("INSERT INTO session(id, key, account, first_at, last_at, total, list_pico) VALUES(?, ?, ?, ?, ?, ?, ?)", sessions)
            store.many(
                "INSERT INTO segment(id, session, account, project, branch, first_at, last_at, reach, task, via) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, 'rule')", segments
            )
            store.many("INSERT INTO by_segment(segment, model, records, requests, cache_read, list_pico) VALUES(?1, 1, 1, 1, ?2, ?3)", sums)
            store.many("INSERT INTO annotation(session, label, reason, note, label_at) VALUES(?, ?, ?, ?, 1)", words)
            store.many("INSERT INTO session_tag(session, tag) VALUES(?, ?)", tags)
