"""The released figures that leave for the operator's own engines: full windows of at least five people, as the page prints them.

Whole per cent and full windows only: with exact sums of growing windows the week between two of them could be had by
subtraction. A series' labels are its identifiers, so the only ones are the team, the question and the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec

from tokenpal.model.errors import UsageError
from tokenpal.share.protocol import epochs, estimate, policy as policies
from tokenpal.share.protocol.policy import LEAST_K
from tokenpal.share.protocol.wire import decode
from tokenpal.team.storage import Rows, Team
from tokenpal.team.words import QUESTIONS, row

OPENMETRICS: Final = "openmetrics"
OTLP: Final = "otlp"

Labels = tuple[tuple[str, str], ...]


class Figure(msgspec.Struct, frozen=True):
    """A number of a team at the end of a week. ``at``: epoch seconds. Shares are 0 to 1, in steps of 0.01."""

    family: str
    labels: Labels
    at: int
    value: float | int


class Family(msgspec.Struct, frozen=True):
    """``name`` in words between dots, ``unit`` as OpenMetrics writes it ("" = a count)."""

    name: str
    unit: str
    help: str


FAMILIES: Final = (
    Family("tokenpal.team.share", "ratio", "Share of an answer among those who share, over the window that ends here."),
    Family("tokenpal.team.share.low", "ratio", "Lower end of the 90 % interval of that share."),
    Family("tokenpal.team.share.high", "ratio", "Upper end of the 90 % interval of that share."),
    Family("tokenpal.team.reports.fewest", "", "Reports in the week of the window that has the fewest."),
    Family("tokenpal.team.reports.most", "", "Reports in the week of the window that has the most."),
    Family("tokenpal.team.window.weeks", "weeks", "Weeks with a sum in the window."),
)


def allow(team: Team, kind: str) -> None:
    """Raises UsageError unless the team's policy names this kind of export."""
    if kind not in policies.parse(team.policy).exports:
        raise UsageError(f"The policy of {team.name} names no export of the kind {kind}.", "Members agreed to its rules; add it there, and they are asked again.")


def figures(rows: Rows, team: Team) -> tuple[tuple[Figure, ...], ...]:
    """For each released week whose window is full, oldest first, its figures."""
    policy = policies.parse(team.policy)
    weeks = [estimate.Week(one["epoch"], one["n"], tuple(one["bins"])) for one in (decode(kept.body).body for kept in rows.releases(team.team))]
    found = []
    for place, week in enumerate(weeks):
        result = estimate.result(weeks[: place + 1], policy.windows, policy.odds, week.epoch)
        if result is not None and result.full and result.n_low >= max(LEAST_K, policy.k):
            found.append(_figures(team.team, week.epoch, result))
    return tuple(found)


def _figures(team: str, epoch: str, result: estimate.Result) -> tuple[Figure, ...]:
    at = epochs.start(epochs.shifted(epoch, 1))
    whole: Labels = (("team", team),)
    made = [
        Figure("tokenpal.team.reports.fewest", whole, at, result.n_low),
        Figure("tokenpal.team.reports.most", whole, at, result.n_high),
        Figure("tokenpal.team.window.weeks", whole, at, len(result.weeks)),
    ]
    for question in result.questions:
        for answer, key, name in QUESTIONS[question.id][3]:
            shown = row(question.bars[answer], key, name)
            labels: Labels = (*whole, ("question", question.id), ("answer", key))
            ends = (("", shown.share), (".low", shown.low), (".high", shown.high))
            made += [Figure(f"tokenpal.team.share{end}", labels, at, percent / 100) for end, percent in ends]
    return tuple(made)


def of_family(family: Family, weeks: Sequence[Figure]) -> list[Figure]:
    """Those of one family, one series after the other, each in the order of time."""
    return sorted((one for one in weeks if one.family == family.name), key=lambda one: (one.labels, one.at))
