"""How the list is narrowed: search, label and time stand in the head; the rest behind one quiet button, and as chips once used."""

from __future__ import annotations

from datetime import date, timedelta
from functools import partial

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from tokenpal.engine import listing
from tokenpal.model.report import NONE_KEYS, Dimension, Filter
from tokenpal.translation import mark, tr
from tokenpal.ui import times
from tokenpal.ui.page import Desk
from tokenpal.ui.palette import LABEL_WORDS, LABELS
from tokenpal.ui.sessions import words
from tokenpal.ui.sessions.chips import Chips
from tokenpal.ui.sessions.namepicker import NamePicker
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.controls import PhraseCombo, SearchField

NOT_LABELLED = NONE_KEYS[Dimension.LABEL]
PERIODS = (("all", mark("all time")), ("7", mark("the last 7 days")), ("30", mark("the last 30 days")), ("90", mark("the last 90 days")))
KINDS = {  # field of Filter -> its word, and what stands for none
    "tasks": (mark("task"), mark("No task"), NONE_KEYS[Dimension.TASK]),
    "tags": (mark("tag"), mark("No tag"), NONE_KEYS[Dimension.TAG]),
    "projects": (mark("project"), mark("No project"), NONE_KEYS[Dimension.PROJECT]),
    "branches": (mark("branch"), mark("No branch"), NONE_KEYS[Dimension.BRANCH]),
    "agents": (mark("agent"), "", ""),
    "accounts": (mark("account"), "", ""),
    "models": (mark("model"), mark("unknown"), NONE_KEYS[Dimension.MODEL]),
    "providers": (mark("provider"), "", ""),
}
MENU_WORDS = {
    "tasks": mark("Task"), "tags": mark("Tag"), "projects": mark("Project"), "agents": mark("Agent"), "accounts": mark("Account"), "models": mark("Model"),
}  # fmt: skip
MENU_LENGTH = 15


