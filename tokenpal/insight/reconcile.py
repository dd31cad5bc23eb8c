"""Why a provider's report and the logs of this machine differ: each difference split into causes that add up to it exactly.

A difference is *reported - measured*, per UTC day, model base name and figure (six token classes and requests). The rules run
in this order; each takes what it can explain of what is left, in the direction of the difference, and never more:

1. ``WAITING``: logs hold use from after the report's newest answer (certain) or within the time it is known to lag behind it
   (likely). provider-apis 3 "Partial buckets", 6.2 "Freshness", 6.3 "today is never there".
2. ``CLASSES``: one side does not use a token class at all, the other does, and the two cancel inside the input: a report
   without cache split; and writes of whatever lifetime among themselves (provider-apis 4.2, 6.3; agent-logs 3.3.9). Likely;
   adds up to 0.
3. ``NAMELESS``: a log (or report) that names no model, against the same day's other models (decisions 3). Likely; adds up to
   0 over the day's models.
4. ``MIDNIGHT``: too much on one side of a UTC midnight, too little on the other, and the logs hold that use within an hour of
   it: a request is booked when it starts or when it ends (likely); within half a day: the report's days may be those of
   another time zone (possible). provider-apis 3 "Days". Adds up to 0 over the two days.
5. ``CORRECTION``: the provider changed a closed day by this much (provider-apis 3 "Revision"). Likely.
6. ``OTHER_ACCOUNT``: the logs hold more, and another account of the same provider reports it (provider-apis 5.10). Likely.
7. ``PLAN``: the logs hold more, and their agent is signed in with a plan, whose use is in no API report (provider-apis 5.3, 5.5).
   Likely when the agent's plan windows were read on this machine, possible when it can be signed in that way.
8. ``NARROWED``: the logs hold more, and the account is set to read only some keys or projects of its organisation. Possible;
   before a plan that is only possible too.
9. ``HANDED``: the report has more, and an imported file or the receiver holds it of the same day and model. Likely.
10. ``STREAM``: the report has more output, the log was cut before the end of an answer (agent-logs 3.3.11): likely when the
   log says so and the input agrees, else possible.
11. ``TITLES``: the report has more of a small model, on a day with an agent whose log leaves out session titles and the like
   (agent-logs 6.3.8: 5 of 12 requests). Possible, at most one such request of ``TITLE_TOKENS`` for each logged one.
12. ``ELSEWHERE``: the report has more, and no log can know it: another machine, another program, another person of the
    organisation. Likely when the logs hold no such model on that day, hardly ever, or fewer requests; else possible.
13. ``UNKNOWN``: the rest.

Pure sums; nothing here changes what counts (decisions 3: reconciliation explains the remainder, it does not change the rule).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import msgspec

from tokenpal.insight.differences import Cause, Line, Part, Sure, in_order
from tokenpal.model.sides import INPUT, NOTHING, OUTPUT, REQUESTS, Cell, LogUse, add, tokens

WRITES: Final = (2, 3, 4)  # many sources do not say how long a cache entry lives
TITLE_TOKENS: Final = 4_000
AGREE_SHARE: Final = 100  # inputs agree when they differ by less than one in so many
RARE_SHARE: Final = 10  # a model is rare in the logs when they hold it on less than one of so many of the report's days
SMALL: Final = re.compile(r"(?:^|[-_.:/])(?:haiku|mini|nano|flash|lite|small|tiny|fast|[1-9]b)(?:[-_.:/]|$)")
"""Names of small models, as agents choose them for titles."""


class Known(msgspec.Struct, frozen=True):
    """What is known besides the figures."""

    plans: frozenset[int] = frozenset()  # log accounts whose plan windows were read
    maybe_plans: frozenset[str] = frozenset()  # agents that can be signed in with a plan
    without_titles: frozenset[str] = frozenset()  # agents whose logs leave out small requests
    log_days: dict[str, int] = {}  # model -> days on which logs held it
    report_days: dict[str, int] = {}  # model -> days on which this account reported it
    narrowed: bool = False  # the account reads only some keys or projects


class _Open:
    """A cell on its way: what is not explained yet, and the parts so far."""

    def __init__(self, cell: Cell) -> None:
        self.cell = cell
        self.measured = cell.measured
        line = Line(cell.day, cell.model, cell.reported, self.measured, cell.counted, cell.counts_requests, ())
        self.left = list(line.difference)
        self.parts: dict[tuple[Cause, Sure], list[int]] = {}

    def take(self, cause: Cause, sure: Sure, figure: int, amount: int) -> int:
        """Explain at most ``amount`` (not negative) of what is left of a figure, with its sign; returns how much that was."""
        left = self.left[figure]
        taken = min(abs(left), max(0, amount))
        if taken:
            signed = taken if left > 0 else -taken
            self.parts.setdefault((cause, sure), [0] * 7)[figure] += signed
            self.left[figure] -= signed
        return taken

    def take_all(self, cause: Cause, sure: Sure, most: Iterable[int], sign: int) -> None:
        """The same for every figure that differs in this direction."""
        if most is NOTHING or not any(self.left):
            return
        for figure, amount in enumerate(most):
            if self.left[figure] * sign > 0:
                self.take(cause, sure, figure, amount)

    def line(self) -> Line:
        cell = self.cell
        parts = [Part(cause, sure, tuple(figures)) for (cause, sure), figures in self.parts.items()]
        return Line(cell.day, cell.model, cell.reported, self.measured, cell.counted, cell.counts_requests, in_order(parts))


def reconcile(cells: Sequence[Cell], known: Known) -> tuple[Line, ...]:
    """One line per cell, in order of day and model. Cells need not be sorted; a day and model occurs once.

    The parts of each line add up to its difference, whatever the numbers are. Give one day more at each end than is to be
    shown, so that what moved across a midnight finds its other half.
    """
    open_ = sorted((_Open(cell) for cell in cells), key=lambda one: (one.cell.day, one.cell.model))
    for one in open_:
        one.take_all(Cause.WAITING, Sure.CERTAIN, one.cell.late, -1)
        one.take_all(Cause.WAITING, Sure.LIKELY, one.cell.settling, -1)
        _classes(one)
    _nameless(open_)
    _midnight(open_, Sure.LIKELY, 3, 0)
    for one in open_:
        for sign in (1, -1) if one.cell.corrected is not NOTHING else ():
            one.take_all(Cause.CORRECTION, Sure.LIKELY, [value * sign for value in one.cell.corrected], sign)
        one.take_all(Cause.OTHER_ACCOUNT, Sure.LIKELY, one.cell.elsewhere, -1)
        _plan(one, Sure.LIKELY, [use for use in one.cell.logs if use.account in known.plans])
    _midnight(open_, Sure.POSSIBLE, 2, 1)
    logged = _without_titles(open_, known)
    for one in open_:
        if known.narrowed:
            one.take_all(Cause.NARROWED, Sure.POSSIBLE, map(abs, one.left), -1)
        _plan(one, Sure.POSSIBLE, [use for use in one.cell.logs if use.source in known.maybe_plans and use.account not in known.plans])
        one.take_all(Cause.HANDED, Sure.LIKELY, one.cell.handed, 1)
        _stream(one)
        _titles(one, logged.get(one.cell.day, 0))
        _elsewhere(one, known)
        for figure, left in enumerate(one.left):
            if left:
                one.take(Cause.UNKNOWN, Sure.OPEN, figure, abs(left))
    return tuple(one.line() for one in open_)


def _classes(one: _Open) -> None:
    """Input classes that only one side knows, against classes of the other sign."""
    reported, measured = one.cell.reported, one.measured
    if max(one.left[:OUTPUT]) <= 0 or min(one.left[:OUTPUT]) >= 0:
        return
    for more in INPUT:
        for less in INPUT:
            alike = more in WRITES and less in WRITES
            if one.left[more] > 0 > one.left[less] and (alike or not reported[less] or not measured[more]):
                amount = min(one.left[more], -one.left[less])
                one.take(Cause.CLASSES, Sure.LIKELY, more, amount)
                one.take(Cause.CLASSES, Sure.LIKELY, less, amount)


def _nameless(open_: Sequence[_Open]) -> None:
    days: dict[int, list[_Open]] = {}
    for one in open_:
        days.setdefault(one.cell.day, []).append(one)
    for cells in days.values():
        bare = next((one for one in cells if not one.cell.model), None)
        for one in cells if bare is not None else ():
            for figure in range(7):
                if bare is not None and bare.left[figure] * one.left[figure] < 0:
                    amount = min(abs(bare.left[figure]), abs(one.left[figure]))
                    bare.take(Cause.NAMELESS, Sure.LIKELY, figure, amount)
                    one.take(Cause.NAMELESS, Sure.LIKELY, figure, amount)


def _midnight(open_: Sequence[_Open], sure: Sure, before: int, after: int) -> None:
    """Use that one side books on the other day. ``before`` and ``after`` say which parts of the two days may have moved."""
    models: dict[str, list[_Open]] = {}
    for one in open_:
        models.setdefault(one.cell.model, []).append(one)
    for cells in models.values():
        for first, second in pairwise(cells):
            if second.cell.day != first.cell.day + 1:
                continue
            for figure in range(7):
                there, here = first.left[figure], second.left[figure]
                if there < 0 < here:
                    held = first.cell.edges[before][figure]
                elif here < 0 < there:
                    held = second.cell.edges[after][figure]
                else:
                    continue
                amount = min(abs(there), abs(here), held)
                first.take(Cause.MIDNIGHT, sure, figure, amount)
                second.take(Cause.MIDNIGHT, sure, figure, amount)


def _plan(one: _Open, sure: Sure, uses: Sequence[LogUse]) -> None:
    if uses:
        one.take_all(Cause.PLAN, sure, add(*(use.figures for use in uses)), -1)


def _stream(one: _Open) -> None:
    more = one.left[OUTPUT]
    if more <= 0 or not one.measured[OUTPUT]:
        return
    told = sum(one.cell.reported[:OUTPUT])
    agree = abs(sum(one.left[:OUTPUT])) * AGREE_SHARE <= told and one.left[REQUESTS] == 0
    requests, output = one.cell.cut_short[REQUESTS], one.cell.cut_short[OUTPUT]
    if agree:
        one.take(Cause.STREAM, Sure.LIKELY if requests else Sure.POSSIBLE, OUTPUT, more)
    elif requests:
        usual = one.cell.reported[OUTPUT] // one.cell.reported[REQUESTS] if one.cell.reported[REQUESTS] else 0
        one.take(Cause.STREAM, Sure.POSSIBLE, OUTPUT, requests * usual - output if usual else output)


def _without_titles(open_: Sequence[_Open], known: Known) -> dict[int, int]:
    """Requests a day of agents whose logs leave out titles: those go to another model than the session's."""
    found: dict[int, int] = {}
    for one in open_:
        requests = sum(use.figures[REQUESTS] for use in one.cell.logs if use.source in known.without_titles)
        found[one.cell.day] = found.get(one.cell.day, 0) + requests
    return found


def _titles(one: _Open, logged: int) -> None:
    if not logged or not SMALL.search(one.cell.model):
        return
    room = logged * TITLE_TOKENS
    for figure in range(REQUESTS):
        if one.left[figure] > 0:
            room -= one.take(Cause.TITLES, Sure.POSSIBLE, figure, room)
    if one.left[REQUESTS] > 0:
        one.take(Cause.TITLES, Sure.POSSIBLE, REQUESTS, logged)


def _elsewhere(one: _Open, known: Known) -> None:
    model, more = one.cell.model, sum(left for left in one.left[:REQUESTS] if left > 0)
    if not more:
        return  # a count of requests alone: failed ones, or counted otherwise
    if not any(one.measured) or known.log_days.get(model, 0) * RARE_SHARE < known.report_days.get(model, 0):
        sure = Sure.LIKELY
    elif one.cell.counts_requests:
        if one.left[REQUESTS] <= 0:
            return  # the same requests with other figures: nobody else made them
        sure = Sure.LIKELY
    elif more * 20 < tokens(one.cell.reported):
        return
    else:
        sure = Sure.POSSIBLE
    one.take_all(Cause.ELSEWHERE, sure, [max(0, left) for left in one.left], 1)
