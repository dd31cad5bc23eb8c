"""Which tokenpal this is, what it is made of, and where its files are."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from tokenpal import __version__
from tokenpal.engine import outside
from tokenpal.system.paths import Paths, resource
from tokenpal.translation import mark, tr
from tokenpal.ui.theme import px
from tokenpal.ui.widgets.buttons import Button, Link
from tokenpal.ui.widgets.card import Card, Scroll
from tokenpal.ui.widgets.table import Table, TableView
from tokenpal.ui.widgets.text import Text

LIBRARIES: Final = (  # name on the package index, licence
    ("PySide6-Essentials", "LGPL-3.0"), ("shiboken6", "LGPL-3.0"), ("httpx", "BSD-3-Clause"), ("httpcore", "BSD-3-Clause"), ("truststore", "MIT"),
    ("keyring", "MIT"), ("platformdirs", "MIT"), ("msgspec", "BSD-3-Clause"), ("filelock", "MIT"), ("tomli-w", "MIT"),
    ("genai-prices", "MIT"), ("stringzilla", "Apache-2.0"), ("zstandard", "BSD-3-Clause"), ("rich", "MIT"), ("tzlocal", "MIT"), ("tzdata", "Apache-2.0"),
    ("jeepney", "MIT"), ("cryptography", "Apache-2.0 or BSD-3-Clause"), ("pyhpke", "MIT"), ("prometheus-client", "Apache-2.0"),
    ("h11", "MIT"), ("opentelemetry-proto", "Apache-2.0"), ("socksio", "MIT"),
)  # fmt: skip
"""Direct dependencies of the app; a test compares the names with pyproject.toml."""

FONTS: Final = (("Inter", "Inter-LICENSE.txt"), ("JetBrains Mono", "JetBrainsMono-LICENSE.txt"))
PLACES: Final = (("data", mark("Data")), ("backups", mark("Backups")), ("config", mark("Settings")), ("logs", mark("Log")))


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # a bundle carries the code without its papers
        return "–"


class AboutCard(Card):
    """``said(sentence, undoable)`` after something was copied."""

    said = Signal(str, bool)

    def __init__(self, places: Paths, parent: QWidget | None = None) -> None:
        super().__init__(tr("About"), parent=parent)
        self._places = places
        self.body.addWidget(Text(tr("tokenpal {version}. A signal with its context, owned by you, never a score.", version=__version__), "body", wrap=True))
        grid = QGridLayout()
        grid.setHorizontalSpacing(px(12))
        grid.setVerticalSpacing(px(4))
        grid.setColumnStretch(1, 1)
        for row, (key, name) in enumerate(PLACES):
            grid.addWidget(Text(tr(name), "small", "text-2"), row, 0)
            grid.addWidget(Text(str(getattr(places, key)), "mono", wrap=True, selectable=True), row, 1)
            link = Link(tr("Open"))
            link.setObjectName(f"open-{key}")
            link.setAccessibleName(tr("Open the folder of {name}", name=tr(name)))
            link.setProperty("place", key)
            link.clicked.connect(self._open)
            grid.addWidget(link, row, 2)
        self.body.addLayout(grid)
        foot = QHBoxLayout()
        self._licences = Link(tr("Licences"))
        self._licences.setObjectName("licences")
        self._licences.clicked.connect(self._show_licences)
        foot.addWidget(self._licences)
        self._copy = Link(tr("Copy version and places"))
        self._copy.clicked.connect(self._copy_all)
        foot.addSpacing(px(12))
        foot.addWidget(self._copy)
        foot.addStretch(1)
        self.body.addLayout(foot)

    @Slot()
    def _open(self) -> None:
        sender = self.sender()
        folder: Path = getattr(self._places, sender.property("place")) if sender is not None else self._places.data
        if not outside.open_folder(folder):
            self.said.emit(tr("The folder is there: {folder}.", folder=folder), False)

    @Slot()
    def _copy_all(self) -> None:
        QGuiApplication.clipboard().setText("\n".join((f"tokenpal {__version__}", *(f"{key}: {getattr(self._places, key)}" for key, _ in PLACES))))
        self.said.emit(tr("Copied."), False)

    @Slot()
    def _show_licences(self) -> None:
        dialog = LicenceDialog(self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


class LicenceDialog(QDialog):
    """Libraries with version and licence; the fonts' licence in full."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Licences"))
        column = QVBoxLayout(self)
        column.setContentsMargins(px(22), px(20), px(22), px(18))
        column.setSpacing(px(10))
        column.addWidget(Text(tr("Licences"), "title"))
        column.addWidget(Text(tr("tokenpal is under the Apache License 2.0. It stands on these libraries and fonts."), "body", "text-2", wrap=True))
        table = TableView()
        rows = tuple((name, _installed(name), licence) for name, licence in LIBRARIES)
        table.set_table(Table((tr("Library"), tr("Version"), tr("Licence")), rows, tr("Libraries"), frozenset({1, 2})))
        column.addWidget(table, 3)
        body = QWidget()
        inner = QVBoxLayout(body)
        inner.setContentsMargins(0, 0, px(8), 0)
        for name, file in FONTS:
            inner.addWidget(Text(name, "body", weight=500))
            inner.addWidget(Text((resource("fonts") / file).read_text("utf-8"), "mono", "text-2", wrap=True, selectable=True))
        scroll = Scroll(reads=tr("Licences"))
        scroll.setWidget(body)
        column.addWidget(scroll, 2)
        foot = QHBoxLayout()
        foot.addStretch(1)
        close = Button(tr("Close"))
        close.setObjectName("leave")
        close.setDefault(True)
        close.clicked.connect(self.reject)
        foot.addWidget(close)
        column.addLayout(foot)
        room = self.screen().availableSize()
        self.resize(min(px(640), room.width() - px(40)), min(px(640), room.height() - px(60)))
