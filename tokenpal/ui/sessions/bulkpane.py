"""Many sessions at once, in the place of the detail pane: how many, what they are, and what can be done with all of them."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from tokenpal.engine.listing import Mix
from tokenpal.translation import mark, tr, trn
from tokenpal.ui import numbers
from tokenpal.ui.palette import LABEL_WORDS, LABELS
from tokenpal.ui.reflow import Flow
from tokenpal.ui.sessions.outcome import split_tags
from tokenpal.ui.theme import PANE_PAD, px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Card
from tokenpal.ui.widgets.controls import LineEdit
from tokenpal.ui.widgets.strips import LabelStrip
from tokenpal.ui.widgets.text import Rule, Text

HINT = mark("What you do here is one edit for all of them; one undo takes it back.")


class BulkPane(Card):
    """The page carries out what is asked; labels are given in the bar below."""

    task_wanted = Signal()
    release_wanted = Signal()
    tags_wanted = Signal(object, object)  # to add, to remove: tuple[str, ...]
    copy_wanted = Signal()
    export_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(pad=(PANE_PAD, PANE_PAD), parent=parent)
        column = QVBoxLayout()
        column.setSpacing(px(12))
        self.heading = Text("", "big", elide=True)
        self.sums = Text("", "small", "text-2", elide=True)
        self.strip = LabelStrip(unit=numbers.exact)
        self.labels = Text("", "small", "text-2", wrap=True)
        for widget in (self.heading, self.sums, self.strip, self.labels, Rule()):
            column.addWidget(widget)
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(10))
        tasks = QWidget()
        flow = Flow(tasks, gap=8)
        self.choose = self._button(tr("Choose a task"), tr("The same task for all of them (T)"), self.task_wanted)
        self.release = self._button(tr("Let rules decide"), tr("Forget the tasks that were given by hand"), self.release_wanted)
        flow.addWidget(self.choose)
        flow.addWidget(self.release)
        self.add = LineEdit(tr("Tags to add, separated by spaces"), tr("Tags to add"))
        self.add.setObjectName("bulk-add-tags")
        self.add.returnPressed.connect(self._tag)
        self.remove = LineEdit(tr("Tags to take away"), tr("Tags to take away"))
        self.remove.setObjectName("bulk-remove-tags")
        self.remove.returnPressed.connect(self._tag)
        self.apply = self._button(tr("Change tags"), tr("Add and take away the tags above (Enter)"), None)
        self.apply.clicked.connect(self._tag)
        self.known = Text("", "small", "text-3", wrap=True)
        lines: tuple[tuple[str, QWidget], ...] = ((tr("Task"), tasks), (tr("Add tags"), self.add), (tr("Remove tags"), self.remove), ("", self.apply), ("", self.known))
        for number, (said, field) in enumerate(lines):
            if said:
                grid.addWidget(Text(said, "small", "text-2"), number, 0)
            grid.addWidget(field, number, 1)
        grid.setColumnStretch(1, 1)
        column.addLayout(grid)
        column.addWidget(Rule())
        out = QWidget()
        flow = Flow(out, gap=8)
        flow.addWidget(self._button(tr("Copy as a table"), tr("Copy the chosen sessions (Ctrl+C)"), self.copy_wanted))
        flow.addWidget(self._button(tr("Write a CSV file"), tr("The chosen sessions for a spreadsheet"), self.export_wanted))
        column.addWidget(out)
        column.addWidget(Text(tr(HINT), "small", "text-3", wrap=True))
        column.addStretch(1)
        self.body.addLayout(column, 1)

    def _button(self, said: str, tip: str, signal: object) -> Button:
        button = Button(said)
        button.setToolTip(tip)
        if signal is not None:
            button.clicked.connect(signal)
        return button

    def show_count(self, count: int, tokens: int, days: int) -> None:
        """How many are chosen, what they used together, and on how many days."""
        self.heading.setText(trn("{n} session", "{n} sessions", count, shown=numbers.digits(count)))
        used = tr("{tokens} tokens", tokens=numbers.exact(tokens))
        self.sums.setText(trn("{used} on {n} day", "{used} on {n} days", days, shown=numbers.digits(days), used=used))

    def show_mix(self, mix: Mix) -> None:
        """What they have."""
        amounts = [mix.labels.get("" if name == "unlabelled" else name, 0) for name in LABELS]
        self.strip.set(amounts)
        self.labels.setText(", ".join(f"{tr(LABEL_WORDS[name])} {numbers.exact(n)}" for name, n in zip(LABELS, amounts, strict=True) if n))
        self.release.setEnabled(mix.by_hand > 0)
        tags = [f"{tag} {numbers.exact(n)}" for tag, n in list(mix.tags.items())[:12]]
        self.known.setText(tr("They have: {tags}", tags=", ".join(tags)) if tags else "")
        self.known.setVisible(bool(tags))

    @Slot()
    def _tag(self) -> None:
        add, remove = split_tags(self.add.text()), split_tags(self.remove.text())
        if add or remove:
            self.tags_wanted.emit(add, remove)
            self.add.clear()
            self.remove.clear()
