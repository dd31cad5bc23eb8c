"""Words that a person pastes or is about to publish, looked at on this machine before anything is asked of anybody."""

from __future__ import annotations

from urllib.parse import urlsplit

import msgspec

from tokenpal.translation import tr


class Invited(msgspec.Struct, frozen=True):
    """What an invitation says by itself: where it leads, which team, and what it lets one do."""

    host: str
    team: str
    kind: str


class Finding(msgspec.Struct, frozen=True):
    """A place ``text[start:end]`` of words to be published that may tell more than intended, and why."""

    start: int
    end: int
    kind: str
    sentence: str


def read_invitation(line: str) -> Invited:
    """Take an invitation apart. Raises UsageError with a sentence for what is none. Asks nobody."""
    from tokenpal.share.invitation import parse

    found = parse(line)
    if found.founding:
        kind = tr("It lets you found this team: you are its first member.")
    elif found.invite:
        kind = tr("It lets one person join while the team has fewer than five members.")
    else:
        kind = tr("Two members have to vouch for whoever joins with it.")
    return Invited(urlsplit(found.host).netloc or found.host, found.team, kind)


def findings(text: str) -> tuple[Finding, ...]:
    """Numbers, money, paths, tickets, names and code in words that are to be published (sharing-protocol 5.10)."""
    from tokenpal.share.lint import problems

    return tuple(Finding(one.start, one.end, one.kind, tr(one.sentence)) for one in problems(text))
