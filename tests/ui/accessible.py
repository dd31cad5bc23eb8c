"""What a screen reader is told, and what is wrong with it. ``nodes(widget)`` walks the tree; ``faults(name, widget)`` judges it.

The same rules as the walk over AT-SPI on a real display (``tests/desktop/atspi_walk.py``), in this process and without a bus.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QAccessibleInterface
from PySide6.QtWidgets import QAbstractItemView, QLabel, QScrollArea, QScrollBar, QTextBrowser, QWidget

from tokenpal.ui import icons

Role = QAccessible.Role
ACTED_ON = frozenset({
    Role.Button, Role.ButtonMenu, Role.ButtonDropDown, Role.CheckBox, Role.RadioButton, Role.ComboBox, Role.EditableText, Role.SpinBox, Role.Link,
    Role.Slider, Role.PageTab, Role.Switch, Role.MenuItem, Role.List, Role.Table, Role.Tree, Role.Chart, Role.Graphic, Role.ListItem, Role.TreeItem, Role.Cell,
})  # fmt: skip
NOTHING = frozenset({Role.NoRole, Role.Client, Role.StaticText, Role.Whitespace, Role.Border})
"""Roles of what can only be looked at: wrong for something that takes the focus or does something. Qt knows none for a scroll area, and calls a document a text."""
PICTURES = frozenset({Role.Chart, Role.Graphic})
IDENTIFIER = re.compile(r"[a-z]+([_-][a-z0-9]+)+|[a-z]+[A-Z]\w*|Q[A-Z]\w+|qt_\w+")


@dataclass(frozen=True)
class Node:
    """One thing of the tree: where it is, what it is, what it is called and what is said of it."""

    path: tuple[str, ...]
    interface: QAccessibleInterface
    role: QAccessible.Role
    name: str
    description: str

    @property
    def widget(self) -> QWidget | None:
        found = self.interface.object()
        return found if isinstance(found, QWidget) else None

    def __str__(self) -> str:
        return " / ".join((*self.path[-3:], f"{type(self.widget).__name__}:{self.role.name} {self.name!r}"))


def nodes(root: QWidget, most_cells: int = 60) -> Iterator[Node]:
    """Everything that is shown below ``root``, itself included; of a long list only the beginning."""
    interface = QAccessible.queryAccessibleInterface(root)
    assert interface is not None
    yield from _below(interface, (), most_cells)


def _below(interface: QAccessibleInterface, path: tuple[str, ...], most: int) -> Iterator[Node]:
    if interface.state().invisible:
        return
    name = interface.text(QAccessible.Text.Name)
    node = Node(path, interface, interface.role(), name, interface.text(QAccessible.Text.Description))
    yield node
    widget = node.widget
    view = isinstance(widget, QAbstractItemView)
    for place in range(min(interface.childCount(), most) if view else interface.childCount()):
        child = interface.child(place)
        if child is not None and child.isValid():
            yield from _below(child, (*path, name or type(widget).__name__), most)


def faults(where: str, root: QWidget) -> list[str]:
    """What a person who hears the face instead of seeing it would stumble over."""
    found = []
    twins: dict[tuple[int, str, str], list[Node]] = defaultdict(list)
    for node in nodes(root):
        widget = node.widget
        if isinstance(widget, QScrollBar) or (widget is None and node.role in {Role.Cell, Role.ListItem, Role.TreeItem, Role.ColumnHeader, Role.RowHeader}):
            continue
        actions = _actions(node.interface)
        takes = bool(node.interface.state().focusable) and not _only_scrolls(widget)
        if (takes or actions) and not (node.name.strip() or (node.role == Role.ComboBox and node.description.strip())):
            found.append(f"{where}: no name: {node}")
        if ((takes and _by_tab(widget)) or actions) and node.role in NOTHING and not isinstance(widget, (QScrollArea, QTextBrowser)):
            found.append(f"{where}: role says nothing: {node}")
        if (takes or actions) and _is_identifier(node):
            found.append(f"{where}: a name for programs: {node}")
        if takes and node.role in ACTED_ON and node.name:
            twins[id(widget.parentWidget()) if widget is not None else 0, node.role.name, node.name].append(node)
        if isinstance(widget, QLabel) and widget.text().strip() and _aloud(widget.text().strip()) not in _aloud(node.name):
            found.append(f"{where}: words that are not told: {node} instead of {widget.text()[:60]!r}")
        if node.role in PICTURES and not (node.description.strip() or " " in node.name):
            found.append(f"{where}: a picture without words: {node}")
    found += [f"{where}: {len(same)} alike: {same[0]}" for same in twins.values() if len({node.description for node in same}) < len(same)]
    return found


def _aloud(words: str) -> str:
    """Four words that are written with hyphens are told without them."""
    return words.replace("-", " ")


def _by_tab(widget: QWidget | None) -> bool:
    return widget is None or bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus)


def _only_scrolls(widget: QWidget | None) -> bool:
    return widget is not None and widget.objectName() == "qt_scrollarea_viewport"


def _actions(interface: QAccessibleInterface) -> list[str]:
    face = interface.actionInterface()
    return [] if face is None else [name for name in face.actionNames() if name in {"Press", "Toggle", "ShowMenu"}]


def _is_identifier(node: Node) -> bool:
    name = node.name
    if node.role == Role.ComboBox:  # Qt gives it the name of what is chosen, which may be a model's
        name = node.description
    return name in icons.names() or bool(IDENTIFIER.fullmatch(name))
