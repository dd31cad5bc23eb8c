"""For tests by keyboard alone: a round of Tab through a window, what should be on it, and whether each stop is seen."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QDateTimeEdit, QWidget

MOST = 400  # stops of one round, at the most
SEEN = 6  # px around a control that the ring may take


@dataclass
class Round:
    """The stops in their order, and those that looked the same with the keyboard and without it."""

    stops: list[QWidget] = field(default_factory=list)
    unseen: list[QWidget] = field(default_factory=list)


def tab(window: QWidget, back: bool = False) -> QWidget | None:
    """Press Tab where the keyboard is; where it is then."""
    at = window.focusWidget() or window
    QTest.keyClick(at, Qt.Key.Key_Backtab if back else Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier if back else Qt.KeyboardModifier.NoModifier)
    return window.focusWidget()


def once_round(window: QWidget, back: bool = False, look: bool = False) -> Round:
    """Tab from nowhere until it comes to where it was before. ``look``: compare each stop's picture with and without the keyboard."""
    found = Round()
    if window.focusWidget() is not None:
        window.focusWidget().clearFocus()
    at = tab(window, back)
    while at is not None and at not in found.stops and len(found.stops) < MOST:
        found.stops.append(at)
        if look:
            seen = picture_of(window, at)
            elsewhere = next(iter(wanted(window) - {at}), None)
            elsewhere.setFocus() if elsewhere is not None else at.clearFocus()
            if picture_of(window, at) == seen:
                found.unseen.append(at)
            at.setFocus(Qt.FocusReason.TabFocusReason)
        for _ in range(3 if isinstance(at, QDateTimeEdit) else 1):  # year, month and day have the keyboard in turn
            if window.focusWidget() is at:
                tab(window, back)
        at = window.focusWidget()
    return found


def picture_of(window: QWidget, control: QWidget) -> QImage:
    """The window where the control stands, with room for a ring."""
    box = QRect(control.mapTo(window, QPoint(0, 0)), control.size()).adjusted(-SEEN, -SEEN, SEEN, SEEN)
    return window.grab(box).toImage()


def wanted(window: QWidget) -> set[QWidget]:
    """What Tab has to come to; of buttons of which one is chosen, that one."""
    return {part for part in window.findChildren(QWidget) if takes_tab(part) and not _in_group(part)}


def choice(part: QWidget) -> object:
    """The buttons of which one is chosen, for each of them: which one it is may change while the page scrolls. Else the part."""
    if isinstance(part, QAbstractButton) and part.isCheckable():
        if part.group() is not None and part.group().exclusive():
            return part.group()
        if part.autoExclusive():
            return part.parentWidget()
    return part


def takes_tab(part: QWidget) -> bool:
    return part.isVisible() and part.isEnabled() and bool(part.focusPolicy() & Qt.FocusPolicy.TabFocus) and part.focusProxy() is None and not _inner(part)


def _inner(part: QWidget) -> bool:
    """The line inside a spin box or a combo box, which has the keyboard for it."""
    around = part.parentWidget()
    return around is not None and around.focusProxy() is None and part.objectName() in {"qt_spinbox_lineedit"}


def _in_group(part: QWidget) -> bool:
    if not isinstance(part, QAbstractButton) or not part.isCheckable() or part.isChecked():
        return False
    return part.autoExclusive() or (part.group() is not None and part.group().exclusive() and part.group().checkedButton() is not None)


def leaps(window: QWidget, stops: list[QWidget]) -> list[str]:
    """Steps of Tab against the order of reading: up, or to the left in one row (to the right where one reads from the right)."""
    found = []
    mirrored = QApplication.layoutDirection() == Qt.LayoutDirection.RightToLeft
    for one, other in pairwise(stops):
        a, b = _boxes(window, one, other)
        above = b.bottom() <= a.top() + 2
        apart = b.top() >= a.bottom() - 2
        aside = a.right() <= b.left() + 2 if mirrored else b.right() <= a.left() + 2
        next_column = b.right() <= a.left() if mirrored else b.left() >= a.right()
        if (above and not next_column) or (aside and not apart):
            found.append(f"{words(one)} then {words(other)}")
    return found


def _boxes(window: QWidget, one: QWidget, other: QWidget) -> tuple[QRect, QRect]:
    """Of both what stands side by side in the part of the window that holds them both."""
    line, around = [one], one
    while around is not window and around.parentWidget() is not None:
        around = around.parentWidget()
        line.append(around)
    at = other
    while at.parentWidget() is not None and at.parentWidget() not in line:
        at = at.parentWidget()
    shared = at.parentWidget()
    assert shared is not None
    mine = line[line.index(shared) - 1] if shared is not one else one
    return QRect(mine.mapTo(window, QPoint(0, 0)), mine.size()), QRect(at.mapTo(window, QPoint(0, 0)), at.size())


def words(part: QWidget) -> str:
    said = part.accessibleName() or (part.text() if isinstance(part, QAbstractButton) else "") or part.objectName()
    return f"{type(part).__name__} {said[:50]!r}"

