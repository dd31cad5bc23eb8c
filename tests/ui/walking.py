"""For tests that walk the whole window: every page and dialog, every visible word, and what is too narrow for its words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import QPoint, QRect, QSize
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QDialog, QLabel, QLineEdit, QWidget

from tests.ui.conftest import App
from tokenpal.translation import tr
from tokenpal.ui.widgets.text import Text
from tokenpal.ui.window import PAGES

DIALOGS = ("keys", "licences", "new-task", "add-account", "delete")


@dataclass(frozen=True)
class Said:
    """A piece of text on the screen: where, how (text, tip, name, placeholder), by which widget."""

    where: str
    how: str
    text: str
    widget: QWidget


def faces(app: App, dialogs: tuple[str, ...] = DIALOGS) -> Iterator[tuple[str, QWidget]]:
    """Name and widget of each page, with its data, then of each dialog, open."""
    for key, _, _ in PAGES:
        yield key, app.page(key)
    yield "window", app.window.sidebar
    for name in dialogs:
        dialog = _open(app, name)
        if dialog is not None:
            app.settle()
            yield name, dialog
            dialog.close()
            app.settle()


def _open(app: App, name: str) -> QDialog | None:
    if name == "keys":
        app.page("overview")
        app.window.show_keys()
    elif name in {"licences", "delete"}:
        _button(app.page("settings"), "licences" if name == "licences" else "data-delete").click()
    elif name == "new-task":
        _worded(app.page("tasks"), tr("New task")).click()
    elif name == "add-account":
        _worded(app.page("accounts"), tr("Add an account")).click()
    app.settle()
    return next((one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog) and one.isVisible()), None)


def _button(page: QWidget, name: str) -> QAbstractButton:
    found = page.findChild(QAbstractButton, name)
    assert isinstance(found, QAbstractButton), name
    return found


def _worded(page: QWidget, words: str) -> QAbstractButton:
    return next(one for one in page.findChildren(QAbstractButton) if one.text() == words and not one.isHidden())


def shown(root: QWidget) -> list[QWidget]:
    """The widgets that a person may see, scrolled-away ones included."""
    return [one for one in (root, *root.findChildren(QWidget)) if isinstance(one, QWidget) and one.isVisibleTo(root)]


def words(where: str, root: QWidget) -> Iterator[Said]:
    """Everything that is said to the eye or to a screen reader."""
    for widget in shown(root):
        told: list[tuple[str, str]] = [("tip", widget.toolTip()), ("name", widget.accessibleName()), ("description", widget.accessibleDescription())]
        if isinstance(widget, (QLabel, QAbstractButton)):
            told.append(("text", widget.text()))
        if isinstance(widget, QComboBox):
            told += [("choice", widget.itemText(place)) for place in range(widget.count())]
        if isinstance(widget, QLineEdit):
            told.append(("placeholder", widget.placeholderText()))
        if isinstance(widget, QDialog):
            told.append(("title", widget.windowTitle()))
        for how, text in told:
            if text.strip():
                yield Said(where, how, text, widget)


def cut(where: str, root: QWidget) -> list[str]:
    """Labels and buttons whose words are wider or taller than the room they have, without an ellipsis, a wrap or a scroll."""
    found = []
    for widget in shown(root):
        lacks = _lack(widget)
        if lacks:
            found.append(f"{where}: {type(widget).__name__} {words_of(widget)[:50]!r} lacks {lacks} px")
    return found


def words_of(widget: QWidget) -> str:
    """What a widget says, or is called."""
    text: Callable[[], Any] | None = getattr(widget, "text", None)
    said = text() if callable(text) else ""
    return str(said or widget.accessibleName() or widget.objectName())


def _lack(widget: QWidget) -> int:
    if isinstance(widget, Text):
        if widget._elide or not widget.text():
            return 0
        metrics = QFontMetrics(widget.font())
        if widget.wordWrap():
            longest = max((metrics.horizontalAdvance(part) for part in widget.text().replace("/", " ").split()), default=0)
            tall = widget.heightForWidth(widget.width()) - widget.height()
            return max(0, min(longest, metrics.averageCharWidth() * 24) - widget.width() - 1, tall - 1)
        return max(0, metrics.horizontalAdvance(widget.text()) - widget.width() - 2)
    if isinstance(widget, QAbstractButton) and widget.text() and widget.sizePolicy().horizontalPolicy() == widget.sizePolicy().Policy.Fixed:
        return max(0, widget.sizeHint().width() - widget.width())
    return 0


def outside(where: str, root: QWidget) -> list[str]:
    """Widgets that stick out of their parent, where the parent does not scroll."""
    found = []
    for widget in shown(root):
        parent = widget.parentWidget()
        if widget is root or parent is None or widget.isWindow() or widget.size() == QSize(0, 0) or _scrolled(parent):
            continue
        room, box = parent.rect(), QRect(widget.pos(), widget.size())
        over = max(box.right() - room.right(), room.left() - box.left())
        if over > 1 and parent.width() > 0:
            found.append(f"{where}: {type(widget).__name__} {words_of(widget)[:40]!r} leaves {type(parent).__name__} by {over} px")
    return found


def _scrolled(widget: QWidget) -> bool:
    return widget.objectName() == "qt_scrollarea_viewport" or type(widget).__name__ in {"QHeaderView", "FlatHeader", "QLineEdit"} or isinstance(widget, (QComboBox, QLineEdit))


def overlaps(where: str, root: QWidget) -> list[str]:
    """Words and controls that lie on one another."""
    leaves = [one for one in shown(root) if isinstance(one, (QLabel, QAbstractButton, QLineEdit, QComboBox)) and one.width() > 1 and one.height() > 1]
    by_parent: dict[QWidget | None, list[QWidget]] = {}
    for leaf in leaves:
        by_parent.setdefault(leaf.parentWidget(), []).append(leaf)
    found = []
    for children in by_parent.values():
        boxes = [(QRect(QPoint(0, 0) + child.pos(), child.size()), child) for child in children]
        for place, (box, child) in enumerate(boxes):
            for other, sibling in boxes[place + 1 :]:
                both = box.intersected(other)
                if both.width() > 2 and both.height() > 2:
                    found.append(f"{where}: {words_of(child)[:30]!r} and {words_of(sibling)[:30]!r} overlap by {both.width()} x {both.height()}")
    return found
