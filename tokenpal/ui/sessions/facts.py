"""The figures of a session side by side: token classes with their shares, and what else is known of it."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from tokenpal.model.money import MoneyKind
from tokenpal.model.report import Measures, SessionRow
from tokenpal.model.tokens import CLASSES
from tokenpal.translation import mark, tr, trn
from tokenpal.ui import numbers
from tokenpal.ui.reflow import Tiles
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.meters import MeterBar
from tokenpal.ui.widgets.text import Text, as_tip

CLASS_WORDS = {
    "fresh_input": mark("Fresh input"),
    "cache_read": mark("Cache read"),
    "cache_write_5m": mark("Cache write 5 min"),
    "cache_write_1h": mark("Cache write 1 h"),
    "cache_write_other": mark("Cache write"),
    "output": mark("Output"),
}
LINES = {
    "models": mark("Models"), "sub-agents": mark("Sub-agents"), "list price": mark("List price"), "billed": mark("Billed"),
    "requests": mark("Requests"), "reasoning": mark("Reasoning"),
}  # fmt: skip


class Facts(QWidget):
    """Reflows to one column where there is no room for two."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        both = Tiles(gap=28)
        outer.addLayout(both)
        holders = (QWidget(), QWidget())
        classes, details = (QGridLayout(holder) for holder in holders)
        for grid, holder in zip((classes, details), holders, strict=True):
            grid.setContentsMargins(0, 0, 0, 0)
            grid.setHorizontalSpacing(px(16))
            grid.setVerticalSpacing(px(5))
            both.add(holder, 230, 1)
        classes.addWidget(Text(tr("Token classes"), "small", "text-2"), 0, 0, 1, 3)
        self._classes: dict[str, tuple[Text, MeterBar, Text]] = {}
        for number, name in enumerate(CLASSES, 1):
            said = tr(CLASS_WORDS[name])
            row = (Text(said, "small"), MeterBar(name=said), Text("", "small", right=True))
            for column, widget in enumerate(row):
                classes.addWidget(widget, number, column)
            self._classes[name] = row
        details.addWidget(Text(tr("Details"), "small", "text-2"), 0, 0, 1, 2)
        self._lines: dict[str, tuple[Text, Text]] = {}
        for number, (name, said) in enumerate(LINES.items(), 1):
            made = (Text(tr(said), "small", "text-2"), Text("", "small", elide=True))
            details.addWidget(made[0], number, 0)
            details.addWidget(made[1], number, 1)
            self._lines[name] = made
        details.setRowStretch(8, 1)
        details.setColumnStretch(1, 1)
        classes.setColumnStretch(1, 1)
        classes.setRowStretch(8, 1)

    def fill(self, row: SessionRow) -> Iterator[None]:
        """Figures of another session, or new ones of the same; every yield is a place to stop."""
        tokens = row.measures.tokens
        for name, (label, bar, figure) in self._classes.items():
            count = getattr(tokens, name)
            bar.set(count / tokens.total if tokens.total else 0)
            figure.setText(numbers.exact(count))
            widgets: tuple[QWidget, ...] = (label, bar, figure)
            for widget in widgets:
                widget.setVisible(bool(count) or name in {"fresh_input", "output"})
            yield
        more = len(row.models) - 1
        first = row.models[0] if row.models else ""
        said = trn("{model} and {n} more", "{model} and {n} more", more, model=first) if more > 0 else first or tr("unknown")
        self._set("models", said, tip="\n".join(row.models) if more > 0 else "")
        price = next((m for m in row.measures.money if m.kind is MoneyKind.LIST_PRICE), None)
        priced = [tr("{money}, estimated", money=numbers.money(price.amount, price.currency))] if price else []
        priced += [numbers.unpriced(row.measures.unpriced_requests)] if row.measures.unpriced_requests else []
        yield
        self._set("list price", ", ".join(priced) or numbers.DASH, tip="" if priced else tr("No price is known for it."))
        billed = [numbers.money_line(m.amount, m.currency, m.kind.value) for m in row.measures.money if m.kind is not MoneyKind.LIST_PRICE]
        self._set("billed", ", ".join(billed), there=bool(billed))
        unknown = row.measures.requests is None
        self._set("requests", numbers.exact(row.measures.requests), tip=tr("Its source does not count requests.") if unknown else "")
        self._set("reasoning", tr("{tokens}, part of output", tokens=numbers.exact(tokens.reasoning)), there=bool(tokens.reasoning))

    def show_sub_agents(self, used: Measures | None) -> None:
        """What sub-agents used; None = not known yet."""
        if used is None:
            self._set("sub-agents", numbers.DASH)
            return
        if not used.tokens.total:
            self._set("sub-agents", tr("none"))
            return
        tokens = tr("{tokens} tokens", tokens=numbers.short(used.tokens.total))
        asked = numbers.count(used.requests, "request") if used.requests else ""
        self._set("sub-agents", ", ".join(p for p in (tokens, asked) if p), tip=tr("{tokens} tokens", tokens=numbers.exact(used.tokens.total)))

    def _set(self, line: str, said: str, *, there: bool = True, tip: str = "") -> None:
        name, value = self._lines[line]
        value.setText(said)
        value.setToolTip(as_tip(tip))
        name.setVisible(there)
        value.setVisible(there)
