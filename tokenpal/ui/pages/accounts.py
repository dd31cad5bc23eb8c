"""Accounts: each with its health in a sentence and a next step, and what its figures contain."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QFormLayout,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QMessageBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from tokenpal.engine import commands, providers, queries
from tokenpal.model.report import AccountRow
from tokenpal.ui import numbers, paint, times
from tokenpal.ui.dialogs.account import AccountDialog
from tokenpal.ui.dialogs.key import KeyDialog
from tokenpal.ui.icons import paint_icon
from tokenpal.ui.page import Desk, Page
from tokenpal.ui.palette import ColorName
from tokenpal.ui.theme import CARD_GAP, PANE_PAD, color, font, px, theme
from tokenpal.ui.widgets.buttons import Button, PrimaryButton
from tokenpal.ui.widgets.card import Card, EmptyState, Scroll, SlimBar
from tokenpal.ui.widgets.controls import PhraseCombo
from tokenpal.ui.widgets.marks import Chip
from tokenpal.ui.widgets.notices import Banner
from tokenpal.ui.widgets.text import Rule, Text

ACCOUNT = Qt.ItemDataRole.UserRole + 1
TROUBLE = frozenset({"key missing", "key locked", "key refused", "not allowed", "not available", "provider problem", "unreadable"})
WAITING = frozenset({"new", "reading", "paused", "rate limited", "offline", "stale"})
COUNTS = (("remainder", "only what no log covers"), ("all", "everything it reports"), ("none", "nothing"))
SECOND_LINE = {
    "new": "not read yet", "reading": "reading", "stale": "not answered for a while", "offline": "no network",
    "key missing": "no key", "key locked": "credential store is locked", "key refused": "key refused", "not allowed": "key lacks permission",
    "not available": "not available for this account", "rate limited": "waiting, as the provider asked", "provider problem": "provider problem",
    "unreadable": "could not be read", "paused": "paused by you",
}  # fmt: skip


class AccountsPage(Page):
    """List left, one account right, and the one way to add another."""

    title = "Accounts"

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(desk, parent)
        self._rows: list[AccountRow] = []
        add = PrimaryButton("Add an account")
        add.setObjectName("add-account")
        add.clicked.connect(self.add)
        self.head.addWidget(add)
        row = QHBoxLayout()
        row.setSpacing(px(CARD_GAP))
        left = Card(pad=(6, 6))
        self.list = QListWidget()
        self.list.setObjectName("account-list")
        self.list.setAccessibleName("Accounts")
        self.list.setItemDelegate(_Delegate(desk, self.list))
        self.list.setFrameShape(QListWidget.Shape.NoFrame)
        self.list.setVerticalScrollBar(SlimBar())
        self.list.currentRowChanged.connect(self._chosen)
        left.body.addWidget(self.list)
        row.addWidget(left, 4)
        body = QWidget()
        self._right = QVBoxLayout(body)
        self._right.setContentsMargins(0, 0, px(4), 0)
        self._right.setSpacing(px(CARD_GAP))
        scroll = Scroll()
        scroll.setWidget(body)
        row.addWidget(scroll, 9)
        self.column.addLayout(row, 1)
        self._parts: list[QWidget] = []

    def refresh(self, what: frozenset[str]) -> None:
        if what & {"accounts", "usage"}:
            self.desk.bridge.ask(queries.accounts, then=self._filled)

    def _filled(self, rows: list[AccountRow]) -> None:
        kept = self.current()
        self._rows = rows
        self.list.blockSignals(True)
        self.list.clear()
        for row in rows:
            item = QListWidgetItem(row.name)
            item.setData(ACCOUNT, row)
            self.list.addItem(item)
        place = next((i for i, row in enumerate(rows) if kept and row.id == kept.id), -1)
        if place < 0:
            place = next((i for i, row in enumerate(rows) if row.state in TROUBLE), 0 if rows else -1)
        self.list.setCurrentRow(place)
        self.list.blockSignals(False)
        self._chosen(place)

    def current(self) -> AccountRow | None:
        """The account that is shown."""
        place = self.list.currentRow()
        return self._rows[place] if 0 <= place < len(self._rows) else None

    def show_item(self, item: object) -> None:
        """An account's number, or "add"."""
        if item == "add":
            self.add()
        elif isinstance(item, int):
            self.list.setCurrentRow(next((i for i, row in enumerate(self._rows) if row.id == item), -1))

    # ---- one account --------------------------------------------------------------------------------------
    @Slot(int)
    def _chosen(self, _place: int) -> None:
        for part in self._parts:
            part.hide()
            part.deleteLater()
        self._parts = []
        while self._right.count():
            self._right.takeAt(0)
        row = self.current()
        if row is None:
            empty = EmptyState("No account and no agent yet.", "Agents are found by themselves once they have run here. An account is added with a key.")
            self._add_part(empty)
            return
        if row.state in TROUBLE:
            self._add_part(self._banner(row))
        self._add_part(self._facts(row))
        self._right.addStretch(1)
        if row.problems:
            self.desk.bridge.ask(queries.problems, row.id, then=self._problems)

    def _add_part(self, part: QWidget) -> None:
        self._parts.append(part)
        self._right.addWidget(part)

    def _banner(self, row: AccountRow) -> Banner:
        title = f"{row.name}: {SECOND_LINE.get(row.state, row.state)}"
        banner = Banner("problem", title, f"{row.sentence} {row.next_step}".strip())
        if row.kind == "api":
            banner.add_button("Enter a new key", primary=True).clicked.connect(self._new_key)
            banner.add_button("Test again").clicked.connect(self._test)
        else:
            banner.add_button("Read again").clicked.connect(self._read_again)
        return banner

    def _facts(self, row: AccountRow) -> Card:
        card = Card(pad=(PANE_PAD, PANE_PAD))
        head = QHBoxLayout()
        head.addWidget(Text(row.name, "big", elide=True), 1)
        head.addWidget(Chip("logs on this machine" if row.kind == "log" else "provider account"))
        card.body.addLayout(head)
        info = providers.info(row.source)
        form = QFormLayout()
        form.setHorizontalSpacing(px(28))
        form.setVerticalSpacing(px(7))
        now = self.desk.moment()
        facts: list[tuple[str, str]] = []
        if row.last_success:
            age = times.age((now - self.desk.moment(row.last_success)).total_seconds())
            facts.append(("Last read" if row.kind == "log" else "Last good answer", f"{times.moment(self.desk.moment(row.last_success), now)}, {age}"))
        if row.next_try and row.state != "ok":
            facts.append(("Next try", times.moment(self.desk.moment(row.next_try), now)))
        if row.sentence and row.state not in TROUBLE:
            facts.append(("State", row.sentence))
        if row.root:
            facts.append(("Folder" if row.kind == "log" else "Address", row.root))
        if info is not None:
            facts += [(name, words) for name, words in (("Tells", info.tells), ("Cannot tell", info.silent)) if words]
        for name, words in facts:
            form.addRow(Text(name, "small", "text-2"), Text(words, "small", wrap=True, selectable=True))
        if row.kind == "api":
            counts = PhraseCombo("counts", COUNTS, "What counts of this account")
            counts.choose(row.counts)
            counts.setToolTip("Logs and reports can show the same requests; this decides so that nothing is counted twice.")
            counts.chosen.connect(self._counts)
            form.addRow(Text("In totals", "small", "text-2"), counts)
        card.body.addLayout(form)
        self._problem_box = QVBoxLayout()
        card.body.addLayout(self._problem_box)
        card.body.addWidget(Rule())
        buttons = QHBoxLayout()
        buttons.setSpacing(px(8))
        for words, slot in self._actions(row):
            button = Button(words, danger=words.startswith("Remove"))
            button.clicked.connect(slot)
            buttons.addWidget(button)
        buttons.addStretch(1)
        card.body.addLayout(buttons)
        return card

    def _actions(self, row: AccountRow) -> list[tuple[str, Any]]:
        if row.kind == "log":
            return [("Read again", self._read_again), ("Remove", self._remove)]
        return [("Test the key", self._test), ("Enter a new key", self._new_key), ("Read now", self._read_again), ("Remove", self._remove)]

    def _problems(self, rows: list[Any]) -> None:
        row = self.current()
        if row is None or not rows or rows[0].account != row.id:
            return
        self._problem_box.addWidget(Rule())
        self._problem_box.addWidget(Text(f"{numbers.count(len(rows), 'problem')}; everything else was read", "small", "text-2", weight=500))
        for problem in rows[:20]:
            line = QHBoxLayout()
            line.addWidget(Text(problem.reason, "small", wrap=True), 1)
            where = Text(f"{problem.source.rsplit('/', 1)[-1]}, {problem.position}", "mono", "text-2", elide=True)
            where.setToolTip(problem.source)
            line.addWidget(where, 1)
            self._problem_box.addLayout(line)

    # ---- actions ------------------------------------------------------------------------------------------
    @Slot()
    def add(self) -> None:
        """The guided dialog."""
        dialog = AccountDialog(self.desk, self)
        dialog.added.connect(self._added)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    @Slot(str)
    def _added(self, name: str) -> None:
        self.toast.emit(f"{name} is added and read now.", False)
        self.refresh(frozenset({"accounts"}))

    @Slot()
    def _new_key(self) -> None:
        row = self.current()
        if row is not None:
            dialog = KeyDialog(self.desk, row, self)
            dialog.done_with.connect(self._said)
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()

    @Slot()
    def _test(self) -> None:
        row = self.current()
        if row is not None:
            self.toast.emit("Asking the provider.", False)
            self.desk.bridge.wait(self.desk.bridge.engine.test_account(row.id), self._said)

    @Slot()
    def _read_again(self) -> None:
        row = self.current()
        if row is not None and self.desk.actions is not None:
            self.desk.actions.refresh(row.id)
            self.toast.emit(f"Reading {row.name}.", False)

    @Slot(str)
    def _counts(self, counts: str) -> None:
        row = self.current()
        if row is not None:
            self.desk.bridge.ask(commands.set_counts, row.id, counts)

    @Slot()
    def _remove(self) -> None:
        row = self.current()
        if row is None:
            return
        box = QMessageBox(self)
        box.setWindowTitle("Remove an account")
        box.setText(f"Remove {row.name}?")
        box.setInformativeText("Its key is deleted in any case. Its figures and your labels can stay.")
        box.addButton("Remove, keep its history", QMessageBox.ButtonRole.AcceptRole).clicked.connect(self._remove_keep)
        box.addButton("Remove and forget it", QMessageBox.ButtonRole.DestructiveRole).clicked.connect(self._remove_forget)
        box.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.open()

    @Slot()
    def _remove_keep(self) -> None:
        self._remove_with(True)

    @Slot()
    def _remove_forget(self) -> None:
        self._remove_with(False)

    def _remove_with(self, keep: bool) -> None:
        row = self.current()
        if row is not None:
            self.desk.bridge.wait(self.desk.bridge.engine.remove_account(row.id, keep), self._removed)

    def _removed(self, _answer: object) -> None:
        self.toast.emit("Removed.", False)
        self.refresh(frozenset({"accounts"}))

    @Slot(str)
    def _said(self, sentence: str) -> None:
        self.toast.emit(sentence, False)
        self.refresh(frozenset({"accounts"}))


