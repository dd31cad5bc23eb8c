"""What the results page promises and what it does not, in plain words (sharing-protocol 5.7)."""

from __future__ import annotations

from tokenpal.share.protocol.policy import Policy
from tokenpal.share.protocol.roster import FOUNDERS, threshold


def colluders(members: int) -> int:
    """So many members beside the operator still learn nothing but sums (sharing-protocol 5.7)."""
    return max(0, 2 * threshold(members) - members - 1)


def promised(policy: Policy, members: int) -> tuple[str, ...]:
    """For a team of so many."""
    few = colluders(max(members, FOUNDERS))
    people = f"{few} {'member' if few == 1 else 'members'}"
    return (
        "Nobody can compute a person’s tokens, cost, sessions, totals, hours, tools, or any order of people. A report holds nothing of the kind.",
        (f"A coin was tossed over every answer before it left a machine: what was sent is at most {policy.odds} times likelier "
        "under the truth than under any other answer, for each question and week."),
        (f"Only sums of at least {policy.k} people are opened. The operator together with up to {people} learns no single answer beyond "
        "what the sum tells."),
        "Members and leads see this page at the same time, with the same bytes. There is no other view.",
    )


def not_promised(members: int) -> tuple[str, ...]:
    """As many words as the promise has, and more."""
    few = colluders(max(members, FOUNDERS))
    people = f"{few} {'member works' if few == 1 else 'members work'}"
    return (
        "Taking part is not hidden from whoever runs this endpoint, nor the time and network address of a report.",
        (f"If more than {people} together with the operator, only the coin protects: over many weeks they could guess one person’s days "
        "of use and kind of session. Still never how much."),
        "Who knows everybody else’s true answers learns a little each week, even from the sum.",
        "That the endpoint deletes on time and keeps no log cannot be checked from outside.",
        "A learning is free text. Its style or content may show who wrote it.",
        "Members could answer falsely. No outside cryptographer has reviewed the protocol yet.",
    )


def rules(policy: Policy) -> str:
    """Where figures may go, and when things are deleted."""
    targets = {"openmetrics": "OpenMetrics", "otlp": "OpenTelemetry"}
    names = [targets.get(one, one) for one in policy.exports]
    kinds = f"The rules allow export by {' and '.join(names)}: these group figures only, over full windows." if names else "The rules allow no export."
    return f"{kinds} Sealed reports are deleted with the week’s result, the members’ signed answers {policy.retention_days} days after the week."
