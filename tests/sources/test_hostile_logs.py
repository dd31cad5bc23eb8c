"""Odd JSON, odd rows and hostile databases: a problem, never an exception, and no negative or absurd total."""

from __future__ import annotations

import json
import os
import random
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from tests.sources import own_cases
from tests.sources.reference import Ledger, scan
from tokenpal.model.usage import Problem, Superseded, UsageRecord
from tokenpal.sources.base import Cursor, Line, Piece
from tokenpal.sources.counts import IMPOSSIBLE
from tokenpal.sources.registry import sources

IDS = ("gemini-cli", "qwen-code", "opencode", "kilo", "copilot-cli", "kimi", "goose", "llm")
DATABASES = {"opencode": "opencode.db", "kilo": "kilo.db", "copilot-cli": "session-store.db", "goose": "sessions.db", "llm": "logs.db"}
ODD: list[Any] = [
    None, True, False, 0, -1, 1, 2.5, -0.0, 1e308, 2**53, 2**63, -(2**63), 10**40, "", "0", "-7", "1e999", "\ud800", "x" * 5000, "\x00", "never",
    [], {}, [[]], {"": {}}, [1, 2], [10**30, 5], "2026-03-01T10:00:00Z", 1_772_359_200_000, 1e-300, "🙂", {"id": 5}, ["a"] * 50,
]  # fmt: skip


def seeds(id_: str) -> list[tuple[str, bytes]]:
    """(path, line) of every sample: JSON lines, documents, and rows as the database reader hands them over."""
    found: list[tuple[str, bytes]] = []
    for path in sorted((own_cases.DATA / id_).rglob("*")):
        if path.suffix == ".jsonl":
            found += [(str(path), line) for line in path.read_bytes().splitlines()]
        elif path.suffix == ".json" and path.name != "expected.json":
            found.append((str(path), path.read_bytes()))
    source = sources()[id_]
    for case in own_cases.names(id_):
        ledger, lines = Ledger(source), []

        def keep(piece: Piece, lines: list[tuple[str, bytes]] = lines) -> list[Piece]:
            lines += [(piece.cursor.name, line.data) for line in piece.lines]
            return [piece]

        scan(ledger, own_cases.DATA / id_ / case, split=keep)
        found += [each for each in lines if "#" in each[0]]
    return found


SEEDS = {id_: seeds(id_) for id_ in IDS}


def bent(value: Any, chance: random.Random, much: float) -> Any:
    """The same JSON with some of its values replaced, dropped or doubled."""
    if chance.random() < much:
        return chance.choice(ODD)
    if isinstance(value, dict):
        return {key: bent(each, chance, much) for key, each in value.items() if chance.random() > much / 4}
    if isinstance(value, list):
        return [bent(each, chance, much) for each in value for _ in range(2 if chance.random() < much / 4 else 1)]
    if isinstance(value, str) and value[:1] in {"{", "["} and chance.random() < 0.7:  # JSON in a text
        try:
            return json.dumps(bent(json.loads(value), chance, much))
        except ValueError:
            return value
    return value


def check(id_: str, pieces: list[Piece]) -> None:
    source, state, ledger = sources()[id_], None, Ledger(sources()[id_])
    for piece in pieces:
        before = repr(state)
        given_state = state
        state, items = source.parse(state, piece)
        assert repr(given_state) == before, "the state that was given stays as it was"
        state = msgspec.msgpack.decode(msgspec.msgpack.encode(state), type=source.State)
        ledger.apply(items)
        for item in items:
            if isinstance(item, UsageRecord):
                counts = msgspec.structs.astuple(item.tokens)
                assert min(counts) >= 0
                assert max(counts) <= IMPOSSIBLE * 2
                assert item.tokens.reasoning <= item.tokens.output
                assert 946_684_800 <= item.at < 4_102_444_800
                assert len(item.key) == 12
                assert 0 <= item.precedence < 1 << 63
                assert item.session.startswith(f"{id_}:")
                assert all(0 < money.pico < 10**19 for money in item.money)
                msgspec.json.encode(item.session + item.model + item.folder + item.branch + item.provider)
            elif isinstance(item, Problem):
                assert item.reason.isascii()
                assert len(item.reason) < 100
            elif isinstance(item, Superseded):
                assert len(item.key) == 12
    ledger.counted()


