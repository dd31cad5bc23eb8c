"""Cline: tasks in the editors' folders (agent-logs 7.5; ``cline_rows`` counts, ``editors`` knows where)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tokenpal.model.usage import Candidate, Item
from tokenpal.sources import cline_rows, editors
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Piece, Raw, SourceInfo
from tokenpal.sources.cline_rows import State as State
from tokenpal.sources.roots import named

INFO: Final = SourceInfo(
    id="cline",
    name="Cline",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://docs.cline.bot",
    tells="Every request of Cline in the editors on this machine: tokens by class, model, task, and the cost that Cline recorded.",
    silent="Which request a folder belongs to in older versions; tasks deleted before they were read; cost is Cline's own reckoning, 0 with a subscription. Version 4.1 and later keep sessions where Cline CLI does.",
)
KIND: Final = cline_rows.Kind(INFO.id, "saoudrizwan.claude-dev")


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """Every editor, and what Cline keeps for itself (``CLINE_DATA_DIR``, ``CLINE_DIR``, ``~/.cline/data``; CLI sessions lie beside)."""
    own = [*named(home, env, "CLINE_DATA_DIR", below="tasks"), *named(home, env, "CLINE_DIR", below="data/tasks"), home / ".cline" / "data" / "tasks"]
    return editors.roots(home, env, KIND.extension, *own)


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """The tasks that changed, each whole."""
    for piece in editors.tasks(context, KIND.extension, cline_rows.beside):
        yield piece


def parse(state: State | None, raw: Raw) -> tuple[State, list[Item]]:
    """Pure and total: what is not an entry with counts is left out."""
    return cline_rows.parse(KIND, state, raw)


def settle(family: Sequence[Candidate]) -> set[bytes]:
    """Requests of deleted messages, or the sum that stands for them."""
    return cline_rows.settle(family)
