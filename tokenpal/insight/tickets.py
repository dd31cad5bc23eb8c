"""Ticket ids in branch names, as GitHub, Jira and Linear make them. Suggestions only: the person decides.

- Jira, upper-case anywhere: ``feature/PAY-142-retry`` -> PAY-142
- Linear, lower-case at the start of a part: ``jane/eng-123-fix-login`` -> ENG-123
- GitHub's own branches and the usual words: ``142-fix-login``, ``issue-142``, ``gh-142``, ``fix/#142`` -> #142

Which trackers are looked for, where they live and which projects' keys are theirs is the person's choice (``Tickets``).
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache
from typing import Final
from urllib.parse import quote

import msgspec


class Tracker(StrEnum):
    """Whose ticket an id is."""

    GITHUB = "github"  # #142
    JIRA = "jira"  # PAY-142, written in upper case
    LINEAR = "linear"  # eng-142, written in lower case at the start of a part


class Tickets(msgspec.Struct, frozen=True):
    """One tracker as the person set it up. ``address``: where its tickets open; ``keys``: its projects' keys, () = any."""

    tracker: Tracker
    on: bool = True
    address: str = ""
    keys: tuple[str, ...] = ()


EVERY: Final = tuple(Tickets(tracker) for tracker in Tracker)

UPPER: Final = re.compile(r"(?<![A-Za-z0-9])([A-Z][A-Z0-9]{1,9})-([1-9]\d{0,6})(?![A-Za-z0-9.])")
LOWER: Final = re.compile(r"([a-z]{2,7})-([1-9]\d{0,5})(?=$|[-_])(?!-\d)")
WORD: Final = re.compile(r"(?<![a-z0-9])(?:issues?|gh|ticket|fix(?:es)?|closes|bug)[-_/]?#?([1-9]\d{0,6})(?![a-z0-9.])", re.IGNORECASE)
HASH: Final = re.compile(r"#([1-9]\d{0,6})(?![A-Za-z0-9])")
LEADING: Final = re.compile(r"([1-9]\d{0,5})[-_](?=[A-Za-z])")
SHAPE: Final = re.compile(r"#[1-9]\d{0,6}|[A-Za-z][A-Za-z0-9]{1,9}-[1-9]\d{0,6}")
YEAR: Final = re.compile(r"(?:19|20)\d\d")

NOT_A_KEY: Final = frozenset(
    (  # noqa: SIM905 - a list of sixty quoted words cannot be read
        "agent alpha beta bug build chapter claude closes codex day demo dev draft exp feat feature fix fixes for gh gpt hotfix issue issues iso "
        "java main node part phase pr prod py python rc rel release rev rfc round run sha sprint stage step task test tests ticket tls try "
        "utf v ver version wcag week wip worker x"
    ).split()
)
"""Words that stand before a number without being a ticket's project: ``release-2``, ``UTF-8``, ``python-3``."""
ROBOTS: Final = ("dependabot/", "renovate/")
"""Branches made by robots name packages and versions."""


@lru_cache(maxsize=4096)
def ticket_ids(branch: str) -> tuple[str, ...]:
    """The ids in order of appearance, each once: ``PAY-142`` or ``#142``. Empty for plain names."""
    return tuple(dict(_found(branch)))


def tickets(branch: str, chosen: tuple[Tickets, ...] = EVERY) -> tuple[tuple[str, Tracker], ...]:
    """The ids of the trackers that the person looks for, each with its tracker.

    A key that one tracker claims is its, however the branch writes it; a tracker that lists its keys has no others.
    """
    if not any(one.on for one in chosen):
        return ()
    found = []
    for ticket, tracker in dict(_found(branch)).items():
        owner = owner_of(ticket, chosen, tracker)
        if owner is not None and owner.on:
            found.append((ticket, owner.tracker))
    return tuple(found)


def owner_of(ticket: str, chosen: tuple[Tickets, ...], written: Tracker | None = None) -> Tickets | None:
    """The tracker that a ticket belongs to: the one that claims its key, else the one that writes ids so, else one with an address."""
    key = ticket.partition("-")[0].upper()
    if ticket.startswith("#"):
        return next((one for one in chosen if one.tracker is Tracker.GITHUB), None)
    named = [one for one in chosen if one.tracker is not Tracker.GITHUB]
    claimed = next((one for one in named if one.on and key in one.keys), None)
    if claimed is not None:
        return claimed
    free = [one for one in named if not one.keys]
    ranked = sorted(free, key=lambda one: (one.tracker is not written, not one.address, not one.on, one.tracker is not Tracker.JIRA))
    return ranked[0] if ranked else None


def link(ticket: str, chosen: tuple[Tickets, ...], written: Tracker | None = None) -> str:
    """Where a ticket opens in the browser; "" without an address of its tracker.

    Jira ``ADDRESS/browse/PAY-142``, GitHub ``ADDRESS/issues/142`` (the address is a repository's), Linear ``ADDRESS/issue/ENG-142``.
    """
    ticket = ticket.strip()
    owner = owner_of(ticket, chosen, written) if SHAPE.fullmatch(ticket) else None
    if owner is None or not owner.address.startswith(("https://", "http://")):
        return ""
    address = owner.address.strip().rstrip("/")
    name = quote(ticket.lstrip("#").upper(), safe="-")
    match owner.tracker:
        case Tracker.GITHUB:
            return f"{address}/issues/{name}"
        case Tracker.JIRA:
            return f"{address}/browse/{name}"
        case Tracker.LINEAR:
            return f"{address}/issue/{name}"


@lru_cache(maxsize=4096)
def _found(branch: str) -> tuple[tuple[str, Tracker], ...]:
    if branch.startswith(ROBOTS):
        return ()
    found: list[tuple[int, str, Tracker]] = [
        (match.start(), f"{match[1]}-{match[2]}", Tracker.JIRA) for match in UPPER.finditer(branch) if match[1].lower() not in NOT_A_KEY
    ]
    found += [(match.start(), f"#{match[1]}", Tracker.GITHUB) for pattern in (WORD, HASH) for match in pattern.finditer(branch)]
    start = 0
    for part in branch.split("/"):
        if (match := LOWER.match(part)) and match[1] not in NOT_A_KEY:
            found.append((start, f"{match[1].upper()}-{match[2]}", Tracker.LINEAR))
        elif (match := LEADING.match(part)) and not YEAR.fullmatch(match[1]):
            found.append((start, f"#{match[1]}", Tracker.GITHUB))
        start += len(part) + 1
    return tuple((name, tracker) for _, name, tracker in sorted(found))
