"""The cards below the chart: label mix by week, limits, weekday and hour, and the sessions of what is selected."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.engine.limits import fullest
from tokenpal.engine.overview import Around
from tokenpal.insight.labels import ORDER
from tokenpal.insight.limit_words import NO_WINDOW, balance_words, limit_words
from tokenpal.model.report import SessionRow
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.page import Desk
from tokenpal.ui.sessions import words
from tokenpal.ui.theme import color, font, px, theme
from tokenpal.ui.widgets.buttons import Pressable
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.legend import LabelLegend
from tokenpal.ui.widgets.meters import BalanceLine, Meter
from tokenpal.ui.widgets.strips import HeatMap, WeekStrips
from tokenpal.ui.widgets.text import Text, as_tip

LISTED = 4
MOST_LIMITS = 3
MOST_BALANCES = 1


class MixCard(Card):
    """Label mix of the last five weeks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("Label mix", "by week", parent=parent)
        row = QHBoxLayout()
        row.setSpacing(px(16))
        self._strips = WeekStrips()
        self._legend = LabelLegend(column=True)
        row.addWidget(self._strips, 1)
        row.addWidget(self._legend, 0, Qt.AlignmentFlag.AlignTop)
        self._none = Text("Nothing in the last five weeks.", "small", "text-2")
        self.body.addLayout(row)
        self.body.addWidget(self._none)
        self.body.addStretch(1)

    def set_around(self, around: Around) -> None:
        """Strips by week, and the sum of the weeks in words."""
        rows = []
        sums = [0] * len(ORDER)
        for mix in around.mixes:
            amounts = [part.value for part in mix.parts]
            sums = [a + b for a, b in zip(sums, amounts, strict=True)]
            rows.append((_week_name(mix.bucket), amounts))
        self._strips.set(rows)
        self._legend.set(sums)
        for widget in (self._strips, self._legend):
            widget.setVisible(bool(rows))
        self._none.setVisible(not rows)


def _week_name(bucket: str) -> str:
    from datetime import date, timedelta

    return times.iso_week(date.fromisoformat(bucket) + timedelta(days=3))


class LimitsCard(Card):
    """Plan windows with countdown, what their pace means, and prepaid balances."""

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("Limits", parent=parent)
        self._desk = desk
        self._meters: list[Meter] = []
        self._balances: list[BalanceLine] = []
        self._none = Text(NO_WINDOW, "small", "text-2", wrap=True)
        self._column = QVBoxLayout()
        self._column.setSpacing(px(10))
        self.body.addLayout(self._column)
        self.body.addWidget(self._none)
        self.body.addStretch(1)

    def set_around(self, around: Around) -> None:
        """At most three windows, the fullest first, and the balance that needs looking at most."""
        now, zone = self._desk.now(), self._desk.zone()
        shown = fullest(around.limits)[:MOST_LIMITS]
        while len(self._meters) < len(shown):
            meter = Meter()
            self._column.insertWidget(len(self._meters), meter)
            self._meters.append(meter)
        near = int(self._desk.settings.get("advanced.near_limit")) / 100
        for place, meter in enumerate(self._meters):
            meter.setVisible(place < len(shown))
            meter.set_near_from(near)
            if place < len(shown):
                said = limit_words(shown[place], now, zone)
                meter.set_words(said.name, said.share, said.reset, said.head, said.source, said.outlook, said.line)
        self._set_balances(around, now)
        self._none.setVisible(not shown and not around.balances)

    def _set_balances(self, around: Around, now: int) -> None:
        found = sorted(around.balances, key=lambda one: (not one.burn.low_balance, one.burn.run_out or 2**60))[:MOST_BALANCES]
        while len(self._balances) < len(found):
            line = BalanceLine()
            self._balances.append(line)
            self._column.addWidget(line)
        for place, line in enumerate(self._balances):
            line.setVisible(place < len(found))
            if place < len(found):
                said = balance_words(found[place], now, self._desk.zone())
                line.set(said.name, said.source, said.foot, said.line, low=said.low)


