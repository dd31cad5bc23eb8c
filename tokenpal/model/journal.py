"""Tasks, rules, timers and check-ins: what the person writes."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Task(msgspec.Struct, frozen=True):
    """Something the person works on."""

    id: int
    name: str
    tags: tuple[str, ...] = ()
    ticket: str = ""
    link: str = ""
    done: bool = False
    archived: bool = False
    color: int = 0  # slot of the series palette, kept for life (design 3)


class RuleKind(StrEnum):
    """What a rule looks at."""

    FOLDER = "folder"  # the project folder is this folder or inside it
    REPOSITORY = "repository"  # the project folder's own name, or its full path
    BRANCH = "branch"  # glob on the branch, case-sensitive: feature/PAY-*
    TICKET = "ticket"  # a ticket id found in the branch, such as PAY-142
    AGENT = "agent"
    ACCOUNT = "account"
    MODEL = "model"  # glob on any model of the segment


class Rule(msgspec.Struct, frozen=True):
    """Segments that match go to ``task``; rules are tried by ``position``, the first match wins."""

    id: int
    position: int
    kind: RuleKind
    pattern: str
    task: int


class Timer(msgspec.Struct, frozen=True):
    """"Working on X": [start, end), epoch seconds; end None = running."""

    id: int
    task: int
    start: int
    end: int | None = None


class Split(msgspec.Struct, frozen=True):
    """From ``at`` on, this session's use belongs to ``task`` (None = whatever is weaker says)."""

    session: str
    at: int
    task: int | None


class CheckIn(msgspec.Struct, frozen=True):
    """One ISO week in the person's words. ``evidence`` is a frozen copy of the figures it was written with (JSON)."""

    week: str  # "2026-W47"
    tried: str = ""
    worked: str = ""
    failed: str = ""
    learned: str = ""
    evidence: str = ""
    changed_at: int = 0


class Pin(msgspec.Struct, frozen=True):
    """A line of a check-in's field (0 = the first) that a session stands behind."""

    week: str
    field: str  # tried, worked, failed, learned
    position: int
    session: str


class Template(msgspec.Struct, frozen=True):
    """Words to begin a check-in with."""

    name: str
    tried: str = ""
    worked: str = ""
    failed: str = ""
    learned: str = ""


class Attribution(msgspec.Struct, frozen=True):
    """Everything that decides a segment's task; ``insight.tasks.attribute`` is a pure function of it and a segment."""

    hand: dict[str, int | None]  # session key -> task (None = the person said: no task)
    splits: dict[str, tuple[Split, ...]]  # session key -> splits by time
    timers: tuple[Timer, ...]  # by start; they never overlap
    rules: tuple[Rule, ...]  # by position
    defaults: dict[str, int]  # project -> task
