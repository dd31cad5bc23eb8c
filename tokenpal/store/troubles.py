"""Database errors that the person can do something about, as sentences with a next step; the rest are our own mistakes."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tokenpal.model.errors import StoreError
from tokenpal.translation import tr

FULL: Final = frozenset({sqlite3.SQLITE_FULL})
READ_ONLY: Final = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM})
LOCKED: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_PROTOCOL})
CORRUPT: Final = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
STOPPED: Final = frozenset({sqlite3.SQLITE_INTERRUPT})
UNREACHABLE: Final = frozenset({sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_AUTH})

LEAST_FREE: Final = 256 * 1024  # bytes; SQLite needs about so much beside the data file


@contextmanager
def known_errors(path: Path) -> Iterator[None]:
    """Database errors inside become StoreErrors where the person can act."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        raise known(error, path) from error
    except OSError as error:
        raise StoreError(tr("The folder {parent} cannot be used: {reason}.", parent=path.parent, reason=error.strerror), tr("Check the folder and its permissions.")) from error


def known(error: sqlite3.DatabaseError, path: Path) -> Exception:
    """The StoreError for this database error, or the error itself when it is a mistake of ours."""
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return error
    extended, code = code, code & 0xFF
    if code in FULL or extended == sqlite3.SQLITE_IOERR_WRITE:
        return _full(path)
    if code in READ_ONLY:
        return _read_only(path)
    if code in LOCKED:
        return StoreError(tr("Another program is using the data file."), tr("Try again in a moment, or close the other tokenpal."))
    if code in CORRUPT:
        return StoreError(tr("The data file {path} is damaged.", path=path), _way_back(path))
    if code in STOPPED:
        return StoreError(tr("The work was stopped before it was done; nothing was saved."), tr("Start it again when tokenpal runs."))
    if code in UNREACHABLE:
        # SQLite says so too when it cannot make its files beside the data file.
        return trouble_of_the_disk(path) or StoreError(tr("The data file {path} cannot be opened or read.", path=path), tr("Check that its disk is there and the folder is writable."))
    return error


def trouble_of_the_disk(path: Path) -> StoreError | None:
    """Whether nothing can be written where the data file lies, and why; None when that is not the trouble."""
    try:
        if path.exists() and not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
            return _read_only(path)
        return _full(path) if shutil.disk_usage(path.parent).free < LEAST_FREE else None
    except OSError:
        return None


def _full(path: Path) -> StoreError:
    return StoreError(tr("The disk is full, so nothing more can be saved."), tr("Free some space on the disk that holds {parent}.", parent=path.parent))


def _read_only(path: Path) -> StoreError:
    return StoreError(tr("The data file {path} is read-only.", path=path), tr("Make the folder writable, or choose another with TOKENPAL_HOME."))


def _way_back(path: Path) -> str:
    saved = sorted((path.parent / "backups").glob("*.db"), key=lambda each: each.name)
    if saved:
        return tr("Put a backup from {folder} in its place; the newest is {name}.", folder=path.parent / "backups", name=saved[-1].name)
    return tr("Move it away and start tokenpal again, or run: tokenpal scan. The agents' logs are read again; your words come back from an export or a backup.")
