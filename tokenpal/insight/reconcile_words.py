"""The words of reconciliation: one place for window, terminal and exports, so that both say the same.

Figures through ``insight.numbers``. A difference between a report and logs is usual, so nothing here raises its voice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tokenpal.insight.differences import Cause, Line, Part, Sure
from tokenpal.insight.numbers import digits, exact, join, short
from tokenpal.model.ranges import number_day
from tokenpal.model.sides import FIGURES, REQUESTS, tokens
from tokenpal.translation import mark, tr, trn

WAYS: Final = {"remainder": mark("only what no log covers"), "all": mark("everything it reports"), "none": mark("nothing")}
"""How a report counts beside logs (decisions 3), as the person chooses it."""
MIRROR: Final = "mirror"
LOGS_COUNT: Final = mark("Logs of this machine always count.")

FIGURE_WORDS: Final = {
    "fresh_input": mark("fresh input"), "cache_read": mark("cache read"), "cache_write_5m": mark("cache write, 5 min"),
    "cache_write_1h": mark("cache write, 1 h"), "cache_write_other": mark("cache write"), "output": mark("output"), "requests": mark("requests"),
}  # fmt: skip
SURE_WORDS: Final = {Sure.CERTAIN: mark("certain"), Sure.LIKELY: mark("likely"), Sure.POSSIBLE: mark("possible"), Sure.OPEN: mark("not known")}

SENTENCES: Final = {
    (Cause.WAITING, Sure.CERTAIN): mark("Used after the last answer, so the report cannot have it yet."),
    (Cause.WAITING, Sure.LIKELY): mark("Used shortly before the last answer: reports come with a delay."),
    (Cause.CLASSES, Sure.LIKELY): mark("The report and the logs tell the token classes apart differently; together they are the same."),
    (Cause.NAMELESS, Sure.LIKELY): mark("One side names no model for it, the other does."),
    (Cause.MIDNIGHT, Sure.LIKELY): mark("Within an hour of midnight UTC: one side books it on the day before, the other on the day after."),
    (Cause.MIDNIGHT, Sure.POSSIBLE): mark("It moves between neighbouring days: the provider's days may be those of another time zone."),
    (Cause.CORRECTION, Sure.LIKELY): mark("The provider corrected this day after it was over."),
    (Cause.OTHER_ACCOUNT, Sure.LIKELY): mark("Another account of this provider reports it."),
    (Cause.PLAN, Sure.LIKELY): mark("The agent is signed in with a plan; use of a plan is not in this report."),
    (Cause.PLAN, Sure.POSSIBLE): mark("The agent may be signed in with a plan; use of a plan is not in this report."),
    (Cause.NARROWED, Sure.POSSIBLE): mark("This account reads only some keys or projects; use of the others is not in it."),
    (Cause.HANDED, Sure.LIKELY): mark("No log has it, but a file that was imported, or the receiver, does."),
    (Cause.STREAM, Sure.LIKELY): mark("The log ends before the answer did, so its output is a lower bound."),
    (Cause.STREAM, Sure.POSSIBLE): mark("The log may lack the end of some answers, such as those of sub-agents, so its output can be too low."),
    (Cause.TITLES, Sure.POSSIBLE): mark("Session titles and other small requests leave no trace in the agent's log."),
    (Cause.ELSEWHERE, Sure.LIKELY): mark("Requests that no log on this machine has: another machine, another program, or another person of the organisation."),
    (Cause.ELSEWHERE, Sure.POSSIBLE): mark("Perhaps from elsewhere: another machine, another program, or another person of the organisation."),
    (Cause.UNKNOWN, Sure.OPEN): mark("Not explained by anything tokenpal knows."),
}


def rule(name: str, counts: str, mirror: str = "", *, logs: bool = True) -> str:
    """Which side counts, in a sentence. ``mirror``: the account that this one shows again; ``logs``: whether any log is of this provider."""
    if mirror:
        return tr("{name} shows the same requests as {other}, so none of its tokens are added. Its bills still count.", name=name, other=mirror)
    if counts == "all":
        if logs:
            return tr("Everything that {name} reports is added to what logs have measured. What logs on this machine have measured too counts twice.", name=name)
        return tr("Everything that {name} reports is added to what logs have measured.", name=name)
    if counts == "none":
        return tr("Only logs count: none of the tokens that {name} reports are added. Its bills still count.", name=name)
    return tr("Logs count. {name} adds only what no log covers, by UTC day and model, so nothing counts twice.", name=name)


def changed(name: str, counts: str, mirror: str = "") -> str:
    """What an edit of the rule did, for undo: ``Count only what no log covers of OpenAI, team``."""
    if mirror:
        return tr("Count {name} as {other} again", name=name, other=mirror)
    return tr("Count {what} of {name}", what=tr(WAYS[counts]) if counts in WAYS else counts, name=name)


def headline(line: Line) -> str:
    """The whole comparison in a sentence."""
    told, held = tokens(line.reported), tokens(line.measured)
    apart = told - held
    if not told and not held:
        return tr("Nothing was reported, and no log has anything.")
    both = tr("{reported} reported, {measured} in logs", reported=short(told), measured=short(held))
    if not apart:
        return tr("Report and logs agree: {both}.", both=both)
    open_ = sum(abs(part.tokens) for part in line.parts if part.cause is Cause.UNKNOWN)
    more = short(abs(apart))
    said = tr("The report has {more} tokens more: {both}.", more=more, both=both) if apart > 0 else tr("Logs have {more} tokens more: {both}.", more=more, both=both)
    rest = trn("{n} is not explained.", "{n} are not explained.", open_, shown=short(open_)) if open_ else ""
    return f"{said} {rest}".rstrip()


def sentence(part: Part) -> str:
    """Why: one sentence."""
    return tr(SENTENCES.get((part.cause, part.sure), SENTENCES[Cause.UNKNOWN, Sure.OPEN]))


def amount(part: Part) -> str:
    """How much, and on which side: ``12.3 k more in the report``; what only moves between classes or days is told as moved."""
    apart = part.tokens
    if apart:
        return tr("{n} more in the report", n=short(apart)) if apart > 0 else tr("{n} more in logs", n=short(-apart))
    moved = sum(abs(figure) for figure in part.figures[:REQUESTS]) // 2
    if moved:
        return tr("{n} moved", n=short(moved))
    requests = part.figures[REQUESTS]
    if not requests:
        return tr("evens out")
    n = digits(abs(requests))
    if requests > 0:
        return trn("{n} request more in the report", "{n} requests more in the report", requests, shown=n)
    return trn("{n} request more in logs", "{n} requests more in logs", -requests, shown=n)


def detail(part: Part) -> str:
    """By figure, exact: ``fresh input +1,204, output −88, 3 requests``."""
    told = [f"{tr(FIGURE_WORDS[name])} {signed(figure)}" for name, figure in zip(FIGURES, part.figures, strict=True) if figure]
    return ", ".join(told)


def signed(figure: int) -> str:
    """``+1,204``, ``−88``, ``0``."""
    return f"+{exact(figure)}" if figure > 0 else exact(figure)


def why(parts: Sequence[Part], most: int = 2) -> str:
    """The causes of a line in few words: ``across midnight, not on this machine``."""
    words = list(dict.fromkeys(tr(part.cause.value) for part in parts))
    return ", ".join([*words[:most], "…"] if len(words) > most else words)


def told(part: Part) -> str:
    """A cause as one line: amount, sentence, how sure."""
    sure = "" if part.sure is Sure.OPEN else f" ({tr(SURE_WORDS[part.sure])})"  # that sentence says so itself
    return join((amount(part), f"{sentence(part)}{sure}"))


def day(number: int) -> str:
    """``2026-11-20``: a UTC day is written as a date, never as an hour of the person's zone."""
    return number_day(number).isoformat()


def model(name: str) -> str:
    """The base name, or that there is none."""
    return name or tr("no model named")


def nothing(name: str, *, answered: bool, reports: bool, logs: bool, account_logs: bool = False) -> tuple[str, str]:
    """Title and sentence where there is nothing to compare.

    ``answered``: the account ever answered; ``reports``: it ever reported tokens; ``logs``: any log is of its provider.
    """
    if account_logs:
        return tr("Logs are compared from the other side."), tr("Choose a provider account: its report is set against the logs of this machine.")
    if not answered:
        return tr("Nothing to compare yet."), tr("{name} has not answered so far. Once it has, its report is set against the logs of this machine.", name=name)
    if not reports:
        return tr("Nothing to compare."), tr("{name} tells money or a balance, no tokens by day and model.", name=name)
    if not logs:
        return tr("Only one side."), tr("No log on this machine is of this provider, so all that {name} reports is use from elsewhere.", name=name)
    return tr("Nothing in these days."), tr("Choose a longer span.")
