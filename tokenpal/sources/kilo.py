"""Kilo CLI: of the OpenCode family, in a folder of its own (agent-logs 6.1)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

from tokenpal.model.usage import Item
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Piece, Raw, SourceInfo
from tokenpal.sources.opencode_places import data_roots, pieces
from tokenpal.sources.opencode_rows import State as State, said, settle as settle

INFO: Final = SourceInfo(
    id="kilo",
    name="Kilo CLI",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://kilo.ai/docs",
    tells="Every response of Kilo CLI on this machine: tokens by class, provider, model, folder, session, and its own price.",
    silent="Requests for session titles and the like, which it does not store: the figures are a lower bound. Git branches.",
)


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """``KILO_DATA_DIR`` (may name several), ``XDG_DATA_HOME``, and ``.local/share`` on every system."""
    return data_roots("kilo", "KILO_DATA_DIR", home, env)


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """New rows of every channel's database, and the JSON files that changed."""
    for piece in pieces("kilo", context):
        yield piece


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: what cannot be understood becomes a problem."""
    return State(), said(INFO.id, raw) if isinstance(raw, Piece) else []
