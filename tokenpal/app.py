"""The desktop app: builds the parts, joins them, and ends them in order. The only place besides ``cli`` that does.

The tray comes first: Qt's widgets and the icon are all that is imported before it is shown. The engine starts in the
first turn of the event loop, the window's charts when a page with a chart is opened.
"""

from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tokenpal.settings import Settings
from tokenpal.system.paths import Paths, inside, paths

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from tokenpal.ui.desktop import Desktop
    from tokenpal.ui.tray import Tray

log = logging.getLogger(__name__)


def main(arguments: list[str]) -> int:
    """Run the app; returns the exit code. The words are --background, --glance, --demo and --exit-after-tray."""
    words = frozenset(arguments)
    if "--demo" not in words:
        return run(words, paths(), None)
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="tokenpal-demo-", ignore_cleanup_errors=True) as name:
        os.environ["TOKENPAL_HOME"] = name
        places = inside(Path(name))
        from tokenpal.engine import demo

        demo.fill(places)
        Settings.load(places.settings).set("notifications.enabled", False)  # made-up trouble is no news for the person's desktop
        return run(words, places, Path(name))


def run(words: frozenset[str], places: Paths, home: Path | None) -> int:
    """One profile, until the person quits. ``home``: where agents' logs are looked for, None = where they are."""
    settings = Settings.load(places.settings)

    from PySide6 import QtCore  # noqa: F401 - first of all, for the next line

    from tokenpal.ui.unread import leave_sources

    leave_sources()

    from PySide6.QtWidgets import QApplication

    from tokenpal.ui import instance
    from tokenpal.ui.tray import VARIANTS, Tray

    app = QApplication(["tokenpal"])
    app.setApplicationName("tokenpal")
    app.setDesktopFileName("tokenpal")
    app.setQuitOnLastWindowClosed(False)
    if "--exit-after-tray" not in words and instance.tell(places.data, "glance" if "--glance" in words else "show"):
        return 0
    # Before all that takes time, the icon too: a second start may come now.
    listener = instance.Listener(places.data) if "--exit-after-tray" not in words else None
    tray = Tray(VARIANTS[settings.get("appearance.tray_icon")])
    if listener is None:
        _end_once_the_icon_is_there(app, tray)
        return int(app.exec())
    # The icon is there: now everything that it did not need.
    from tokenpal.engine.engine import Engine
    from tokenpal.system import crash, logs, look
    from tokenpal.ui import language
    from tokenpal.ui.desktop import Desktop, apply_look
    from tokenpal.ui.icons import app_icon
    from tokenpal.ui.theme import theme

    logs.start(places.logs, level=logging.getLevelNamesMapping()[settings.get("advanced.log_level").upper()])
    before = crash.start(places.logs)
    _take_qt_messages()
    language.speak(settings)
    apply_look(settings)
    look.watch(theme().told.emit)
    app.setWindowIcon(app_icon())
    engine = Engine(places, settings) if home is None else Engine(places, settings, home=home, env={})
    desktop = Desktop(engine, settings, tray, demo=home is not None)
    desktop.beforehand = True
    listener.asked.connect(desktop.asked)
    keep = (_ring_round_the_focus(app), listener, _end_on_signals(app, desktop))
    desktop.begin(background="--background" in words)
    if "--glance" in words:
        desktop.toggle_glance()
    for sentence in (settings.problem, "tokenpal ended unexpectedly the last time; the details are in its log." if before else ""):
        if sentence:
            log.info("said at start: %s", sentence)
            desktop.say_at_start(sentence)
    code = int(app.exec())
    listener.close()
    del keep
    clean = engine.stop()
    if desktop.delete_at_end and clean:
        from tokenpal.engine import keep as kept

        kept.delete_everything(places)
    crash.stop()
    logs.stop()
    return code


def _take_qt_messages() -> None:
    from PySide6.QtCore import QtMsgType, qInstallMessageHandler

    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO, QtMsgType.QtWarningMsg: logging.INFO,
        QtMsgType.QtCriticalMsg: logging.ERROR, QtMsgType.QtFatalMsg: logging.CRITICAL,
    }  # fmt: skip

    def take(kind: QtMsgType, _context: object, text: str) -> None:
        logging.getLogger("qt").log(levels.get(kind, logging.INFO), "%s", text)

    qInstallMessageHandler(take)


def _ring_round_the_focus(app: QApplication) -> object:
    """Made with the first window: an idle tray has no focus to show."""
    rings: list[object] = []

    def make(window: object) -> None:
        if window is not None and not rings:
            from tokenpal.ui.widgets.focus import FocusRing

            rings.append(FocusRing(app))

    app.focusWindowChanged.connect(make)
    return rings


def _end_once_the_icon_is_there(app: QApplication, tray: Tray) -> None:
    from PySide6.QtCore import QTimer

    QTimer.singleShot(0, tray.icon, lambda: app.exit(0 if tray.icon.isVisible() else 1))


def _end_on_signals(app: QApplication, desktop: Desktop) -> object:
    """Ctrl+C in a terminal and the session's end stop tokenpal as Quit does.

    Python runs signal handlers between bytecodes only, so a socket wakes the event loop: no timer has to tick.
    """
    import signal
    import socket

    from PySide6.QtCore import QSocketNotifier

    if sys.platform == "win32":
        return None
    reader, writer = socket.socketpair()
    for end in (reader, writer):
        end.setblocking(False)
    signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read, app)
    notifier.activated.connect(lambda: reader.recv(64))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: desktop.quit())
    return reader, writer, notifier
