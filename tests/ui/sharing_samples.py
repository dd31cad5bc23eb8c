"""Every state of the Sharing page, made up by hand, for tests and pictures. Nobody here exists."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from tokenpal.engine.sharing.preview import ShareLine, SharePreview
from tokenpal.engine.sharing.shapes import (
    Asking,
    Bar,
    ChangeLine,
    LearningView,
    LogEntry,
    LogLine,
    QuestionView,
    ResultView,
    Rule,
    SharingView,
    Tick,
    TrendPoint,
    VerifyResult,
)  # fmt: skip
from tokenpal.engine.sharing.wording import QUESTIONS
from tokenpal.share.invitation import Invitation, written
from tokenpal.share.protocol.sealing import SEALED_BYTES, envelope_size

NOW = datetime(2026, 11, 23, 9, 10, tzinfo=UTC)  # a Monday: week 47 is about to be sent


def _at(month: int, day: int, hour: int, minute: int) -> int:
    return int(datetime(2026, month, day, hour, minute, tzinfo=UTC).timestamp())


POLICY, ROSTER = "5f0c91ad" + "7be2" * 13 + "0b3d", "c07b5d12" + "a419" * 13 + "91fe"
TEAM = "n3YxpQ8rTw2kZb6mVt0LQw"
TEXT = json.dumps(
    {
        "epoch": "2026-W47", "policy": POLICY, "roster": ROSTER, "schema": "tokenpal-share/1", "team": TEAM,
        "q": [{"id": "label", "k": 4, "odds": 7, "sent": 0}, {"id": "use", "k": 3, "odds": 7, "sent": 2}],
    },
    sort_keys=True, separators=(",", ":"),
)  # fmt: skip
REPORT = SharePreview(
    "2026-W47", TEXT,
    (
        ShareLine('"epoch":"2026-W47"', "The week, in UTC. No finer time is in the report.", False),
        ShareLine('{"id":"label","k":4,"odds":7,"sent":0}', "One session of the week, drawn at random, was labelled delivered. That is answer 1. The coin changed this answer to 0 (exploration): the true answer stays in 7 of 10 cases, each other one comes up in 1 of 10.", True),
        ShareLine('{"id":"use","k":3,"odds":7,"sent":2}', "You used AI on three days or more. That is answer 2. The coin kept this answer: the true answer stays in 7 of 9 cases, each other one comes up in 1 of 9.", True),
    ),
    "",
)  # fmt: skip
EXAMPLE = replace(REPORT, text=TEXT.replace(POLICY, "0" * 64).replace(ROSTER, "0" * 64).replace(TEAM, "A" * 22), banner=(
    "This is an example: you are in no team, and nothing is sent. Zeros stand for the team, its roster and its policy. "
    "The answers are drawn once for this week, and anew if you join a team."
))  # fmt: skip


def envelope(m: int) -> str:
    """A sealed report for ``m`` members, as long as a real one."""
    shares = ("Zk3vB9xQ" * (m * SEALED_BYTES))[: (m * SEALED_BYTES * 8 + 5) // 6]
    body = {
        "epoch": "2026-W47", "head": ROSTER, "kind": "report", "member": "q7Jt0bYw9zX4sLk2mVdP3A", "policy": POLICY, "schema": "tokenpal-share/1",
        "shares": shares, "team": TEAM,
    }  # fmt: skip
    return json.dumps({"body": body, "sig": "mT4w" * 21 + "Aw"}, sort_keys=True, separators=(",", ":"))


SEALED = envelope_size(12)
ENVELOPE = envelope(12)
RULES = (
    Rule("Least group", "A result is made from five or more reports, never from fewer."),
    Rule("Coin", "7 to 1: the true answer stays in 7 of 10 cases (label), 7 of 9 (days)."),
    Rule("Questions", "; ".join(QUESTIONS.values())),
    Rule("Shown over", "13 weeks with 5 to 7 people, 8 with 8 to 15, 4 with 16 to 31, 2 from 32 on."),
    Rule("Kept", "Sealed reports are deleted with the result, after 14 days at the latest."),
    Rule("Passed on", "Released sums only: OpenMetrics, OTLP. No names, no comparison of teams."),
    Rule("Contact", "platform@example.org"),
)
TICKS = tuple(Tick(one, words, False) for one, words in QUESTIONS.items())
FEW = "only 7 of 12 answered, 8 are needed. Nobody can open it."
RESULT = ResultView(
    "weeks 39 to 46 together, 7 of 8 weeks have a result", "of those who share", tuple(f"2026-W{week}" for week in range(39, 47) if week != 45), 10, 12,
    (
        QuestionView("use", "Members who used AI", (Bar("on no day", 9, 0, 19, True), Bar("on one or two days", 31, 21, 41, False), Bar("on three or more days", 60, 49, 71, False))),
        QuestionView("label", "Labels of sessions", (Bar("Exploration", 34, 22, 46, False), Bar("Delivered", 39, 27, 51, False), Bar("Waste", 7, 0, 16, True), Bar("Not labelled", 20, 9, 31, False))),
    ),
    (), (f"Week 45 has no result: {FEW}",),
)  # fmt: skip
TREND = tuple(TrendPoint(f"2026-W{week}", "use", "On three or more days", share, share - 9, share + 9) for week, share in ((38, 31), (40, 36), (42, 47), (44, 55), (46, 60)))
LOOKED = LogLine(1, _at(10, 14, 10, 2), "Looked at the team's rules", 0, "2b6e 90a4 … 41cd", "read")
LOG = (
    LogLine(37, _at(11, 23, 9, 6), "Read the list of keys", 0, "f0c8 5e1b … 2d97", "nothing new"),
    LogLine(36, _at(11, 23, 9, 6), "Read the team's card", 0, "83d5 a01f … c64e", "the same rules"),
    LogLine(31, _at(11, 19, 8, 40), "Sum of shares, week 46", 152, "70d2 1c9e … b815", "result released"),
    LogLine(30, _at(11, 19, 8, 40), "Asked for week 46 to answer", 0, "09aa 4f31 … 7c02", "answered"),
    LogLine(29, _at(11, 16, 21, 7), "Report, week 46", SEALED, "a91e 03f7 … 66c0", "in the sum"),
    LogLine(28, _at(11, 16, 8, 15), "Drew a minute for the report of week 46", 0, "8831 40be … 5d0a", "", False),
    LogLine(25, _at(11, 12, 9, 31), "Sum of shares, week 45", 152, "3e7a d5c4 … 08f1", "no result, 7 of 12 answered"),
    LogLine(22, _at(11, 10, 3, 52), "Report, week 45", SEALED, "b64f 7a2d … e390", "no result, 7 of 12 answered"),
    LogLine(9, _at(10, 21, 15, 12), "Joined, 13 weekly public keys", 688, "11d4 88b0 … 2ea7", "vouched by two"),
    LogLine(4, _at(10, 20, 11, 30), "Asked to join", 301, "5be0 77d2 … 10c9", "kept for 14 days"),
    LOOKED,
)
SENT_LOG = (LogLine(39, _at(11, 23, 9, 8), "Report, week 47", SEALED, "4d17 e8b3 … 9a50", "sent"), *LOG)
NEW = (replace(LOOKED, at=_at(11, 23, 8, 58)),)
ASKED_LOG = (LogLine(6, _at(11, 23, 9, 4), "Asked to join", 301, "c2f9 1d68 … 77ab", "kept for 14 days"), replace(LOOKED, at=_at(11, 16, 8, 58)))
JOINED_LOG = (LogLine(9, _at(11, 20, 15, 12), "Joined, 13 weekly public keys", 688, "6a0b e47d … 51f2", "vouched by two"), replace(ASKED_LOG[0], at=_at(11, 19, 9, 4)), replace(LOOKED, at=_at(11, 11, 8, 58)))
STARVED_LOG = tuple(
    replace(one, outcome="no result, 7 of 12 answered") if "week 45" in one.what and one.left
    else replace(one, outcome="left out of the sum") if one.what == "Report, week 46" else one
    for one in SENT_LOG if one.what not in {"Sum of shares, week 46", "Asked for week 46 to answer"}
)  # fmt: skip
LEFT_LOG = (LogLine(41, _at(11, 23, 9, 9), "Left the team", 342, "d83c 06e9 … b27f", "marked as left"), *SENT_LOG)


def _logged(log: tuple[LogLine, ...]) -> dict[str, Any]:
    """A log with the bytes of all its requests."""
    return {"log": log, "log_size": sum(one.size for one in log if one.left)}


LEARNINGS = (
    LearningView("l1", "2026-W46", "Mira", "learned", "Give the agent the schema first. It then asks before it guesses a column.", False),
    LearningView("l2", "2026-W45", "Jon", "failed", "Long refactorings in one go. Two files at a time went through.", True),
)

NEVER_ASKED = SharingView(
    state="never asked", headline="You share nothing", chip="off", week="2026-W47", report=EXAMPLE,
    sentence="You are in no team. Nothing is fetched or sent before you paste an invitation and press a button. Below is what a report of yours would look like.",
)  # fmt: skip
SHARING = SharingView(
    state="sharing", headline="Sharing with a team of 12, once a week", chip="waits to be sent", week="2026-W47",
    sentence="The report for week 47 goes out by Wednesday, at a random minute. You see it first, below, with everything that ever left.",
    team="Payments", host="llm.example.org", url="https://llm.example.org", members=12, counted=12, needed=8, words="lusab-babad-gutih-tugad",
    report=REPORT, envelope=ENVELOPE, envelope_note="Cut into 12 shares, one for each member's own machine. Only a sum of at least 8 members' shares can be opened.",
    sends_at=_at(11, 24, 14, 32), rules=RULES, ticks=tuple(replace(tick, on=True) for tick in TICKS), result=RESULT, **_logged(LOG),
    may_invite=True, learnings=LEARNINGS,
)  # fmt: skip
PREVIEW = replace(
    SHARING, state="preview", headline="A week of preview with Payments", chip="not sent", members=12, **_logged(NEW), result=None, learnings=(), words="",
    sentence="Each report is made and shown here, and none is sent. Nothing starts by itself: press Start after a week of it, or sooner, or leave.",
    sends_at=None, answers_at=None, ticks=TICKS, may_invite=False, start_note="The week of preview ends on Monday 30 November.",
)  # fmt: skip
READY = replace(PREVIEW, **_logged((replace(LOOKED, at=_at(11, 16, 8, 58)),)), can_start=True, start_note="", chip="ready to start", headline="The week of preview with Payments is over")
SENT = replace(SHARING, **_logged(SENT_LOG), sent=True, sends_at=None, answers_at=_at(11, 26, 9, 5), chip="sent", can_withdraw=True, sentence="The report for week 47 has gone out. The next one goes out from Monday on.")
WAITING = replace(
    SHARING, headline="Waiting to join Payments", chip="not vouched for yet", sentence="Members have to vouch for you before your first report goes out. Read your four made-up words aloud to two of them.",
    waiting="2 members must vouch for you.", result=None, learnings=(), report=REPORT, sends_at=None, **_logged(ASKED_LOG), may_invite=False,
)  # fmt: skip
COUNTING = replace(SHARING, **_logged(JOINED_LOG), learnings=(), sends_at=None, counts_from="2026-W49", result=None, chip="joined", sentence="You have joined. Your first report goes out in the week of 7 December.")
ASKED = replace(SHARING, asking=(Asking("m1", "kivod-lomur-zutab-paneh", 1, False), Asking("m2", "fobip-tadus-hirol-ganum", 0, False), Asking("m3", "dulit-vosad-bakip-mozud", 1, True)))
TRENDING = replace(SHARING, result=replace(RESULT, trend=TREND))
NO_RELEASE = replace(
    SENT, **_logged(STARVED_LOG), alarms=(
        f"Week 46 has no result: {FEW} Nothing is to be done; the window takes the next week.",
        "The mailbox left your report of week 46 out of the sum. Your machine did not answer for that week. Ask platform@example.org why.",
    ), result=replace(
        RESULT, title="weeks 39 to 46 together, 6 of 8 weeks have a result", weeks=RESULT.weeks[:-1], missing=(*RESULT.missing, f"Week 46 has no result: {FEW}"),
    ),
)  # fmt: skip
PAUSED = replace(SHARING, state="paused", headline="Sharing with Payments is paused", chip="paused", sentence="Nothing is sent until Monday 21 December, and no week is made up for.", paused_until=_at(12, 21, 0, 0), sends_at=None)
STALE = replace(
    SHARING, state="stale", headline="The team's rules have changed: nothing is sent", chip="asks you again", sends_at=None,
    sentence="What you agreed to would widen. Look at each field, then agree and go on, or stay out.",
    changes=(
        ChangeLine("Least group", "10 reports", "5 reports", True), ChangeLine("Sealed reports kept", "7 days", "14 days", True),
        ChangeLine("Passed on", "OpenMetrics", "OpenMetrics, OTLP", True), ChangeLine("Contact", "ops@example.org", "platform@example.org", False),
    ),
)  # fmt: skip
DECLINED = replace(NEVER_ASKED, state="declined", headline="You said no to sharing", sentence="tokenpal does not ask again. Paste an invitation if you ever change your mind.")
LEFT = replace(NEVER_ASKED, state="left", headline="You left Payments", chip="left", sentence="Nothing is sent. Your keys for the team are deleted; the list below holds everything that was ever sent.", **_logged(LEFT_LOG))
FORCED_OFF = replace(NEVER_ASKED, state="forced off", headline="Sharing is switched off on this machine", chip="off", sentence="Whoever manages this machine has switched it off; nothing here can switch it on, and nothing is sent.")
FOUNDING = replace(
    COUNTING, members=3, counted=0, needed=4, **_logged((replace(JOINED_LOG[0], outcome="by an invitation"), JOINED_LOG[2])), envelope=envelope(3),
    envelope_note="Sealed to 3 members, as the list stood for that week. It is never sent to fewer than 5.", learnings=(), headline="Sharing with Payments, once a week", words="joliv-zunof-rujuz-tisar",
)  # fmt: skip
STATES: dict[str, SharingView] = {
    "never-asked": NEVER_ASKED, "preview": PREVIEW, "ready": READY, "sharing": SHARING, "sent": SENT, "waiting": WAITING, "counting": COUNTING, "founding": FOUNDING, "asked": ASKED,
    "trend": TRENDING, "no-release": NO_RELEASE, "paused": PAUSED, "stale": STALE, "declined": DECLINED, "left": LEFT, "forced-off": FORCED_OFF,
}  # fmt: skip
ENTRY = LogEntry(
    next(one for one in LOG if one.what == "Report, week 46"), "POST https://llm.example.org/v1/teams/n3YxpQ8rTw2kZb6mVt0LQw/reports", ("host: llm.example.org", "content-type: application/json", f"content-length: {SEALED}"), ENVELOPE.replace("2026-W47", "2026-W46"),
    "9c41 77ab 02de 5510 8b3f 64c9 e1a0 7d22 45f8 90b6 3c17 ae5d 21f4 8806 d97b 13ca", "one session: delivered; three or more days", "one session: exploration; three or more days",
)  # fmt: skip
VERIFIED = VerifyResult(True, ("37 entries follow one another without a gap.", *(f"The report of week {week} was made again: {SEALED:,} bytes, the same." for week in (45, 46))))
INVITATION = written(Invitation(founding="", given="", host="https://llm.example.org", invite="", key="A" * 43, team=TEAM))
