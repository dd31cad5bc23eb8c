"""Nothing of a profile is anywhere at the endpoint: words planted in all of it, searched for in all that is sent, stored and logged.

Five members report and answer through a recorder that ends TLS in front of the real endpoint on PostgreSQL. What is searched:
each request and answer, every column of every table, the database's dump and files, the endpoint's folder, its log, and
PostgreSQL's own log.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Final

import pytest

from tests.share.recorder import Recorder, authority, recorder, request_of
from tests.team.canaries import columns, search
from tests.team.endpoint import Endpoint
from tests.team.postgres import Postgres
from tests.team.sim import Client, Sim
from tokenpal.model.session import Label
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import UsageRecord, stable_key
from tokenpal.share.protocol import epochs, sealing
from tokenpal.share.protocol.wire import decode
from tokenpal.store.accounts import add_account, ensure_log_account
from tokenpal.store.journal import annotate
from tokenpal.store.ledger import Batch, Rules, apply
from tokenpal.store.tasks import add_task

CANARIES: Final = {
    "user": "zwetschge.kanarienfrau",
    "host": "laptop-von-zwetschge",
    "home": "/home/zwetschge",
    "repository": "geheimprojekt-albatros",
    "branch": "feature/ALBATROS-99182",
    "session": "5e551011-canary-4711",
    "model": "canary-model-of-tomorrow",
    "prompt": "please refactor the albatross billing",
    "note": "the albatross flew away",
    "tag": "albatrosstag",
    "task": "Paint the albatross",
    "ticket": "ALBATROS-99182",
    "account": "Albatros invoice account",
    "link": "https://tickets.albatros.example/99182",
    "tokens in": "7318264",
    "tokens out": "9182735",
    "tokens cached": "4839201",
    "folder of the data file": "profile-of-zwetschge",
}
KEYS: Final = {
    "report": {"kind", "epoch", "head", "policy", "member", "schema", "team", "shares"},
    "answer": {"kind", "team", "epoch", "manifest", "member", "sum"},
    "query": {"kind", "team", "member", "day", "what", "epoch", "since"},
    "join": {"kind", "n", "prev", "team", "epoch", "member", "identity", "keys", "vouchers"},
    "keys": {"kind", "n", "prev", "team", "epoch", "member", "keys"},
}
"""The whole of what a member ever says, but for leaving, vouching, withdrawing and learnings."""
WEEKS: Final = ("2026-W30", "2026-W31", "2026-W32")


def plant(client: Client) -> None:
    """Words in everything a data file can hold of a person's work."""
    store, key = client.store, f"claude-code:{CANARIES['session']}"
    account = ensure_log_account(store, "claude-code", f"{CANARIES['home']}/.claude", CANARIES["user"], "anthropic")
    add_account(store, "anthropic", CANARIES["account"], "anthropic")
    numbers = Tokens(int(CANARIES["tokens in"]), int(CANARIES["tokens cached"]), output=int(CANARIES["tokens out"]))
    folder = f"{CANARIES['home']}/{CANARIES['repository']}"
    records = [
        UsageRecord(
            stable_key(f"{key}-{epoch}-{number}"), f"{key}-{epoch}", epochs.start(epoch) + 86_400 * number + 60, CANARIES["model"], numbers,
            folder=folder, branch=CANARIES["branch"],
        )
        for epoch in WEEKS for number in range(3)
    ]  # fmt: skip
    apply(store, Batch(account, records), Rules())
    for epoch in WEEKS:
        annotate(
            store, [f"{key}-{epoch}"], label=Label.DELIVERED, note=f"{CANARIES['note']}: {CANARIES['prompt']}", link=CANARIES["link"], tags=[CANARIES["tag"]]
        )  # fmt: skip
    add_task(store, CANARIES["task"], ticket=CANARIES["ticket"])
    held = "\n".join(store.connection.iterdump())
    missing = [what for what, word in CANARIES.items() if word not in held and what not in {"host", "folder of the data file"}]
    assert not missing, f"not planted: {missing}"


