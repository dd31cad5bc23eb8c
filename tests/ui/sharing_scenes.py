"""Pictures of the Sharing page in each of its states, and of its dialogs, from values made up by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.ui import sharing_samples as samples

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

    from tokenpal.ui.page import Desk
    from tokenpal.ui.window import MainWindow

STATES = tuple(f"sharing-{name}" for name in samples.STATES)
DIALOGS = tuple(f"sharing-dialog-{name}" for name in ("invitation", "rules", "start", "leave", "entry", "verify", "publish", "invite"))
SCENES = (*STATES, *DIALOGS)


def picture(window: MainWindow, name: str, settle: Callable[[], None]) -> QPixmap:
    """The window in a state, or a dialog of its own."""
    from tests.ui.sharing_desk import sample_desk

    page: Any = window.open_page("sharing")
    settle()
    real = page.desk
    view = samples.STATES.get(name.removeprefix("sharing-"), samples.PREVIEW if name.endswith(("rules", "start")) else samples.SHARING)
    page.desk = desk = sample_desk(real, view)
    try:
        page._ask_again()
        page._scroll.verticalScrollBar().setValue(0)
        settle()
        if name in STATES:
            return window.grab()
        dialog = _dialog(desk, page, name.removeprefix("sharing-dialog-"))
        dialog.open()
        settle()
        dialog.adjustSize()
        settle()
        shown = dialog.grab()
        dialog.close()
        settle()
        return shown
    finally:
        page.desk = real


def _dialog(desk: Desk, page: Any, name: str) -> Any:
    from tokenpal.ui.sharing import entry, invitation, invite, leaving, publish, start

    if name in {"invitation", "rules"}:
        dialog: Any = invitation.InvitationDialog(desk, page)
        dialog.line.setText(samples.INVITATION)
        if name == "rules":
            dialog.look.click()
        return dialog
    if name == "publish":
        dialog = publish.PublishDialog(desk, "learned", "Give the agent the schema first; PAY-142 took 1.2 M tokens without it.", "2026-W47", page)
        dialog.name.setText("Jon")
        return dialog
    if name == "start":
        return start.StartDialog(desk, samples.PREVIEW, page)
    if name == "leave":
        return leaving.LeaveDialog(desk, samples.SHARING, page)
    if name == "entry":
        return entry.EntryDialog(desk, 1, page)
    if name == "verify":
        return entry.VerifyDialog(desk, page)
    return invite.InviteDialog(desk, samples.SHARING, page)
