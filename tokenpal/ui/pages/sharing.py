"""Sharing: how it stands, what leaves, when, to whom, what can be learned from it, how to stop; and everything that ever left."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QMenu, QVBoxLayout, QWidget

from tokenpal.engine import outside
from tokenpal.engine.sharing import logbook, views
from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.model.errors import TokenpalError
from tokenpal.translation import mark, tr
from tokenpal.ui import still
from tokenpal.ui.page import Page
from tokenpal.ui.reflow import Tiles
from tokenpal.ui.sharing import words
from tokenpal.ui.sharing.changes import ChangesCard
from tokenpal.ui.sharing.exact import ExactCard
from tokenpal.ui.sharing.history import HistoryCard
from tokenpal.ui.sharing.joining import JoiningCard
from tokenpal.ui.sharing.learnings import LearningsCard
from tokenpal.ui.sharing.parts import Working, holder
from tokenpal.ui.sharing.plain import PlainCard
from tokenpal.ui.sharing.results import ResultCard
from tokenpal.ui.sharing.state import Alarms, StateCard
from tokenpal.ui.theme import CARD_GAP, px
from tokenpal.ui.widgets.buttons import Button
from tokenpal.ui.widgets.card import Card, Scroll

PAUSES: tuple[tuple[str, int | None], ...] = ((mark("1 week"), 1), (mark("4 weeks"), 4), (mark("Until I resume"), None))


class SharingPage(Page):
    """Everything about sharing on one page. It draws what the engine says and sends nothing itself."""

    title = mark("Sharing")

    def _make(self) -> Iterator[None]:
        desk = self.desk
        self.view: SharingView | None = None
        self._said_on: date | None = None
        self._doing = ""
        self._make_head()
        self.state, self.alarms, self.changes = StateCard(), Alarms(), ChangesCard()
        self.working = Working(desk.bridge)
        self.working.came.connect(self._did)
        self._work = Card()
        self._work.body.addWidget(self.working)
        self._work.hide()
        yield
        self.plain = PlainCard()
        yield
        self.exact = ExactCard()
        yield
        self.result, self.joining, self.urgent = ResultCard(), JoiningCard(), JoiningCard()
        yield
        self.learnings, self.history = LearningsCard(), HistoryCard(desk.moment)
        yield
        body = QWidget()
        self._scroll = Scroll()
        self._scroll.setWidget(body)
        self._scroll.on_ground()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(px(CARD_GAP))
        for part in (self.state, self._work, self.alarms, self.changes, self.urgent):
            column.addWidget(part)
        self._side, side = holder()
        side.setSpacing(px(CARD_GAP))
        side.addWidget(self.joining)
        side.addWidget(self.learnings, 1)
        for left, right, least in ((self.plain, self.exact, (400, 512)), (self.result, self._side, (440, 340))):
            row = Tiles()
            row.add(left, least[0], 7)
            row.add(right, least[1], 5)
            column.addLayout(row)
        column.addWidget(self.history)
        column.addStretch(1)
        yield
        self.column.addWidget(self._scroll, 1)
        self._connect()

    def _make_head(self) -> None:
        self.buttons: dict[str, Button] = {}
        for key, name, primary, act in (
            ("decline", tr("No thanks"), False, self._decline), ("paste", tr("Paste an invitation…"), True, self.paste),
            ("pause", tr("Pause"), False, self._choose_pause), ("resume", tr("Resume sharing"), True, self._resume),
            ("leave", tr("Leave the team"), False, self._leave),
        ):  # fmt: skip
            button = Button(name, primary=primary)
            button.setObjectName(f"sharing-{key}")
            button.clicked.connect(act)
            button.hide()
            self.head.addWidget(button)
            self.buttons[key] = button
        self.pauses = QMenu(self)
        for place, (name, weeks) in enumerate(PAUSES):
            action = self.pauses.addAction(tr(name))
            action.setObjectName(f"pause-{place}")
            action.setData(weeks)
            action.triggered.connect(self._pause_chosen)

    def _connect(self) -> None:
        self.changes.agreed.connect(self._agree)
        self.changes.refused.connect(self._leave)
        self.exact.pressed.connect(self._pressed)
        self.exact.copied.connect(self._copy)
        for card in (self.joining, self.urgent):
            card.vouched.connect(self._vouch)
            card.invite_asked.connect(self._invite)
            card.join_asked.connect(self._join)
        self.result.page_asked.connect(self._results_page)
        self.learnings.retracted.connect(self._retract)
        self.learnings.checkin_asked.connect(self._to_checkin)
        self.history.show_asked.connect(self._show_entry)
        self.history.verify_asked.connect(self._verify)
        self.history.export_asked.connect(self._export)
        self.history.whole_asked.connect(self._whole_log)
        self.working.failed.connect(self._keep_words)

    # ---- showing ------------------------------------------------------------------------------------------
    def refresh(self, what: frozenset[str]) -> None:
        if what & {"sharing", "settings"}:
            self.desk.bridge.ask(views.sharing_view, then=self.show_view)

    def show_view(self, view: SharingView) -> None:
        """Show a view; parts that show the same already stay as they are."""
        today = self.desk.today()
        if view == self.view and today == self._said_on:
            return
        self.view, self._said_on = view, today
        still.change(self._scroll, self._say(view))

    def _say(self, view: SharingView) -> Iterator[None]:
        state = view.state
        shown = {
            "never asked": ("decline", "paste"), "declined": ("paste",), "left": ("paste",), "preview": ("leave",), "sharing": ("pause", "leave"),
            "paused": ("resume", "leave"), "stale": ("leave",),
        }.get(state, ())  # fmt: skip
        for key, button in self.buttons.items():
            button.setVisible(key in shown)
        self.buttons["paste"].set_primary(state == "never asked")
        self.set_subtitle(tr("with {team}", team=view.team) if view.team and state != "left" else "")
        yield
        self.state.set(view)
        self.alarms.set(view.alarms)
        self.changes.set(view)
        yield
        self.plain.set(view)
        yield
        goes, follows = (self.desk.moment(at) if at else None for at in (view.sends_at, view.answers_at))
        self.exact.set(view, goes, follows, self.desk.moment())
        yield
        self.result.set(view)
        yield
        self.joining.set(view, urgent=False)
        self.urgent.set(view, urgent=True)
        yield
        self.learnings.set(view)
        self._side.setVisible(not (self.joining.isHidden() and self.learnings.isHidden()))
        self.history.set(view)

    # ---- what reaches the network, always through the engine -----------------------------------------------
    def do(self, command: str, **args: Any) -> None:
        """One network act; its words and its error stand under the state until the next."""
        if self.working.busy:
            return
        self._doing = command
        self._work.show()
        self.working.wait(tr(words.DOING[command]), self.desk.bridge.engine.share(command, **args))

    @Slot(object)
    def _did(self, answer: object) -> None:
        self._work.hide()
        if self._doing == "results_link" and isinstance(answer, str):
            outside.open_address(answer)
        elif said := words.DONE.get(self._doing, ""):
            self.toast.emit(tr(said), False)
        self._ask_again()

    @Slot(object)
    def _keep_words(self, _error: TokenpalError) -> None:
        self._ask_again()

    @Slot(str)
    def _pressed(self, what: str) -> None:
        if what == "start":
            self._start()
        elif what == "pause":
            self._choose_pause()
        else:
            self.do({"send": "send_now", "withdraw": "withdraw"}[what])

    @Slot()
    def _agree(self) -> None:
        self.do("agree")

    @Slot()
    def _join(self) -> None:
        self.do("join")

    @Slot(str)
    def _vouch(self, member: str) -> None:
        self.do("vouch", member=member)

    @Slot(str)
    def _retract(self, learning: str) -> None:
        self.do("retract", id=learning)

    @Slot()
    def _results_page(self) -> None:
        self.do("results_link")

    # ---- what stays on this machine ------------------------------------------------------------------------
    @Slot()
    def _ask_again(self, _answer: object = None) -> None:
        self.desk.bridge.ask(views.sharing_view, then=self.show_view)

    @Slot()
    def _choose_pause(self) -> None:
        """For how long? The menu opens under the button that was pressed."""
        button = self.exact.buttons.get("pause") if self.sender() is self.exact else self.buttons["pause"]
        button = button or self.buttons["pause"]
        button.drop(self.pauses)

    @Slot()
    def _pause_chosen(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.desk.bridge.ask(views.pause, action.data(), then=self._ask_again)

    @Slot()
    def _resume(self) -> None:
        self.desk.bridge.ask(views.resume, then=self._ask_again)

    @Slot()
    def _decline(self) -> None:
        self.desk.bridge.ask(views.decline, then=self._declined)

    def _declined(self, _answer: object) -> None:
        self.toast.emit(tr("tokenpal will not ask again."), False)
        self._ask_again()

    @Slot(str)
    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.toast.emit(tr("Copied."), False)

    @Slot()
    def _to_checkin(self) -> None:
        self.go.emit("check-in", None)

    @Slot()
    def _whole_log(self) -> None:
        self.desk.bridge.ask(logbook.lines, "", 1_000_000, then=self.history.set_whole)

    @Slot()
    def _export(self) -> None:
        name, _ = QFileDialog.getSaveFileName(self, tr("Export the list"), "tokenpal-sharing.jsonl", tr("JSON lines (*.jsonl)"))
        if name:
            self.desk.bridge.ask(views.export_log, Path(name), then=self._exported)

    def _exported(self, _answer: object) -> None:
        self.toast.emit(tr("Exported. It holds what was true, too: keep it to yourself."), False)

    # ---- dialogs -------------------------------------------------------------------------------------------
    def _open(self, dialog: QDialog) -> None:
        dialog.finished.connect(self._ask_again)
        dialog.open()

    @Slot()
    def paste(self) -> None:
        """Paste an invitation."""
        from tokenpal.ui.sharing.invitation import InvitationDialog

        dialog = InvitationDialog(self.desk, self)
        dialog.looked.connect(self._ask_again)
        self._open(dialog)

    def _start(self) -> None:
        from tokenpal.ui.sharing.start import StartDialog

        if self.view is not None:
            self._open(StartDialog(self.desk, self.view, self))

    @Slot()
    def _leave(self) -> None:
        from tokenpal.ui.sharing.leaving import LeaveDialog

        if self.view is not None:
            self._open(LeaveDialog(self.desk, self.view, self))

    @Slot()
    def _invite(self) -> None:
        from tokenpal.ui.sharing.invite import InviteDialog

        if self.view is not None:
            dialog = InviteDialog(self.desk, self.view, self)
            dialog.copied.connect(self._invited)
            self._open(dialog)

    @Slot()
    def _invited(self) -> None:
        self.toast.emit(tr("Copied. Hand it over yourself."), False)

    @Slot(int)
    def _show_entry(self, n: int) -> None:
        from tokenpal.ui.sharing.entry import EntryDialog

        self._open(EntryDialog(self.desk, n, self))

    @Slot()
    def _verify(self) -> None:
        from tokenpal.ui.sharing.entry import VerifyDialog

        self._open(VerifyDialog(self.desk, self))
