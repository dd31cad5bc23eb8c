"""What the engine tells the window: frozen values, never a live object (architecture 1.3)."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class AccountState(StrEnum):
    """How an account or log root is doing; each has one sentence and one icon."""

    NEW = "new"  # never read yet
    READING = "reading"
    OK = "ok"
    STALE = "stale"  # older than two polling periods; worked out when asked for, never stored
    OFFLINE = "offline"  # no network
    KEY_MISSING = "key missing"
    KEY_LOCKED = "key locked"
    KEY_REFUSED = "key refused"  # 401
    NOT_ALLOWED = "not allowed"  # 403
    NOT_AVAILABLE = "not available"  # 404 on a report
    RATE_LIMITED = "rate limited"  # 429
    PROVIDER_PROBLEM = "provider problem"  # 5xx, HTML, endless pages
    UNREADABLE = "unreadable"  # folder or answer cannot be read


class Changed(msgspec.Struct, frozen=True):
    """Stored data changed, or the day it is counted to. ``what`` holds any of: usage, labels, tasks, checkins, budgets, accounts, limits, settings, prices, sharing."""

    what: frozenset[str]


class ScanProgress(msgspec.Struct, frozen=True):
    """A scan of agent logs; ``done == total`` and ``finished`` at the end."""

    agent: str
    done: int
    total: int
    finished: bool = False


class AccountHealth(msgspec.Struct, frozen=True):
    """The state of one account in a sentence and a next step."""

    account: int
    state: AccountState
    sentence: str = ""
    next_step: str = ""
    last_success: int | None = None
    next_try: int | None = None


class EngineProblem(msgspec.Struct, frozen=True):
    """Something the person has to know that belongs to no single account (disk full, data file read-only)."""

    title: str
    sentence: str
    next_step: str = ""


class Paused(msgspec.Struct, frozen=True):
    """Polling is paused until this time (epoch seconds), or runs again (None)."""

    until: int | None


class Notable(msgspec.Struct, frozen=True):
    """Something to tell the person once: outside the window where that is allowed, and in the window's list.

    ``kind``: limits, problems, budgets, burn or checkin. ``key`` is told once and never again. ``page`` is where a click leads.
    """

    kind: str
    key: str
    title: str
    sentence: str
    page: str = ""
    item: int | str | None = None  # what the page shows first


Event = Changed | ScanProgress | AccountHealth | EngineProblem | Paused
