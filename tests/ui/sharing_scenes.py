"""Pictures of the Sharing page in each of its states, and of its dialogs, from values made up by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.ui import sharing_samples as samples

if TYPE_CHECKING:
    from PySide6.QtGui import QPixmap

    from tokenpal.ui.desktop import Desktop
    from tokenpal.ui.window import MainWindow

STATES = tuple(f"sharing-{name}" for name in samples.STATES)
DIALOGS = tuple(f"sharing-dialog-{name}" for name in ("invitation", "rules", "start", "leave", "entry", "verify", "publish", "invite"))
SCENES = (*STATES, *DIALOGS)


def picture(desktop: Desktop, window: MainWindow, name: str, settle: Callable[[], None]) -> QPixmap:
    """The window in a state, or a dialog of its own."""
    page: Any = window.open_page("sharing")
    settle()
    real = page.refresh
    page.refresh = page._ask_again = lambda *_: None  # what is shown here is not what the data file says
    try:
        if name in STATES:
            page.show_view(samples.STATES[name.removeprefix("sharing-")])
            page._scroll.verticalScrollBar().setValue(0)
            settle()
            return window.grab()
        dialog = _dialog(desktop, page, name.removeprefix("sharing-dialog-"))
        dialog.open()
        settle()
        dialog.adjustSize()
        settle()
        shown = dialog.grab()
        dialog.close()
        settle()
        return shown
    finally:
        page.refresh = real
        del page._ask_again


def _dialog(desktop: Desktop, page: Any, name: str) -> Any:
    from tokenpal.ui.sharing import entry, invitation, invite, leaving, publish, start

    desk = desktop.desk
    if name in {"invitation", "rules"}:
        dialog: Any = invitation.InvitationDialog(desk, page)
        dialog.line.blockSignals(True)
        dialog.line.setText(samples.INVITATION)
        dialog.host.setText("llm.example.org")
        dialog.team.setText(f"Team {samples.TEAM}. Two members have to vouch for whoever joins with it.")
        dialog._who.show()
        dialog.look.setEnabled(True)
        if name == "rules":
            dialog._show_rules(samples.PREVIEW)
        return dialog
    if name == "start":
        return start.StartDialog(desk, samples.PREVIEW, page)
    if name == "leave":
        return leaving.LeaveDialog(desk, samples.SHARING, page)
    if name == "entry":
        dialog = entry.EntryDialog(desk, 1, page)
        dialog._missing = lambda _error: dialog._show(samples.ENTRY)
        dialog.working.hide()
        dialog._show(samples.ENTRY)
        return dialog
    if name == "verify":
        dialog = entry.VerifyDialog(desk, page)
        dialog.working.cancel()
        dialog.working.say("")
        dialog._show(samples.VERIFIED)
        return dialog
    if name == "publish":
        dialog = publish.PublishDialog(desk, "learned", "Give the agent the schema first; PAY-142 took 1.2 M tokens without it.", "2026-W47", page)
        dialog.name.setText("Jon")
        dialog._know(samples.SHARING)
        return dialog
    return invite.InviteDialog(desk, samples.SHARING, page)
