"""Pi: sessions below ``.pi/agent/sessions`` (agent-logs 7.6; ``pi_rows`` counts)."""

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
    id="pi",
    name="Pi",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://github.com/badlogic/pi-mono",
    tells="Every response of Pi on this machine: tokens by class, model, provider, folder, session, and the cost that it recorded.",
    silent="Git branches, use on other machines, and sessions deleted before they were read; cost is a reckoning from list prices.",
)


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """The agent's folder: ``PI_CODING_AGENT_DIR``, ``PI_AGENT_DIR``, else ``~/.pi/agent``."""
    return once([*named(home, env, "PI_CODING_AGENT_DIR", "PI_AGENT_DIR"), home / ".pi" / "agent"])


def wanted(name: str) -> bool:
    return name.endswith(pi_rows.SUFFIX)


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """The new lines of every session, newest file first."""
    if context.root is not None:
        for piece in pi_rows.new_lines(context, below(context.root, "sessions", own={"agent"}), wanted):
            yield piece


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: bad lines become problems."""
    return pi_rows.parse(INFO.id, state, raw)
