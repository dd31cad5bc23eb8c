"""What the audit log says: bodies of its rows, their meaning in words, and making an envelope again (sharing-protocol 5.8).

The log holds every request before it is sent, every answer, and what was decided in between. Rows are chained by hashes
(``model.audit``); here nothing is stored and nothing is sent. No body holds a key of the person's: those stay in the
credential store. It does hold the truth beside the coin and the seed of each envelope, so it never leaves by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any, Final

import msgspec

from tokenpal.model.audit import FIRST, AuditRow, broken_at
from tokenpal.share.consent import ConsentRecord, State
from tokenpal.share.exchange import Answer, NetError, Sent
from tokenpal.share.protocol import sealing
from tokenpal.share.protocol.policy import Change
from tokenpal.share.protocol.wire import Signed, decode, digest, encode, unb64, verified
from tokenpal.share.report import Draw

Body = dict[str, Any]


class Kind(StrEnum):
    """What a row is about."""

    REQUEST = "request"  # written before it is sent
    ANSWER = "answer"  # to the request whose number it holds; also that there was none
    CONSENT = "consent"  # a change of state
    REFUSAL = "refusal"  # a rule stopped something, with its number
    DRAW = "draw"  # the truth and the coin of a week
    PLAN = "plan"  # a drawn minute
    NOTE = "note"


class Chain(msgspec.Struct, frozen=True):
    """Whether the rows are as they were written. ``head``: the last hash, to be noted elsewhere by who wants to see a cut end."""

    ok: bool
    length: int
    head: str
    broken_at: int | None
    sentence: str


class Made(msgspec.Struct, frozen=True):
    """How an envelope was made: enough to make all of it again but the signature."""

    answers: dict[str, int]  # question -> what the coin made of it
    recipients: tuple[tuple[str, str], ...]  # (member, X25519 public key in base64url)
    t: int
    seed: str  # 32 bytes, base64url


class Remade(msgspec.Struct, frozen=True):
    """``same``: the envelope made again equals what was logged, byte for byte."""

    same: bool
    logged: bytes
    made: bytes
    sentence: str


# ---------------------------------------------------------------------------------------------- bodies


def request_body(sent: Sent, why: str, *, proxied: bool = False, made: Made | None = None, draw: Draw | None = None) -> Body:
    """A request as it will leave, every header and all of the body. ``made`` and ``draw`` belong to a report."""
    body: Body = {
        "body": sent.body.decode("utf-8"),
        "headers": [list(header) for header in sent.headers],
        "method": sent.method,
        "proxied": proxied,
        "sha256": digest(sent.body),
        "size": len(sent.body),
        "url": sent.url,
        "why": why,
    }
    if made is not None:
        body["made"] = msgspec.to_builtins(made)
    if draw is not None:
        body["draw"] = msgspec.to_builtins(draw)
    return body


def logged_request(row: AuditRow) -> Sent:
    """The request of a row, as it left. Raises ValueError for another kind of row or a damaged one."""
    if row.kind != Kind.REQUEST:
        raise ValueError("not a request")
    try:
        body = row.fields
        return Sent(body["method"], body["url"], tuple((name, value) for name, value in body["headers"]), body["body"].encode())
    except (KeyError, TypeError, AttributeError):
        raise ValueError("a damaged row") from None


def answer_body(request: int, answer: Answer) -> Body:
    """An answer: its code and the fingerprint of what it said. ``request``: number of the row it answers."""
    return {"request": request, "sha256": digest(answer.body), "size": len(answer.body), "status": answer.status}


def no_answer_body(request: int, problem: NetError) -> Body:
    """Why there was no usable answer. The request may have arrived all the same."""
    return {"fault": problem.fault.value, "request": request, "sentence": problem.sentence}


def consent_body(before: State, after: State, record: ConsentRecord | None = None, changes: Sequence[Change] = ()) -> Body:
    """A change of state, with the whole record where there is one and what widened where that was the reason."""
    body: Body = {"after": after.value, "before": before.value, "changes": [msgspec.to_builtins(change) for change in changes]}
    if record is not None:
        body["record"] = msgspec.to_builtins(record)
    return body


def refusal_body(rule: str, sentence: str, **about: str) -> Body:
    """A rule (A1 to A8, R1 to R8, consent) that stopped something. ``about``: epoch, team, hashes."""
    return {"about": dict(sorted(about.items())), "rule": rule, "sentence": sentence}


def draw_body(draw: Draw) -> Body:
    """The truth and the coin of a week."""
    return {"draw": msgspec.to_builtins(draw)}


def plan_body(team: str, epoch: str, what: str, at: int) -> Body:
    """A minute that was drawn; ``at`` in epoch seconds."""
    return {"at": at, "epoch": epoch, "team": team, "what": what}


# ---------------------------------------------------------------------------------------------- reading it again


def check_chain(rows: Iterable[AuditRow]) -> Chain:
    """Look at every row, oldest first."""
    found = list(rows)
    broken = broken_at(found)
    head = found[-1].hash if found else FIRST
    if broken is not None:
        return Chain(False, len(found), head, broken, f"Row {broken} is not as it was written, or a row before it is missing.")
    many = "1 row" if len(found) == 1 else f"{len(found)} rows"
    return Chain(True, len(found), head, None, f"{many}, each as it was written." if found else "The log is empty: nothing ever left this machine.")


def made_of(row: AuditRow) -> Made | None:
    """How the envelope of a row was made; None for requests that hold none. Raises ValueError for a damaged row."""
    if row.kind != Kind.REQUEST or "made" not in (body := row.fields):
        return None
    try:
        return msgspec.convert(body["made"], Made)
    except msgspec.ValidationError:
        raise ValueError("a damaged row") from None


def remake(row: AuditRow, identities: Mapping[str, bytes] | None = None) -> Remade:
    """Make the envelope of a report's row again from what the coin said and the seed, and compare byte for byte.

    The signature under it needs the private key; it is checked against ``identities`` (member -> Ed25519 public key) where that
    knows the member. Raises ValueError for a row that holds no envelope, or a damaged one.
    """
    made = made_of(row)
    if made is None:
        raise ValueError("this row holds no envelope")
    logged = logged_request(row).body
    was = decode(logged)
    recipients = [(member, unb64(key, 32)) for member, key in made.recipients]
    bound = {name: str(was.body.get(name, "")) for name in ("team", "epoch", "head", "policy")}
    member = str(was.body.get("member", ""))
    body = sealing.envelope_body(made.answers, recipients, made.t, unb64(made.seed, 32), member, **bound)
    again = encode(Signed(body, was.sig))
    if again != logged:
        return Remade(False, logged, again, "What is logged is not the envelope of this report and this seed.")
    public = (identities or {}).get(member)
    if public is not None and not verified(was, public):
        return Remade(False, logged, again, "The signature under it is not yours.")
    signed = "" if public is None else " Your signature is under it."
    return Remade(True, logged, again, f"Made again from the report and the seed: the same {len(again):,} bytes.{signed}")


# ---------------------------------------------------------------------------------------------- in words

WHY: Final = {
    "card": "Asked for the team's card",
    "policy": "Asked for the team's rules",
    "roster": "Asked for the list of members",
    "join": "Joined the list of members",
    "asking": "Asked to be let in",
    "vouch": "Vouched for a new member",
    "keys": "Published weekly keys",
    "return": "Said that I am back",
    "leave": "Left the team",
    "report": "Sent the sealed report",
    "withdraw": "Withdrew the report",
    "answer": "Sent my sum of sealed shares",
    "learning": "Published a learning",
    "retract": "Retracted a learning",
    "query": "Asked what is new",
    "link": "Opened the results page",
}


def what(row: AuditRow) -> str:
    """A row in a few words; damaged ones say so."""
    try:
        body = row.fields
        match row.kind:
            case Kind.REQUEST:
                return WHY.get(str(body["why"]), str(body["why"]))
            case Kind.ANSWER:
                return f"Answer to row {body['request']}"
            case Kind.CONSENT:
                return f"Sharing: {body['before']} → {body['after']}"
            case Kind.REFUSAL:
                return f"Refused by rule {body['rule']}"
            case Kind.DRAW:
                return f"Drew the answers of week {body['draw']['week']}"
            case Kind.PLAN:
                return f"Drew a minute for the {body['what']} of week {body['epoch']}"
            case _:
                return str(body.get("text", row.kind))
    except (ValueError, KeyError, TypeError):
        return "This row cannot be read"


def outcome(row: AuditRow) -> str:
    """What came of it, for rows that say so: an answer's code, why there was none, why a rule refused. "" otherwise."""
    try:
        body = row.fields
        if row.kind == Kind.REFUSAL:
            return str(body["sentence"])
        if row.kind == Kind.CONSENT:
            return ", ".join(f"{change['field']}: {change['before']} → {change['after']}" for change in body["changes"])
        if row.kind != Kind.ANSWER:
            return ""
        return str(body["sentence"]) if "fault" in body else answered(int(body["status"]))
    except (ValueError, KeyError, TypeError):
        return ""


def answered(status: int) -> str:
    """An answer's code in words."""
    known = {
        200: "taken", 201: "taken", 202: "taken, waits for others", 400: "refused: not in the right form", 403: "refused",
        404: "refused: not known there", 409: "refused: something else is there already", 410: "refused: too late or too early",
        413: "refused: too long", 429: "refused: too often", 503: "not now",
    }  # fmt: skip
    said = known.get(status) or ("taken" if status < 300 else "refused" if status < 500 else "trouble at the address")
    return f"{said} ({status})"
