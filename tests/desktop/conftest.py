"""A private desktop for one test: X server, session bus, folders. Nothing of it leaks to the caller's own session."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TOOLS = ("Xvfb", "dbus-daemon", "xdotool")


def wait_for(condition: Callable[[], object], seconds: float = 60.0, what: str = "") -> object:
    """Poll until ``condition()`` is true; its value. Fails after ``seconds``."""
    end = time.monotonic() + seconds
    while True:
        if value := condition():
            return value
        if time.monotonic() > end:
            raise AssertionError(f"timed out after {seconds} s: {what or condition}")
        time.sleep(0.05)


class Desktop:
    """What a test may do with its desktop."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder, self.env = folder, env
        self._processes: list[subprocess.Popen[str]] = []

    def spawn(self, *command: str, log: str | None = None, **extra: str) -> subprocess.Popen[str]:
        """Start a process on this desktop; its output goes to ``folder/log``."""
        with (self.folder / log if log else Path(os.devnull)).open("w") as out:
            process = subprocess.Popen(command, env={**self.env, **extra}, stdout=out, stderr=subprocess.STDOUT, text=True)
        self._processes.append(process)
        return process

    def app(self, *arguments: str, log: str = "app.log", **extra: str) -> subprocess.Popen[str]:
        """Start tokenpal itself."""
        return self.spawn(sys.executable, "-m", "tokenpal", *arguments, log=log, **extra)

    def until(self, condition: Callable[[], object], what: str, seconds: float = 60.0) -> object:
        """Poll until it holds; its value. Fails with all that was logged on this desktop."""
        try:
            return wait_for(condition, seconds, what)
        except AssertionError as late:
            raise AssertionError(f"{late}\n{self.logs()}") from None

    def run(self, *command: str) -> str:
        """Run a tool on this desktop and give its output."""
        return subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=60, check=False).stdout

    def text(self, log: str) -> str:
        """What a spawned process has printed so far."""
        path = self.folder / log
        return path.read_text(errors="replace") if path.exists() else ""

    def tray_host(self, *arguments: str, log: str = "host.jsonl") -> subprocess.Popen[str]:
        """Start the StatusNotifier host of this folder and wait until it owns its name."""
        process = self.spawn(sys.executable, "-u", str(HERE / "tray_host.py"), *arguments, log=log)
        self.until(lambda: '"ready"' in self.text(log), "tray host")
        return process

    def ended(self, process: subprocess.Popen[str], seconds: float = 60.0) -> int:
        """Wait until a process ends; its exit code. Fails with all that was logged on this desktop."""
        try:
            return process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGABRT)  # faulthandler then tells where its threads are
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            raise AssertionError(f"still running after {seconds} s: {process.args}\n{self.logs()}") from None

    def logs(self) -> str:
        """Everything that was printed or logged on this desktop, for the message of a failed test."""
        files = sorted(path for path in self.folder.rglob("*") if path.is_file() and (path.suffix in {".log", ".jsonl"} or path.parent.name == "logs"))
        return "\n".join(f"--- {path.relative_to(self.folder)}\n{path.read_text(errors='replace')}" for path in files)

    def stop(self) -> None:
        for process in reversed(self._processes):
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(5)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def _first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], 15)
    assert ready, f"{process.args} did not start"
    return process.stdout.readline().strip()


@pytest.fixture
def desktop(tmp_path: Path) -> Iterator[Desktop]:
    """A running Xvfb and session bus with empty folders; fails on Linux when the tools are missing, skips elsewhere."""
    if not sys.platform.startswith("linux"):
        pytest.skip("a private X display needs Linux")
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    assert not missing, f"not installed: {', '.join(missing)}; `python3 dev.py test` installs them"
    env = {k: v for k, v in os.environ.items() if k not in {"WAYLAND_DISPLAY", "QT_QPA_PLATFORM", "DISPLAY", "TOKENPAL_HOME"}}
    for name, folder in {
        "XDG_RUNTIME_DIR": "run", "XDG_CONFIG_HOME": "config", "XDG_DATA_HOME": "data", "XDG_CACHE_HOME": "cache",
        "HOME": "home", "TOKENPAL_HOME": "tokenpal",
    }.items():  # fmt: skip
        (tmp_path / folder).mkdir(mode=0o700, exist_ok=True)
        env[name] = str(tmp_path / folder)
    env.update(TZ="UTC", LANG="C.UTF-8", PYTHONPATH=str(HERE.parent.parent))
    # Without -noreset the server starts anew when its last client leaves, which xdotool may be, and refuses others meanwhile.
    # -r: no key repeats itself when the machine is too busy to let it go.
    with (
        subprocess.Popen(
            ["Xvfb", "-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp", "-noreset", "-r"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
        ) as x,
        subprocess.Popen(
            ["dbus-daemon", "--session", "--nofork", "--nopidfile", "--print-address=1"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=env,
        ) as bus,
    ):  # fmt: skip
        try:
            env["DISPLAY"] = ":" + _first_line(x)
            env["DBUS_SESSION_BUS_ADDRESS"] = _first_line(bus)
            place = Desktop(tmp_path, env)
            try:
                yield place
            finally:
                place.stop()
        finally:
            bus.terminate()
            x.terminate()
