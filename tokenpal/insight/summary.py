"""Figures in words: the tray's line of today, a week's evidence for a check-in, and a check-in as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import msgspec

from tokenpal.insight.labels import ORDER, UNLABELLED, Coverage, session_mix
from tokenpal.insight.numbers import count, exact, join, money_line, percent, short, unpriced
from tokenpal.model.journal import CheckIn
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.ranges import iso_week_days
from tokenpal.model.report import Measures, Report, SessionRow

# Not strftime: Qt sets the C locale, and our words are English.
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")
SHOWN_KINDS = (MoneyKind.LIST_PRICE, MoneyKind.CASH, MoneyKind.CREDITS, MoneyKind.PLAN_VALUE)


def money_parts(money: Iterable[Money], kinds: Iterable[MoneyKind] = SHOWN_KINDS) -> tuple[str, ...]:
    """Each amount with its kind, never added: ``$3.10 at list price``, ``$12.00 billed``. Amounts of nothing are left out."""
    order = {kind: place for place, kind in enumerate(kinds)}
    shown = sorted((one for one in money if one.kind in order and one.pico), key=lambda one: (order[one.kind], one.currency))
    return tuple(money_line(one.amount, one.currency, one.kind.value) for one in shown)


def figures(measures: Measures) -> str:
    """``1.24 M tokens · $3.10 at list price · 3 requests unpriced``."""
    return join((f"{short(measures.tokens.total)} tokens", *money_parts(measures.money), unpriced(measures.unpriced_requests)))


def today_line(today: Measures, to_label: int = 0) -> str:
    """The tray's tooltip (product 4): ``Today 1.24 M tokens · $3.10 at list price · 2 sessions to label``."""
    if not today.tokens.total and not any(one.pico for one in today.money):
        return join(("Nothing today", f"{count(to_label, 'session')} to label" if to_label else ""))
    parts = (f"Today {short(today.tokens.total)} tokens", *money_parts(today.money, (MoneyKind.LIST_PRICE,)))
    return join((*parts, unpriced(today.unpriced_requests), f"{count(to_label, 'session')} to label" if to_label else ""))


class Noted(msgspec.Struct, frozen=True):
    """A session with a note, as the check-in page offers it for insertion."""

    session: str
    started: int
    label: str
    reason: str
    note: str
    task: str
    tokens: int


class Evidence(msgspec.Struct, frozen=True):
    """The figures of a week beside the person's words; stored as JSON with the check-in and never recomputed (decisions 4)."""

    week: str
    tokens: int
    requests: int | None
    unpriced_requests: int
    money: tuple[Money, ...]
    sessions: int
    labels: tuple[tuple[str, int, int], ...]  # label, sessions, per cent of sessions
    reasons: tuple[tuple[str, int], ...]  # waste reasons said, the most frequent first
    tasks: tuple[tuple[str, int], ...]  # task, tokens
    covered: int  # tokens with a task and a label
    notes: tuple[Noted, ...] = ()


def evidence(week: str, by_task: Report, sessions: Iterable[SessionRow], coverage: Coverage) -> Evidence:
    """``by_task``: the week grouped by task. ``sessions``: those that started in it."""
    rows = sorted(sessions, key=lambda session: (session.started, session.id))
    reasons: dict[str, int] = {}
    for session in rows:
        if session.reason:
            reasons[session.reason] = reasons.get(session.reason, 0) + 1
    total = by_task.total
    return Evidence(
        week,
        total.tokens.total,
        total.requests,
        total.unpriced_requests,
        total.money,
        len(rows),
        tuple((part.label, part.value, part.percent) for part in session_mix(rows).parts),
        tuple(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
        tuple((row.key, row.measures.tokens.total) for row in by_task.rows if row.measures.tokens.total),
        coverage.covered,
        tuple(Noted(s.id, s.started, s.label, s.reason, s.note, s.task, s.measures.tokens.total) for s in rows if s.note),
    )


def frozen(figures_of_week: Evidence) -> str:
    """The JSON that a check-in keeps: counts and tasks, without the notes (they stay with their sessions)."""
    return msgspec.json.encode(msgspec.structs.replace(figures_of_week, notes=())).decode()


def thawed(text: str) -> Evidence | None:
    """What ``frozen`` wrote; None for nothing or for what another version wrote differently."""
    try:
        return msgspec.json.decode(text, type=Evidence) if text else None
    except msgspec.DecodeError:
        return None


def week_title(week: str) -> str:
    """``Check-in 2026-W47, 16 to 22 November 2026``. Raises ValueError for anything but an ISO week."""
    monday, following = iso_week_days(week)
    sunday = following - timedelta(days=1)
    end = f"{sunday.day} {MONTHS[sunday.month - 1]} {sunday.year}"
    if monday.year != sunday.year:
        return f"Check-in {week}, {monday.day} {MONTHS[monday.month - 1]} {monday.year} to {end}"
    if monday.month != sunday.month:
        return f"Check-in {week}, {monday.day} {MONTHS[monday.month - 1]} to {end}"
    return f"Check-in {week}, {monday.day} to {end}"


def evidence_lines(week: Evidence) -> tuple[str, ...]:
    """The figures as plain sentences; "Nothing this week." when there are none."""
    if not week.tokens and not week.sessions:
        return ("Nothing this week.",)
    measures = Measures(requests=week.requests, unpriced_requests=week.unpriced_requests, money=week.money)
    lines = [join((f"{exact(week.tokens)} tokens", count(week.sessions, "session"), *money_parts(measures.money), unpriced(week.unpriced_requests)))]
    said = {label: number for label, number, _ in week.labels}
    lines.append("Sessions: " + ", ".join(f"{exact(said.get(label, 0))} {label}" for label in ORDER if said.get(label) or label != UNLABELLED))
    if week.reasons:
        lines.append("Waste: " + ", ".join(f"{reason} ({number})" for reason, number in week.reasons))
    if week.tokens:
        lines.append(f"Context covered: {percent(week.covered / week.tokens)}")
    if week.tasks:
        lines.append("Tasks: " + ", ".join(f"{task} {short(tokens)}" for task, tokens in week.tasks))
    return tuple(lines)


FIELDS = (("tried", "Tried"), ("worked", "Worked"), ("failed", "Did not work"), ("learned", "Learned"))


def markdown(checkin: CheckIn, week: Evidence | None = None) -> str:
    """A check-in to paste anywhere: the four fields that have words, then the figures it was written with."""
    shown = thawed(checkin.evidence) or week
    blocks = [f"# {week_title(checkin.week)}"]
    for name, title in FIELDS:
        words = getattr(checkin, name).strip()
        if words:
            blocks.append(f"## {title}\n\n{words}")
    if shown is not None:
        blocks.append("## Figures\n\n" + "\n".join(f"- {line}" for line in evidence_lines(shown)))
    return "\n\n".join(blocks) + "\n"
