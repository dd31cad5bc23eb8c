"""Publish a line of a check-in: deliberately, word for word, under a chosen name, after a look for what tells too much."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QRectF, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QTextEdit, QVBoxLayout, QWidget

from tokenpal.engine.sharing.pasted import Finding, findings
from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.engine.sharing.views import sharing_view
from tokenpal.translation import mark, tr
from tokenpal.ui import numbers, paint
from tokenpal.ui.page import Desk
from tokenpal.ui.sharing.form import Form
from tokenpal.ui.sharing.parts import empty, holder, point
from tokenpal.ui.sharing.words import week_number
from tokenpal.ui.theme import CONTROL_HEIGHT, RADIUS_FIELD, color, px, theme
from tokenpal.ui.weekwords import FIELDS, field_name
from tokenpal.ui.widgets.choices import CheckBox
from tokenpal.ui.widgets.controls import LineEdit, Segmented
from tokenpal.ui.widgets.fields import TextArea
from tokenpal.ui.widgets.marks import Chip
from tokenpal.ui.widgets.text import Rule, Text

LIMIT, NAME_LIMIT = 500, 40
PUBLIC = mark("Every member can read it from now on, with the name you give here, and can copy it. It is signed with your key, so it is not anonymous.")
BACK = mark("You can retract it at any time on the Sharing page. Who has read it by then has read it.")


class _Box(QWidget):
    """A field's frame around a text area, or the ground of a preview."""

    def __init__(self, area: TextArea | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(px(14), px(10), px(10), px(10))
        self._area = area
        if area is not None:
            area.focus_changed.connect(self.update)
            self.column.addWidget(area)
        theme().changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        border = "line" if self._area is None else "accent" if self._area.hasFocus() else "line-strong"
        paint.box(p, QRectF(self.rect()), RADIUS_FIELD, color("sunk" if self._area is None else "card"), color(border))  # type: ignore[arg-type]  # names of colours
        p.end()


class PublishDialog(Form):
    """``published`` once the team has it."""

    published = Signal()

    def __init__(self, desk: Desk, part: str, text: str, week: str, parent: QWidget | None = None) -> None:
        super().__init__(desk, tr("Publish to your team"), tr("Keep it to yourself"), width=600, parent=parent)
        self._week, self._may = week, False
        self._found: tuple[Finding, ...] = ()
        self.make(self._parts(part, text))

    def _parts(self, part: str, text: str) -> Iterator[None]:
        self.part = Segmented([(key, field_name(key)) for key in FIELDS], tr("What kind of line it is"))
        self.part.choose(part)
        self.part.chosen.connect(self._changed)
        self.body.addWidget(self.part)
        self.text = TextArea(tr("One thing that helps others"), tr("Text to publish"))
        self.text.setObjectName("publish-text")
        self.text.setPlainText(text.strip())
        self.text.setFixedHeight(px(88))
        self.text.textChanged.connect(self._changed)
        self.body.addWidget(_Box(self.text))
        yield
        form = QFormLayout()
        form.setHorizontalSpacing(px(20))
        self.name = LineEdit(tr("A name that your team knows, or any other"), tr("Name to publish under"))
        self.name.setObjectName("publish-name")
        self.name.setMaxLength(NAME_LIMIT)
        self.name.textChanged.connect(self._changed)
        label = Text(tr("Name"), "small", "text-2")
        label.setMinimumHeight(px(CONTROL_HEIGHT))
        form.addRow(label, self.name)
        self.body.addLayout(form)
        yield
        self._warnings, self._rows = holder()
        self._rows.setSpacing(px(5))
        self.body.addWidget(self._warnings)
        self.anyway = CheckBox(tr("I have read this, and publish it as it is"))
        self.anyway.setObjectName("publish-anyway")
        self.anyway.toggled.connect(self._changed)
        self.body.addWidget(self.anyway)
        yield
        self.body.addWidget(Rule())
        self.body.addWidget(Text(tr("What the team will read, word for word"), "body", weight=600))
        self.body.addWidget(self._preview())
        yield
        self.body.addLayout(point("team", tr(PUBLIC)))
        self.body.addLayout(point("undo", tr(BACK)))
        self.body.addStretch(1)
        self.publish = self.add_button(tr("Publish"), "publish", primary=True)
        self.publish.clicked.connect(self._publish)
        self.working.came.connect(self._done)
        self.working.failed.connect(self._again)
        self.working.stopped.connect(self._again)
        yield
        self._changed()
        self.desk.bridge.ask(sharing_view, then=self._know)
        self.text.setFocus()

    def _preview(self) -> QWidget:
        box = _Box()
        row = QHBoxLayout()
        row.setSpacing(px(12))
        self._chip = Chip("")
        row.addWidget(self._chip, 0, Qt.AlignmentFlag.AlignTop)
        said = QVBoxLayout()
        said.setSpacing(px(2))
        self.shown = Text("", "body", wrap=True)
        self.shown_name = Text("", "small", "text-3")
        said.addWidget(self.shown)
        said.addWidget(self.shown_name)
        row.addLayout(said, 1)
        box.column.addLayout(row)
        return box

    def _know(self, view: SharingView) -> None:
        self._may = view.state == "sharing"
        if view.team:
            self.heading.setText(tr("Publish to {team}", team=view.team))
        if not self._may:
            self.working.say(tr("You share with no team now, so there is nobody to publish to. The Sharing page says how to begin."))
        mine = next((one.name for one in view.learnings if one.mine), "")
        if mine and not self.name.text():
            self.name.setText(mine)
        self._changed()

    @Slot()
    def _changed(self) -> None:
        text, name = self.text.toPlainText().strip(), self.name.text().strip()
        found = findings(self.text.toPlainText())
        if found != self._found:
            self._found = found
            self.anyway.setChecked(False)
            self._mark()
        self.anyway.setVisible(bool(found))
        self._warnings.setVisible(bool(found) or len(text) > LIMIT)
        self._chip.set_text(field_name(self.part.key()))
        self.shown.setText(text or tr("Nothing yet."))
        self.shown_name.setText(tr("{name}, week {week_number}. {count} of {limit} characters.", name=name or tr("no name yet"), week_number=week_number(self._week), count=numbers.exact(len(text)), limit=LIMIT))
        ready = bool(text and name) and len(text) <= LIMIT and (not found or self.anyway.isChecked())
        self.publish.setEnabled(ready and self._may and not self.working.busy)

    def _mark(self) -> None:
        """Highlight what was found, and say why."""
        marks = []
        for one in self._found:
            mark = QTextEdit.ExtraSelection()
            mark.cursor = QTextCursor(self.text.document())
            mark.cursor.setPosition(one.start)
            mark.cursor.setPosition(one.end, QTextCursor.MoveMode.KeepAnchor)
            form = QTextCharFormat()
            form.setBackground(color("attention-soft"))
            form.setForeground(color("attention"))
            form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.SingleUnderline)
            mark.format = form
            marks.append(mark)
        self.text.setExtraSelections(marks)
        empty(self._rows)
        whole = self.text.toPlainText()
        for one in self._found:
            self._rows.addLayout(point("warning", f"“{whole[one.start : one.end]}”: {one.sentence}"))

    @Slot()
    def _publish(self) -> None:
        self.publish.setEnabled(False)
        asked = self.desk.bridge.engine.share("publish", part=self.part.key(), text=self.text.toPlainText().strip(), name=self.name.text().strip())
        self.working.wait(tr("Publishing."), asked)

    @Slot()
    def _again(self) -> None:
        self._changed()

    @Slot(object)
    def _done(self, _answer: object) -> None:
        self.published.emit()
        self.accept()
