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

STARTS = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)
ENDS = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine)


Said = tuple[str, str, str, int]  # title and second line as they fit, total, its width


def said(row: SessionRow, desk: Desk, now: int, width: int) -> Said:
    """The words of a row of this width."""
    total = numbers.short(row.measures.tokens.total)
    body, small = font("body", 500), font("small")
    wide = paint.wide(total, body)
    room = width - px(52)
    title = paint.elided(words.title(row), body, room - wide - px(12))
    return title, paint.elided(words.second_line(row, desk.moment, now), small, room - px(22)), total, wide


def paint_row(
    p: QPainter, rect: QRectF, row: SessionRow | None, words_: Said | None, desk: Desk, *,
    selected: bool = False, hover: bool = False, focus: bool = False, early: tuple[int, int] | None = None, mirrored: bool = False,
) -> None:  # fmt: skip
    """Fill ``rect``. ``early``: (start, tokens) of a session whose row has not been read yet; ``mirrored``: right to left."""
    edge, end = rect.left(), rect.right()

    def place(left: float, top: float, width: float, height: float) -> QRectF:
        return QRectF(edge + end - left - width if mirrored else left, top, width, height)

    ends, starts = (STARTS, ENDS) if mirrored else (ENDS, STARTS)
    ground = color("accent-soft") if selected else theme().ink(0.03) if hover else None
    if ground is not None or focus:
        paint.box(p, rect.adjusted(0, 1, 0, -1), 8, ground, color("accent") if focus else None)
    ten, twelve, eighteen = px(10), px(12), px(18)
    first, second = rect.top() + eighteen, rect.top() + px(37)
    left, right = edge + px(40), end - twelve
    if row is None or words_ is None:
        if early is not None:
            p.setFont(font("small"))
            p.setPen(color("text-3"))
            p.drawText(place(left, second - px(9), right - left, eighteen), starts, times.clock(desk.moment(early[0])))
            p.drawText(place(left, first - ten, right - left, px(20)), ends, numbers.short(early[1]))
        return
    label = row.label if row.label in LABELS else None
    spot = place(edge + px(15), first, ten, 0).left() + px(5)
    paint.glyph(p, label, QPointF(spot, first), ten, color("text-2") if selected and label == "waste" else None)  # type: ignore[arg-type]  # one of LABELS
    title, line, total, wide = words_
    p.setFont(font("body", 500))
    p.setPen(color("text"))
    p.drawText(place(right - wide - 2, first - ten, wide + 4, px(20)), ends, total)
    p.drawText(place(left, first - ten, right - wide - twelve - left, px(20)), starts, title)
    p.setFont(font("small"))
    p.setPen(color("text-2"))
    p.drawText(place(left, second - px(9), right - px(22) - left, eighteen), starts, line)
    paint.swatch(p, place(right - ten, second - px(5), ten, ten), row.task_color + 1 if row.task_id is not None else "none")
