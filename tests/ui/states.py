"""Pages in other states than they open in: as tables, in the middle of labelling, many rows chosen, a rule open, a look back, a team joined.

``STATES`` holds a name and a function each; it opens the state on a running app and gives what puts everything back.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QItemSelection, QItemSelectionModel

from tests.ui import sharing_samples
from tests.ui.conftest import App
from tests.ui.sharing_desk import sample_desk
from tests.ui.window_scenes import NOTICES
from tokenpal.ui.overview.flip import FlipCard

Back = Callable[[], Any]


def _tables(app: App) -> Back:
    page = app.page("overview")
    cards = [card for card in page.findChildren(FlipCard) if card.isVisible()]

    def flip() -> None:
        page.chart.panel.toggle_table()
        for card in cards:
            card.toggle_table()

    assert cards, "cards with a picture"
    flip()
    return flip


def _bar(app: App) -> Back:
    page = app.page("overview")
    chart = page.chart.panel.chart
    chart.select(len(chart.series().buckets) - 2, len(chart.series().buckets) - 1)
    return chart.clear_selection


def _hours(app: App) -> Back:
    page = app.page("overview")
    page._range.choose("7")
    page._range_chosen("7")
    page._bucket.choose("hour")
    page._choice_made("")

    def back() -> None:
        page._range.choose("30")
        page._range_chosen("30")

    return back


def _run(app: App) -> Back:
    page = app.page("sessions")
    page.begin_run()
    back: Back = page.end_run
    return back


def _waste(app: App) -> Back:
    page = app.page("sessions")
    page.begin_run()
    app.settle()
    page.press("w")

    def back() -> None:
        page.run.put_off()
        page.end_run()

    return back


def _many(app: App) -> Back:
    page = app.page("sessions")
    model = page.list.sessions
    page.list.selectionModel().select(QItemSelection(model.index(1), model.index(9)), QItemSelectionModel.SelectionFlag.ClearAndSelect)
    return lambda: page.list.choose_place(0)


def _filtered(app: App) -> Back:
    page = app.page("sessions")
    page.filters.toggle("tasks", "Code review")
    page.filters.toggle("agents", "claude-code")
    back: Back = page.filters.clear
    return back


def _none(app: App) -> Back:
    page = app.page("sessions")
    page.search.setText("no such words anywhere")
    page.filters._searched()
    back: Back = page.filters.clear
    return back


def _table(app: App) -> Back:
    page = app.page("tasks")
    page.as_table.setChecked(True)
    return lambda: page.as_table.setChecked(False)


def _rule(app: App) -> Back:
    rules = app.page("tasks").rules
    rules.edit(rules._rules[1].rule.id)
    rules._editor.pattern.setText("*")
    rules._editor.changed.emit()
    back: Back = rules._close
    return back


def _look_back(app: App) -> Back:
    page = app.page("check-in")
    page._tabs.choose("back")
    page._show_tab("back")

    def back() -> None:
        page._tabs.choose("week")
        page._show_tab("week")

    return back


def _compared(app: App) -> Back:
    page = app.page("accounts")
    page.show_item(next(row.id for row in page._rows if row.source == "openai"))
    app.settle()
    page.compare()
    return lambda: page.pane.closed.emit()


def _found(words: str) -> Callable[[App], Back]:
    def opened(app: App) -> Back:
        page = app.page("settings")
        page.search.setText(words)
        back: Back = page.search.clear
        return back

    return opened


def _notices(app: App) -> Back:
    notices = app.desktop.telling.notices
    app.page("overview")
    for place, what in enumerate(NOTICES):
        notices.add(what, int(app.desktop.desk.now()) - 1200 * (len(NOTICES) - place))
    app.settle()
    return notices.clear


def _problem(app: App) -> Back:
    app.page("overview")
    app.window.say_problem("The log could not be read", "2 lines of one log could not be read and were left out.", "Look at the account to see which.")

    def back() -> None:
        app.window.banner.hide()
        app.window.banner.dismissed.emit()

    return back


def _team(name: str) -> Callable[[App], Back]:
    def opened(app: App) -> Back:
        page = app.page("sharing")
        real = page.desk
        page.desk = sample_desk(real, sharing_samples.STATES[name])
        page._ask_again()

        def back() -> None:
            page.desk = real
            page._ask_again()

        return back

    return opened


STATES: dict[str, Callable[[App], Back]] = {
    "overview-tables": _tables, "overview-bar": _bar, "overview-hours": _hours, "overview-notices": _notices, "overview-problem": _problem,
    "sessions-run": _run, "sessions-waste": _waste, "sessions-many": _many, "sessions-filtered": _filtered, "sessions-none": _none,
    "tasks-table": _table, "tasks-rule": _rule, "check-in-look-back": _look_back, "accounts-compared": _compared,
    "settings-found": _found("quiet"), "settings-none": _found("no such words"), **{f"sharing-{name}": _team(name) for name in sharing_samples.STATES},
}  # fmt: skip
