"""What the Sharing page says, as pure functions of a view: the five questions a reader may have, the limits, the bytes in lines.

Source: sharing-protocol 5.3 (what is in a report), 5.5 (when, quorum), 5.7 (promises and what is not promised), 5.8 (withdrawing).
"""

from __future__ import annotations

import json

from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.translation import Words, mark, tr, trc, trn
from tokenpal.ui import numbers
from tokenpal.ui.widgets.fields import ByteLine

NEVER = mark(
    "Tokens, cost, number of sessions, hours, models, tools, projects, tasks, notes. Of use there are only the days, in three steps, "
    "after the coin: nobody can be ordered by how much they used."
)
TWO = mark(
    "each week a sealed report with two answers: on how many days you used AI (none, one or two, three or more), and the label of "
    "one session drawn at random (exploration, delivered, waste or none)."
)
COIN = mark(
    "Before that a weighted coin is tossed over each answer, on this machine: the true answer stays in 7 of 9 cases (days) or 7 of 10 "
    "(label), else another one goes out."
)
BESIDE = mark(
    "Beside it: from Thursday one sum, made only of sealed pieces that reports hold for your machine, which says nothing alone; "
    "your public keys; questions for the team's list and results; and your own acts (vouch, publish, leave)."
)
ADDRESS = mark("Each request shows your network address to whoever runs the mailbox. A proxy, such as Tor, can be set in Settings.")
WHEN = mark(
    "Monday to Wednesday at a random minute, also after a week without AI; the sum from Thursday to Sunday. If this machine is off "
    "from Monday to Wednesday, no report goes out that week, and whoever runs the mailbox can see that."
)
TAKES_PART = mark(
    "Whoever runs the mailbox sees which key reports and from which network address, so they may work out that you take part; members "
    "see how many share. A key has no name, but the people you exchanged four words with know which one is yours."
)
STOP = mark("pause or leave with one click here, or pause in the tray's menu. No more reports go out then. One that is out can be withdrawn until Wednesday ends.")
STAYS = mark(
    "Not to be taken back: a sum that is out stays, and nobody can be found in it by itself. Your public key stays in the team's list, "
    "marked as left, and the number of members shows that one left."
)
HABIT = mark(
    "The coin hides one answer, not a habit. Your true answer goes out 7 times as often as any other one, so whoever could open many "
    "weeks of yours could guess your days of use and your labels, but never tokens, cost, number of sessions or hours."
)
DOING = {
    "send_now": mark("Sending the report."), "withdraw": mark("Taking the report back."), "agree": mark("Telling the mailbox."), "vouch": mark("Vouching."),
    "join": mark("Asking whether you are vouched for."), "retract": mark("Retracting."), "results_link": mark("Making a link for your browser."),
}  # fmt: skip
DONE = {
    "send_now": mark("Sent. It is in the list below."), "withdraw": mark("Withdrawn. Nothing of this week stays at the mailbox."), "agree": mark("Agreed. Sharing goes on."),
    "vouch": mark("You vouched."), "join": mark("Asked."), "retract": mark("Retracted."),
}  # fmt: skip
"""What is said while a network act runs, and after it."""
USE = Words("", ("no day", "one or two days", "three or more days"))
LABEL = Words("label in a sentence", ("exploration", "delivered", "waste", "not labelled"))
_SAME = mark("same for every member")
_MEANING = {"epoch": mark("the week, no finer time"), "policy": _SAME, "roster": _SAME, "team": _SAME, "schema": mark("version of the format")}


def week_number(week: str) -> str:
    """``47`` of ``2026-W47``."""
    return week.partition("-W")[2].lstrip("0")


def in_team(view: SharingView) -> bool:
    """Whether there is a team that this machine has looked at and not left."""
    return view.state in {"preview", "sharing", "paused", "stale"}


