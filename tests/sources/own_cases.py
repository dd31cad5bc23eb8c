"""The project's own cases: a folder of logs each, with the rule it is about and the events a correct reader finds.

``expected.json``: ``rule``, ``events`` (a list; of each only the fields that are stated are asserted), and where they
matter ``problems`` (how many), ``facts`` (session -> [parent, version]) and ``limits`` (name -> percent).
"""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.sources.reference import LATER, Ledger, line_by_line, scan
from tokenpal.model.money import Money
from tokenpal.model.usage import UsageRecord
from tokenpal.sources.base import Source

DATA = Path(__file__).parent.parent / "data"


def names(agent: str) -> list[str]:
    return sorted(path.name for path in (DATA / agent).iterdir() if path.is_dir())


def expected(agent: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((DATA / agent / name / "expected.json").read_text())
    return found


def fields(agent: str, record: UsageRecord) -> dict[str, Any]:
    """A record in the words of ``expected.json``."""
    t = record.tokens
    return {
        "session": record.session.removeprefix(f"{agent}:"),
        "at": f"{datetime.fromtimestamp(record.at, UTC):%Y-%m-%dT%H:%M:%SZ}",
        "model": record.model, "folder": record.folder, "branch": record.branch, "sub_agent": record.sub_agent,
        "tier": record.tier, "quality": str(record.quality), "fresh_input": t.fresh_input, "cache_read": t.cache_read,
        "cache_write_5m": t.cache_write_5m, "cache_write_1h": t.cache_write_1h, "cache_write_other": t.cache_write_other,
        "output": t.output, "reasoning": t.reasoning, "cost": " ".join(said(money) for money in record.money), "provider": record.provider, "requests": record.requests,
        "origin": str(record.origin), "money": " ".join(str(money.kind) for money in record.money),
    }  # fmt: skip


def said(money: Money) -> str:
    return str(Decimal(money.pico).scaleb(-12).normalize())


def check(ledger: Ledger, agent: str, name: str) -> None:
    want = expected(agent, name)
    found = [fields(agent, record) for record in ledger.counted()]
    left = list(found)
    for event in want["events"]:
        fitting = [each for each in left if all(each[key] == value for key, value in event.items())]
        assert fitting, f"{want['rule']}\nno event {event} in\n" + "\n".join(map(str, left))
        left.remove(fitting[0])
    assert not left, f"{want['rule']}\ntoo many events:\n" + "\n".join(map(str, left))
    for session, fact in want.get("facts", {}).items():
        assert [ledger.facts[session].parent, ledger.facts[session].version] == fact
    if "limits" in want:
        assert {limit.name: limit.used_percent for limit in ledger.limits.values()} == want["limits"]


def check_at_once(source: Source, agent: str, name: str) -> None:
    ledger = Ledger(source)
    scan(ledger, DATA / agent / name)
    check(ledger, agent, name)
    assert len(ledger.problems) == expected(agent, name).get("problems", 0), ledger.problems
    assert scan(ledger, DATA / agent / name) == 0, "nothing changed, so nothing is read"
    again = Ledger(source)
    scan(again, DATA / agent / name, split=line_by_line)
    check(again, agent, name)
    assert again.snapshot() == ledger.snapshot(), "read line by line"


def check_growing(source: Source, agent: str, name: str, seed: int, folder: Path) -> None:
    """Files in any order, in pieces of any size, scanned at any moment: the same records in the end."""
    whole = DATA / agent / name
    chance = random.Random(f"{name} {seed}")
    static = folder / "static"
    shutil.copytree(whole, static)
    growing = sorted(path for path in whole.rglob("*.jsonl") if path.name != "history.jsonl")
    if len({path.name for path in growing}) < len(growing) or list(whole.rglob("*.zst")):
        growing = []  # what a name means depends on the others of that name
    root = folder / "growing"
    shutil.copytree(whole, root)
    left = {root / path.relative_to(whole): path.read_bytes() for path in growing}
    for path in left:
        path.unlink()
    ledger = Ledger(source)
    while left:
        path = chance.choice(list(left))
        count = chance.choice([1, 50, 300, 2_000, len(left[path])])
        with path.open("ab") as file:
            file.write(left[path][:count])
        left[path] = left[path][count:]
        if not left[path]:
            del left[path]
        if chance.random() < 0.5:
            scan(ledger, root, now=int(path.stat().st_mtime))
    scan(ledger, root, now=LATER)
    check(ledger, agent, name)


def check_rows_growing(source: Source, agent: str, name: str, seed: int, folder: Path) -> None:
    """Rows of databases in any order, each first without its JSON (as while a response streams), looked at at any moment."""
    whole, root = DATA / agent / name, folder / "growing"
    chance = random.Random(f"{name} {seed}")
    shutil.copytree(whole, root)
    ledger, steps = Ledger(source), []
    opened: list[sqlite3.Connection] = []
    for path in sorted(root.rglob("*.db")):
        with closing(sqlite3.connect(path)) as connection:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            rows = {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables}
            columns = {table: [row[1] for row in connection.execute(f"PRAGMA table_info({table})")] for table in tables}
            for table in tables:
                connection.execute(f"DELETE FROM {table}")
            connection.commit()
        live = sqlite3.connect(path, isolation_level=None)
        live.execute("PRAGMA journal_mode = WAL")
        live.execute("PRAGMA synchronous = OFF")
        opened.append(live)
        steps += [(live, table, columns[table], row) for table in tables for row in rows[table]]
    chance.shuffle(steps)
    steps.sort(key=lambda step: step[1] not in {"session", "session_v2", "sessions"})  # an agent makes the session first
    waiting = []
    try:
        for live, table, names_, row in steps:
            early = ["{}" if column == "data" else value for column, value in zip(names_, row, strict=True)]
            rowid = live.execute(f"INSERT INTO {table} VALUES({','.join('?' * len(row))})", early).lastrowid
            if early != list(row):
                waiting.append((live, table, row[names_.index("data")], rowid))
            while waiting and chance.random() < 0.5:
                fill(*waiting.pop(chance.randrange(len(waiting))))
            if chance.random() < 0.4:
                scan(ledger, root)
        for each in waiting:
            fill(*each)
        scan(ledger, root)
        check(ledger, agent, name)
        scan(ledger, root)
        check(ledger, agent, name)
    finally:
        for live in opened:
            live.close()


def fill(live: sqlite3.Connection, table: str, data: Any, rowid: int | None) -> None:
    live.execute(f"UPDATE {table} SET data = ? WHERE rowid = ?", (data, rowid))
