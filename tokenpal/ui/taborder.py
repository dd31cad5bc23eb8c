"""Tab in the order of reading: as things stand in their layouts, not as they were made (issue 5).

A window says ``def focusNextPrevChild(self, next): return taborder.step(self, next)``. Parts that come later are in order, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QGridLayout,
    QLayout,
    QLineEdit,
    QWidget,
)

WHOLE = (QAbstractItemView, QAbstractSpinBox, QComboBox, QLineEdit)  # Qt's own parts inside are no stops


def step(window: QWidget, forward: bool) -> bool:
    """Give the keyboard to the next stop, or the one before; False = there is none. At the end it begins again."""
    found = list(stops(window))
    at = QApplication.focusWidget()
    while at is not None and at is not window and at not in found:
        at = at.parentWidget()
    if not found:
        return False
    if at is not None and found == [at]:
        at.clearFocus()  # it may have the keyboard without showing it, since nobody pressed a key for that
    if at is None or at is window:
        there = found[0 if forward else -1]
    else:
        there = found[(found.index(at) + (1 if forward else -1)) % len(found)]
    there.setFocus(Qt.FocusReason.TabFocusReason if forward else Qt.FocusReason.BacktabFocusReason)
    return True


def stops(around: QWidget) -> Iterator[QWidget]:
    """What Tab comes to inside, in the order of reading."""
    layout = around.layout()
    laid = list(_laid(layout)) if layout is not None else []
    others = [one for one in around.children() if isinstance(one, QWidget) and one not in laid and not one.isWindow()]
    for part in (*laid, *others):
        if part.isHidden() or part.parentWidget() is not around:
            continue
        if _is_stop(part):
            yield part
        if not isinstance(part, WHOLE):
            yield from stops(part)


def _laid(layout: QLayout) -> Iterator[QWidget]:
    places = range(layout.count())
    if isinstance(layout, QGridLayout):
        places = sorted(places, key=lambda place: layout.getItemPosition(place)[:2])  # type: ignore[assignment,index]  # row, column, spans
    for place in places:
        item = layout.itemAt(place)
        if item is None:
            continue
        if (part := item.widget()) is not None:
            yield part
        elif (inner := item.layout()) is not None:
            yield from _laid(inner)


def _is_stop(part: QWidget) -> bool:
    if not (part.focusPolicy() & Qt.FocusPolicy.TabFocus) or not part.isEnabled() or not part.isVisible() or part.focusProxy() is not None:
        return False
    return not (isinstance(part, QAbstractButton) and _is_other_choice(part))


def _is_other_choice(part: QAbstractButton) -> bool:
    """One of several of which another is chosen: arrows lead to it."""
    if not part.isCheckable() or part.isChecked() or part.hasFocus():
        return False
    group = part.group()
    if group is not None:
        return group.exclusive() and group.checkedButton() is not None
    if not part.autoExclusive() or part.parentWidget() is None:
        return False
    return any(one.isChecked() and one.autoExclusive() for one in part.parentWidget().findChildren(QAbstractButton, options=Qt.FindChildOption.FindDirectChildrenOnly))
