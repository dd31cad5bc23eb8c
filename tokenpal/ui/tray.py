"""The tray: an icon, one line, one menu. It knows nothing of what its entries do (product 4).

The menu is made once. A refill changes what differs and keeps the rest: a host chooses an entry by the number it was given
when the menu was read, and a person by where it lies under the pointer. On X11 Qt decides between XEmbed and StatusNotifier when the
icon object is made, so the icon is made again when a StatusNotifier host appears late (decisions 6).

This module is all that stands between the start of the process and the icon. It imports no theme, no SVG and not the name
``Qt``, whose enums alone cost 100 ms: the first picture is a file, ``icons`` draws the others.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtGui import QAction, QIcon
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from tokenpal.system.paths import resource

if TYPE_CHECKING:
    from tokenpal.ui.icons import TrayState, TrayVariant

READING_STEP_MS = 600
LOST_MS = 8_000
CARE_MS = 30_000
METER_STEPS = 14  # as ``icons`` draws them
VARIANTS: dict[str, TrayVariant] = {"auto": "dark", "light": "dark", "dark": "light", "colour": "colour"}
"""Setting -> picture: a light mark stands on a dark panel. Panels are dark far more often than windows are, so "auto" is light."""
FIRST_SIZES = (16, 22, 24, 32, 48, 64)
WATCHER = "org.kde.StatusNotifierWatcher"


@dataclass(frozen=True, slots=True)
class Entry:
    """A menu entry; ``name`` is the object name by which tests and screen readers find it.

    ``about``: what it acts on, where its name does not say so. With another ``about`` it is another entry: a choice made
    just before a refill is then lost, and never does to one thing what was meant for another.
    """

    name: str
    text: str
    trigger: Callable[[], None] | None = None
    entries: tuple[Entry, ...] = ()
    checked: bool | None = None
    separator_before: bool = False
    about: str = ""
    mnemonic: bool = False  # "&" in the text marks the key to press; else it is an ampersand


def first_picture(variant: TrayVariant) -> QIcon:
    """The idle mark from files that ``tests/ui/tray_pictures.py`` draws with ``icons``."""
    icon = QIcon()
    for size in FIRST_SIZES:
        icon.addFile(str(resource("icons") / "tray" / "first" / f"{variant}-{size}.png"))
    return icon


def picture(state: TrayState, variant: TrayVariant, frame: int = 0, meter: float | None = None) -> QIcon:
    """Any other picture, drawn now."""
    from tokenpal.ui.icons import tray_icon

    return tray_icon(state, variant, frame, meter)


class Tray(QObject):
    """Shows a state, a line and a menu."""

    activated = Signal()
    about_to_show = Signal()
    appeared = Signal()
    lost = Signal()  # there was a tray, and for a while now there is none

    def __init__(self, variant: TrayVariant, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state: TrayState = "idle"
        self._variant = variant
        self._line = "tokenpal"
        self._frame = 0
        self._meter: float | None = None
        self._was_there = False
        self._is_item = False  # made as a StatusNotifier item: then Qt registers it with the next host by itself
        self.menu = QMenu()
        self.menu.aboutToShow.connect(self.about_to_show)
        self.menu.triggered.connect(self._chosen)  # by an entry of a sub-menu too
        self._triggers: dict[QAction, Callable[[], None]] = {}
        self._steps = QTimer(self)
        self._steps.setInterval(READING_STEP_MS)
        self._steps.timeout.connect(self._step)
        self._patience = QTimer(self)  # a panel that is started anew is back within seconds
        self._patience.setSingleShot(True)
        self._patience.setInterval(LOST_MS)
        self._patience.timeout.connect(self._look_again)
        self._care = QTimer(self)  # while nothing else is on the screen: XEmbed tells nobody that a tray is gone
        self._care.setInterval(CARE_MS)
        self._care.timeout.connect(self._look)
        self._icon = self._make_icon(first_picture(variant))
        self._watch_for_hosts()

    @property
    def available(self) -> bool:
        """Whether this desktop has a tray now."""
        there = QSystemTrayIcon.isSystemTrayAvailable()
        self._was_there = self._was_there or there
        return there

    @property
    def icon(self) -> QSystemTrayIcon:
        """The icon object in use; it is made again when a host appears."""
        return self._icon

    def show(self, state: TrayState, line: str, variant: TrayVariant | None = None, *, animate: bool = True, meter: float | None = None) -> None:
        """Set picture and tooltip; costs nothing when nothing changed. ``meter`` 0 to 1 fills the mark from below."""
        meter = None if meter is None else round(meter * METER_STEPS) / METER_STEPS
        changed = (state, variant or self._variant, meter) != (self._state, self._variant, self._meter)
        self._state, self._variant, self._meter = state, variant or self._variant, meter
        if changed:
            self._frame = 0
            self._icon.setIcon(picture(state, self._variant, 0, meter))
            if state == "reading" and animate:
                self._steps.start()
            else:
                self._steps.stop()
        if not animate:
            self._steps.stop()  # asked for in the middle of it
        if line != self._line:
            self._line = line
            self._icon.setToolTip(line)

    def fill(self, entries: tuple[Entry, ...]) -> None:
        """Let the one menu show these; an entry that is there already stays the same object. Names are unique in a menu."""
        triggers: dict[QAction, Callable[[], None]] = {}
        _fill(self.menu, entries, triggers)
        self._triggers = triggers

    def hide(self) -> None:
        """Take the icon away at the end."""
        for timer in (self._steps, self._patience, self._care):
            timer.stop()
        self._was_there = False
        self._icon.hide()

    def look_after(self, *, hidden: bool) -> None:
        """``hidden``: the icon is the only way to the app now, so it is looked after."""
        if hidden and not self._is_item:
            self._care.start()
            self._look()
        elif not hidden:
            self._care.stop()

    @Slot()
    def _look(self) -> None:
        if not self.available and self._was_there and not self._patience.isActive():
            self._patience.start()

    @Slot()
    def _look_again(self) -> None:
        if not self.available and self._was_there:
            self._was_there = False  # told once, until one is there again
            self._care.stop()
            self.lost.emit()

    def _make_icon(self, shown: QIcon) -> QSystemTrayIcon:
        icon = QSystemTrayIcon(shown, self)
        icon.setToolTip(self._line)
        icon.setContextMenu(self.menu)
        icon.activated.connect(self._on_activated)
        icon.show()
        return icon

    def _watch_for_hosts(self) -> None:
        if not sys.platform.startswith("linux"):
            return
        from PySide6.QtDBus import QDBusConnection, QDBusServiceWatcher

        bus = QDBusConnection.sessionBus()
        if not bus.isConnected():
            return
        mode = QDBusServiceWatcher.WatchModeFlag.WatchForOwnerChange
        self._watcher = QDBusServiceWatcher(WATCHER, bus, mode, self)
        self._watcher.serviceRegistered.connect(self._host_appeared)
        self._watcher.serviceUnregistered.connect(self._host_gone)
        known = bus.interface()
        self._is_item = known is not None and bool(known.isServiceRegistered(WATCHER).value())
        self._was_there = self._is_item

    @Slot(str)
    def _host_gone(self, _service: str) -> None:
        self._was_there = True
        self._patience.start()

    @Slot(str)
    def _host_appeared(self, _service: str) -> None:
        self._patience.stop()
        self._was_there = True
        if self._is_item:
            self.appeared.emit()
            return
        self._is_item = True
        self._care.stop()
        old = self._icon
        old.hide()
        old.deleteLater()
        self._icon = self._make_icon(picture(self._state, self._variant, self._frame, self._meter))
        self.appeared.emit()

    @Slot(QAction)
    def _chosen(self, action: QAction) -> None:
        if (trigger := self._triggers.get(action)) is not None:
            trigger()

    @Slot(QSystemTrayIcon.ActivationReason)
    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        # macOS opens the menu by itself; everywhere else a click is only a short cut to the first entry.
        if sys.platform != "darwin" and reason == QSystemTrayIcon.ActivationReason.Trigger:
            self.activated.emit()

    @Slot()
    def _step(self) -> None:
        self._frame += 1
        self._icon.setIcon(picture("reading", self._variant, self._frame))


def _fill(menu: QMenu, entries: tuple[Entry, ...], triggers: dict[QAction, Callable[[], None]]) -> None:
    shown = {action.data(): action for action in menu.actions()}
    wanted: list[QAction] = []
    for entry in entries:
        if entry.separator_before:
            wanted.append(_kept(shown, menu, "line before", entry))
        action = _kept(shown, menu, "menu" if entry.entries else "entry", entry)
        wanted.append(action)
        action.setText(entry.text if entry.mnemonic else _literal(entry.text))
        below = action.menu()
        if isinstance(below, QMenu):
            _fill(below, entry.entries, triggers)
            continue
        action.setEnabled(entry.trigger is not None)
        action.setCheckable(entry.checked is not None)
        action.setChecked(bool(entry.checked))
        if entry.trigger is not None:
            triggers[action] = entry.trigger
    for action in shown.values():
        menu.removeAction(action)
        (action.menu() or action).deleteLater()  # a sub-menu owns the entry that opens it
    for place, action in enumerate(wanted):
        now = menu.actions()
        if place == len(now):
            menu.addAction(action)
        elif now[place] is not action:
            menu.insertActions(now[place], [action])  # insertAction keeps what it inserted for ever (PySide6 6.11)


def _kept(shown: dict[str, QAction], menu: QMenu, kind: str, entry: Entry) -> QAction:
    """The action that shows this entry already, taken out of ``shown``; else a new one that has no place yet."""
    key = f"{kind} {entry.name} {entry.about}"
    action = shown.pop(key, None)
    if action is None:
        action = QMenu(menu).menuAction() if kind == "menu" else QAction(menu)
        action.setData(key)
        if kind == "line before":
            action.setSeparator(True)
        else:
            action.setObjectName(entry.name)
    return action


def _literal(text: str) -> str:
    """A task called R&D is no key to press."""
    return text.replace("&", "&&")
