"""Where OpenCode and its family keep databases and files, and how these are read (agent-logs 6.1)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import msgspec

from tokenpal.model.names import LONGEST_PATH, plain
from tokenpal.sources.base import Context, Piece
from tokenpal.sources.documents import changed
from tokenpal.sources.lenient import document, fit
from tokenpal.sources.livedb import read
from tokenpal.sources.opencode_rows import MOST_FOLDERS, Known, Session
from tokenpal.sources.opencode_tables import TABLES
from tokenpal.sources.roots import named, once
from tokenpal.sources.tail import troubles, unchanged
from tokenpal.sources.walk import Found, look

KEPT: Final = re.compile(r"backup|bak|old|copy|orig|save|temp|tmp|before|pre|snapshot|recover|corrupt|broken", re.IGNORECASE)
"""Words in the names of copies: a stale one would be counted again (orca#8023)."""
MOST_SMALL: Final = 1 << 20


def data_roots(name: str, variable: str, home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """The folders that may hold the data, each place once."""
    return once([*named(home, env, variable), *named(home, env, "XDG_DATA_HOME", below=name), home / ".local" / "share" / name])


def databases(name: str, folder: Path) -> list[Path]:
    """``opencode.db`` and ``opencode-<channel>.db``, and no backups of them."""
    pattern = re.compile(rf"{re.escape(name)}(?:-([A-Za-z][A-Za-z0-9_.]*))?\.db")
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    matches = [(each, pattern.fullmatch(each)) for each in names]
    return [folder / each for each, match in matches if match and not (match[1] and KEPT.search(match[1])) and (folder / each).is_file()]


def pieces(name: str, context: Context) -> Iterator[Piece]:
    """Everything new below one root: a data folder, or a folder of several, of which the first wins."""
    root = context.root
    if root is None or not root.is_dir():
        return
    folders = [root]
    if not databases(name, root) and not (root / "storage").is_dir():
        try:
            folders = [Path(entry.path) for entry in sorted(os.scandir(root), key=lambda entry: entry.name) if entry.is_dir()]
        except OSError:
            return
        folders = [folder for folder in folders if databases(name, folder)]
    for number, folder in enumerate(folders):
        known = Known(min(number, MOST_FOLDERS))
        for path in databases(name, folder):
            for piece in read(path, TABLES, context):
                yield msgspec.structs.replace(piece, context=known)
        yield from _files(folder, known, context)


def _files(folder: Path, known: Known, context: Context) -> Iterator[Piece]:
    """Older versions: one JSON file per message, in ``storage/message`` or ``storage/session/message``, the oldest below ``project``."""
    storages = [folder / "storage", *sorted((folder / "project").glob("*/storage"))]
    bases = [str(path) for storage in storages for path in (storage / "message", storage / "session" / "message") if path.is_dir()]
    if not bases:
        return
    seen = look(
        bases, lambda name: name.endswith(".json"), memory=context.memory.setdefault(str(folder), {}), full=context.full_walk,
        now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    yield from troubles(seen.problems)
    todo = [found for found in seen.files if not unchanged(found, context.cursors.get(found.path))]
    if todo:
        sessions = _Sessions(storages)
        yield from changed(
            todo, context.cursors, context.now(), context=lambda found: msgspec.structs.replace(known, session=sessions.of(found)),
        )  # fmt: skip


class _Info(msgspec.Struct, gc=False):
    id: str | None = None
    parentID: str | None = None  # noqa: N815 - as the file spells it
    directory: str | None = None
    version: str | None = None


class _Sessions:
    """The sessions of older versions, ``storage/session/<project>/<session>.json`` or ``storage/session/info/…``: never their titles."""

    def __init__(self, storages: list[Path]) -> None:
        self.paths = {path.stem: path for storage in storages for path in (storage / "session").glob("*/*.json")}
        self.read: dict[str, _Info] = {}

    def of(self, found: Found) -> Session:
        own = self.info(Path(found.path).parent.name)
        top = own
        for _ in range(20):
            if not top.parentID:
                break
            above = self.info(top.parentID)
            top = above if above.id else _Info(id=top.parentID)
        return Session(top.id or "", plain(own.directory or "", LONGEST_PATH), own.version or "")

    def info(self, session: str) -> _Info:
        if session not in self.read:
            self.read[session] = _Info()
            path = self.paths.get(session)
            if path is not None:
                try:
                    with path.open("rb") as file:
                        self.read[session] = fit(document(file.read(MOST_SMALL)), _Info) or _Info()
                except OSError:
                    pass
        return self.read[session]
