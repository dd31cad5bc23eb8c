"""A week of many teams on one endpoint with PostgreSQL: one team of 50 and a hundred of 25, every request on a TLS connection of its own.

    python -m tests.benchmarks.team_load [TEAMS OF 25]

Reports, then questions for the envelopes of the manifest, then answers; each week's sum is checked before a figure is told.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import random
import ssl
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import psutil

from tests.benchmarks.measure import Failed, Line
from tests.share.teams import Person
from tests.team.crew import ANSWERS
from tests.team.endpoint import Endpoint
from tests.team.postgres import Postgres
from tokenpal.share.protocol import epochs, roster as rosters, sealing
from tokenpal.share.protocol.entries import founding_voucher, invite_body, invite_voucher, member_voucher, voucher_body
from tokenpal.share.protocol.keys import signing_key, signing_public
from tokenpal.share.protocol.manifest import answer_body, manifest_of
from tokenpal.share.protocol.questions import one_hot
from tokenpal.share.protocol.roster import Roster
from tokenpal.share.protocol.wire import Signed, decode, encode, hash_of, sign
from tokenpal.team import founding
from tokenpal.team.chains import card
from tokenpal.team.secret import endpoint_key, public_of
from tokenpal.team.storage import Storage

WEEK = "2026-W40"
DAY = 86_400
AT_ONCE = 16
FULL = 100


class Group(msgspec.Struct, frozen=True):
    """A team and its people, in the order in which they joined."""

    team: str
    key: bytes
    policy: str
    roster: Roster
    people: tuple[Person, ...]


class Took(msgspec.Struct, frozen=True):
    """How a lot of requests went. ``seconds``: of each, connection and TLS included."""

    wall: float
    seconds: list[float]
    answers: list[bytes]

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.wall

    @property
    def p99(self) -> float:
        return sorted(self.seconds)[int(len(self.seconds) * 0.99)]


def gathered(storage: Storage, public: str, number: int, size: int) -> Group:
    """A team whose members all count in the week, its chain verified and stored."""
    made = founding.found_team(storage, public, f"Team {number}", "someone@team.example")
    team, people = made.team.team, tuple(Person(number * 100 + place) for place in range(size))
    chain, begun = rosters.empty(card(made.team)), epochs.shifted(WEEK, -2)
    for place, person in enumerate(people):
        body = voucher_body(team, person.identity)
        if place == 0:
            vouchers = [founding_voucher(sign(body, signing_key(made.seed)).sig)]
        elif place < rosters.FOUNDERS:
            invite = hashlib.sha256(b"%d %d" % (number, place)).digest()
            given = people[0].sign(invite_body(team, signing_public(invite))).sig
            vouchers = [invite_voucher(signing_public(invite), given, sign(body, signing_key(invite)).sig)]
        else:
            vouchers = [member_voucher(one.id, one.sign(body).sig) for one in people[:2]]
        chain = rosters.extend(chain, [person.sign(rosters.join_body(place, chain.head, team, begun, person.identity, person.keys(begun), vouchers))])
    with storage.writing(team) as rows:
        for place, entry in enumerate(chain.entries):
            rows.append(team, place, chain.hashes[place], encode(entry))
    return Group(team, endpoint_bytes(public), made.team.policy_hash, chain, people)


def endpoint_bytes(public: str) -> bytes:
    from tokenpal.share.protocol.wire import unb64

    return unb64(public, 32)


def reports(group: Group) -> list[Signed]:
    """Everybody's sealed report."""
    view = group.roster.at(WEEK)
    recipients = sorted(view.keys.items())
    bound = {"team": group.team, "epoch": WEEK, "head": view.head, "policy": group.policy}
    t = rosters.threshold(len(recipients))
    return [
        sealing.envelope(ANSWERS[place % 3], recipients, t, hashlib.sha256(person.seed).digest(), person.private, **bound)
        for place, person in enumerate(group.people)
    ]


def question(group: Group, person: Person, what: str, now: int, epoch: str = "") -> bytes:
    day = datetime.fromtimestamp(now, UTC).date().isoformat()
    return encode(person.sign({"kind": "query", "team": group.team, "member": person.id, "day": day, "what": what, "epoch": epoch, "since": ""}))


async def sent(endpoint: Endpoint, requests: Sequence[tuple[str, str, bytes]], good: int) -> Took:
    """Post (team, path, body), so many at once, in any order. Raises Failed for an answer that is not ``good``."""
    waiting = list(enumerate(requests))
    random.Random(4).shuffle(waiting)
    context, seconds = endpoint.tls(), [0.0] * len(requests)
    answers = [b""] * len(requests)

    async def sender() -> None:
        while waiting:
            place, (team, path, body) = waiting.pop()
            begin = time.perf_counter()
            status, answers[place] = await one(endpoint.port, context, f"/v1/teams/{team}/{path}", body)
            seconds[place] = time.perf_counter() - begin
            if status != good:
                raise Failed(f"{path} answered {status}: {answers[place][:200]!r}")

    begin = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(sender())
    return Took(time.perf_counter() - begin, seconds, answers)


