"""A row of parts that rests while it is far from what is seen: hidden parts cost no layout and no paint."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QSize, Slot
from PySide6.QtWidgets import QApplication, QWidget
from shiboken6 import isValid


class _Inside(QWidget):
    """All parts of a row."""

    def __init__(self, row: QWidget, resting: Resting) -> None:
        super().__init__(row)
        self._resting = resting

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self._resting.laid_out_again()
        return super().event(event)


class RestingRow:
    """What a widget that rests is, too (write it first): a row as large as its parts want. It has no layout of its own: with one, every row that comes near would lay out the whole page."""

    resting: Resting

    def sizeHint(self) -> QSize:
        return self.resting.inside.sizeHint()

    def minimumSizeHint(self) -> QSize:
        return self.resting.inside.minimumSizeHint()

    def hasHeightForWidth(self) -> bool:
        return self.resting.inside.hasHeightForWidth()

    def heightForWidth(self, width: int) -> int:
        return self.resting.tall(width)


class Resting(QObject):
    """What rests of a row. The parts belong into ``inside``."""

    def __init__(self, row: QWidget) -> None:
        super().__init__(row)
        self.row = row
        self._near = self._in_use = False
        self.inside = _Inside(row, self)
        self.inside.hide()
        self._wanted: tuple[QSize, QSize, int] | None = None
        self._tall: dict[int, int] = {}  # by width
        row.installEventFilter(self)

    def set_near(self, near: bool) -> None:
        """Whether the row is about to be seen (``tasks.nearby``)."""
        if near != self._near:
            self._near = near
            self._show()

    def use(self, on: bool) -> None:
        """The row shows its parts as long as the keyboard is in it, wherever it is."""
        if on != self._in_use:
            self._in_use = on
            self._show()

    def laid_out_again(self) -> None:
        """A part wants another size or place."""
        self._tall.clear()
        row = self.row
        wanted = (row.sizeHint(), row.minimumSizeHint(), row.heightForWidth(row.width()) if row.hasHeightForWidth() else 0)
        if wanted != self._wanted:
            self._wanted = wanted
            row.updateGeometry()

    def tall(self, width: int) -> int:
        """How high the parts are at a width; Qt asks for the same many times."""
        found = self._tall.get(width)
        if found is None:
            found = self._tall[width] = self.inside.heightForWidth(width)
        return found

    def _show(self) -> None:
        shown = self._near or self._in_use
        if shown:
            self.inside.setGeometry(self.row.rect())
        self.inside.setVisible(shown)

    def eventFilter(self, row: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize and not self.inside.isHidden():  # else Qt keeps a resize for all that is in it, to tell them later at once
            self.inside.setGeometry(self.row.rect())
        return False


class Keyboard(QObject):
    """Tells the row that the keyboard is in; one for a page."""

    def __init__(self, page: QWidget) -> None:
        super().__init__(page)
        self._page = page
        self._in: Resting | None = None
        QApplication.instance().focusChanged.connect(self._moved)  # type: ignore[union-attr]  # there is one

    @Slot(QWidget, QWidget)
    def _moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        row = new
        while row is not None and row is not self._page and not isinstance(getattr(row, "resting", None), Resting):
            row = row.parentWidget()
        resting = getattr(row, "resting", None)
        if resting is self._in:
            return
        if self._in is not None and isValid(self._in):
            self._in.use(on=False)
        self._in = resting
        if resting is not None:
            resting.use(on=True)
