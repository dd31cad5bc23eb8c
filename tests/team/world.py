"""An endpoint inside the test's process, whose every message is held against its own OpenAPI file, and a crew that talks to it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import httpx
from jsonschema import Draft202012Validator
from jsonschema.protocols import Validator

from tests.share.teams import Person
from tests.team.crew import Crew
from tokenpal.share import invitation
from tokenpal.share.protocol import epochs
from tokenpal.share.protocol.keys import signing_key
from tokenpal.share.protocol.wire import b64
from tokenpal.system.paths import resource
from tokenpal.team.app import make_app
from tokenpal.team.founding import found_team
from tokenpal.team.secret import public_of
from tokenpal.team.storage import open_storage

KEY: Final = signing_key(b"\7" * 32)
WEEK: Final = "2026-W40"
"""The first week of every story here: the team joins in it."""
DAY: Final = 86_400
CROWD: Final = [Person(number) for number in range(52)]


@cache
def description() -> dict[str, Any]:
    """The OpenAPI file."""
    found: dict[str, Any] = json.loads((resource("team") / "openapi.json").read_text(encoding="utf-8"))
    return found


@cache
def validator(name: str) -> Validator:
    return Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": description()["components"]})


def operation(method: str, path: str) -> dict[str, Any]:
    """What the file says about a request. Fails for one that it does not describe."""
    for template, item in description()["paths"].items():
        if re.fullmatch(re.sub(r"{\w+}", "[^/]+", template), path.partition("?")[0]) and method.lower() in item:
            found: dict[str, Any] = item[method.lower()]
            return found
    raise AssertionError(f"{method} {path} is not in the OpenAPI file")


class World:
    """``clock``: epoch seconds, what everybody takes for now."""

    def __init__(self, database: str, at: int, people: list[Person] = CROWD) -> None:
        self.clock = at
        self.storage = open_storage(database)
        self.app = make_app(self.storage, KEY, lambda: self.clock, metrics_token="token of a test", per_second=100_000)
        made = found_team(self.storage, public_of(KEY), "The makers", "someone@team.example")
        line = invitation.written(invitation.Invitation(b64(made.seed), "", "https://team.example", "", public_of(KEY), made.team.team))
        self.team = made.team.team
        self.crew = Crew(self.say, line, lambda: self.clock, people)
        self.requests = 0

    def raw(self, method: str, path: str, body: bytes | AsyncIterator[bytes] = b"", headers: dict[str, str] | None = None) -> httpx.Response:
        """One request, as it is."""

        async def send() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app, raise_app_exceptions=True), base_url="https://team.example") as client:
                given = {"content-type": "application/json"} if method == "POST" else {}
                return await client.request(method, path, content=body or None, headers=given if headers is None else headers)

        return asyncio.run(send())

    def say(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        """One request of a member; it and its answer are as the OpenAPI file says."""
        answer = self.raw(method, path, body)
        said = operation(method, path)
        responses = said["responses"]
        assert str(answer.status_code) in responses, f"{method} {path}: {answer.status_code} is not described: {answer.text}"
        schema = responses[str(answer.status_code)]["content"]["application/json"]["schema"]
        _fits(schema, answer.content)
        if body and answer.status_code < 300:
            _fits(said["requestBody"]["content"]["application/json"]["schema"], body)
        assert "set-cookie" not in answer.headers
        assert answer.headers["content-type"] == "application/json"
        self.requests += 1
        return answer.status_code, answer.content

    # ------------------------------------------------------------------------------------ time

    def gather(self, size: int) -> None:
        """A team whose members have joined two weeks ago, so that all of them count."""
        now = self.clock
        self.clock -= 14 * DAY
        self.crew.join(size)
        self.clock = now

    def go(self, epoch: str, days: float = 0) -> None:
        """To so many days after the end of a week: 0 = Monday after it, 3 = Thursday."""
        self.clock = epochs.start(epoch) + 7 * DAY + int(days * DAY)

    def reports(self, epoch: str, numbers: range) -> None:
        """On Monday after the week these people report."""
        self.go(epoch, 0.5)
        roster = self.crew.roster()
        active = self.active(epoch)
        for number in numbers:
            status, said = self.crew.post("reports", self.crew.report(number, epoch, roster=roster, active=active))
            assert status == 201, said

    def active(self, epoch: str) -> tuple[str, ...]:
        """As members compute it from what is published."""
        from tokenpal.share.protocol import manifest, roster
        from tokenpal.share.protocol.wire import Signed

        members = self.crew.roster()
        shown = [Signed(**one) for one in self.crew.ask(self.crew.people[0], "manifests")[1]["manifests"]]
        return roster.active(members, manifest.history(shown, members, KEY.public_key().public_bytes_raw()), epoch)

    def answers(self, epoch: str, numbers: range, lie: int = -1) -> None:
        """On Thursday after the week these people answer; ``lie``: who lies."""
        self.go(epoch, 3.5)
        manifest = self.crew.manifest(epoch)
        assert manifest is not None
        made = [self.crew.answer(number, manifest, lie=int(number == lie)) for number in numbers]
        for one in made:
            status, said = self.crew.post("answers", one)
            assert status == 201, said

    def ask(self, what: str, epoch: str = "", number: int = 0) -> Any:
        """What a member is told; lists begin with the first week of the story."""
        status, said = self.crew.ask(self.crew.people[number], what, epoch, WEEK if what in {"releases", "manifests"} else "")
        assert status == 200, said
        return said


def _fits(schema: dict[str, str], body: bytes) -> None:
    problems = list(validator(schema["$ref"].rpartition("/")[2]).iter_errors(json.loads(body))) if "$ref" in schema else _fits_one(schema, body)
    assert not problems, f"{problems[0].message[:500]}\n{body[:500]!r}"


def _fits_one(schema: dict[str, Any], body: bytes) -> list[Any]:
    names = [one["$ref"].rpartition("/")[2] for one in schema["oneOf"]]
    tried = [list(validator(name).iter_errors(json.loads(body))) for name in names]
    return [] if [] in tried else tried[0]


@contextmanager
def sqlite_world(folder: Path, at: int) -> Iterator[World]:
    """On a SQLite file."""
    from tokenpal.team.database import sqlite_url

    world = World(sqlite_url(folder / "team.db"), at)
    try:
        yield world
    finally:
        world.storage.close()