class WhenCard(Card):
    """Use by weekday and hour over four weeks."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("When", "weekday and hour, four weeks", parent=parent)
        self._map = HeatMap()
        self.body.addWidget(self._map)
        self.body.addStretch(1)

    def set_around(self, around: Around, week_start: int) -> None:
        """Cells of the map."""
        self._map.set(around.week_map, week_start=week_start)


class SessionLine(Pressable):
    """One session as a line that opens it."""

    radius = 6.0

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._desk = desk
        self._row: SessionRow | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set(self, row: SessionRow) -> None:
        """Show a session."""
        self._row = row
        self.setAccessibleName(f"{words.title(row)}, {numbers.exact(row.measures.tokens.total)} tokens")
        self.setToolTip(as_tip(numbers.join((words.title(row), row.task or "No task", words.agent_name(row.agent, row.account)))))
        self.update()

    @property
    def session(self) -> str:
        """Its id."""
        return self._row.id if self._row else ""

    def sizeHint(self) -> QSize:
        return QSize(px(400), px(36))

    def paintEvent(self, event: QPaintEvent) -> None:
        row = self._row
        if row is None:
            return
        p = QPainter(self)
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(self.rect())
        if self.underMouse():
            paint.box(p, rect, 6, theme().ink(0.03))
        if self.keyboard_focus:
            paint.box(p, rect, 6, None, color("accent"))
        p.fillRect(QRectF(px(10), rect.bottom() - 1, rect.width() - px(20), 1), color("line"))
        middle = rect.center().y()
        paint.glyph(p, row.label or None, QPointF(px(18), middle), px(10))  # type: ignore[arg-type]  # "" is no label
        write = partial(_write, p, rect)
        write(px(38), px(110), words.span(row, self._desk.moment, self._desk.now()), "small", 400, "text-2")
        right = rect.width() - px(10)
        write(right - px(70), px(70), numbers.short(row.measures.tokens.total), "body", 500, "text", right=True)
        agent = right - px(190) if rect.width() >= px(760) else right - px(80)  # no room: the agent is told on hover
        if agent < right - px(80):
            write(agent, px(110), words.agent_name(row.agent, row.account), "small", 400, "text-2")
        task = agent - px(170)
        paint.swatch(p, QRectF(task, middle - px(5), px(10), px(10)), row.task_color + 1 if row.task_id is not None else "none")
        write(task + px(18), px(144), row.task or "No task", "small", 400, "text-2")
        title = words.title(row)
        room = task - px(150) - px(16)
        width = min(room, p.fontMetrics().horizontalAdvance(title) + px(30))
        write(px(148), width, title, "body", 500, "text")
        if row.reason and room - width > px(60):
            write(px(148) + width, room - width, row.reason, "small", 400, "text-2")
        p.end()


def _write(p: QPainter, rect: QRectF, left: float, width: float, text: str, role, weight: int, tone, *, right: bool = False) -> None:
    f = font(role, weight)
    p.setFont(f)
    p.setPen(color(tone))
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    p.drawText(QRectF(left, rect.top(), width, rect.height()), side | Qt.AlignmentFlag.AlignVCenter, paint.elided(text, f, width))


class DayCard(Card):
    """Sessions of the selected bars. ``opened(session)`` when one is pressed."""

    opened = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(" ", parent=parent)
        self._desk = desk
        self.more = self.set_link("Show in Sessions")
        self._lines = [SessionLine(desk) for _ in range(LISTED)]
        for line in self._lines:
            line.clicked.connect(self._pressed)
            self.body.addWidget(line)
        self.body.setSpacing(0)

    def set_rows(self, title: str, rows: Sequence[SessionRow], tokens: int) -> None:
        """The largest sessions first; the rest is counted."""
        self.set_title(title, f"{numbers.short(tokens)} in {numbers.count(len(rows), 'session')}" if rows else "Nothing here.")
        shown = sorted(rows, key=lambda row: -row.measures.tokens.total)[:LISTED]
        for place, line in enumerate(self._lines):
            line.setVisible(place < len(shown))
            if place < len(shown):
                line.set(shown[place])
        self.set_qualifier(f"{len(rows) - LISTED} more" if len(rows) > LISTED else "")

    def _pressed(self) -> None:
        line = self.sender()
        if isinstance(line, SessionLine):
            self.opened.emit(line.session)
