"""The data as a whole: back up, export, import, delete. Each says in a sentence what it did."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from tokenpal.engine.commands import changes
from tokenpal.engine.shared import make_rulebook
from tokenpal.insight.numbers import count
from tokenpal.insight.tasks import attribute
from tokenpal.model.errors import UsageError
from tokenpal.model.report import AccountRow
from tokenpal.sources import registry
from tokenpal.store import archive, backup
from tokenpal.store.database import Store
from tokenpal.store.ledger import Rules
from tokenpal.system.paths import Paths


def back_up(store: Store, target: Path | None = None) -> str:
    """A complete copy, beside the data file unless a target is given. Raises StoreError."""
    if target is None:
        stamp = datetime.fromtimestamp(store.now(), UTC).strftime("%Y-%m-%d-%H%M%S")
        target = store.path.parent / "backups" / f"by-hand-{stamp}.db"
    backup.backup(store, target)
    return f"Backed up to {target.name}."


def export_to(store: Store, name: str) -> str:
    """Everything as JSON lines, readable by the person only. Raises UsageError when the file cannot be written."""
    target = Path(name).expanduser()
    partial = target.with_name(f"{target.name}.{os.getpid()}.partial")
    lines = 0
    try:
        with open(
            partial, "w", encoding="utf-8", errors="backslashreplace", newline="\n", opener=lambda path, flags: os.open(path, flags, 0o600)
        ) as file:
            for line in archive.export(store):
                file.write(line + "\n")
                lines += 1
        partial.replace(target)
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}.", "Choose another place.") from error
    finally:
        partial.unlink(missing_ok=True)
    return f"{target.name}: {count(lines, 'line')}."


@changes("usage", "labels", "tasks", "checkins", "accounts", "limits")
def import_from(store: Store, name: str) -> str:
    """Merge an export (decisions 5). Raises UsageError; then nothing was imported."""
    source = Path(name).expanduser()
    if not source.is_file():
        raise UsageError(f"There is no file {source}.", "Choose a file that tokenpal exported.")
    book = make_rulebook(store, Path.home(), lambda: int(time.time()))

    def rules(account: AccountRow) -> Rules:
        known = registry.source(account.source)
        return Rules(None, book.price, None, attribute) if known is None else book.of(known)

    merged = archive.merge(store, _lines(source), rules, attribute)
    return f"{count(merged.records, 'usage record')} new or changed, {count(merged.journal, 'entry', 'entries')} of yours new or newer."


def _lines(source: Path) -> Iterator[bytes]:
    with source.open("rb") as file:
        yield from (line for line in file if line.strip())


def delete_everything(paths: Paths) -> None:
    """The whole profile: data, backups, settings, cache, logs. Only after the engine has stopped; agents' folders are not ours."""
    backup.delete_all([paths.database, paths.backups])
    for folder in {paths.data, paths.config, paths.cache, paths.logs}:
        shutil.rmtree(folder, ignore_errors=True)
