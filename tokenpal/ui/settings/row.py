"""One line of the page: what it is called, what it means, its control, and the way back to the default."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.settings import Setting, SettingKind
from tokenpal.translation import tr
from tokenpal.ui import numbers
from tokenpal.ui.settings.controls import Wanted, choice_words, control
from tokenpal.ui.settings.here import missing_here
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import IconButton
from tokenpal.ui.widgets.text import Text


def words_of(setting: Setting, value: Any) -> str:
    """A value as a sentence names it: "On", "Dark", "15", "the default" for an empty text."""
    if setting.kind is SettingKind.SWITCH:
        return tr("On") if value else tr("Off")
    if setting.kind is SettingKind.CHOICE:
        return next((choice_words(setting, known, words) for known, words in setting.choices if known == value), str(value))
    if setting.kind is SettingKind.NUMBER:
        return numbers.exact(value)
    if isinstance(value, dict):
        value = "; ".join(f"{agent}={folder}" for agent, folders in value.items() for folder in folders)
    return (", ".join(value) if isinstance(value, list) else str(value)) or tr("empty")


class SettingRow(QWidget):
    """``reset(key)`` when the person wants the default back; its button is there only while the value differs."""

    reset = Signal(str)

    def __init__(self, setting: Setting, value: Any, wanted: Wanted, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setting = setting
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(8))
        words = QVBoxLayout()
        words.setSpacing(px(1))
        name = Text(tr(setting.label), "body", weight=500, wrap=True)
        words.addWidget(name)
        said = [tr(setting.help)] if setting.help else []
        if setting.restart:
            said.append(tr("Takes effect when tokenpal starts again."))
        if missing := missing_here(setting.key):
            said.append(missing)
        if said:
            words.addWidget(Text(" ".join(said), "small", "text-2", wrap=True))
        row.addLayout(words, 1)
        self._back = IconButton("undo", tr("Back to the default: {value}", value=words_of(setting, setting.default)), size=24)
        self._back.setAccessibleName(tr("{name}: back to the default", name=tr(setting.label)))
        self._back.setObjectName(f"reset-{setting.key}")
        policy = self._back.sizePolicy()
        policy.setRetainSizeWhenHidden(True)
        self._back.setSizePolicy(policy)
        self._back.clicked.connect(self._reset)
        row.addWidget(self._back, 0, Qt.AlignmentFlag.AlignVCenter)
        self._wanted, self._row, self._name = wanted, row, name
        self.show_again(value)

    def show_again(self, value: Any) -> None:
        """Another value, that did not come from the control."""
        old: QWidget | None = getattr(self, "control", None)
        had_focus = old is not None and old.hasFocus()
        if old is not None:
            self._row.removeWidget(old)
            old.hide()
            old.setObjectName("")
            old.deleteLater()
        self.control = control(self.setting, value, self._wanted)
        self._name.setBuddy(self.control)
        self._row.addWidget(self.control, 0, Qt.AlignmentFlag.AlignVCenter)
        if had_focus:
            self.control.setFocus()
        self.show_value(value)

    def show_value(self, value: Any) -> None:
        """The value in use changed: is there a way back to offer?"""
        self.shown = value
        self._back.setVisible(self.setting.stored and value != self.setting.default)

    def matches(self, text: str) -> bool:
        """Whether every word of the search is somewhere in what this row says, here or in English."""
        setting = self.setting
        spoken = [choice_words(setting, value, words) for value, words in setting.choices]
        said = " ".join((setting.key, setting.label, setting.help, tr(setting.label), tr(setting.help), *spoken)).casefold()
        return all(word in said for word in text.casefold().split())

    @Slot()
    def _reset(self) -> None:
        self.reset.emit(self.setting.key)
