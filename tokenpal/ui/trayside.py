"""What the tray's menu does: the entries of ``menu`` joined to the app."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Slot

from tokenpal.model.events import Changed

if TYPE_CHECKING:
    from tokenpal.ui.menu import Actions


class TraySide(QObject):
    """Fills the menu when it is about to be shown, and after changes: a host may have read it before."""

    def __init__(self, desktop: Any) -> None:
        super().__init__(desktop)
        self._desktop = desktop  # ui.desktop.Desktop
        desktop.tray.about_to_show.connect(self.fill)

    @Slot()
    def fill(self) -> None:
        """Let the menu say how things stand."""
        from tokenpal.ui import menu

        desktop = self._desktop
        standing = desktop.standing
        desktop.tray.fill(
            menu.entries(
                standing.figures, standing.tasks, standing.paused, desktop.desk.moment, desktop.engine.now(), self._actions(), standing.sharing,
                hidden=desktop.hiding.hidden,
            )
        )  # fmt: skip

    def _actions(self) -> Actions:
        from tokenpal.ui.menu import Actions

        desktop = self._desktop
        return Actions(
            open=desktop.show_window, glance=desktop.toggle_glance, work_on=desktop.working.on, stop_work=desktop.working.stop,
            new_task=desktop.working.choose, label=self._label, refresh=self._refresh, pause=self._pause, sharing=self._sharing,
            pause_sharing=self._pause_sharing, resume_sharing=self._resume_sharing, settings=self._settings, quit=desktop.quit,
            hide=desktop.hiding.toggle,
        )  # fmt: skip

    def _label(self, session: str, label: str) -> None:
        from tokenpal.engine import commands

        self._desktop.bridge.ask(commands.label_sessions, (session,), label)

    def _refresh(self) -> None:
        self._desktop.refresh()

    def _pause(self, seconds: int) -> None:
        engine = self._desktop.engine
        engine.pause(engine.now() + seconds if seconds else None)

    def _sharing(self) -> None:
        self._desktop.go("sharing")

    def _pause_sharing(self, weeks: int) -> None:
        from tokenpal.engine.sharing import views

        self._desktop.bridge.ask(views.pause, weeks or None, then=self._sharing_changed)

    def _resume_sharing(self) -> None:
        from tokenpal.engine.sharing import views

        self._desktop.bridge.ask(views.resume, then=self._sharing_changed)

    def _sharing_changed(self, _answer: object) -> None:
        self._desktop.standing.take(Changed(frozenset({"sharing"})))

    def _settings(self) -> None:
        self._desktop.go("settings")
