"""The glance window at the tray: today, fourteen days, limits, the running task, up to three sessions to label.

Everything in it is painted directly, so that it opens at once and imports no chart.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCursor, QGuiApplication, QHideEvent, QKeyEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine import commands, glance, limits
from tokenpal.insight.limit_words import balance_words, limit_words, most_pressing
from tokenpal.insight.numbers import join
from tokenpal.insight.summary import money_parts
from tokenpal.model.events import Changed
from tokenpal.model.money import MoneyKind
from tokenpal.model.report import SessionRow
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.page import Desk
from tokenpal.ui.palette import LabelName
from tokenpal.ui.sessions import words
from tokenpal.ui.theme import RADIUS_WINDOW, color, px, theme
from tokenpal.ui.throttle import Throttle
from tokenpal.ui.widgets.buttons import IconButton, LabelButton, Link
from tokenpal.ui.widgets.marks import KeyHint, LabelGlyph, SwatchLabel
from tokenpal.ui.widgets.meters import LineMeter
from tokenpal.ui.widgets.strips import Strip14
from tokenpal.ui.widgets.text import Rule, Text

WIDTH = 420
MAX_LIMITS = 3
LABELS: tuple[LabelName, ...] = ("exploration", "delivered", "waste")


class SessionCard(QWidget):
    """A session to label: title, time, three answers. The chosen one has the accent border and takes the keys."""

    labelled = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.row: SessionRow | None = None
        self.chosen = False
        column = QVBoxLayout(self)
        column.setContentsMargins(px(12), px(9), px(10), px(10))
        column.setSpacing(px(7))
        head = QHBoxLayout()
        head.setSpacing(px(8))
        head.addWidget(LabelGlyph(None))
        self._title = Text("", "body", weight=500, elide=True)
        self._when = Text("", "small", "text-2")
        head.addWidget(self._title, 1)
        head.addWidget(self._when)
        column.addLayout(head)
        answers = QHBoxLayout()
        answers.setSpacing(px(6))
        for label in LABELS:
            button = LabelButton(label, compact=True)
            button.clicked.connect(partial(self._press, label))
            answers.addWidget(button)
        column.addLayout(answers)

    def set(self, row: SessionRow, desk: Desk) -> None:
        """Show a session."""
        self.row = row
        self._title.setText(words.title(row))
        self._when.setText(f"{times.clock(desk.moment(row.started))} · {numbers.short(row.measures.tokens.total)}")

    def choose(self, chosen: bool) -> None:
        """Whether keys go to this one."""
        self.chosen = chosen
        self.update()

    def _press(self, label: str) -> None:
        if self.row is not None:
            self.labelled.emit(self.row.id, label)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint.box(p, QRectF(self.rect()), 9, color("sunk"), color("accent" if self.chosen else "line"))
        p.end()


class Glance(QWidget):
    """Opens at the tray, closes when it loses focus or with Esc."""

    open_window = Signal()
    pick_task = Signal()

    def __init__(self, desk: Desk) -> None:
        super().__init__(None, Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setWindowTitle("tokenpal")
        self.setFixedWidth(px(WIDTH))
        self._desk = desk
        self._view: glance.Glance | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(px(18), px(16), px(18), px(14))
        column.setSpacing(px(9))
        head = QHBoxLayout()
        self._total = Text("", "display")
        self._total.setObjectName("glance-total")
        head.addWidget(self._total)
        head.addWidget(Text("tokens today", "small", "text-2"), 0, Qt.AlignmentFlag.AlignBottom)
        head.addStretch(1)
        column.addLayout(head)
        self._line = Text("", "small", "text-2", elide=True)
        column.addWidget(self._line)
        self._days = Strip14()
        column.addWidget(self._days)
        self._meters = [LineMeter() for _ in range(MAX_LIMITS)]
        self._limits_rule = Rule()
        column.addWidget(self._limits_rule)
        for meter in self._meters:
            column.addWidget(meter)
        self._outlook = Text("", "small", "attention", wrap=True)
        self._outlook.hide()
        column.addWidget(self._outlook)
        column.addWidget(Rule())
        column.addLayout(self._timer_part())
        self._to_label = Text("", "small", "text-2", weight=500)
        row = QHBoxLayout()
        row.addWidget(self._to_label, 1)
        self._next_hint = KeyHint("space", "next")
        row.addWidget(self._next_hint)
        column.addLayout(row)
        self._cards = [SessionCard() for _ in range(3)]
        for card in self._cards:
            card.labelled.connect(self._label)
            column.addWidget(card)
        column.addWidget(Rule())
        foot = QHBoxLayout()
        self._read = Text("", "small", "text-2")
        foot.addWidget(self._read, 1)
        link = Link("Open tokenpal")
        link.setObjectName("glance-open")
        link.clicked.connect(self.open_window)
        foot.addWidget(link)
        foot.addWidget(KeyHint("↵"))
        column.addLayout(foot)
        self._throttle = Throttle(self._refresh, self)
        self._second = QTimer(self)
        self._second.setInterval(1000)
        self._second.timeout.connect(self._tick)
        desk.bridge.happened.connect(self._on_event)
        theme().changed.connect(self.update)

    def _timer_part(self) -> QVBoxLayout:
        part = QVBoxLayout()
        part.setSpacing(px(6))
        head = QHBoxLayout()
        head.addWidget(Text("Working on", "small", "text-2", weight=500), 1)
        head.addWidget(KeyHint("t"))
        part.addLayout(head)
        row = QHBoxLayout()
        row.setSpacing(px(10))
        self._task = SwatchLabel("Nothing", "none", weight=500)
        self._elapsed = Text("", "body", weight=600)
        self._stop = IconButton("stop", "Stop working on this task", framed=True)
        self._stop.clicked.connect(self._stop_timer)
        self._start = Link("Choose a task")
        self._start.clicked.connect(self.pick_task)
        row.addWidget(self._task, 1)
        row.addWidget(self._elapsed)
        row.addWidget(self._start)
        row.addWidget(self._stop)
        part.addLayout(row)
        return part

    # ---- opening ------------------------------------------------------------------------------------------
    def toggle(self, near: QRectF | None = None) -> None:
        """Open beside the tray icon, or close."""
        if self.isVisible():
            self.hide()
            return
        self._refresh(frozenset())
        self.adjustSize()
        self._place(near)
        self.show()
        self.raise_()
        self.activateWindow()

    def _place(self, near: QRectF | None) -> None:
        # A StatusNotifier icon has no place of its own, so the pointer says where the tray is.
        point = near.center().toPoint() if near is not None and near.width() else QCursor.pos()
        screen = QGuiApplication.screenAt(point) or QGuiApplication.primaryScreen()
        room = screen.availableGeometry()
        x = min(max(point.x() - self.width() // 2, room.left() + 8), room.right() - self.width() - 8)
        y = room.bottom() - self.height() - 8 if point.y() > room.center().y() else room.top() + 8
        self.move(QPoint(x, max(room.top() + 8, y)))

    def refresh(self) -> None:
        """Ask for everything now (screenshots, tests)."""
        self._refresh(frozenset())

    def _refresh(self, _what: frozenset[str]) -> None:
        self._desk.bridge.ask(glance.glance, self._desk.zone().key, limits.how(self._desk.settings), then=self.set_glance)

    def _on_event(self, event: object) -> None:
        if isinstance(event, Changed) and self.isVisible():
            self._throttle.call(event.what)

    def set_glance(self, view: glance.Glance) -> None:
        """Fill in."""
        self._view = view
        measures = view.today.measures
        self._total.setText(numbers.short(measures.tokens.total))
        self._total.setToolTip(numbers.exact(measures.tokens.total))
        price = money_parts(measures.money, (MoneyKind.LIST_PRICE,))
        usual = ""
        if view.usual is not None and measures.tokens.total:
            side = {"below": "below", "within": "inside", "above": "above"}[view.usual.place(measures.tokens.total)]
            usual = f"{side} your usual range"
        self._line.setText(join((*price, usual)) or "Nothing yet today.")
        today = view.today.day
        self._days.set(list(view.days), [times.day(today - timedelta(days=len(view.days) - 1 - i)) for i in range(len(view.days))])
        now = self._desk.moment()
        near = int(self._desk.settings.get("advanced.near_limit")) / 100
        for place, meter in enumerate(self._meters):
            meter.set_near_from(near)
            meter.setVisible(place < len(view.limits))
            if place < len(view.limits):
                said = limit_words(view.limits[place], self._desk.now(), self._desk.zone())
                meter.set_words(said.name, said.share, said.reset.removeprefix("resets "), said.line)
        self._set_outlook(view)
        self._limits_rule.setVisible(bool(view.limits) or not self._outlook.isHidden())
        running = view.today.running
        self._task.set(view.today.running_task or "Nothing", view.running_color + 1 if running else "none")
        self._start.setVisible(running is None)
        for widget in (self._stop, self._elapsed):
            widget.setVisible(running is not None)
        self._tick()
        self._fill_cards(view.to_label, view.today.to_label)
        age = (now - self._desk.moment(view.last_read)).total_seconds() if view.last_read else None
        self._read.setText(f"Read {times.age(age)}" if age is not None else "Not read yet")
        self.adjustSize()

    def _set_outlook(self, view: glance.Glance) -> None:
        """What runs out first, else the balance that is low; nothing when all lasts."""
        now, zone = self._desk.now(), self._desk.zone()
        said = most_pressing(view.limits, now, zone)
        low = next((left for one in view.balances if (left := balance_words(one, now, zone)).low), None)
        if not said and low is not None:
            said = f"{low.name}: {low.foot}"
        self._outlook.setText(said)
        self._outlook.setVisible(bool(said))

    def _fill_cards(self, rows: list[SessionRow], waiting: int) -> None:
        for place, card in enumerate(self._cards):
            card.setVisible(place < len(rows))
            if place < len(rows):
                card.set(rows[place], self._desk)
            card.choose(place == 0 and bool(rows))
        self._to_label.setText(f"{numbers.count(waiting, 'session')} to label" if waiting else "Every session has a label.")
        self._next_hint.setVisible(len(rows) > 1)

    # ---- acting -------------------------------------------------------------------------------------------
    @Slot(str, str)
    def _label(self, session: str, label: str) -> None:
        self._desk.bridge.ask(commands.label_sessions, (session,), label, then=self._acted)

    @Slot()
    def _stop_timer(self) -> None:
        self._desk.bridge.ask(commands.stop_timer, then=self._acted)

    def _acted(self, _answer: object) -> None:
        self._refresh(frozenset())

    def _tick(self) -> None:
        running = self._view.today.running if self._view else None
        if running is not None:
            self._elapsed.setText(times.timer(self._desk.now() - running.start))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = event.text()
        card = next((c for c in self._cards if c.chosen and not c.isHidden()), None)
        label = next((name for name in LABELS if name[0] == key), None)
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_window.emit()
        elif event.key() == Qt.Key.Key_Space:
            shown = [c for c in self._cards if not c.isHidden()]
            if card is not None and shown:
                card.choose(False)
                shown[(shown.index(card) + 1) % len(shown)].choose(True)
        elif label and card is not None and card.row is not None:
            self._label(card.row.id, label)
        elif key == "z":
            self._desk.bridge.ask(commands.undo, then=self._acted)
        elif key == "t":
            self.pick_task.emit()
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.WindowDeactivate and self.isVisible() and not self.property("keep"):
            self.hide()
        return super().event(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._second.start()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._second.stop()


    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint.box(p, QRectF(self.rect()), RADIUS_WINDOW, color("card"), color("line-strong"))
        p.end()
