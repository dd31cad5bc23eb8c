"""Settings, drawn from the one table, and what can be done with the data as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QKeySequence, QResizeEvent, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine import login
from tokenpal.model.errors import TokenpalError, UsageError
from tokenpal.settings import BY_KEY, GROUPS, SETTINGS
from tokenpal.system.paths import Paths, paths
from tokenpal.translation import mark, tr
from tokenpal.ui.page import Desk, Page
from tokenpal.ui.reflow import together
from tokenpal.ui.settings.about import AboutCard
from tokenpal.ui.settings.data import ActionRow, DataActions, InboxRow
from tokenpal.ui.settings.row import SettingRow, words_of
from tokenpal.ui.settings.sections import Sections
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.card import Card, EmptyState, Scroll
from tokenpal.ui.widgets.controls import SearchField
from tokenpal.ui.widgets.switch import Switch
from tokenpal.ui.widgets.text import Rule

LOGIN = "general.start_at_login"
ABOUT = "about"
WIDEST = 780  # a name and its control far apart are hard to read as one
ROOM_FOR_SECTIONS = 840  # px at text size 100 %


class SettingsPage(Page):
    """One card a group; a change is in force and saved at once, and can be taken back for as long as it is told."""

    title = mark("Settings")

    def _make(self) -> Iterator[None]:
        self.search = SearchField(tr("Search settings"))
        self.search.textChanged.connect(self._filter)
        self.head.addWidget(self.search)
        for keys in (QKeySequence("/"), QKeySequence(QKeySequence.StandardKey.Find)):
            shortcut = QShortcut(keys, self)
            shortcut.activated.connect(self._to_search)
        self._rows: dict[str, SettingRow] = {}
        self._parts: dict[str, list[tuple[SettingRow | ActionRow, Rule | None]]] = {}
        self._cards: dict[str, Card] = {}
        body = self._body = QWidget()
        self._scroll = Scroll()
        self._holder = QWidget()
        self._scroll.setWidget(self._holder)
        self._scroll.on_ground()
        self._column = QVBoxLayout(body)
        self._column.setContentsMargins(0, 0, px(6), 0)
        self._column.setSpacing(px(CARD_GAP))
        for group, words in GROUPS.items():
            yield from self._add_card(group, tr(words))
        self._about = AboutCard(self._places())
        self._about.said.connect(self.toast)
        yield
        self._cards[ABOUT] = self._about
        self._column.addWidget(self._about)
        self._nothing = EmptyState(tr("No setting matches."), tr("Esc clears the search."))
        self._nothing.hide()
        self._column.addWidget(self._nothing)
        self._column.addStretch(1)
        body.setMaximumWidth(px(WIDEST))
        self.sections = Sections([(key, card.title.text()) for key, card in self._cards.items()])
        self.sections.chosen.connect(self.show_section)
        yield
        centre = QHBoxLayout(self._holder)
        centre.setContentsMargins(0, 0, 0, 0)
        centre.addWidget(body, 1000)
        centre.addStretch(1)
        self._scroll.verticalScrollBar().valueChanged.connect(self._scrolled)
        row = QHBoxLayout()
        row.setSpacing(px(16))
        row.addWidget(self.sections)
        row.addWidget(self._scroll, 1)
        self.column.addLayout(row, 1)
        self.sections.look_at(next(iter(self._cards)))

    def _add_card(self, group: str, words: str) -> Iterator[None]:
        rows: list[SettingRow | ActionRow] = []
        for one in SETTINGS:
            if one.group == group and not one.hidden:
                rows.append(self._row(one.key))
                yield
        parts: list[tuple[SettingRow | ActionRow, Rule | None]] = []
        card = Card(words)
        if group == "receiver":
            inbox = InboxRow(self.desk, self._places())
            inbox.said.connect(self.toast)
            rows.append(inbox)
        for row in rows:
            rule = Rule() if parts else None
            if rule is not None:
                card.body.addWidget(rule)
            card.body.addWidget(row)
            parts.append((row, rule))
            yield
        if group == "data":
            self.data = DataActions(self.desk, self._places())
            self.data.said.connect(self.toast)
            yield from self.data.parts()
            if parts:
                card.body.addWidget(Rule())
            card.body.addWidget(self.data)
            parts += zip(self.data.rows, (None, *self.data.rules), strict=True)
        if parts:
            self._parts[group], self._cards[group] = parts, card
            self._column.addWidget(card)

    def _row(self, key: str) -> SettingRow:
        row = SettingRow(BY_KEY[key], self._value(key), self._wanted)
        row.reset.connect(self._reset)
        self._rows[key] = row
        return row

    def _value(self, key: str) -> Any:
        return login.state().on if key == LOGIN else self.desk.settings.get(key)

    def refresh(self, what: frozenset[str]) -> None:
        switch = self.findChild(Switch, LOGIN)
        if switch is not None:
            state = login.state()
            switch.blockSignals(True)
            switch.setChecked(state.on)
            switch.blockSignals(False)
        for key, row in self._rows.items() if "settings" in what else ():
            if row.shown != (value := self._value(key)) and not row.isAncestorOf(self.window().focusWidget() or self):
                row.show_again(value)  # changed elsewhere: by a key, in another window, on the command line

    def show_item(self, item: object) -> None:
        """Jump to a group ("data") or to a setting ("appearance.theme")."""
        key = str(item)
        if key in self._rows:
            self.search.clear()
            QTimer.singleShot(0, self._rows[key], lambda: self._scroll.ensureWidgetVisible(self._rows[key]))
            self._rows[key].control.setFocus()
        elif key in self._cards:
            self.show_section(key)

    # ---- finding ------------------------------------------------------------------------------------------
    @Slot()
    def _to_search(self) -> None:
        self.search.setFocus()
        self.search.selectAll()

    @Slot(str)
    def _filter(self, text: str) -> None:
        with together(self._body, *self._cards.values(), now=False):
            self._show_only(text)

    def _show_only(self, text: str) -> None:
        found = set()
        for group, parts in self._parts.items():
            above = False
            whole = text.strip() and text.strip().casefold() in self._cards[group].title.text().casefold()
            for row, rule in parts:
                fits = bool(whole) or row.matches(text)
                row.setVisible(fits)
                if rule is not None:
                    rule.setVisible(fits and above)
                above = above or fits
            self._cards[group].setVisible(above)
            if above:
                found.add(group)
        about = not text.strip() or text.strip().casefold() in self._about.title.text().casefold()
        self._about.setVisible(about)
        self._nothing.setVisible(not found and not about)
        self.sections.show_only(frozenset(found | ({ABOUT} if about else set())))

    @Slot(str)
    def show_section(self, key: str) -> None:
        """Scroll so that the card of a section is on top."""
        card = self._cards[key]
        place = card.mapTo(self._holder, card.rect().topLeft()).y()
        self._scroll.verticalScrollBar().setValue(place)
        self.sections.look_at(key)

    @Slot(int)
    def _scrolled(self, top: int) -> None:
        """The section in view is the last one that begins above the upper third."""
        line = top + self._scroll.viewport().height() // 3
        shown = [(card.mapTo(self._holder, card.rect().topLeft()).y(), key) for key, card in self._cards.items() if not card.isHidden()]
        above = [key for y, key in shown if y <= line]
        at_end = top == self._scroll.verticalScrollBar().maximum()
        if shown:
            self.sections.look_at(shown[-1][1] if at_end and top else above[-1] if above else shown[0][1])

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.sections.setVisible(self.width() >= px(ROOM_FOR_SECTIONS))

    # ---- changing -----------------------------------------------------------------------------------------
    def _wanted(self, key: str, value: Any) -> bool:
        before = self._value(key)
        if not self._put(key, value):
            return False
        setting = BY_KEY[key]
        self.taken_back.emit(tr("{name}: {value}", name=tr(setting.label), value=words_of(setting, value)), Change(self.desk, key, before))
        return True

    @Slot(str)
    def _reset(self, key: str) -> None:
        if self._wanted(key, BY_KEY[key].default):
            self._rows[key].show_again(self._value(key))

    def _put(self, key: str, value: Any) -> bool:
        try:
            keep(self.desk, key, value)
        except TokenpalError as error:
            self.desk.bridge.failed.emit(error.title, error.sentence, error.next_step)
            self.refresh(frozenset())  # the switch shows what the system says
            return False
        self._rows[key].show_value(value)
        return True

    def import_file(self, name: str) -> None:
        """Show what a file holds, then import it if the person wants."""
        self.data.import_file(name)

    def _places(self) -> Paths:
        """The folders of the profile in use."""
        known = getattr(self.desk.bridge.engine, "paths", None)
        return known if isinstance(known, Paths) else paths()


def keep(desk: Desk, key: str, value: Any) -> None:
    """Store a value and put it in force. Raises what the settings or the system say against it."""
    if key == LOGIN:
        if desk.actions is not None and desk.actions.demo:
            raise UsageError(tr("This window shows sample data, which never starts at login."), tr("Turn it on in your own tokenpal."))
        login.set_on(bool(value))
    else:
        desk.settings.set(key, value)
    if desk.actions is not None:
        desk.actions.settings_changed(key)


class Change:
    """A change that can be taken back, also when the page that made it has been made again since."""

    def __init__(self, desk: Desk, key: str, before: Any) -> None:
        self._desk, self._key, self._before = desk, key, before

    def __call__(self, page: object) -> str:
        """Take it back; the sentence that says so. ``page``: the one in front, which shows it."""
        keep(self._desk, self._key, self._before)
        if isinstance(page, SettingsPage):
            page._rows[self._key].show_again(self._before)  # noqa: SLF001 - its own page
        return tr("Undone: {title}", title=tr(BY_KEY[self._key].label))
