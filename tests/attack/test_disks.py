"""Disks, data files and clocks that fail: said with a next step, nothing lost, and what can be read is shown."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.attack.conftest import Victim, mount, needs_root
from tests.cli.runner import Done, Machine, response, write_claude

READING = (["report", "--by", "agent"], ["export"], [])
WRITING = (["scan"], ["label", "claude-code:healthy", "delivered"], ["backup"])


def told(done: Done) -> None:
    """A sentence and a next step on standard error, exit code 1."""
    lines = done.err.splitlines()
    assert (done.code, lines[-2][:10], lines[-1][:2]) == (1, "tokenpal: ", "  "), done.err
    assert lines[-2].endswith("."), done.err


def scanned(victim: Victim) -> Victim:
    victim.scan()
    assert victim.run("label", "claude-code:healthy", "waste", "--note", "keep this").code == 0
    write_claude(victim.home, "later", [response("later", number, "2026-11-20T18:00:00Z") for number in range(300)])
    return victim


def kept(victim: Victim) -> None:
    """After the trouble is over everything goes on where it was."""
    victim.scan()
    victim.assert_healthy(later=300)
    (row,) = [row for row in victim.json("sessions") if row["id"] == "claude-code:healthy"]
    assert (row["label"], row["note"]) == ("waste", "keep this")


def test_a_full_disk(victim: Victim, mounted: list[Path]) -> None:
    needs_root()
    scanned(victim)
    profile, aside = victim.profile, victim.profile.with_name("aside")
    profile.rename(aside)
    profile.mkdir()
    size = sum(path.stat().st_size for path in aside.rglob("*") if path.is_file()) + 200_000
    mount(mounted, "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", profile)
    shutil.copytree(aside, profile, dirs_exist_ok=True)
    ballast = profile / "ballast"
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            pass
    for words in READING:
        done = victim.run(*words)
        assert (done.code, "disk is full" in done.err) == (0, True), f"{words}: {done.err}"
        assert done.out
    for words in WRITING:
        done = victim.run(*words)
        told(done)
        assert "disk is full" in done.err, f"{words}: {done.err}"
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=64m", str(profile)], check=True)
    kept(victim)


def test_a_full_disk_before_there_is_anything(victim: Victim, mounted: list[Path]) -> None:
    needs_root()
    victim.profile.mkdir()
    mount(mounted, "-t", "tmpfs", "-o", "size=16k", "tmpfs", victim.profile)
    for words in (["scan"], ["report"]):
        done = victim.run(*words)
        told(done)
        assert "disk is full" in done.err


@pytest.mark.parametrize("leftover", [False, True], ids=["settled", "with a write-ahead log"])
def test_a_read_only_folder(victim: Victim, mounted: list[Path], leftover: bool) -> None:
    needs_root()
    scanned(victim)
    database = victim.profile / "tokenpal.db"
    if leftover:
        leave_a_log(database)
    before = database.read_bytes()
    mount(mounted, "--bind", victim.profile, victim.profile)
    mount(mounted, "-o", "remount,ro,bind", victim.profile)
    for words in READING:
        done = victim.run(*words)
        if leftover and words:
            told(done)
        assert leftover or (done.code == 0 and done.out), f"{words}: {done.err}"
        assert "read-only" in done.err.lower()
    for words in WRITING:
        done = victim.run(*words)
        told(done)
        assert "read-only" in done.err.lower()
    assert victim.run("doctor").code == 1
    while mounted:
        subprocess.run(["umount", str(mounted.pop())], check=False, capture_output=True)
    assert database.read_bytes() == before
    kept(victim)


def leave_a_log(database: Path) -> None:
    """As after a crash: the newest rows are in the write-ahead log only."""
    log = database.with_name(database.name + "-wal")
    connection = sqlite3.connect(database)
    connection.execute("INSERT INTO meta VALUES('crash', 'test')")
    connection.commit()
    rows, data = log.read_bytes(), database.read_bytes()
    connection.close()
    database.write_bytes(data)
    log.write_bytes(rows)


def test_a_data_file_of_a_newer_version_is_left_alone(victim: Victim) -> None:
    scanned(victim)
    database = victim.profile / "tokenpal.db"
    with sqlite3.connect(database) as connection:
        connection.execute(f"PRAGMA user_version = {99 * 65536}")
    connection.close()
    before = database.read_bytes()
    for words in (*READING, *WRITING):
        done = victim.run(*words)
        told(done)
        assert "newer tokenpal" in done.err
    assert database.read_bytes() == before
    doctor = victim.run("doctor")
    assert (doctor.code, "newer tokenpal" in doctor.out) == (1, True)


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "middle": lambda data: data[:8192] + bytes([0x5A]) * (len(data) - 8192),
    "tail": lambda data: data[: len(data) // 2] + bytes([0x5A]) * (len(data) - len(data) // 2),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_a_damaged_data_file_is_said_and_kept(victim: Victim, how: str) -> None:
    scanned(victim)
    assert victim.run("backup").code == 0
    database = victim.profile / "tokenpal.db"
    damaged = DAMAGE[how](database.read_bytes())
    database.write_bytes(damaged)
    said = [
        victim.run(*words) for words in (["report", "--by", "agent"], ["scan"], ["label", "claude-code:healthy", "waste"], ["sessions"])
    ]
    assert any(done.code for done in said)
    for done in said:
        if done.code:
            told(done)
            assert "damaged" in done.err
            assert "backups" in done.err, "the way back names the backup that is there"
    assert database.stat().st_size >= len(damaged) // 2, "what is left of it may still be saved by somebody who knows how"
    (backup,) = (victim.profile / "backups").glob("*.db")
    for each in victim.profile.glob("tokenpal.db*"):
        each.unlink()
    shutil.copy(backup, database)
    kept(victim)


def test_files_and_folders_in_the_way(victim: Victim) -> None:
    """Each command ends in a sentence, or goes on without what it cannot use."""
    scanned(victim)
    lock = victim.profile / "tokenpal.lock"
    lock.unlink(missing_ok=True)
    lock.mkdir()
    done = victim.run("scan")
    assert (done.code, "tokenpal.lock" in done.err) == (1, True)
    lock.rmdir()
    settings = victim.profile / "settings.toml"
    settings.mkdir()
    assert victim.run("scan").code == 0
    settings.rmdir()
    settings.write_bytes(os.urandom(3000))
    assert victim.run("report").code == 0
    settings.write_text('[general]\nzone = "../../etc/passwd"\n[advanced]\nroots = {claude-code = ["/nowhere/\\u0000", "\\u001b"]}\n')
    done = victim.run("scan")
    assert (done.code, "advanced.roots" in done.err) == (0, True)
    settings.unlink()
    kept(victim)


CLOCK = "import os, time\n_now = time.time\n_shift = float(os.environ.get('SHIFT', '0'))\ntime.time = lambda: _now() + _shift\n"
YEAR = 365 * 86_400


@pytest.mark.parametrize("shift", [-3 * 86_400, -56 * YEAR], ids=["three days back", "1970"])
def test_a_clock_that_was_set(victim: Victim, tmp_path: Path, shift: int) -> None:
    """Timers, edits, scans and reports go on; when the clock is right again nothing is missing and nothing counts twice."""
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(CLOCK)

    def run(*words: str, at: int = 0) -> Done:
        env = {"SHIFT": str(at), "PYTHONPATH": f"{tmp_path / 'clock'}{os.pathsep}{victim.env()['PYTHONPATH']}"}
        done = Machine.run(victim, *words, env=env)
        assert done.code == 0, f"{words}: {done.err}"
        return done

    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    run("task", "add", "shop")
    run("task", "start", "shop")
    run("scan")
    run("label", "claude-code:healthy", "waste")
    write_claude(victim.home, "during", [response("during", number, now) for number in range(3)])
    for words in (
        ["scan"], ["task", "stop"], ["task", "start", "shop"], ["label", "claude-code:during", "exploration"], ["undo"], ["redo"],
        ["share", "preview"], ["backup"], [],
    ):  # fmt: skip
        run(*words, at=shift)
    run("task", "stop")
    run("scan")
    victim.assert_healthy(during=3)
    labels = {row["id"]: row["label"] for row in victim.json("sessions")}
    assert (labels["claude-code:healthy"], labels["claude-code:during"]) == ("waste", "exploration")


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such device")
def test_output_that_nobody_takes(victim: Victim) -> None:
    """A full device as standard output is said; a closed one is no traceback."""
    victim.scan()
    with open("/dev/full", "w") as full:
        run = subprocess.run(
            victim.command("report", "--json"), env=victim.env(), stdout=full, stderr=subprocess.PIPE, text=True, check=False
        )
    assert run.returncode != 0
    assert "Traceback" not in run.stderr
    assert "No space left" in run.stderr
    closed = subprocess.run(
        ["sh", "-c", '"$@" >&- 2>&-', "sh", *victim.command("report")], env=victim.env(), capture_output=True, text=True, check=False
    )
    assert "Traceback" not in closed.stderr