class Filters(QObject):
    """The conditions and their controls. ``changed`` when the list has to be read again."""

    changed = Signal()

    def __init__(self, desk: Desk, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self.filter = Filter()
        self.first: date | None = None
        self.until: date | None = None
        self.search = SearchField(tr("Search notes, tasks, projects"))
        self._wait = QTimer(self)
        self._wait.setSingleShot(True)
        self._wait.setInterval(150)
        self._wait.timeout.connect(self._searched)
        self.search.textChanged.connect(self._wait.start)
        labels = [(name, tr(LABEL_WORDS[name])) for name in LABELS if name != "unlabelled"]
        self.label = PhraseCombo(tr("label"), [("", tr("All")), (NOT_LABELLED, tr("Not labelled")), *labels], tr("Which label"))
        self.label.chosen.connect(self._choose_label)
        self.period = PhraseCombo(tr("in"), [(key, tr(said)) for key, said in PERIODS], tr("Which time"))
        self.period.chosen.connect(self._choose_period)
        self.button = Button(tr("Filter"), icon_name="filter")
        self.button.setToolTip(tr("By task, tag, project, agent, account or model (F)"))
        self.button.clicked.connect(self.ask)
        self.menu = QMenu(self.button)
        self.chips = Chips()
        self.chips.removed.connect(self._remove)
        self.chips.cleared.connect(self.clear)

    @property
    def narrowed(self) -> bool:
        """Whether any condition holds."""
        return self.filter != Filter() or self.first is not None or self.until is not None

    def set(self, filter_: Filter, first: date | None = None, until: date | None = None) -> None:
        """Other conditions, from another page; no signal."""
        self.filter, self.first, self.until = filter_, first, until
        self._wait.stop()
        if self.search.text().strip() != filter_.text:
            self.search.blockSignals(True)
            self.search.setText(filter_.text)
            self.search.blockSignals(False)
        self.period.choose(self._period_key())
        self._tell()

    @Slot()
    def clear(self) -> None:
        """No conditions."""
        self.set(Filter())
        self.changed.emit()

    def _period_key(self) -> str:
        if self.first is None or self.until is not None:
            return "all"
        days = str((self._desk.today() - self.first).days + 1)
        return days if days in dict(PERIODS) else "all"

    def _tell(self) -> None:
        self.label.choose(self.filter.labels[0] if len(self.filter.labels) == 1 else "")
        said = []
        if len(self.filter.labels) > 1:
            names: dict[str, str] = {str(name): LABEL_WORDS[name] for name in LABELS}
            names[NOT_LABELLED] = mark("Not labelled")
            said += [("labels", name, tr("label"), tr(names.get(name, name))) for name in self.filter.labels]
        for key, (kind, _, _) in KINDS.items():
            said += [(key, name, tr(kind), shown_name(key, name)) for name in getattr(self.filter, key)]
        if (self.first is not None or self.until is not None) and self._period_key() == "all":
            said.append(("days", "", "", self._days()))
        self.chips.set(said)

    def _days(self) -> str:
        if self.first is None:
            return tr("until {day}", day=times.long_day(self.until - timedelta(days=1))) if self.until else ""
        if self.until is None:
            return tr("since {day}", day=times.long_day(self.first))
        last = self.until - timedelta(days=1)
        return times.long_day(last) if last == self.first else times.day_range(self.first, last)

    # ---- what the person does -----------------------------------------------------------------------------
    @Slot(str)
    def _choose_label(self, key: str) -> None:
        self._change(labels=(key,) if key else ())

    @Slot(str)
    def _choose_period(self, key: str) -> None:
        self.first = None if key == "all" else self._desk.today() - timedelta(days=int(key) - 1)
        self.until = None
        self._change()

    @Slot()
    def _searched(self) -> None:
        text = self.search.text().strip()
        if text != self.filter.text:
            self._change(text=text)

    def _change(self, **fields: object) -> None:
        self.filter = msgspec.structs.replace(self.filter, **fields)
        self._tell()
        self.changed.emit()

    @Slot(str, str)
    def _remove(self, key: str, value: str) -> None:
        if key == "days":
            self.first = self.until = None
            self._change()
        else:
            self._change(**{key: tuple(name for name in getattr(self.filter, key) if name != value)})

    def toggle(self, key: str, name: str) -> None:
        """Add a condition, or take it away; several names of a kind are alternatives."""
        have = getattr(self.filter, key)
        self._change(**{key: tuple(one for one in have if one != name) if name in have else (*have, name)})

    @Slot()
    def ask(self) -> None:
        """Open the menu of what there is."""
        self._desk.bridge.ask(listing.choices, then=self._open)

    def _open(self, choices: listing.Choices) -> None:
        self.fill(choices)
        self.button.drop(self.menu)

    def fill(self, choices: listing.Choices) -> None:
        """Put what there is into the menu."""
        self.menu.clear()
        for key, said in MENU_WORDS.items():
            names = list(getattr(choices, key))
            none = KINDS[key][2]
            part = self.menu.addMenu(tr(said))
            part.setEnabled(bool(names))
            have = getattr(self.filter, key)
            shown = [*[name for name in have if name not in names and name != none], *names[:MENU_LENGTH], *([none] if none else [])]
            for name in shown:
                action = QAction(shown_name(key, name).replace("&", "&&"), part)
                action.setCheckable(True)
                action.setChecked(name in have)
                action.triggered.connect(partial(self.toggle, key, name))
                part.addAction(action)
            if len(names) > MENU_LENGTH:
                part.addSeparator()
                part.addAction(tr("All {n}…", n=len(names)), partial(self._pick, key, names))

    def _pick(self, key: str, names: list[str]) -> None:
        picker = NamePicker(tr(MENU_WORDS[key]), [(name, shown_name(key, name)) for name in names], self.button.window())
        picker.picked.connect(partial(self.toggle, key))
        picker.open()


def shown_name(key: str, name: str) -> str:
    """How a name of a condition is written."""
    _, none, none_key = KINDS[key]
    if none_key and name == none_key:
        return tr(none)
    if key == "agents":
        return words.agent_name(name)
    return words.last_part(name) if key == "projects" else name