@pytest.mark.parametrize("id_", IDS)
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32), much=st.sampled_from([0.02, 0.1, 0.4]), size=st.integers(1, 12))
def test_bent_lines(id_: str, seed: int, much: float, size: int) -> None:
    chance = random.Random(seed)
    name, _ = chance.choice(SEEDS[id_])
    of_file = [line for path, line in SEEDS[id_] if path == name] or [b"{}"]
    lines: list[Line] = []
    for number in range(size):
        data = chance.choice(of_file)
        with suppress(ValueError):
            data = json.dumps(bent(json.loads(data), chance, much)).encode("utf-8", "surrogatepass")
        if chance.random() < 0.1:
            data = data[: chance.randrange(len(data) + 1)]
        if chance.random() < 0.1 and data:
            data = data.replace(bytes([chance.choice(data)]), bytes([chance.randrange(256)]))
        lines.append(Line(number * 1000, data))
    cursor = Cursor(name, mtime_ns=chance.choice([0, -1, 1_772_359_200 * 10**9, 2**62]))
    cut = chance.randrange(len(lines) + 1)
    check(id_, [Piece(cursor, lines[:cut], first=True), Piece(cursor, lines[cut:], first=False)])


# ---------------------------------------------------------------------------------------------- databases


def looked(id_: str, folder: Path) -> Ledger:
    ledger = Ledger(sources()[id_])
    scan(ledger, folder)
    for record in ledger.counted():
        assert min(msgspec.structs.astuple(record.tokens)) >= 0
        assert max(msgspec.structs.astuple(record.tokens)) <= IMPOSSIBLE * 2
    return ledger


def sample(id_: str) -> Path:
    """The largest database among the samples of this agent."""
    return max((own_cases.DATA / id_).rglob(DATABASES[id_]), key=lambda path: (path.stat().st_size, str(path)))


def schema(id_: str) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(f"{sample(id_).as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        return connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'table'").fetchall()


@pytest.mark.parametrize("id_", DATABASES)
def test_views_instead_of_tables(id_: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / DATABASES[id_])) as connection:
        for name, sql in schema(id_):
            connection.execute(sql.replace(f"TABLE {name}", f"TABLE real_{name}").replace(f'TABLE "{name}"', f'TABLE "real_{name}"'))
            connection.execute(f"CREATE VIEW {name} AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT *, i FROM real_{name}, n")
        connection.commit()
    assert looked(id_, tmp_path).records == {}


@pytest.mark.parametrize("id_", DATABASES)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_values_of_any_type(id_: str, seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    odd = [None, -1, 0, 7, 2**62, -(2**63), 1e308, -1e-308, "", "x", "12", b"\xff\xfe", b"{}", "{", "[]", '{"tokens":{"input":1e999}}', '{"tokens":5}',
           "\x00", "NaN", "2026-03-01 10:00:00", '{"id":"m","tokens":{"input":9,"output":3},"time":{"created":1772359200000}}', "x" * 100_000]  # fmt: skip
    path = tmp_path / DATABASES[id_]
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as connection:
        for name, sql in schema(id_):
            connection.execute(sql)
            width = len(connection.execute(f"PRAGMA table_info({name})").fetchall())
            for _ in range(6):
                with suppress(sqlite3.IntegrityError):  # a number is wanted as the key
                    connection.execute(f"INSERT OR IGNORE INTO {name} VALUES({','.join('?' * width)})", [chance.choice(odd) for _ in range(width)])
        connection.commit()
    looked(id_, tmp_path)


@pytest.mark.parametrize("id_", DATABASES)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 2**32))
def test_damaged_files(id_: str, seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    content = bytearray(sample(id_).read_bytes())
    for _ in range(chance.choice([1, 5, 50])):
        at = chance.randrange(100 if chance.random() < 0.3 else len(content))
        content[at : at + chance.choice([1, 1, 4, 100])] = chance.randbytes(chance.choice([1, 1, 4, 100]))
    if chance.random() < 0.3:
        del content[chance.randrange(len(content)) :]
    path = tmp_path / DATABASES[id_]
    path.write_bytes(content)
    looked(id_, tmp_path)


@pytest.mark.parametrize("id_", DATABASES)
def test_what_is_no_database(id_: str, tmp_path: Path) -> None:
    for number, content in enumerate((b"", b"not a database at all, but long enough to be looked at\n" * 50, b"SQLite format 3\x00", b"\x00" * 5000)):
        folder = tmp_path / str(number)
        folder.mkdir()
        (folder / DATABASES[id_]).write_bytes(content)
        ledger = looked(id_, folder)
        assert ledger.records == {}
        assert all("database" in problem.reason or "damaged" in problem.reason for problem in ledger.problems)
    (tmp_path / "folder" / DATABASES[id_]).mkdir(parents=True)
    assert looked(id_, tmp_path / "folder").records == {}
    (tmp_path / "gone").mkdir()
    (tmp_path / "gone" / DATABASES[id_]).symlink_to(tmp_path / "nowhere")
    assert looked(id_, tmp_path / "gone").records == {}
    if hasattr(os, "mkfifo"):
        (tmp_path / "pipe").mkdir()
        os.mkfifo(tmp_path / "pipe" / DATABASES[id_])
        assert looked(id_, tmp_path / "pipe").records == {}
