"""The glance window at the tray: today, fourteen days, limits, the running task, up to three sessions to label.

Everything in it is painted directly, so that it opens at once and imports no chart.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QCursor, QGuiApplication, QHideEvent, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QShortcut, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QVBoxLayout, QWidget

from tokenpal.engine import commands, glance, limits
from tokenpal.insight.budgets import words as budget_words
from tokenpal.insight.limit_words import balance_words, limit_words, most_pressing
from tokenpal.insight.numbers import join
from tokenpal.insight.summary import money_parts, to_label_words
from tokenpal.model.events import Changed
from tokenpal.model.money import MoneyKind
from tokenpal.model.report import SessionRow
from tokenpal.settings import WEEKDAYS
from tokenpal.translation import mark, tr
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.glanceparts import LABELS, BudgetLine, SessionCard, TaskCard, spent_on_words
from tokenpal.ui.page import Desk
from tokenpal.ui.shortcuts import with_key
from tokenpal.ui.theme import RADIUS_WINDOW, color, px, theme
from tokenpal.ui.throttle import Throttle
from tokenpal.ui.widgets.buttons import IconButton, Link
from tokenpal.ui.widgets.marks import KeyHint
from tokenpal.ui.widgets.meters import LineMeter, LineMeterHead
from tokenpal.ui.widgets.strips import Strip14
from tokenpal.ui.widgets.text import Rule, Text, as_tip

HIDE_KEY = "Ctrl+Shift+H"
USUAL = {"below": mark("below your usual range"), "within": mark("inside your usual range"), "above": mark("above your usual range")}
WIDTH = 420
MAX_LIMITS = 3
MAX_BUDGETS = 2
EDGE = 8  # px between the window and what it stands at


def place(size: QSize, at: QPoint, whole: QRect, room: QRect) -> QPoint:
    """The upper left corner for a window of ``size`` at a tray icon at ``at``: beside the panel that the icon lies in.

    ``whole`` is the screen, ``room`` what panels leave of it. A panel may lie at any of the four edges; where none keeps its
    room free, the nearest edge counts.
    """
    gaps = {"left": at.x() - whole.left(), "right": whole.right() - at.x(), "top": at.y() - whole.top(), "bottom": whole.bottom() - at.y()}
    inside = {
        "left": at.x() < room.left(), "right": at.x() > room.right(), "top": at.y() < room.top(), "bottom": at.y() > room.bottom(),
    }  # fmt: skip
    edge = next((name for name, there in inside.items() if there), min(gaps, key=lambda name: (gaps[name], name in {"left", "right"})))
    x, y = at.x() - size.width() // 2, at.y() - size.height() // 2
    if edge in {"top", "bottom"}:
        y = room.top() + EDGE if edge == "top" else room.bottom() - size.height() - EDGE
    else:
        x = room.left() + EDGE if edge == "left" else room.right() - size.width() - EDGE
    x = max(room.left() + EDGE, min(x, room.right() - size.width() - EDGE))
    return QPoint(x, max(room.top() + EDGE, min(y, room.bottom() - size.height() - EDGE)))


class Glance(QWidget):
    """Opens at the tray, closes when it loses focus or with Esc."""

    open_window = Signal()
    pick_task = Signal()
    hide_numbers = Signal()
    visible_changed = Signal()

    def __init__(self, desk: Desk, *, whole: bool = True) -> None:
        """``whole``: with all its parts; else ``parts`` makes them, a little at a time, before it is shown."""
        super().__init__(None, Qt.WindowType.Tool | Qt.WindowType.FramelessWindowHint | Qt.WindowType.WindowStaysOnTopHint)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setWindowTitle("tokenpal")
        self.setFixedWidth(px(WIDTH))
        self._desk = desk
        self._view: glance.Glance | None = None
        self._near: QRectF | None = None
        self._throttle = Throttle(self._refresh, self)
        self._second = QTimer(self)  # runs only while the window is shown
        self._second.setInterval(1000)
        self._second.timeout.connect(self._tick)
        if whole:
            for _ in self.parts():
                pass

    def parts(self) -> Iterator[None]:
        """Make what it is made of, once; every yield is a place to stop and go on later."""
        column = QVBoxLayout(self)
        column.setContentsMargins(px(18), px(16), px(18), px(14))
        column.setSpacing(px(9))
        head = QHBoxLayout()
        self._total = Text("", "display")
        self._total.setObjectName("glance-total")
        head.addWidget(self._total)
        unit = Text(tr("tokens today"), "small", "text-2")
        unit.setContentsMargins(0, 0, 0, px(5))  # on the line that the figure stands on
        head.addWidget(unit, 0, Qt.AlignmentFlag.AlignBottom)
        head.addStretch(1)
        self._eye = IconButton("eye", tr("Hide or show the numbers"), size=26)
        self._eye.setToolTip(with_key(tr("Hide or show the numbers"), HIDE_KEY))
        self._eye.clicked.connect(self.hide_numbers)
        head.addWidget(self._eye, 0, Qt.AlignmentFlag.AlignTop)
        column.addLayout(head)
        yield
        self._line = Text("", "small", "text-2", wrap=True)
        column.addWidget(self._line)
        self._spent_on = Text("", "small", wrap=True)
        self._spent_on.setObjectName("glance-spent-on")
        column.addWidget(self._spent_on)
        self._days = Strip14()
        column.addWidget(self._days)
        self._limits_rule = Rule()
        column.addWidget(self._limits_rule)
        self._limits_head = LineMeterHead()
        column.addWidget(self._limits_head)
        self._meters = [LineMeter() for _ in range(MAX_LIMITS)]
        self._budgets = [BudgetLine() for _ in range(MAX_BUDGETS)]
        for widget in (*self._meters, *self._budgets):
            column.addWidget(widget)
        yield
        self._outlook = Text("", "small", "attention", wrap=True)
        self._outlook.hide()
        column.addWidget(self._outlook)
        column.addWidget(Rule())
        working = QHBoxLayout()
        working.addWidget(Text(tr("Working on"), "small", "text-2", weight=500), 1)
        working.addWidget(KeyHint("t"))
        column.addLayout(working)
        self._card = TaskCard()
        self._card.stop_asked.connect(self._stop_timer)
        self._card.choose_asked.connect(self.pick_task)
        self._stop, self._elapsed = self._card.stop, self._card.elapsed
        column.addWidget(self._card)
        yield
        self._to_label = Text("", "small", "text-2", weight=500)
        row = QHBoxLayout()
        row.addWidget(self._to_label, 1)
        self._next_hint = KeyHint(tr("space"), tr("next"))
        row.addWidget(self._next_hint)
        column.addLayout(row)
        self._cards: list[SessionCard] = []
        for _ in range(3):
            yield
            card = SessionCard()
            card.labelled.connect(self._label)
            column.addWidget(card)
            self._cards.append(card)
        yield
        column.addWidget(Rule())
        foot = QHBoxLayout()
        self._read = Text("", "small", "text-2", elide=True)
        self._read.setObjectName("glance-read")
        foot.addWidget(self._read, 1)
        link = Link(tr("Open tokenpal"))
        link.setObjectName("glance-open")
        link.clicked.connect(self.open_window)
        foot.addWidget(link)
        foot.addWidget(KeyHint("↵"))
        column.addLayout(foot)
        hide = QShortcut(QKeySequence(HIDE_KEY), self)
        hide.activated.connect(self.hide_numbers)
        self._desk.bridge.happened.connect(self._on_event)
        theme().changed.connect(self._draw_anew)

    # ---- opening ------------------------------------------------------------------------------------------
    def toggle(self, near: QRectF | None = None, first: glance.Glance | None = None) -> None:
        """Open beside the tray icon, or close. ``first``: what is known already, for the first time."""
        if self.isVisible():
            self.hide()
            return
        self._refresh(frozenset())
        for _ in self.known(self._view if self._view is not None else first):
            pass
        self._near = QRectF(near) if near is not None else None
        self.settle()
        self._place()
        self.show()
        self.raise_()
        self.activateWindow()

    def known(self, view: glance.Glance | None) -> Iterator[None]:
        """Say what is known, with its age, until the answer comes; another day's figures are never today's."""
        if view is not None and view.today.day == self._desk.today():
            yield from self.words(view)
        else:
            self._total.setText(numbers.DASH)

    def _place(self) -> None:
        """At the tray icon, whichever edge of the screen it lies at; a StatusNotifier icon has no place of its own, so the pointer tells."""
        near = self._near
        known = near is not None and near.width() > 0
        point = near.center().toPoint() if near is not None and known else QCursor.pos()
        screen = QGuiApplication.screenAt(point) or QGuiApplication.primaryScreen()
        self.move(place(self.size(), point, screen.geometry(), screen.availableGeometry()))

    def refresh(self) -> None:
        """Ask for everything now (screenshots, tests)."""
        self._refresh(frozenset())

    def _refresh(self, _what: frozenset[str]) -> None:
        get = self._desk.settings.get
        how = limits.how(self._desk.settings)
        self._desk.bridge.ask(glance.glance, self._desk.zone().key, how, WEEKDAYS.index(get("general.week_start")), then=self.set_glance)

    def _on_event(self, event: object) -> None:
        if isinstance(event, Changed) and self.isVisible():
            self._throttle.call(event.what)

    def set_glance(self, view: glance.Glance) -> None:
        """Say it all."""
        for _ in self.words(view):
            pass
        self.settle()

    def words(self, view: glance.Glance) -> Iterator[None]:
        """Say it a part at a time."""
        self._view = view
        measures = view.today.measures
        self._total.setText(numbers.short(measures.tokens.total))
        self._total.setToolTip(numbers.exact(measures.tokens.total))
        price = money_parts(measures.money, (MoneyKind.LIST_PRICE,))
        usual = tr(USUAL[view.usual.place(measures.tokens.total)]) if view.usual is not None and measures.tokens.total else ""
        context = tr("{share} context covered", share=numbers.percent(view.context.share)) if view.context and view.context.total else ""
        self._line.setText(join((*price, numbers.unpriced(measures.unpriced_requests), usual, context)) or tr("Nothing yet today."))
        self._line.setToolTip(tr("Context covered is the share of these tokens that have a task and a label.") if context else "")
        self._spent_on.setText(spent_on_words(view.spent_on))
        self._spent_on.setVisible(bool(view.spent_on))
        yield
        today = view.today.day
        self._days.show()
        self._days.set(list(view.days), [times.day(today - timedelta(days=len(view.days) - 1 - i)) for i in range(len(view.days))])
        yield
        now = self._desk.moment()
        near = int(self._desk.settings.get("advanced.near_limit")) / 100
        self._limits_head.setVisible(bool(view.limits))
        for place_, meter in enumerate(self._meters):
            meter.set_near_from(near)
            meter.setVisible(place_ < len(view.limits))
            if place_ < len(view.limits):
                said = limit_words(view.limits[place_], self._desk.now(), self._desk.zone())
                meter.set_words(said.name, said.share, said.left, said.line)
        for place_, line in enumerate(self._budgets):
            line.setVisible(place_ < len(view.budgets))
            if place_ < len(view.budgets):
                line.set(view.budgets[place_].name, budget_words(view.budgets[place_]))
        yield
        self._set_outlook(view)
        self._limits_rule.setVisible(bool(view.limits or view.budgets) or not self._outlook.isHidden())
        self._set_task(view)
        yield
        yield from self._fill_cards(view.to_label, view.today.to_label)
        age = (now - self._desk.moment(view.last_read)).total_seconds() if view.last_read else None
        self._read.setText(times.read_line(age, view.sources, len(view.problems)))
        self._read.set_tone("problem" if view.problems else "text-2")
        self._read.setToolTip(as_tip("\n".join(sentence for _, _, sentence in view.problems)))

    def _set_task(self, view: glance.Glance) -> None:
        running = view.today.running
        if running is None:
            self._card.set(tr("Nothing"), "", "none", running=False)
        else:
            since = tr("since {time}", time=times.moment(self._desk.moment(running.start), self._desk.moment()))
            used = tr("{tokens} today", tokens=numbers.short(view.running_tokens)) if view.running_tokens else ""
            self._card.set(view.today.running_task, join((since, used)), view.running_color + 1, running=True)
        self._tick()

    def settle(self) -> None:
        """As tall as what is shown; the corner that lies at the tray stays where it is."""
        layout = self.layout()
        if layout is None:
            return
        height = self._tall(layout)
        # Large text on a small screen: what can be read elsewhere goes, the last of a kind first.
        room = self.screen().availableGeometry().height() - 2 * EDGE
        for widget in (*self._cards[:0:-1], *self._meters[:0:-1], self._days, self._spent_on, *self._budgets[::-1], self._outlook, self._limits_head, self._cards[0]):
            if height <= room:
                break
            if not widget.isHidden():
                widget.hide()
                height = self._tall(layout)
        if height != self.height():
            self.setFixedHeight(height)
            if self.isVisible():
                self._place()

    def _tall(self, layout: QLayout) -> int:
        layout.activate()
        return layout.totalHeightForWidth(self.width()) if layout.hasHeightForWidth() else layout.totalSizeHint().height()

    def _set_outlook(self, view: glance.Glance) -> None:
        """What runs out first, else the balance that is low; nothing when all lasts."""
        now, zone = self._desk.now(), self._desk.zone()
        said = most_pressing(view.limits, now, zone)
        low = next((left for one in view.balances if (left := balance_words(one, now, zone)).low), None)
        if not said and low is not None:
            said = tr("{name}: {words}", name=low.name, words=low.foot)
        self._outlook.setText(said)
        self._outlook.setVisible(bool(said))

    def _fill_cards(self, rows: list[SessionRow], waiting: int) -> Iterator[None]:
        for place, card in enumerate(self._cards):
            card.setVisible(place < len(rows))
            if place < len(rows):
                card.set(rows[place], self._desk)
            card.choose(place == 0)
            yield
        nothing = self._view is not None and self._view.last_read is None
        self._to_label.setText(to_label_words(waiting) or (tr("No session yet.") if nothing else tr("Every session has a label.")))
        self._next_hint.setVisible(len(rows) > 1)

    @Slot()
    def _draw_anew(self) -> None:
        if self._view is not None and self.isVisible():
            self.set_glance(self._view)
        self.update()

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
        elif event.key() in (Qt.Key.Key_Space, Qt.Key.Key_Down, Qt.Key.Key_Up):
            shown = [c for c in self._cards if not c.isHidden()]
            if card is not None and shown:
                card.choose(False)
                shown[(shown.index(card) + (-1 if event.key() == Qt.Key.Key_Up else 1)) % len(shown)].choose(True)
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
        self.visible_changed.emit()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._second.stop()
        self.visible_changed.emit()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        paint.box(p, QRectF(self.rect()), RADIUS_WINDOW, color("card"), color("line-strong"))
        p.end()
