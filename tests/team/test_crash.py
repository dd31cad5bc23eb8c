"""Power cuts: the endpoint and its PostgreSQL are killed while reports come in; whatever was answered with 201 is there."""

from __future__ import annotations

import json
import os
import random
import select
import signal
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from tests.share.teams import Person
from tests.team.crew import ANSWERS, Crew
from tests.team.endpoint import Endpoint, certificates
from tests.team.postgres import Postgres
from tokenpal.share.protocol import epochs, manifest as manifests
from tokenpal.share.protocol.questions import one_hot
from tokenpal.share.protocol.wire import Signed, encode, hash_of, unb64

half_shaken = pytest.mark.filterwarnings("ignore:unclosed <ssl.SSLSocket:ResourceWarning")  # httpx leaves one when its server dies while they shake hands
WEEK = "2026-W40"
DAY = 86_400
SIZE = 24
PATIENCE = 60.0
CROWD = [Person(number) for number in range(SIZE)]


def over_tls(endpoint: Endpoint, client: httpx.Client) -> Callable[[str, str, bytes], tuple[int, bytes]]:
    def say(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        answer = client.request(method, endpoint.url + path, content=body or None, headers={"content-type": "application/json"} if body else {})
        return answer.status_code, answer.content

    return say


class Team:
    """A team of 24 on a real endpoint, two weeks old."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self.clock = epochs.start(WEEK) - 13 * DAY
        endpoint.set_clock(self.clock)
        endpoint.start()
        self.client = httpx.Client(verify=endpoint.tls())
        self.crew = Crew(over_tls(endpoint, self.client), endpoint.found_team(), lambda: self.clock, CROWD)
        self.crew.join(SIZE)

    def go(self, days: float) -> None:
        self.clock = epochs.start(WEEK) + 7 * DAY + int(days * DAY)
        self.endpoint.set_clock(self.clock)

    def posted(self, path: str, messages: list[Signed], crash: Callable[[], None], crashes: int) -> dict[str, int]:
        """Three senders post everything, again and again until it is taken, while ``crash`` happens at random moments. Hash -> first 2xx."""
        chance = random.Random(f"{path} {crashes}")
        waiting, taken, lock = list(messages), dict[str, int](), threading.Lock()
        until = time.monotonic() + PATIENCE
        url, context = f"{self.endpoint.url}/v1/teams/{self.crew.team}/{path}", self.endpoint.tls()
        troubles: list[str] = []

        def sender() -> None:
            while time.monotonic() < until:
                with lock:
                    if not waiting:
                        return
                    one = waiting.pop()
                try:
                    with httpx.Client(verify=context, timeout=10) as client:
                        answer = client.post(url, content=encode(one), headers={"content-type": "application/json"})
                except httpx.TransportError:
                    status = 0
                else:
                    status = answer.status_code
                    if status not in {200, 201, 503}:
                        troubles.append(answer.text)
                with lock:
                    if status in {200, 201}:
                        taken[hash_of(one)] = status
                    else:
                        waiting.insert(0, one)

        senders = [threading.Thread(target=sender) for _ in range(3)]
        for one in senders:
            one.start()
        for done in sorted(chance.sample(range(1, len(messages) - 2), crashes)):
            while len(taken) < done and time.monotonic() < until:
                time.sleep(chance.random() / 200)
            crash()
        for one in senders:
            one.join()
        assert troubles == []
        assert waiting == []
        return taken


def survive(team: Team, crash: Callable[[], None], crashes: int) -> None:
    crew, endpoint = team.crew, team.endpoint
    team.go(1)
    roster = crew.roster()
    active = sorted(roster.at(WEEK).keys)
    made = [crew.report(number, WEEK, roster=roster, active=active) for number in range(SIZE)]
    taken = team.posted("reports", made, crash, crashes)
    assert taken.keys() == {hash_of(one) for one in made}
    storage = endpoint.storage()
    with storage.reading() as rows:
        kept = rows.envelopes(crew.team, WEEK)
    storage.close()
    assert {one.hash for one in kept} == taken.keys()
    assert {one.body for one in kept} == {encode(one) for one in made}

    team.go(3.1)
    manifest = crew.manifest(WEEK)
    assert manifest is not None
    answers = [crew.answer(number, manifest) for number in range(SIZE)]
    team.posted("answers", answers, crash, 1)
    shown = crew.ask(CROWD[0], "releases")[1]["releases"]
    identities = {person.id: person.identity for person in CROWD}
    kept_answers = [Signed(**one) for one in crew.ask(CROWD[0], "answers", WEEK)[1]["answers"]]
    assert len(kept_answers) == SIZE
    release = manifests.verify_release(Signed(**shown[-1]), manifest, kept_answers, identities, unb64(crew.invitation.key, 32))
    truth = [one_hot(ANSWERS[number % 3]) for number in range(SIZE)]
    assert release.bins == tuple(map(sum, zip(*truth, strict=True)))
    assert len(shown) == 1


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[Team]:
    team = Team(Endpoint(tmp_path))
    yield team
    team.client.close()
    team.endpoint.stop()


@half_shaken
def test_a_killed_endpoint_on_sqlite_loses_no_report(on_sqlite: Team) -> None:
    def crash() -> None:
        on_sqlite.endpoint.kill()
        on_sqlite.endpoint.start()

    survive(on_sqlite, crash, 3)


@half_shaken
def test_a_killed_endpoint_and_a_killed_postgresql_lose_no_report(own_postgres: Postgres, tmp_path: Path) -> None:
    team = Team(Endpoint(tmp_path, database=own_postgres.url(own_postgres.create())))
    turns = [True, False, True, False]

    def crash() -> None:
        if turns.pop():
            team.endpoint.kill()
            team.endpoint.start()
        else:
            own_postgres.kill()
            own_postgres.start()

    try:
        survive(team, crash, 3)
        assert "database does not answer" in team.endpoint.log or turns == []
    finally:
        team.client.close()
        team.endpoint.stop()


# ------------------------------------------------------------------------------------------------ the command


def test_the_command_serves_over_tls_logs_no_request_and_ends_in_order(tmp_path: Path) -> None:
    ca, certificate, private_key = certificates(tmp_path)
    env = {**os.environ, "TOKENPAL_HOME": str(tmp_path / "home")}
    program = [sys.executable, "-m", "tokenpal", "team"]
    new = subprocess.run([*program, "new", "The makers", "--contact", "someone@team.example", "--url", "https://team.example"], env=env, capture_output=True, text=True)
    assert new.returncode == 0, new.stderr
    assert new.stdout.startswith("tokenpal-team:")
    team = json.loads(subprocess.run([*program, "list", "--json"], env=env, capture_output=True, text=True).stdout)[0]["team"]
    serving = subprocess.Popen([*program, "serve", "--port", "0", "--tls-cert", certificate, "--tls-key", private_key], env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert serving.stderr is not None
    try:
        assert select.select([serving.stderr], [], [], PATIENCE)[0]
        said = serving.stderr.readline().decode()
        url = said.split()[2].rstrip(".")
        with httpx.Client(verify=ssl.create_default_context(cafile=str(ca))) as client:
            answer = client.get(f"{url}/v1/teams/{team}")
            assert answer.json()["name"] == "The makers"
            assert set(answer.headers) == {"date", "content-type", "content-length", "cache-control", "referrer-policy", "x-content-type-options"}
            assert client.get(f"{url}/secret-of-a-request").status_code == 404
        with pytest.raises(httpx.TransportError), httpx.Client() as client:
            client.get(url.replace("https", "http"))
        serving.send_signal(signal.SIGTERM)
        assert serving.wait(PATIENCE) == 0
        rest = serving.stderr.read().decode()
    finally:
        serving.kill()
        serving.wait(PATIENCE)
        serving.stderr.close()
    for word in ("127.0.0.1", team, "secret-of-a-request", "GET"):
        assert word not in rest, rest


# ------------------------------------------------------------------------------------------------ two processes


def test_two_processes_serve_one_team(postgres: Postgres, tmp_path: Path) -> None:
    """Each member meets either of them, and both tell the same week."""
    team = Team(Endpoint(tmp_path, database=postgres.url(postgres.create())))
    twin = team.endpoint.twin()
    twin.start()
    first, second = team.crew, Crew(over_tls(twin, team.client), team.crew.invitation, lambda: team.clock, CROWD)
    try:
        team.go(1)
        roster = first.roster()
        active = sorted(roster.at(WEEK).keys)
        for number in range(SIZE):
            report = first.report(number, WEEK, roster=roster, active=active)
            one, other = (first, second) if number % 2 else (second, first)
            assert (one.post("reports", report)[0], other.post("reports", report)[0]) == (201, 200)
        team.go(3.1)
        shown, both = [], [threading.Thread(target=lambda crew=crew: shown.append(crew.ask(CROWD[0], "manifest", WEEK))) for crew in (first, second)]
        for thread in both:
            thread.start()
        for thread in both:
            thread.join()
        assert shown[0][0] == 200
        assert shown[0] == shown[1]
        manifest = first.manifest(WEEK)
        assert manifest is not None
        for number in range(manifest.t):
            crew = first if number % 2 else second
            assert crew.post("answers", crew.answer(number, manifest))[0] == 201
        assert len(first.ask(CROWD[0], "releases")[1]["releases"]) == 1
        assert first.ask(CROWD[0], "releases")[1]["releases"] == second.ask(CROWD[0], "releases")[1]["releases"]
    finally:
        twin.stop()
        team.client.close()
        team.endpoint.stop()
