"""What can go wrong with the file itself, with real files, real limits and real processes (architecture 1.5, decisions 9)."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.store.kit import NOW, contents, log_account, open_store, put, raw_total, record, rollups
from tokenpal.model.errors import StoreError
from tokenpal.model.report import Query
from tokenpal.model.tokens import Tokens
from tokenpal.store import backup, maintenance, migrations
from tokenpal.store.database import Store
from tokenpal.store.report import report
from tokenpal.store.schema import APPLICATION_ID

ROOT = Path(__file__).resolve().parents[2]


def run(script: str, *arguments: object, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    """A child process with this repository's code; ``limit`` = no file of it may grow beyond so many bytes."""

    def before() -> None:
        if limit is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        cwd=ROOT, capture_output=True, text=True, timeout=90, preexec_fn=before,
    )  # fmt: skip


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    with open_store(tmp_path / "data" / "tokenpal.db") as store:
        put(store, log_account(store), [record(f"m{n}", session=f"claude-code:{n % 5}", at=NOW - n * 1000) for n in range(40)])
    return tmp_path / "data" / "tokenpal.db"


# ---------------------------------------------------------------------------------------------- the file itself


def test_a_new_file_is_private_and_ours(tmp_path: Path) -> None:
    target = tmp_path / "new" / "tokenpal.db"
    with Store.open(target) as store:
        assert stat.S_IMODE(target.stat().st_mode) == 0o600
        assert store.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
        assert store.execute("PRAGMA user_version").fetchone()[0] == migrations.number(4, 0)
        assert store.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
        assert store.execute("PRAGMA foreign_keys").fetchone()[0] == 1
        assert {stat.S_IMODE(side.stat().st_mode) for side in target.parent.iterdir()} == {0o600}


@pytest.mark.parametrize(("version", "opens"), [((4, 9), True), ((5, 0), False)])
def test_a_newer_minor_opens_and_a_newer_major_does_not(path: Path, version: tuple[int, int], opens: bool) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {migrations.number(*version)}")
    before = path.read_bytes()
    if opens:
        Store.open(path).close()
    else:
        with pytest.raises(StoreError, match="newer tokenpal") as raised:
            Store.open(path)
        assert "Update tokenpal" in raised.value.next_step
        assert path.read_bytes() == before, "a file of the future is left as it is"


def test_a_file_of_another_program_is_refused(tmp_path: Path) -> None:
    target = tmp_path / "other.db"
    with closing(sqlite3.connect(target)) as connection:
        connection.execute("CREATE TABLE theirs(x)")
    with pytest.raises(StoreError, match="another program"):
        Store.open(target)


@pytest.mark.parametrize("damage", ["no database at all", "a torn page"])
def test_a_damaged_file_is_said_and_never_replaced(path: Path, damage: str) -> None:
    data = bytearray(path.read_bytes())
    if damage == "a torn page":
        data[4096 * 2 :] = os.urandom(len(data) - 4096 * 2)
    else:
        data = bytearray(b"this is not a database, it is a letter. " * 400)
    path.write_bytes(data)
    with pytest.raises(StoreError, match="damaged") as raised:
        with Store.open(path) as store:
            store.execute("SELECT COUNT(*), SUM(output) FROM usage").fetchall()
            report(store, Query("UTC"))
    assert "backup" in raised.value.next_step
    assert path.read_bytes() == bytes(data)


def test_our_own_mistakes_are_no_store_errors(path: Path) -> None:
    with Store.open(path) as store:
        with pytest.raises(sqlite3.OperationalError):
            store.execute("SELECT nothing FROM nowhere")
        with pytest.raises(sqlite3.IntegrityError), store.transaction():
            store.execute("INSERT INTO meta VALUES('zone', NULL)")


# ---------------------------------------------------------------------------------------------- full, read-only, locked


FILL = """
    import sys
    from tests.store.kit import *
    from tokenpal.model.errors import StoreError
    from pathlib import Path
    store = open_store(Path(sys.argv[1]))
    account = log_account(store)
    done = 0
    try:
        for batch in range(200):
            put(store, account, [record(f"x{batch}-{n}", session=f"claude-code:x{n % 7}", at=NOW - n) for n in range(300)])
            done += 300
    except StoreError as error:
        print(done, error.sentence, "|", error.next_step)
    else:
        print(done, "no error")
"""


