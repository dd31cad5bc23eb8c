"""Roo Code: tasks in the editors' folders (agent-logs 7.5; ``cline_rows`` counts, ``editors`` knows where)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tokenpal.model.usage import Candidate, Item
from tokenpal.sources import cline_rows, editors
from tokenpal.sources.base import ANY_PROVIDER, Context, Kind, Piece, Raw, SourceInfo
from tokenpal.sources.cline_rows import State as State

INFO: Final = SourceInfo(
    id="roo-code",
    name="Roo Code",
    kind=Kind.LOG,
    provider=ANY_PROVIDER,
    docs="https://docs.roocode.com",
    tells="Every request of Roo Code in the editors on this machine: tokens by class, model, task, folder, and the cost that Roo Code recorded.",
    silent="Requests that only condense the conversation (they have a cost and no counts), and tasks deleted before they were read; a custom storage path has to be added as a folder.",
)
KIND: Final = cline_rows.Kind(INFO.id, "rooveterinaryinc.roo-cline", 1_761_955_200_000)


def roots(home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
    """Every editor, and Roo Code's command line."""
    return editors.roots(home, env, KIND.extension, home / ".vscode-mock" / "global-storage")


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
