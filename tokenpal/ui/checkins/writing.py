"""The four fields: they grow with their words, save while the person types, and carry their pins."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.weekpage import Pinned
from tokenpal.translation import tr
from tokenpal.ui.checkins.pins import PinRow
from tokenpal.ui.shortcuts import shown
from tokenpal.ui.theme import CARD_GAP, px, theme
from tokenpal.ui.weekwords import FIELDS, field_hint, field_name
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.fields import Field
from tokenpal.ui.widgets.marks import KeyHint
from tokenpal.ui.widgets.text import Text

LEAST_LINES = 2
MOST_LINES = 14  # from there on the field scrolls


class WeekField(Field):
    """A field of the check-in. It is saved at the latest 0.8 s after a letter, also while the person goes on writing."""

    opened = Signal(str)
    unpinned = Signal(str, str)  # field, session

    def __init__(self, key: str, parent: QWidget | None = None) -> None:
        super().__init__(field_name(key), field_hint(key), parent=parent)
        self.key = key
        self.setObjectName(f"field-{key}")
        self.area.as_low_as_allowed = True
        self.area.textChanged.disconnect(self._timer.start)  # that one starts anew with every letter
        self.area.textChanged.connect(self._typed)
        self.area.document().documentLayout().documentSizeChanged.connect(self._grow)
        self.pins = PinRow(tr("Sessions behind {field}", field=field_name(key)))
        self.pins.opened.connect(self.opened)
        self.pins.removed.connect(self._unpin)
        column = self.layout()
        if column is not None:
            column.addWidget(self.pins)
        theme().changed.connect(self._grow)
        self._grow()

    @property
    def waiting(self) -> bool:
        """Whether something typed is still to be saved."""
        return self._timer.isActive()

    def stop_waiting(self) -> None:
        """What is typed is saved by somebody else."""
        self._timer.stop()

    @Slot()
    def _typed(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    @Slot()
    def _grow(self) -> None:
        lines = round(self.area.document().documentLayout().documentSize().height())
        wanted = max(LEAST_LINES, min(MOST_LINES, lines)) * self.area.fontMetrics().lineSpacing() + px(4)
        if wanted != self.area.minimumHeight():
            self.area.setMinimumHeight(wanted)

    def insert(self, text: str) -> None:
        """Add a note on a line of its own; the field's own undo takes it back like typing."""
        cursor = QTextCursor(self.area.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        old = self.text()
        cursor.insertText(text if not old.strip() or old.endswith("\n") else f"\n{text}")
        self.area.setTextCursor(cursor)

    @Slot(str)
    def _unpin(self, session: str) -> None:
        self.unpinned.emit(self.key, session)


class Writing(QWidget):
    """All four, with a foot that says what is saved."""

    typed = Signal()  # something is to be saved
    opened = Signal(str)  # a pinned session
    unpinned = Signal(str, str)  # field, session
    begin = Signal()  # "Start from a template"
    publish = Signal(str)  # field

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[str, WeekField] = {}
        self.publishing: list[Link] = []

    def make(self) -> Iterator[None]:
        """Its parts, once; every yield is a place to stop and go on later."""
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(CARD_GAP))
        for key in FIELDS:
            yield
            field = WeekField(key)
            field.changed.connect(self._typed)
            field.opened.connect(self.opened)
            field.unpinned.connect(self.unpinned)
            publish = field.add_action(tr("Publish…"), tr("Publish from {field}", field=field_name(key)))
            publish.setObjectName(f"publish-{key}")
            publish.setProperty("part", key)
            publish.clicked.connect(self._publish)
            publish.hide()
            self.publishing.append(publish)
            column.addWidget(field, 1)
            self.fields[key] = field
        yield
        foot = QHBoxLayout()
        foot.setSpacing(px(12))
        self.foot = Text("", "small", "text-2", elide=True)
        foot.addWidget(self.foot, 1)
        self.start = Link(tr("Start from a template"))
        self.start.setObjectName("start-from-template")
        self.start.clicked.connect(self.begin)
        self.start.hide()
        foot.addWidget(self.start)
        foot.addWidget(KeyHint(shown("Ctrl+S"), tr("save")))
        column.addLayout(foot)

    def values(self) -> dict[str, str]:
        """What stands in each field."""
        return {key: field.text() for key, field in self.fields.items()}

    def set_writable(self, writable: bool) -> None:
        """Fields whose words are not known yet must not be written over them."""
        for field in self.fields.values():
            field.area.setReadOnly(not writable)

    def set_pins(self, pins: tuple[Pinned, ...]) -> None:
        """Show the pins of all fields."""
        for key, field in self.fields.items():
            field.pins.set_pins([pin for pin in pins if pin.field == key])

    def flush(self) -> None:
        """Save now what waits to be saved."""
        for field in self.fields.values():
            if field.waiting:
                field.flush()

    @Slot()
    def _typed(self) -> None:
        self.typed.emit()

    @Slot()
    def _publish(self) -> None:
        link = self.sender()
        if link is not None:
            self.publish.emit(link.property("part"))
