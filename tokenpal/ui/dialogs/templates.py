"""Templates of check-ins: the person's own words to begin a week with. They fill only fields that are empty."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from tokenpal.engine import commands, weekpage
from tokenpal.model.errors import TokenpalError
from tokenpal.model.journal import Template
from tokenpal.translation import tr
from tokenpal.ui import taborder
from tokenpal.ui.dialogs.room import room_for
from tokenpal.ui.dialogs.slices import opened
from tokenpal.ui.page import Desk
from tokenpal.ui.still import gradual
from tokenpal.ui.theme import px
from tokenpal.ui.weekwords import FIELDS, field_hint, field_name
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Scroll, SlimBar
from tokenpal.ui.widgets.controls import LineEdit
from tokenpal.ui.widgets.fields import Field
from tokenpal.ui.widgets.foot import foot
from tokenpal.ui.widgets.rows import NameRows
from tokenpal.ui.widgets.text import Text


class TemplatesDialog(QDialog):
    """A list on the left, the chosen one on the right; a change is kept when another is chosen and when the dialog closes."""

    changed = Signal()

    def __init__(self, desk: Desk, week: dict[str, str], parent: QWidget | None = None) -> None:
        """``week``: the words of the shown week, from which a template can be made."""
        super().__init__(parent)
        self.desk = desk
        self._week = week
        self._templates: tuple[Template, ...] = ()
        self._open: Template | None = None
        self._wanted = ""
        self.setWindowTitle(tr("Templates"))
        self.resize(room_for(self, 680, 660))
        self._work = self._parts(week)
        if not gradual(self):
            for _ in self._work:
                pass

    def open(self) -> None:
        opened(self, self._work, super().open)

    def _parts(self, week: dict[str, str]) -> Iterator[None]:
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(10))
        column.addWidget(Text(tr("Templates"), "head"))
        column.addWidget(Text(tr("Words to start a week with. They fill only fields that are empty; what is written stays."), "body", "text-2", wrap=True))
        body = QHBoxLayout()
        body.setSpacing(px(16))
        column.addLayout(body, 1)
        left = QVBoxLayout()
        left.setSpacing(px(8))
        self.list = QListWidget()
        self.list.setObjectName("templates")
        self.list.setAccessibleName(tr("Templates"))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setVerticalScrollBar(SlimBar())
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setItemDelegate(NameRows(self.list))
        self.list.viewport().setAutoFillBackground(False)
        self.list.setFixedWidth(px(180))
        self.list.currentRowChanged.connect(self._chosen)
        left.addWidget(self.list, 1)
        for words, name, slot in ((tr("New"), "template-new", self._new), (tr("New from this week"), "template-from-week", self._from_week), (tr("Remove"), "template-remove", self._remove)):
            button = Button(words)
            button.setObjectName(name)
            button.clicked.connect(slot)
            left.addWidget(button)
            if name == "template-remove":
                self.remove = button
            if name == "template-from-week":
                button.setEnabled(any(text.strip() for text in week.values()))
        body.addLayout(left)
        yield
        self._form = QWidget()
        form = QVBoxLayout(self._form)
        form.setContentsMargins(0, 0, px(6), 0)
        form.setSpacing(px(8))
        label = Text(tr("Name"), "small", "text-2")
        self.name = LineEdit(tr("Such as Short week"), tr("Name of the template"))
        self.name.setMaxLength(100)
        label.setBuddy(self.name)
        form.addWidget(label)
        form.addWidget(self.name)
        self.fields: dict[str, Field] = {}
        for key in FIELDS:
            field = Field(field_name(key), field_hint(key))
            field.setObjectName(f"template-{key}")
            field.setMinimumHeight(px(86))
            form.addWidget(field, 1)
            self.fields[key] = field
            yield
        scroll = Scroll()
        scroll.setWidget(self._form)
        body.addWidget(scroll, 1)
        self._said = Text("", "small", "problem", wrap=True)
        self._said.hide()
        column.addWidget(self._said)
        done = Button(tr("Done"), primary=True)
        done.setObjectName("templates-done")
        done.setDefault(True)
        done.clicked.connect(self.accept)
        column.addLayout(foot(done))
        yield
        self._enable()
        self.list.setFocus()
        self._ask()

    # ---- the list -----------------------------------------------------------------------------------------
    def focusNextPrevChild(self, forward: bool) -> bool:
        return taborder.step(self, forward)

    def _ask(self) -> None:
        self.desk.bridge.ask(weekpage.every_template, then=self._show)

    def _show(self, found: tuple[Template, ...]) -> None:
        self._templates = found
        self.list.blockSignals(True)
        self.list.clear()
        for one in found:
            item = QListWidgetItem(one.name)
            item.setToolTip(one.name)
            self.list.addItem(item)
        place = next((n for n, one in enumerate(found) if one.name == self._wanted), 0 if found else -1)
        self.list.setCurrentRow(place)
        self.list.blockSignals(False)
        self._fill(found[place] if found else None)

    @Slot(int)
    def _chosen(self, place: int) -> None:
        if 0 <= place < len(self._templates):
            self._keep()
            self._wanted = self._templates[place].name
            self._fill(self._templates[place])

    def _fill(self, template: Template | None) -> None:
        self._open = template
        self.name.setText(template.name if template else "")
        for key, field in self.fields.items():
            field.set_text(getattr(template, key) if template else "")
        self._enable()

    def _enable(self) -> None:
        self.remove.setEnabled(self._open is not None)
        self._form.setEnabled(self._open is not None)

    # ---- changes ------------------------------------------------------------------------------------------
    def _read(self) -> Template:
        return Template(" ".join(self.name.text().split()), **{key: field.text().strip() for key, field in self.fields.items()})

    def _keep(self) -> bool:
        """Keep what was changed of the open one; False when its name cannot be."""
        if (before := self._open) is None or (now := self._read()) == before:
            return True
        taken = any(one.name.casefold() == now.name.casefold() and one.name != before.name for one in self._templates)
        if not now.name or taken:
            self._say(tr("There is a template of this name already.") if taken else tr("A template needs a name."))
            return False
        self._open = now
        self._templates = tuple(now if one.name == before.name else one for one in self._templates)
        self.desk.bridge.ask(weekpage.change_template, before.name, now, then=self._kept, otherwise=self._failed)
        item = next((self.list.item(n) for n in range(self.list.count()) if self.list.item(n).text() == before.name), None)
        if item is not None:
            item.setText(now.name)
        return True

    def _kept(self, _answer: object) -> None:
        self._say("")
        self.changed.emit()

    def _failed(self, problem: TokenpalError) -> None:
        self._say(f"{problem.sentence} {problem.next_step}".strip())
        self._ask()

    def _say(self, words: str) -> None:
        self._said.setText(words)
        self._said.setVisible(bool(words))

    def _make(self, words: dict[str, str]) -> None:
        if not self._keep():
            return
        names = {one.name.casefold() for one in self._templates}
        first = tr("Template")
        name = next(name for n in range(1, 10_000) if (name := first if n == 1 else f"{first} {n}").casefold() not in names)
        self._wanted = name
        self.desk.bridge.ask(commands.save_template, Template(name, **words), then=self._made, otherwise=self._failed)

    def _made(self, _answer: object) -> None:
        self._kept(None)
        self._ask()
        self.name.setFocus()
        self.name.selectAll()

    @Slot()
    def _new(self) -> None:
        self._make(dict.fromkeys(FIELDS, ""))

    @Slot()
    def _from_week(self) -> None:
        self._make(self._week)

    @Slot()
    def _remove(self) -> None:
        gone, self._open = self._open, None
        if gone is not None:
            self._wanted = ""
            self.desk.bridge.ask(commands.delete_template, gone.name, then=self._removed, otherwise=self._failed)

    def _removed(self, _answer: object) -> None:
        self._kept(None)
        self._ask()

    def accept(self) -> None:
        if self._keep():
            super().accept()

    def reject(self) -> None:
        """Esc keeps, too: undo takes it back."""
        self._keep()
        super().reject()
