"""Dialogs on small screens, words inside buttons, and what is offered first: by name, not by number."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout

from tests.ui.conftest import App, spin
from tokenpal.engine import commands, queries
from tokenpal.model.journal import RuleKind
from tokenpal.ui.dialogs.room import Sheet
from tokenpal.ui.room import EDGE
from tokenpal.ui.theme import Theme, color
from tokenpal.ui.widgets.text import Text

LONG = "What is said here takes many lines on any screen that a person has in front of them. "


def sheet(paragraphs: int) -> tuple[Sheet, list[Text], QLineEdit, QPushButton]:
    dialog = Sheet()
    column = QVBoxLayout(dialog)
    texts = [Text(LONG * 4, wrap=True) for _ in range(paragraphs)]
    for text in texts:
        column.addWidget(text)
    field, button = QLineEdit(), QPushButton("Keep")
    column.addWidget(field)
    column.addWidget(button)
    dialog.resize(300, 60)
    field.setFocus()
    return dialog, texts, field, button


def test_lines_that_break_have_their_room(look: Theme) -> None:
    dialog, texts, _, button = sheet(2)
    dialog.show()
    spin(50)
    assert dialog.height() > 60
    assert all(text.height() >= text.heightForWidth(text.width()) for text in texts)
    texts[0].hide()
    texts[1].setText(LONG * 8)
    spin(50)
    assert texts[1].height() >= texts[1].heightForWidth(texts[1].width())
    assert dialog.rect().contains(button.geometry())
    dialog.close()


def test_what_is_taller_than_the_screen_scrolls_and_the_buttons_stay(look: Theme) -> None:
    dialog, texts, field, button = sheet(12)
    dialog.show()
    spin(100)
    assert dialog.height() <= dialog.screen().availableSize().height() - EDGE
    assert button.parentWidget() is dialog
    assert dialog.rect().contains(button.geometry())
    assert all(text.height() >= text.heightForWidth(text.width()) for text in texts)
    assert dialog.focusWidget() is field, "the keyboard stays where it was"
    dialog.close()


def test_words_keep_their_colour_inside_a_button(look: Theme) -> None:
    button = QPushButton()
    text = Text("quiet", "small", "text-3", parent=button)
    assert text.foregroundRole() is QPalette.ColorRole.WindowText
    assert text.palette().color(text.foregroundRole()) == color("text-3")
    button.deleteLater()


def test_a_rule_of_an_account_is_made_and_read_by_its_name(sample: App) -> None:
    account = sample.ask(queries.accounts)[0]
    rules: Any = sample.page("tasks").rules
    rules.form.kind.choose(RuleKind.ACCOUNT.value)
    rules.form._kind_chosen("")
    assert rules.form.pattern.isHidden()
    assert rules.form.account.isVisibleTo(rules.form)
    rules.form.account.choose(str(account.id))
    draft = rules.form.draft()
    assert draft is not None
    assert draft.pattern == str(account.id)
    sample.ask(commands.add_rule, draft.kind, draft.pattern, draft.task)
    sample.settle()
    row = sample.ask(queries.rules)[-1]
    assert (row.rule.pattern, row.pattern) == (str(account.id), account.name)
    sample.wait(lambda: any(account.name in line.accessibleName() for line in rules._lines), "the list names the account")


def test_the_task_chosen_last_is_offered_first(sample: App) -> None:
    page: Any = sample.page("sessions")
    page.pick_task()
    first: Any = sample.dialog()
    names = [first.list.item(place).text() for place in range(first.list.count())]
    first._take(first.list.item(2))
    sample.settle()
    page.pick_task()
    again: Any = sample.dialog()
    assert again.list.item(0).text() == names[2]
    again.reject()
