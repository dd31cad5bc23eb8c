"""The first run: what was found, how far reading is, and two ways on. No wizard, nothing to answer."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.model.events import ScanProgress
from tokenpal.ui import numbers
from tokenpal.ui.sessions.words import AGENT_NAMES
from tokenpal.ui.theme import px, theme
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Card, ghost_bars
from tokenpal.ui.widgets.meters import MeterBar
from tokenpal.ui.widgets.text import Rule, Text


class Ghosts(QWidget):
    """The chart that is not there yet: outlines of equal height, no invented figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFixedHeight(px(120))
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        ghost_bars(p, QRectF(0, px(70), self.width(), px(40)), 30)
        p.end()


class FirstRun(QWidget):
    """Shown until there is any use."""

    add_account = Signal()
    show_sample = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        card = Card(pad=(32, 32))
        card.setFixedWidth(px(760))
        self._title = Text("Nothing to read yet", "big")
        self._words = Text("", "body", "text-2", wrap=True)
        card.body.addWidget(self._title)
        card.body.addWidget(self._words)
        card.body.addWidget(Ghosts())
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(24))
        self._grid.setVerticalSpacing(px(8))
        self._grid.setColumnStretch(1, 1)
        card.body.addLayout(self._grid)
        card.body.addWidget(Rule())
        foot = QHBoxLayout()
        add = Button("Add a provider account")
        add.setObjectName("first-add")
        add.clicked.connect(self.add_account)
        sample = Button("Show sample data")
        sample.setObjectName("first-sample")
        sample.clicked.connect(self.show_sample)
        foot.addWidget(add)
        foot.addWidget(sample)
        foot.addStretch(1)
        foot.addWidget(Text("You can use everything while it reads.", "small", "text-2"))
        card.body.addLayout(foot)
        outer.addStretch(2)
        outer.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)
        self._rows: dict[str, tuple[Text, MeterBar, Text]] = {}
        self.set_found(())

    def set_found(self, agents: tuple[str, ...]) -> None:
        """Which agents have logs on this machine."""
        if agents:
            names = ", ".join(AGENT_NAMES.get(agent, agent) for agent in agents)
            self._title.setText("Reading what is already here")
            found = numbers.count(len(agents), "agent")
            self._words.setText(f"tokenpal found {found} on this machine: {names}. It reads their numbers, never a prompt or an answer.")
        else:
            self._title.setText("Nothing to read yet")
            self._words.setText(
                "No agent has left logs on this machine so far. Claude Code and Codex are found by themselves once they have run; "
                "a provider account needs a key."
            )

    def set_progress(self, progress: ScanProgress) -> None:
        """One line per agent."""
        row = self._rows.get(progress.agent)
        if row is None:
            row = (Text("", "small", "text-2"), MeterBar(), Text("", "small", right=True))
            line = len(self._rows)
            self._grid.addWidget(Text(AGENT_NAMES.get(progress.agent, progress.agent), "body", weight=500), line, 0)
            for column, widget in enumerate(row, 1):
                self._grid.addWidget(widget, line, column)
            self._rows[progress.agent] = row
            self.set_found(tuple(self._rows))
        files, bar, share = row
        done = progress.finished or progress.done >= progress.total
        files.setText(numbers.count(progress.total, "file"))
        bar.set(1.0 if done else progress.done / max(1, progress.total))
        share.setText("done" if done else numbers.percent(progress.done / max(1, progress.total)))