def forward(endpoint: Endpoint, state: Recorder, answers: list[bytes]) -> Callable[[bytes], bytes]:
    """Hand each request on to the endpoint as it came."""

    def respond(request: bytes) -> bytes:
        with endpoint.tls().wrap_socket(socket.create_connection(("127.0.0.1", endpoint.port)), server_hostname="127.0.0.1") as connection:
            connection.sendall(request)
            answer = request_of(connection.recv)
        answers.append(answer)  # several members are served at once: the last one in the list may be somebody else's
        return answer

    return respond


class Heard:
    """What was sent through the recorder, and where the endpoint keeps its things."""

    def __init__(self, endpoint: Endpoint, database: str, requests: list[bytes], answers: list[bytes], sim: Sim) -> None:
        self.endpoint, self.database, self.requests, self.answers, self.sim = endpoint, database, requests, answers, sim

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [decode(body).body for body in (one.partition(b"\r\n\r\n")[2] for one in self.requests) if body]


@pytest.fixture(scope="module")
def heard(postgres: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Heard]:
    folder = tmp_path_factory.mktemp("endpoint")
    profiles = tmp_path_factory.mktemp(CANARIES["folder of the data file"])
    database = postgres.create()
    endpoint = Endpoint(folder, database=postgres.url(database), clock=epochs.start(WEEKS[0]))
    endpoint.start()
    answers: list[bytes] = []
    with pytest.MonkeyPatch.context() as patch, recorder() as state:
        for name, word in {"USER": "user", "LOGNAME": "user", "HOSTNAME": "host", "HOME": "home"}.items():
            patch.setenv(name, CANARIES[word])
        patch.setattr(socket, "gethostname", lambda: CANARIES["host"])
        patch.setattr("platform.node", lambda: CANARIES["host"])
        state.respond = forward(endpoint, state, answers)
        address = f"https://localhost:{state.port}"
        with closing(Sim(profiles, endpoint, seed=3, clients=5, weeks=WEEKS, url=address, ca_file=str(authority()[0]))) as sim:

            async def run() -> None:
                for client in sim.clients:
                    plant(client)
                await sim.found()
                for epoch in WEEKS[:2]:
                    await sim.week(epoch)
                await sim.reports(WEEKS[2])  # so envelopes lie there too
                for client in sim.clients:
                    await client.member.fetch()

            asyncio.run(run())
            assert [release.epoch for release in sim.clients[0].known.releases] == list(WEEKS[:2])
            yield Heard(endpoint, database, state.requests, answers, sim)
    endpoint.stop()


def test_nothing_of_a_profile_is_sent(heard: Heard) -> None:
    assert len(heard.requests) > 100
    assert not search(CANARIES, {"requests": b"\n".join(heard.requests), "answers": b"\n".join(heard.answers)})


def test_nothing_of_a_profile_is_stored_or_logged(heard: Heard, postgres: Postgres) -> None:
    with postgres.connect(heard.database) as connection:
        names = [name for (name,) in connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()]
        tables = {name: connection.execute(f'SELECT * FROM "{name}"').fetchall() for name in names}
        number = connection.execute("SELECT oid FROM pg_database WHERE datname = %s", (heard.database,)).fetchone()[0]
        connection.execute("CHECKPOINT")
    assert {name: len(tables[name]) for name in ("team_envelope", "team_release")} == {"team_envelope": 5, "team_release": 2}
    assert len(tables["team_answer"]) in {4, 5}, "four answers open the sum; the fifth member may find it open and have nothing to add"
    places = dict(columns(heard.database, tables))
    places["dump"] = postgres.dump(heard.database)
    places["log"] = heard.endpoint.log.encode()
    places["log of PostgreSQL"] = postgres.log.read_bytes()
    places["folder"] = b"\n".join(
        path.name.encode() + path.read_bytes() for path in sorted(heard.endpoint.folder.rglob("*")) if path.is_file()
    )
    assert not search(CANARIES, {"everything that can be read": b"\n".join(places.values())}), search(CANARIES, places)
    files = b"".join(path.read_bytes() for path in sorted((postgres.data / "base" / str(number)).iterdir()))
    plain = [what for what, word in CANARIES.items() if word.encode() in files or word.encode()[::-1] in files]
    assert not plain


