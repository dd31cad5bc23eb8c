"""How sharing stands, in one sentence and a chip; below it what needs attention, each with its next step."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.ui.sharing import words
from tokenpal.ui.sharing.parts import Tile, empty
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.marks import Chip
from tokenpal.ui.widgets.notices import Banner
from tokenpal.ui.widgets.text import Text

ICONS = {
    "sharing": "lock", "paused": "pause", "stale": "warning", "preview": "eye", "never asked": "sharing", "declined": "sharing",
    "left": "sharing", "forced off": "stop",
}  # fmt: skip


class StateCard(Card):
    """Icon, headline, sentence, chip."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent=parent)
        row = QHBoxLayout()
        row.setSpacing(px(16))
        self._tile = Tile("lock")
        row.addWidget(self._tile)
        column = QVBoxLayout()
        column.setSpacing(px(2))
        self.headline = Text("", "head", wrap=True)
        self.sentence = Text("", "body", "text-2", wrap=True)
        column.addStretch(1)
        column.addWidget(self.headline)
        column.addWidget(self.sentence)
        column.addStretch(1)
        row.addLayout(column, 1)
        self.chip = Chip("")
        row.addWidget(self.chip)
        self.body.addLayout(row)

    def set(self, view: SharingView) -> None:
        """Show a state."""
        self._tile.set(ICONS.get(view.state, "sharing"), soft=view.state in {"sharing", "preview", "stale"})
        self.headline.setText(view.headline)
        self.sentence.setText(view.sentence)
        self.sentence.setVisible(bool(view.sentence))
        self.chip.set_text(view.chip)
        self.setAccessibleName(view.headline)
        self.setAccessibleDescription(f"{view.sentence} {view.chip}".strip())


class Alarms(QWidget):
    """Quiet banners, one for each thing that is not as it should be."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(px(CARD_GAP))
        self._shown: tuple[str, ...] = ()
        self.hide()

    def set(self, alarms: tuple[str, ...]) -> None:
        """Show these."""
        if alarms != self._shown:
            self._shown = alarms
            empty(self._column)
            for alarm in alarms:
                self._column.addWidget(Banner("attention", *words.alarm_parts(alarm)))
        self.setVisible(bool(alarms))