def test_a_full_disk_is_said_and_keeps_what_was_saved(path: Path) -> None:
    found = run(FILL, path, limit=1_500_000)
    assert found.returncode == 0, found.stderr
    done, _, words = found.stdout.partition(" ")
    assert words.startswith("The disk is full"), found.stdout
    assert "Free some space" in words
    with open_store(path) as store:
        assert store.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        assert raw_total(store) == (40 + int(done)) * 35 == report(store, Query("UTC")).total.tokens.total
        before = rollups(store)
        maintenance.rebuild(store)
        assert rollups(store) == before


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes, mounted for this test only."""
    folder = tmp_path / "small"
    folder.mkdir()
    if sys.platform != "linux" or os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "none", folder], capture_output=True).returncode:
        pytest.skip("mounting a small file system needs root on Linux")
    yield folder
    subprocess.run(["umount", "-l", folder], check=True)


def test_a_small_disk_fills_and_goes_on_after_space_is_made(small_disk: Path) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * 700_000)
    found = run(FILL, small_disk / "tokenpal.db")
    assert "The disk is full" in found.stdout, found.stdout + found.stderr
    ballast.unlink()
    with open_store(small_disk / "tokenpal.db") as store:
        before = raw_total(store)
        put(store, log_account(store), [record("after")])
        assert raw_total(store) == before + 35


@pytest.fixture
def read_only(path: Path) -> Iterator[Path]:
    """The data folder mounted read-only over itself: permission bits would not stop root."""
    if sys.platform != "linux" or os.geteuid() or subprocess.run(["mount", "--bind", path.parent, path.parent], capture_output=True).returncode:
        pytest.skip("a read-only mount needs root on Linux")
    subprocess.run(["mount", "-o", "remount,bind,ro", path.parent], check=True)
    yield path
    subprocess.run(["umount", "-l", path.parent], check=True)


def test_a_read_only_folder_is_said(read_only: Path) -> None:
    with pytest.raises(StoreError) as raised:
        with Store.open(read_only) as store:
            put(store, log_account(store), [record("new")])
    assert "read-only" in raised.value.sentence or "cannot be opened" in raised.value.sentence
    assert raised.value.next_step


def test_a_file_that_another_process_locks_is_waited_for_and_then_said(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store.open(path) as one, Store.open(path, now=lambda: NOW) as other:
        other.execute("PRAGMA busy_timeout = 20")
        with one.transaction():
            one.execute("UPDATE meta SET value = value")
            with pytest.raises(StoreError, match="Another program"), other.transaction():
                pass
            assert report(other, Query("UTC")).total.requests == 40, "reading goes on"
        put(other, 1, [record("later")])


# ---------------------------------------------------------------------------------------------- processes


WRITER = """
    import sys
    from tests.store.kit import *
    from pathlib import Path
    store = open_store(Path(sys.argv[1]))
    account = log_account(store)
    start, end, name = int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    print("ready", flush=True)
    for low in range(start, end, 50):
        put(store, account, [record(f"m{n}", f"v{n % 2}", session=f"claude-code:{n % 11}", at=NOW - n * 700, folder=f"/p{n % 3}") for n in range(low, low + 50)])
        print(low, flush=True)
