"""Accounts: each with its health in a sentence and a next step, and what its figures contain."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from tokenpal.engine import commands, health, limits, options, providers, queries
from tokenpal.insight.health import state_words
from tokenpal.model.report import AccountRow, Filter, Query
from tokenpal.translation import mark, tr
from tokenpal.ui import still
from tokenpal.ui.accounts.card import AccountCard
from tokenpal.ui.accounts.listing import TROUBLE, AccountList
from tokenpal.ui.page import TIME, Page
from tokenpal.ui.shortcuts import with_key
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.turns import Turns
from tokenpal.ui.widgets.buttons import PrimaryButton
from tokenpal.ui.widgets.card import Card, EmptyState, Scroll
from tokenpal.ui.widgets.notices import Banner

if TYPE_CHECKING:
    from tokenpal.engine.statusline import Standing
    from tokenpal.ui.accounts.reconcile import ReconcilePane


class AccountsPage(Page):
    """List left, one account right, and the one way to add another."""

    title = mark("Accounts")

    def _make(self) -> Iterator[None]:
        desk = self.desk
        self._rows: list[AccountRow] = []
        self._wanted = 0  # an account to show once the list is there
        self.card: AccountCard | None = None
        self._turns = Turns(self)  # makes the next card
        self.pane: ReconcilePane | None = None  # over list and card while an account is compared with the logs
        self._banner_shown: Banner | None = None
        add = self._add = PrimaryButton(tr("Add an account"))
        add.setObjectName("add-account")
        add.setToolTip(with_key(tr("Add an account"), "Ctrl+N"))
        add.clicked.connect(self.add)
        QShortcut(QKeySequence("Ctrl+N"), self).activated.connect(self.add)
        self.head.addWidget(add)
        self._both = QWidget()
        row = QHBoxLayout(self._both)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(px(CARD_GAP))
        self._left = Card(pad=(6, 6))
        self._left.setMinimumWidth(px(190))
        self.list = self.main = AccountList(desk)
        self.list.currentRowChanged.connect(self._chosen)
        self._left.body.addWidget(self.list)
        row.addWidget(self._left, 4)
        yield
        self._body = body = QWidget()
        self._right = QVBoxLayout(body)
        self._right.setContentsMargins(0, 0, 0, 0)
        self._right.setSpacing(px(CARD_GAP))
        self._scroll = Scroll()
        self._scroll.setWidget(body)
        self._scroll.on_ground()
        row.addWidget(self._scroll, 9)
        self.column.addWidget(self._both, 1)
        self._empty = EmptyState(
            tr("No account and no agent yet."), tr("Agents are found by themselves once they have run here. An account is added with a key."), ghosts=True)
        self.column.addWidget(self._empty, 1)
        self._empty.hide()

    def refresh(self, what: frozenset[str]) -> None:
        if what & (TIME | {"accounts", "usage", "limits", "settings"}):
            self.desk.bridge.ask(queries.accounts, False, int(self.desk.settings.get("advanced.poll_minutes")), then=self._filled)

    def _filled(self, rows: list[AccountRow]) -> None:
        changed = rows != self._rows
        self._rows = rows
        if changed:
            self.list.set_rows(rows)
        if self.pane is not None:
            known = next((row for row in rows if row.id == self.pane.row.id), None)
            self._close_pane() if known is None else self.pane.data_changed(known)
        self._both.setVisible(bool(rows) and self.pane is None)
        self._empty.setVisible(not rows)
        if self._wanted and self.list.place(self._wanted) >= 0:
            self.list.setCurrentRow(self.list.place(self._wanted))
            self._wanted = 0
        if changed or self.card is None:
            self._chosen(self.list.currentRow())
        else:
            self.list.say_ages()
            self._ask_more()

    def current(self) -> AccountRow | None:
        """The account that is shown."""
        return self.list.current()

    def show_item(self, item: object) -> None:
        """An account's number, or "add"."""
        if item == "add":
            self.add()
        elif isinstance(item, int):
            self._close_pane()
            self._wanted = item
            if self._rows:
                self._filled(self._rows)

    # ---- one account --------------------------------------------------------------------------------------
    @Slot(int)
    def _chosen(self, _place: int) -> None:
        row = self.current()
        if self.card is not None:
            self.card.blockSignals(True)  # it stays to be seen until the next one is made
        self.card = self._banner_shown = None
        self._add.set_primary(row is None or row.state not in TROUBLE)  # one on a page (design 6): a banner has its own
        self._turns.begin(self._card_made(row))
        if not still.gradual(self):
            self._turns.finish()

    def _card_made(self, row: AccountRow | None) -> Iterator[None]:
        card = None
        if row is not None:
            card = AccountCard(self.desk, row, self._body)
            card.hide()
            yield from self._filling(card)
        while self._right.count():
            item = self._right.takeAt(0)
            widget = item.widget() if item else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if card is None or row is None:
            return
        if row.state in TROUBLE:
            self._banner_shown = self._banner(row)
            self._right.addWidget(self._banner_shown)
        self.card = card
        card.acted.connect(self._act)
        card.counted.connect(self._counts)
        card.mirrored.connect(self._mirrors)
        self._right.addWidget(card)
        card.show()
        self._right.addStretch(1)
        yield
        self._ask_more()
        if row.problems:
            self.desk.bridge.ask(queries.problems, row.id, then=card.set_problems)

    def _filling(self, card: AccountCard) -> Iterator[None]:
        made = False
        try:
            yield
            yield from card.parts(self._rows)
            made = True
        finally:
            if not made and isValid(card):  # another one was chosen meanwhile
                card.deleteLater()

    def _ask_more(self) -> None:
        if self.card is not None:
            today = self.desk.today()
            query = Query(self.desk.zone().key, today, today + timedelta(days=1), filter=Filter(accounts=(self.card.row.name,)))
            self.desk.bridge.ask(queries.report, query, then=self.card.set_today)
            if self.card.row.kind == "api":
                self.desk.bridge.ask(options.given, self.card.row.id, then=self.card.set_options)
                self.desk.bridge.ask(queries.corrections, self.card.row.id, then=self.card.set_corrections)
            self.desk.bridge.ask(health.health, self.desk.zone().key, int(self.desk.settings.get("advanced.poll_minutes")), then=self.card.set_health)
            self.desk.bridge.ask(limits.standing, self.desk.zone().key, limits.how(self.desk.settings), then=self.card.set_standing)

    def _banner(self, row: AccountRow) -> Banner:
        title = f"{row.name}: {state_words(row.state)}"
        banner = Banner("problem", title, " ".join(tr(part) for part in (row.sentence, row.next_step) if part))
        if row.kind == "api":
            info = providers.info(row.source)
            if row.secret or info is None or info.needs_key:
                banner.add_button(tr("Enter a new key"), primary=True).clicked.connect(self._new_key)
            banner.add_button(tr("Test again")).clicked.connect(self._test)
        else:
            banner.add_button(tr("Read again")).clicked.connect(self._read_again)
        return banner

    # ---- report against logs ----------------------------------------------------------------------------------
    @Slot()
    def compare(self) -> None:
        """Set the report of the account that is shown against the logs of this machine."""
        from tokenpal.ui.accounts.reconcile import ReconcilePane

        row = self.current()
        if row is None or self.pane is not None:
            return
        self.pane = ReconcilePane(self.desk, row, self._rows)
        self.pane.closed.connect(self._close_pane)
        self.pane.said.connect(self.toast)
        self._both.hide()
        self.column.addWidget(self.pane, 1)
        self.pane.refresh()
        self.pane.table.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _close_pane(self) -> None:
        pane, self.pane = self.pane, None
        if pane is None:
            return
        pane.hide()
        self.column.removeWidget(pane)
        pane.deleteLater()
        self._both.setVisible(bool(self._rows))
        button = self.card.findChild(QWidget, "account-compare") if self.card is not None else None
        (button or self.list).setFocus(Qt.FocusReason.OtherFocusReason)

    # ---- actions ------------------------------------------------------------------------------------------
    @Slot(str)
    def _act(self, what: str) -> None:
        {"test": self._test, "key": self._new_key, "options": self._options, "read": self._read_again, "compare": self.compare, "remove": self._remove, "statusline": self._status_line}[what]()

    @Slot()
    def add(self) -> None:
        """The guided dialog."""
        from tokenpal.ui.dialogs.account import AccountDialog

        dialog = AccountDialog(self.desk, self)
        dialog.added.connect(self._added)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(str)
    def _added(self, name: str) -> None:
        self.toast.emit(tr("{name} is added and read now.", name=name), False)
        self.refresh(frozenset({"accounts"}))

    @Slot()
    def _new_key(self) -> None:
        from tokenpal.ui.dialogs.key import KeyDialog

        row = self.current()
        if row is not None:
            dialog = KeyDialog(self.desk, row, self)
            dialog.done_with.connect(self._said)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    @Slot()
    def _options(self) -> None:
        from tokenpal.ui.dialogs.accountoptions import OptionsDialog

        row = self.current()
        if row is not None:
            dialog = OptionsDialog(self.desk, row, self)
            dialog.done_with.connect(self._said)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            self.desk.bridge.ask(options.given, row.id, then=dialog.fill)
            dialog.open()

    @Slot()
    def _test(self) -> None:
        row = self.current()
        if row is not None:
            self.toast.emit(tr("Asking the provider."), False)
            self.desk.bridge.wait(self.desk.bridge.engine.test_account(row.id), self._said)

    @Slot()
    def _read_again(self) -> None:
        row = self.current()
        if row is not None and self.desk.actions is not None:
            self.desk.actions.refresh(row.id)
            self.toast.emit(tr("Reading {name}.", name=row.name), False)

    @Slot(str)
    def _counts(self, counts: str) -> None:
        row = self.current()
        if row is not None:
            self.desk.bridge.ask(commands.set_counts, row.id, counts, then=self._counted)

    @Slot(str)
    def _mirrors(self, other: str) -> None:
        row = self.current()
        if row is not None:
            self.desk.bridge.ask(commands.set_counts, row.id, row.counts, int(other) if other else None, then=self._counted)

    def _counted(self, _none: object) -> None:
        self.toast.emit(tr("Changed what counts of this account."), True)

    def _remove(self) -> None:
        from tokenpal.ui.dialogs.ask import AskDialog

        row = self.current()
        if row is None:
            return
        stays = {
            "api": mark("Its key is deleted in any case. Its figures and your labels can stay."),
            "log": mark("The agent's own files stay as they are. Its figures and your labels can stay."),
        }.get(row.kind, mark("Its figures and your labels can stay."))
        dialog = AskDialog(
            tr("Remove {name}?", name=row.name), tr(stays), tr("Cancel"),
            (("keep", tr("Remove, keep its history"), False), ("forget", tr("Remove and forget it"), True)), self,
        )  # fmt: skip
        dialog.chosen.connect(self._remove_with)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(str)
    def _remove_with(self, how: str) -> None:
        row = self.current()
        if row is not None:
            self.desk.bridge.wait(self.desk.bridge.engine.remove_account(row.id, how == "keep"), self._removed)

    def _removed(self, _answer: object) -> None:
        self.toast.emit(tr("Removed."), False)
        self.refresh(frozenset({"accounts"}))

    @Slot()
    def _status_line(self) -> None:
        from tokenpal.ui.dialogs import statusline
        from tokenpal.ui.dialogs.ask import AskDialog

        row = self.current()
        if row is None:
            return
        dialog = AskDialog(*statusline.question(statusline.settings_of(row.root)), self)
        dialog.chosen.connect(self._status_line_with)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(str)
    def _status_line_with(self, what: str) -> None:
        from tokenpal.engine import statusline
        from tokenpal.ui.dialogs.statusline import settings_of

        row = self.current()
        if row is not None:
            self.desk.bridge.ask(statusline.change, settings_of(row.root), what, then=self._status_line_done)

    def _status_line_done(self, standing: Standing) -> None:
        from tokenpal.ui.dialogs.statusline import done

        self.toast.emit(done(standing), False)

    @Slot(str)
    def _said(self, sentence: str) -> None:
        self.toast.emit(sentence, False)
        self.refresh(frozenset({"accounts"}))
