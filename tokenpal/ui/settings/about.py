"""Which tokenpal this is, what it is made of, and where its files are."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from tokenpal import __version__
from tokenpal.engine import outside
from tokenpal.system.paths import Paths, resource
from tokenpal.translation import mark, tr
from tokenpal.ui.dialogs.slices import opened
from tokenpal.ui.theme import color, font, px, theme
from tokenpal.ui.widgets.buttons import Link
from tokenpal.ui.widgets.card import Card, SlimBar
from tokenpal.ui.widgets.foot import foot, way_out
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
        self.table = TableView()
        column.addWidget(self.table, 3)
        self.text = Reading(tr("Licences"))
        column.addWidget(self.text, 2)
        column.addLayout(foot(way_out(self, tr("Close"), default=True)))
        room = self.screen().availableSize()
        self.resize(min(px(640), room.width() - px(40)), min(px(640), room.height() - px(60)))

    def open(self) -> None:
        opened(self, self._parts(), super().open)

    def _parts(self) -> Iterator[None]:
        rows = []
        for name, licence in LIBRARIES:
            rows.append((name, _installed(name), licence))
            yield
        self.table.set_table(Table((tr("Library"), tr("Version"), tr("Licence")), tuple(rows), tr("Libraries"), frozenset({1, 2})))
        yield
        for name, file in FONTS:
            self.text.add(name, (resource("fonts") / file).read_text("utf-8"))
            yield


class Reading(QPlainTextEdit):
    """Long plain texts under their names, to be read and copied; only what is seen of them is laid out."""

    always_ringed = True

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setVerticalScrollBar(SlimBar())
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(0)
        theme().changed.connect(self._dress)
        self._dress()

    def add(self, name: str, text: str) -> None:
        """Another text at the end."""
        head, body = QTextCharFormat(), QTextCharFormat()
        head.setFont(font("body", 500))
        body.setFont(font("mono"))
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        if not self.document().isEmpty():
            cursor.insertText("\n\n", body)
        cursor.insertText(f"{name}\n", head)
        cursor.insertText(text.strip(), body)
        cursor.endEditBlock()

    @Slot()
    def _dress(self) -> None:
        self.setFont(font("mono"))
        ground = self.palette()
        ground.setColor(ground.ColorRole.Base, color("ground"))
        ground.setColor(ground.ColorRole.Text, color("text-2"))
        self.setPalette(ground)
