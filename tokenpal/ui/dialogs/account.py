"""Add a provider account: which provider, which key, where to make it, what it will tell, and a live test before it is kept."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tokenpal.engine import providers
from tokenpal.engine.providers import Group, NoProvider
from tokenpal.model.errors import KeyNotKept, TokenpalError
from tokenpal.translation import mark, tr
from tokenpal.ui import taborder
from tokenpal.ui.dialogs.accountform import AccountForm
from tokenpal.ui.dialogs.providerlist import ProviderList
from tokenpal.ui.dialogs.room import room_for
from tokenpal.ui.dialogs.slices import opened
from tokenpal.ui.page import Desk
from tokenpal.ui.still import gradual
from tokenpal.ui.theme import color, px
from tokenpal.ui.widgets.buttons import Button, Link, PrimaryButton
from tokenpal.ui.widgets.card import Scroll
from tokenpal.ui.widgets.marks import Chip
from tokenpal.ui.widgets.text import Rule, Text

CHIPS = {Group.PLAN: mark("coding plan"), Group.SERVER: mark("your own server"), Group.UNOFFICIAL: mark("unofficial")}


class AccountDialog(QDialog):
    """List left, one provider right. Nothing goes over the network before "Test and add" is pressed."""

    added = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._infos = {info.id: info for info in providers.accounts()}
        self._name = ""
        self.setWindowTitle(tr("Add an account"))
        self.setMinimumSize(px(600), room_for(self, 0, 420).height())
        self.resize(room_for(self, 860, 640))
        both = QHBoxLayout(self)
        both.setContentsMargins(0, 0, 0, 0)
        both.setSpacing(0)
        self.provider = ProviderList()
        self.provider.setObjectName("provider")
        both.addWidget(self.provider)
        right = QVBoxLayout()
        right.setContentsMargins(0, 0, 0, 0)
        right.setSpacing(0)
        self._scroll = Scroll()
        right.addWidget(self._scroll, 1)
        right.addWidget(Rule())
        right.addLayout(self._foot())
        both.addLayout(right, 1)
        self.provider.search.setFocus()
        self._work = self._parts()
        if not gradual(self):
            self._made()

    def open(self) -> None:
        opened(self, self._work, super().open)

    def _made(self) -> None:
        for _ in self._work:
            pass

    def _parts(self) -> Iterator[None]:
        """The provider's side, then what is chosen by now."""
        body = QWidget()
        yield from self._about(body)
        self._scroll.setWidget(body)
        yield
        self.name, self.address, self.key, self.consent = self.form.name, self.form.address, self.form.key, self.form.consent
        self.provider.chosen.connect(self._choose)
        self.provider.taken.connect(self.form.start)
        self.form.entered.connect(self._add)
        self._choose(self.provider.key())

    def focusNextPrevChild(self, forward: bool) -> bool:
        return taborder.step(self, forward)

    def _about(self, body: QWidget) -> Iterator[None]:
        """The provider's side: who, which key, the fields, what it tells."""
        column = QVBoxLayout(body)
        column.setContentsMargins(px(26), px(20), px(24), px(18))
        column.setSpacing(px(12))
        head = QHBoxLayout()
        head.setSpacing(px(10))
        self._title = Text("", "big", elide=True)
        self._chip = Chip("")
        head.addWidget(self._title, 1)
        head.addWidget(self._chip, 0, Qt.AlignmentFlag.AlignVCenter)
        column.addLayout(head)
        self._key_words = Text("", "body", wrap=True, selectable=True)
        column.addWidget(self._key_words)
        links = QHBoxLayout()
        links.setSpacing(px(16))
        self._page, self._docs = Link(tr("Make a key")), Link(tr("Documentation"))
        self._page.clicked.connect(self._open_page)
        self._docs.clicked.connect(self._open_docs)
        links.addWidget(self._page)
        links.addWidget(self._docs)
        links.addStretch(1)
        column.addLayout(links)
        column.addSpacing(px(4))
        yield
        self.form = AccountForm()
        column.addWidget(self.form)
        yield
        self._rule = Rule()
        column.addWidget(self._rule)
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(16))
        grid.setVerticalSpacing(px(8))
        grid.setColumnStretch(1, 1)
        self._first, self._tells = Text("", "small", "text-2"), Text("", "small", wrap=True, selectable=True)
        self._second, self._silent = Text("", "small", "text-2"), Text("", "small", wrap=True, selectable=True)
        for line, (name, words) in enumerate(((self._first, self._tells), (self._second, self._silent))):
            name.setFixedWidth(px(108))
            grid.addWidget(name, line, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(words, line, 1)
        column.addLayout(grid)
        column.addStretch(1)
        yield

    def _foot(self) -> QHBoxLayout:
        foot = QHBoxLayout()
        foot.setContentsMargins(px(26), px(12), px(18), px(14))
        foot.setSpacing(px(8))
        self._answer = Text("", "small", "text-2", wrap=True)
        cancel = Button(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        self.session = Button(tr("Keep for this session only"))
        self.session.setObjectName("session")
        self.session.setToolTip(tr("In memory until tokenpal ends; then it asks for the key again."))
        self.session.clicked.connect(self._add_for_session)
        self.session.setVisible(False)
        self.add = PrimaryButton(tr("Test and add"))
        self.add.setObjectName("add")
        self.add.setAutoDefault(False)
        self.add.setEnabled(False)  # until there is a form
        self.add.clicked.connect(self._add)
        foot.addWidget(self._answer, 1)
        for button in (cancel, self.session, self.add):
            foot.addWidget(button, 0, Qt.AlignmentFlag.AlignBottom)
        return foot

    # ---- which provider -----------------------------------------------------------------------------------
    @Slot(str)
    def _choose(self, key: str) -> None:
        info = self._infos.get(key)
        none = providers.none()[int(key[5:])] if key.startswith("none:") else None
        self._say("", problem=False)
        self.session.setVisible(False)
        for widget in (self.form, self.add, self._key_words, self._rule):
            widget.setVisible(info is not None)
        self._scroll.verticalScrollBar().setValue(0)
        if none is not None:
            self._show_none(none)
        if info is None:
            return
        self.add.setEnabled(True)
        self._title.setText(info.name)
        chip = CHIPS.get(providers.group(info), "")
        self._chip.set_text(tr(chip) if chip else "")
        self._key_words.setText(tr(info.key) if info.key else "")
        self._page.setText(tr("Make a key") if info.needs_key else tr("Its page"))
        self._show_link(self._page, info.key_page)
        self._show_link(self._docs, info.docs)
        self.form.ask(info)
        self._two_lines(tr("Tells"), info.tells, tr("Cannot tell"), info.silent)

    def _show_none(self, none: NoProvider) -> None:
        """No form: why there is none, and what there is instead."""
        self._title.setText(tr(none.name))
        self._chip.set_text(tr("no usage API"))
        self._show_link(self._page, "")
        self._show_link(self._docs, "")
        self._two_lines(tr("Why"), none.why, tr("Instead"), none.instead)

    def _two_lines(self, first: str, one: str, second: str, two: str) -> None:
        for label, words, field, text in ((self._first, first, self._tells, one), (self._second, second, self._silent, two)):
            label.setText(words)
            field.setText(tr(text) if text else "")
            field.setAccessibleDescription(words)

    def _show_link(self, link: Link, address: str) -> None:
        link.setVisible(bool(address))
        link.setToolTip(address)
        link.setAccessibleDescription(address)

    @Slot()
    def _open_page(self) -> None:
        if self._desk.actions is not None:
            self._desk.actions.open_page_in_browser(self._page.toolTip())

    @Slot()
    def _open_docs(self) -> None:
        if self._desk.actions is not None:
            self._desk.actions.open_page_in_browser(self._docs.toolTip())

    # ---- test and add -------------------------------------------------------------------------------------
    @Slot()
    def _add(self) -> None:
        self._ask(session_only=False)

    @Slot()
    def _add_for_session(self) -> None:
        self._ask(session_only=True)

    def _ask(self, *, session_only: bool) -> None:
        info = self._infos.get(self.provider.key())
        if info is None or not self.add.isEnabled():
            return
        missing = self.form.missing(info)
        if missing:
            self._say(missing, problem=True)
            return
        self._name = self.name.text().strip() or info.name
        self.add.setEnabled(False)
        self.session.setVisible(False)
        self._say(tr("Asking the provider."), problem=False)
        address = self.address.text().strip() if info.needs_base_url else ""
        asked = self._desk.bridge.engine.add_account(
            info.id, self._name, address, self.key.text().strip(), session_only, self.form.answers(), self.consent.isChecked()
        )
        self._desk.bridge.wait(asked, self._done, self._refused)

    def _done(self, _account: object) -> None:
        self.key.clear()
        self.added.emit(self._name)
        self.accept()

    def _refused(self, error: TokenpalError) -> None:
        self.add.setEnabled(True)
        self.session.setVisible(isinstance(error, KeyNotKept))
        self._say(f"{error.sentence} {error.next_step}".strip(), problem=True)

    def _say(self, words: str, *, problem: bool) -> None:
        self._answer.set_tone("problem" if problem else "text-2")
        self._answer.setText(words)

    def paintEvent(self, event: QPaintEvent) -> None:
        p = QPainter(self)
        p.fillRect(self.rect(), color("card"))
        p.end()
