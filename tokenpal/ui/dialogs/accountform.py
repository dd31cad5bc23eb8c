"""The fields of one account, as its source asks for them: name, address, options, key, and consent where it is unofficial."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QGridLayout, QLineEdit, QVBoxLayout, QWidget

from tokenpal.translation import mark, tr
from tokenpal.ui.theme import CONTROL_HEIGHT, px
from tokenpal.ui.widgets.choices import CheckBox
from tokenpal.ui.widgets.controls import LineEdit, PhraseCombo
from tokenpal.ui.widgets.text import Text

if TYPE_CHECKING:
    from tokenpal.sources.base import Option, SourceInfo

KEPT = mark("The key is kept in the credential store of this system, never in a file of tokenpal.")
NO_KEY = mark("No key is needed. If the server asks for one, paste it here.")
LABEL = 108


class AccountForm(QWidget):
    """``entered`` when Enter was pressed in a field; the widgets are named by what they ask."""

    entered = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(10))
        self.name = LineEdit(tr("Work"), tr("Name of the account"))
        self.address = LineEdit("https://", tr("Address"))
        self.key = LineEdit(tr("Paste the key"), tr("Key"))
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        for field, name in ((self.name, "name"), (self.address, "address"), (self.key, "key")):
            field.setObjectName(name)
            field.returnPressed.connect(self.entered)
        self._key_help = Text("", "small", "text-3", wrap=True)
        self._name_row = _Row(tr("Name"), self.name)
        self._address_row = _Row(tr("Address"), self.address)
        self._key_row = _Row(tr("Key"), self.key, self._key_help)
        self._needed, self._more = OptionRows(), OptionRows(tr("Optional"))
        self._needed.entered.connect(self.entered)
        self._more.entered.connect(self.entered)
        column.addWidget(self._name_row)
        column.addWidget(self._address_row)
        column.addWidget(self._needed)
        column.addWidget(self._key_row)
        column.addWidget(self._more)
        self._warning = Text("", "body", "attention", wrap=True)
        self.consent = CheckBox(tr("I have read this and agree"))
        self.consent.setObjectName("consent")
        column.addWidget(self._warning)
        column.addWidget(self.consent)

    def ask(self, info: SourceInfo) -> None:
        """Other fields, for another provider. What was typed for the one before goes; the key above all."""
        self._needed.ask([option for option in info.options if option.required or option.choices])
        self._more.ask([option for option in info.options if not option.required and not option.choices])
        self.name.setPlaceholderText(info.name)
        self.address.setText(info.base_url)
        self._address_row.setVisible(info.needs_base_url)
        self.key.clear()
        self._key_row.setVisible(info.needs_key or info.needs_base_url)  # a server on this machine may still want one
        self.key.setPlaceholderText(tr("Paste the key") if info.needs_key else tr("None"))
        self._key_help.setText(tr(KEPT) if info.needs_key else tr(NO_KEY))
        unofficial = tr(info.unofficial) if info.unofficial else ""
        self._warning.setText(unofficial)
        self._warning.setVisible(bool(info.unofficial))
        self.consent.setChecked(False)
        self.consent.setAccessibleDescription(unofficial)
        self.consent.setVisible(bool(info.unofficial))

    @property
    def options(self) -> dict[str, LineEdit | PhraseCombo]:
        """The fields of the options."""
        return {**self._needed.fields, **self._more.fields}

    def answers(self) -> dict[str, str]:
        """Option by option, what was entered or chosen."""
        said = {**self._needed.said(), **self._more.said()}
        return {name: value for name, value in said.items() if value}

    def missing(self, info: SourceInfo) -> str:
        """What has to be entered before anybody can be asked, as a sentence; "" when nothing is missing. Its field gets the focus."""
        if info.needs_base_url and not self.address.text().strip().startswith(("https://", "http://")):
            return self._said(self.address, tr("Give the address of the server, such as {address}.", address="https://llm.example.org"))
        for option in info.options:
            field = self.options[option.id]
            if option.required and isinstance(field, LineEdit) and not field.text().strip():
                return self._said(field, tr("Enter this first: {field}.", field=tr(option.name)))
        if info.needs_key and not self.key.text().strip():
            return self._said(self.key, tr("Paste a key first."))
        if info.unofficial and not self.consent.isChecked():
            return self._said(self.consent, tr("Tick the box first: this way is not the provider's own."))
        return ""

    def _said(self, field: QWidget, words: str) -> str:
        field.setFocus()
        return words

    @Slot()
    def start(self) -> None:
        """The first field that has to be filled in gets the focus."""
        fields: list[QWidget] = [self.address, *self.options.values(), self.key, self.name]
        next((field for field in fields if field.isVisible()), self.name).setFocus()


class OptionRows(QWidget):
    """A row for each option, under a caption; not there at all without one."""

    entered = Signal()

    def __init__(self, caption: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[str, LineEdit | PhraseCombo] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(px(10))
        if caption:
            self._column.addWidget(Text(caption, "cap", "text-3", 500))
        self._first = self._column.count()

    def ask(self, options: Sequence[Option]) -> None:
        """Other options; what was typed for those before goes."""
        while self._column.count() > self._first:
            item = self._column.takeAt(self._first)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.fields = {option.id: _field(option) for option in options}
        for option in options:
            field = self.fields[option.id]
            if isinstance(field, LineEdit):
                field.returnPressed.connect(self.entered)
            self._column.addWidget(_Row(tr(option.name), field, Text(tr(option.help), "small", "text-3", wrap=True)))
        self.setVisible(bool(options))

    def fill(self, given: Mapping[str, str]) -> None:
        """The answers as they are kept."""
        for name, field in self.fields.items():
            if isinstance(field, LineEdit):
                field.setText(given.get(name, ""))
            elif name in given:
                field.choose(given[name])

    def said(self) -> dict[str, str]:
        """Option by option, also what was left empty."""
        return {name: field.text().strip() if isinstance(field, LineEdit) else field.key() for name, field in self.fields.items()}


class _Row(QWidget):
    """Label left, field right, and under the field what it is for."""

    def __init__(self, words: str, field: QWidget, help_words: Text | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(4))
        label = Text(words, "small", "text-2", wrap=True)
        label.setMinimumHeight(px(CONTROL_HEIGHT))  # stands in the middle of its field
        label.setFixedWidth(px(LABEL))
        label.setBuddy(field)
        grid.addWidget(label, 0, 0)
        if isinstance(field, PhraseCombo):  # as wide as its words, and the row as wide as the others
            grid.addWidget(field, 0, 1, Qt.AlignmentFlag.AlignLeft)
        else:
            grid.addWidget(field, 0, 1)
        grid.setColumnStretch(1, 1)
        if help_words is not None:
            grid.addWidget(help_words, 1, 1)


def _field(option: Option) -> LineEdit | PhraseCombo:
    field: LineEdit | PhraseCombo
    if option.choices:
        field = PhraseCombo("", [(value, tr(words)) for value, words in option.choices], tr(option.name))
    else:
        field = LineEdit(tr("such as {example}", example=option.example) if option.example else "", tr(option.name))
    field.setObjectName(f"option-{option.id}")
    field.setAccessibleDescription(tr(option.help))
    return field
