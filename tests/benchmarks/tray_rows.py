"""The app itself under a private X server: start to the icon, idle memory and wake-ups, against a bare tray."""

from __future__ import annotations

import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.benchmarks.measure import Cost, Failed, Line, environment, in_turn, median, median_ratio, python, run

HOST = Path(__file__).parent.parent / "desktop" / "tray_host.py"
BARE = str(Path(__file__).parent / "bare_tray.py")
TOOLS = ("Xvfb", "dbus-daemon")
IDLE_SECONDS = 300  # decisions 8
SETTLE_SECONDS = 60


@contextmanager
def screen(folder: Path) -> Iterator[dict[str, str]]:
    """An X server, a session bus and a tray host that end with the block; yields the environment."""
    env = environment(folder, folder / "data", LANG="C.UTF-8", XDG_RUNTIME_DIR=str(folder))
    with ExitStack() as stack:

        def start(*command: str) -> str:
            process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
            stack.callback(process.wait, 10)
            stack.callback(process.terminate)
            assert process.stdout is not None
            ready, _, _ = select.select([process.stdout], [], [], 20)
            if not ready:
                raise Failed(f"{command[0]} did not start")
            return process.stdout.readline().strip()

        env["DISPLAY"] = ":" + start("Xvfb", "-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp", "-noreset")
        env["DBUS_SESSION_BUS_ADDRESS"] = start("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1")
        start(sys.executable, "-u", str(HOST))
        yield env


def missing() -> str:
    return ", ".join(tool for tool in TOOLS if not shutil.which(tool))


def started(full: bool, rounds: int) -> Iterator[Line]:
    """CPU until the icon is there, and the process ends."""
    del full
    if lacking := missing():
        yield Line("start to the tray icon", "", f"{lacking} is not installed", None, 1.5, 1.25)
        return
    with tempfile.TemporaryDirectory() as folder, screen(Path(folder)) as env:

        def ours() -> Cost:
            return run(python("-m", "tokenpal", "--exit-after-tray"), env)

        def bare() -> Cost:
            return run(python(BARE), env)

        mine, theirs = in_turn(rounds, ours, bare)
        ratio = median_ratio([each.cpu for each in mine], [each.cpu for each in theirs])
        ms, base = median([each.cpu for each in mine]) * 1e3, median([each.cpu for each in theirs]) * 1e3
        yield Line("start to the tray icon", f"{ms:.0f} ms CPU", f"{base:.0f} ms bare tray", ratio, 1.5, 1.25)


def idle(full: bool, rounds: int) -> Iterator[Line]:
    """Memory and wake-ups of a second, once the app has settled; five minutes with --full, else half a minute."""
    del rounds
    if lacking := missing():
        yield Line("idle memory", "", f"{lacking} is not installed", None, 1.9, 1.5)
        return
    seconds, settle = (IDLE_SECONDS, SETTLE_SECONDS) if full else (30, 15)
    with tempfile.TemporaryDirectory() as folder, screen(Path(folder)) as env, ExitStack() as stack:
        processes = []
        for command in (python("-m", "tokenpal", "--background"), python(BARE, "--stay")):
            process = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)
            processes.append(process)
        time.sleep(settle)
        before = [_woken(each.pid) for each in processes]
        time.sleep(seconds)
        after = [_woken(each.pid) for each in processes]
        memory = [_memory(each.pid) for each in processes]
        if any(each.poll() is not None for each in processes):
            raise Failed("a process ended by itself")
    wakes = [(b - a) / seconds for a, b in zip(before, after, strict=True)]
    note = "" if full else f"over {seconds} s; --full takes five minutes"
    yield Line("idle memory", f"{memory[0]:.0f} MB", f"{memory[1]:.0f} MB bare tray", memory[0] / memory[1], 1.9, 1.5, note)
    yield Line("idle wake-ups a second", f"{wakes[0]:.2f}", f"{wakes[1]:.2f} bare tray", wakes[0], 0.2, 0.05, note)


def _woken(pid: int) -> int:
    """How often all threads of a process went to sleep of their own accord."""
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        for line in Path(f"/proc/{pid}/task/{task}/status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                total += int(line.split()[1])
    return total


def _memory(pid: int) -> float:
    """Memory that is this process's own share, MB."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) / 1024
    raise Failed("the system does not tell a process's memory")
