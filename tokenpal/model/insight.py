"""What may be worth a look, as values: a sentence with the arithmetic behind it. None of it is a grade (product 6)."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class InsightKind(StrEnum):
    """The ideas of product 6; the value is the word in JSON."""

    BURN = "burn"
    UNLABELLED = "unlabelled"
    UNUSED = "unused"
    WASTE = "waste"
    CACHE = "cache"
    CLASSES = "classes"


class Step(msgspec.Struct, frozen=True):
    """One line of the arithmetic: what it is, its figure, and what is to be known of it."""

    label: str
    figure: str
    note: str = ""


class Insight(msgspec.Struct, frozen=True):
    """One thing worth a look. ``key`` stays the same as long as it is the same thing, so that it can be put aside."""

    kind: InsightKind
    key: str
    title: str
    sentence: str
    arithmetic: tuple[Step, ...]
    sessions: tuple[str, ...] = ()  # session keys that it speaks of, the largest first
    until: int | None = None  # epoch seconds from which it says nothing any more
    rule: str = ""  # how it is counted, in a sentence or two


class Burn(msgspec.Struct, frozen=True):
    """A session that is still running and uses tokens far above the person's own range."""

    session: str
    name: str  # branch, folder or agent: what the person knows it by
    agent: str
    tokens: int  # used in the last ``seconds``
    seconds: int
    median: int  # tokens of the person's ten-minute windows with this agent
    high: int  # 95 of 100 of them stay below
    fence: int  # from here on it is unusual
    windows: int  # how many the range rests on
    last_at: int
