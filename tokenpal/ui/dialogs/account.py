"""Add a provider account: which key, where to make it, what it will tell, and a live test before it is kept."""

from __future__ import annotations

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QDialog, QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from tokenpal.engine import providers
from tokenpal.model.errors import KeyNotKept, TokenpalError
from tokenpal.ui.page import Desk
from tokenpal.ui.theme import CONTROL_HEIGHT, px
from tokenpal.ui.widgets.buttons import Button, Link, PrimaryButton
from tokenpal.ui.widgets.controls import LineEdit, PhraseCombo
from tokenpal.ui.widgets.text import Rule, Text


class AccountDialog(QDialog):
    """One form. Nothing goes over the network before "Test and add" is pressed."""

    added = Signal(str)

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._infos = {info.id: info for info in providers.accounts()}
        self.setWindowTitle("Add an account")
        self.setMinimumWidth(px(560))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(10))
        column.addWidget(Text("Add an account", "title"))
        self.provider = PhraseCombo("from", [(key, info.name) for key, info in self._infos.items()], "Provider")
        self.provider.setObjectName("provider")
        self.provider.chosen.connect(self._choose)
        column.addWidget(self.provider)
        self._key_words = Text("", "body", wrap=True)
        self._page = Link("Where to make it")
        self._page.clicked.connect(self._open_page)
        column.addWidget(self._key_words)
        self._docs = Link("Documentation")
        self._docs.clicked.connect(self._open_docs)
        links = QHBoxLayout()
        links.setSpacing(px(16))
        links.addWidget(self._page)
        links.addWidget(self._docs)
        links.addStretch(1)
        column.addLayout(links)
        form = QFormLayout()
        form.setHorizontalSpacing(px(20))
        form.setVerticalSpacing(px(8))
        self.name = LineEdit("Work", "Name of the account")
        self.name.setObjectName("name")
        self.address = LineEdit("https://", "Address")
        self.address.setObjectName("address")
        self.key = LineEdit("Paste the key", "Key")
        self.key.setObjectName("key")
        self.key.setEchoMode(QLineEdit.EchoMode.Password)
        self._address_words = _label("Address")
        form.addRow(_label("Name"), self.name)
        form.addRow(self._address_words, self.address)
        form.addRow(_label("Key"), self.key)
        column.addLayout(form)
        column.addWidget(Text("The key is kept in the credential store of this system, never in a file of tokenpal.", "small", "text-3", wrap=True))
        column.addWidget(Rule())
        self._tells = Text("", "small", "text-2", wrap=True)
        self._silent = Text("", "small", "text-2", wrap=True)
        column.addWidget(self._tells)
        column.addWidget(self._silent)
        self._answer = Text("", "body", wrap=True)
        column.addWidget(self._answer)
        foot = QHBoxLayout()
        foot.addStretch(1)
        cancel = Button("Cancel")
        cancel.clicked.connect(self.reject)
        self.add = PrimaryButton("Test and add")
        self.add.setObjectName("add")
        self.add.clicked.connect(self._add)
        self.key.returnPressed.connect(self._add)
        self.session = Button("Keep for this session only")
        self.session.setObjectName("session")
        self.session.setToolTip("In memory until tokenpal ends; then it asks for the key again.")
        self.session.clicked.connect(self._add_for_session)
        self.session.setVisible(False)
        foot.addWidget(cancel)
        foot.addWidget(self.session)
        foot.addWidget(self.add)
        column.addLayout(foot)
        self._choose(self.provider.key())
        self.name.setFocus()

    @Slot(str)
    def _choose(self, key: str) -> None:
        info = self._infos.get(key)
        if info is None:
            return
        self._key_words.setText(info.key)
        self._page.setVisible(bool(info.key_page))
        self._page.setToolTip(info.key_page)
        self._docs.setVisible(bool(info.docs))
        self._docs.setToolTip(info.docs)
        self._tells.setText(f"Tells: {info.tells}")
        self._silent.setText(f"Cannot tell: {info.silent}")
        self.address.setText(info.base_url)
        for widget in (self.address, self._address_words):
            widget.setVisible(info.needs_base_url)
        self.name.setPlaceholderText(info.name)
        self._answer.setText("")

    @Slot()
    def _open_page(self) -> None:
        info = self._infos.get(self.provider.key())
        if info is not None and self._desk.actions is not None:
            self._desk.actions.open_page_in_browser(info.key_page)

    @Slot()
    def _open_docs(self) -> None:
        info = self._infos.get(self.provider.key())
        if info is not None and self._desk.actions is not None:
            self._desk.actions.open_page_in_browser(info.docs)

    @Slot()
    def _add(self) -> None:
        self._ask(session_only=False)

    @Slot()
    def _add_for_session(self) -> None:
        self._ask(session_only=True)

    def _ask(self, *, session_only: bool) -> None:
        info = self._infos.get(self.provider.key())
        key = self.key.text().strip()
        if info is None or not key:
            self._say("Paste a key first.", problem=True)
            return
        if info.needs_base_url and not self.address.text().strip().startswith(("https://", "http://")):
            self._say("Give the address of the server, such as https://llm.example.org.", problem=True)
            return
        self._name = self.name.text().strip() or info.name
        self.add.setEnabled(False)
        self.session.setVisible(False)
        self._say("Asking the provider.", problem=False)
        address = self.address.text().strip() if info.needs_base_url else ""
        engine = self._desk.bridge.engine
        self._desk.bridge.wait(engine.add_account(info.id, self._name, address, key, session_only), self._done, self._refused)

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


def _label(words: str) -> Text:
    label = Text(words, "small", "text-2")
    label.setMinimumHeight(px(CONTROL_HEIGHT))  # stands in the middle of its field
    return label
