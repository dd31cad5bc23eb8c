"""What can be done with a session, or with many: the menu of the list, each entry with its key."""

from __future__ import annotations

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QWidget

from tokenpal.translation import mark, tr, trn
from tokenpal.ui import numbers
from tokenpal.ui.sessions import words

LABELS = (("e", mark("Exploration")), ("d", mark("Delivered")), ("w", mark("Waste")))


def row_menu(parent: QWidget, count: int, *, waste: bool, labelled: bool) -> QMenu:
    """A menu for ``count`` sessions; an entry's data says what to do: the page's own keys and "away", "release", "copy", "csv", "all"."""
    menu = QMenu(parent)
    if count > 1:
        title = QAction(trn("{n} session", "{n} sessions", count, shown=numbers.digits(count)), menu)
        title.setEnabled(False)
        menu.addAction(title)

    def add(to: QMenu, said: str, key: str, shown: str = "") -> None:
        action = QAction(said, to)
        if shown:
            action.setShortcut(QKeySequence(shown))
            action.setShortcutVisibleInContextMenu(True)
        action.setData(key)
        to.addAction(action)

    for key, said in LABELS:
        add(menu, tr(said), key, key.upper())
    if waste:
        why = menu.addMenu(tr("Why it was waste"))
        for number, reason in enumerate(words.REASONS, 1):
            add(why, words.begin_large(words.reason_words(reason)), str(number), str(number))
    if labelled:
        add(menu, tr("Take the label away"), "away")
    menu.addSeparator()
    add(menu, tr("Choose a task…"), "t", "T")
    add(menu, tr("Let rules decide"), "release")
    if count == 1:
        add(menu, tr("Write a note"), "n", "N")
        add(menu, tr("Split…"), "s", "S")
    menu.addSeparator()
    add(menu, tr("Copy as a table"), "copy", "Ctrl+C")
    add(menu, tr("Write a CSV file…"), "csv")
    add(menu, tr("Choose all"), "all", "Ctrl+A")
    return menu
