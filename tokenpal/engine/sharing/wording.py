"""The sentences of the Sharing page: a team's rules, the states, results. Whole percent, whole weeks, no finer time than needed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from tokenpal.engine.sharing.shapes import Bar, ChangeLine, QuestionView, ResultView, Rule, Tick, TrendPoint
from tokenpal.insight import moments
from tokenpal.share.consent import ConsentRecord
from tokenpal.share.protocol import estimate
from tokenpal.share.protocol.policy import Change, Policy
from tokenpal.translation import WordBook, Words, tr, trn

QUESTIONS: Final = WordBook("", {
    "label": "One session, drawn at random: exploration, delivered, waste or no label",
    "use": "Days on which I used AI: none, one or two, three or more",
})
TITLES: Final = WordBook("", {"use": "Members who used AI", "label": "Labels of sessions"})
ORDER: Final = ("use", "label")
NAMES: Final = {
    "use": Words("", ("On no day", "On one or two days", "On three or more days")),
    "label": Words("label", ("Exploration", "Delivered", "Waste", "Not labelled")),
}
SHOWN_GAPS: Final = 4
FIELDS: Final = WordBook("rule of a team", {
    "k": "Least group", "odds": "Coin", "questions": "Questions", "windows": "Shown over", "retention_days": "Days sealed reports are kept",
    "exports": "Passed on", "names": "Names", "cross_team": "Comparison of teams", "contact": "Contact", "team_name": "Name of the team",
    "schema": "Format", "address": "Address", "key": "Key of the mailbox", "members": "Members", "active members": "Active members",
    "consent": "Age of your consent", "policy": "Rules", "team": "Team",
})  # fmt: skip


def day(at: int) -> str:
    """``Mon 30 Nov``, in UTC: the protocol's weeks are."""
    return moments.day(datetime.fromtimestamp(at, UTC).date())


def rules(policy: Policy) -> tuple[Rule, ...]:
    """The policy in plain words."""
    steps = sorted((int(least), weeks) for least, weeks in policy.windows.items())
    shown = ", ".join(tr("{weeks} weeks from {people} people on", weeks=weeks, people=least) for least, weeks in steps)
    asked = "; ".join(QUESTIONS.get(one, one) for one in policy.questions)
    formats = ", ".join({"openmetrics": "OpenMetrics", "otlp": "OTLP"}.get(one, one) for one in policy.exports) or tr("nowhere")
    return (
        Rule(tr("Least group"), tr("A result is made from {k} or more reports, never from fewer.", k=policy.k)),
        Rule(tr("Coin"), tr("{odds} to 1: the true answer stays in {odds} of {label} cases (label), {odds} of {days} (days).", odds=policy.odds, label=policy.odds + 3, days=policy.odds + 2)),
        Rule(tr("Questions"), asked),
        Rule(tr("Shown over"), tr("{shown}. Never a single week.", shown=shown)),
        Rule(tr("Kept"), tr("Sealed reports are deleted with the result, after {retention_days} days at the latest.", retention_days=policy.retention_days)),
        Rule(tr("Passed on"), tr("Released sums only: {formats}. No names, no comparison of teams.", formats=formats)),
        Rule(tr("Contact"), policy.contact),
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
    many = tr("{known} of {weeks} weeks have a result", known=len(found.weeks), weeks=len(span)) if found.full else tr("{known} of {weeks} weeks so far", known=len(found.weeks), weeks=found.window)
    missing = tuple(_gap(epoch, gaps) for epoch in found.missing)
    trend = tuple(point for change in found.changes for point in _points(change, found))
    return ResultView(
        tr("Weeks {first} to {last} together, {many}", first=first, last=last, many=many), tr("of those who share"), found.weeks, found.n_low, found.n_high,
        tuple(QuestionView(one, TITLES[one], tuple(_bar(one, bar) for bar in by_id[one].bars)) for one in ORDER if one in by_id), trend, missing,
    )  # fmt: skip


def so_far(released: int, lacking: int, gaps: dict[str, str]) -> ResultView:
    """While nothing is shown yet: how many weeks are in, how many it takes, and which of the last ones have no sum."""
    many = tr("No week has a sum yet") if not released else trn("One week has a sum", "{n} weeks have a sum", released)
    more = tr("one more") if lacking == 1 else tr("{lacking} more", lacking=lacking)
    missing = tuple(_gap(epoch, gaps) for epoch in sorted(gaps)[-SHOWN_GAPS:])
    return ResultView(tr("{many}; the first result is shown after {more}. A few weeks alone would say nothing.", many=many, more=more), "", (), 0, 0, (), (), missing)


def _gap(epoch: str, gaps: dict[str, str]) -> str:
    return tr("Week {epoch} has no result: {why} Nobody can open it.", epoch=short(epoch), why=gaps.get(epoch) or tr("too few members answered."))


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
