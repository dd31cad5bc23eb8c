"""What leaves the window: a chart with its title, its days, its origin and the context it covers, as picture, drawing or table.

A picture without these says little once it is pasted somewhere else (product 2.3, 3).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QGuiApplication, QImage, QPainter

from tokenpal.translation import tr
from tokenpal.ui import paint, times
from tokenpal.ui.theme import color, font, px
from tokenpal.ui.widgets.legend import LegendItem
from tokenpal.ui.widgets.table import Table

MARGIN = 24
WIDE = 640  # px that words may widen a small picture to


@dataclass(frozen=True, slots=True)
class About:
    """The words around what is taken away: a title, then range, origin and context, a line each."""

    title: str
    lines: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """Every line, the title first."""
        return (self.title, *(line for line in self.lines if line))


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One picture with everything it needs outside of the window. `csv` and `paint` are asked only when they are needed."""

    about: About
    size: QSize
    paint: Callable[[QPainter, QRectF], None]
    table: Table
    csv: Callable[[tuple[str, ...]], str]
    legend: tuple[LegendItem, ...] = ()

    def whole(self) -> QSize:
        """Size of the picture with its words."""
        return QSize(self._width() + 2 * px(MARGIN), round(self._head() + self.size.height() + self._foot() + px(MARGIN)))

    def _width(self) -> int:
        """Room for the picture and, within reason, for its words."""
        m = QFontMetricsF(font("small"))
        return max(self.size.width(), min(px(WIDE), round(max(map(m.horizontalAdvance, self.about.all))) + 2))

    def _head(self) -> float:
        return px(MARGIN) + px(26) + px(18) * (len(self.about.all) - 1) + px(14)

    def _foot(self) -> float:
        return px(12) + px(22) * len(self._lines()) if self.legend else 0.0

    def _lines(self) -> list[list[tuple[LegendItem, float]]]:
        """The legend in lines that fit, each with where it begins."""
        m = QFontMetricsF(font("small"))
        lines: list[list[tuple[LegendItem, float]]] = [[]]
        x = 0.0
        for item in self.legend:
            width = px(16) + m.horizontalAdvance(_row(item)) + px(20)
            if lines[-1] and x + width > self._width():
                lines.append([])
                x = 0.0
            lines[-1].append((item, x))
            x += width
        return lines

    def paint_whole(self, p: QPainter) -> None:
        """All of it on any painter, from its corner."""
        whole = self.whole()
        p.fillRect(QRectF(0, 0, whole.width(), whole.height()), color("card"))
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        left, y, width = float(px(MARGIN)), float(px(MARGIN)), float(self._width())
        for place, words in enumerate(self.about.all):
            f = font("head") if place == 0 else font("small")
            p.setFont(f)
            p.setPen(color("text" if place == 0 else "text-2"))
            p.drawText(QRectF(left, y, width, px(20)), Qt.AlignmentFlag.AlignVCenter, paint.elided(words, f, width))
            y += px(26) if place == 0 else px(18)
        y += px(14)
        self.paint(p, QRectF(left, y, self.size.width(), self.size.height()))
        y += self.size.height() + px(12)
        for line in self._lines() if self.legend else ():
            for item, x in line:
                paint.swatch(p, QRectF(left + x, y + px(6), px(10), px(10)), item.tint)
                p.setFont(font("small"))
                p.setPen(color("text-2"))
                p.drawText(QRectF(left + x + px(16), y, width, px(22)), Qt.AlignmentFlag.AlignVCenter, _row(item))
            y += px(22)

    def image(self, ratio: float = 2.0) -> QImage:
        """As pixels, `ratio` of them for each of the window's."""
        out = QImage(self.whole() * ratio, QImage.Format.Format_ARGB32_Premultiplied)
        out.setDevicePixelRatio(ratio)
        p = QPainter(out)
        self.paint_whole(p)
        p.end()
        return out

    def dated(self, at: datetime) -> Exhibit:
        """The same with the moment it was taken away."""
        return replace(self, about=About(self.about.title, (*self.about.lines, as_of(at))))

    def text(self) -> str:
        """The table below its words, with tabs: for the clipboard."""
        return "\n".join((*self.about.all, "", self.table.as_tsv(), ""))

    def save(self, path: Path) -> None:
        """Write a .png (2x), .svg or .csv, by the file's ending.

        Raises ValueError for another ending and OSError when the file cannot be written.
        """
        kind = path.suffix.lower()
        if kind == ".csv":
            path.write_text(self.csv(self.about.all), encoding="utf-8")
        elif kind == ".png":
            if not self.image().save(str(path)):
                raise OSError(tr("{name} could not be written", name=path.name))
        elif kind == ".svg":
            self._save_svg(path)
        else:
            raise ValueError(tr("{kind} is none of .png, .svg, .csv", kind=kind or path.name))

    def _save_svg(self, path: Path) -> None:
        from PySide6.QtSvg import QSvgGenerator

        out = QSvgGenerator()
        out.setFileName(str(path))
        out.setSize(self.whole())
        out.setViewBox(QRectF(0, 0, self.whole().width(), self.whole().height()))
        out.setTitle(self.about.title)
        out.setDescription("\n".join(self.about.all[1:]))
        p = QPainter()
        if not p.begin(out):
            raise OSError(tr("{name} could not be written", name=path.name))
        self.paint_whole(p)
        p.end()

    def copy_picture(self) -> None:
        """To the clipboard: the picture, and the table for programs that take text."""
        data = QMimeData()
        data.setImageData(self.image())
        data.setText(self.text())
        QGuiApplication.clipboard().setMimeData(data)

    def copy_table(self) -> None:
        """To the clipboard: the table alone."""
        QGuiApplication.clipboard().setText(self.text())


def as_of(at: datetime) -> str:
    """`As of 20 Nov 2026 15:10`."""
    return tr("As of {when}", when=f"{times.short_day(at.date())} {at.year} {times.clock(at)}")


def _row(item: LegendItem) -> str:
    return f"{item.name}  {item.total}" if item.total else item.name
