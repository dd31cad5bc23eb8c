"""What the Sharing page and the command line are given: plain values, ready to be shown. Times are epoch seconds, weeks ISO weeks in UTC."""

from __future__ import annotations

import msgspec

from tokenpal.engine.sharing.preview import SharePreview


class Rule(msgspec.Struct, frozen=True):
    """One field of the team's policy in plain words."""

    field: str
    words: str


class ChangeLine(msgspec.Struct, frozen=True):
    """One field that is not what the person agreed to; ``widens`` = nothing is sent before they agree again."""

    field: str
    before: str
    after: str
    widens: bool


class Tick(msgspec.Struct, frozen=True):
    """One question that the person may tick: the report carries all of them, so each must be ticked to share."""

    id: str
    question: str
    on: bool


class Bar(msgspec.Struct, frozen=True):
    """One answer of a question. Shares in whole percent points; low and high are the 90 % interval; zero = cannot be told from zero."""

    name: str
    share: int
    low: int
    high: int
    zero: bool


class QuestionView(msgspec.Struct, frozen=True):
    id: str
    title: str
    bars: tuple[Bar, ...]


class TrendPoint(msgspec.Struct, frozen=True):
    """A change that is larger than twice its error; ``epoch`` is the last week of its window."""

    epoch: str
    question: str
    name: str
    share: int
    low: int
    high: int


class ResultView(msgspec.Struct, frozen=True):
    """What the whole team sees. ``weeks`` are those that were pooled, ``missing`` sentences on weeks without a result."""

    title: str
    note: str
    weeks: tuple[str, ...]
    n_low: int
    n_high: int
    questions: tuple[QuestionView, ...]
    trend: tuple[TrendPoint, ...]
    missing: tuple[str, ...]


class LogLine(msgspec.Struct, frozen=True):
    """One entry of the log. ``size`` in bytes of the body; ``fingerprint`` its SHA-256, shortened. ``left``: a request, not a note that
    stayed here (consent, draws, refusals).
    """

    n: int
    at: int
    what: str
    size: int
    fingerprint: str
    outcome: str
    left: bool = True


class LogEntry(msgspec.Struct, frozen=True):
    """One request with everything that is known of it. ``truth`` and ``sent`` stand beside a report only, and never left."""

    line: LogLine
    request: str
    headers: tuple[str, ...]
    body: str
    seed: str
    truth: str
    sent: str


class VerifyResult(msgspec.Struct, frozen=True):
    """Whether the log is whole and every report in it can be made again byte for byte."""

    ok: bool
    lines: tuple[str, ...]


class Asking(msgspec.Struct, frozen=True):
    """Somebody who wants to join: compare the words in person or by a call before vouching. ``mine`` = this member vouched."""

    member: str
    words: str
    vouched: int
    mine: bool


class LearningView(msgspec.Struct, frozen=True):
    id: str
    epoch: str
    name: str
    part: str
    text: str
    mine: bool


class SharingView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole Sharing page.

    ``state`` is one of never asked, preview, sharing, paused, stale, declined, left, forced off. ``members`` are those in
    the list, ``counted`` those active, ``needed`` how many must answer. ``paused_until`` None with state paused = until
    the person resumes. ``report`` is the week's report; ``envelope`` the sealed one made from it.
    """

    state: str
    headline: str
    sentence: str
    chip: str
    team: str = ""
    host: str = ""
    url: str = ""
    members: int = 0
    counted: int = 0
    needed: int = 0
    counts_from: str = ""
    waiting: str = ""
    words: str = ""
    paused_until: int | None = None
    can_start: bool = False
    start_note: str = ""
    report: SharePreview | None = None
    envelope: str = ""
    envelope_note: str = ""
    sends_at: int | None = None
    answers_at: int | None = None
    sent: bool = False
    week: str = ""
    can_withdraw: bool = False
    rules: tuple[Rule, ...] = ()
    changes: tuple[ChangeLine, ...] = ()
    ticks: tuple[Tick, ...] = ()
    result: ResultView | None = None
    log: tuple[LogLine, ...] = ()
    log_size: int = 0
    log_ok: bool = True
    asking: tuple[Asking, ...] = ()
    may_invite: bool = False
    learnings: tuple[LearningView, ...] = ()
    alarms: tuple[str, ...] = ()
