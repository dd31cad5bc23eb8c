"""What each line of an archive must look like: checked before anything of it is used, since the file may be anybody's.

Fields that a later minor version adds are ignored; a value that this version could neither keep nor show is refused.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from tokenpal.model.budget import BudgetMeasure, BudgetPeriod, BudgetScope
from tokenpal.model.journal import RuleKind
from tokenpal.model.money import MAX_PICO, MoneyKind
from tokenpal.model.ranges import LATEST
from tokenpal.model.usage import Grain, Origin, Quality

Whole = Annotated[int, Meta(ge=-MAX_PICO, le=MAX_PICO)]
Count = Annotated[int, Meta(ge=0, le=MAX_PICO)]
At = Annotated[int, Meta(ge=0, lt=2 * LATEST)]
Text = Annotated[str, Meta(max_length=1 << 20)]
Name = Annotated[str, Meta(max_length=5000)]
Said = Literal["", "exploration", "delivered", "waste"]  # model.session.Label, or nothing
Why = Literal["", "wrong model", "missing context", "loop", "unclear task", "tool failure", "other"]  # WasteReason, or nothing
Week = Annotated[str, Meta(pattern=r"^\d{4}-W\d{2}$")]
Hash = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]


class Account(Struct):
    n: Count
    id: Count
    source: Name
    root: Name
    name: Name
    provider: Name
    kind: Literal["log", "api", "inbox"]
    counts: Literal["all", "remainder", "none"]
    options: Text
    added_at: At
    removed_at: At | None
    mirror_of: Count | None


class Model(Struct):
    name: Name
    alias: Name


class Rate(Struct):
    n: Count
    provider: Name
    model: Name
    tier: Name
    since: At
    until: At | None
    origin: Name
    noted_at: At
    prices: list[Any]


class Session(Struct):
    key: Name
    account: Count
    parent: Name
    version: Name
    parts: list[Name]


class Usage(Struct):
    key: Name
    account: Count
    session: Name
    at: At
    model: Name
    tokens: list[Count]
    requests: Count | None
    project: Name
    branch: Name
    superseded: bool
    list_pico: Whole | None
    rate: Count | None
    precedence: Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]
    home: Annotated[int, Meta(ge=0, le=(1 << 63) - 1)]
    grain: Grain
    tier: Name
    sub_agent: bool
    origin: Origin
    quality: Quality
    endpoint: Name
    money: list[tuple[MoneyKind, Annotated[str, Meta(max_length=20)], Whole]]
    provider: Name = ""


class Superseded(Struct):
    key: Name


class Limit(Struct):
    account: Count
    name: Name
    at: At
    used_percent: Annotated[float, Meta(ge=0, le=1e300)]
    resets_at: At | None
    window_minutes: Annotated[int, Meta(ge=0, le=10**9)] | None
    origin: Origin
    used: Name | None
    limit: Name | None


class Balance(Struct):
    account: Count
    name: Name
    at: At
    kind: MoneyKind
    currency: Annotated[str, Meta(max_length=20)]
    pico: Whole


class LimitHistory(Struct):
    account: Count
    name: Name
    points: list[tuple[At, Annotated[float, Meta(ge=0, le=1e300)], At | None]]


class BalanceHistory(Struct):
    account: Count
    name: Name
    points: list[tuple[At, MoneyKind, Annotated[str, Meta(max_length=20)], Whole]]


Figures = tuple[Annotated[list[Count], Meta(min_length=7, max_length=7)], list[tuple[MoneyKind, Annotated[str, Meta(max_length=20)], Whole]]]


class Correction(Struct):
    account: Count
    endpoint: Name
    day: Annotated[int, Meta(ge=0, le=LATEST // 86_400)]
    model: Name
    provider: Name
    noted_at: At
    before: Figures
    after: Figures


class ExchangeRate(Struct):
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$")]
    day: Annotated[int, Meta(ge=0, le=LATEST // 86_400)]
    origin: Name
    usd: Annotated[str, Meta(pattern=r"^\d{1,10}(\.\d{1,30})?$")]
    noted_at: At


class Task(Struct):
    uid: Name
    name: Name
    ticket: Name
    link: Name
    done: bool
    archived: bool
    color: Annotated[int, Meta(ge=0, le=7)]
    tags: list[Name]
    changed_at: At


class Rule(Struct):
    kind: RuleKind
    pattern: Any  # a text, or where an account lies; a union with a tuple crashes msgspec 0.22
    task: Name


class Timer(Struct):
    task: Name
    start: At
    end: At | None


class Annotation(Struct):
    session: Name
    label: Said
    reason: Why
    label_at: At
    note: Text
    link: Text
    minutes_saved: Count | None
    note_at: At
    tags_at: At
    tags: list[Name]


class Hand(Struct):
    session: Name
    task: Name | None
    changed_at: At


class Split(Struct):
    session: Name
    at: At
    task: Name | None


class ProjectDefault(Struct):
    project: Name
    task: Name


class CheckIn(Struct):
    week: Week
    tried: Text
    worked: Text
    failed: Text
    learned: Text
    evidence: Text
    changed_at: At


class Budget(Struct):
    uid: Name
    measure: BudgetMeasure
    amount: Annotated[int, Meta(ge=1, le=MAX_PICO)]
    currency: Annotated[str, Meta(pattern=r"^([A-Z]{3})?$")]
    period: BudgetPeriod
    scope: BudgetScope
    changed_at: At
    account: Count | None
    task: Name | None


class CheckinPin(Struct):
    week: Week
    field: Literal["tried", "worked", "failed", "learned"]
    position: Annotated[int, Meta(ge=0, le=100_000)]
    session: Name


class Template(Struct):
    name: Annotated[str, Meta(min_length=1, max_length=100)]
    tried: Text
    worked: Text
    failed: Text
    learned: Text
    changed_at: At


class Silenced(Struct):
    session: Name
    at: At


class Dismissed(Struct):
    key: Name
    at: At


class ShareDraw(Struct):
    week: Week
    team: Name
    draw: Text


class ShareAudit(Struct):
    n: Annotated[int, Meta(ge=1, le=1 << 40)]
    at: At
    kind: Name
    body: Text
    prev: Hash
    hash: Hash


SHAPES: Final[dict[str, type[Struct]]] = {
    "account": Account, "model": Model, "rate": Rate, "session": Session, "usage": Usage, "superseded": Superseded, "limit": Limit,
    "balance": Balance, "limit_history": LimitHistory, "balance_history": BalanceHistory, "correction": Correction,
    "exchange_rate": ExchangeRate, "task": Task, "rule": Rule, "timer": Timer, "annotation": Annotation, "hand": Hand, "split": Split,
    "project_default": ProjectDefault, "checkin": CheckIn, "budget": Budget, "checkin_pin": CheckinPin,
    "template": Template, "silenced": Silenced, "dismissed": Dismissed, "share_draw": ShareDraw, "share_audit": ShareAudit,
}  # fmt: skip


def check(line: dict[str, Any]) -> None:
    """Raises ValueError for a line of a known kind that does not look like one."""
    shape = SHAPES.get(str(line.get("is")))
    if shape is not None:
        msgspec.convert(line, shape)
    if shape is Rule:
        if not isinstance(line["pattern"], str) and len(msgspec.convert(line["pattern"], list[Name])) != 3:
            raise ValueError("pattern")
    if shape is Budget and ((line["account"] is not None) + (line["task"] is not None) != (line["scope"] != "all") or line.get(line["scope"], 0) is None):
        raise ValueError("scope")
    if shape is Budget and (line["currency"] == "") != (line["measure"] == "tokens"):
        raise ValueError("currency")
    if shape is Account and not isinstance(json.loads(line["options"]), dict):
        raise ValueError("options")
