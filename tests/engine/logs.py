"""Made-up agent logs, and engines that listen to nothing but them."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tokenpal.engine.engine import Engine
from tokenpal.model.events import Event
from tokenpal.settings import Settings
from tokenpal.store.database import Store
from tokenpal.system.paths import Paths, inside

DEADLINE = 60.0


def line(session: str, number: int, *, day: int = 1, output: int = 310, folder: str = "/nowhere/shop") -> str:
    """One response of Claude Code."""
    return json.dumps(
        {
            "type": "assistant",
            "uuid": f"{session}-{number}",
            "sessionId": session,
            "timestamp": f"2026-07-{day:02}T{10 + number // 3600:02}:{number // 60 % 60:02}:{number % 60:02}.500Z",
            "cwd": folder,
            "gitBranch": "main",
            "version": "2.1.200",
            "isSidechain": False,
            "requestId": f"req-{session}-{number}",
            "message": {
                "id": f"msg-{session}-{number}",
                "type": "message",
                "role": "assistant",
                "model": "claude-sonnet-4-5",
                "content": [],
                "usage": {"input_tokens": 4, "cache_creation_input_tokens": 100, "cache_read_input_tokens": 3000, "output_tokens": output},
            },
        }
    )


def write(home: Path, files: int, lines: int, *, first: int = 0) -> Path:
    """``files`` sessions of ``lines`` responses below ``home``; returns their folder."""
    folder = home / ".claude" / "projects" / "-nowhere-shop"
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + files):
        session = f"00000000-0000-4000-8000-{number:012}"
        text = "\n".join(line(session, index, day=1 + number % 28) for index in range(lines)) + "\n"
        (folder / f"{session}.jsonl").write_text(text)
    return folder


def totals(store: Store) -> list[tuple[Any, ...]]:
    """Everything that counts, by segment; and the same from the records themselves."""
    return [
        store.execute("SELECT COUNT(*), SUM(output), SUM(cache_read), SUM(list_pico) FROM usage WHERE counted = 1").fetchone(),
        store.execute("SELECT SUM(records), SUM(requests), SUM(output), SUM(cache_read), SUM(list_pico) FROM by_segment").fetchone(),
        store.execute("SELECT SUM(records), SUM(requests), SUM(output), SUM(cache_read), SUM(list_pico) FROM by_day").fetchone(),
        *store.execute("SELECT s.key, g.branch, SUM(b.output) FROM by_segment b JOIN segment g ON g.id = b.segment"
                       " JOIN session s ON s.id = g.session GROUP BY 1, 2 ORDER BY 1, 2").fetchall(),
    ]  # fmt: skip


def wait_for(condition: Callable[[], Any], what: str = "") -> Any:
    """Poll until it holds; a deadline that only a hang can miss."""
    end = time.monotonic() + DEADLINE
    while not (found := condition()):
        assert time.monotonic() < end, what or "it never happened"
        threading.Event().wait(0.005)
    return found


class Heard(list[Event]):
    """The events of an engine."""

    def of(self, kind: type) -> list[Any]:
        return [event for event in list(self) if isinstance(event, kind)]


@contextmanager
def running(home: Path, **how: Any) -> Iterator[tuple[Engine, Heard]]:
    """An engine of its own folder below ``home``, stopped at the end."""
    heard = Heard()
    profile: Paths = how.pop("paths", None) or inside(home / "tokenpal")
    settings = how.pop("settings", None) or Settings()
    engine = Engine(profile, settings, home=home, env={}, **how)
    engine.start(heard.append)
    try:
        yield engine, heard
    finally:
        assert engine.stop(20), "the engine left something behind"
