"""The yardstick: a PySide6 program with a tray icon, one menu entry and nothing else."""

from __future__ import annotations

import signal
import sys

from PySide6.QtCore import QTimer
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

app = QApplication(sys.argv)
app.setQuitOnLastWindowClosed(False)
pixmap = QPixmap(32, 32)
pixmap.fill("orange")
menu = QMenu()
menu.addAction("Quit", app.quit)
icon = QSystemTrayIcon(QIcon(pixmap))
icon.setContextMenu(menu)
icon.show()
signal.signal(signal.SIGTERM, signal.SIG_DFL)
if "--stay" not in sys.argv:
    QTimer.singleShot(0, app.quit)
sys.exit(app.exec())
