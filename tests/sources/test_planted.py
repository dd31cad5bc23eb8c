"""Sentences are planted wherever an agent keeps a person's words; then every byte that tokenpal left is searched for them.

Every own case of every agent, and every collected case where TOKENPAL_CASES names them, is read by ``tokenpal scan`` into a real
profile. The numbers must be those of the unplanted files, and the agents' folders must be as they were: names, bytes and times,
also while another process holds a database open.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from hashlib import blake2b
from pathlib import Path
from typing import Any, Final

import pytest
import zstandard

from tests.cli.runner import Machine
from tests.sources import own_cases
from tests.sources.reference import Ledger, scan
from tests.sources.test_cases import HERE, laid_out, names as collected
from tokenpal.sources import registry
from tokenpal.sources.base import Kind
from tokenpal.store.database import Store

LOGS = [name for name, source in registry.sources().items() if source.INFO.kind is Kind.LOG and (own_cases.DATA / name).is_dir()]
SEED: Final = "quiet herons count seven kettles"
STRUCTURE: Final = re.compile(
    r"(.*type|say|role|variant|kind|event.*|method|ts|.*time.*|.*date.*|created.*|.*_at|.*at|.*id|uuid|.*uuid|.*model.*|.*provider.*|cwd|.*path.*|"
    r".*root.*|workspace.*|folder.*|.*dir|directory|version|.*version|.*branch|status|origin|source|agent.*|sessionupdate|apiprotocol|mode|op|uri|"
    r"finish.*|stop.*|.*tier.*|speed|initiator|customtype|token_type|key|scope|usagescope|limit.*|.*subagent.*|thread_source|prompt_id|cost_status|fork.*|is|session|grain|currency|slug)",
    re.IGNORECASE,
)
"""Names of values that are no words of a person: what they are is needed to read a file. All others get a sentence."""
DATABASES: Final = (".db", ".sqlite", ".sqlite3")
NUMBER: Final = re.compile(r"\s*[-+]?[\d.]+(?:e[-+]?\d+)?\s*", re.IGNORECASE)
DETAILS: Final = "</environment_details>"


class Plants:
    """A sentence for each place, found again by its number."""

    def __init__(self) -> None:
        self.count = 0

    def sentence(self) -> str:
        self.count += 1
        return f" {SEED} {self.count}"

    def value(self, name: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self.value(key, inner) for key, inner in value.items()} | self.more(value)
        if isinstance(value, list):
            return [self.value(name, inner) for inner in value]
        if not isinstance(value, str) or STRUCTURE.fullmatch(name) or NUMBER.fullmatch(value):
            return value
        if value[:1] in {"{", "["}:
            try:
                return json.dumps(self.value(name, json.loads(value)))
            except ValueError:
                pass
        return value.replace(DETAILS, self.sentence() + DETAILS) + self.sentence()

    def more(self, there: dict[str, Any]) -> dict[str, str]:
        """Where there are words already, more of them."""
        if not {"content", "text", "message", "role", "say", "messages"} & set(there):
            return {}
        return {name: self.sentence() for name in ("title", "summary", "prompt", "reasoning_text", "tool_output") if name not in there}

    def line(self, line: str) -> str:
        try:
            return json.dumps(self.value("", json.loads(line)))
        except ValueError:
            return line + self.sentence()

    def file(self, path: Path) -> None:
        if path.suffix in DATABASES:
            self.database(path)
        elif path.name.endswith(".zst"):
            content = zstandard.ZstdDecompressor().stream_reader(path.read_bytes(), read_across_frames=True).read().decode()
            path.write_bytes(zstandard.compress("".join(self.line(line) + "\n" for line in content.splitlines()).encode()))
        elif ".jsonl" in path.name:
            content = path.read_text(encoding="utf-8-sig", errors="replace")
            end = "\n" if content.endswith("\n") else ""
            path.write_text("\n".join(self.line(line) if line.strip() else line for line in content.splitlines()) + end)
        elif path.suffix == ".json":
            try:
                path.write_text(json.dumps(self.value("", json.loads(path.read_text()))))
            except ValueError:
                path.write_text(path.read_text(errors="replace").replace(DETAILS, self.sentence() + DETAILS) + self.sentence())

    def database(self, path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection:
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")]
            for table in tables:
                columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
                for rowid, *values in connection.execute(f'SELECT rowid, * FROM "{table}"').fetchall():
                    for column, value in zip(columns, values, strict=True):
                        new = self.cell(column, value)
                        if new is not value:
                            connection.execute(f'UPDATE "{table}" SET "{column}" = ? WHERE rowid = ?', (new, rowid))
            connection.commit()

    def cell(self, column: str, value: Any) -> Any:
        if isinstance(value, bytes):
            packed = value.startswith(b"\x28\xb5\x2f\xfd")
            try:
                content = zstandard.ZstdDecompressor().stream_reader(value).read() if packed else value
                planted = json.dumps(self.value(column, json.loads(content))).encode()
            except (ValueError, zstandard.ZstdError):
                return value + self.sentence().encode()
            return zstandard.compress(planted) if packed else planted
        if isinstance(value, str) and (value[:1] in {"{", "["} or not STRUCTURE.fullmatch(column)):
            return self.value(column if value[:1] not in {"{", "["} else "", value)
        return value


def planted(original: Path, to: Path, plants: Plants) -> Path:
    shutil.copytree(original, to, ignore=shutil.ignore_patterns("expected.json"))
    for path in sorted(to.rglob("*")):
        if path.is_file() and not path.is_symlink():
            times = path.stat()
            plants.file(path)
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))  # a row without a time has its file's
    return to


def everything(ledger: Ledger) -> bytes:
    """All that goes on from a source to the store."""
    kept = [ledger.records, ledger.facts, ledger.limits, ledger.problems, ledger.cursors]
    return repr(kept).encode() + b"".join(cursor.state for cursor in ledger.cursors.values())


def tree(root: Path) -> dict[str, tuple[str, int]]:
    """Names, contents and times of everything. An index of a WAL is the lock area of all who have the database open: its name only."""
    found: dict[str, tuple[str, int]] = {}
    for path in [root, *root.rglob("*")]:
        index = path.name.endswith("-shm")
        digest = blake2b(path.read_bytes()).hexdigest() if path.is_file() and not index else ""
        found[str(path)] = (digest, 0 if index else path.stat().st_mtime_ns)
    return found


@pytest.mark.parametrize("agent", LOGS)
def test_a_source_hands_on_numbers_and_names_only(agent: str, tmp_path: Path) -> None:
    plants = Plants()
    for name in own_cases.names(agent):
        plain, with_words = Ledger(registry.sources()[agent]), Ledger(registry.sources()[agent])
        original = own_cases.DATA / agent / name
        root = planted(original, tmp_path / name, plants)
        before = tree(root)
        scan(plain, original)
        scan(with_words, root)
        assert SEED.encode() not in everything(with_words), name
        assert with_words.tokens() == plain.tokens(), f"{name}: the sentences are where they do not count"
        assert len(with_words.counted()) == len(plain.counted()), name
        assert tree(root) == before, f"{name}: reading left a trace"
    assert plants.count, "nothing was planted"


def roots(tmp_path: Path, plants: Plants) -> Iterator[tuple[str, Path]]:
    for agent in LOGS:
        for name in own_cases.names(agent):
            yield agent, planted(own_cases.DATA / agent / name, tmp_path / "own" / agent / name, plants)
    for name in collected() if HERE else ():
        agent, _, case = name.partition("/")
        id_ = "roo-code" if agent == "roo-cline" else agent
        if id_ in LOGS:
            whole = planted(laid_out(name, tmp_path / "copies" / name).absolute(), tmp_path / "cases" / agent / case, plants)
            yield id_, whole


def forms() -> Iterator[bytes]:
    for text in (SEED, SEED.upper(), SEED[::-1]):
        yield text.encode()
        yield text.encode("utf-16-le")


def test_nothing_planted_is_found_again(tmp_path: Path) -> None:
    plants = Plants()
    found: dict[str, list[str]] = {}
    for agent, root in roots(tmp_path / "logs", plants):
        found.setdefault(agent, []).append(str(root))
    assert plants.count > 500
    before = tree(tmp_path / "logs")
    machine = Machine(tmp_path / "person", tmp_path / "profile")
    machine.home.mkdir()
    machine.profile.mkdir()
    (tmp_path / "tmp").mkdir()
    listed = "".join(f"{agent} = {json.dumps(folders)}\n" for agent, folders in found.items())
    (machine.profile / "settings.toml").write_text(f'[advanced]\nlog_level = "debug"\n\n[advanced.roots]\n{listed}')
    keeper = None
    printed = []
    try:
        for words in (["scan", "--json"], ["scan"], ["report", "--by", "agent", "--json"], ["sessions", "--json"], ["doctor"], ["export", str(tmp_path / "profile" / "all.jsonl")]):
            done = machine.run(*words, env={"TMPDIR": str(tmp_path / "tmp")})
            assert done.code in {0, 1}, f"{words}: {done.err}"
            printed.append(done.out + done.err)
            if keeper is None:  # as long as it is open nothing is folded in, so that the write-ahead log is searched too
                keeper = sqlite3.connect(machine.profile / "tokenpal.db")
                keeper.execute("SELECT COUNT(*) FROM usage").fetchone()
        agents = {row["key"] for row in json.loads(printed[2])["rows"]}
        assert len(agents) >= len(LOGS) - 1, f"every agent was read: {sorted(agents)}"
        files = [path for folder in (machine.profile, machine.home, tmp_path / "tmp") for path in folder.rglob("*") if path.is_file()]
        assert any(path.name.endswith("-wal") for path in files)
        for form in forms():
            for path in files:
                assert form not in path.read_bytes(), path
            for text in printed:
                assert form not in text.encode()
    finally:
        if keeper is not None:
            keeper.close()
    assert tree(tmp_path / "logs") == before, "reading left a trace in the agents' folders"


# ---------------------------------------------------------------------------------------------- while an agent writes

WRITER: Final = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
connection.execute("PRAGMA journal_mode = WAL")
connection.execute("PRAGMA wal_autocheckpoint = 0")
for sql in sys.argv[2:]:
    connection.execute(sql)
    print("done", flush=True)
    sys.stdin.readline()
"""
GROWN: Final = {
    "hermes/profiles/state.db": ("UPDATE sessions SET input_tokens = input_tokens + 11 WHERE id = 'h1'", 11),
    "zed/threads/threads/threads.db": ("UPDATE threads SET summary = summary || ' more'", 0),
    "crush/child-cost/mole/.crush/crush.db": ("UPDATE sessions SET cost = cost + 1 WHERE id = 'c1'", 0),
}


