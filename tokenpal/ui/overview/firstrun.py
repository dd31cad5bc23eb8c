"""The first run: what was found, how far reading is, and two ways on. No wizard, nothing to answer."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from tokenpal.model.events import ScanProgress
from tokenpal.translation import tr, trn
from tokenpal.ui import numbers, paint
from tokenpal.ui.reflow import Head
from tokenpal.ui.sessions.words import agent_name
from tokenpal.ui.theme import color, px, theme
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Card, ghost_bars
from tokenpal.ui.widgets.meters import MeterBar
from tokenpal.ui.widgets.text import Rule, Text


class FillingDays(QWidget):
    """The last days: bars for what is read, dashed outlines of equal height for what is not there yet. No invented figures."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._days: tuple[int, ...] = ()
        self.setAccessibleName(tr("The last 30 days"))
        theme().changed.connect(self.update)
        self.set(())

    def set(self, days: tuple[int, ...]) -> None:
        """Tokens by day, oldest first."""
        self._days = days or (0,) * 30
        self.setFixedHeight(px(150 if any(self._days) else 60))
        read = sum(1 for tokens in self._days if tokens)
        self.setAccessibleDescription(trn("{n} day read so far", "{n} days read so far", read) if read else tr("Nothing read yet"))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        top, ghost = max(self._days), px(30)
        room = self.height() - px(10)
        ghost_bars(p, QRectF(0, self.height() - ghost, self.width(), ghost), len(self._days))
        step = self.width() / len(self._days)
        for place, tokens in enumerate(self._days):
            if tokens:
                slot = QRectF(place * step, self.height() - ghost - 2, step, ghost + 1)
                p.fillRect(slot, color("card"))
                high = max(px(3), room * tokens / top)
                bar = QRectF(place * step + step * 0.12, self.height() - 1 - high, step * 0.76, high)
                p.save()
                p.setClipRect(bar)
                paint.box(p, bar.adjusted(0, 0, 0, 6), 3, theme().series(1))
                p.restore()
        p.fillRect(QRectF(0, self.height() - 1, self.width(), 1), color("line-strong"))
        p.end()


class FirstRun(QWidget):
    """Shown until there is any use, and while the first scan runs."""

    add_account = Signal()
    show_sample = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        card = Card(pad=(32, 32))
        card.setMaximumWidth(px(760))
        card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self._title = Text("", "big", wrap=True)
        self._words = Text("", "body", "text-2", wrap=True)
        self._days = FillingDays()
        card.body.addWidget(self._title)
        card.body.addWidget(self._words)
        card.body.addWidget(self._days)
        card.body.addSpacing(px(12))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(px(24))
        self._grid.setVerticalSpacing(px(12))
        self._grid.setColumnStretch(1, 1)
        self._grid.setColumnStretch(2, 2)
        card.body.addLayout(self._grid)
        card.body.addSpacing(px(6))
        self._rule = Rule()
        card.body.addWidget(self._rule)
        card.body.addSpacing(px(4))
        foot = Head(lead=2)
        add = Button(tr("Add a provider account"))
        add.setObjectName("first-add")
        add.clicked.connect(self.add_account)
        sample = Button(tr("Show sample data"))
        sample.setObjectName("first-sample")
        sample.clicked.connect(self.show_sample)
        self._while = Text(tr("You can use everything while it reads."), "small", "text-2")
        for widget in (add, sample, self._while):
            foot.addWidget(widget)
        card.body.addLayout(foot)
        outer.addStretch(2)
        outer.addWidget(card, 0, Qt.AlignmentFlag.AlignHCenter)
        outer.addStretch(3)
        self._card = card
        self._rows: dict[str, tuple[Text, MeterBar, Text]] = {}
        self._found()

    def resizeEvent(self, event) -> None:
        super().resizeEvent(event)
        self._card.setFixedWidth(min(px(760), self.width()))

    def set_days(self, days: tuple[int, ...]) -> None:
        """What is read so far, by day."""
        self._days.set(days)

    def _found(self) -> None:
        names = [agent_name(agent) for agent in self._rows]
        self._rule.setVisible(bool(names))
        self._while.setVisible(bool(names))
        if names:
            self._title.setText(tr("Reading what is already here"))
            self._words.setText(
                trn(
                    "tokenpal found {n} agent on this machine: {names}. It reads their numbers, never a prompt or an answer.",
                    "tokenpal found {n} agents on this machine: {names}. It reads their numbers, never a prompt or an answer.",
                    len(names), names=", ".join(names),
                )
            )  # fmt: skip
        else:
            self._title.setText(tr("Nothing to read yet"))
            self._words.setText(
                tr(
                    "No agent has left logs on this machine so far. Claude Code, Codex and many other agents are found by themselves once they have run; "
                    "a provider account needs a key."
                )
            )

    def set_progress(self, progress: ScanProgress) -> None:
        """One line per agent."""
        name = agent_name(progress.agent)
        row = self._rows.get(progress.agent)
        if row is None:
            row = (Text("", "small", "text-2"), MeterBar(name=tr("{agent}, read so far", agent=name)), Text("", "small", right=True))
            line = len(self._rows)
            self._grid.addWidget(Text(name, "body", weight=500), line, 0)
            for column, widget in enumerate(row, 1):
                self._grid.addWidget(widget, line, column)
            self._rows[progress.agent] = row
            self._found()
        files, bar, share = row
        done = progress.finished or progress.done >= progress.total
        files.setText(trn("{n} file", "{n} files", progress.total, shown=numbers.digits(progress.total)))
        bar.set(1.0 if done else progress.done / max(1, progress.total))
        share.setText(tr("done") if done else numbers.percent(progress.done / max(1, progress.total)))
