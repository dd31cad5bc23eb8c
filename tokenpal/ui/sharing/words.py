"""What the Sharing page says, as pure functions of a view: the five questions a reader may have, the limits, the bytes in lines.

Source: sharing-protocol 5.3 (what is in a report), 5.5 (when, quorum), 5.7 (promises and what is not promised), 5.8 (withdrawing).
"""

from __future__ import annotations

import json

from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.model.ranges import iso_week_days
from tokenpal.ui import numbers, times
from tokenpal.ui.widgets.fields import ByteLine

NEVER = "Tokens, cost, counts, models, tools, projects, tasks, notes, times. No figure in it says how much you used."
HABIT = (
    "The coin hides an answer, not a habit: what leaves is at most 7 times likelier if it is true. Whoever could open many weeks of yours "
    "could guess your days of use and your labels, never how much you used."
)
PARTS = {"tried": "Tried", "worked": "Worked", "failed": "Did not work", "learned": "Learned"}
DOING = {
    "send_now": "Sending the report.", "withdraw": "Taking the report back.", "agree": "Telling the mailbox.", "vouch": "Vouching.",
    "join": "Asking whether you are vouched for.", "retract": "Retracting.", "results_link": "Making a link for your browser.",
}  # fmt: skip
DONE = {
    "send_now": "Sent. It is in the list below.", "withdraw": "Withdrawn. Nothing of this week stays at the mailbox.", "agree": "Agreed. Sharing goes on.",
    "vouch": "You vouched.", "join": "Asked.", "retract": "Retracted.",
}  # fmt: skip
"""What is said while a network act runs, and after it."""
USE = ("no day", "one or two days", "three or more days")
LABEL = ("exploration", "delivered", "waste", "not labelled")
_SAME = "same for every member"
_MEANING = {"epoch": "the week, no finer time", "policy": _SAME, "roster": _SAME, "team": _SAME, "schema": "version of the format"}


def week_number(week: str) -> str:
    """``47`` of ``2026-W47``."""
    return week.partition("-W")[2].lstrip("0")


def week_long(week: str) -> str:
    """``week 47, 16 to 22 November``."""
    monday, after = iso_week_days(week)
    return f"week {week_number(week)}, {times.day_range(monday, after - monday.resolution)}"


def in_team(view: SharingView) -> bool:
    """Whether there is a team that this machine has looked at and not left."""
    return view.state in {"preview", "sharing", "paused", "stale"}


def answers(view: SharingView) -> tuple[tuple[str, str], ...]:
    """What a reader asks first, and the answer of this page: what leaves, when, to whom, what can they learn, how to stop."""
    on = view.state in {"sharing", "paused", "stale"}
    goes, leave, holds, follows = ("goes", "leave", "holds", "follows") if on else ("would go", "would leave", "would hold", "would follow")
    team = f"{view.host}, the mailbox of {view.team}. It" if in_team(view) else "Your team's own mailbox; its address stands in the invitation. It"
    window = f"over {numbers.count(len(view.result.weeks), 'week')} together" if view.result and view.result.weeks else "over several weeks together"
    leaves = (
        "Two answers a week: on how many days you used AI (none, one or two, three or more), and which label one session, drawn at random, "
        f"has. A coin is tossed over each answer here first, so what {goes} out may not be what was true. Beside it only your public "
        f"keys {leave}, and questions for the team's list and results."
    )
    when = (
        f"It {goes} out once a week, Monday to Wednesday, at a random minute; also after a week without AI, so silence says nothing. "
        f"From Thursday one sum of what was sealed to your machine {follows}; enough of them open the team's result."
    )
    return (
        ("What leaves", leaves),
        ("When", when),
        ("To whom", f"{team} {holds} your report sealed. Only a sum over {max(5, view.needed)} or more members can be opened, by members together."),
        ("What they learn", f"How the team as a whole uses AI, {window}, with its margin of error; and that you take part. All members see the same."),
        ("How you stop", _stop(view)),
    )


def _stop(view: SharingView) -> str:
    if view.state == "never asked":
        return "You need not: nothing leaves before you paste an invitation and start. Later: pause or leave in one click, here or in the tray's menu."
    if view.state == "preview":
        return "You need not: nothing is sent during the preview. Once you share: pause or leave in one click, here or in the tray's menu."
    if view.state == "forced off":
        return "Sharing is switched off for this machine. Nothing leaves, and nothing here can change that."
    if view.state in {"declined", "left"}:
        return "Sharing is off; nothing leaves. Only you can begin again, with an invitation."
    return (
        "Pause or leave in one click: here, or pause in the tray's menu. Nothing is sent from then on. A report can be withdrawn until "
        "Wednesday ends; a sum that is out cannot be taken back, and nobody can find you in it."
    )


def limits(view: SharingView) -> tuple[str, ...]:
    """What is not promised, in the same size as the promise (sharing-protocol 5.7)."""
    if in_team(view) and view.counted and view.needed:
        some = 2 * view.needed - view.counted - 1
        together = numbers.count(max(0, some), "member")
        first = (
            f"The seal holds while the mailbox and at most {together} of {view.counted} work together. If more do, only the coin protects you."
            if some > 0
            else "With so few members one who works together with the mailbox may open the seal. Then only the coin protects you."
        )
    else:
        first = "The seal holds while most members are honest. If too many work together with the mailbox, only the coin protects you."
    return (
        first,
        HABIT,
        "Who takes part is visible to whoever runs the mailbox. That it deletes reports and keeps no addresses cannot be checked from here.",
        "What you publish with a name is readable by the team, and is not anonymous.",
        "Members may answer falsely, and somebody may compare teams by their results. Neither can be prevented.",
    )


def byte_lines(text: str) -> tuple[ByteLine, ...]:
    """The report with line breaks and a meaning beside each line. Long fingerprints are shortened here, never in the bytes."""
    found = json.loads(text)
    out: list[ByteLine] = []
    keys = sorted(found)
    for place, key in enumerate(keys):
        before, after = ("{" if place == 0 else ""), ("}" if place == len(keys) - 1 else ",")
        if key != "q":
            shown = _short(str(found[key])) if key in {"policy", "roster", "team"} else found[key]
            out.append(ByteLine(f'{before}"{key}":{json.dumps(shown, ensure_ascii=False)}{after}', _MEANING.get(key, "")))
            continue
        out.append(ByteLine(f'{before}"q":['))
        for number, one in enumerate(found["q"]):
            code = json.dumps(one, sort_keys=True, separators=(",", ":"))
            end = f"]{after}" if number == len(found["q"]) - 1 else ","
            out.append(ByteLine(f" {code}{end}", _answer(one["id"], one["sent"]), answer=True))
    return tuple(out)


def _answer(question: str, sent: int) -> str:
    if question == "use":
        return USE[sent]
    return f"one session: {LABEL[sent]}" if question == "label" else ""


def _short(value: str) -> str:
    return f"{value[:8]}…{value[-4:]}" if len(value) > 16 else value


def alarm_parts(alarm: str) -> tuple[str, str]:
    """The first sentence of an alarm, and what follows from it."""
    first, dot, rest = alarm.partition(". ")
    return (f"{first}." if dot else alarm, rest)


def interval(low: int, high: int) -> str:
    """``24 to 44 %``."""
    return f"{low} to {high}\u00a0%"


def size(text: str) -> str:
    """``283 bytes``."""
    return numbers.count(len(text.encode()), "byte")
