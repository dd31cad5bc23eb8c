"""``tokenpal budget``: the person's own ceilings in tokens or money. They are shown and told of once; they stop nothing."""

from __future__ import annotations

import argparse
from typing import Any, Final
from zoneinfo import ZoneInfo

from tokenpal.cli import output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile, add_zone
from tokenpal.engine import budgets, commands as edits
from tokenpal.insight import amounts, budgets as words
from tokenpal.insight.numbers import percent
from tokenpal.model.budget import Budget, BudgetMeasure, BudgetPeriod, BudgetScope, Standing
from tokenpal.model.errors import UsageError
from tokenpal.model.money import Money, MoneyKind
from tokenpal.model.ranges import local_day
from tokenpal.store import accounts, tasks
from tokenpal.store.database import Store

EPILOG: Final = f"""A budget is your own ceiling. It is shown beside your use, and the app says once when it is reached. Nothing is ever stopped.

  tokenpal budget set 50 --per month
  tokenpal budget set 2M --in tokens --per day --task "Checkout retry"
  tokenpal budget set 20 --in cash --currency EUR --per week --account work

{output.EXIT_CODES}"""


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(name, help=help_line, description="Your own ceilings for a day, a week or a month.", epilog=EPILOG)
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)

    def part(title: str, run: Any, line: str) -> Any:
        sub = parts.add_parser(title, help=line, description=line, epilog=EPILOG)
        sub.set_defaults(run=run)
        return sub

    listing = part("list", list_budgets, "Where each budget stands.")
    add_zone(listing)
    listing.add_argument("--json", action="store_true", help="a JSON array")
    new = part("set", set_budget, "Set a budget, or another amount for one that counts the same.")
    new.add_argument("amount", metavar="AMOUNT", help="50.00, or 2M for tokens")
    new.add_argument("--per", choices=[str(one) for one in BudgetPeriod], required=True, help="weeks begin on the day that the settings say")
    new.add_argument("--in", dest="measure", choices=[str(one) for one in BudgetMeasure], default=str(BudgetMeasure.LIST_PRICE),
                     help="what is counted (default: list_price, what it would cost at API prices)")  # fmt: skip
    new.add_argument("--currency", metavar="CUR", default="USD", help="of cash (default: USD); other currencies do not count")
    whose = new.add_mutually_exclusive_group()
    whose.add_argument("--task", metavar="TASK", help="only use of this task")
    whose.add_argument("--account", metavar="NAME", help="only use of this account")
    gone = part("remove", remove_budget, "Remove a budget (tokenpal undo brings it back).")
    gone.add_argument("id", metavar="ID", type=int, help="its number in the list")


def standings(store: Store, profile: Profile, zone: str) -> list[Standing]:
    """Where all budgets stand today in this zone."""
    return budgets.standings(store, zone, profile.week_start, local_day(store.now(), ZoneInfo(zone)))


def list_budgets(options: argparse.Namespace) -> int | None:
    profile = Profile()
    zone = profile.zone(options.tz)
    with profile.store() as store:
        found = standings(store, profile, zone)
    if options.json:
        output.print_json([as_json(one) for one in found])
    elif found:
        print_table(found)
    else:
        print("No budget is set. Set one with: tokenpal budget set 50 --per month")
    return None


def print_table(found: list[Standing]) -> None:
    """One line for each budget."""
    columns = [Column("Id", right=True), Column("Budget", flexible=True), Column("Counts", drop=2), Column("Used"), Column("Share", right=True, drop=1)]
    rows = [
        (str(one.budget.id), one.name, words.kind(one.budget), words.words(one) + (" · reached" if one.over else ""), percent(one.share))
        for one in found
    ]
    output.print_table(columns, rows)


def as_json(one: Standing) -> dict[str, Any]:
    """Amounts of money as decimals in text, tokens as numbers."""
    own = one.budget
    tokens = own.measure is BudgetMeasure.TOKENS

    def figure(value: int) -> int | str:
        return value if tokens else f"{Money(MoneyKind(own.measure.value), own.currency, value).amount:f}"

    return {
        "id": own.id, "name": one.name, "measure": own.measure.value, "currency": own.currency or None, "amount": figure(own.amount),
        "period": own.period.value, "scope": own.scope.value, "of": None if own.scope is BudgetScope.ALL else one.name, "spent": figure(one.spent),
        "share": round(one.share, 4), "reached": one.over, "unpriced_requests": one.unpriced, "from": one.first.isoformat(),
        "until": one.until.isoformat(), "words": words.words(one),
    }  # fmt: skip


def set_budget(options: argparse.Namespace) -> int | None:
    measure = BudgetMeasure(options.measure)
    amount = amounts.tokens(options.amount) if measure is BudgetMeasure.TOKENS else amounts.pico(options.amount)
    currency = "" if measure is BudgetMeasure.TOKENS else options.currency.strip().upper()
    profile = Profile()
    with profile.store() as store:
        scope, of = _owner(store, options)
        wanted = Budget(measure, amount, BudgetPeriod(options.per), scope, of, currency)
        same = next((one for one in budgets.budgets(store) if _counts(one) == _counts(wanted)), None)
        if same is not None:
            wanted = Budget(measure, amount, wanted.period, scope, of, currency, same.id, same.uid)
        id_ = edits.set_budget(store, wanted)
        found = next(one for one in standings(store, profile, profile.zone()) if one.budget.id == id_)
    print(f"Budget {id_}, {output.clean(found.name)}: {words.words(found)}.")
    return None


def remove_budget(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        edits.delete_budget(store, options.id)
    print(f"Budget {options.id} removed. tokenpal undo brings it back.")
    return None


def _counts(one: Budget) -> tuple[object, ...]:
    return (one.measure, one.currency, one.period, one.scope, one.of)


def _owner(store: Store, options: argparse.Namespace) -> tuple[BudgetScope, int | None]:
    if options.task is not None:
        task = tasks.task_named(store, options.task)
        if task is None:
            raise UsageError(f"There is no task {options.task!r}.", "List the tasks with: tokenpal task list")
        return BudgetScope.TASK, task.id
    if options.account is not None:
        return BudgetScope.ACCOUNT, accounts.account(store, options.account).id
    return BudgetScope.ALL, None
