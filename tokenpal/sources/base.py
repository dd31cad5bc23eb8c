"""The contract of a source: fetch does input and output, parse gives it meaning (architecture 1.4, decisions 3).

A source is one module with ``INFO``, ``State``, ``fetch``, ``parse`` and, where records can be copies of one another,
``settle``. It never opens a database, reads settings or imports another source. ``registry.py`` finds it by itself.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from tokenpal.model import names
from tokenpal.model.cursors import Cursor as Cursor
from tokenpal.model.usage import Candidate, Item, Problem

if TYPE_CHECKING:
    from tokenpal.system.net import Http
    from tokenpal.system.secrets import Secret


class Kind(StrEnum):
    """Where a source reads."""

    LOG = "log"  # files that an agent leaves on this machine
    API = "api"  # a provider account, polled with a key
    INBOX = "inbox"  # figures that are handed to tokenpal: imported files, what the receiver takes


ANY_PROVIDER: Final = names.ANY_PROVIDER
"""``SourceInfo.provider`` of an agent that talks to several: then each record names its own."""


class Option(msgspec.Struct, frozen=True):
    """Something besides name, address and key that an account may need; kept with the account, never secret."""

    id: str  # "team_id": the key in Context.options and after --option on the command line
    name: str  # "Team id": the label of its field
    help: str  # one sentence: what it does and where to find it
    required: bool = False
    example: str = ""
    choices: tuple[tuple[str, str], ...] = ()  # (value, words); the first is the default


class SourceInfo(msgspec.Struct, frozen=True):
    """What the app and the person need to know of a source before using it."""

    id: str  # "claude-code": in session keys, settings and commands; never changes
    name: str  # "Claude Code"
    kind: Kind
    provider: str  # whose requests these are: "anthropic", "openai" (decisions 3: what counts)
    docs: str = ""  # address of the provider's documentation
    key: str = ""  # which key, the least scope that works
    key_page: str = ""  # where to make it
    tells: str = ""  # one sentence: what the figures contain
    silent: str = ""  # one sentence: what they do not contain
    base_url: str = ""  # default address; "" with needs_base_url = the person gives one
    needs_base_url: bool = False
    poll_seconds: int = 900
    gateway: bool = False  # may show requests that an upstream provider also reports
    options: tuple[Option, ...] = ()  # asked for when the account is added: team id, "only mine" filters
    plan: bool = False  # the key of a coding plan: it tells how full the plan's windows are
    needs_key: bool = True  # False: the key may be left empty (a server on this machine)
    unofficial: str = ""  # not documented by the provider: the sentence the person agrees to before it is ever asked


class Line(msgspec.Struct, frozen=True, gc=False):
    """One complete line of a log, without its newline."""

    offset: int
    data: bytes


class Progress(msgspec.Struct, frozen=True, gc=False):
    """How far a scan of one root is; sizes are of what has to be read, not of the whole root."""

    files: int
    files_total: int
    bytes: int
    bytes_total: int


class Piece(msgspec.Struct, frozen=True):
    """Part of one log file: complete lines that may matter, in order. ``first`` = it starts at byte 0: forget the state.

    A changed file without any line that matters gives one Piece without lines, so that its cursor is saved.
    """

    cursor: Cursor  # as it is after this piece; its ``state`` is filled in by the engine after parse
    lines: Sequence[Line]
    first: bool
    problems: Sequence[Problem] = ()  # the reader's own: line too long, file unreadable; ``parse`` hands them on as items
    context: Any = None  # what fetch knows besides: path facts, raw rows of a parent file
    progress: Progress | None = None


class Reply(msgspec.Struct, frozen=True):
    """One answer of a provider. ``final`` marks the last page of its window: only then is the window complete."""

    cursor: Cursor
    endpoint: str
    body: bytes
    at: int  # when it was received, epoch seconds
    window: tuple[int, int] | None = None
    page: int = 1
    final: bool = True
    context: Any = None


Raw = Piece | Reply


class Context(msgspec.Struct, frozen=True):
    """What one account may use while it is read. Everything else is out of reach."""

    account: int
    root: Path | None  # log root; None for APIs
    base_url: str
    cursors: Mapping[str, Cursor]
    now: Callable[[], int]  # epoch seconds, wall clock
    http: Http | None = None
    secret: Secret | None = None
    since: int | None = None  # read at least back to here (tokenpal poll --since)
    full_walk: bool = True  # False: looking at the folders and the newest files is enough
    memory: dict[str, Any] = {}  # a running app keeps the walk's knowledge here between scans
    options: Mapping[str, str] = {}  # the account's answers to SourceInfo.options
    may_wait: Callable[[], None] = lambda: None  # log sources call it before what others can hold up, such as opening a database


class Source(Protocol):
    """A source module, as the engine sees it."""

    INFO: SourceInfo
    State: type[msgspec.Struct]

    def roots(self, home: Path, env: Mapping[str, str]) -> tuple[Path, ...]:
        """Log sources only: where this agent keeps its logs on this machine; need not exist."""

    def fetch(self, context: Context) -> AsyncIterator[Raw]:
        """All input and output. Raises AccountError for what the person has to know; never invents a zero."""

    def parse(self, state: Any, raw: Raw) -> tuple[Any, list[Item]]:
        """Meaning, no I/O: pure, and total: bad input gives a Problem. ``state`` is a State or None (fresh)."""

    def settle(self, family: Sequence[Candidate]) -> set[bytes]:
        """The keys of this family that count. Optional; without it every record counts."""

    async def check(self, context: Context) -> str:
        """API sources only: try the key with a cheap call. A sentence such as "The key works: organisation Acme."; else AccountError."""

    async def identity(self, context: Context) -> str:
        """Optional, API sources: whose figures this key reads, so that two keys of one organisation are noticed; "" = unknown.

        Further lines name the part that this account reads, such as ``user=u1`` or ``key=k1,k2``: it overlaps with the whole,
        and with other parts unless both name different ones in the same terms.
        """
