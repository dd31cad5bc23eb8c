"""The data as a whole: back up, restore, export, import, delete. The caller makes the sentences."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

from tokenpal.engine import budgets, bundle
from tokenpal.engine.changes import changes
from tokenpal.engine.shared import make_rulebook
from tokenpal.insight.tasks import attribute
from tokenpal.model.errors import StoreError, UsageError
from tokenpal.model.report import AccountRow
from tokenpal.sources import registry
from tokenpal.store import accounts, archive, backup, sharing
from tokenpal.store.database import Store
from tokenpal.store.ledger import Rules
from tokenpal.system.lock import FolderBusy, FolderLock
from tokenpal.system.paths import Paths
from tokenpal.system.secrets import FOR_SESSION, Secrets
from tokenpal.translation import tr


class Stopped(UsageError):
    """The person cancelled; nothing was left behind."""


class Job:
    """How far long work is, and the wish to stop it: written by one thread, read by another."""

    def __init__(self) -> None:
        self.done = self.total = 0  # 0 of 0: not known
        self.stop = False

    def step(self, done: int, total: int = 0) -> None:
        """Note how far it is. Raises Stopped when the person wants it to end."""
        self.done, self.total = done, total
        if self.stop:
            raise Stopped(tr("Stopped. Nothing was kept of it."))


def back_up(store: Store, folder: Path, target: Path | None = None, job: Job | None = None) -> Path:
    """A complete copy, named after the time and kept in the backups ``folder`` unless a target is given. Raises StoreError, UsageError."""
    name = datetime.fromtimestamp(store.now(), UTC).strftime("tokenpal-%Y%m%d-%H%M%S.db")
    target = folder / name if target is None else target / name if target.is_dir() else target
    if target.exists():
        raise UsageError(tr("{path} is there already.", path=target), tr("Give another name."))
    return backup.backup(store, target, job.step if job is not None else None)


class Backup(NamedTuple):
    """A file in the backups folder."""

    path: Path
    made: int  # epoch seconds
    size: int  # bytes


def backups(folder: Path) -> list[Backup]:
    """What the backups folder holds, newest first."""
    found = [(path, path.stat()) for path in folder.glob("tokenpal-*.db") if path.is_file()]
    return sorted(
        (Backup(path, int(state.st_mtime), state.st_size) for path, state in found), key=lambda one: (one.made, one.path), reverse=True
    )


def restore(paths: Paths, source: Path) -> Path | None:
    """Put a backup in the place of the data; where the replaced data was kept, None when there was none.

    Nobody else may be at work on the folder meanwhile. Raises FolderBusy, or StoreError for what is no backup; then nothing changed.
    """
    lock = FolderLock(paths.lock)
    if not lock.take():
        raise FolderBusy(tr("tokenpal is running on this data."), tr("Quit it, then restore the backup."))
    try:
        return backup.restore(paths.database, source, paths.backups)
    finally:
        lock.release()


PLAIN: Final = frozenset({".jsonl", ".ndjson", ".json"})
"""Names that ask for the lines alone; any other is the whole archive with its pages to read."""


def export_to(store: Store, name: str, job: Job | None = None) -> int:
    """Everything as one archive, readable by the person only; how many lines. Raises UsageError when the file cannot be written.

    A zip of the lines and of pages to read (``bundle``); a name such as ``all.jsonl`` gets the lines alone.
    """
    target = Path(name).expanduser()
    if target.is_dir():
        raise UsageError(tr("{path} is a folder.", path=target), tr("Give the name of a file."))
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    lines = 0
    try:
        with open(partial, "w+b", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            if target.suffix.lower() in PLAIN:
                for line in archive.export(store):
                    file.write(line.encode("utf-8", "backslashreplace") + b"\n")
                    lines += 1
                    if job is not None and lines % 1000 == 0:
                        job.step(lines)
            else:
                lines = bundle.write(store, file, job.step if job is not None else None)
        partial.replace(target)
    except OSError as error:
        raise UsageError(tr("{path} cannot be written: {reason}.", path=target, reason=error.strerror), tr("Choose another place.")) from error
    finally:
        with suppress(OSError):
            partial.unlink(missing_ok=True)
    return lines


@changes("usage", "labels", "tasks", "checkins", "budgets", "accounts", "limits")
def import_lines(store: Store, lines: Iterable[bytes]) -> archive.Merged:
    """Merge the lines of an export. Raises UsageError; then nothing was imported."""
    book = make_rulebook(store, Path.home(), lambda: int(time.time()))

    def rules(account: AccountRow) -> Rules:
        known = registry.source(account.source)
        return Rules(None, book.price, None, attribute) if known is None else book.of(known)

    merged = archive.merge(store, (line for line in lines if line.strip()), rules, attribute)
    budgets.note_passed(store)  # what was reached on another machine is no news here
    return merged


def delete_everything(paths: Paths, secrets: Secrets | None = None) -> None:
    """The whole profile: keys, data, backups, settings, cache, logs. Only after the engine has stopped; agents' folders are not ours.

    A key that the credential store does not give up (it is locked) stays there; without the data file nothing knows it any more.
    """
    names = _key_names(paths)
    if names:
        secrets = Secrets() if secrets is None else secrets
        for name in names:
            secrets.delete(name)
    backup.delete_all([paths.database, paths.backups])
    for folder in {paths.data, paths.config, paths.cache, paths.logs}:
        shutil.rmtree(folder, ignore_errors=True)


def _key_names(paths: Paths) -> list[str]:
    """What the data file says is in the credential store: keys of accounts, and those of a member of a team."""
    from tokenpal.engine.sharing.keys import entry

    if not paths.database.exists():
        return []
    try:
        with Store.open(paths.database, backups=paths.backups, read_only=True) as store:
            keys = [account.secret.removesuffix(FOR_SESSION) for account in accounts.accounts(store) if account.secret]
            return [*keys, *(entry(paths.profile, team) for team in sharing.teams(store))]
    except StoreError:
        return []  # damaged: all that can be done is to delete it
