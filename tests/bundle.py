"""Builds the bundle, runs its self-test from inside it on a private display, and measures it: ``python3 dev.py bundle``.

On Linux the display is an Xvfb with a session bus and a tray host of its own; elsewhere the person's own desktop is used.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "dist" / "tokenpal" / ("tokenpal-cli.exe" if os.name == "nt" else "tokenpal")
VERSION = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
STARTS = 7
LINE = {"is": "tokenpal-usage/1", "id": "1", "at": "2026-01-02T10:00:00Z", "provider": "openai", "model": "gpt-5", "fresh_input": 1200, "output": 300}
HANDED = '{"model": {"display_name": "Sonnet"}, "cost": {"total_cost_usd": 0.25}}'


def build() -> float:
    """Run PyInstaller; how long it took in seconds."""
    start = time.monotonic()
    command = [sys.executable, "-m", "PyInstaller", "--noconfirm", "--clean", "--log-level", "ERROR", "build.spec"]
    subprocess.run(command, cwd=ROOT, check=True, stdin=subprocess.DEVNULL)
    return time.monotonic() - start


def size(folder: Path) -> tuple[int, int]:
    """Bytes and number of the files in FOLDER, links not followed."""
    files = [p for p in folder.rglob("*") if p.is_file() and not p.is_symlink()]
    return sum(p.stat().st_size for p in files), len(files)


@contextlib.contextmanager
def private_desktop(folder: Path) -> Iterator[dict[str, str]]:
    """The environment of a display, bus and tray of our own, with nothing of this project's Python in it."""
    env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "LANG": "C.UTF-8", "TZ": "UTC", "XDG_RUNTIME_DIR": str(folder), "TOKENPAL_HOME": str(folder / "profile")}
    if not sys.platform.startswith("linux"):
        yield {**os.environ, "TOKENPAL_HOME": env["TOKENPAL_HOME"]}
        return
    with contextlib.ExitStack() as stack:

        def start(*command: str, reads: bool = False) -> str:
            out = subprocess.PIPE if reads else subprocess.DEVNULL
            process = subprocess.Popen(command, env=env, stdout=out, stderr=subprocess.DEVNULL, text=True)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            return process.stdout.readline().strip() if process.stdout else ""

        env["DISPLAY"] = ":" + start("Xvfb", "-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp", "-noreset", reads=True)
        env["DBUS_SESSION_BUS_ADDRESS"] = start("dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1", reads=True)
        start("trayer", "--edge", "bottom", "--align", "right", "--widthtype", "pixel", "--width", "200", "--height", "28", "--SetDockType", "true")
        yield env


def start_times(env: dict[str, str]) -> list[tuple[float, float]]:
    """Whole runs of ``tokenpal --exit-after-tray`` in milliseconds: passed, and of processor time; the first one (cold) first."""
    times = []
    for _ in range(STARTS + 1):
        start, used = time.monotonic(), processor_seconds()
        subprocess.run([PROGRAM, "--exit-after-tray"], env=env, check=True, timeout=120, stdin=subprocess.DEVNULL)
        times.append(((time.monotonic() - start) * 1000, (processor_seconds() - used) * 1000))
    return times


def say(env: dict[str, str], *arguments: str, given: str = "") -> tuple[int, str, str]:
    """One command of the bundle: its exit code, what it printed, what it complained of."""
    done = subprocess.run([PROGRAM, *arguments], env=env, check=False, timeout=120, input=given, capture_output=True, text=True, encoding="utf-8")
    return done.returncode, done.stdout, done.stderr


