"""The menu of a week: templates, plain text, a file."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from tokenpal.translation import tr
from tokenpal.ui.theme import font
from tokenpal.ui.widgets.buttons import IconButton


class More(IconButton):
    """``chosen(action, item)``: begin (a template's name), empty (the built-in template without words), templates, text, file."""

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("more", tr("Templates and export"), framed=True, parent=parent)
        self.setObjectName("checkin-more")
        self._templates: tuple[str, ...] = ()
        self.menu_ = QMenu(self)
        self.menu_.setAccessibleName(tr("Templates and export"))
        self.templates = QMenu(tr("Start from a template"), self.menu_)
        self.clicked.connect(self.open)
        self._fill()

    def set_templates(self, names: Sequence[str]) -> None:
        """The templates there are."""
        if tuple(names) != self._templates:
            self._templates = tuple(names)
            self._fill()

    def _fill(self) -> None:
        self.menu_.clear()
        self.templates.clear()
        for name in self._templates:
            self._add(self.templates, name.replace("&", "&&"), "begin", name)
        self._add(self.templates, tr("Empty page"), "empty")
        self.templates.addSeparator()
        self._add(self.templates, tr("Change templates…"), "templates")
        self.menu_.addMenu(self.templates)
        self._add(self.menu_, tr("Change templates…"), "templates")
        self.menu_.addSeparator()
        self._add(self.menu_, tr("Copy as plain text"), "text")
        self._add(self.menu_, tr("Save to a file…"), "file")

    def _add(self, menu: QMenu, words: str, action: str, item: str = "") -> None:
        added = menu.addAction(words)
        added.setData((action, item))
        added.triggered.connect(self._triggered)

    @Slot()
    def _triggered(self) -> None:
        sender = self.sender()
        if isinstance(sender, QAction):
            action, item = sender.data()
            self.chosen.emit(action, item)

    @Slot()
    def open(self) -> None:
        """The whole menu; a week that is looked back on has none."""
        if self.isVisible():
            self._popup(self.menu_)

    @Slot()
    def show_templates(self) -> None:
        """The list of templates alone, below whoever asked; without any the dialog that makes them."""
        if not self._templates:
            self.chosen.emit("templates", "")
            return
        self._popup(self.templates)

    def _popup(self, menu: QMenu) -> None:
        for one in (self.menu_, self.templates):
            one.setFont(font("body"))
        self.drop(menu)
