"""The sentences of the Sharing page: a team's rules, the states, results. Whole percent, whole weeks, no finer time than needed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from tokenpal.engine.sharing.shapes import Bar, ChangeLine, QuestionView, ResultView, Rule, Tick, TrendPoint
from tokenpal.share.consent import ConsentRecord
from tokenpal.share.protocol import estimate
from tokenpal.share.protocol.policy import Change, Policy

QUESTIONS: Final = {
    "label": "One session, drawn at random: exploration, delivered, waste or no label",
    "use": "Days on which I used AI: none, one or two, three or more",
}
TITLES: Final = {"use": "Members who used AI", "label": "Labels of sessions"}
ORDER: Final = ("use", "label")
NAMES: Final = {
    "use": ("On no day", "On one or two days", "On three or more days"),
    "label": ("Exploration", "Delivered", "Waste", "Not labelled"),
}
SHOWN_GAPS: Final = 4
FIELDS: Final = {
    "k": "Least group", "odds": "Coin", "questions": "Questions", "windows": "Shown over", "retention_days": "Days sealed reports are kept",
    "exports": "Passed on", "names": "Names", "cross_team": "Comparison of teams", "contact": "Contact", "team_name": "Name of the team",
    "schema": "Format", "address": "Address", "key": "Key of the mailbox", "members": "Members", "active members": "Active members",
    "consent": "Age of your consent", "policy": "Rules", "team": "Team",
}  # fmt: skip


def day(at: int) -> str:
    """``Mon 30 Nov``, in UTC: the protocol's weeks are."""
    moment = datetime.fromtimestamp(at, UTC)
    return f"{moment:%a} {moment.day} {moment:%b}"


def rules(policy: Policy) -> tuple[Rule, ...]:
    """The policy in plain words."""
    steps = sorted((int(least), weeks) for least, weeks in policy.windows.items())
    shown = ", ".join(f"{weeks} weeks from {least} people on" for least, weeks in steps)
    asked = "; ".join(QUESTIONS.get(one, one) for one in policy.questions)
    formats = ", ".join({"openmetrics": "OpenMetrics", "otlp": "OTLP"}.get(one, one) for one in policy.exports) or "nowhere"
    return (
        Rule("Least group", f"A result is made from {policy.k} or more reports, never from fewer."),
        Rule("Coin", f"{policy.odds} to 1: the true answer stays in {policy.odds} of {policy.odds + 3} cases (label), {policy.odds} of {policy.odds + 2} (days)."),
        Rule("Questions", asked),
        Rule("Shown over", f"{shown}. Never a single week."),
        Rule("Kept", f"Sealed reports are deleted with the result, after {policy.retention_days} days at the latest."),
        Rule("Passed on", f"Released sums only: {formats}. No names, no comparison of teams."),
        Rule("Contact", policy.contact),
    )  # fmt: skip


def changes(found: Sequence[Change]) -> tuple[ChangeLine, ...]:
    return tuple(ChangeLine(FIELDS.get(one.field, one.field), one.before, one.after, one.widens) for one in found)


def ticks(policy: Policy, consent: ConsentRecord | None) -> tuple[Tick, ...]:
    on = consent.questions if consent is not None else ()
    return tuple(Tick(one, QUESTIONS.get(one, one), one in on) for one in policy.questions)


def result(found: estimate.Result, policy: Policy, gaps: dict[str, str]) -> ResultView:
    """The newest window."""
    by_id = {question.id: question for question in found.questions}
    span = sorted((*found.weeks, *found.missing))
    first, last = short(span[0]), short(span[-1])
    many = f"{len(found.weeks)} of {len(span)} weeks have a result" if found.full else f"{len(found.weeks)} of {found.window} weeks so far"
    missing = tuple(_gap(epoch, gaps) for epoch in found.missing)
    trend = tuple(point for change in found.changes for point in _points(change, found))
    return ResultView(
        f"Weeks {first} to {last} together, {many}", "of those who share", found.weeks, found.n_low, found.n_high,
        tuple(QuestionView(one, TITLES[one], tuple(_bar(one, bar) for bar in by_id[one].bars)) for one in ORDER if one in by_id), trend, missing,
    )  # fmt: skip


def so_far(released: int, lacking: int, gaps: dict[str, str]) -> ResultView:
    """While nothing is shown yet: how many weeks are in, how many it takes, and which of the last ones have no sum."""
    many = {0: "No week has a sum yet", 1: "One week has a sum"}.get(released, f"{released} weeks have a sum")
    more = "one more" if lacking == 1 else f"{lacking} more"
    missing = tuple(_gap(epoch, gaps) for epoch in sorted(gaps)[-SHOWN_GAPS:])
    return ResultView(f"{many}; the first result is shown after {more}. A few weeks alone would say nothing.", "", (), 0, 0, (), (), missing)


def _gap(epoch: str, gaps: dict[str, str]) -> str:
    return f"Week {short(epoch)} has no result: {gaps.get(epoch) or 'too few members answered.'} Nobody can open it."


def short(epoch: str) -> str:
    """``47`` of ``2026-W47``."""
    return epoch.partition("-W")[2].lstrip("0")


def _bar(question: str, bar: estimate.Bar) -> Bar:
    return Bar(NAMES[question][bar.answer], bar.percent, round(bar.low * 100), round(bar.high * 100), bar.zero)


def _points(change: estimate.Change, found: estimate.Result) -> tuple[TrendPoint, ...]:
    ends = ((found.before[-1], change.before), (found.weeks[-1], change.now))
    return tuple(
        TrendPoint(epoch, change.question, NAMES[change.question][change.answer], bar.percent, round(bar.low * 100), round(bar.high * 100))
        for epoch, bar in ends
    )
