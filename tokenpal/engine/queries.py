"""What window and command line ask, as functions f(store, ...): sync, without side effects, the same answers for both."""

from __future__ import annotations

from datetime import date
from typing import Final

import msgspec

from tokenpal.engine.today import (
    Today as Today,
    accounts as accounts,
    as_of as as_of,
    recent_tasks as recent_tasks,
    sessions_to_label as sessions_to_label,
    today as today,
)
from tokenpal.insight.tasks import Preview, preview
from tokenpal.insight.why import Why, why as reason_of
from tokenpal.model.errors import UsageError
from tokenpal.model.found import Found
from tokenpal.model.journal import CheckIn, Rule, RuleKind, Task
from tokenpal.model.rates import Rate
from tokenpal.model.report import (
    NONE_KEYS,
    AccountRow,
    Correction,
    Dimension,
    Filter,
    Query,
    Report,
    SessionDetail,
    SessionRow,
)
from tokenpal.model.usage import Balance, LimitReading
from tokenpal.pricing.table import PERSON
from tokenpal.store import (
    accounts as account_rows,
    checkins,
    corrections as correction_rows,
    facts,
    finding,
    pieces as piece_rows,
    rates,
    readings,
    report as reports,
    sessions as session_rows,
    tasks as task_rows,
)
from tokenpal.store.database import Store
from tokenpal.store.journal import attribution

NO_LABEL: Final = NONE_KEYS[Dimension.LABEL]
NO_TASK: Final = NONE_KEYS[Dimension.TASK]


# ---------------------------------------------------------------------------------------------- usage


def report(store: Store, query: Query) -> Report:
    """Usage by time and dimension: the numbers of every chart, table and export."""
    return reports.report(store, query)


# ---------------------------------------------------------------------------------------------- sessions


def sessions(
    store: Store,
    filter: Filter = Filter(),  # noqa: B008 - frozen
    first: date | None = None,
    until: date | None = None,
    zone: str = "UTC",
    limit: int | None = None,
    offset: int = 0,
) -> list[SessionRow]:
    """Sessions with use in local days [first, until), newest first."""
    return session_rows.sessions(store, filter, first, until, zone, limit, offset)


def session(store: Store, key: str) -> SessionRow | None:
    """One session with all its use."""
    return session_rows.session_row(store, key)


def session_detail(store: Store, key: str) -> SessionDetail | None:
    """One session with its parts, models, sub-agents and timeline."""
    return session_rows.session_detail(store, key)


class Offer(msgspec.Struct, frozen=True):
    """What "Same as last time in this folder" offers; never applied by itself (product 2.2)."""

    label: str
    reason: str
    task: int | None


def offer(store: Store, session: str) -> Offer | None:
    """What the newest labelled session of the same project had."""
    found = facts.last_words(store, session)
    return None if found is None else Offer(*found)


def find_session(store: Store, text: str) -> str:
    """The session key that the person means: a key, the agent's own id, an unambiguous beginning of it, or ``last``.

    Raises UsageError.
    """
    wanted = text.strip()
    if wanted == "last":
        newest = session_rows.sessions(store, limit=1, order="ended")
        if not newest:
            raise UsageError("There is no session yet.", "Read the agents' logs with: tokenpal scan")
        return newest[0].id
    found = session_rows.find_sessions(store, wanted)
    if len(found) == 1 or wanted in found:
        return found[0]
    if found:
        some = ", ".join(found[:3])
        raise UsageError(f"More than one session begins with {wanted!r}: {some} ...", "Give more of its id.")
    raise UsageError(f"There is no session {wanted!r}.", "List them with: tokenpal sessions")


# ---------------------------------------------------------------------------------------------- tasks and rules


class TaskRow(msgspec.Struct, frozen=True):
    """A task with all its use and the label mix of that use (tokens by label, "" = not labelled)."""

    task: Task | None  # None = use without a task
    tokens: int
    sessions: int
    mix: dict[str, int]
    running_since: int | None = None


def tasks(store: Store, archived: bool = False) -> list[TaskRow]:
    """Tasks by falling use; use without a task comes last."""
    use: dict[int | None, list[facts.TaskUse]] = {}
    for part in facts.task_use(store):
        use.setdefault(part.task, []).append(part)
    timer = task_rows.running_timer(store)

    def row(task: Task | None) -> TaskRow:
        parts = use.get(task.id if task else None, [])
        since = timer.start if timer and task and timer.task == task.id else None
        # A session lies in several parts only when it has several labels, which it has not.
        return TaskRow(
            task, sum(p.tokens for p in parts), sum(p.sessions for p in parts), {p.label: p.tokens for p in parts if p.tokens}, since
        )

    rows = sorted((row(task) for task in task_rows.tasks(store, archived=archived)), key=lambda row: -row.tokens)
    return [*rows, row(None)] if None in use else rows