class _Delegate(QStyledItemDelegate):
    """Name, second line, and a sign at the right: tick, clock or warning."""

    def __init__(self, desk: Desk, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk

    def sizeHint(self, option: QStyleOptionViewItem, index) -> QSize:
        return QSize(px(200), px(58))

    def paint(self, p: QPainter, option: QStyleOptionViewItem, index) -> None:
        row: AccountRow = index.data(ACCOUNT)
        rect = QRectF(option.rect)
        p.save()
        p.setRenderHint(QPainter.RenderHint.Antialiasing)
        if option.state & QStyle.StateFlag.State_Selected:
            paint.box(p, rect.adjusted(0, 1, 0, -1), 8, color("accent-soft"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            paint.box(p, rect.adjusted(0, 1, 0, -1), 8, theme().ink(0.03))
        left, room = rect.left() + px(14), rect.width() - px(56)
        p.setFont(font("body", 500))
        p.setPen(color("text"))
        p.drawText(QRectF(left, rect.top() + px(9), room, px(20)), Qt.AlignmentFlag.AlignVCenter, paint.elided(row.name, font("body", 500), room))
        p.setFont(font("small"))
        p.setPen(color("text-2"))
        p.drawText(QRectF(left, rect.top() + px(30), room, px(18)), Qt.AlignmentFlag.AlignVCenter, paint.elided(self._second(row), font("small"), room))
        sign, tone = ("warning", "problem") if row.state in TROUBLE else ("timer", "text-3") if row.state in WAITING else ("check", "text-3")
        tones: dict[str, ColorName] = {"problem": "problem", "text-3": "text-3"}
        paint_icon(p, sign, QRectF(rect.right() - px(32), rect.top() + px(12), px(16), px(16)), color(tones[tone]))
        p.restore()

    def _second(self, row: AccountRow) -> str:
        if row.state == "ok" and row.last_success:
            age = times.age(self._desk.now() - row.last_success)
            words = f"read {age}" if row.kind == "log" else f"answered {age}"
        else:
            words = SECOND_LINE.get(row.state, row.state)
        place = "this machine" if row.kind == "log" else ""
        trouble = numbers.count(row.problems, "problem") if row.problems else ""
        return " · ".join(part for part in (place, words, trouble) if part)
