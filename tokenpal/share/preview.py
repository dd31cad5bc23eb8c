"""What the person reads before anything could ever be sent: the bytes, and the meaning of each of them."""

from __future__ import annotations

from typing import Final

import msgspec

from tokenpal.model.ranges import iso_week_days
from tokenpal.share.protocol.wire import NOTHING, SCHEMA, canonical
from tokenpal.share.report import NO_LABEL, NO_TEAM, Answer, Draw, encoded
from tokenpal.translation import Words, mark, tr

BANNER: Final = (
    mark("This is an example: you are in no team, and nothing is sent. Zeros stand for the team, its roster and its policy. "
    "The answers are drawn once for this week, and anew if you join a team.")
)
USE_WORDS: Final = Words("", ("no day", "one or two days", "three days or more"))
LABEL_WORDS: Final = Words("label in a sentence", ("exploration", "delivered", "waste", "nothing labelled"))


class Line(msgspec.Struct, frozen=True):
    """A piece of the report as it stands in the bytes, and what it means."""

    text: str
    meaning: str


class Preview(msgspec.Struct, frozen=True):
    """Everything the Sharing page and ``tokenpal share preview`` show."""

    report: bytes
    lines: tuple[Line, ...]
    banner: str  # "" once there is a team


def preview(draw: Draw, *, team: str = NO_TEAM, roster: str = NOTHING, policy: str = NOTHING) -> Preview:
    """The report of a team; without one, the example that is shown meanwhile (decisions 7)."""
    report = encoded(draw, team=team, roster=roster, policy=policy)
    return Preview(report, explain(draw, team=team, roster=roster, policy=policy), tr(BANNER) if team == NO_TEAM else "")


def explain(draw: Draw, *, team: str = NO_TEAM, roster: str = NOTHING, policy: str = NOTHING) -> tuple[Line, ...]:
    """Each line of the report in the order of its bytes. The texts are pieces of the report."""
    monday, following = iso_week_days(draw.week)
    days = tr("{monday} to before {next}", monday=monday.isoformat(), next=following.isoformat())
    zeros = " " + tr("Zeros: there is no team.") if team == NO_TEAM else ""
    return (
        Line(f'"epoch":"{draw.week}"', tr("The week, {days}, in UTC. No finer time is in the report.", days=days)),
        Line(f'"policy":"{policy}"', tr("Fingerprint of the team's rules, the same for every member.{zeros}", zeros=zeros)),
        *(Line(_question(answer), _meaning(draw, answer)) for answer in draw.answers),
        Line(f'"roster":"{roster}"', tr("Fingerprint of the list of members, the same for every member.{zeros}", zeros=zeros)),
        Line(f'"schema":"{SCHEMA}"', tr("The format. Any change of meaning makes a new number and asks you again.")),
        Line(f'"team":"{team}"', tr("The team's number, the same for every member.{zeros}", zeros=zeros)),
    )


def _question(answer: Answer) -> str:
    return canonical({"id": answer.id, "k": answer.k, "odds": answer.odds, "sent": answer.sent}).decode()


def _meaning(draw: Draw, answer: Answer) -> str:
    if answer.id == "use":
        words = USE_WORDS
        fact = tr("You used AI on {days}.", days=USE_WORDS[answer.true])
    else:
        words = LABEL_WORDS
        fact = _label_fact(draw, answer)
    if answer.sent == answer.true:
        coin = tr("The coin kept this answer")
    else:
        coin = tr("The coin changed this answer to {sent} ({words})", sent=answer.sent, words=words[answer.sent])
    cases = answer.odds + answer.k - 1
    return tr("{fact} That is answer {true}. {coin}: the true answer stays in {odds} of {cases} cases, each other one comes up in 1 of {cases}.", fact=fact, true=answer.true, coin=coin, odds=answer.odds, cases=cases)


def _label_fact(draw: Draw, answer: Answer) -> str:
    if not draw.any_session:
        return tr("No session started in this week.")
    if answer.true == NO_LABEL:
        return tr("One session of the week, drawn at random, has no label.")
    return tr("One session of the week, drawn at random, was labelled {label}.", label=LABEL_WORDS[answer.true])
