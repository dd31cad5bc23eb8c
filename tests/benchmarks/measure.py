"""Whole processes measured in turn (A B A B ...), one uncounted round, medians (performance, Method)."""

from __future__ import annotations

import os
import shutil
import statistics
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec


class Cost(msgspec.Struct, frozen=True):
    """One run of a process: seconds of wall and of CPU time, peak memory in MB."""

    wall: float
    cpu: float
    peak: float


class Line(msgspec.Struct, frozen=True):
    """One line of the table. ``ratio`` is figure / yardstick, but for what is judged by itself."""

    name: str
    figure: str
    yardstick: str
    ratio: float | None
    limit: float | None
    aim: float | None
    note: str = ""

    @property
    def verdict(self) -> str:
        if self.ratio is None or self.limit is None:
            return "skipped" if self.ratio is None else ""
        if self.aim is not None and self.ratio <= self.aim:
            return "aim"
        return "ok" if self.ratio <= self.limit else "TOO MUCH"


class Failed(Exception):
    """A process did not end well, or its answer is wrong: then its speed means nothing."""


def run(command: Sequence[str], env: Mapping[str, str] | None = None) -> Cost:
    """Run to the end, output thrown away. Raises Failed for any exit code but 0 and 1 (ripgrep's "found nothing")."""
    devnull = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    start = time.perf_counter()
    pid = os.posix_spawnp(command[0], list(command), dict(env or os.environ), file_actions=devnull)
    _, status, used = os.wait4(pid, 0)
    wall = time.perf_counter() - start
    if os.waitstatus_to_exitcode(status) not in {0, 1}:
        raise Failed(f"{command[0]} ended with {os.waitstatus_to_exitcode(status)}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


def in_turn(rounds: int, *ways: Callable[[], Cost]) -> list[list[Cost]]:
    """Costs by way: one uncounted round, then ``rounds`` of each in turn."""
    for way in ways:
        way()
    found: list[list[Cost]] = [[] for _ in ways]
    for _ in range(rounds):
        for number, way in enumerate(ways):
            found[number].append(way())
    return found


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """The median of the rounds' own ratios: what slows a whole round down leaves it alone."""
    return statistics.median(a / b for a, b in zip(ours, theirs, strict=True))


def median(values: Sequence[float]) -> float:
    return statistics.median(values)


def python(*arguments: str) -> list[str]:
    return [sys.executable, *arguments]


def environment(home: Path, data: Path, **more: str) -> dict[str, str]:
    """A machine with nothing but this home folder."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "LANG", "LD_LIBRARY_PATH", "SYSTEMROOT", "TEMP", "TMP"}}
    here = str(Path(__file__).parent.parent.parent)
    return {**kept, "HOME": str(home), "TOKENPAL_HOME": str(data), "TZ": "UTC", "PYTHONPATH": here, "PYTHONDONTWRITEBYTECODE": "1", **more}


def ripgrep() -> str | None:
    """ripgrep, on the path or beside this Python (``pip install ripgrep``); RG names another one."""
    beside = shutil.which("rg", path=sysconfig.get_path("scripts"))
    return os.environ.get("RG") or beside or shutil.which("rg")
