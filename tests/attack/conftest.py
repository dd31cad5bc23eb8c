"""A machine whose logs are partly hostile, and the truth about its healthy ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.cli.runner import Machine, codex_lines, response, write_claude, write_codex

THREAD = "0197aaaa-0000-7000-8000-00000000000c"
AT = "2026-11-20T10:00:00.000Z"


class Victim(Machine):
    """Two healthy logs, one for each agent; hostile ones are put beside them."""

    def fill(self) -> None:
        self.home.mkdir(exist_ok=True)
        write_claude(self.home, "healthy", [response("healthy", number, f"2026-11-20T1{number}:00:00Z") for number in range(5)])
        write_codex(self.home, THREAD, codex_lines(THREAD, "2026-11-20T12:00:00.000Z"))

    @property
    def claude(self) -> Path:
        return self.home / ".claude" / "projects" / "-nowhere-shop"

    @property
    def codex(self) -> Path:
        return self.home / ".codex" / "sessions" / "2026" / "11" / "20"

    def scan(self) -> dict[str, Any]:
        """A scan that must succeed, told on nothing but standard output, and whose repetition reads nothing new."""
        first = self.run("scan", "--json")
        assert (first.code, first.err) == (0, ""), first.err
        found: dict[str, Any] = first.json
        assert not [part["skipped"] for part in found["agents"] if part["skipped"]], found
        assert self.run("scan", "--json").json["records"] == 0, "the second scan counted something again"
        return found

    def requests(self) -> dict[str, int]:
        """Requests by session, as the sessions and the report tell them."""
        sessions = {row["id"].partition(":")[2]: row["requests"] for row in self.json("sessions")}
        assert sum(sessions.values()) == self.json("report", "--by", "agent")["total"]["requests"]
        return sessions

    def assert_healthy(self, **more: int) -> None:
        """Everything healthy is there, exactly, and besides only ``more``: session -> requests."""
        assert self.requests() == {"healthy": 5, THREAD: 1, **{name.replace("_", "-"): count for name, count in more.items()}}


@pytest.fixture
def victim(tmp_path: Path) -> Victim:
    victim = Victim(tmp_path / "home", tmp_path / "profile")
    victim.fill()
    return victim


def row(session: str, number: int = 1, at: str = AT, **usage: Any) -> dict[str, Any]:
    """A response of Claude Code to be spoilt."""
    found: dict[str, Any] = json.loads(response(session, number, at))
    found["message"]["usage"].update(usage)
    return found


def needs_root() -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting needs root on Linux")


@pytest.fixture
def mounted() -> Iterator[list[Path]]:
    """Folders to be unmounted at the end."""
    folders: list[Path] = []
    yield folders
    for folder in folders:
        subprocess.run(["umount", "--lazy", str(folder)], check=False, capture_output=True)


def mount(folders: list[Path], *words: str | Path) -> None:
    if subprocess.run(["mount", *map(str, words)], capture_output=True, check=False).returncode:
        pytest.skip("mounting is not allowed here")
    folders.append(Path(words[-1]))
