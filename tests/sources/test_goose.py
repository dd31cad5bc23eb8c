"""Goose: every rule of agent-logs 7.4 on the project's own cases, and totals that grow between looks."""

from __future__ import annotations

import shutil
import sqlite3
from itertools import permutations
from pathlib import Path

import pytest

from tests.sources import own_cases
from tests.sources.reference import Ledger, scan
from tokenpal.sources import goose

AGENT = "goose"
TABLE = (
    "CREATE TABLE sessions(id TEXT PRIMARY KEY, created_at TEXT, updated_at TEXT, accumulated_total_tokens INTEGER,"
    " accumulated_input_tokens INTEGER, accumulated_output_tokens INTEGER, accumulated_cost REAL)"
)


@pytest.mark.parametrize("name", own_cases.names(AGENT))
def test_case(name: str) -> None:
    own_cases.check_at_once(goose, AGENT, name)


def put(folder: Path, updated: str, given: int, made: int, cost: float) -> None:
    folder.mkdir(exist_ok=True)
    with sqlite3.connect(folder / "sessions.db") as connection:
        connection.execute(TABLE.replace("TABLE", "TABLE IF NOT EXISTS"))
        connection.execute("INSERT OR REPLACE INTO sessions VALUES('s', '2026-03-01 10:00:00', ?, ?, ?, ?, ?)", (updated, given + made, given, made, cost))
    connection.close()


def test_totals_are_booked_when_they_grew(tmp_path: Path) -> None:
    ledger = Ledger(goose)
    for updated, given, made, cost in (("2026-03-01 10:05:00", 100, 10, 0.5), ("2026-03-02 09:00:00", 100, 10, 0.5), ("2026-03-02 10:00:00", 300, 40, 1.5)):
        put(tmp_path, updated, given, made, cost)
        scan(ledger, tmp_path)
    found = [own_cases.fields(AGENT, record) for record in ledger.counted()]
    assert [(each["at"][:10], each["fresh_input"], each["output"], each["cost"]) for each in found] == [
        ("2026-03-01", 100, 10, "0.5"), ("2026-03-02", 200, 30, "1"),
    ]  # fmt: skip


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_looks_that_are_lost_or_made_twice_change_no_total(order: tuple[int, ...], tmp_path: Path) -> None:
    """Three copies of one database, looked at when its totals were different, forgotten in between, read in any order."""
    ledger = Ledger(goose)
    put(tmp_path / "a", "2026-03-01 10:05:00", 100, 10, 0)
    scan(ledger, tmp_path / "a")
    for name, totals in (("b", (150, 15)), ("c", (400, 40))):
        shutil.copytree(tmp_path / "a", tmp_path / name)
        put(tmp_path / name, "2026-03-01 11:00:00", *totals, 0)
    put(tmp_path / "a", "2026-03-01 12:00:00", 300, 30, 0)
    for index in order:
        scan(ledger, tmp_path / "abc"[index])
    ledger.cursors.clear()
    put(tmp_path / "a", "2026-03-01 13:00:00", 500, 50, 0)
    for name in "abc":
        scan(ledger, tmp_path / name)
    assert (ledger.tokens().fresh_input, ledger.tokens().output) == (500, 50)


def test_roots(tmp_path: Path) -> None:
    nowhere = goose.roots(tmp_path, {})
    assert tmp_path / ".local" / "share" / "goose" / "sessions" in nowhere
    assert tmp_path / "Library" / "Application Support" / "Block" / "goose" / "sessions" in nowhere
    assert tmp_path / "x" / "Block" / "goose" / "sessions" in goose.roots(tmp_path, {"APPDATA": str(tmp_path / "x")})
    for place in (".local/share/Block/goose/sessions", "moved/data/sessions"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "sessions.db").write_bytes(b"")
    assert goose.roots(tmp_path, {}) == (tmp_path / ".local" / "share" / "Block" / "goose" / "sessions",)
    assert goose.roots(tmp_path, {"GOOSE_PATH_ROOT": str(tmp_path / "moved")}) == (tmp_path / "moved" / "data" / "sessions",)


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("name", ["ledger", "unexplained", "totals"])
def test_rows_in_any_order(name: str, seed: int, tmp_path: Path) -> None:
    own_cases.check_rows_growing(goose, "goose", name, seed, tmp_path)
