"""Tasks as a table and as CSV: the same figures as the rows and their bars, and the order and filter that both have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final, overload

from tokenpal.engine.sorting import TaskStanding, TaskTable
from tokenpal.insight import spreadsheet
from tokenpal.model.money import MoneyKind
from tokenpal.translation import mark, tr, trc
from tokenpal.ui import numbers, times
from tokenpal.ui.palette import LABEL_WORDS, LABELS
from tokenpal.ui.widgets.table import Table, column_width

PICO: Final = Decimal(10) ** 12
KEYS: Final = tuple("" if label == "unlabelled" else label for label in LABELS)
SORTS: Final[dict[str, tuple[str, Callable[[TaskStanding], Any]]]] = {
    "use": (mark("Use"), lambda row: -row.tokens),
    "name": (mark("Name"), lambda row: row.task.name.casefold() if row.task else ""),
    "cost": (mark("Cost"), lambda row: -list_price(row)),
    "last": (mark("Last use"), lambda row: -(row.last or date.min).toordinal()),
    "open": (mark("Not labelled"), lambda row: -row.mix.get("", 0)),
}
"""Orders of the list: words and key. Use without a task always comes last."""


def list_price(row: TaskStanding) -> Decimal:
    """Cost at list price, in US dollars; what is unpriced is not in it."""
    return sum((Decimal(one.pico) / PICO for one in row.money if one.kind is MoneyKind.LIST_PRICE), Decimal(0))


def cost(row: TaskStanding) -> tuple[str, str]:
    """What the row shows of money ("$3.10"), and the whole truth for hovering; "" when there is no use."""
    if not row.tokens:
        return "", ""
    unpriced = numbers.unpriced(row.unpriced)
    listed = any(one.kind is MoneyKind.LIST_PRICE and one.pico for one in row.money)
    whole = [numbers.money_line(Decimal(one.pico) / PICO, one.currency, one.kind.value) for one in row.money]
    return (numbers.money(list_price(row), "USD") if listed else tr("unpriced") if row.unpriced else ""), "\n".join(filter(None, (*whole, unpriced)))


def ordered(rows: Sequence[TaskStanding], sort: str, wanted: str = "") -> list[TaskStanding]:
    """The rows that a filter leaves, in an order. Every word has to stand in the name, the ticket or a tag."""
    parts = wanted.casefold().split()

    def fits(row: TaskStanding) -> bool:
        task = row.task
        if task is None:
            return not parts
        text = " ".join((task.name, task.ticket, *task.tags)).casefold()
        return all(part.lstrip("#") in text or part in text for part in parts)

    key = SORTS.get(sort, SORTS["use"])[1]
    return sorted((row for row in rows if fits(row)), key=lambda row: (row.task is None, key(row), row.task.name.casefold() if row.task else ""))


def short_day(day: date, now: date) -> str:
    """18 Nov, with the year once it differs."""
    return times.short_day(day) if day.year == now.year else f"{times.short_day(day)} {day.year}"


def stretch_names(table: TaskTable) -> tuple[str, ...]:
    """A name for each stretch: Week of 16 Nov; 2 Nov to 29 Nov."""
    if table.days == 7:
        return tuple(tr("Week of {day}", day=short_day(start, table.until)) for start in table.starts)
    ends = (start + timedelta(days=table.days - 1) for start in table.starts)
    return tuple(
        tr("{first} to {last}", first=short_day(start, table.until), last=short_day(end, table.until))
        for start, end in zip(table.starts, ends, strict=True)
    )


def state(row: TaskStanding) -> str:
    """Open, done or archived."""
    task = row.task
    return "" if task is None else tr("archived") if task.archived else tr("done") if task.done else trc("task", "open")


class Lines(Sequence[tuple[str, ...]]):
    """The rows of the table in words; each is put into words when it is looked at, for there may be a thousand, of seventy figures."""

    def __init__(self, rows: Sequence[TaskStanding], until: date) -> None:
        """``until``: dates of another year than this day's say theirs."""
        self._rows, self._until = rows, until
        self._said: dict[int, tuple[str, ...]] = {}

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> tuple[str, ...]: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[tuple[str, ...]]: ...
    def __getitem__(self, place: int | slice) -> tuple[str, ...] | Sequence[tuple[str, ...]]:
        if isinstance(place, slice):
            return [self[one] for one in range(*place.indices(len(self)))]
        said = self._said.get(place)
        if said is None:
            said = self._said[place] = _line(self._rows[place], self._until)
        return said


def _line(row: TaskStanding, until: date) -> tuple[str, ...]:
    return (*_words(row, until), *(numbers.exact(sum(bar.values())) for bar in row.bars))


def _words(row: TaskStanding, until: date) -> tuple[str, ...]:
    return (
        row.task.name if row.task else tr("No task"), row.task.ticket if row.task else "", state(row), numbers.digits(row.sessions),
        numbers.exact(row.tokens), *(numbers.exact(row.mix.get(key, 0)) for key in KEYS), cost(row)[0] or numbers.DASH,
        numbers.digits(row.unpriced), short_day(row.last, until) if row.last else numbers.DASH,
    )  # fmt: skip


def as_table(rows: Sequence[TaskStanding], table: TaskTable) -> Table:
    """All figures that the page shows, the bars included."""
    headers = (
        tr("Task"), tr("Ticket"), tr("State"), tr("Sessions"), tr("Tokens"), *(LABEL_WORDS[label] for label in LABELS),
        tr("At list price"), tr("Unpriced requests"), tr("Last use"), *stretch_names(table),
    )  # fmt: skip
    return Table(headers, Lines(rows, table.until), tr("Tasks"), frozenset({1, 2}))


def widths(rows: Sequence[TaskStanding], table: TaskTable, headers: Sequence[str]) -> Iterator[int | None]:
    """How wide each column is, in px, a column after the other; None is a place to stop and go on later."""
    said: list[tuple[str, ...]] = []
    for row in rows:
        said.append(_words(row, table.until))
        yield None
    before = len(headers) - len(table.starts)
    for column, head in enumerate(headers):
        if column < before:
            yield column_width(head, [words[column] for words in said])
        else:
            most = max((sum(row.bars[column - before].values()) for row in rows if column - before < len(row.bars)), default=0)
            yield column_width(head, [numbers.exact(most)])
        yield None


def as_csv(rows: Sequence[TaskStanding], table: TaskTable) -> str:
    """For a spreadsheet: plain figures, a line for each task; a column for each stretch, named by its first day."""
    lines: list[tuple[object, ...]] = [(
        "task", "ticket", "tags", "link", "state", "sessions", "tokens", "exploration", "delivered", "waste", "not labelled", "list price USD",
        "unpriced requests", "last use", *(f"tokens from {start.isoformat()}" for start in table.starts),
    )]  # fmt: skip
    for row in rows:
        task = row.task
        lines.append((
            task.name if task else "", task.ticket if task else "", " ".join(task.tags) if task else "", task.link if task else "",
            "" if task is None else "archived" if task.archived else "done" if task.done else "open", row.sessions, row.tokens,
            *(row.mix.get(key, 0) for key in KEYS), f"{list_price(row):f}", row.unpriced, row.last.isoformat() if row.last else "",
            *(sum(bar.values()) for bar in row.bars),
        ))  # fmt: skip
    return spreadsheet.text(lines)
