"""OpenClaw: sessions below ``agents/<agent>/sessions`` (agent-logs 8; ``pi_rows`` counts).

A session that was reset or deleted keeps its file under a longer name (``….jsonl.reset.<time>``, ``….jsonl.deleted.<time>``):
its use counts, and a row that stands in both counts once.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

from tokenpal.model.usage import Item
from tokenpal.sources import pi_rows
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Piece, Raw, SourceInfo
from tokenpal.sources.pi_rows import State as State
from tokenpal.sources.roots import below, named, once

INFO: Final = SourceInfo(
    id="openclaw",
    name="OpenClaw",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://docs.openclaw.ai",
    tells="Responses of OpenClaw's agents on this machine: tokens by class, model, provider, session, and the cost that it recorded.",
    silent="Partial: sessions of sub-agents and scheduled jobs that OpenClaw cleaned up before they were read, and use on other machines.",
)
HOMES: Final = (".openclaw", ".clawdbot", ".moltbot", ".moldbot")
KEPT: Final = (".jsonl.deleted.", ".jsonl.reset.")


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``OPENCLAW_STATE_DIR``, ``OPENCLAW_DIR``, ``~/.openclaw`` and the names it had before."""
    return once([*named(home, env, "OPENCLAW_STATE_DIR", "OPENCLAW_DIR", "CLAWDBOT_STATE_DIR"), *(home / name for name in HOMES)])


def wanted(name: str) -> bool:
    return name.endswith(pi_rows.SUFFIX) or any(kept in name for kept in KEPT)


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """The new lines of every session, newest file first."""
    if context.root is not None:
        for piece in pi_rows.new_lines(context, below(context.root, "agents", own=HOMES), wanted, skip=frozenset({"workspace", "memory"}), depth=6):
            yield piece


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: bad lines become problems."""
    return pi_rows.parse(INFO.id, state, raw)
