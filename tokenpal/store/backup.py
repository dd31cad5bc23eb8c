"""Copies of the data file: made while it is in use, never by copying the file (a WAL database would lose rows)."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable
from contextlib import closing
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tokenpal.model.errors import StoreError
from tokenpal.store.schema import APPLICATION_ID
from tokenpal.store.troubles import known_errors
from tokenpal.translation import tr

if TYPE_CHECKING:
    from tokenpal.store.database import Store

KEPT: Final = 3
PAGES_AT_ONCE: Final = 512
Step = Callable[[int, int], None]
"""Told how much is done, of how much; what it raises ends the work and leaves nothing behind."""


def backup(store: Store, target: Path, step: Step | None = None) -> Path:
    """A complete copy at ``target`` (mode 0600, one file), written as ``.partial`` and renamed. Raises StoreError, and what ``step`` raises."""
    with known_errors(target):
        copy(store.connection, target, step)
    return target


def rotate(connection: sqlite3.Connection, folder: Path, version: int, now: int) -> Path:
    """A copy named after version and date; the newest three of these stay."""
    stamp = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d-%H%M%S")
    target = folder / f"tokenpal-v{version}-{stamp}.db"
    copy(connection, target)
    for old in sorted(folder.glob("tokenpal-v*-*.db"), key=lambda path: path.stat().st_mtime_ns)[:-KEPT]:
        old.unlink(missing_ok=True)
    return target


def copy(connection: sqlite3.Connection, target: Path, step: Step | None = None) -> None:
    """``Connection.backup`` into a new private file beside the target, then one rename. ``step(done, pages)`` is told now and then."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")  # another process may copy at the same moment
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    try:
        with closing(sqlite3.connect(partial, isolation_level=None)) as other:
            if step is None:
                connection.backup(other)
            else:
                connection.backup(other, pages=PAGES_AT_ONCE, progress=lambda _status, left, pages: step(pages - left, pages))
            other.execute("PRAGMA journal_mode = DELETE")  # one file that can be handed on
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise


def restore(path: Path, source: Path, backups: Path | None = None) -> Path | None:
    """Put the backup ``source`` in the place of the data file, after saving the present one; returns that copy.

    No tokenpal may be running on the folder (the caller holds its lock). Raises StoreError when ``source`` is no sound
    tokenpal data file; the present file is then untouched.
    """
    with known_errors(source):
        if not source.is_file():
            raise StoreError(tr("There is no backup at {source}.", source=source), tr("Choose one of the files in the folder backups."))
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as found:
            sound = found.execute("PRAGMA quick_check(1)").fetchone()[0] == "ok"
            ours = found.execute("PRAGMA application_id").fetchone()[0] == APPLICATION_ID
            if not (sound and ours):
                raise StoreError(tr("{source} is no sound backup of tokenpal.", source=source), tr("Choose another backup."))
    saved = None
    with known_errors(path):
        if path.exists():
            folder = backups if backups is not None else path.parent / "backups"
            saved = _free(folder, f"tokenpal-before-restore-{datetime.now(UTC).strftime('%Y%m%d-%H%M%S')}")
            try:
                with closing(sqlite3.connect(path, isolation_level=None)) as present:
                    copy(present, saved)
            except sqlite3.DatabaseError:  # damaged: keep the bytes as they are
                saved.parent.mkdir(parents=True, exist_ok=True)
                saved.write_bytes(path.read_bytes())
        with closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as found:
            fresh = path.with_name(path.name + ".restored")
            copy(found, fresh)
        for leftover in side_files(path):
            leftover.unlink(missing_ok=True)
        fresh.replace(path)
    return saved


def _free(folder: Path, stem: str) -> Path:
    """A name that no file has: of two copies of one second the later must not replace the earlier."""
    names = (f"{stem}{'' if number == 1 else f'-{number}'}.db" for number in count(1))
    return next(path for name in names if not (path := folder / name).exists())


def delete_all(paths: Iterable[Path]) -> list[Path]:
    """Delete data files with their side files and backups folders' contents; returns what was deleted."""
    gone = []
    for path in paths:
        candidates = sorted(path.glob("tokenpal-*.db*")) if path.is_dir() else [path, *side_files(path)]
        for each in candidates:
            if each.is_file():
                each.unlink()
                gone.append(each)
    return gone


def side_files(path: Path) -> tuple[Path, ...]:
    """What SQLite keeps beside the data file."""
    return tuple(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))
