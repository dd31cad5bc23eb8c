"""The foot of a dialog: its answers at the right, the way out before what does something."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QDialog, QHBoxLayout, QWidget

from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button


def foot(*answers: QWidget, left: Sequence[QWidget] = ()) -> QHBoxLayout:
    """The row. ``left``: what stands apart from them."""
    row = QHBoxLayout()
    row.setSpacing(px(8))
    for part in left:
        row.addWidget(part)
    row.addStretch(1)
    for part in answers:
        row.addWidget(part)
    return row


def way_out(dialog: QDialog, words: str, *, default: bool = False) -> Button:
    """Leaves the dialog as Esc does. ``default``: Enter does so too, for dialogs whose other answers are not to be given by chance."""
    button = Button(words)
    button.setObjectName("leave")
    button.setDefault(default)
    button.clicked.connect(dialog.reject)
    return button
