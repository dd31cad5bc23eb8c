"""Lock, clock, log, crash file, opener and the warning about strange folders."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tokenpal.system import crash, folders, logs, opener
from tokenpal.system.clock import GapWatch
from tokenpal.system.lock import FolderBusy, FolderLock, is_held

HOLDER = """
import sys
from pathlib import Path
from tokenpal.system.lock import FolderLock
lock = FolderLock(Path(sys.argv[1]))
print(lock.take(), flush=True)
sys.stdin.read()
"""


# ---------------------------------------------------------------------------------------------- lock


def test_the_lock_is_for_one_process_and_dies_with_it(tmp_path: Path) -> None:
    path = tmp_path / "l"
    assert not is_held(path)
    child = subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.readline() == "True\n"
    lock = FolderLock(path)
    assert not lock.take()
    assert is_held(path)
    with pytest.raises(FolderBusy), lock:
        pass
    child.kill()  # no clean-up at all: the kernel frees it
    child.wait(20)
    child.stdin.close()
    child.stdout.close()
    with lock:
        assert lock.held
        assert lock.take()
        assert is_held(path)
    assert not is_held(path)


# ---------------------------------------------------------------------------------------------- clock


class Clocks:
    """The wall clock and the one that stands still while the machine sleeps."""

    def __init__(self) -> None:
        self.wall, self.steady = 1_800_000_000.0, 5.0

    def run(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


def test_a_gap_is_sleep_or_a_clock_that_was_set() -> None:
    clocks = Clocks()
    watch = GapWatch(lambda: clocks.wall, lambda: clocks.steady)
    clocks.run(60)
    assert watch.look() == 0
    clocks.wall += 8 * 3600  # sleep
    clocks.run(10)
    assert watch.look() == pytest.approx(8 * 3600)
    assert watch.look() == 0
    clocks.wall -= 7200  # set back
    assert watch.look() == pytest.approx(-7200)
    assert watch.look() == 0


def test_a_slewed_clock_never_adds_up_to_a_gap() -> None:
    clocks = Clocks()
    watch = GapWatch(lambda: clocks.wall, lambda: clocks.steady)
    for _ in range(100):
        clocks.run(60)
        clocks.wall += 1
        assert watch.look() == 0


# ---------------------------------------------------------------------------------------------- log and crash file

KEYS = [
    "sk-ant-api03-abcDEF123456-xyz",
    "sk-proj-" + "aB3" * 20,
    "sk-or-v1-0123456789abcdef0123456789abcdef",
    "AIzaSyA1234567890abcdefghijklmnopqrstuv",
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_abcdefghijklmnop1234",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln",
    "a1" * 32,
]


@pytest.mark.parametrize("key", KEYS)
@pytest.mark.parametrize(
    "form", ["{}", "key={}", "Authorization: Bearer {}", "x-api-key: {}", '{{"key": "{}"}}', "https://h/p?api_key={}&x=1"]
)
def test_keys_are_masked(key: str, form: str) -> None:
    assert key not in logs.redact(form.format(key))


@pytest.mark.parametrize(
    "text", ["read 3 files in 12 ms", "/home/me/projects/tokenpal/file.jsonl", "claude-sonnet-5-20260929", "2026-11-21T13:00+01:00"]
)
def test_ordinary_lines_stay_as_they_are(text: str) -> None:
    assert logs.redact(text) == text


def test_the_log_masks_arguments_and_tracebacks_and_is_private(tmp_path: Path) -> None:
    path = logs.start(tmp_path / "logs")
    assert path is not None
    try:
        logger = logging.getLogger("somewhere")
        logger.info("the key is %s", KEYS[0])
        try:
            raise ValueError(KEYS[1])
        except ValueError:
            logger.info("trouble", exc_info=True)
        logging.getLogger("httpx").info("GET https://h/?key=%s", KEYS[2])
    finally:
        logs.stop()
        logging.getLogger().setLevel(logging.WARNING)
    text = path.read_text()
    assert "trouble" in text
    assert logs.MASK in text
    assert not any(key in text for key in KEYS)
    assert "httpx" not in text
    if sys.platform != "win32":
        assert path.stat().st_mode & 0o077 == 0


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert logs.start(tmp_path / "file" / "logs") is None


CRASH = """
import sys, threading
from pathlib import Path
from tokenpal.system import crash, logs
folder = Path(sys.argv[1])
logs.start(folder)
seen = []
before = crash.start(folder, seen.append)
if sys.argv[2] == "look":
    print(before)
    crash.stop()
elif sys.argv[2] == "hard":
    import faulthandler
    faulthandler._sigsegv()
elif sys.argv[2] == "thread":
    thread = threading.Thread(target=lambda: 1 / 0)
    thread.start(); thread.join()
    print(len(seen), "ZeroDivisionError" in seen[0])
