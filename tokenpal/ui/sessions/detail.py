"""The detail pane of one session: timeline, classes, facts, task, tags and note."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.branches import is_inferred
from tokenpal.model.money import MoneyKind
from tokenpal.model.report import SessionDetail, SessionRow
from tokenpal.model.tokens import CLASSES
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.charts.timeline import Timeline
from tokenpal.ui.page import Desk
from tokenpal.ui.reflow import Tiles
from tokenpal.ui.sessions import parts, words
from tokenpal.ui.theme import PANE_PAD, px
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Card, EmptyState, Scroll
from tokenpal.ui.widgets.controls import LineEdit
from tokenpal.ui.widgets.marks import Chip, KeyHint, SwatchLabel
from tokenpal.ui.widgets.meters import MeterBar
from tokenpal.ui.widgets.text import Rule, Text

CLASS_WORDS = {
    "fresh_input": "Fresh input",
    "cache_read": "Cache read",
    "cache_write_5m": "Cache write 5 min",
    "cache_write_1h": "Cache write 1 h",
    "cache_write_other": "Cache write",
    "output": "Output",
}
BARS = 56


def steps(moments: tuple[tuple[int, int], ...], start: int, end: int, count: int = BARS) -> list[int]:
    """Tokens in ``count`` equal steps of [start, end]; ``moments`` are (epoch seconds, tokens)."""
    bars = [0] * count
    width = max(1, end - start + 1)
    for at, tokens in moments:
        bars[min(count - 1, max(0, (at - start) * count // width))] += tokens
    return bars


class DetailPane(Card):
    """Shows one session and lets its words be changed; the page carries out what is asked."""

    note_written = Signal(str)
    tags_written = Signal(object)  # tuple[str, ...]
    task_wanted = Signal()

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(pad=(PANE_PAD, PANE_PAD), parent=parent)
        self._desk = desk
        self._row: SessionRow | None = None
        self._empty = EmptyState("No session chosen.", "Choose one on the left.")
        self._filled = QWidget()
        column = QVBoxLayout(self._filled)
        column.setContentsMargins(0, 0, px(4), 0)
        column.setSpacing(px(10))
        head = QHBoxLayout()
        self._title = Text("", "big", elide=True)
        self._total = Text("", "big")
        head.addWidget(self._title, 1)
        head.addWidget(self._total)
        column.addLayout(head)
        under = QHBoxLayout()
        self._where = Text("", "small", "text-2", elide=True)
        self._exact = Text("", "small", "text-2")
        under.addWidget(self._where, 1)
        under.addWidget(self._exact)
        column.addLayout(under)
        self._timeline = Timeline()
        column.addWidget(self._timeline)
        column.addLayout(self._facts())
        column.addWidget(Rule())
        column.addLayout(self._words())
        self._models = parts.Lines("Models", "mono")
        self._segments = parts.Lines("Parts")
        self._rule = Rule()
        for widget in (self._rule, self._models, self._segments):
            column.addWidget(widget)
        column.addStretch(1)
        self._scroll = Scroll()
        self._scroll.setWidget(self._filled)
        self.body.addWidget(self._empty, 1)
        self.body.addWidget(self._scroll, 1)
        self._scroll.hide()

    def _facts(self) -> Tiles:
        both = Tiles(gap=28)
        holders = (QWidget(), QWidget())
        self._classes, self._details = (QGridLayout(holder) for holder in holders)
        for grid, holder in zip((self._classes, self._details), holders, strict=True):
            grid.setContentsMargins(0, 0, 0, 0)
            grid.setHorizontalSpacing(px(16))
            grid.setVerticalSpacing(px(5))
            both.add(holder, 230, 1)
        self._classes.addWidget(Text("Token classes", "small", "text-2"), 0, 0, 1, 3)
        self._class_rows: dict[str, tuple[Text, MeterBar, Text]] = {}
        for number, name in enumerate(CLASSES, 1):
            row = (Text(CLASS_WORDS[name], "small"), MeterBar(near_from=2.0, name=CLASS_WORDS[name]), Text("", "small", right=True))
            self._classes.addWidget(row[0], number, 0)
            self._classes.addWidget(row[1], number, 1)
            self._classes.addWidget(row[2], number, 2)
            self._class_rows[name] = row
        self._details.addWidget(Text("Details", "small", "text-2"), 0, 0, 1, 2)
        self._detail_rows: dict[str, Text] = {}
        for number, name in enumerate(("Models", "Sub-agents", "List price", "Requests", "Reasoning"), 1):
            value = Text("", "small", elide=True)
            self._details.addWidget(Text(name, "small", "text-2"), number, 0)
            self._details.addWidget(value, number, 1)
            self._detail_rows[name] = value
        self._details.setRowStretch(7, 1)
        self._details.setColumnStretch(1, 1)
        self._classes.setColumnStretch(1, 1)
        self._classes.setRowStretch(8, 1)
        return both

    def _words(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(8))
        self._task = SwatchLabel("No task", "none", weight=500)
        self._via = Chip("")
        change = Link("Change")
        change.setAccessibleName("Change the task")
        change.clicked.connect(self.task_wanted)
        task = QHBoxLayout()
        task.setSpacing(px(10))
        for widget in (self._task, self._via, change):
            task.addWidget(widget)
        task.addStretch(1)
        task.addWidget(KeyHint("t"))
        self.tags = LineEdit("Tags, separated by spaces", "Tags")
        self.tags.setObjectName("tags")
        self.tags.editingFinished.connect(self._tags_done)
        self.note_edit = LineEdit("One line you will understand in March", "Note")
        self.note_edit.setObjectName("note")
        self.note_edit.editingFinished.connect(self._note_done)
        grid.addWidget(Text("Task", "small", "text-2"), 0, 0)
        grid.addLayout(task, 0, 1)
        for number, (name, edit) in enumerate((("Tags", self.tags), ("Note", self.note_edit)), 1):
            label = Text(name, "small", "text-2")
            label.setBuddy(edit)
            grid.addWidget(label, number, 0)
            grid.addWidget(edit, number, 1)
        grid.setColumnStretch(1, 1)
        return grid

    def set_session(self, row: SessionRow | None) -> None:
        """Show a session's figures at once; ``set_detail`` adds what takes a query of its own."""
        fresh = self._row is None or row is None or row.id != self._row.id
        self._row = row
        self._scroll.setVisible(row is not None)
        self._empty.setVisible(row is None)
        if row is None:
            return
        tokens, now = row.measures.tokens, self._desk.now()
        self._title.setText(words.title(row))
        self._total.setText(numbers.short(tokens.total))
        origin = "measured" if row.grain == "request" else "reported"
        self._exact.setText(f"{numbers.exact(tokens.total)} {origin}")
        agent = words.agent_name(row.agent, row.account)
        inferred = "branch inferred" if is_inferred(row.agent, row.branch) else ""
        where = (words.last_part(row.project), agent, words.span(row, self._desk.moment, now), inferred)
        self._where.setText("  ·  ".join(p for p in where if p))
        for name, (label, bar, figure) in self._class_rows.items():
            count = getattr(tokens, name)
            bar.set(count / tokens.total if tokens.total else 0)
            figure.setText(numbers.exact(count))
            widgets: tuple[QWidget, ...] = (label, bar, figure)
            for widget in widgets:
                widget.setVisible(bool(count) or name in {"fresh_input", "output"})
        more = f" and {len(row.models) - 1} more" if len(row.models) > 1 else ""
        self._detail_rows["Models"].setText(f"{row.models[0]}{more}" if row.models else "unknown")
        price = next((m for m in row.measures.money if m.kind is MoneyKind.LIST_PRICE), None)
        priced = [numbers.money(price.amount, price.currency) + ", estimated"] if price else []
        priced += [numbers.unpriced(row.measures.unpriced_requests)] if row.measures.unpriced_requests else []
        self._detail_rows["List price"].setText(", ".join(priced) or numbers.DASH)
        self._detail_rows["Requests"].setText(numbers.exact(row.measures.requests))
        self._detail_rows["Reasoning"].setText(f"{numbers.exact(tokens.reasoning)}, part of output" if tokens.reasoning else numbers.DASH)
        self._task.set(row.task or "No task", row.task_color + 1 if row.task_id is not None else "none")
        self._via.set_text("" if row.via in {"", "unassigned"} else f"by {row.via}")
        if fresh or not self.note_edit.hasFocus():
            self.note_edit.setText(row.note)
            self.note_edit.setCursorPosition(0)
        if fresh or not self.tags.hasFocus():
            self.tags.setText(" ".join(row.tags))
            self.tags.setCursorPosition(0)
        if fresh:
            self._scroll.verticalScrollBar().setValue(0)
            self._detail_rows["Sub-agents"].setText(numbers.DASH)
            self._timeline.set([], str, 60)
            self._set_parts([], [])

    def set_detail(self, detail: SessionDetail | None) -> None:
        """The timeline and the sub-agents of the session shown."""
        row = self._row
        if detail is None or row is None or detail.row.id != row.id:
            return
        now = self._desk.now()
        end = "now" if words.running(row, now) else times.clock(self._desk.moment(row.ended))
        tint: paint.Tint = row.task_color + 1 if row.task_id is not None else "grey"
        bars = steps(tuple((m.at, m.tokens.total) for m in detail.moments), row.started, row.ended)
        width = max(1, row.ended - row.started + 1) / BARS
        self._timeline.set(bars, partial(self._clock_of, row.started, width), width, end=end, tint=tint)
        sub = detail.sub_agents
        requests = numbers.count(sub.requests, "request") if sub.requests else ""
        self._detail_rows["Sub-agents"].setText(f"{numbers.short(sub.tokens.total)} tokens, {requests}" if sub.tokens.total else "none")

        self._set_parts(parts.model_lines(detail.models), parts.segment_lines(detail.segments, self._desk.moment))

    def _set_parts(self, models: list[parts.Line], segments: list[parts.Line]) -> None:
        self._models.set(models)
        self._segments.set(segments)
        self._rule.setVisible(bool(models or segments))

    def _clock_of(self, start: int, width: float, bar: int) -> str:
        return times.clock(self._desk.moment(int(start + bar * width)))

    @Slot()
    def _note_done(self) -> None:
        if self._row is not None and self.note_edit.text().strip() != self._row.note:
            self.note_written.emit(self.note_edit.text().strip())

    @Slot()
    def _tags_done(self) -> None:
        tags = tuple(sorted({tag.lstrip("#") for tag in self.tags.text().replace(",", " ").split() if tag.lstrip("#")}))
        if self._row is not None and tags != tuple(sorted(self._row.tags)):
            self.tags_written.emit(tags)
