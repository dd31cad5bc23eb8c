"""Budgets against the ledger: what they count is what a report counts, and each crossing is told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest
from hypothesis import given, strategies as st

from tests.store.kit import api_account, attribute, log_account, open_store, put, record
from tokenpal.engine import budgets, commands
from tokenpal.insight import budgets as words
from tokenpal.model.budget import Budget, BudgetMeasure, BudgetPeriod, BudgetScope
from tokenpal.model.errors import UsageError
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.report import Filter, Query
from tokenpal.model.tokens import Tokens
from tokenpal.model.usage import Grain
from tokenpal.store import accounts, edits, journal, tasks
from tokenpal.store.database import Store
from tokenpal.store.report import report

ZONE = ZoneInfo("Europe/Berlin")
TOKENS, LIST, CASH = BudgetMeasure
DAY, WEEK, MONTH = BudgetPeriod


def at(text: str) -> int:
    """Local time in Berlin."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """Sunday 29 March 2026, 12:00 in Berlin: that day has 23 hours."""
    with open_store(tmp_path / "t.db", "Europe/Berlin") as opened:
        opened.now = lambda: at("2026-03-29T12:00")  # type: ignore[method-assign]  # the clock of the test
        log, api = log_account(opened), api_account(opened)
        moments = ["2026-02-28T23:59:59", "2026-03-01T00:00:00", "2026-03-22T23:59:59", "2026-03-23T00:00:00", "2026-03-28T23:59:59",
                   "2026-03-29T00:00:00", "2026-03-29T03:30:00", "2026-03-30T00:00:00"]  # fmt: skip
        put(opened, log, [record(f"m{n}", session=f"claude-code:{n}", at=at(moment), tokens=Tokens(10**n), model="cheap") for n, moment in enumerate(moments)])
        told = [record(f"d{n}", session="anthropic:k", at=at(f"2026-03-{n}T12:00") // 86_400 * 86_400, tokens=Tokens(10**9), grain=Grain.DAY, endpoint="usage",
                       money=(Money.of(MoneyKind.CASH, n, currency),)) for n, currency in ((27, "USD"), (28, "EUR"), (29, "USD"))]  # fmt: skip
        put(opened, api, told)
        yield opened


def stand(store: Store, budget: Budget, day: date = date(2026, 3, 29), week_start: int = 0) -> int:
    """What counts against it, then away with it."""
    id_ = commands.set_budget(store, budget)
    found = next(one for one in budgets.standings(store, "Europe/Berlin", week_start, day) if one.budget.id == id_)
    commands.delete_budget(store, id_)
    return found.spent


def test_periods_end_at_local_midnight(store: Store) -> None:
    log = Budget(TOKENS, 1, DAY, BudgetScope.ACCOUNT, 1)
    assert stand(store, log) == 1_100_000, "a day of 23 hours"
    assert stand(store, log, date(2026, 3, 28)) == 10_000
    assert stand(store, log, date(2026, 2, 28)) == 1
    week = msgspec.structs.replace(log, period=WEEK)
    assert stand(store, week) == 1_111_000
    assert stand(store, week, week_start=6) == 11_100_000, "a week from Sunday"
    month = msgspec.structs.replace(log, period=MONTH)
    assert stand(store, month) == 11_111_110
    assert stand(store, month, date(2026, 2, 1)) == 1


def test_kinds_and_currencies_stay_apart(store: Store) -> None:
    assert stand(store, Budget(CASH, 1, MONTH, currency="USD")) == 56 * 10**12
    assert stand(store, Budget(CASH, 1, MONTH, currency="EUR")) == 28 * 10**12
    assert stand(store, Budget(CASH, 1, DAY, currency="EUR")) == 0
    assert stand(store, Budget(LIST, 1, DAY, currency="USD")) == report(store, Query("Europe/Berlin", date(2026, 3, 29), date(2026, 3, 30))).total.money[-1].pico


def test_a_task_counts_what_a_report_gives_it(store: Store) -> None:
    task = tasks.add_task(store, "Checkout retry")
    journal.assign(store, ["claude-code:5"], task.id, attribute)
    assert stand(store, Budget(TOKENS, 1, MONTH, BudgetScope.TASK, task.id)) == 100_000
    query = Query("Europe/Berlin", date(2026, 3, 1), date(2026, 4, 1), filter=Filter(tasks=("Checkout retry",)))
    assert report(store, query).total.tokens.total == 100_000


@given(st.dates(date(2026, 2, 20), date(2026, 4, 5)), st.sampled_from(BudgetPeriod), st.integers(0, 6), st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "America/New_York"]))
def test_budgets_and_reports_agree_in_any_zone(tmp_path_factory: pytest.TempPathFactory, day: date, kind: BudgetPeriod, start: int, zone: str) -> None:
    with Store.open(_shared(tmp_path_factory)) as store:
        [one] = budgets._standings(store, [Budget(TOKENS, 5, kind)], zone, start, day)
        first, until = words.period(kind, day, start)
        assert (one.first, one.until, one.spent) == (first, until, report(store, Query(zone, first, until)).total.tokens.total)


_made: list[Path] = []


def _shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not _made:
        path = tmp_path_factory.mktemp("shared") / "t.db"
        with open_store(path, "Europe/Berlin") as store:
            log = log_account(store)
            put(store, log, [record(f"m{n}", at=at("2026-02-20T00:00") + n * 50_000, tokens=Tokens(1 + n * n)) for n in range(80)])
        _made.append(path)
    return _made[0]


def test_what_has_no_price_is_said(store: Store) -> None:
    put(store, 1, [record("u", at=at("2026-03-29T05:00"), model="nobody-knows", tokens=Tokens(5))])
    commands.set_budget(store, Budget(LIST, 50 * 10**12, DAY))
    [one] = budgets.standings(store, "Europe/Berlin", 0, date(2026, 3, 29))
    assert one.unpriced >= 1
    assert one.words.endswith("requests unpriced, not counted") or one.words.endswith("request unpriced, not counted")


# ---------------------------------------------------------------------------------------------- told once


def news(store: Store, day: str = "2026-03-29") -> list[str]:
    return [one.sentence for one in budgets.crossings(store, "Europe/Berlin", 0, date.fromisoformat(day))]


def use(store: Store, number: int, moment: str, tokens: int) -> None:
    put(store, 1, [record(f"new {number}", session="claude-code:new", at=at(moment), tokens=Tokens(tokens), model="cheap")])


def test_each_crossing_is_told_once_in_its_period_and_again_in_the_next(store: Store) -> None:
    commands.set_budget(store, Budget(TOKENS, 5_000_000_000, DAY, BudgetScope.ACCOUNT, 1))
    assert news(store) == []
    use(store, 1, "2026-03-29T10:00", 4_999_000_000)
    assert news(store) == ["claude-code /home/me/.claude is at 5.00\u202fB of your 5\u202fB tokens for today. Nothing was stopped."]
    use(store, 2, "2026-03-29T11:00", 9)
    assert news(store) == []
    with Store.open(store.path) as other:
        assert news(other) == [], "another window knows it, too"
    assert news(store, "2026-03-30") == []
    use(store, 3, "2026-03-30T11:00", 5_000_000_000)
    assert len(news(store, "2026-03-30")) == 1


def test_a_budget_that_is_passed_when_it_is_set_is_no_news_until_its_next_period(store: Store) -> None:
    for kind in BudgetPeriod:
        commands.set_budget(store, Budget(TOKENS, 1, kind))
    assert [budgets.crossings(store, "Europe/Berlin", start, date(2026, 3, 29)) for start in range(7)] == [[]] * 7
    assert all(one.over for one in budgets.standings(store, "Europe/Berlin", 0, date(2026, 3, 29)))
    use(store, 1, "2026-03-30T10:00", 5)
    assert len(news(store, "2026-03-30")) == 2, "a new day in a new week of the same month"
    assert len(news(store, "2026-04-01")) == 0
    use(store, 2, "2026-04-01T10:00", 5)
    assert len(news(store, "2026-04-01")) == 2, "a new day in a new month"


def test_a_higher_ceiling_is_another_crossing_and_undo_is_none(store: Store) -> None:
    id_ = commands.set_budget(store, Budget(TOKENS, 1_100_000, DAY, BudgetScope.ACCOUNT, 1))
    assert news(store) == [], "it was reached already"
    low = budgets.budgets(store)[0]
    commands.set_budget(store, msgspec.structs.replace(low, amount=2_000_000))
    use(store, 1, "2026-03-29T10:00", 900_000)
    assert len(news(store)) == 1
    commands.undo(store)
    assert budgets.budgets(store) == [low]
    assert news(store) == []
    commands.delete_budget(store, id_)
    commands.undo(store)
    assert (budgets.budgets(store), news(store)) == ([low], [])


def test_looking_for_crossings_writes_nothing_where_there_is_none(store: Store) -> None:
    commands.set_budget(store, Budget(TOKENS, 2**62, DAY))
    with Store.open(store.path, read_only=True) as reader:
        assert budgets.crossings(reader, "Europe/Berlin", 0, date(2026, 3, 29)) == []


def test_a_click_leads_to_what_it_is_about(store: Store) -> None:
    task = tasks.add_task(store, "Checkout retry")
    for scope, of in ((BudgetScope.ALL, None), (BudgetScope.ACCOUNT, 1), (BudgetScope.TASK, task.id)):
        [one] = budgets._standings(store, [Budget(TOKENS, 1, DAY, scope, of)], "UTC", 0, date(2026, 3, 29))
        found = budgets.notable(one)
        assert (found.kind, found.page, found.item) == ("budgets", "tasks" if of == task.id and scope is BudgetScope.TASK else "overview", task.id if scope is BudgetScope.TASK else None)


# ---------------------------------------------------------------------------------------------- setting them


@pytest.mark.parametrize(
    "wrong",
    [Budget(TOKENS, 0, DAY), Budget(TOKENS, -1, DAY), Budget(TOKENS, 2**63, DAY), Budget(CASH, 1, DAY, currency="euro"), Budget(LIST, 1, DAY, currency="EUR"),
     Budget(TOKENS, 1, DAY, BudgetScope.TASK), Budget(TOKENS, 1, DAY, BudgetScope.ALL, 1), Budget(TOKENS, 1, DAY, BudgetScope.TASK, 99),
     Budget(TOKENS, 1, DAY, BudgetScope.ACCOUNT, 99), Budget(TOKENS, 1, "year"), Budget("bananas", 1, DAY), Budget(TOKENS, 1, DAY, id=7)],  # type: ignore[arg-type]
)  # fmt: skip
def test_what_is_no_budget_is_refused(store: Store, wrong: Budget) -> None:
    with pytest.raises(UsageError) as raised:
        commands.set_budget(store, wrong)
    assert raised.value.next_step
    assert budgets.budgets(store) == []
    assert edits.undo(store) is None


def test_budgets_go_with_their_task_and_come_back(store: Store) -> None:
    task = commands.add_task(store, "x")
    commands.set_budget(store, Budget(TOKENS, 5, WEEK, BudgetScope.TASK, task.id))
    before = budgets.budgets(store)
    commands.delete_task(store, task.id)
    assert budgets.budgets(store) == []
    commands.undo(store)
    assert budgets.budgets(store) == before


def test_an_account_that_was_removed_is_named_so(store: Store) -> None:
    commands.set_budget(store, Budget(TOKENS, 5, WEEK, BudgetScope.ACCOUNT, 1))
    commands.remove_account(store, 1)
    [one] = budgets.standings(store, "UTC", 0, date(2026, 3, 29))
    assert one.name.endswith("(removed)")
    assert one.spent > 0, "its history stays"


def test_another_of_the_same_name_does_not_count(store: Store) -> None:
    """A removed account, whose history stays, and a new one may share a name."""
    commands.set_budget(store, Budget(TOKENS, 5, WEEK, BudgetScope.ACCOUNT, 1))
    [old] = budgets.standings(store, "UTC", 0, date(2026, 3, 29))
    assert old.spent > 0
    name = accounts.account(store, 1).name
    commands.remove_account(store, 1)
    other = log_account(store, "/elsewhere")
    commands.rename_account(store, other, name)
    put(store, other, [record("same name", at=at("2026-03-29T06:00"), session="claude-code:other", tokens=Tokens(999))])
    commands.set_budget(store, Budget(TOKENS, 5, WEEK, BudgetScope.ACCOUNT, other))
    assert [one.spent for one in budgets.standings(store, "UTC", 0, date(2026, 3, 29))] == [old.spent, 999]


def test_the_dialog_gets_everything_in_one_answer(store: Store) -> None:
    open_, done = commands.add_task(store, "open"), commands.add_task(store, "done")
    commands.finish_task(store, done.id)
    table = budgets.table(store, "Europe/Berlin", 0, date(2026, 3, 29))
    assert table.tasks == ((open_.id, "open"),)
    assert [name for _, name in table.accounts] == ["claude-code /home/me/.claude", "work"]
    assert table.currencies == ("USD", "EUR")


def test_ten_years_of_budgets_are_asked_of_roll_ups_only(store: Store) -> None:
    """No statement of a standing reads table usage."""
    for kind in BudgetPeriod:
        for scope, of in ((BudgetScope.ALL, None), (BudgetScope.ACCOUNT, 1)):
            commands.set_budget(store, Budget(LIST, 5, kind, scope, of))
    seen: list[str] = []
    store.connection.set_trace_callback(seen.append)
    budgets.standings(store, "Europe/Berlin", 0, date(2026, 3, 29))
    store.connection.set_trace_callback(None)
    assert seen
    assert not [sql for sql in seen if " usage" in sql.lower()]
