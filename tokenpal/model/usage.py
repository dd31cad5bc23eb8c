"""The usage record and the other items that a source yields (architecture 1.4, decisions 1-3)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from hashlib import blake2b
from typing import Final

import msgspec

from tokenpal.model.money import Money
from tokenpal.model.tokens import NO_TOKENS, Tokens


class Origin(StrEnum):
    """Who says so."""

    REPORTED = "reported"
    MEASURED = "measured"
    ESTIMATED = "estimated"
    UNKNOWN = "unknown"


class Quality(StrEnum):
    """How far to trust it."""

    EXACT = "exact"
    LOWER_BOUND = "lower_bound"
    INFERRED = "inferred"
    AGGREGATE = "aggregate"


class Grain(StrEnum):
    """What one record covers: a request, or a time bucket of this length."""

    REQUEST = "request"
    MINUTE = "minute"
    HOUR = "hour"
    DAY = "day"  # a UTC day: booked on the same calendar date, never spread (decisions 3)


GRAIN_SECONDS: Final[Mapping[str, int]] = {Grain.REQUEST: 0, Grain.MINUTE: 60, Grain.HOUR: 3600, Grain.DAY: 86_400}
"""How long a bucket is; a request takes no time."""


KEY_BYTES = 12
FAMILY_BYTES = 8


def stable_key(family: str, variant: str = "") -> bytes:
    """The ledger key of an event: 8 bytes of the family, 4 of the variant (all zero for ``""``; a family has few variants).

    Records that may be copies of one another share a family; ``settle`` of their source decides which of them count.
    """
    head = blake2b(family.encode("utf-8", "surrogatepass"), digest_size=FAMILY_BYTES).digest()
    if not variant:
        return head + bytes(KEY_BYTES - FAMILY_BYTES)
    return head + blake2b(variant.encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES - FAMILY_BYTES).digest()


class UsageRecord(msgspec.Struct, frozen=True, gc=False):
    """One billed request (agent log) or one time bucket (provider report).

    The same ``key`` again replaces the numbers when it is more complete, and never adds: the greater
    ``(precedence, output, total, ...)`` gives numbers, model and tier; the smaller ``home`` gives session, folder and
    branch; the smallest ``at`` is the time. All three hold in whatever order the copies arrive.
    """

    key: bytes  # 12 bytes from stable_key
    session: str  # "<source id>:<the agent's own session id>", stable for ever
    at: int  # epoch seconds, UTC: start of the request or bucket
    model: str = ""  # the provider's raw name; "" = unknown
    tokens: Tokens = NO_TOKENS
    requests: int | None = 1  # None = the source cannot count them
    grain: Grain = Grain.REQUEST
    folder: str = ""  # working folder as logged; the engine maps it to a project
    branch: str = ""
    sub_agent: bool = False
    tier: str = ""  # price tier as the provider names it: "batch", "priority", "flex", "fast"
    precedence: int = 0
    home: int = 0
    money: tuple[Money, ...] = ()  # what the source itself says it cost
    origin: Origin = Origin.MEASURED
    quality: Quality = Quality.EXACT
    endpoint: str = ""  # provider reports: which report; "" for logs
    provider: str = ""  # whose request it was, where the account's agent talks to several (names.provider_id); "" = the account's


class Candidate(msgspec.Struct, frozen=True, gc=False):
    """A stored record of a family, as the source's ``settle`` sees it."""

    key: bytes
    precedence: int
    at: int
    model: str
    tokens: Tokens
    sub_agent: bool


class Superseded(msgspec.Struct, frozen=True, gc=False):
    """The record with this key is a copy of another: it stays as evidence and stops counting (decisions 2.2).

    ``again`` takes that back: the proof changed, and the record counts again. Of several for one key the last one holds.
    """

    key: bytes
    again: bool = False


class Window(msgspec.Struct, frozen=True, gc=False):
    """What the account's ``endpoint`` reported for [start, end) is replaced by the records of this batch (decisions 2.3)."""

    endpoint: str
    start: int
    end: int


class SessionFact(msgspec.Struct, frozen=True, gc=False):
    """What a source knows of a session besides its usage; unknown fields stay empty and never erase known ones."""

    session: str
    parent: str = ""  # session this one was forked from
    version: str = ""  # of the agent
    parts: tuple[str, ...] = ()  # ids this session was known by before (merged bucket sessions)


class LimitReading(msgspec.Struct, frozen=True, gc=False):
    """A plan window or spend limit as the provider last said it. Newest ``at`` per (account, name) is current."""

    name: str  # "5 hours", "week", "month", or the provider's own name
    used_percent: float
    at: int
    resets_at: int | None = None
    window_minutes: int | None = None
    origin: Origin = Origin.REPORTED
    used: Money | None = None
    limit: Money | None = None


class Balance(msgspec.Struct, frozen=True, gc=False):
    """A prepaid balance as the provider last said it."""

    name: str
    left: Money
    at: int


class Problem(msgspec.Struct, frozen=True, gc=False):
    """Something that could not be read or was impossible: shown to the person, never an exception (product 2.3)."""

    source: str  # file path or endpoint
    position: str  # "line 12", "byte 4096", "page 3"
    reason: str  # one short sentence; never a piece of the input
    count: int = 1


Item = UsageRecord | Superseded | Window | SessionFact | LimitReading | Balance | Problem
