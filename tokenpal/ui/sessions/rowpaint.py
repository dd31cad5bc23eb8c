"""The picture of a session in a list: two lines, glyph left, total and task's swatch right (design 6: session row)."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from tokenpal.model.report import SessionRow
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.page import Desk
from tokenpal.ui.palette import LABELS
from tokenpal.ui.sessions import words
from tokenpal.ui.theme import color, font, px, theme

MIDDLE = Qt.AlignmentFlag.AlignVCenter


def paint_row(
    p: QPainter, rect: QRectF, row: SessionRow | None, desk: Desk, now: int, *,
    selected: bool = False, hover: bool = False, focus: bool = False, early: tuple[int, int] | None = None, mirrored: bool = False,
) -> None:  # fmt: skip
    """Fill ``rect``. ``early``: (start, tokens) of a session whose row has not been read yet; ``mirrored``: right to left."""

    def place(left: float, top: float, width: float, height: float) -> QRectF:
        return QRectF(rect.left() + rect.right() - left - width if mirrored else left, top, width, height)

    ends = Qt.AlignmentFlag.AlignRight if not mirrored else Qt.AlignmentFlag.AlignLeft
    starts = Qt.AlignmentFlag.AlignLeft if not mirrored else Qt.AlignmentFlag.AlignRight
    ground = color("accent-soft") if selected else theme().ink(0.03) if hover else None
    if ground is not None or focus:
        paint.box(p, rect.adjusted(0, 1, 0, -1), 8, ground, color("accent") if focus else None)
    first, second = rect.top() + px(18), rect.top() + px(37)
    left, right = rect.left() + px(40), rect.right() - px(12)
    if row is None:
        if early is not None:
            p.setFont(font("small"))
            p.setPen(color("text-3"))
            p.drawText(place(left, second - px(9), right - left, px(18)), starts | MIDDLE, times.clock(desk.moment(early[0])))
            p.drawText(place(left, first - px(10), right - left, px(20)), ends | MIDDLE, numbers.short(early[1]))
        return
    label = next((known for known in LABELS if known == row.label), None)
    spot = place(rect.left() + px(15), first, px(10), 0).left() + px(5)
    paint.glyph(p, label, QPointF(spot, first), px(10), color("text-2") if selected and label == "waste" else None)
    total = numbers.short(row.measures.tokens.total)
    p.setFont(font("body", 500))
    p.setPen(color("text"))
    width = p.fontMetrics().horizontalAdvance(total)
    p.drawText(place(right - width - 2, first - px(10), width + 4, px(20)), ends | MIDDLE, total)
    room = right - width - px(12) - left
    p.drawText(place(left, first - px(10), room, px(20)), starts | MIDDLE, paint.elided(words.title(row), font("body", 500), room))
    p.setFont(font("small"))
    p.setPen(color("text-2"))
    room = right - px(22) - left
    line = paint.elided(words.second_line(row, desk.moment, now), font("small"), room)
    p.drawText(place(left, second - px(9), room, px(18)), starts | MIDDLE, line)
    paint.swatch(p, place(right - px(10), second - px(5), px(10), px(10)), row.task_color + 1 if row.task_id is not None else "none")
