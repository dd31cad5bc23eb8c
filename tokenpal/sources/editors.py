"""Where VS Code and its relatives keep their extensions' files, and how tasks of the Cline family are looked for (agent-logs 7.5).

An extension keeps its tasks in ``globalStorage/<extension id>/tasks/<task id>/`` of the editor it runs in, on this machine
or on the one it is connected to (``.vscode-server`` and the like).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.sources.base import Context, Cursor, Piece, Progress
from tokenpal.sources.documents import changed
from tokenpal.sources.roots import below, config, named, once, roaming, support
from tokenpal.sources.tail import troubles, unchanged
from tokenpal.sources.walk import Found, look

EDITORS: Final = (
    "Code", "Code - Insiders", "Code - OSS", "VSCodium", "VSCodium - Insiders", "Cursor", "Windsurf", "Windsurf - Next", "Trae", "Trae CN",
    "Antigravity", "Kiro", "Positron", "Void", "PearAI", "Qoder", "code-server",
)  # fmt: skip
SERVERS: Final = (
    ".vscode-server", ".vscode-server-insiders", ".vscode-remote", ".vscodium-server", ".cursor-server", ".windsurf-server",
    ".windsurf-next-server", ".trae-server", ".positron-server", ".antigravity-server", ".kiro-server",
)  # fmt: skip
FLATPAKS: Final = (("com.visualstudio.code", "Code"), ("com.visualstudio.code.insiders", "Code - Insiders"), ("com.vscodium.codium", "VSCodium"))
STORAGE: Final = Path("User", "globalStorage")
MESSAGES: Final = "ui_messages.json"
SIDES: Final = frozenset({"api_conversation_history.json", "task_metadata.json", "history_item.json"})
"""Beside the messages: model and folder stand there. Everything else in them is dropped where it is read."""
SKIPPED: Final = frozenset({"checkpoints", "cache", "settings", "node_modules", ".git", "puppeteer", "mcp-servers"})


def storage(home: Path, env: Mapping[str, str], extension: str) -> list[Path]:
    """This extension's folder in every editor there may be."""
    bases = sorted([*roaming(home, env), support(home), *config(home, env)], key=lambda base: not base.is_dir())  # this system's first
    found = [base / editor / STORAGE for base in bases for editor in EDITORS]
    found += [home / server / "data" / STORAGE for server in SERVERS]
    found += [home / ".var" / "app" / app / "config" / editor / STORAGE for app, editor in FLATPAKS]
    found.append(home / ".local" / "share" / "code-server" / STORAGE)
    found += named(home, env, "VSCODE_PORTABLE", below=str(Path("user-data", STORAGE)))
    return [path / extension for path in found]


def roots(home: Path, env: Mapping[str, str], extension: str, *others: Path) -> tuple[Path, ...]:
    return once([*storage(home, env, extension), *others])


def tasks(context: Context, own: str, read: Callable[[list[Found]], Any]) -> Iterator[Piece]:
    """The tasks whose messages, or what lies beside them, changed. ``own``: id of the extension; tasks of another one are left out.

    ``read`` makes a Piece's context of the files beside the messages.
    """
    if context.root is None:
        return
    seen = look(
        below(context.root, "tasks"), _wanted, skip=SKIPPED, depth=8, memory=context.memory, full=context.full_walk,
        now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    yield from troubles(seen.problems)
    folders: dict[str, list[Found]] = {}
    for found in seen.files:
        if _ours(found.path, own):
            folders.setdefault(os.path.dirname(found.path), []).append(found)
    todo = [files for files in folders.values() if any(not unchanged(found, context.cursors.get(found.path)) for found in files)]
    at = Progress(0, len(todo), 0, sum(found.size for files in todo for found in files))
    for files in todo:
        at = msgspec.structs.replace(at, files=at.files + 1, bytes=at.bytes + sum(found.size for found in files))
        sides = [found for found in files if os.path.basename(found.path) in SIDES]
        messages = [found for found in files if found not in sides]
        if not messages:
            continue
        for piece in changed(messages, {}, context.now(), context=lambda _, sides=sides: read(sides)):  # type: ignore[misc]  # bound on purpose
            yield msgspec.structs.replace(piece, progress=at)
            for side in sides:
                yield Piece(Cursor(side.path, 0, side.inode, side.size, side.mtime_ns), (), first=False, progress=at)


def _wanted(name: str) -> bool:
    return name == MESSAGES or name in SIDES


def _ours(path: str, own: str) -> bool:
    """Not a task of another extension of the family, where a root holds several."""
    parts = path.replace("\\", "/").lower().split("/")
    families = {"saoudrizwan.claude-dev", "rooveterinaryinc.roo-cline", "kilocode.kilo-code"}
    return not any(part in families and part != own for part in parts)