def test_the_search_would_have_found_them(heard: Heard) -> None:
    """The same search in a member's own data file finds every word that was planted."""
    held = b"\n".join(path.read_bytes() for path in heard.sim.folder.glob("member-0.db*"))
    found = search(CANARIES, {"profile": held})
    for what in ("repository", "branch", "session", "model", "prompt", "note", "task", "account", "link", "user"):
        assert any(hit.startswith(f"{what} (") for hit in found), what


def test_no_address_and_no_log_of_requests(heard: Heard, postgres: Postgres) -> None:
    """The endpoint writes nothing about a request, and keeps no address."""
    assert heard.endpoint.log == ""
    assert not search({"address": "127.0.0.1"}, {"dump": postgres.dump(heard.database)})


def test_each_message_has_these_fields_and_no_others(heard: Heard) -> None:
    kinds = {str(body["kind"]) for body in heard.bodies}
    assert kinds >= {"report", "answer", "query", "join"}
    assert kinds <= set(KEYS)
    for body in heard.bodies:
        assert set(body) == KEYS[body["kind"]]
        for name, value in body.items():
            assert re.fullmatch(FORMS[name], json.dumps(value, sort_keys=True, separators=(",", ":"))), (name, value)


HASH, ID, EPOCH = r'"[0-9a-f]{64}"', r'"[\w-]{22}"', r'"2026-W\d\d"'
FORMS: Final = {
    "kind": r'"[a-z]+"', "epoch": rf'{EPOCH}|""', "since": rf'{EPOCH}|""', "head": HASH, "policy": HASH, "prev": HASH, "manifest": HASH, "member": ID, "team": ID,
    "schema": '"tokenpal-share/1"', "shares": r'"[\w-]+"', "sum": r"\[(\d{1,19},){6}\d{1,19}\]", "day": r'"2026-\d\d-\d\d"', "n": r"\d+",
    "what": '"(manifest|envelopes|answers|releases|manifests|learnings|pending|status)"', "identity": r'"[\w-]{43}"',
    "keys": rf'\{{({EPOCH}:"[\w-]{{43}}",?){{1,13}}\}}',
    "vouchers": r'\[\{("by":"(founding|invite)"|"given":"[\w-]{86}"|"key":"[\w-]{43}"|"proof":"[\w-]{86}"|,)+\}\]',
}  # fmt: skip


def test_every_request_has_these_headers_and_no_others(heard: Heard) -> None:
    port = heard.sim.clients[0].known.record.url.rpartition(":")[2]
    team = heard.sim.number
    for request in heard.requests:
        head, _, body = request.partition(b"\r\n\r\n")
        line, *headers = head.decode().split("\r\n")
        assert re.fullmatch(rf"(GET|POST) /v1/teams/{team}(/policy|/roster(\?since=\d+)?|/reports|/answers|/query)? HTTP/1\.1", line), line
        fixed = [f"host: localhost:{port}"]
        assert headers == ([*fixed, "content-type: application/json", f"content-length: {len(body)}"] if body else fixed)


def test_a_report_is_as_long_as_every_other(heard: Heard) -> None:
    reports = [request.partition(b"\r\n\r\n")[2] for request in heard.requests if b"/reports HTTP" in request]
    assert len(reports) == 15
    assert {len(report) for report in reports} == {sealing.envelope_size(5)}


def test_what_was_recorded_is_what_the_log_says(heard: Heard) -> None:
    """'Everything that ever left this machine', one to one and byte for byte."""
    from tokenpal.share import audit, exchange
    from tokenpal.store.sharing_audit import audit_chain

    logged = [
        exchange.raw(audit.logged_request(row))
        for client in heard.sim.clients
        for row in audit_chain(client.store)
        if row.kind == audit.Kind.REQUEST
    ]
    assert sorted(logged) == sorted(heard.requests)


def test_the_page_of_results_holds_nothing_of_it_either(heard: Heard) -> None:
    page = asyncio.run(heard.sim.page(heard.sim.clients[0]))
    assert not search(CANARIES, {"page": page.encode()})
    assert not [client.number for client in heard.sim.clients if client.known.record.member in page], "no member's number is shown"
