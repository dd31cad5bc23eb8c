"""Something painted that says what it shows. Qt tells screen readers of a plain widget as of a filler, of this as of a picture."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from tokenpal.ui.theme import px
from tokenpal.ui.widgets.painted import follow_look


class Picture(QLabel):
    """For sub-classes with a ``paintEvent``; they set an accessible name, and say their figures in the accessible description."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        blank = QPixmap(1, 1)  # a label with a picture in it is a picture
        blank.fill(Qt.GlobalColor.transparent)
        self.setPixmap(blank)

    def sizeHint(self) -> QSize:
        """None of its own, as a plain widget."""
        return QSize(-1, -1)

    def minimumSizeHint(self) -> QSize:
        """None of its own, as a plain widget."""
        return QSize(-1, -1)


class Strip(Picture):
    """A picture as wide as there is room; sub-classes say in ``sizeHint`` how tall."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        follow_look(self)

    def minimumSizeHint(self) -> QSize:
        return QSize(px(80), self.sizeHint().height())