async def one(port: int, context: ssl.SSLContext, path: str, body: bytes) -> tuple[int, bytes]:
    """One request on a connection of its own."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
    writer.write(f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body)
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line.partition(b":")[2]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    answer = await reader.readexactly(length)
    writer.close()
    return int(head.split()[1]), answer


def week(teams: int) -> Iterator[Line]:
    """One team of 50 and ``teams`` of 25. Raises Failed when a request is refused or a sum is wrong."""
    server = Postgres()
    with TemporaryDirectory() as folder:
        try:
            server.start()
            database = server.create()
            endpoint = Endpoint(Path(folder), database=server.url(database), clock=epochs.start(WEEK))
            try:
                yield from _week(endpoint, server, database, teams)
            except* Failed as problems:
                raise Failed(f"{problems.exceptions[0]}\n{endpoint.log[-1000:]}") from None
            finally:
                endpoint.stop()
        finally:
            server.remove()


def _week(endpoint: Endpoint, server: Postgres, database: str, teams: int) -> Iterator[Line]:
    storage = endpoint.storage()
    public = public_of(endpoint_key(endpoint.key_file, make=False))
    groups = [gathered(storage, public, number, 25 if number else 50) for number in range(teams + 1)]
    made = [reports(group) for group in groups]
    storage.close()
    monday = epochs.start(WEEK) + 8 * DAY
    endpoint.set_clock(monday)
    endpoint.start()
    process = psutil.Process(endpoint.pid)
    before = server.size(database)
    posts = [(group.team, "reports", encode(one)) for group, own in zip(groups, made) for one in own]
    took = asyncio.run(sent(endpoint, posts, 201))
    yield from _lines("reports", took)
    grown = server.size(database) - before
    yield Line("size on disk of the week", f"{grown / 1e6:.1f} MB", f"{sum(len(body) for *_, body in posts) / 1e6:.1f} MB posted", None, None, None, "figure only")

    thursday = monday + 2 * DAY + DAY // 2
    endpoint.set_clock(thursday)
    shown = asyncio.run(sent(endpoint, [(group.team, "query", question(group, group.people[0], "manifest", thursday, WEEK)) for group in groups], 200))
    yield from _lines("manifests", shown)
    manifests = [manifest_of(Signed(**json.loads(answer)["manifests"][0]), group.key) for group, answer in zip(groups, shown.answers)]
    asked = [(group.team, "query", question(group, person, "envelopes", thursday, WEEK)) for group in groups for person in group.people]
    yield from _lines("questions for envelopes", asyncio.run(sent(endpoint, asked, 200)))
    answers = []
    for group, own, manifest in zip(groups, made, manifests):
        counted = [one for one in own if hash_of(one) in {name for _, name in manifest.reports}]
        for person in group.people[: manifest.t]:
            numbers = sealing.share_sum(counted, person.id, person.key(WEEK), manifest.place(person.id))
            answers.append((group.team, "answers", encode(person.sign(answer_body(manifest, person.id, numbers)))))
    yield from _lines("answers", asyncio.run(sent(endpoint, answers, 201)))
    storage = endpoint.storage()
    with storage.reading() as rows:
        for group in groups:
            release = rows.release(group.team, WEEK)
            truth = [one_hot(ANSWERS[place % 3]) for place in range(len(group.people))]
            if release is None or decode(release.body).body["bins"] != list(map(sum, zip(*truth, strict=True))):
                raise Failed("a sum is missing or wrong")
    storage.close()
    yield Line("memory of the endpoint", f"{process.memory_info().rss / 1e6:.0f} MB", f"{teams + 1} teams", None, None, None, "figure only")


def _lines(name: str, took: Took) -> Iterator[Line]:
    yield Line(f"{name}: {len(took.seconds)} at once by {AT_ONCE}", f"{took.rate:.0f} a second", f"99 % in {took.p99 * 1e3:.0f} ms", None, None, None, "figure only")


def team(full: bool, rounds: int) -> Iterator[Line]:
    """The row of the table: a tenth of it without ``--full``."""
    del rounds
    yield from week(FULL if full else FULL // 10)


if __name__ == "__main__":
    for line in week(int(sys.argv[1]) if len(sys.argv) > 1 else FULL):
        print(f"{line.name:44} {line.figure:>14} {line.yardstick:>24}", flush=True)
