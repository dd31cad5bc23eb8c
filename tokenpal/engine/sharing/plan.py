"""When a member's machine calls its mailbox, and what of a week is done already (sharing-protocol 5.5, 5.8).

Minutes are drawn once for a week and kept: a report somewhere in Monday to Wednesday, an answer in the first day after the
manifest, a look for the result on Saturday. What is late is drawn again within the next hour, so that machines that are
switched on in the morning do not all call at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from tokenpal.model.ranges import DAY_SECONDS
from tokenpal.share.protocol import epochs

HOUR: Final = 3600
FIRST_WAIT: Final = 300
"""After a failed try; doubled each time, at most six hours, always inside the window."""
LONGEST_WAIT: Final = 6 * HOUR
RESULT_DAY: Final = 5
"""Saturday: whoever wants to answer has had two days."""
Random = Callable[[int], int]
"""``random(n)``: 0 .. n-1."""


class Week(msgspec.Struct, frozen=True):
    """One epoch of one team as this member goes through it. Times are epoch seconds.

    ``state``: planned, sent, withdrawn, summed (the answer is made, not posted yet), answered, refused (this member does not
    answer), released (others were enough), missed. ``head`` to ``envelope``: what the report was sealed under, and to whom. ``looked``: for the result.
    ``envelope``, ``answer``: what was posted, as it travels (kept to be posted again byte for byte). ``seed`` is base64url.
    """

    epoch: str
    report_at: int
    answer_at: int
    result_at: int
    state: str = "planned"
    seed: str = ""
    head: str = ""
    policy: str = ""
    recipients: tuple[tuple[str, str], ...] = ()  # (member, public key)
    threshold: int = 0
    envelope: str = ""
    manifest: str = ""  # hash of the first one that was shown
    answer: str = ""
    looked: bool = False


def drawn(epoch: str, now: int, random: Random) -> Week:
    """The minutes of a week, uniform; where the window has begun, uniform within the next hour."""
    reports, answers = epochs.report_window(epoch), epochs.answer_window(epoch)
    result = answers.end - (7 - RESULT_DAY) * DAY_SECONDS
    return Week(
        epoch,
        _late(_minute(reports.start, reports.end, random), now, reports.end, random),
        _late(_minute(answers.start, answers.start + DAY_SECONDS, random), now, answers.end, random),
        _late(_minute(result, result + DAY_SECONDS, random), now, answers.end, random),
    )


def late(week: Week, now: int, random: Random) -> Week:
    """The machine was off at a drawn minute: another one within the next hour."""
    reports, answers = epochs.report_window(week.epoch), epochs.answer_window(week.epoch)
    return msgspec.structs.replace(
        week,
        report_at=_late(week.report_at, now, reports.end, random) if week.state == "planned" else week.report_at,
        answer_at=_late(week.answer_at, now, answers.end, random) if week.state in {"sent", "summed"} else week.answer_at,
        result_at=week.result_at if week.looked else _late(week.result_at, now, answers.end, random),
    )


def backoff(failures: int, now: int, random: Random) -> int:
    """Seconds after a failed try: twice as long each time, with up to half as much more by chance, and inside the open window."""
    wait: int = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(failures, 10))
    wait += random(wait // 2)
    epoch = epochs.due(now)
    reports = epochs.report_window(epoch)
    left = (reports.end if now in reports else epochs.answer_window(epoch).end) - now
    return wait if wait < left else random(max(1, left))


def next_at(week: Week, now: int) -> int:
    """When something of this week is to be done; the Monday after when nothing is left."""
    reports, answers = epochs.report_window(week.epoch), epochs.answer_window(week.epoch)
    over = answers.end
    if week.state == "planned" and now < reports.end:
        at = week.report_at
    elif week.state in {"sent", "summed"}:
        at = max(week.answer_at, answers.start)
    elif not week.looked:
        at = week.result_at
    else:
        return over
    return min(over, at)


def _minute(start: int, end: int, random: Random) -> int:
    return start + 60 * random((end - start) // 60)


def _late(at: int, now: int, end: int, random: Random) -> int:
    """``at``, or within the next hour (before the window ends) when it has passed."""
    if at >= now or now >= end:
        return at
    return now + random(max(1, min(HOUR, end - now)))
