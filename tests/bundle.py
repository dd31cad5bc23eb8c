"""Builds the bundle, runs its self-test from inside it on a private display, and measures it: ``python3 dev.py bundle``.

On Linux the display is an Xvfb with a session bus and a tray host of its own; elsewhere the person's own desktop is used.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "dist" / "tokenpal" / ("tokenpal-cli.exe" if os.name == "nt" else "tokenpal")
STARTS = 7


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
    if shutil.which("tar") and os.name == "posix":
        packed = subprocess.run(["tar", "-cJf", "-", "-C", folder.parent, folder.name], stdout=subprocess.PIPE, check=True, env={**os.environ, "XZ_OPT": "-T2 -3"})
        print(f"as tar.xz: {len(packed.stdout) / 1e6:.0f} MB")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
