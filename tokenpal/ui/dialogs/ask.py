"""A question before something that cannot be undone."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDialog, QVBoxLayout, QWidget

from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.foot import foot, way_out
from tokenpal.ui.widgets.text import Text


class AskDialog(QDialog):
    """``chosen(key)`` for an answer; Esc and the first button leave everything as it is."""

    chosen = Signal(str)

    def __init__(self, title: str, sentence: str, leave: str, answers: Sequence[tuple[str, str, bool]], parent: QWidget | None = None) -> None:
        """``answers`` are (key, words, whether something is lost); ``leave`` the words of the way out."""
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setMinimumWidth(px(460))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(10))
        column.addWidget(Text(title, "head", wrap=True))
        column.addWidget(Text(sentence, "body", "text-2", wrap=True))
        column.addSpacing(px(8))
        out = way_out(self, leave, default=True)
        row = foot(out)
        for key, words, danger in answers:
            button = Button(words, danger=danger)
            button.setObjectName(f"answer-{key}")
            button.setProperty("answer", key)
            button.clicked.connect(self._pressed)
            row.addWidget(button)
        column.addLayout(row)
        margins = column.contentsMargins()
        wide = max(self.minimumWidth(), row.sizeHint().width() + margins.left() + margins.right())
        self.setMinimumWidth(min(wide, self.screen().availableSize().width() - px(40)))
        self.resize(self.minimumWidth(), column.totalHeightForWidth(self.minimumWidth()))  # of itself it has room for few lines
        out.setFocus()

    @Slot()
    def _pressed(self) -> None:
        button = self.sender()
        if button is not None:
            self.chosen.emit(button.property("answer"))
            self.accept()
