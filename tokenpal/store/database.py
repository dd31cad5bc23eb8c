"""The database file: opening it safely, transactions, and errors in words (architecture 1.5)."""

from __future__ import annotations

import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from tokenpal.model.errors import StoreError
from tokenpal.model.names import whole
from tokenpal.store import migrations
from tokenpal.store.troubles import known, known_errors, trouble_of_the_disk

BUSY_SECONDS: Final = 5.0
OPEN_SECONDS: Final = 15.0
log = logging.getLogger(__name__)


class Store:
    """One connection to the data file; belongs to the thread that opened it.

    ``execute`` raises StoreError for what the person can do something about and lets everything else (our own mistakes)
    through. ``memory`` is where ledger code keeps what it has looked up; it is emptied whenever it may be out of date.
    """

    def __init__(self, connection: sqlite3.Connection, path: Path, now: Callable[[], int], *, read_only: bool = False) -> None:
        self.connection = connection
        self.path = path
        self.now = now
        self.read_only = read_only
        self.memory: dict[str, Any] = {}
        self.failure: StoreError | None = None
        self._depth = 0
        self._seen_version = -1
        self._patience = BUSY_SECONDS

    @classmethod
    def open(
        cls, path: Path | str, *, backups: Path | None = None, now: Callable[[], int] | None = None, read_only: bool = False
    ) -> Store:
        """Open or make the data file (mode 0600) and bring it to this version, after a backup into ``backups``.

        Raises StoreError: made by a newer tokenpal, damaged, locked, full disk, folder not writable. A file whose upgrade
        failed, or that lies where nothing can be written, is opened read-only: ``store.read_only`` is then true and
        ``store.failure`` says why.
        """
        path = Path(path)
        clock = now or (lambda: int(time.time()))
        backups = backups if backups is not None else path.parent / "backups"
        with known_errors(path):
            try:
                connection, failure = _patiently(path, backups, clock(), "ro" if read_only else "rw")
            except (sqlite3.OperationalError, OSError) as error:
                failure = trouble_of_the_disk(path)
                if failure is None or not _settled(path):
                    raise
                log.info("opened for reading only: %s", error)
                try:
                    connection, _ = _opened(path, backups, clock(), "immutable")
                except StoreError:
                    raise failure from error
        store = cls(connection, path, clock, read_only=read_only or failure is not None)
        store.failure = failure
        return store

    def close(self) -> None:
        """Close the connection; the write-ahead log is folded in when this was the last one."""
        self.connection.close()

    def be_patient(self, seconds: float = BUSY_SECONDS) -> None:
        """How long a statement waits for another connection to finish writing."""
        self._patience = seconds
        self.execute(f"PRAGMA busy_timeout = {int(seconds * 1000)}")

    def rest(self) -> None:
        """Give memory back after work: what was looked up, and SQLite's pages; fold the write-ahead log in if nobody reads."""
        self.memory.clear()
        self.execute("PRAGMA shrink_memory")
        if not self.read_only:
            self.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def execute(self, sql: str, values: Sequence[Any] | dict[str, Any] = ()) -> sqlite3.Cursor:
        """Run one statement. Raises StoreError for known troubles."""
        try:
            return self.connection.execute(sql, values)
        except sqlite3.DatabaseError as error:
            raise self._known(error) from error
        except UnicodeEncodeError:  # half a character in what somebody typed or looks for
            return self.connection.execute(sql, _whole(values))

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run one statement for each row. Raises StoreError for known troubles."""
        try:
            self.connection.executemany(sql, rows)
        except sqlite3.DatabaseError as error:
            raise self._known(error) from error

    def _known(self, error: sqlite3.DatabaseError) -> Exception:
        found = known(error, self.path)
        return self.failure if self.failure is not None and isinstance(found, StoreError) else found

    @contextmanager
    def transaction(self, *, patient: bool = True) -> Iterator[Store]:
        """All or nothing (BEGIN IMMEDIATE); inside another transaction it is part of that one.

        Waits some seconds for another process to finish writing; with ``patient=False`` not at all (StoreError).
        """
        if self._depth:
            self._depth += 1
            try:
                yield self
            finally:
                self._depth -= 1
            return
        if not patient:
            self.execute("PRAGMA busy_timeout = 0")
        try:
            self.execute("BEGIN IMMEDIATE")
        finally:
            if not patient:
                self.execute(f"PRAGMA busy_timeout = {int(self._patience * 1000)}")
        self._depth = 1
        try:
            self._forget_foreign_edits()
            yield self
            with known_errors(self.path):
                self.connection.execute("COMMIT")
        except BaseException:
            self.memory.clear()
            if self.connection.in_transaction:  # SQLite itself rolls back when the disk is full
                self.connection.execute("ROLLBACK")
            raise
        finally:
            self._depth = 0

    def data_version(self) -> int:
        """Changes when another connection (a command line, the window) has committed something."""
        return int(self.execute("PRAGMA data_version").fetchone()[0])

    def _forget_foreign_edits(self) -> None:
        version = self.data_version()
        if version != self._seen_version:
            self.memory.clear()
            self._seen_version = version


def _whole(values: Sequence[Any] | dict[str, Any]) -> Sequence[Any] | dict[str, Any]:
    if isinstance(values, dict):
        return {name: whole(value) if isinstance(value, str) else value for name, value in values.items()}
    return [whole(value) if isinstance(value, str) else value for value in values]


def _opened(path: Path, backups: Path, now: int, mode: str) -> tuple[sqlite3.Connection, StoreError | None]:
    connection = _connect(path, mode)
    try:
        return connection, migrations.upgrade(connection, path, backups, now, read_only=mode != "rw")
    except BaseException:
        connection.close()
        raise


def _patiently(path: Path, backups: Path, now: int, mode: str) -> tuple[sqlite3.Connection, StoreError | None]:
    """Open it, again while another process is busy with it: SQLite does not wait by itself for the switch to WAL, for the
    last connection that folds the log in, and for recovery (sqlite.org/wal.html, section 8).
    """
    end = time.monotonic() + OPEN_SECONDS
    while True:
        try:
            return _opened(path, backups, now, mode)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} or time.monotonic() > end:
                raise
        time.sleep(0.05)


def _settled(path: Path) -> bool:
    """Whether all of the data is in the one file: then it can be read without writing anything beside it."""
    log_of_writes = path.with_name(path.name + "-wal")
    return path.is_file() and path.stat().st_size > 0 and (not log_of_writes.exists() or log_of_writes.stat().st_size == 0)


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    if mode != "rw":
        address = f"{path.absolute().as_uri()}?{'mode=ro' if mode == 'ro' else 'immutable=1'}"
        connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():  # made before SQLite does, so that nobody else can read it even for an instant
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, cached_statements=256)
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA temp_store = MEMORY")
    connection.execute("PRAGMA cache_size = -8000")
    connection.execute("PRAGMA wal_autocheckpoint = 4000")
    connection.execute("PRAGMA journal_size_limit = 16777216")
    return connection
