"""One control per kind of setting. Each shows the value in use and tells the page what the person wants instead."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any
from zoneinfo import available_timezones

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCompleter, QWidget

from tokenpal.settings import Setting, SettingKind
from tokenpal.translation import mark, tr
from tokenpal.ui.theme import CONTROL_HEIGHT, px
from tokenpal.ui.widgets.choices import NumberField
from tokenpal.ui.widgets.controls import LineEdit, PhraseCombo
from tokenpal.ui.widgets.switch import Switch
from tokenpal.ui.widgets.text import as_tip

Wanted = Callable[[str, Any], bool]
"""Called with a setting's key and the value the person wants; False when it does not fit and nothing was kept."""
Take = Callable[[Any], bool]


def choice_words(setting: Setting, value: Any, words: str) -> str:
    """The words of a choice; a currency and a language are called what they call themselves, numbers are figures."""
    named_by_itself = setting.key in {"general.currency", "appearance.language"} and value
    return words if named_by_itself or not isinstance(value, str) else tr(words)


def control(setting: Setting, value: Any, wanted: Wanted) -> QWidget:
    """The control that fits the setting, showing ``value``."""
    made = _MAKERS[setting.kind](setting, value, partial(wanted, setting.key))
    made.setObjectName(setting.key)
    made.setToolTip(as_tip(tr(setting.help)))
    return made


def _switch(setting: Setting, value: Any, wanted: Take) -> QWidget:
    switch = Switch(tr(setting.label))
    switch.setChecked(bool(value))
    switch.toggled.connect(wanted)
    return switch


def _choice(setting: Setting, value: Any, wanted: Take) -> QWidget:
    combo = PhraseCombo("", [(str(v), choice_words(setting, v, words)) for v, words in setting.choices], tr(setting.label))
    combo.choose(str(value))
    combo.chosen.connect(partial(_pick, setting, wanted))
    return combo


def _pick(setting: Setting, wanted: Take, key: str) -> None:
    wanted(next(v for v, _ in setting.choices if str(v) == key))


def _number(setting: Setting, value: Any, wanted: Take) -> QWidget:
    box = NumberField()
    box.setRange(setting.least, setting.most)
    box.setValue(int(value))
    box.setAccessibleName(tr(setting.label))
    box.setFixedHeight(px(CONTROL_HEIGHT))
    box.setKeyboardTracking(False)
    box.valueChanged.connect(wanted)
    return box


def _line(setting: Setting, value: Any, wanted: Take) -> QWidget:
    edit = LineEdit(tr(_PLACEHOLDERS.get(setting.kind, "")), tr(setting.label))
    edit.setText(_words(value))
    edit.setFixedWidth(px(_WIDTHS.get(setting.kind, 220)))
    if setting.kind is SettingKind.ZONE:
        edit.textEdited.connect(partial(_offer_zones, edit))
    edit.setProperty("kept", edit.text())
    edit.editingFinished.connect(partial(_take_line, setting, edit, wanted))
    return edit


@cache
def zones() -> list[str]:
    """The names of all zones. The first time takes longer than a frame: a folder of the system is read."""
    return sorted(available_timezones())


def _offer_zones(edit: LineEdit, text: str) -> None:
    """All zones that fit, once somebody types one."""
    if edit.completer() is None:
        completer = QCompleter(zones(), edit)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        edit.setCompleter(completer)
        completer.setCompletionPrefix(text)
        completer.complete()


def _take_line(setting: Setting, edit: LineEdit, wanted: Take) -> None:
    """A value that does not fit gives way to the one that is kept."""
    text = edit.text().strip()
    if text == edit.property("kept"):
        return
    if setting.kind is SettingKind.NAMES:
        fits = wanted([name for name in text.replace(",", " ").split() if name])
    elif setting.kind is SettingKind.ROOTS:
        fits = wanted(_roots(text))
    else:
        fits = wanted(text)
    if fits:
        edit.setProperty("kept", text)
    else:
        edit.setText(edit.property("kept"))


def _words(value: Any) -> str:
    if isinstance(value, dict):
        return "; ".join(f"{agent}={folder}" for agent, folders in value.items() for folder in folders)
    return ", ".join(value) if isinstance(value, list) else str(value)


def _roots(text: str) -> dict[str, list[str]]:
    """``codex=/mnt/home/.codex; claude-code=/data/claude`` as the setting keeps it."""
    roots: dict[str, list[str]] = {}
    for part in text.split(";"):
        agent, _, folder = part.strip().partition("=")
        if agent.strip() and folder.strip():
            roots.setdefault(agent.strip(), []).append(folder.strip())
    return roots


_PLACEHOLDERS = {
    SettingKind.ZONE: mark("This machine's zone"),
    SettingKind.TIME: "08:00",
    SettingKind.ROOTS: "codex=/path/to/.codex",
    SettingKind.NAMES: "codex",
}
_WIDTHS = {SettingKind.TIME: 80, SettingKind.ROOTS: 320}
_MAKERS: dict[SettingKind, Callable[[Setting, Any, Take], QWidget]] = {
    SettingKind.SWITCH: _switch,
    SettingKind.CHOICE: _choice,
    SettingKind.NUMBER: _number,
    SettingKind.TEXT: _line,
    SettingKind.TIME: _line,
    SettingKind.ZONE: _line,
    SettingKind.NAMES: _line,
    SettingKind.ROOTS: _line,
}
