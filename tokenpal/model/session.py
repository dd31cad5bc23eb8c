"""Sessions, segments and labels: the person's words about their use."""

from __future__ import annotations

from enum import StrEnum

import msgspec


class Label(StrEnum):
    """What a session was, said by the person. Absent = not labelled yet."""

    EXPLORATION = "exploration"
    DELIVERED = "delivered"
    WASTE = "waste"


class WasteReason(StrEnum):
    """Why a session was waste; optional (product 3)."""

    WRONG_MODEL = "wrong model"
    MISSING_CONTEXT = "missing context"
    LOOP = "loop"
    UNCLEAR_TASK = "unclear task"
    TOOL_FAILURE = "tool failure"
    OTHER = "other"


class Via(StrEnum):
    """How a segment came to its task, strongest first (decisions 4)."""

    HAND = "hand"
    SPLIT = "split"
    TIMER = "timer"
    RULE = "rule"
    DEFAULT = "project default"
    NONE = "unassigned"


class Segment(msgspec.Struct, frozen=True):
    """A session cut at changes of project or branch, at timer edges and at splits (decisions 2)."""

    session: str
    agent: str  # source id
    account: int
    project: str
    branch: str
    start: int  # first use, epoch seconds
    cut: int  # epoch seconds of the newest timer edge or split at or before the use; 0 = none
    models: tuple[str, ...] = ()