def task(store: Store, name: str) -> Task:
    """The task with this name or ticket id. Raises UsageError."""
    found = task_rows.task_named(store, name)
    if found is None:
        raise UsageError(f"There is no task {name!r}.", f"Add it with: tokenpal task add {name!r}")
    return found


def task_name(store: Store, task: int) -> str:
    """The name of a task, archived or not; "" when it is gone."""
    return next((one.name for one in task_rows.tasks(store, archived=True) if one.id == task), "")


class RuleRow(msgspec.Struct, frozen=True):
    """A rule and the name of its task. ``named``: the account's name, for a rule that keeps its number."""

    rule: Rule
    task: str
    named: str = ""

    @property
    def pattern(self) -> str:
        """The pattern as a person reads it."""
        return self.named or self.rule.pattern


def rules(store: Store) -> list[RuleRow]:
    """Rules in the order in which they are tried."""
    names = {task.id: task.name for task in task_rows.tasks(store, archived=True)}
    accounts = {str(row.id): row.name for row in account_rows.accounts(store, removed=True)}
    return [RuleRow(rule, names.get(rule.task, ""), accounts.get(rule.pattern, "") if rule.kind is RuleKind.ACCOUNT else "") for rule in task_rows.rules(store)]


def preview_rule(
    store: Store, kind: RuleKind | str, pattern: str, task: int, position: int | None = None, replaces: int | None = None
) -> Preview:
    """What a rule would do before it is added: "matches 37 sessions, 4.1 M tokens", and what would move."""
    present = attribution(store)
    place = len(present.rules) if position is None else position
    rule = Rule(replaces if replaces is not None else -1, place, RuleKind(kind), pattern, task)
    return preview(rule, present, facts.pieces(store))


def why(store: Store, session: str) -> tuple[Why, ...]:
    """For each segment of a session with use, by time: what decided its task, and what speaks too and lost (decisions 4)."""
    found = piece_rows.of_session(store, session)
    present = attribution(store) if found else None
    if present is None:
        return ()
    names = {task.id: task.name for task in task_rows.tasks(store, archived=True)}
    owners = {row.id: row.name for row in account_rows.accounts(store, removed=True)}
    return tuple(reason_of(present, segment, names, owners, end) for segment, end in found)


# ---------------------------------------------------------------------------------------------- accounts and limits


def find_account(store: Store, text: str) -> AccountRow:
    """The account with this name or number, or the only one of this source. Raises UsageError."""
    every = account_rows.accounts(store)
    wanted = text.strip().casefold()
    for matches in (
        [row for row in every if row.name.casefold() == wanted or str(row.id) == wanted],
        [row for row in every if row.source.casefold() == wanted],
    ):
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise UsageError(f"More than one account is called {text!r}.", "Use its number; list them with: tokenpal accounts list")
    raise UsageError(f"There is no account {text!r}.", "List them with: tokenpal accounts list")


def limits(store: Store) -> list[tuple[int, LimitReading]]:
    """(account, plan window as last read)."""
    return readings.limits(store)


def balances(store: Store) -> list[tuple[int, Balance]]:
    """(account, prepaid balance as last read)."""
    return readings.balances(store)


def corrections(store: Store, account: int, limit: int = 20) -> list[Correction]:
    """What an account's provider said otherwise later of days it had told, newest first."""
    return correction_rows.latest(store, account, limit)


def own_prices(store: Store) -> list[Rate]:
    """The person's own prices that hold at some time, by model."""
    own = [rate for rate in rates.rates(store) if rate.origin == PERSON and (rate.until is None or rate.until > rate.since)]
    return sorted(own, key=lambda rate: (rate.model, rate.since, rate.noted_at))


class ProblemRow(msgspec.Struct, frozen=True):
    """Something that could not be read, with its account."""

    account: int
    source: str
    position: str
    reason: str
    count: int


def problems(store: Store, account: int | None = None) -> list[ProblemRow]:
    """What could not be read, of one account or of all."""
    return [ProblemRow(owner, one.source, one.position, one.reason, one.count) for owner, one in readings.problems(store, account)]


# ---------------------------------------------------------------------------------------------- check-ins


def checkin(store: Store, week: str) -> CheckIn | None:
    """The check-in of an ISO week. Raises UsageError for what is no week."""
    return checkins.checkin_of(store, checkins.checked_week(week))


def checkin_list(store: Store) -> list[CheckIn]:
    """All check-ins, newest first."""
    return checkins.checkins(store)


# ---------------------------------------------------------------------------------------------- search


class Search(msgspec.Struct, frozen=True):
    """An answer that says what was asked, so that a late one is known."""

    text: str
    found: tuple[Found, ...]


def find(store: Store, text: str, limit: int = 40) -> list[Found]:
    """Notes, tasks, projects and check-ins that have every word of ``text``, or words that begin with them."""
    return finding.find(store, text, limit)


def search(store: Store, text: str, limit: int = 40) -> Search:
    """The same, with the question."""
    return Search(text, tuple(find(store, text, limit)))
