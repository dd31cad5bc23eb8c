"""What the results page says: released sums and learnings become sentences and rows, for everybody the same (sharing-protocol 5.9).

Pure: no request, no database, no clock finer than a week. Nothing here knows a member's number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from tokenpal.share.protocol import epochs, estimate
from tokenpal.share.protocol.policy import Policy
from tokenpal.share.protocol.roster import FOUNDERS
from tokenpal.team import promises
from tokenpal.team.trend import Line, line

SHOWN_LEARNINGS: Final = 60

QUESTIONS: Final = {
    "use": (
        "Members using AI on some or most days",
        "days of use in a week",
        "Most days: three or more in a week. Some days: one or two. The line over a bar is where the true share lies, nine times in ten.",
        ((2, "most", "Most days"), (1, "some", "Some days"), (0, "no", "No day")),
    ),
    "label": (
        "What sessions were",
        "label of a session",
        "Each report tells the label of one session, drawn at random from the week. Exploration and delivered work are equals.",
        ((0, "exploration", "Exploration"), (1, "delivered", "Delivered"), (2, "waste", "Waste"), (3, "unlabelled", "Not labelled")),
    ),
}
"""Question -> title, head of its column, note, and (answer, key of its look, name) in the order shown."""
PARTS: Final = {"tried": "Tried", "worked": "Worked", "failed": "Failed", "learned": "Learned"}


class Learning(msgspec.Struct, frozen=True):
    """A published note. ``part`` is tried, worked, failed or learned."""

    epoch: str
    part: str
    name: str
    text: str


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the page is made from. ``missing``: week -> why it has no release. ``settled``: newest week that was decided."""

    policy: Policy
    week: str  # the present one
    members: int = 0  # who count now
    joining: tuple[str, ...] = ()  # weeks from which others will count
    weeks: tuple[estimate.Week, ...] = ()
    missing: Mapping[str, str] = {}
    settled: str = ""
    learnings: tuple[Learning, ...] = ()  # newest first


class Row(msgspec.Struct, frozen=True):
    """A bar in whole percent; ``key`` is its look in the style sheet."""

    key: str
    name: str
    share: int
    low: int
    high: int
    zero: bool


class Question(msgspec.Struct, frozen=True):
    id: str
    title: str
    column: str
    zero: str  # which of its answers cannot be told from zero
    note: str
    rows: tuple[Row, ...]


class Box(msgspec.Struct, frozen=True):
    """One week of the strip; ``state`` is "", missing or later."""

    name: str
    title: str
    state: str


class Waiting(msgspec.Struct, frozen=True):
    title: str
    sentence: str
    steps: tuple[str, ...] = ()


class View(msgspec.Struct, frozen=True, kw_only=True):
    """What the template prints, from top to bottom."""

    team: str
    lead: str
    questions: tuple[Question, ...]
    trends: tuple[Line, ...]
    still: str
    waiting: Waiting | None
    weeks_title: str
    weeks: tuple[Box, ...]
    missing: tuple[str, ...]
    learnings: tuple[Learning, ...]
    older: str
    promises: tuple[str, ...]
    limits: tuple[str, ...]
    foot: str
    contact: str


def view(facts: Facts) -> View:
    """The page in words."""
    policy = facts.policy
    found = estimate.result(facts.weeks, policy.windows, policy.odds, facts.settled)
    pooled = () if found is None else tuple(sorted((*found.weeks, *found.missing)))
    absent = [epoch for epoch in (pooled or sorted(facts.missing)[-policy_window(facts) :]) if epoch in facts.missing or (found and epoch in found.missing)]
    return View(
        team=policy.team_name,
        lead=_lead(found, facts),
        questions=() if found is None else tuple(_question(one) for one in reversed(found.questions)),
        trends=() if found is None else _trends(found, facts),
        still=_still(found),
        waiting=None if found else _waiting(facts),
        weeks_title="Weeks in this result" if found else "Weeks so far",
        weeks=tuple(_box(epoch, absent) for epoch in pooled) if found else _first_weeks(facts),
        missing=_missing(absent, facts.missing),
        learnings=tuple(_learning(one) for one in facts.learnings[:SHOWN_LEARNINGS]),
        older=_older(len(facts.learnings) - SHOWN_LEARNINGS),
        promises=promises.promised(policy, facts.members),
        limits=promises.not_promised(facts.members),
        foot=promises.rules(policy),
        contact=policy.contact,
    )


