"""A real team for tests: members with real data files, a real endpoint process over TLS, and one clock for all of them."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from tests.team.endpoint import Endpoint
from tokenpal.engine.sharing import known as state
from tokenpal.engine.sharing.known import Known, Record
from tokenpal.engine.sharing.member import Member
from tokenpal.share.protocol import epochs
from tokenpal.store.sharing_audit import audit_chain
from tokenpal.system.secrets import Secrets

T = TypeVar("T")
FIRST = "2026-W40"
DAY = 86_400
TICKS = ("label", "use")


def run(act: Awaitable[T]) -> T:
    async def alone() -> T:
        return await act

    return asyncio.run(alone())


class Team:
    """Members are numbered; member 0 is the founder."""

    def __init__(self, folder: Path, seed: int = 1, week: str = FIRST) -> None:
        self.folder = folder
        self.at = epochs.start(week) + DAY
        self.endpoint = Endpoint(folder / "endpoint", clock=self.at)
        self.endpoint.start()
        self.founding = self.endpoint.found_team()
        self.members: list[Member] = []
        self.random = random.Random(seed)

    def now(self) -> int:
        return self.at

    def go(self, at: int) -> None:
        """Everybody's clock."""
        self.at = at
        self.endpoint.set_clock(at)

    def person(self, number: int | None = None) -> Member:
        """A member with a data file of its own; the same number is the same person after a restart."""
        number = len(self.members) if number is None else number
        chance = random.Random(self.random.random())
        member = Member.at(
            self.folder / f"member-{number}.db", Secrets(), now=self.now, ca_file=str(self.endpoint.ca_file),
            random=chance.randrange, entropy=chance.randbytes,
        )  # fmt: skip
        if number < len(self.members):
            self.members[number].store.close()
            self.members[number] = member
        else:
            self.members.append(member)
        return member

    def enter(self, line: str) -> Member:
        """Somebody new, from the pasted line to sharing."""
        member = self.person()
        run(member.look(line))
        run(member.start(TICKS, skip=True))
        return member

    def founded(self, size: int = 5) -> Team:
        """A team of that many, all of whom count."""
        founder = self.enter(self.founding)
        for _ in range(size - 1):
            self.enter(run(founder.invite()))
        return self

    def week(self, epoch: str) -> None:
        """Everybody does what the week after ``epoch`` asks for: reports on Tuesday, answers on Thursday, a look on Sunday."""
        end = epochs.start(epochs.shifted(epoch, 1))
        self.go(end + DAY)
        for member in self.members:
            run(member.visit(everything=True))
        self.go(end + 3 * DAY + 3600)
        for member in self.members:
            run(member.visit(everything=True))
        self.go(end + 6 * DAY)
        for member in self.members:
            run(member.visit(everything=True))

    def close(self) -> None:
        self.endpoint.stop()
        for member in self.members:
            member.store.close()


@contextmanager
def team(folder: Path, **how: Any) -> Iterator[Team]:
    found = Team(folder, **how)
    try:
        yield found
    finally:
        found.close()


def known(member: Member) -> Known:
    found = state.known(member.store)
    assert found is not None
    return found


def record(member: Member) -> Record:
    found = state.current(member.store)
    assert found is not None
    return found


def requests(member: Member) -> list[dict[str, Any]]:
    """The requests in a member's log, oldest first."""
    return [row.fields for row in audit_chain(member.store) if row.kind == "request"]
