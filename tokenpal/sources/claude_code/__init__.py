"""Claude Code: transcripts under ``projects`` (agent-logs 3, decisions 2 and 3).

``rows`` decodes a line, ``counting`` turns rows into usage records and says which copies count, ``places`` knows where
the files are. Rules that span files need no order: copies of a response share a family of keys, the ledger keeps the
most complete line of each key, and ``settle`` picks from the family.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from tokenpal.sources.base import Context, Kind, Piece, SourceInfo
from tokenpal.sources.claude_code.counting import State as State, parse as parse, settle as settle
from tokenpal.sources.claude_code.places import bases, roots as roots, wanted
from tokenpal.sources.tail import Markers, Reader, troubles, unchanged
from tokenpal.sources.walk import look

INFO: Final = SourceInfo(
    id="claude-code",
    name="Claude Code",
    kind=Kind.LOG,
    provider="anthropic",
    docs="https://docs.claude.com/en/docs/claude-code",
    tells="Every response of Claude Code on this machine: tokens by class, model, folder, branch and session.",
    silent="Use on other machines, in the browser, and logs that Claude Code removed before they were read.",
)
# The marker is one word in quotes: writers put spaces around colons, and quoted text has a backslash before its quotes.
MARKERS: Final = Markers(anywhere=(b'"usage"',), first_line=True)


async def fetch(context: Context) -> AsyncIterator[Piece]:
    """The new lines of every transcript below the root, newest file first."""
    if context.root is None:
        return
    where, depth = bases(context.root)
    seen = look(
        where, wanted, skip=frozenset({"node_modules", ".git"}), depth=depth, memory=context.memory,
        full=context.full_walk, now_ns=context.now() * 1_000_000_000,
    )
    for piece in troubles(seen.problems):
        yield piece
    todo = [found for found in seen.files if not unchanged(found, context.cursors.get(found.path))]
    for piece in Reader(MARKERS).scan(todo, context.cursors, context.now()):
        yield piece
