"""The check-in's other half: a week's evidence, frozen when it is written, and the page of both as Markdown."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from tokenpal.insight import marktext
from tokenpal.insight.numbers import count, money_line, short
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import CheckIn
from tokenpal.model.ranges import Bucket, days_range, iso_week, iso_week_days, local_day
from tokenpal.model.report import NONE_KEYS, Dimension, Filter, Query
from tokenpal.model.usage import Origin
from tokenpal.store import accounts, checkins, facts, report as reports, sessions
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
    origins: dict[str, int] = {}  # tokens by who says so: measured, reported, unknown; not in what was frozen before version 4


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
        _origins(store, keyed(Dimension.ACCOUNT)),
    )  # fmt: skip


def _origins(store: Store, by_account: dict[str, int]) -> dict[str, int]:
    kinds = {row.name: row.kind for row in accounts.accounts(store, removed=True)}
    found: dict[str, int] = {}
    for name, tokens in by_account.items():
        origin = {"log": Origin.MEASURED, "api": Origin.REPORTED}.get(kinds.get(name, ""), Origin.UNKNOWN).value
        found[origin] = found.get(origin, 0) + tokens
    return {origin: tokens for origin, tokens in found.items() if tokens}


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
    kept = frozen_evidence(checkin)
    return markdown(checkin, kept or evidence(store, week, zone), kept is not None)


def markdown(checkin: CheckIn, evidence: Evidence, frozen: bool = False) -> str:
    """A page to read, to edit (``read_fields`` finds the four fields again) or to hand on. What was typed gets no meaning as Markdown."""
    lines = [f"# Check-in {checkin.week}", "", f"{span_of(checkin.week)}. {summary(evidence)}", ""]
    for name, title in FIELDS.items():
        text = getattr(checkin, name)
        lines += [f"## {title}", "", *([*marktext.block(text), ""] if text else [])]
    if evidence.tokens or evidence.notes:
        lines += ["## Evidence", "", f"{origin_line(evidence, frozen)}", ""]
        lines += [f"- {marktext.single(task)}: {short(tokens)} tokens" for task, tokens in sorted(evidence.tasks.items(), key=lambda item: -item[1])]
        lines += [f"- {label}: {count(number, 'session')}" for label, number in sorted(evidence.labels.items())]
        lines += [f"- note ({label or NO_LABEL}): {marktext.single(note)}" for _, label, note in evidence.notes]
        lines += [""]
    return "\n".join(lines)


def span_of(week: str) -> str:
    """``2026-11-16 to 2026-11-22``."""
    first, until = iso_week_days(week)
    return f"{first} to {until - timedelta(days=1)}"


ORIGIN_WORDS: Final = {"measured": "measured from local logs", "reported": "reported by a provider", "unknown": "of unknown origin"}


def origin_line(evidence: Evidence, frozen: bool) -> str:
    """Where the figures come from and of which moment they are."""
    when = "as they were when this was written" if frozen else "as they are now"
    whole = sum(evidence.origins.values())
    parts = [ORIGIN_WORDS.get(origin, origin) for origin in evidence.origins] if len(evidence.origins) == 1 else [
        f"{round(100 * tokens / whole)} % {ORIGIN_WORDS.get(origin, origin)}" for origin, tokens in sorted(evidence.origins.items(), key=lambda item: -item[1])
    ]  # fmt: skip
    return f"Figures {', '.join([when, *parts])}."


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
    return {name: marktext.plain("\n".join(found.get(name, []))).strip() for name in FIELDS}
