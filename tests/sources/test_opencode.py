"""OpenCode and Kilo CLI: every rule of agent-logs 6 on the project's own cases, and what files at rest cannot show."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.sources import own_cases
from tests.sources.agent_writer import data
from tests.sources.reference import Ledger, scan
from tokenpal.sources import opencode, opencode_tables
from tokenpal.sources.registry import sources

CASES = [(agent, name) for agent in ("opencode", "kilo") for name in own_cases.names(agent)]


@pytest.mark.parametrize(("agent", "name"), CASES)
def test_case(agent: str, name: str) -> None:
    own_cases.check_at_once(sources()[agent], agent, name)


def test_roots(tmp_path: Path) -> None:
    for agent, variable in (("opencode", "OPENCODE_DATA_DIR"), ("kilo", "KILO_DATA_DIR")):
        share = tmp_path / ".local" / "share" / agent
        assert sources()[agent].roots(tmp_path, {}) == (share,)
        moved = {variable: f"{tmp_path / 'a'}, {tmp_path / 'b'}", "XDG_DATA_HOME": str(tmp_path / "xdg")}
        assert sources()[agent].roots(tmp_path, moved) == (tmp_path / "a", tmp_path / "b", tmp_path / "xdg" / agent, share)
        assert sources()[agent].roots(tmp_path, {"XDG_DATA_HOME": str(tmp_path / ".local" / "share")}) == (share,)


@pytest.mark.parametrize("seed", range(2))
def test_reading_while_the_agent_writes(seed: int, tmp_path: Path) -> None:
    """A process inserts and updates rows: nothing lost, nothing double, the writer not held up, no file of it changed by us."""
    folder = tmp_path / "data"
    folder.mkdir()
    database, messages = folder / "opencode.db", 1500
    command = [sys.executable, "-m", "tests.sources.agent_writer", str(database), str(messages), str(seed)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as writer:
        assert writer.stdin is not None
        assert writer.stdout is not None
        assert writer.stdout.readline() == "started\n"
        ledger, looks, outputs = Ledger(opencode), 0, [0]
        told: list[str] = []
        reader = threading.Thread(target=lambda: told.append(writer.stdout.readline()))  # type: ignore[union-attr]  # asserted above
        reader.start()
        while reader.is_alive():
            scan(ledger, folder, now=int(time.time()))
            looks += 1
            outputs.append(ledger.tokens().output)
            assert outputs[-1] >= outputs[-2], "what was counted stays counted"
            assert len({record.key for record in ledger.counted()}) == len(ledger.counted())
        reader.join()
        truth = json.loads(told[0])
        scan(ledger, folder, now=int(time.time()))
        before = {path.name: path.read_bytes() for path in folder.iterdir()}
        again = Ledger(opencode)
        scan(again, folder, now=int(time.time()))
        after = {path.name: path.read_bytes() for path in folder.iterdir()}
        assert before.keys() == after.keys() == {"opencode.db", "opencode.db-wal", "opencode.db-shm"}
        assert (before["opencode.db"], before["opencode.db-wal"]) == (after["opencode.db"], after["opencode.db-wal"])
        writer.stdin.close()
        assert writer.wait(60) == 0
    for each in (ledger, again):
        found = (len(each.counted()), each.tokens().fresh_input, each.tokens().output)
        assert found == (truth["events"], truth["fresh_input"], truth["output"])
        assert each.problems == []
    assert looks >= 3, "it was looked at while it was written"
    rest = Ledger(opencode)
    scan(rest, folder)
    assert rest.tokens() == ledger.tokens()
    assert {path.name for path in folder.iterdir()} == {"opencode.db"}, "no file beside the database of an agent that ended"


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(("agent", "name"), [case for case in CASES if case[1] != "odd"])
def test_rows_in_any_order_and_filled_in_later(agent: str, name: str, seed: int, tmp_path: Path) -> None:
    own_cases.check_rows_growing(sources()[agent], agent, name, seed, tmp_path)


def test_a_table_whose_rows_were_numbered_anew(tmp_path: Path) -> None:
    """After most rows were removed and the table was made anew, new rows have numbers that were read before."""
    connection = sqlite3.connect(tmp_path / "opencode.db", isolation_level=None)
    connection.execute("CREATE TABLE message(id TEXT PRIMARY KEY, session_id TEXT NOT NULL, data TEXT NOT NULL)")

    def add(first: int, count: int) -> None:
        rows = [(f"msg_{n}", "s", data(n, 2, 10, 2)) for n in range(first, first + count)]
        connection.execute("BEGIN")
        connection.executemany("INSERT INTO message VALUES(?, ?, ?)", rows)
        connection.execute("COMMIT")

    add(0, 3000)
    ledger = Ledger(opencode)
    scan(ledger, tmp_path)
    connection.execute("DELETE FROM message WHERE rowid <= 2990")
    for statement in ("CREATE TABLE fresh(id TEXT PRIMARY KEY, session_id TEXT NOT NULL, data TEXT NOT NULL)", "INSERT INTO fresh(id, session_id, data) SELECT id, session_id, data FROM message ORDER BY rowid",
                      "DROP TABLE message", "ALTER TABLE fresh RENAME TO message"):  # fmt: skip  # as migrations do
        connection.execute(statement)
    add(3000, 700)
    scan(ledger, tmp_path)
    connection.close()
    assert ledger.tokens().fresh_input == 37_000


def test_nothing_private_is_asked_for() -> None:
    """The same database holds accounts with tokens and mail, titles and texts (agent-logs 6.3)."""
    asked = repr(opencode_tables.TABLES)
    assert not [word for word in ("account", "credential", "share", "title", "'part'", "summary", "error", "content") if word in asked]
    assert {table.name for table in opencode_tables.TABLES} == {"message", "session_message", "session", "session_v2"}