def policy_window(facts: Facts) -> int:
    """Weeks that this team's results pool, at its present size."""
    return estimate.window(facts.members, facts.policy.windows)


def row(bar: estimate.Bar, key: str, name: str) -> Row:
    """A bar in whole percent; the band is rounded outwards, so that it never looks narrower than it is."""
    low, high = int(bar.low * 100 + 1e-9), -int(-bar.high * 100 - 1e-9)
    high = min(100, high if high >= bar.high * 100 - 1e-9 else high + 1)
    return Row(key, name, bar.percent, min(low, bar.percent), max(high, bar.percent), bar.zero)


def week_name(epoch: str) -> str:
    """``week 47 of 2026``."""
    return f"week {int(epoch[6:])} of {epoch[:4]}"


def _question(question: estimate.Question) -> Question:
    title, column, note, answers = QUESTIONS[question.id]
    rows = tuple(row(question.bars[answer], key, name) for answer, key, name in answers)
    none = [one.name if not place else one.name.lower() for place, one in enumerate([one for one in rows if one.zero])]
    return Question(question.id, title, column, f"{' and '.join(none)} cannot be told from zero." if none else "", note, rows)


def _lead(found: estimate.Result | None, facts: Facts) -> str:
    team = f"{_people(facts.members)} in the team{_joining(facts.joining)}."
    if found is None:
        return team
    shared = f"{found.n_low}" if found.n_low == found.n_high else f"{found.n_low} to {found.n_high}"
    filling = "" if found.full else f" The first window still fills ({len(found.weeks)} of {found.window} weeks), so the bands are wide."
    return f"{_span(found.weeks[0], found.weeks[-1])}, taken together: {len(found.weeks)} weeks, in each of which {shared} people shared.{filling} {team}"


def _span(first: str, last: str) -> str:
    if first[:4] == last[:4]:
        return f"Weeks {int(first[6:])} to {int(last[6:])} of {last[:4]}"
    return f"{week_name(first).capitalize()} to {week_name(last)}"


def _people(count: int) -> str:
    return "Nobody is" if count == 0 else "One person is" if count == 1 else f"{count} people are"


def _joining(when: Sequence[str]) -> str:
    if not when:
        return ""
    names = [week_name(epoch) for epoch in sorted(set(when))]
    return f"; {'one more counts' if len(when) == 1 else f'{len(when)} more count'} from {' and '.join(names)}"


def _trends(found: estimate.Result, facts: Facts) -> tuple[Line, ...]:
    """A curve for each change, in the order of the rows above; each point is a whole window that ends there."""
    changed = {(one.question, one.answer): one for one in found.changes}
    if not changed:
        return ()
    last = max(found.weeks[-1], facts.settled)
    first = epochs.shifted(last, -max(estimate.QUARTER, found.window))
    between = [(epoch, _until(facts, epoch)) for epoch in (epochs.shifted(first, ahead) for ahead in range(1, epochs.distance(first, last)))]
    made = []
    for question in reversed(found.questions):
        for answer, key, name in QUESTIONS[question.id][3]:
            change = changed.get((question.id, answer))
            if change is None:
                continue
            bars = [(first, change.before), *((epoch, _bar(then, question.id, answer)) for epoch, then in between), (last, change.now)]
            made.append(line(key, name, [(epoch, row(bar, key, name)) for epoch, bar in bars if bar is not None]))
    return tuple(made)


def _until(facts: Facts, epoch: str) -> estimate.Result | None:
    earlier = [week for week in facts.weeks if week.epoch <= epoch]
    return estimate.result(earlier, facts.policy.windows, facts.policy.odds, epoch)


def _bar(result: estimate.Result | None, question: str, answer: int) -> estimate.Bar | None:
    if result is None or not result.full:
        return None
    return next(one.bars[answer] for one in result.questions if one.id == question)


def _still(found: estimate.Result | None) -> str:
    if found is None or not found.before:
        return "There is too little yet to compare with: that takes a second result, a quarter after the first."
    return "Nothing changed by more than twice its error since the quarter before. Smaller moves may be chance and are not drawn."


