"""The words of reconciliation: one place for window, terminal and exports, so that both say the same.

Figures through ``insight.numbers``. A difference between a report and logs is usual, so nothing here raises its voice.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tokenpal.insight.differences import Cause, Line, Part, Sure
from tokenpal.insight.numbers import count, exact, join, short
from tokenpal.model.ranges import number_day
from tokenpal.model.sides import FIGURES, REQUESTS, tokens

WAYS: Final = {"remainder": "only what no log covers", "all": "everything it reports", "none": "nothing"}
"""How a report counts beside logs (decisions 3), as the person chooses it."""
MIRROR: Final = "mirror"
LOGS_COUNT: Final = "Logs of this machine always count."

FIGURE_WORDS: Final = {
    "fresh_input": "fresh input", "cache_read": "cache read", "cache_write_5m": "cache write, 5 min", "cache_write_1h": "cache write, 1 h",
    "cache_write_other": "cache write", "output": "output", "requests": "requests",
}  # fmt: skip
SURE_WORDS: Final = {Sure.CERTAIN: "certain", Sure.LIKELY: "likely", Sure.POSSIBLE: "possible", Sure.OPEN: "not known"}

SENTENCES: Final = {
    (Cause.WAITING, Sure.CERTAIN): "Used after the last answer, so the report cannot have it yet.",
    (Cause.WAITING, Sure.LIKELY): "Used shortly before the last answer: reports come with a delay.",
    (Cause.CLASSES, Sure.LIKELY): "The report and the logs tell the token classes apart differently; together they are the same.",
    (Cause.NAMELESS, Sure.LIKELY): "One side names no model for it, the other does.",
    (Cause.MIDNIGHT, Sure.LIKELY): "Within an hour of midnight UTC: one side books it on the day before, the other on the day after.",
    (Cause.MIDNIGHT, Sure.POSSIBLE): "It moves between neighbouring days: the provider's days may be those of another time zone.",
    (Cause.CORRECTION, Sure.LIKELY): "The provider corrected this day after it was over.",
    (Cause.OTHER_ACCOUNT, Sure.LIKELY): "Another account of this provider reports it.",
    (Cause.PLAN, Sure.LIKELY): "The agent is signed in with a plan; use of a plan is not in this report.",
    (Cause.PLAN, Sure.POSSIBLE): "The agent may be signed in with a plan; use of a plan is not in this report.",
    (Cause.NARROWED, Sure.POSSIBLE): "This account reads only some keys or projects; use of the others is not in it.",
    (Cause.HANDED, Sure.LIKELY): "No log has it, but a file that was imported, or the receiver, does.",
    (Cause.STREAM, Sure.LIKELY): "The log ends before the answer did, so its output is a lower bound.",
    (Cause.STREAM, Sure.POSSIBLE): "The log may lack the end of some answers, such as those of sub-agents, so its output can be too low.",
    (Cause.TITLES, Sure.POSSIBLE): "Session titles and other small requests leave no trace in the agent's log.",
    (Cause.ELSEWHERE, Sure.LIKELY): "Requests that no log on this machine has: another machine, another program, or another person of the organisation.",
    (Cause.ELSEWHERE, Sure.POSSIBLE): "Perhaps from elsewhere: another machine, another program, or another person of the organisation.",
    (Cause.UNKNOWN, Sure.OPEN): "Not explained by anything tokenpal knows.",
}


def rule(name: str, counts: str, mirror: str = "", *, logs: bool = True) -> str:
    """Which side counts, in a sentence. ``mirror``: the account that this one shows again; ``logs``: whether any log is of this provider."""
    if mirror:
        return f"{name} shows the same requests as {mirror}, so none of its tokens are added. Its bills still count."
    if counts == "all":
        warning = " What logs on this machine have measured too counts twice." if logs else ""
        return f"Everything that {name} reports is added to what logs have measured.{warning}"
    if counts == "none":
        return f"Only logs count: none of the tokens that {name} reports are added. Its bills still count."
    return f"Logs count. {name} adds only what no log covers, by UTC day and model, so nothing counts twice."


def changed(name: str, counts: str, mirror: str = "") -> str:
    """What an edit of the rule did, for undo: ``Count only what no log covers of OpenAI, team``."""
    return f"Count {name} as {mirror} again" if mirror else f"Count {WAYS.get(counts, counts)} of {name}"


def headline(line: Line) -> str:
    """The whole comparison in a sentence."""
    told, held = tokens(line.reported), tokens(line.measured)
    apart = told - held
    both = f"{short(told)} reported, {short(held)} in logs"
    if not told and not held:
        return "Nothing was reported, and no log has anything."
    if not apart:
        return f"Report and logs agree: {both}."
    open_ = sum(abs(part.tokens) for part in line.parts if part.cause is Cause.UNKNOWN)
    rest = f" {short(open_)} {'is' if open_ == 1 else 'are'} not explained." if open_ else ""
    side = "The report has" if apart > 0 else "Logs have"
    return f"{side} {short(abs(apart))} tokens more: {both}.{rest}"


def sentence(part: Part) -> str:
    """Why: one sentence."""
    return SENTENCES.get((part.cause, part.sure), SENTENCES[Cause.UNKNOWN, Sure.OPEN])


def amount(part: Part) -> str:
    """How much, and on which side: ``12.3 k more in the report``; what only moves between classes or days is told as moved."""
    apart = part.tokens
    if apart:
        return f"{short(abs(apart))} more in {'the report' if apart > 0 else 'logs'}"
    moved = sum(abs(figure) for figure in part.figures[:REQUESTS]) // 2
    if moved:
        return f"{short(moved)} moved"
    requests = part.figures[REQUESTS]
    return f"{count(abs(requests), 'request')} more in {'the report' if requests > 0 else 'logs'}" if requests else "evens out"


def detail(part: Part) -> str:
    """By figure, exact: ``fresh input +1,204, output −88, 3 requests``."""
    told = [f"{FIGURE_WORDS[name]} {signed(figure)}" for name, figure in zip(FIGURES, part.figures, strict=True) if figure]
    return ", ".join(told)


def signed(figure: int) -> str:
    """``+1,204``, ``−88``, ``0``."""
    return f"+{exact(figure)}" if figure > 0 else exact(figure)


def why(parts: Sequence[Part], most: int = 2) -> str:
    """The causes of a line in few words: ``across midnight, not on this machine``."""
    words = list(dict.fromkeys(part.cause.value for part in parts))
    return ", ".join([*words[:most], "…"] if len(words) > most else words)


def told(part: Part) -> str:
    """A cause as one line: amount, sentence, how sure."""
    sure = "" if part.sure is Sure.OPEN else f" ({SURE_WORDS[part.sure]})"  # that sentence says so itself
    return join((amount(part), f"{sentence(part)}{sure}"))


def day(number: int) -> str:
    """``2026-11-20``: a UTC day is written as a date, never as an hour of the person's zone."""
    return number_day(number).isoformat()


def model(name: str) -> str:
    """The base name, or that there is none."""
    return name or "no model named"


def nothing(name: str, *, answered: bool, reports: bool, logs: bool, account_logs: bool = False) -> tuple[str, str]:
    """Title and sentence where there is nothing to compare.

    ``answered``: the account ever answered; ``reports``: it ever reported tokens; ``logs``: any log is of its provider.
    """
    if account_logs:
        return "Logs are compared from the other side.", "Choose a provider account: its report is set against the logs of this machine."
    if not answered:
        return "Nothing to compare yet.", f"{name} has not answered so far. Once it has, its report is set against the logs of this machine."
    if not reports:
        return "Nothing to compare.", f"{name} tells money or a balance, no tokens by day and model."
    if not logs:
        return "Only one side.", f"No log on this machine is of this provider, so all that {name} reports is use from elsewhere."
    return "Nothing in these days.", "Choose a longer span."