"""


def spawn(*arguments: object) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", textwrap.dedent(WRITER), *map(str, arguments)], cwd=ROOT, stdout=subprocess.PIPE, text=True)


def test_killed_in_the_middle_and_continued_gives_the_undisturbed_ledger(tmp_path: Path) -> None:
    with open_store(tmp_path / "calm.db") as store:
        account = log_account(store)
        put(store, account, [record(f"m{n}", f"v{n % 2}", session=f"claude-code:{n % 11}", at=NOW - n * 700, folder=f"/p{n % 3}") for n in range(2_000)])
        expected = contents(store)
    target = tmp_path / "killed.db"
    for steps in (1, 4, 9, 2):
        child = spawn(target, 0, 2_000, "a")
        assert child.stdout is not None
        for _ in range(steps):
            child.stdout.readline()
        os.kill(child.pid, signal.SIGKILL)  # wherever it is just now
        child.wait()
        child.stdout.close()
        if target.exists():
            with open_store(target) as store:
                before = rollups(store)
                maintenance.rebuild(store)
                assert rollups(store) == before
    child = spawn(target, 0, 2_000, "a")
    assert child.stdout is not None
    child.stdout.read()
    child.stdout.close()
    assert child.wait() == 0
    with open_store(target) as store:
        assert contents(store) == expected


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    with open_store(tmp_path / "calm.db") as store:
        put(store, log_account(store), [record(f"m{n}", f"v{n % 2}", session=f"claude-code:{n % 11}", at=NOW - n * 700, folder=f"/p{n % 3}") for n in range(1_500)])
        expected = contents(store)
    target = tmp_path / "both.db"
    open_store(target).close()
    children = [spawn(target, 0, 1_000, "a"), spawn(target, 500, 1_500, "b")]
    for child in children:
        assert child.stdout is not None
        child.stdout.read()
        child.stdout.close()
        assert child.wait() == 0
    with open_store(target) as store:
        assert contents(store) == expected
        assert store.execute("PRAGMA foreign_key_check").fetchall() == []


# ---------------------------------------------------------------------------------------------- backup, restore, upgrade


def test_a_backup_has_what_lies_in_the_write_ahead_log(path: Path, tmp_path: Path) -> None:
    target = tmp_path / "copies" / "mine.db"
    with open_store(path) as store:
        put(store, log_account(store), [record("fresh", tokens=Tokens(output=1000))])
        backup.backup(store, target)
        expected = contents(store)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert [each.name for each in target.parent.iterdir()] == ["mine.db"]
    with open_store(target) as copy:
        assert contents(copy) == expected


def test_restore_saves_what_is_there_and_refuses_what_is_no_backup(path: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.db"
    with open_store(path) as store:
        backup.backup(store, copy)
        before = contents(store)
        put(store, log_account(store), [record("after the backup")])
        after = contents(store)
    for wrong in (tmp_path / "missing.db", tmp_path / "letter.db"):
        if wrong.name == "letter.db":
            wrong.write_bytes(b"dear all, " * 1000)
        with pytest.raises(StoreError):
            backup.restore(path, wrong)
    with open_store(path) as store:
        assert contents(store) == after
    saved = backup.restore(path, copy)
    with open_store(path) as store:
        assert contents(store) == before
    assert saved is not None
    with open_store(saved) as store:
        assert contents(store) == after


def test_delete_everything_leaves_no_file(path: Path) -> None:
    backups = path.parent / "backups"
    with open_store(path) as store:
        backup.rotate(store.connection, backups, 1, NOW)
    gone = backup.delete_all([path, backups])
    assert len(gone) >= 2
    assert list(path.parent.glob("*.db*")) == list(backups.iterdir()) == []


def released() -> list[Path]:
    return sorted((Path(__file__).parents[1] / "data" / "schema").glob("v*.db"))


@pytest.mark.parametrize("old", released(), ids=lambda path: path.name)
def test_every_released_version_opens_and_keeps_its_rows(old: Path, tmp_path: Path) -> None:
    target = tmp_path / "tokenpal.db"
    shutil.copy(old, target)
    with Store.open(target, now=lambda: NOW) as store:
        assert store.failure is None
        assert report(store, Query("UTC")).total.tokens.total == raw_total(store) > 0
        before = rollups(store)
        maintenance.rebuild(store)
        assert rollups(store) == before
        put(store, log_account(store), [record("new")])


def test_there_is_a_file_of_every_released_version() -> None:
    assert [path.stem for path in released()] == [f"v{major}" for major in sorted({step[0] for step in migrations.STEPS})]


def test_the_newest_of_them_has_the_tables_of_a_new_file(tmp_path: Path) -> None:
    """Before a version is out its file is written anew (tests.store.released); afterwards a change is a new step."""
    found = []
    for path in (released()[-1], tmp_path / "new.db"):
        target = tmp_path / f"copy of {path.name}"
        shutil.copy(path, target) if path.exists() else None
        with Store.open(target) as store:
            found.append(sorted(store.execute("SELECT type, name, sql FROM sqlite_master WHERE name NOT LIKE 'search_%'").fetchall(), key=str))
    assert found[0] == found[1]


def _add_column(connection: sqlite3.Connection) -> None:
    connection.execute("ALTER TABLE account ADD COLUMN nickname TEXT NOT NULL DEFAULT ''")


def _fail(connection: sqlite3.Connection) -> None:
    connection.execute("CREATE TABLE half(done)")
    connection.execute("SELECT nothing FROM nowhere")


def test_an_upgrade_makes_a_backup_first_and_keeps_three(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backups = tmp_path / "backups"
    for number in range(1, 6):
        monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, (4, number, lambda connection: None)))
        monkeypatch.setattr(migrations.upgrade, "__kwdefaults__", {"read_only": False, "steps": migrations.STEPS})
        Store.open(path, backups=backups, now=lambda number=number: NOW + number).close()  # type: ignore[misc]  # bound early
    kept = sorted(backups.iterdir())
    assert len(kept) == 3
    assert all(each.name.startswith("tokenpal-v4-2025") and each.suffix == ".db" for each in kept)
    with Store.open(path) as store:
        assert store.execute("PRAGMA user_version").fetchone()[0] == migrations.number(4, 5)


@pytest.mark.logs_warnings
def test_a_failed_upgrade_changes_nothing_and_opens_for_reading(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = (*migrations.STEPS, (4, 1, _add_column), (5, 0, _fail))
    monkeypatch.setattr(migrations.upgrade, "__kwdefaults__", {"read_only": False, "steps": steps})
    with Store.open(path, backups=tmp_path / "backups", now=lambda: NOW) as store:
        assert store.read_only
        assert store.failure is not None
        assert str(tmp_path / "backups") in store.failure.next_step
        assert report(store, Query("UTC")).total.requests == 40
        with pytest.raises(StoreError, match="read-only"):
            put(store, 1, [record("new")])
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM sqlite_master WHERE name = 'half'").fetchone()[0] == 0
