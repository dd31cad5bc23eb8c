"""The sessions of the bars that are chosen, the largest first (design.md section 6)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from tokenpal.engine.overview import Day
from tokenpal.model.report import SessionRow
from tokenpal.translation import tr, trn
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.page import Desk
from tokenpal.ui.palette import ColorName
from tokenpal.ui.sessions import words
from tokenpal.ui.theme import Role, color, font, px, theme
from tokenpal.ui.widgets.buttons import Pressable
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.text import as_tip

LISTED, MOST = 5, 10
GAP = 16  # px between columns
HIGH = 36  # px of a line at text size 100 %


class SessionLine(Pressable):
    """One session as a line that opens it."""

    radius = 6.0

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__("", parent)
        self._desk = desk
        self._row: SessionRow | None = None
        self._columns = (0, 0)
        self._dated = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def _when(self, row: SessionRow, dated: bool) -> str:
        if not dated:
            return words.span(row, self._desk.moment, self._desk.now())
        began = self._desk.moment(row.started)
        return times.day(began.date()) if row.grain == "day" else tr("{day}, {time}", day=times.day(began.date()), time=times.clock(began))

    def wants(self, row: SessionRow, dated: bool) -> tuple[int, int]:
        """How wide its time and its task are written, px: all lines give them the same room, and the rest to the title."""
        small = font("small")
        return paint.wide(self._when(row, dated), small) + 2, px(18) + paint.wide(row.task or tr("No task"), small) + 2

    def set(self, row: SessionRow, columns: tuple[int, int], dated: bool) -> None:
        """Show a session; `columns` is the widest that any line wants, `dated` says its day and not its end."""
        self._row, self._columns, self._dated = row, columns, dated
        self.setAccessibleName(tr("{title}, {tokens} tokens", title=words.title(row), tokens=numbers.exact(row.measures.tokens.total)))
        self.setToolTip(as_tip(numbers.join((words.title(row), row.task or tr("No task"), words.agent_name(row.agent, row.account)))))
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
        flip = self.layoutDirection() == Qt.LayoutDirection.RightToLeft
        p.setLayoutDirection(Qt.LayoutDirection.LeftToRight)  # the line itself is mirrored, so that signs and words stay together
        rect = QRectF(self.rect())
        if self.underMouse():
            paint.box(p, rect, 6, theme().ink(0.03))
        if self.keyboard_focus:
            paint.box(p, rect, 6, None, color("accent"))
        p.fillRect(QRectF(px(10), rect.bottom() - 1, rect.width() - px(20), 1), color("line"))
        middle, wide = rect.center().y(), rect.width()
        paint.glyph(p, row.label or None, QPointF(wide - px(18) if flip else px(18), middle), px(10))  # type: ignore[arg-type]  # "" is no label
        write = partial(_write, p, rect, flip)
        when = self._when(row, self._dated)
        title_at = px(38) + min(self._columns[0], px(150)) + px(GAP)
        write(px(38), title_at - px(38) - px(GAP), when, "small", 400, "text-2")
        right = wide - px(10)
        write(right - px(70), px(70), numbers.short(row.measures.tokens.total), "body", 500, "text", right=True)
        agent = right - px(190) if wide >= px(760) else right - px(80)  # no room: the agent is told on hover
        if agent < right - px(80):
            write(agent, px(110), words.agent_name(row.agent, row.account), "small", 400, "text-2")
        task = agent - min(self._columns[1], px(170 if wide >= px(600) else 130)) - px(8)
        side = px(10)
        swatch = QRectF(wide - task - side if flip else task, middle - side / 2, side, side)
        paint.swatch(p, swatch, row.task_color + 1 if row.task_id is not None else "none")
        write(task + px(18), agent - task - px(26), row.task or tr("No task"), "small", 400, "text-2")
        title = words.title(row)
        room = task - title_at - px(GAP)
        width = min(room, paint.wide(title, font("body", 500)) + px(10))
        write(title_at, width, title, "body", 500, "text")
        if row.reason and room - width > px(60):
            write(title_at + width, room - width, row.reason, "small", 400, "text-2")
        p.end()


def _write(
    p: QPainter, rect: QRectF, flip: bool, left: float, width: float, text: str, role: Role, weight: int, tone: ColorName, *, right: bool = False
) -> None:
    f = font(role, weight)
    p.setFont(f)
    p.setPen(color(tone))
    side = Qt.AlignmentFlag.AlignRight if right is not flip else Qt.AlignmentFlag.AlignLeft
    begin = rect.width() - left - width if flip else left
    p.drawText(QRectF(begin, rect.top(), width, rect.height()), side | Qt.AlignmentFlag.AlignVCenter, paint.elided(text, f, width))


class Lines(QWidget):
    """As many sessions as there is room for, and room for the first few at least: a taller neighbour leaves no hole."""

    fitted = Signal(int)  # how many are shown

    def __init__(self, lines: Sequence[SessionLine], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lines, self._rows = lines, 0
        for line in lines:
            line.setParent(self)
            line.hide()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.MinimumExpanding)

    def set_rows(self, rows: Sequence[SessionRow], dated: bool) -> None:
        """Show these, the first ones first."""
        self._rows = min(len(rows), len(self._lines))
        wanted = [line.wants(row, dated) for line, row in zip(self._lines, rows, strict=False)]
        columns = max((when for when, _ in wanted), default=0), max((task for _, task in wanted), default=0)
        for line, row in zip(self._lines, rows, strict=False):
            line.set(row, columns, dated)
        self.updateGeometry()
        self._lay_out()

    def sizeHint(self) -> QSize:
        return QSize(px(400), px(HIGH) * min(LISTED, self._rows))

    def minimumSizeHint(self) -> QSize:
        return QSize(px(300), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        shown = min(self._rows, max(LISTED, self.height() // px(HIGH)))
        for place, line in enumerate(self._lines):
            line.setVisible(place < shown)
            line.setGeometry(0, place * px(HIGH), self.width(), px(HIGH))
        self.fitted.emit(shown)


class DayCard(Card):
    """Sessions of the selected bars. ``opened(session)`` when one is pressed."""

    opened = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(" ", parent=parent)
        self._desk = desk
        self.more = self.set_link(tr("Show in Sessions"))
        self._count = 0
        self._lines = [SessionLine(desk) for _ in range(MOST)]
        for line in self._lines:
            line.clicked.connect(self._pressed)
        self._list = Lines(self._lines)
        self._list.fitted.connect(self._fitted)
        self.body.addWidget(self._list, 1)

    def set_day(self, title: str, day: Day, *, several: bool = False) -> None:
        """The largest sessions first; the rest is counted. ``several`` days: each line says its own."""
        note = tr("{tokens} in {sessions}", tokens=numbers.short(day.tokens), sessions=trn("{n} session", "{n} sessions", day.count, shown=numbers.digits(day.count))) if day.count else tr("Nothing here.")
        self.set_title(title, note)
        self.note.setToolTip(tr("{tokens} tokens", tokens=numbers.exact(day.tokens)))
        self._count = day.count
        self._list.set_rows(day.rows, several)

    @Slot(int)
    def _fitted(self, shown: int) -> None:
        left = self._count - shown
        self.set_qualifier(tr("{n} more", n=numbers.digits(left)) if left > 0 else "")

    def _pressed(self) -> None:
        line = self.sender()
        if isinstance(line, SessionLine):
            self.opened.emit(line.session)