else:
    raise RuntimeError("sk-ant-api03-abcDEF123456-xyz")
"""


def crashed(folder: Path, how: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", CRASH, str(folder), how], capture_output=True, text=True, timeout=60, check=False)


def test_a_hard_crash_is_found_by_the_next_start_and_only_by_it(tmp_path: Path) -> None:
    assert crashed(tmp_path, "hard").returncode != 0
    assert "Segmentation fault" in crashed(tmp_path, "look").stdout
    assert crashed(tmp_path, "look").stdout.strip() == ""


def test_exceptions_reach_the_log_from_every_thread_without_keys(tmp_path: Path) -> None:
    assert crashed(tmp_path, "thread").stdout.split() == ["1", "True"]
    done = crashed(tmp_path, "main")
    assert done.returncode == 1
    text = (tmp_path / logs.FILE).read_text()
    assert "ZeroDivisionError" in text
    assert "RuntimeError" in text
    assert "abcDEF" not in text + done.stderr


def test_the_hooks_are_taken_back(tmp_path: Path) -> None:
    import faulthandler

    before, was_on = (sys.excepthook, threading.excepthook, sys.unraisablehook), faulthandler.is_enabled()
    try:
        crash.start(tmp_path)
        assert sys.excepthook is not sys.__excepthook__
        crash.stop()
        assert (sys.excepthook, threading.excepthook) == (sys.__excepthook__, threading.__excepthook__)
        assert not (tmp_path / crash.FILE).exists()
    finally:
        sys.excepthook, threading.excepthook, sys.unraisablehook = before
        if was_on:
            faulthandler.enable(sys.__stderr__ or sys.stderr)


# ---------------------------------------------------------------------------------------------- opener


def test_programs_outside_get_their_own_libraries_back(monkeypatch: pytest.MonkeyPatch) -> None:
    env = {"LD_LIBRARY_PATH": "/bundle", "LD_LIBRARY_PATH_ORIG": "/mine", "PATH": "/bin"}
    assert opener.outside_env(env) == {"LD_LIBRARY_PATH": "/mine", "PATH": "/bin"}
    assert opener.outside_env({"LD_LIBRARY_PATH": "/mine"}) == {"LD_LIBRARY_PATH": "/mine"}
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    assert opener.outside_env({"LD_LIBRARY_PATH": "/bundle"}) == {}


@pytest.mark.skipif(sys.platform != "linux", reason="uses a program in place of xdg-open")
def test_addresses_are_opened_and_anything_else_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fifo = tmp_path / "said"
    os.mkfifo(fifo)
    program = tmp_path / "xdg-open"
    program.write_text(
        f'#!{sys.executable}\nimport json, os, sys\nopen({str(fifo)!r}, "w").write(json.dumps([sys.argv[1:], os.environ.get("LD_LIBRARY_PATH")]))\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", "/mine")
    assert opener.open_url("https://example.org/a?b=1")
    assert json.loads(fifo.read_text()) == [["https://example.org/a?b=1"], "/mine"]
    for bad in ("file:///etc/passwd", "javascript:1", "/etc/passwd", "", "--help", "https://x/\n-y"):
        assert not opener.open_url(bad)
    monkeypatch.setenv("PATH", "")
    assert not opener.open_url("https://example.org")


# ---------------------------------------------------------------------------------------------- folders

MOUNTS = "/dev/sda / ext4 rw 0 0\nserver:/home /home nfs4 rw 0 0\n/dev/sdb /home/me/local ext4 rw 0 0\n//nas/x /mnt/my\\040nas cifs rw 0 0\nbad\n"


@pytest.mark.skipif(sys.platform == "win32", reason="mount points are a POSIX thing")
@pytest.mark.parametrize(
    ("folder", "word"),
    [
        ("/var/x", ""),
        ("/home/me/.local/share", "network drive (nfs4)"),
        ("/homely", ""),
        ("/home/me/local/x", ""),
        ("/mnt/my nas/t", "network drive (cifs)"),
        ("/x/Dropbox/tokenpal", "Dropbox"),
        ("/x/OneDrive - Work/tokenpal", "OneDrive"),
        ("/x/Library/Mobile Documents/t", "iCloud"),
    ],
)
def test_folders_that_damage_databases(folder: str, word: str) -> None:
    said = folders.warning(Path(folder), MOUNTS)
    assert word in said
    assert bool(said) is bool(word)


def test_markers_of_sync_programs(tmp_path: Path) -> None:
    assert folders.warning(tmp_path, "") == ""
    (tmp_path / ".stfolder").mkdir()
    assert "Syncthing" in folders.warning(tmp_path / "a" / "b", "")
