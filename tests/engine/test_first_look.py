"""The first look of a running app is taken in the engine's loop: it must not wait for a program that holds its database."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.engine.logs import totals
from tokenpal.engine import scan
from tokenpal.engine.shared import make_rulebook
from tokenpal.sources import crush, livedb, llm
from tokenpal.sources.base import Context
from tokenpal.store.database import Store

ROW = "INSERT INTO responses VALUES (?, 'gpt-5', '2026-07-01T10:00:00', 100, 10)"


def test_a_database_is_opened_outside_the_loop_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "home" / ".config" / "io.datasette.llm"
    folder.mkdir(parents=True)
    agent = sqlite3.connect(folder / "logs.db", isolation_level=None)
    agent.execute("CREATE TABLE responses (id TEXT PRIMARY KEY, model TEXT, datetime_utc TEXT, input_tokens INTEGER, output_tokens INTEGER)")
    agent.execute(ROW, ("one",))
    opened: list[Path] = []
    monkeypatch.setattr(livedb, "_connect", _noting(opened, livedb._connect))
    memory: dict[int, dict[str, Any]] = {}
    with Store.open(tmp_path / "t.db") as store:
        ask, rules = scan.here(store), make_rulebook(store, tmp_path / "home", lambda: int(time.time()))
        [target] = scan.find(ask, [llm], scan.Wanted(tmp_path / "home", {}))  # type: ignore[list-item]  # a module is a Source
        how: dict[str, Any] = {"polite": True, "now": lambda: int(time.time()) + 10, "memory": memory}

        def one() -> scan.One:
            return scan.One(ask, target, rules, lambda _: None, lambda: False, full=False, **how)

        assert one().run().records == 1
        opened.clear()
        assert not one().begin()
        assert opened == [], "nothing changed: nothing is opened"

        agent.execute(ROW, ("two",))
        agent.execute("BEGIN EXCLUSIVE")  # whoever reads now waits
        changed = one()
        assert changed.begin()
        assert opened == [], "the loop goes on, whatever the agent does with its database"
        agent.execute("COMMIT")
        part = changed.run()
        assert (part.records > 0, part.problems, part.skipped) == (True, 0, "")
        assert opened
        assert totals(store)[0][0] == 2
        assert not one().begin()
    agent.close()


def _noting(opened: list[Path], connect: Callable[..., Any]) -> Callable[..., Any]:
    def noted(path: Path, *rest: Any) -> Any:
        opened.append(path)
        return connect(path, *rest)

    return noted


def test_a_quiet_look_lists_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was walked once is only asked whether it changed."""
    for name in ("a/b", "c"):
        (tmp_path / "crush" / name).mkdir(parents=True)
    old = time.time() - 3600
    for path in (tmp_path / "crush", *(tmp_path / "crush").rglob("*")):
        os.utime(path, (old, old))
    listed: list[str] = []
    scandir = os.scandir
    memory: dict[str, Any] = {}

    def noted(folder: Any) -> Any:
        listed.append(str(folder))
        return scandir(folder)

    async def once(*, full: bool) -> int:
        context = Context(1, tmp_path / "crush", "", {}, lambda: int(time.time()), full_walk=full, memory=memory)
        return len([piece async for piece in crush.fetch(context)])

    def run(*, full: bool) -> int:
        with pytest.raises(StopIteration) as ended:
            once(full=full).send(None)
        return int(ended.value.value)

    monkeypatch.setattr(os, "scandir", noted)
    assert run(full=True) == 0
    assert len(listed) == 4
    assert run(full=False) == 0
    assert len(listed) == 4
    (tmp_path / "crush" / "c" / "crush.db").write_bytes(b"")
    assert run(full=False) == 1
    assert listed[4:] == [str(tmp_path / "crush" / "c")]
