"""The log says everything that left, byte for byte, and an envelope can be made again from it (sharing-protocol 5.8)."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, strategies as st

import tokenpal
from tests.share.recorder import OK, Recorder, authority, closed_port, recorder
from tokenpal.model.audit import FIRST, AuditRow, body_text, chained
from tokenpal.share import audit, exchange
from tokenpal.share.audit import Kind, Made, check_chain, logged_request, made_of, outcome, remake, what
from tokenpal.share.consent import ConsentRecord, State
from tokenpal.share.exchange import Answer, Fault, NetError, Sent, prepare, raw
from tokenpal.share.protocol import sealing
from tokenpal.share.protocol.keys import sealing_public, signing_key, signing_public
from tokenpal.share.protocol.policy import Change
from tokenpal.share.protocol.wire import b64, canonical, digest, encode, member_id
from tokenpal.share.report import draw
from tokenpal.store import sharing_audit
from tokenpal.store.database import Store

NOW: Final = 1_795_305_600
IDENTITY: Final = bytes(range(32))
SEED: Final = b"s" * 32
TEAM: Final = b64(bytes(16))
ME: Final = {member_id(signing_public(IDENTITY)): signing_public(IDENTITY)}


def row(kind: str, body: dict[str, Any], n: int = 1) -> AuditRow:
    return chained(n, NOW, kind, body_text(body), FIRST)


def members(m: int) -> list[tuple[str, bytes]]:
    identities = [IDENTITY, *(bytes([n]) * 32 for n in range(1, m))]
    return [(member_id(signing_public(each)), sealing_public(bytes([n + 1]) * 32)) for n, each in enumerate(identities)]


def report(m: int = 6, answers: dict[str, int] | None = None, head: str = "a" * 64) -> tuple[bytes, Made]:
    answers = answers or {"label": 2, "use": 1}
    made = Made(dict(answers), tuple((member, b64(key)) for member, key in members(m)), 4, b64(SEED))
    signed = sealing.envelope(answers, members(m), 4, SEED, signing_key(IDENTITY), team=TEAM, epoch="2026-W47", head=head, policy="b" * 64)
    return encode(signed), made


def logged_report(**other: Any) -> AuditRow:
    body, made = report(**other)
    tossed = draw("2026-W47", 3, {"delivered": 2}, team=TEAM)
    return row(Kind.REQUEST, audit.request_body(prepare("POST", "https://team.example/v1/teams/x/reports", body), "report", made=made, draw=tossed))


# ---------------------------------------------------------------------------------------------- completeness


@pytest.fixture
def team() -> Iterator[Recorder]:
    with recorder() as found:
        yield found


def test_the_log_and_the_other_side_have_the_same_bytes_one_to_one(team: Recorder, tmp_path: Path) -> None:
    """Whatever comes of a request: taken, refused, a cookie, a redirect, no answer at all."""
    answers = [
        OK, b"HTTP/1.1 409 Conflict\r\ncontent-length: 0\r\n\r\n", OK.replace(b"\r\n\r\n", b"\r\nset-cookie: a=b\r\n\r\n"),
        b"HTTP/1.1 302 Found\r\nlocation: https://evil.example/\r\ncontent-length: 0\r\n\r\n", b"", b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\nhalf",
    ]  # fmt: skip
    team.hangs_up = True
    wanted = [prepare("GET", team.url("/v1/teams/x")), prepare("POST", team.url("/v1/teams/x/reports"), report()[0]), prepare("POST", team.url(), "ü{}".encode())]

    async def exchange_all(store: Store) -> None:
        for answer in answers:
            team.respond = lambda request, answer=answer: answer  # type: ignore[misc]  # bound early
            for sent in wanted:
                await one(store, sent)
        await one(store, prepare("GET", f"https://127.0.0.1:{closed_port()}/"))

    async def one(store: Store, sent: Sent) -> None:
        n = sharing_audit.append_audit(store, NOW, Kind.REQUEST, audit.request_body(sent, "report")).n
        try:
            answer = await exchange.send(sent, ca_file=str(authority()[0]))
            sharing_audit.append_audit(store, NOW, Kind.ANSWER, audit.answer_body(n, answer))
        except NetError as problem:
            sharing_audit.append_audit(store, NOW, Kind.ANSWER, audit.no_answer_body(n, problem))

    with Store.open(tmp_path / "tokenpal.db") as store:
        asyncio.run(exchange_all(store))
        rows = list(sharing_audit.audit_chain(store))
    assert check_chain(rows).ok
    requests = [raw(logged_request(one)) for one in rows if one.kind == Kind.REQUEST]
    assert requests[:-1] == team.requests  # the last found nobody
    assert len(team.requests) == len(answers) * len(wanted)
    assert [one.fields["request"] for one in rows if one.kind == Kind.ANSWER] == [one.n for one in rows if one.kind == Kind.REQUEST]
    said = [outcome(one) for one in rows if one.kind == Kind.ANSWER]
    assert all(said)
    assert said[:6] == ["taken (200)"] * 3 + ["refused: something else is there already (409)"] * 3
    assert "cookie" in said[6]
    assert "evil.example" in said[9]


def test_requests_are_made_in_one_place_of_the_program() -> None:
    """That place writes the log first; tests of the mailbox show it. Nothing else may send."""
    root = Path(tokenpal.__file__).parent
    callers = [path.relative_to(root).as_posix() for path in root.rglob("*.py") if re.search(r"\bexchange\.send\b|\bnet\.anonymous\b|import .*\banonymous\b", path.read_text("utf-8"))]
    assert sorted(callers) == ["engine/sharing/mailbox.py", "share/exchange.py"]


bodies = st.binary(min_size=1, max_size=50).map(lambda data: canonical({"x": b64(data)})) | st.text(st.characters(codec="utf-8"), min_size=1).map(str.encode)


@given(bodies, st.sampled_from(["", "/", "/v1/teams/a?since=1", "?x=%2F"]), st.sampled_from(["team.example", "team.example:443", "TEAM.example:8443", "127.0.0.1", "[::1]:9"]))
def test_a_request_comes_out_of_the_log_as_it_went_in(body: bytes, path: str, host: str) -> None:
    for sent in (prepare("GET", f"https://{host}{path}"), prepare("POST", f"https://{host}{path}", body)):
        found = logged_request(row(Kind.REQUEST, json.loads(body_text(audit.request_body(sent, "x")))))
        assert found == sent
        assert raw(found) == raw(sent)
        assert {name for name, _ in found.headers} <= {"host", "content-type", "content-length"}


@pytest.mark.parametrize("body", ["{}", "[]", "null", "", '{"method":1}', '{"method":"GET","url":"x","headers":[["a"]],"body":""}', "{", '{"method":"GET","url":"x","headers":3,"body":""}'])
def test_a_damaged_row_is_said_to_be_one(body: str) -> None:
    damaged = chained(1, NOW, Kind.REQUEST, body, FIRST)
    with pytest.raises(ValueError, match=r"."):
        logged_request(damaged)
    for kind in (*Kind, "later"):
        assert what(chained(1, NOW, kind, body, FIRST))
        assert isinstance(outcome(chained(1, NOW, kind, body, FIRST)), str)


# ---------------------------------------------------------------------------------------------- the chain


def test_the_chain_in_words() -> None:
    rows: list[AuditRow] = []
    assert check_chain(rows) == audit.Chain(True, 0, FIRST, None, "The log is empty: nothing ever left this machine.")
    for n in range(1, 4):
        rows.append(chained(n, NOW, Kind.NOTE, body_text({"text": f"{n}"}), rows[-1].hash if rows else FIRST))
    assert check_chain(iter(rows)) == audit.Chain(True, 3, rows[-1].hash, None, "3 rows, each as it was written.")
    assert check_chain(rows[:1]).sentence.startswith("1 row,")
    found = check_chain([rows[0], rows[2]])
    assert (found.ok, found.broken_at) == (False, 2)
    assert "Row 2" in found.sentence
    assert check_chain(rows[:2]).ok  # a cut end shows in the head only
    assert check_chain(rows[:2]).head != rows[-1].hash


def test_a_row_is_spelled_as_everything_that_is_signed() -> None:
    value = {"z": [1, "ä", None, True], "a": {"c": "\u2028", "b": -1}}
    assert body_text(value).encode() == canonical(value)
    one = row(Kind.NOTE, value)
    assert one.hash == digest(canonical({"n": 1, "at": NOW, "kind": "note", "body": one.body, "prev": FIRST}))
    with pytest.raises(ValueError, match="JSON"):
        body_text({"x": float("nan")})


# ---------------------------------------------------------------------------------------------- the envelope again


@pytest.mark.parametrize("m", [5, 6, 10])
def test_an_envelope_is_made_again_byte_for_byte(m: int) -> None:
    logged = logged_report(m=m)
    found = remake(logged, ME)
    assert found.same
    assert "Your signature" in found.sentence
    assert found.made == found.logged == report(m)[0]
    assert f"{len(found.made):,} bytes" in found.sentence


@pytest.mark.parametrize(
    "change",
    [
        lambda made: made["answers"].update(use=2), lambda made: made["answers"].update(label=0), lambda made: made.update(seed=b64(b"t" * 32)),
        lambda made: made.update(t=5), lambda made: made["recipients"][0].__setitem__(1, b64(sealing_public(b"x" * 32))), lambda made: made["recipients"].pop(),
    ],
)  # fmt: skip
def test_a_log_that_says_something_else_than_was_sent_is_found_out(change: Any) -> None:
    body = logged_report().fields
    change(body["made"])
    found = remake(row(Kind.REQUEST, body), ME)
    assert not found.same
    assert "not the envelope" in found.sentence


def test_an_envelope_that_was_changed_is_found_out() -> None:
    body = logged_report().fields
    forged = json.loads(body["body"])
    forged["body"]["shares"] = b64(bytes(6 * 104))
    assert not remake(row(Kind.REQUEST, {**body, "body": canonical(forged).decode()}), ME).same
    unsigned = {**json.loads(body["body"]), "sig": b64(bytes(64))}
    found = remake(row(Kind.REQUEST, {**body, "body": canonical(unsigned).decode()}), ME)
    assert (found.same, found.sentence) == (False, "The signature under it is not yours.")


def test_after_leaving_all_but_the_signature_is_compared() -> None:
    found = remake(logged_report())
    assert found.same
    assert "signature" not in found.sentence


def test_rows_without_an_envelope() -> None:
    plain = row(Kind.REQUEST, audit.request_body(prepare("GET", "https://team.example/"), "card"))
    assert made_of(plain) is None
    assert made_of(row(Kind.NOTE, {"made": 1})) is None
    for one in (plain, row(Kind.NOTE, {}), row(Kind.REQUEST, {**logged_report().fields, "made": {"seed": 1}})):
        with pytest.raises(ValueError, match=r"row"):
            remake(one, ME)


def test_the_truth_and_the_coin_stand_beside_what_was_sent() -> None:
    body = logged_report().fields
    assert [(one["id"], set(one)) for one in body["draw"]["answers"]] == [("label", {"id", "k", "odds", "true", "sent"}), ("use", {"id", "k", "odds", "true", "sent"})]
    assert body["made"]["seed"] == b64(SEED)
    assert b64(IDENTITY) not in json.dumps(body)  # keys stay in the credential store


# ---------------------------------------------------------------------------------------------- words


def test_every_kind_says_what_it_is() -> None:
    record = ConsentRecord("tokenpal-share/1", ("label", "use"), TEAM, "https://team.example", "K", "{}", "a" * 64, "b" * 64, 6, NOW, "2026-W47")
    change = Change("k", "8", "5", widens=True)
    refusal = audit.refusal_body("A2", "Only four reports are in it.", epoch="2026-W47", team=TEAM)
    rows = [
        (row(Kind.REQUEST, audit.request_body(prepare("GET", "https://team.example/"), "card")), "Asked for the team's card", ""),
        (row(Kind.REQUEST, audit.request_body(prepare("GET", "https://team.example/"), "something new")), "something new", ""),
        (row(Kind.ANSWER, audit.answer_body(7, Answer(201, {}, b"{}"))), "Answer to row 7", "taken (201)"),
        (row(Kind.ANSWER, audit.no_answer_body(7, NetError(Fault.TIMEOUT, "No answer in time."))), "Answer to row 7", "No answer in time."),
        (row(Kind.CONSENT, audit.consent_body(State.PREVIEW, State.SHARING, record)), "Sharing: preview → sharing", ""),
        (row(Kind.CONSENT, audit.consent_body(State.SHARING, State.STALE, record, [change])), "Sharing: sharing → stale", "k: 8 → 5"),
        (row(Kind.REFUSAL, refusal), "Refused by rule A2", "Only four reports are in it."),
        (row(Kind.DRAW, audit.draw_body(draw("2026-W47", 0, {}))), "Drew the answers of week 2026-W47", ""),
        (row(Kind.PLAN, audit.plan_body(TEAM, "2026-W47", "report", NOW)), "Drew a minute for the report of week 2026-W47", ""),
        (row(Kind.NOTE, {"text": "The key of the week was deleted."}), "The key of the week was deleted.", ""),
    ]
    for one, words, came in rows:
        assert (what(one), outcome(one)) == (words, came)
    assert rows[4][0].fields["record"]["policy_hash"] == "a" * 64
    assert {one.kind for one, _, _ in rows} == set(Kind)


@pytest.mark.parametrize(("status", "begins"), [(200, "taken"), (204, "taken"), (400, "refused"), (418, "refused"), (500, "trouble"), (503, "not now")])
def test_codes_in_words(status: int, begins: str) -> None:
    assert audit.answered(status).startswith(begins)
    assert audit.answered(status).endswith(f"({status})")