def _waiting(facts: Facts) -> Waiting:
    if facts.members < FOUNDERS and not facts.weeks:
        lacking = FOUNDERS - facts.members
        return Waiting(
            "The team is being founded",
            f"{facts.members} of {FOUNDERS} founding members are in. A sum is never opened for fewer than {facts.policy.k} people.",
            (
                f"{'One more person joins' if lacking == 1 else f'{lacking} more people join'} by the founder’s invitation. Each pair compares four words in person or on a call.",
                "From then on every app sends one sealed report a week, between Monday and Wednesday (UTC).",
                "Once enough apps have answered, from Thursday on, the week’s sum is opened. The first results show after four such weeks.",
                "With exactly five members all five must report, which works out in about half to three quarters of the weeks. Six or more is better.",
            ),
        )
    lacking = estimate.waiting(facts.weeks, facts.policy.windows, facts.settled)
    shown = epochs.shifted(facts.settled or epochs.shifted(facts.week, -1), lacking + 1)
    have = estimate.PARTIAL - lacking
    first = f"{'One week is' if have == 1 else f'{have} weeks are'} in. " if have > 0 else ""
    older = facts.weeks and epochs.distance(min(week.epoch for week in facts.weeks), facts.settled or facts.week) >= policy_window(facts)
    return Waiting(
        "Too few of the last weeks have a sum" if older else "The first result is on its way",
        f"{first}{'One more week' if lacking == 1 else f'{lacking} more weeks'} with a sum {'is' if lacking == 1 else 'are'} needed: "
        f"in {week_name(shown)} at the earliest. A single week says nothing about {_few(facts.members)}, so weeks are taken together.",
    )


def _few(members: int) -> str:
    return f"{members} people" if members > 1 else "so few people"


def _first_weeks(facts: Facts) -> tuple[Box, ...]:
    if not facts.weeks and not facts.missing:
        return ()
    begin = min([*(week.epoch for week in facts.weeks), *facts.missing])
    last = max([*(week.epoch for week in facts.weeks), *facts.missing])
    lacking = estimate.waiting(facts.weeks, facts.policy.windows, facts.settled)
    known = [epochs.shifted(begin, ahead) for ahead in range(epochs.distance(begin, last) + 1)][-estimate.QUARTER :]
    later = [epochs.shifted(last, ahead + 1) for ahead in range(lacking)]
    return tuple(_box(epoch, facts.missing) for epoch in known) + tuple(Box(f"W{epoch[6:]}", f"{week_name(epoch)}: to come", "later") for epoch in later)


def _box(epoch: str, missing: Mapping[str, str] | Sequence[str]) -> Box:
    absent = epoch in missing
    return Box(f"W{epoch[6:]}", f"{week_name(epoch)}: {'no result' if absent else 'in the sum'}", "missing" if absent else "")


def _missing(absent: Sequence[str], reasons: Mapping[str, str]) -> tuple[str, ...]:
    """Why weeks have no result, those with one reason together; an endpoint that was off says the same for many."""
    together: dict[str, list[str]] = {}
    for epoch in absent:
        why = (reasons.get(epoch) or "no sum was released").strip().rstrip(".")
        together.setdefault(f"{why[:1].lower()}{why[1:]}", []).append(epoch)
    return tuple(f"{_weeks(found)} {'has' if len(found) == 1 else 'have'} no result: {why}. Nobody can open {'it' if len(found) == 1 else 'them'}." for why, found in together.items())


def _weeks(found: Sequence[str]) -> str:
    """``Week 45 of 2026``, or ``Weeks 44, 45 and 47 of 2026``."""
    if len(found) == 1:
        return week_name(found[0]).capitalize()
    same = len({epoch[:4] for epoch in found}) == 1
    names = [str(int(epoch[6:])) if same else f"{int(epoch[6:])} of {epoch[:4]}" for epoch in found]
    return f"Weeks {', '.join(names[:-1])} and {names[-1]}{f' of {found[0][:4]}' if same else ''}"


def _learning(one: Learning) -> Learning:
    return Learning(week_name(one.epoch), PARTS.get(one.part, "Noted"), one.name.strip() or "without a name", one.text)


def _older(count: int) -> str:
    if count <= 0:
        return ""
    return f"{'One older learning is' if count == 1 else f'{count} older learnings are'} in tokenpal, on the Sharing page."
