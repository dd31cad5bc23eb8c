"""The endpoint's rules, each message held against the OpenAPI file, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

import tokenpal.team
from tests.team.crew import ANSWERS
from tests.team.postgres import Postgres
from tests.team.world import CROWD, DAY, KEY, WEEK, World, description, sqlite_world
from tokenpal.share.protocol import epochs, roster as rosters
from tokenpal.share.protocol.learning import learning_body, retract_body
from tokenpal.share.protocol.manifest import answer_body, release_of, verify_release
from tokenpal.share.protocol.questions import one_hot
from tokenpal.share.protocol.wire import Signed, b64, canonical, encode, hash_of
from tokenpal.team import limits

START = epochs.start(WEEK) + DAY
NEXT = epochs.shifted(WEEK, 1)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with sqlite_world(tmp_path, START) as made:
        yield made


@pytest.fixture(params=["sqlite", "postgresql"])
def any_world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "sqlite":
        with sqlite_world(tmp_path, START) as made:
            yield made
        return
    server: Postgres = request.getfixturevalue("postgres")
    made = World(server.url(server.create()), START)
    yield made
    made.storage.close()


def refused(answer: tuple[int, Any], status: int, rule: str) -> None:
    assert (answer[0], answer[1].get("error", {}).get("rule")) == (status, rule), answer


# ------------------------------------------------------------------------------------------------ two weeks


def test_two_weeks_of_a_team(any_world: World) -> None:
    world, crew = any_world, any_world.crew
    world.gather(6)
    for week, answering in ((WEEK, 6), (NEXT, 4)):
        world.reports(week, range(6))
        status, said = crew.post("reports", crew.report(0, week, active=world.active(week)))
        assert status == 200, said  # the same bytes again
        refused(crew.post("reports", crew.report(0, week, {"label": 2, "use": 0}, active=world.active(week))), 409, "other")
        assert world.ask("envelopes", week)["envelopes"] == []  # who reported is nobody's business before Thursday
        world.answers(week, range(answering))
        manifest = crew.manifest(week)
        assert manifest is not None
        assert (manifest.m, manifest.t, manifest.n) == (6, 4, 6)
        shown = world.ask("releases")
        release = Signed(**shown["releases"][-1])
        answers = [Signed(**one) for one in world.ask("answers", week)["answers"]]
        identities = {person.id: person.identity for person in CROWD}
        found = verify_release(release, manifest, answers, identities, KEY.public_key().public_bytes_raw())
        truth = [one_hot(ANSWERS[number % 3]) for number in range(6)]
        assert found.bins == tuple(map(sum, zip(*truth, strict=True)))
        assert len(answers) == answering, "answers after the release are kept too"
        assert world.ask("envelopes", week)["envelopes"] == [], "nothing sealed is kept after the release"
        assert shown["missing"] == []
    chain = [release_of(Signed(**one), KEY.public_key().public_bytes_raw()) for one in world.ask("releases")["releases"]]
    assert chain[1].after == chain[0].hash
    second = crew.manifest(NEXT)
    assert second is not None
    assert second.release == chain[0].hash
    assert world.crew.ask(CROWD[0], "releases", since=NEXT)[1]["releases"] == world.ask("releases")["releases"][1:]


def test_the_page_shows_released_weeks(world: World) -> None:
    world.crew.join(5)
    world.reports(WEEK, range(5))
    world.answers(WEEK, range(5))
    link = CROWD[0].sign({"kind": "link", "team": world.team, "member": CROWD[0].id, "until": world.clock + 600})
    page = world.raw("GET", f"/t/{world.team}/results?pass={b64(encode(link))}")
    assert page.status_code == 200
    assert "The makers" in page.text
    assert page.headers["referrer-policy"] == "no-referrer"
    assert page.headers["cache-control"] == "no-store"
    world.clock += 601
    assert world.raw("GET", f"/t/{world.team}/results?pass={b64(encode(link))}").status_code == 403
    assert world.raw("GET", f"/t/{b64(bytes(16))}/results?pass={b64(encode(link))}").status_code == 403


# ------------------------------------------------------------------------------------------------ reports


def test_a_report_outside_its_days_is_refused(world: World) -> None:
    world.crew.join(5)
    for number, days, status in ((0, -0.1, 409), (0, 0, 201), (1, 2.99, 201), (2, 3, 409), (3, 7, 409)):
        world.go(WEEK, days)
        answer = world.crew.post("reports", world.crew.report(number, WEEK))
        assert answer[0] == status, answer
        assert status == 201 or answer[1]["error"]["rule"] == "window"


def test_a_report_for_another_roster_policy_size_or_team_is_refused(world: World) -> None:
    crew = world.crew
    world.gather(6)
    world.go(WEEK)
    members = sorted(crew.roster().at(WEEK).keys)
    refused(crew.post("reports", crew.report(0, WEEK, head="a" * 64)), 409, "head")
    refused(crew.post("reports", crew.report(0, WEEK, policy="a" * 64)), 409, "policy")
    refused(crew.post("reports", crew.report(0, WEEK, active=members[:5])), 400, "size")
    refused(crew.post("reports", crew.report(0, WEEK, team=b64(bytes(16)))), 400, "form")
    refused(crew.post("reports", crew.report(7, WEEK)), 403, "active")
    good = crew.report(0, WEEK)
    refused(crew.post("reports", Signed(good.body, crew.report(1, WEEK).sig)), 401, "signature")
    refused(crew.post("reports", Signed({**good.body, "member": CROWD[1].id}, good.sig)), 401, "signature")
    assert world.ask("status", WEEK)["report"] == ""
    assert crew.post("reports", good)[0] == 201
    assert world.ask("status", WEEK)["report"] == hash_of(good)


def test_a_member_who_joined_later_does_not_count_yet(world: World) -> None:
    crew = world.crew
    world.gather(6)
    status, said = crew.post("roster", crew.join_entry(6))
    assert status == 201, said
    world.go(WEEK)
    refused(crew.post("reports", crew.report(6, WEEK, active=world.active(WEEK))), 403, "active")
    assert crew.post("reports", crew.report(0, WEEK))[0] == 201


def test_a_withdrawn_report_is_gone_and_stays_so(any_world: World) -> None:
    world, crew = any_world, any_world.crew
    world.gather(6)
    world.reports(WEEK, range(6))
    wish = CROWD[5].sign({"kind": "withdraw", "team": world.team, "epoch": WEEK, "member": CROWD[5].id})
    refused(crew.post("withdraw", CROWD[4].sign(wish.body)), 401, "signature")
    assert crew.post("withdraw", wish)[0] == 201
    assert crew.post("withdraw", wish)[0] == 200
    refused(crew.post("reports", crew.report(5, WEEK)), 409, "withdrawn")
    assert world.ask("status", WEEK, 5)["withdrawn"]
    world.go(WEEK, 3)
    manifest = crew.manifest(WEEK)
    assert manifest is not None
    assert CROWD[5].id not in manifest.reporters
    other = CROWD[4].sign({"kind": "withdraw", "team": world.team, "epoch": WEEK, "member": CROWD[4].id})
    refused(crew.post("withdraw", other), 409, "window")


# ------------------------------------------------------------------------------------------------ weeks without a result


def test_four_reports_are_never_summed(any_world: World) -> None:
    world = any_world
    world.gather(6)
    world.reports(WEEK, range(4))
    world.go(WEEK, 3)
    assert world.crew.manifest(WEEK) is None
    assert world.ask("releases")["missing"] == [{"epoch": WEEK, "reason": "4 of the 5 reports needed came."}]
    assert world.ask("envelopes", WEEK)["envelopes"] == []
    with world.storage.reading() as rows:
        assert rows.envelopes(world.team, WEEK) == ()
    refused(world.crew.post("answers", CROWD[0].sign({"kind": "answer", "team": world.team, "epoch": WEEK, "manifest": "0" * 64, "member": CROWD[0].id, "sum": [0] * 7})), 409, "manifest")


def test_too_few_answers_leave_the_week_out(world: World) -> None:
    world.gather(6)
    world.reports(WEEK, range(6))
    world.answers(WEEK, range(3))
    assert world.ask("releases") == {"missing": [], "releases": []}
    world.go(NEXT, 0)
    assert world.ask("releases")["missing"] == [{"epoch": WEEK, "reason": "3 of the 4 answers needed came."}]
    with world.storage.reading() as rows:
        assert rows.envelopes(world.team, WEEK) == ()


def test_an_endpoint_that_slept_says_so(world: World) -> None:
    world.gather(6)
    world.reports(WEEK, range(6))
    world.go(NEXT, 0)
    assert world.ask("releases")["missing"] == [{"epoch": WEEK, "reason": "The endpoint was not running from Thursday to Sunday."}]
    assert world.crew.manifest(WEEK) is None


@pytest.mark.parametrize("liar", [0, 2, 4])
def test_one_liar_costs_no_week_when_one_more_answers(world: World, liar: int) -> None:
    world.crew.join(5)
    world.reports(WEEK, range(5))
    world.answers(WEEK, range(5), lie=liar)
    release = world.ask("releases")["releases"]
    assert len(release) == 1
    assert sum(release[0]["body"]["bins"][:4]) == 5


def test_a_liar_among_too_few_leaves_the_week_out(world: World) -> None:
    world.crew.join(5)
    world.reports(WEEK, range(5))
    world.answers(WEEK, range(4), lie=3)
    world.go(NEXT, 0)
    assert world.ask("releases")["missing"] == [{"epoch": WEEK, "reason": "The answers do not belong to one sum: a client misbehaves."}]


def test_an_answer_is_taken_from_reporters_for_this_manifest_on_its_days_only(world: World) -> None:
    crew = world.crew
    world.gather(6)
    world.reports(WEEK, range(5))
    world.go(WEEK, 3)
    manifest = crew.manifest(WEEK)
    assert manifest is not None
    refused(crew.post("answers", CROWD[5].sign(answer_body(manifest, CROWD[5].id, [1] * 7))), 403, "A4")
    good = crew.answer(0, manifest)
    refused(crew.post("answers", CROWD[1].sign(good.body)), 401, "signature")
    refused(crew.post("answers", CROWD[0].sign({**good.body, "manifest": "b" * 64})), 409, "manifest")
    refused(crew.post("answers", CROWD[0].sign({**good.body, "sum": [1] * 6})), 401, "signature")
    assert crew.post("answers", good)[0] == 201
    assert crew.post("answers", good)[0] == 200
    refused(crew.post("answers", crew.answer(0, manifest, lie=1)), 409, "other")
    late = crew.answer(1, manifest)
    world.go(WEEK, 7)
    refused(crew.post("answers", late), 409, "window")


def test_answers_go_after_a_fortnight(world: World) -> None:
    world.crew.join(5)
    world.reports(WEEK, range(5))
    world.answers(WEEK, range(5))
    world.go(WEEK, 13.9)
    assert len(world.ask("answers", WEEK)["answers"]) == 5
    world.go(WEEK, 14)
    assert world.ask("answers", WEEK)["answers"] == []
    assert len(world.ask("releases")["releases"]) == 1


# ------------------------------------------------------------------------------------------------ the roster


def test_somebody_asks_two_vouch_and_they_join(any_world: World) -> None:
    world, crew = any_world, any_world.crew
    crew.join(5)
    new = CROWD[5]
    asking = new.sign({"kind": "asking", "team": world.team, "member": new.id, "identity": b64(new.identity)})
    refused(crew.ask(new, "pending"), 401, "signature")
    assert crew.post("roster", asking) == (202, {"waiting": 2})
    assert crew.post("roster", asking) == (200, {"waiting": 2})
    stranger = CROWD[9]
    body = {"kind": "vouching", "team": world.team, "for": new.id, "identity": b64(new.identity)}
    for voucher, waiting in ((CROWD[0], 1), (CROWD[1], 0)):
        sig = voucher.sign(rosters.voucher_body(world.team, new.identity)).sig
        refused(crew.post("vouch", stranger.sign({**body, "voucher": voucher.id, "sig": sig})), 401, "signature")
        refused(crew.post("vouch", voucher.sign({**body, "voucher": voucher.id, "sig": asking.sig})), 401, "signature")
        vouching = voucher.sign({**body, "voucher": voucher.id, "sig": sig})
        assert crew.post("vouch", vouching) == (201, {"waiting": waiting})
        assert crew.post("vouch", vouching) == (200, {"waiting": waiting})
    refused(crew.post("roster", crew.join_entry(5, vouchers=crew.vouchers(5)[:1])), 403, "R6")
    told = crew.ask(new, "pending")[1]
    assert [one["body"]["member"] for one in told["asking"]] == [new.id]
    vouchers = [rosters.member_voucher(one["body"]["voucher"], one["body"]["sig"]) for one in told["vouchings"]]
    refused(crew.ask(new, "learnings"), 403, "member")
    entry = crew.join_entry(5, vouchers=vouchers)
    assert crew.post("roster", entry)[0] == 201
    assert crew.post("roster", entry)[0] == 200
    assert world.ask("pending") == {"asking": [], "vouchings": []}
    assert crew.roster().members[new.id].counts_from == epochs.shifted(WEEK, 2)
    refused(crew.post("roster", asking), 409, "member")


def test_who_asks_sees_nobody_else_and_is_forgotten_after_a_fortnight(world: World) -> None:
    world.crew.join(5)
    for person in CROWD[5:7]:
        assert world.crew.post("roster", person.sign({"kind": "asking", "team": world.team, "member": person.id, "identity": b64(person.identity)}))[0] == 202
    assert [one["body"]["member"] for one in world.ask("pending", number=5)["asking"]] == [CROWD[5].id]
    assert len(world.ask("pending")["asking"]) == 2
    world.clock += 14 * DAY
    assert len(world.ask("pending")["asking"]) == 2
    world.clock += DAY
    assert world.ask("pending")["asking"] == []


def test_so_many_may_ask_at_once(world: World) -> None:
    world.crew.join(5)
    posted = [
        world.crew.post("roster", person.sign({"kind": "asking", "team": world.team, "member": person.id, "identity": b64(person.identity)}))
        for person in CROWD[5:26]
    ]
    assert {status for status, _ in posted[:20]} == {202}
    refused(posted[20], 403, "full")


def test_of_two_who_append_at_once_one_makes_it_anew(world: World) -> None:
    crew = world.crew
    crew.join(5)
    roster = crew.roster()
    first, second = crew.join_entry(5, roster), crew.join_entry(6, roster)
    assert crew.post("roster", first)[0] == 201
    refused(crew.post("roster", second), 409, "R2")
    assert crew.post("roster", crew.join_entry(6))[0] == 201


def test_an_entry_is_of_the_present_week_only(world: World) -> None:
    crew = world.crew
    crew.join(5)
    late, early = crew.join_entry(5), None
    world.clock += 7 * DAY
    early = crew.join_entry(5)
    refused(crew.post("roster", late), 409, "R3")
    world.clock -= 7 * DAY
    refused(crew.post("roster", early), 409, "R3")


def test_keys_leaving_and_coming_back(world: World) -> None:
    crew = world.crew
    world.gather(6)
    roster, me = crew.roster(), CROWD[5]
    more = me.sign(rosters.keys_body(roster.size, roster.head, world.team, WEEK, me.id, me.keys(epochs.shifted(WEEK, 13), 5)))
    assert crew.post("roster", more)[0] == 201
    roster = crew.roster()
    assert crew.post("roster", me.sign(rosters.leave_body(roster.size, roster.head, world.team, WEEK, me.id)))[0] == 201
    roster = crew.roster()
    refused(crew.post("roster", me.sign(rosters.return_body(roster.size, roster.head, world.team, WEEK, me.id, {}))), 403, "R5")
    refused(crew.ask(me, "learnings"), 401, "signature")


def test_a_51st_member_is_refused(world: World) -> None:
    world.crew.join(50)
    refused(world.crew.post("roster", world.crew.join_entry(50)), 403, "full")
    with world.storage.reading() as rows:
        assert rows.roster_state(world.team)[0] == 50


# ------------------------------------------------------------------------------------------------ learnings, questions


def test_a_learning_is_published_taken_back_and_never_comes_again(any_world: World) -> None:
    world, crew = any_world, any_world.crew
    crew.join(5)
    me = CROWD[1]
    learning = me.sign(learning_body(world.team, me.id, b"\1" * 16, WEEK, "worked", "Asking for tests first. ✓", "Kim"))
    refused(crew.post("learnings", CROWD[2].sign(learning.body)), 401, "signature")
    refused(crew.post("learnings", CROWD[9].sign({**learning.body, "member": CROWD[9].id})), 401, "signature")
    refused(crew.post("learnings", me.sign({**learning.body, "epoch": NEXT})), 409, "window")
    assert crew.post("learnings", learning)[0] == 201
    assert crew.post("learnings", learning)[0] == 200
    refused(crew.post("learnings", me.sign({**learning.body, "text": "other"})), 409, "other")
    assert [one["body"]["text"] for one in world.ask("learnings")["learnings"]] == ["Asking for tests first. ✓"]
    wish = me.sign(retract_body(world.team, me.id, learning.body["id"]))
    refused(crew.post("retract", CROWD[2].sign({**wish.body, "member": CROWD[2].id})), 404, "learning")
    assert crew.post("retract", wish)[0] == 201
    assert crew.post("retract", wish)[0] == 200
    refused(crew.post("learnings", learning), 409, "other")
    assert world.ask("learnings")["learnings"] == []


def test_questions_are_for_members_today(world: World) -> None:
    world.crew.join(5)
    refused(world.crew.ask(CROWD[7], "learnings"), 401, "signature")
    refused(world.crew.ask(CROWD[0], "manifest"), 400, "form")
    refused(world.crew.ask(CROWD[0], "learnings", WEEK), 400, "form")
    refused(world.crew.ask(CROWD[0], "everything"), 400, "form")
    today = world.clock
    body = {"kind": "query", "team": world.team, "member": CROWD[0].id, "day": "2026-09-29", "what": "learnings", "epoch": "", "since": ""}
    assert world.crew.post("query", CROWD[0].sign(body))[0] == 200
    assert world.crew.post("query", CROWD[0].sign({name: body[name] for name in body.keys() - {"epoch", "since"}}))[0] == 200
    refused(world.crew.post("query", CROWD[0].sign({**body, "day": "2026-9-29"})), 403, "day")
    world.clock = today + 3 * DAY
    refused(world.crew.post("query", CROWD[0].sign(body)), 403, "day")


def test_a_closed_team_takes_nothing_and_still_shows_its_sums(world: World) -> None:
    world.crew.join(5)
    world.reports(WEEK, range(5))
    world.answers(WEEK, range(5))
    with world.storage.writing(world.team) as rows:
        rows.retire(world.team)
    assert len(world.ask("releases")["releases"]) == 1
    assert world.ask("answers", WEEK)["answers"] == []
    refused(world.crew.post("roster", world.crew.join_entry(5)), 410, "retired")
    world.go(NEXT, 0)
    assert len(world.ask("releases")["releases"]) == 1


# ------------------------------------------------------------------------------------------------ HTTP


def test_the_size_of_a_body_is_known_before_it_is_read(world: World) -> None:
    path = f"/v1/teams/{world.team}/withdraw"
    tries: list[tuple[dict[str, str], bytes, int]] = [
        ({"content-type": "application/json", "content-length": "5000"}, b"{}", 413),
        ({"content-type": "application/json", "content-length": "2"}, b"{}" * 4000, 413),
        ({"content-type": "application/json", "content-length": "-2"}, b"{}", 411),
        ({"content-type": "application/json", "content-length": "٣"}, b"{}", 411),
        ({"content-type": "text/plain"}, b"{}", 415),
        ({"content-type": "application/json"}, b"[" * 4000, 400),
        ({"content-type": "application/json"}, b'{"body":' * 400 + b"1" + b"}" * 400, 400),
        ({"content-type": "application/json"}, b'{"body":{"kind":"withdraw","n":' + b"9" * 3900 + b'},"sig":""}', 400),
        ({"content-type": "application/json"}, b'{"body":{"kind":"withdraw","n":1e999},"sig":""}', 400),
        ({"content-type": "application/json"}, b'{"body":{"kind":"withdraw"},"body":{"kind":"withdraw"},"sig":""}', 400),
        ({"content-type": "application/json"}, b'{"body":{"kind":"withdraw","x":"\\ud800"},"sig":""}', 400),
        ({"content-type": "application/json"}, b"\xff\xfe", 400),
    ]
    for headers, body, status in tries:
        given = {name.encode(): value.encode("utf-8") for name, value in headers.items()}
        answer = world.raw("POST", path, body, given)  # type: ignore[arg-type]  # httpx takes bytes as well
        assert answer.status_code == status, (headers, body[:40], answer.text)
        assert answer.json()["error"]["sentence"]


def test_a_body_of_unknown_length_is_refused(world: World) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"{}"

    answer = world.raw("POST", f"/v1/teams/{world.team}/query", parts())
    refused((answer.status_code, answer.json()), 411, "size")


def test_a_slow_body_is_given_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    import asyncio

    monkeypatch.setattr(limits, "BODY_SECONDS", 0.05)
    sent: list[dict[str, Any]] = []

    async def never() -> dict[str, Any]:
        await asyncio.Event().wait()
        return {}

    async def keep(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"content-length", b"20")]
    scope = {"type": "http", "http_version": "1.1", "method": "POST", "path": f"/v1/teams/{world.team}/query", "raw_path": b"", "query_string": b"",
             "headers": headers, "scheme": "https", "server": ("team.example", 443), "root_path": ""}  # fmt: skip
    asyncio.run(world.app(scope, never, keep))
    assert sent[0]["status"] == 408


def test_unknown_addresses_and_methods_are_answered_in_json(world: World) -> None:
    for method, path, status in (
        ("GET", "/", 404), ("GET", f"/v1/teams/{world.team}/", 404), ("DELETE", f"/v1/teams/{world.team}", 405), ("GET", "/v1/teams/nobody", 404),
        ("GET", f"/v1/teams/{b64(bytes(16))}/policy", 404), ("GET", f"/v1/teams/{world.team}/roster?since=x", 400), ("GET", "/metrics", 401),
    ):  # fmt: skip
        answer = world.raw(method, path)
        assert (answer.status_code, "error" in answer.json()) == (status, True), path
    assert world.raw("GET", "/metrics", headers={"authorization": "Bearer token of a test"}).text == "# EOF\n"
    assert world.raw("GET", "/healthz").json() == {"ok": True}
    assert world.raw("GET", "/openapi.json").json() == description()
    assert world.raw("GET", "/about").status_code == 200


def test_requests_beyond_the_cap_are_put_off(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    moment = [100.0]
    monkeypatch.setattr(limits.time, "monotonic", lambda: moment[0])
    cap = limits.Cap(10)
    assert [cap.take() for _ in range(11)] == [True] * 10 + [False]
    moment[0] += 0.15
    assert [cap.take(), cap.take()] == [True, False]
    world.app._cap = limits.Cap(0)
    refused((world.raw("GET", "/healthz").status_code, world.raw("GET", "/healthz").json()), 503, "busy")


@pytest.mark.logs_warnings
def test_a_mistake_says_nothing_of_what_was_sent(world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError("secret of a member")

    monkeypatch.setattr("tokenpal.team.asked.card", broken)
    answer = world.raw("GET", f"/v1/teams/{world.team}")
    refused((answer.status_code, answer.json()), 500, "mistake")
    assert "RuntimeError at" in caplog.text
    assert "secret of a member" not in caplog.text


@pytest.mark.logs_warnings
def test_a_database_that_is_gone_is_a_sentence(world: World, caplog: pytest.LogCaptureFixture) -> None:
    with world.storage._engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE team_roster")
    refused(world.crew.get("/roster"), 503, "database")
    assert "team_roster" not in caplog.text


# ------------------------------------------------------------------------------------------------ the file and the code


def test_every_route_is_in_the_file_and_every_path_of_the_file_is_a_route(world: World) -> None:
    inner: Any = world.app._app
    routes = {(route.path, method) for route in inner.routes for method in route.methods - {"HEAD"}}
    written = {(path, method.upper()) for path, item in description()["paths"].items() for method in item if method != "parameters"}
    assert routes == written


def test_every_rule_is_in_the_file() -> None:
    folder = Path(tokenpal.team.__file__).parent
    used = set(re.findall(r'Refused\(\d+, "(\w+)"', "".join(p.read_text(encoding="utf-8") for p in folder.glob("*.py"))))
    listed = set(description()["components"]["schemas"]["Error"]["properties"]["error"]["properties"]["rule"]["enum"])
    assert listed == used | {f"R{n}" for n in range(1, 9)}


def test_every_schema_of_the_file_is_used() -> None:
    text = json.dumps(description())
    unused = [name for name in description()["components"]["schemas"] if f'"#/components/schemas/{name}"' not in text]
    assert unused == []


def test_the_roster_endpoint_gives_what_was_signed(world: World) -> None:
    world.crew.join(2)
    answer = world.raw("GET", f"/v1/teams/{world.team}/roster?since=1")
    entries = answer.json()["entries"]
    assert len(entries) == 1
    assert answer.content == b'{"entries":[' + canonical(entries[0]) + b"]}"


def test_a_connection_that_brings_no_request_is_closed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Silent, or a head that never ends, also after a first request; one that is complete is answered."""
    import asyncio

    from uvicorn import Config
    from uvicorn.server import ServerState

    from tokenpal.team import patience

    monkeypatch.setattr(patience, "HEAD_SECONDS", 0.2)
    whole = b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"

    async def tried(*parts: bytes) -> bytes:
        config, state = Config(world.app, log_config=None, access_log=False, timeout_keep_alive=60), ServerState()
        config.load()
        server = await asyncio.get_running_loop().create_server(lambda: patience.Hasty(config, state, {}), "127.0.0.1", 0)
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        for part in parts:
            writer.write(part)
            if part == whole:
                await reader.readuntil(b"true}")
        found = await asyncio.wait_for(reader.read(), 30)  # until the server closes
        writer.close()
        server.close()
        return found

    assert asyncio.run(tried()) == b""
    assert asyncio.run(tried(b"GET / HT")) == b""
    assert asyncio.run(tried(whole, b"GET / HT")) == b""