def commands(env: dict[str, str], folder: Path) -> None:
    """The commands that a person without a checkout has. Raises SystemExit for one that does not do its work."""

    def need(holds: bool, what: str, said: tuple[int, str, str]) -> None:
        if not holds:
            raise SystemExit(f"{what}: exit code {said[0]}\n{said[1]}{said[2]}")

    usage = folder / "usage.jsonl"
    usage.write_text(f"{json.dumps(LINE)}\n", encoding="utf-8")
    for records in (1, 0):
        said = say(env, "import", str(usage), "--yes", "--json")
        need(said[0] == 0 and json.loads(said[1])["imported"]["records"] == records, f"an import of {records} new records", said)
    said = say(env, "report", "--by", "model", "--json")
    need(said[0] == 0 and "gpt-5" in said[1], "the report of what was imported", said)
    said = say(env, "statusline", given=HANDED)
    need(said[0] == 0 and said[1] == "Sonnet · $0.25 at list price\n", "the status line", said)
    for path in ("", "/nowhere"):
        said = say({**env, "LD_LIBRARY_PATH": path} if path else env, "statusline", "--then", 'echo "[$LD_LIBRARY_PATH]"', given=HANDED)
        need(said[1].endswith(f"\n[{path}]\n"), "the person's own status line with the person's own libraries", said)
    said = say(env, "statusline", "--then", f"'{PROGRAM}' --version", given=HANDED)
    need(said[1].endswith(f"\ntokenpal {VERSION}\n"), "the bundle started by the bundle", said)
    said = say(env, "statusline", "--help")
    need(said[0] == 0 and "install" in said[1], "the status line's commands", said)
    said = say(env, "share", "status")
    need(said[0] == 0, "the state of sharing", said)
    said = say(env, "team", "list")
    need(said[0] == 2 and "pip install" in said[2], "what the bundle says of a team's endpoint", said)
    print("commands: import, report, statusline, share and team say what they should", flush=True)


def status_line_times(env: dict[str, str]) -> list[tuple[float, float]]:
    """Whole runs of ``tokenpal statusline`` in milliseconds, as in ``start_times``."""
    times = []
    for _ in range(2 * STARTS + 1):
        start, used = time.monotonic(), processor_seconds()
        subprocess.run([PROGRAM, "statusline"], env=env, check=True, timeout=120, input=HANDED.encode(), stdout=subprocess.DEVNULL)
        times.append(((time.monotonic() - start) * 1000, (processor_seconds() - used) * 1000))
    return times


def processor_seconds() -> float:
    """What ended children have used: the figure that a busy machine does not change."""
    used = os.times()
    return used.children_user + used.children_system


def main() -> int:
    """Build, test from inside, measure. The exit code is that of the self-test."""
    took = build()
    folder = PROGRAM.parent
    total, files = size(folder)
    print(f"built {folder.relative_to(ROOT)} in {took:.0f} s: {total / 1e6:.0f} MB in {files} files", flush=True)
    with tempfile.TemporaryDirectory(prefix="tokenpal-bundle-") as temporary, private_desktop(Path(temporary)) as env:
        code = subprocess.run([PROGRAM, "self-test"], env=env, cwd=temporary, check=False, stdin=subprocess.DEVNULL).returncode
        if code:
            return code
        first, *runs = start_times(env)
        warm, used = [run[0] for run in runs], statistics.median(run[1] for run in runs)
        print(f"start to tray and out again: {statistics.median(warm):.0f} ms median, {min(warm):.0f} ms best of {STARTS} (first run {first[0]:.0f} ms)")
        print(f"processor time of a start: {used:.0f} ms")
        commands(env, Path(temporary))
        _, *runs = status_line_times(env)
        print(f"status line: {statistics.median(run[0] for run in runs):.0f} ms median, {min(run[0] for run in runs):.0f} ms best of {len(runs)},"
              f" {statistics.median(run[1] for run in runs):.0f} ms processor time")  # fmt: skip
    if shutil.which("tar") and os.name == "posix":
        packed = subprocess.run(["tar", "-cJf", "-", "-C", folder.parent, folder.name], stdout=subprocess.PIPE, check=True, env={**os.environ, "XZ_OPT": "-T2 -3"})
        print(f"as tar.xz: {len(packed.stdout) / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