def answers(view: SharingView) -> tuple[tuple[str, str], ...]:
    """What a reader asks first, and the answer of this page: what leaves, when, to whom, what can they learn, how to stop.

    Further paragraphs of an answer have no name. What leaves, who sees it and what stays is the same in every state.
    """
    result = view.result
    if result and result.weeks:
        window = trn("over {n} week together", "over {n} weeks together", len(result.weeks) + len(result.missing))
    else:
        window = tr("over several weeks together")
    leads, on = LEADS.get(view.state, ("", "")), view.state in {"sharing", "paused", "stale"}
    return (
        (tr("What leaves"), _led(leads[0], tr(TWO))),
        ("", tr(COIN)),
        ("", tr(BESIDE)),
        ("", tr(ADDRESS)),
        (tr("When"), tr(WHEN) if on else tr("Once you share: {when}", when=tr(WHEN))),
        (tr("To whom"), _whom(view)),
        (tr("What they learn"), tr("How the team as a whole uses AI, {window}, with its margin of error. All members see the same.", window=window)),
        ("", tr(TAKES_PART)),
        (tr("How you stop"), _led(leads[1], tr(STOP))),
        ("", tr(STAYS)),
    )


def _led(lead: str, sentence: str) -> str:
    return trc("lead and what follows", "{lead} {sentence}", lead=tr(lead), sentence=sentence) if lead else f"{sentence[:1].upper()}{sentence[1:]}"


LEADS = {
    "never asked": (mark("Nothing now. Once you share,"), mark("No report goes out before you start. After that,")),
    "preview": (mark("During the preview only questions for the team's rules and list. Once you share,"), mark("No report goes out before you start. After that,")),
    "declined": (mark("Nothing now. If you ever share,"), mark("Only you can begin, with an invitation. After that,")),
    "left": (mark("Nothing now. If you share again,"), mark("Only you can begin again, with an invitation. After that,")),
    "forced off": (mark("Nothing, as sharing is switched off. Otherwise,"), mark("It is switched off, and nothing here can change that. Otherwise,")),
}
"""Before what leaves, and before how to stop, while nothing goes out."""


def _whom(view: SharingView) -> str:
    if not in_team(view):
        return tr(
            "Your team's own mailbox; its address stands in the invitation. It is run by whoever your team or company chose; the team's rules "
            "name a contact. They are not trusted with answers: reports are sealed, and only the sum of 5 or more can be opened, by members together."
        )
    contact = next((rule.words for rule in view.rules if rule.field == tr("Contact")), "")
    run = tr("It is run by whoever your team or company chose (contact: {contact}).", contact=contact) if contact else tr("It is run by whoever your team or company chose.")
    return tr(
        "{host}, the mailbox of {team}. {run} They are not trusted with answers: reports are sealed, and only the sum of {least} or more can be opened, "
        "by members together (two thirds of them, five at the least). The results may be passed on, as the rules say.",
        host=view.host, team=view.team, run=run, least=max(5, view.needed),
    )  # fmt: skip


def limits(view: SharingView) -> tuple[str, ...]:
    """What is not promised, in the same size as the promise (sharing-protocol 5.7)."""
    if in_team(view) and view.counted and view.needed:
        some = 2 * view.needed - view.counted - 1
        if some > 0:
            first = trn(
                "The seal holds while the mailbox and at most {n} member of {counted} work together. If more do, only the coin protects you.",
                "The seal holds while the mailbox and at most {n} members of {counted} work together. If more do, only the coin protects you.",
                some, counted=view.counted,
            )  # fmt: skip
        else:
            first = tr("With so few members, a single one who works together with the mailbox may open the seal. Then only the coin protects you.")
    else:
        first = tr("The seal holds while most members are honest. If too many work together with the mailbox, only the coin protects you.")
    return (
        first,
        tr(HABIT),
        tr("That the mailbox deletes reports and keeps no network addresses cannot be checked from here."),
        tr("A line of your check-in leaves only if you publish it yourself. The whole team reads it, with the name you give."),
        tr("Members may answer falsely, and somebody may compare teams by their results. Neither can be prevented."),
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
            out.append(ByteLine(f'{before}"{key}":{json.dumps(shown, ensure_ascii=False)}{after}', tr(_MEANING.get(key, ""))))
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
    return tr("one session: {label}", label=LABEL[sent]) if question == "label" else ""


def _short(value: str) -> str:
    return f"{value[:8]}…{value[-4:]}" if len(value) > 16 else value


def alarm_parts(alarm: str) -> tuple[str, str]:
    """The first sentence of an alarm, and what follows from it."""
    first, dot, rest = alarm.partition(". ")
    return (f"{first}." if dot else alarm, rest)


def interval(low: int, high: int) -> str:
    """``24 to 44 %``."""
    return tr("{low} to {high}\u00a0%", low=low, high=high)


def size(text: str) -> str:
    """``283 bytes``."""
    return numbers.count(len(text.encode()), "byte")
