"""The reader of agents' databases: what it reads again, what it leaves alone, and that nobody notices it (agent-logs 2.4)."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tokenpal.sources import livedb
from tokenpal.sources.base import Context, Cursor, Piece
from tokenpal.sources.livedb import Column, Condition, Table, plain, read

CALLS = Table("calls", plain("id", "tokens", "missing"), needs=("id",), id="id", unfinished="tokens IS NULL")


class Reader:
    """Looks as a source does, and keeps the cursors."""

    def __init__(self, path: Path, *tables: Table) -> None:
        self.path, self.tables = path, tables or (CALLS,)
        self.cursors: dict[str, Cursor] = {}
        self.pieces: list[Piece] = []

    def look(self, now: int = 4_000_000_000) -> list[dict[str, Any]]:
        self.pieces = list(read(self.path, self.tables, Context(1, self.path.parent, "", self.cursors, lambda: now)))
        self.cursors |= {piece.cursor.name: piece.cursor for piece in self.pieces}
        return [msgspec.json.decode(line.data) for piece in self.pieces for line in piece.lines]

    def reasons(self) -> list[str]:
        return [problem.reason for piece in self.pieces for problem in piece.problems]


@pytest.fixture
def agent(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("CREATE TABLE calls(id TEXT PRIMARY KEY, tokens INTEGER, prompt TEXT)")
    yield connection
    connection.close()


def add(connection: sqlite3.Connection, first: int, count: int, tokens: int | None = 1) -> None:
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO calls VALUES(?, ?, 'text of the person')", [(f"c{n}", tokens) for n in range(first, first + count)])
    connection.execute("COMMIT")


def test_only_the_named_columns_that_exist(agent: sqlite3.Connection, tmp_path: Path) -> None:
    add(agent, 0, 2)
    assert Reader(tmp_path / "a.db").look() == [{"table": "calls", "id": "c0", "tokens": 1}, {"table": "calls", "id": "c1", "tokens": 1}]


def test_new_rows_an_overlap_and_nothing_when_nothing_changed(agent: sqlite3.Connection, tmp_path: Path) -> None:
    add(agent, 0, 5000)
    reader = Reader(tmp_path / "a.db")
    assert len(reader.look()) == 5000
    assert [len(piece.lines) for piece in reader.pieces] == [2000, 2000, 1000]
    assert [piece.first for piece in reader.pieces] == [True, False, False]
    assert reader.look() == []
    assert reader.pieces == []
    add(agent, 5000, 3)
    found = reader.look()
    assert len(found) == livedb.OVERLAP + 3
    assert not reader.pieces[0].first
    assert found[-1]["id"] == "c5002"


def test_a_row_filled_in_long_after_is_seen(agent: sqlite3.Connection, tmp_path: Path) -> None:
    add(agent, 0, 1, tokens=None)
    reader = Reader(tmp_path / "a.db")
    reader.look()
    add(agent, 1, 3000)
    reader.look()
    agent.execute("UPDATE calls SET tokens = 77 WHERE id = 'c0'")
    assert {"table": "calls", "id": "c0", "tokens": 77} in reader.look()
    add(agent, 4000, 1)
    assert "c0" not in {row["id"] for row in reader.look()}, "it is finished now"


def test_rows_numbered_anew_are_read_from_the_start(agent: sqlite3.Connection, tmp_path: Path) -> None:
    add(agent, 0, 3000)
    reader = Reader(tmp_path / "a.db")
    reader.look()
    agent.execute("DELETE FROM calls WHERE rowid <= 2990")
    agent.execute("CREATE TABLE fresh(id TEXT PRIMARY KEY, tokens INTEGER, prompt TEXT)")  # as migrations do
    agent.execute("INSERT INTO fresh(id, tokens, prompt) SELECT id, tokens, prompt FROM calls ORDER BY rowid")
    agent.execute("DROP TABLE calls")
    agent.execute("ALTER TABLE fresh RENAME TO calls")
    add(agent, 3000, 5)
    assert [row["id"] for row in reader.look()] == [f"c{n}" for n in range(2990, 3005)]
    assert reader.pieces[0].first


def test_a_replaced_file_is_read_from_the_start(agent: sqlite3.Connection, tmp_path: Path) -> None:
    add(agent, 0, 10)
    agent.close()
    reader = Reader(tmp_path / "a.db")
    reader.look()
    with closing(sqlite3.connect(tmp_path / "b.db")) as other:
        other.execute("CREATE TABLE calls(id TEXT, tokens INTEGER)")
        other.execute("INSERT INTO calls VALUES('other', 5)")
        other.commit()
    (tmp_path / "b.db").replace(tmp_path / "a.db")
    assert [row["id"] for row in reader.look()] == ["other"]
    assert reader.pieces[0].first


def test_a_file_that_changed_a_moment_ago_is_looked_at_again(agent: sqlite3.Connection, tmp_path: Path) -> None:
    """It may change again without a new time."""
    add(agent, 0, 1)
    reader = Reader(tmp_path / "a.db")
    written = int((tmp_path / "a.db-wal").stat().st_mtime)
    assert len(reader.look(written)) == len(reader.look(written)) == 1
    assert len(reader.look(written + 60)) == 1
    assert reader.look(written + 60) == []


def test_tables_that_are_missing_or_are_no_tables(agent: sqlite3.Connection, tmp_path: Path) -> None:
    agent.execute("CREATE VIEW seen AS SELECT * FROM calls")
    agent.execute("CREATE TABLE narrow(x)")
    tables = (Table("gone", plain("id")), Table("seen", plain("id")), Table("narrow", plain("id"), needs=("id",)))
    reader = Reader(tmp_path / "a.db", *tables)
    assert reader.look() == []
    assert reader.reasons() == []
    assert reader.look() == []
    assert reader.pieces == [], "what is not there is not looked for again until the file changes"
    agent.execute("CREATE TABLE gone(id)")
    agent.execute("INSERT INTO gone VALUES(4)")
    assert reader.look() == [{"table": "gone", "id": 4}]


def test_tables_without_rowid_and_whole_tables(agent: sqlite3.Connection, tmp_path: Path) -> None:
    agent.execute("CREATE TABLE keyed(id TEXT PRIMARY KEY, n) WITHOUT ROWID")
    agent.execute("INSERT INTO keyed VALUES('b', 1), ('a', 2)")
    reader = Reader(tmp_path / "a.db", Table("keyed", plain("id", "n")), Table("calls", plain("id"), grows=False))
    assert sorted(row["id"] for row in reader.look()) == ["a", "b"]
    agent.execute("UPDATE keyed SET n = 9")
    assert [row["n"] for row in reader.look()] == [9, 9]


def test_columns_and_conditions_that_ask_other_tables(agent: sqlite3.Connection, tmp_path: Path) -> None:
    add(agent, 0, 2)
    owner = Column("owner", "(SELECT o.name FROM owners o WHERE o.id = calls.id)", also=(("owners", "name"),))
    table = Table("calls", (*plain("id"), owner), conditions=(Condition("id NOT IN (SELECT id FROM hidden)", (("hidden", "id"),)),))
    assert Reader(tmp_path / "a.db", table).look() == [{"table": "calls", "id": "c0"}, {"table": "calls", "id": "c1"}]
    agent.execute("CREATE TABLE owners(id, name)")
    agent.execute("INSERT INTO owners VALUES('c1', 'someone')")
    agent.execute("CREATE TABLE hidden(id)")
    agent.execute("INSERT INTO hidden VALUES('c0')")
    assert Reader(tmp_path / "a.db", table).look() == [{"table": "calls", "id": "c1", "owner": "someone"}]


def test_an_endless_question_is_given_up(agent: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(livedb, "QUERY_SECONDS", 0.05)
    add(agent, 0, 1)
    endless = Column("n", "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT MAX(i) FROM n)")
    reader = Reader(tmp_path / "a.db", Table("calls", (endless,)), Table("sqlite_sequence", plain("seq")))
    assert reader.look() == []
    assert reader.reasons() == ["table calls cannot be read: it takes too long"]


def test_a_table_that_fails_goes_on_where_it_was(agent: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(livedb, "QUERY_SECONDS", 0.05)
    agent.execute("CREATE TABLE slow(n)")
    add(agent, 0, 1000)
    endless = "(WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE (SELECT COUNT(*) FROM slow) > 0) SELECT MAX(i) FROM n)"
    reader = Reader(tmp_path / "a.db", Table("calls", (*plain("id"), Column("n", endless)), id="id"))
    assert len(reader.look()) == 1000
    agent.execute("INSERT INTO slow VALUES(1)")
    assert reader.look() == []
    assert reader.reasons() == ["table calls cannot be read: it takes too long"]
    agent.execute("DELETE FROM slow")
    add(agent, 1000, 1)
    assert len(reader.look()) == livedb.OVERLAP + 1
    assert not reader.pieces[0].first


def test_rows_beyond_all_bounds(agent: sqlite3.Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(livedb, "MOST_BYTES", 10_000)
    agent.execute("BEGIN")
    agent.executemany("INSERT INTO calls VALUES(?, 1, ?)", [(f"c{n}", "x" * 900) for n in range(50)])
    agent.execute("COMMIT")
    reader = Reader(tmp_path / "a.db", Table("calls", plain("id", "prompt")))
    assert len(reader.look()) == 50
    assert len(reader.pieces) > 3, "a piece is never larger than that"
    reader = Reader(tmp_path / "a.db", Table("calls", plain("id", "prompt"), grows=False))
    assert len(reader.look()) < 50
    assert reader.reasons() == ["is too large; the rest was left out"]


def test_a_locked_database_is_a_problem_and_read_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(livedb, "BUSY_SECONDS", 0.05)
    connection = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    connection.execute("CREATE TABLE calls(id TEXT, tokens INTEGER)")
    connection.execute("BEGIN EXCLUSIVE")
    connection.execute("INSERT INTO calls VALUES('a', 1)")
    reader = Reader(tmp_path / "a.db")
    assert reader.look() == []
    assert reader.reasons() == ["cannot be read: the agent is busy with it"]
    connection.execute("COMMIT")
    assert [row["id"] for row in reader.look()] == ["a"]
    connection.close()
