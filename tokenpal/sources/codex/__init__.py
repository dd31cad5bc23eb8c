"""Codex CLI, IDE extension and desktop: rollouts (agent-logs 4, decisions 2 and 3).

``rows`` decodes a line, ``totals`` says when a row counts, ``history`` which rows are copies, ``relatives`` knows the
files of a family, ``counting`` makes usage records of it all, ``limits`` reads plan windows. ``fetch`` hands ``parse``
the raw rows of a child's parent, and reads a child again from the start when a relative of it turns up.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.sources.base import Context, Kind, Piece, SourceInfo
from tokenpal.sources.codex.counting import State as State, parse as parse, settle as settle
from tokenpal.sources.codex.history import Family
from tokenpal.sources.codex.relatives import ARCHIVE, Relatives, twin, without_twins
from tokenpal.sources.roots import named, once
from tokenpal.sources.tail import Markers, Reader, troubles, unchanged
from tokenpal.sources.walk import Found, look

INFO: Final = SourceInfo(
    id="codex",
    name="Codex",
    kind=Kind.LOG,
    provider="openai",
    docs="https://developers.openai.com/codex",
    tells="Every response of Codex on this machine: tokens by class, model, folder and session, and plan limits as of the last response.",
    silent="Use on other machines and in the cloud; limits are only as fresh as the last response.",
)
# '"token_' starts token_count and token_usage_record; '"usage"' is for captured output among the rollouts.
MARKERS: Final = Markers(
    anywhere=(b'"token_', b'"turn_context"', b'"compacted"', b'"thread_settings_applied"', b'"usage"'), early=(b'"session_meta"',)
)
PRIVATE: Final = frozenset({"history.jsonl", "session_index.jsonl"})


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``CODEX_HOME`` (several with the system's path separator or a comma) and ``~/.codex``; one place is one root."""
    return once([*named(home, env, "CODEX_HOME"), home / ".codex"])


def bases(root: Path) -> list[str]:
    """What to walk. A root that is itself a folder of logs, or one log, works too."""
    below = [root / name for name in ("sessions", ARCHIVE) if (root / name).is_dir()]
    if below or root.name == ".codex":
        return [str(path) for path in below]
    return [str(root)]


def wanted(name: str) -> bool:
    """Rollouts, plain or compressed, and no file of prompts."""
    return name.endswith((".jsonl", ".jsonl.zst")) and name not in PRIVATE


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """The new lines of every rollout below the root, newest file first, and all of a child whose relatives changed."""
    if context.root is None:
        return
    seen = look(
        bases(context.root), wanted, skip=frozenset({".tmp"}), memory=context.memory, full=context.full_walk,
        now_ns=context.now() * 1_000_000_000,
    )  # fmt: skip
    for piece in troubles(seen.problems):
        yield piece
    cursors, now = context.cursors, context.now()
    files = without_twins(seen.files)
    todo = [found for found in files if not unchanged(found, cursors.get(found.path))]
    if not todo:
        return
    relatives, again = _relatives(files, todo, context)
    todo += [found for found in files if found.path in again]
    reader = Reader(MARKERS)
    reader.plan(todo, cursors)
    for found in todo:
        cursor = None if found.path in again else cursors.get(found.path)
        rows = cursor is None or relatives is None or relatives.open(found.path)
        family = relatives.family(found.path, rows=rows) if relatives is not None else None
        came = False
        for piece in reader.pieces(found, cursor, now, family):
            if piece.first and not rows and relatives is not None:  # another file has this name now
                rows, family = True, relatives.family(found.path)
            came = True
            yield piece if piece.context is family else msgspec.structs.replace(piece, context=family)
        if not came and (moved := twin(found.path)) is not None:
            for piece in reader.pieces(Found(moved, 0, 0, 0), cursors.get(moved), now, family):
                yield piece


def _relatives(files: list[Found], todo: list[Found], context: Context) -> tuple[Relatives | None, set[str]]:
    """The families, if any file to be read may belong to one; and the unchanged files that have to be read again."""
    memory: dict[str, Any] = context.memory.setdefault("codex", {})
    plain: set[str] = memory.get("plain", set())
    if all(found.path in plain and found.path in context.cursors for found in todo):
        return None, set()
    relatives = Relatives(files, context.cursors, memory, context.now())
    memory["plain"] = relatives.plain()
    changed = {found.path for found in todo}
    again = {found.path for found in files if relatives.outdated(found.path)}
    for path in again & changed:
        todo[:] = [found for found in todo if found.path != path]
    return relatives, again


__all__ = ["INFO", "Family", "State", "fetch", "parse", "roots", "settle"]