@pytest.mark.parametrize("name", GROWN)
def test_a_database_that_is_being_written_is_left_alone(name: str, tmp_path: Path) -> None:
    agent, case, *rest = name.split("/")
    root = tmp_path / "root"
    shutil.copytree(own_cases.DATA / agent / case, root, ignore=shutil.ignore_patterns("expected.json"))
    sql, grown = GROWN[name]
    ledger = Ledger(registry.sources()[agent])
    scan(ledger, root)
    before, first = tree(root), ledger.tokens().fresh_input
    command = [sys.executable, "-c", WRITER, str(root.joinpath(*rest)), "BEGIN IMMEDIATE", sql, "COMMIT"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        for step in range(3):
            assert child.stdout.readline() == "done\n"
            now = tree(root)
            scan(ledger, root)
            assert tree(root) == now, f"reading left a trace at step {step}"
            assert ledger.tokens().fresh_input == first + (grown if step == 2 else 0), "what was committed, and nothing else"
            child.stdin.write("\n")
            child.stdin.flush()
        child.communicate(timeout=60)
    scan(ledger, root)
    assert ledger.tokens().fresh_input == first + grown
    assert not ledger.problems or agent == "zed"
    assert set(tree(root)) == set(before), "the agent took its own files away, and we left none"


def test_the_store_opens_what_a_plant_would_show(tmp_path: Path) -> None:
    """The search finds a sentence that is there."""
    with Store.open(tmp_path / "t.db") as store:
        store.execute("INSERT INTO meta(key, value) VALUES('planted', ?)", (SEED,))
    assert any(SEED.encode() in path.read_bytes() for path in tmp_path.iterdir())
