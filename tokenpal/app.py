"""The desktop app: builds the parts, joins them, and ends them in order. The only place besides ``cli`` that does.

The tray comes first: Qt's widgets and the icon are all that is imported before it is shown. The engine starts in the
first turn of the event loop, the window's charts when a page with a chart is opened.
"""

from __future__ import annotations

import argparse
import logging
import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from tokenpal.settings import Settings
from tokenpal.system import crash, logs
from tokenpal.system.paths import Paths, inside, paths

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from tokenpal.ui.desktop import Desktop

log = logging.getLogger(__name__)


def main(arguments: list[str]) -> int:
    """Run the app; returns the exit code."""
    options = _parser().parse_args(arguments)
    with ExitStack() as stack:
        home: Path | None = None
        if options.demo:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tokenpal-demo-", ignore_cleanup_errors=True)))
            os.environ["TOKENPAL_HOME"] = str(folder)
            home, places = folder, inside(folder)
            places.make()
            from tokenpal.engine import demo

            demo.fill(places)
        else:
            places = paths()
        return run(options, places, home)


def run(options: argparse.Namespace, places: Paths, home: Path | None) -> int:
    """One profile, until the person quits."""
    settings = Settings.load(places.settings)
    logs.start(places.logs, level=logging.getLevelNamesMapping()[settings.get("advanced.log_level").upper()])
    before = crash.start(places.logs)

    from PySide6.QtWidgets import QApplication

    from tokenpal.engine.engine import Engine
    from tokenpal.ui import instance, numbers
    from tokenpal.ui.desktop import Desktop, apply_look
    from tokenpal.ui.icons import app_icon

    app = QApplication(["tokenpal"])
    app.setApplicationName("tokenpal")
    app.setDesktopFileName("tokenpal")
    app.setQuitOnLastWindowClosed(False)
    _take_qt_messages()
    if not options.exit_after_tray and instance.tell(places.data, "glance" if options.glance else "show"):
        return 0
    numbers.use_locale()
    apply_look(settings)
    app.setWindowIcon(app_icon())
    engine = Engine(places, settings) if home is None else Engine(places, settings, home=home, env={})
    desktop = Desktop(engine, settings, demo=home is not None)
    if options.exit_after_tray:
        _end_once_the_icon_is_there(app, desktop)
        return int(app.exec())

    from tokenpal.ui.widgets.focus import FocusRing

    listener = instance.Listener(places.data, desktop)
    listener.asked.connect(desktop.asked)
    keep = (FocusRing(app), listener, _end_on_signals(app, desktop))
    desktop.begin(background=options.background)
    if options.glance:
        desktop.toggle_glance()
    for sentence in (settings.problem, "tokenpal ended unexpectedly the last time; the details are in its log." if before else ""):
        if sentence:
            log.info("said at start: %s", sentence)
            desktop.say_at_start(sentence)
    code = int(app.exec())
    del keep
    clean = engine.stop()
    if desktop.delete_at_end and clean:
        from tokenpal.engine import keep as kept

        kept.delete_everything(places)
    crash.stop()
    logs.stop()
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tokenpal", description="Chart your own AI use against your own tasks.")
    parser.add_argument("--background", action="store_true", help="start into the tray, without a window")
    parser.add_argument("--glance", action="store_true", help="open the small window at the tray")
    parser.add_argument("--demo", action="store_true", help="show sample data in a throw-away profile")
    parser.add_argument("--exit-after-tray", action="store_true", help="end as soon as the icon is shown, for timing")
    return parser


def _take_qt_messages() -> None:
    from PySide6.QtCore import QtMsgType, qInstallMessageHandler

    levels = {
        QtMsgType.QtDebugMsg: logging.DEBUG, QtMsgType.QtInfoMsg: logging.INFO, QtMsgType.QtWarningMsg: logging.INFO,
        QtMsgType.QtCriticalMsg: logging.ERROR, QtMsgType.QtFatalMsg: logging.CRITICAL,
    }  # fmt: skip

    def take(kind: QtMsgType, _context: object, text: str) -> None:
        logging.getLogger("qt").log(levels.get(kind, logging.INFO), "%s", text)

    qInstallMessageHandler(take)


def _end_once_the_icon_is_there(app: QApplication, desktop: Desktop) -> None:
    from PySide6.QtCore import QTimer

    QTimer.singleShot(0, desktop.tray.icon, lambda: app.exit(0 if desktop.tray.icon.isVisible() else 1))


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
