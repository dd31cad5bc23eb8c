"""The check-in's other half: a week's evidence, frozen when it is written, and the page of both as Markdown."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.insight.numbers import count, money_line, short
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import CheckIn
from tokenpal.model.ranges import Bucket, days_range, iso_week, iso_week_days, local_day
from tokenpal.model.report import NONE_KEYS, Dimension, Filter, Query
from tokenpal.store import checkins, facts, report as reports, sessions
from tokenpal.store.database import Store

NO_LABEL: Final = NONE_KEYS[Dimension.LABEL]
NO_TASK: Final = NONE_KEYS[Dimension.TASK]
FIELDS: Final = {"tried": "Tried", "worked": "Worked", "failed": "Failed", "learned": "Learned"}
"""The four fields and their headings."""


class Evidence(msgspec.Struct, frozen=True):
    """The figures of a week beside its check-in; frozen as JSON with the check-in when it is saved."""

    week: str
    zone: str
    tokens: int
    requests: int | None
    money: tuple[tuple[str, str, str], ...]  # kind, currency, amount
    sessions: int
    labels: dict[str, int]  # label or "not labelled" -> sessions that started in the week
    label_tokens: dict[str, int]
    tasks: dict[str, int]  # tokens
    days: dict[str, int]  # tokens
    context_covered: int  # tokens that have a task and a label
    notes: tuple[tuple[str, str, str], ...]  # session, label, note


def evidence(store: Store, week: str, zone: str) -> Evidence:
    """A week's evidence as it is now; weeks are ISO weeks in the person's zone. Raises UsageError for what is no week."""
    week = checkins.checked_week(week)
    first, until = iso_week_days(week)
    span = days_range(first, until, ZoneInfo(zone))

    def keyed(by: Dimension | None, bucket: Bucket | None = None, labels: tuple[str, ...] = ()) -> dict[str, int]:
        rows = reports.report(store, Query(zone, first, until, bucket, by, filter=Filter(labels=labels))).rows
        return {(row.key if by else row.bucket): row.measures.tokens.total for row in rows}

    total = reports.report(store, Query(zone, first, until)).total
    started = [row for row in sessions.sessions(store, Filter(), first, until, zone, None) if row.started in span]
    mix: dict[str, int] = {}
    for row in started:
        mix[row.label or NO_LABEL] = mix.get(row.label or NO_LABEL, 0) + 1
    label_tokens = keyed(Dimension.LABEL)
    labelled = tuple(label for label in label_tokens if label != NO_LABEL)
    covered = keyed(Dimension.TASK, labels=labelled) if labelled else {}
    return Evidence(
        week, zone, total.tokens.total, total.requests,
        tuple((one.kind.value, one.currency, f"{one.amount:f}") for one in total.money),
        len(started), mix, label_tokens, keyed(Dimension.TASK), keyed(None, Bucket.DAY),
        sum(tokens for name, tokens in covered.items() if name != NO_TASK),
        tuple((key, label, note) for key, _, label, _, note in facts.notes(store, span.start, span.end) if note),
    )  # fmt: skip


def freeze(store: Store, week: str, zone: str) -> str:
    """The evidence as the JSON that a check-in keeps."""
    return msgspec.json.encode(evidence(store, week, zone)).decode()


def frozen_evidence(checkin: CheckIn) -> Evidence | None:
    """The figures that a check-in was written with, or None."""
    try:
        return msgspec.convert(json.loads(checkin.evidence), Evidence) if checkin.evidence else None
    except (ValueError, msgspec.ValidationError):
        return None


def this_week(store: Store, zone: str) -> str:
    """The ISO week that runs in this zone."""
    return iso_week(local_day(store.now(), ZoneInfo(zone)))


def checkin_markdown(store: Store, week: str, zone: str) -> str:
    """The page of a week: what was written, with the figures it was written with, or those of now."""
    week = checkins.checked_week(week)
    checkin = checkins.checkin_of(store, week) or CheckIn(week)
    return markdown(checkin, frozen_evidence(checkin) or evidence(store, week, zone))


def markdown(checkin: CheckIn, evidence: Evidence) -> str:
    """A page to read, to edit (the four headings are found again) or to hand on."""
    first, until = iso_week_days(checkin.week)
    lines = [f"# Check-in {checkin.week}", "", f"{first} to {until - timedelta(days=1)}. {summary(evidence)}", ""]
    for name, title in FIELDS.items():
        text = getattr(checkin, name)
        lines += [f"## {title}", "", *([*text.splitlines(), ""] if text else [])]
    if evidence.tasks or evidence.notes:
        lines += ["## Evidence", ""]
        lines += [f"- {task}: {short(tokens)} tokens" for task, tokens in sorted(evidence.tasks.items(), key=lambda item: -item[1])]
        lines += [f"- {label}: {count(number, 'session')}" for label, number in sorted(evidence.labels.items())]
        lines += [f"- note ({label or NO_LABEL}): {' '.join(note.split())}" for _, label, note in evidence.notes]
        lines += [""]
    return "\n".join(lines)


def summary(evidence: Evidence) -> str:
    """One sentence of figures."""
    if not evidence.tokens and not evidence.sessions:
        return "Nothing this week."
    parts = [count(evidence.sessions, "session"), f"{short(evidence.tokens)} tokens"]
    parts += [money_line(Decimal(amount), currency, kind) for kind, currency, amount in evidence.money]
    if evidence.tokens:
        parts.append(f"{round(100 * evidence.context_covered / evidence.tokens)} % of the tokens with a task and a label")
    return f"{', '.join(parts)}."


def read_fields(text: str) -> dict[str, str]:
    """The four fields of an edited page: what stands under their headings. Raises UsageError when no heading is left."""
    found: dict[str, list[str]] = {}
    present: list[str] | None = None
    for line in text.splitlines():
        if line.startswith("## "):
            name = line[3:].strip().lower()
            present = found.setdefault(name, []) if name in FIELDS else None
        elif present is not None:
            present.append(line)
    if not found:
        raise UsageError(
            "The text has none of the four headings, so nothing was kept.", "Keep the lines ## Tried, ## Worked, ## Failed, ## Learned."
        )
    return {name: "\n".join(found.get(name, [])).strip() for name in FIELDS}
