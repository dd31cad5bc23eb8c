"""Questions to the store and their answers: one set of values for charts, tables, reports and exports."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Final

import msgspec

from tokenpal.model.money import Money
from tokenpal.model.ranges import Bucket
from tokenpal.model.tokens import NO_TOKENS, Tokens


class Dimension(StrEnum):
    """What a report or chart is grouped by, besides time."""

    TASK = "task"
    TAG = "tag"
    LABEL = "label"
    PROJECT = "project"
    BRANCH = "branch"
    AGENT = "agent"
    ACCOUNT = "account"
    PROVIDER = "provider"
    MODEL = "model"
    CLASS = "class"


NONE_KEYS: Final = {
    Dimension.TASK: "unassigned",
    Dimension.TAG: "untagged",
    Dimension.LABEL: "not labelled",
    Dimension.PROJECT: "no project",
    Dimension.BRANCH: "no branch",
    Dimension.AGENT: "unknown",
    Dimension.ACCOUNT: "unknown",
    Dimension.PROVIDER: "unknown",
    Dimension.MODEL: "unknown",
}
"""The ``key`` of rows for use that has no such thing."""


class Measures(msgspec.Struct, frozen=True, gc=False):
    """The figures of one row. ``requests`` is None when any part cannot count them."""

    tokens: Tokens = NO_TOKENS
    requests: int | None = 0
    unpriced_requests: int = 0
    money: tuple[Money, ...] = ()  # one per (kind, currency), sorted; kinds are never added
    utc_day_tokens: int = 0  # tokens that came as buckets of a UTC day: drawn hatched (decisions 3)
    estimated: bool = False  # some part is not measured or reported


class Filter(msgspec.Struct, frozen=True):
    """Conditions that all hold; an empty tuple = no condition. Strings are keys as reports print them."""

    tasks: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    projects: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    providers: tuple[str, ...] = ()  # whose requests they were
    text: str = ""  # full text over notes, tasks, projects, check-ins (sessions only)
    task_ids: tuple[int, ...] = ()  # the very tasks and accounts: an account that was removed may share its name
    account_ids: tuple[int, ...] = ()


class Query(msgspec.Struct, frozen=True):
    """Usage in local days [first, until) of ``zone``, by time bucket and/or a dimension."""

    zone: str
    first: date | None = None  # None = from the first use
    until: date | None = None  # None = to the last use, today included
    bucket: Bucket | None = None
    by: Dimension | None = None
    week_start: int = 0
    filter: Filter = Filter()


class Row(msgspec.Struct, frozen=True, gc=False):
    """``bucket`` is "2026-11-21" (day, week's or month's first day) or "2026-11-21T13:00+01:00" (hour); "" without one."""

    bucket: str
    key: str
    measures: Measures


class Report(msgspec.Struct, frozen=True):
    """Rows by bucket, then by falling total; ``total`` is counted apart, so tags (which overlap) do not inflate it."""

    query: Query
    first: date  # the range that was answered
    until: date
    rows: tuple[Row, ...]
    total: Measures
    left_out_of_hours: int = 0  # tokens known only per UTC day, when the bucket is an hour


class SessionRow(msgspec.Struct, frozen=True):
    """One session as lists and ``tokenpal sessions`` show it."""

    id: str  # the session key
    agent: str
    account: str
    started: int
    ended: int
    project: str
    branch: str
    models: tuple[str, ...]
    measures: Measures
    task: str = ""  # of its largest segment
    task_id: int | None = None
    task_color: int = 0
    via: str = ""
    label: str = ""
    reason: str = ""
    tags: tuple[str, ...] = ()
    note: str = ""
    parent: str = ""
    version: str = ""
    grain: str = "request"


class SegmentRow(msgspec.Struct, frozen=True):
    """A part of a session between two cuts."""

    project: str
    branch: str
    started: int
    ended: int
    measures: Measures
    task: str = ""
    task_id: int | None = None
    task_color: int = 0
    via: str = ""
    cut: int = 0  # epoch seconds of the timer edge or split it begins at; 0 = neither


class Moment(msgspec.Struct, frozen=True, gc=False):
    """One request (or bucket) of a session's timeline."""

    at: int
    model: str
    tokens: Tokens
    sub_agent: bool = False
    list_pico: int | None = None  # None = no known price
    seconds: int = 0  # 0 = a request, else the length of its bucket


class SessionDetail(msgspec.Struct, frozen=True):
    """A session with its parts, by time; models by falling total; ``sub_agents`` is what sub-agents used of it."""

    row: SessionRow
    segments: tuple[SegmentRow, ...]
    models: tuple[Row, ...]
    sub_agents: Measures
    moments: tuple[Moment, ...]
    link: str = ""
    minutes_saved: int | None = None
    parts: tuple[str, ...] = ()  # ids it was known by before


class Correction(msgspec.Struct, frozen=True):
    """A provider's later word on a UTC day it had told before; ``before`` and ``after`` are the whole day of the model."""

    account: int
    endpoint: str  # which report
    day: date
    noted_at: int
    model: str  # raw name; "" = the report names none
    before: Tokens
    after: Tokens
    money_before: tuple[Money, ...] = ()
    money_after: tuple[Money, ...] = ()


class AccountRow(msgspec.Struct, frozen=True):
    """One account with its health."""

    id: int
    source: str
    name: str
    provider: str
    kind: str  # "log" or "api"
    root: str  # log root or base URL
    counts: str  # all | remainder | none
    mirror_of: int | None
    secret: str  # name of the entry in the OS credential store, never the key
    state: str
    sentence: str
    next_step: str
    last_success: int | None
    next_try: int | None
    problems: int
    removed: bool = False
