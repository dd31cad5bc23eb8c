"""Today's prices, one currency and corrections in the window: shown before anything changes, taken back, said as what they are."""

from __future__ import annotations

from datetime import timedelta

from tests.ui.conftest import App
from tests.ui.test_import import button, words
from tokenpal.engine import prices, queries
from tokenpal.model.report import Dimension, Query


def month_cost(app: App) -> dict[str, str]:
    rows = app.ask(queries.report, Query("Europe/Berlin", by=Dimension.MODEL)).rows
    return {row.key: " ".join(f"{one.kind} {one.amount}" for one in row.measures.money) for row in rows}


def test_repricing_is_shown_then_made_then_taken_back(sample: App) -> None:
    page = sample.page("settings")
    button(page, "data-compare").click()
    dialog = sample.dialog()
    sample.wait(lambda: "Everything has today's prices already." in words(dialog))
    assert not button(dialog, "reprice").isEnabled()
    button(dialog, "leave").click()
    sample.settle()

    before = month_cost(sample)
    model = next(name for name in before if name.startswith("claude"))
    sample.ask(prices.set_price_override, model, {"fresh_input": "9", "output": "90"})
    assert month_cost(sample) == before, "what has a price keeps it"
    button(page, "data-compare").click()
    dialog = sample.dialog()
    go = button(dialog, "reprice")
    sample.wait(go.isEnabled, "the table is there")
    table = dialog.table.figures.table
    assert {row[0] for row in table.rows} == {model}
    assert {row[-1] for row in table.rows} == {"your own price"}
    assert [*table.headers][:5] == ["Model", "Month", "Records", "Now", "Would be"]
    assert dialog.table.accessibleName() == "What would change, by month and model"
    assert "at list price would be" in words(dialog)
    assert month_cost(sample) == before
    told: list[tuple[str, bool]] = []
    page.toast.connect(lambda sentence, undo: told.append((sentence, undo)))
    go.click()
    sample.wait(lambda: told)
    assert told[0][0].endswith("got today's prices.")
    assert told[0][1], "it can be taken back"
    sample.settle()
    after = month_cost(sample)
    assert {name for name in after if after[name] != before[name]} == {model}
    sample.window.undo()
    sample.settle()
    assert month_cost(sample) == before


def test_money_in_one_currency_says_its_rate(sample: App) -> None:
    page = sample.page("overview")
    assert "In EUR" not in page.chart.note.text()
    sample.settings.set("general.currency", "EUR")
    sample.desktop.settings_changed("general.currency")
    sample.settle()
    assert "no exchange rate to show this in EUR" in page.chart.note.text()
    day = page.desk.today()
    sample.ask(prices.set_exchange_rate, "EUR", "1.25", day - timedelta(days=1))
    sample.wait(lambda: "In EUR: €" in page.chart.note.text(), "the rate is used at once")
    note = page.chart.note.text()
    assert f"1 EUR = 1.25 USD on {day - timedelta(days=1)}, your rate" in note
    assert "$" in note, "what it was stays"


def test_a_correction_is_on_the_account_and_on_the_days(sample: App) -> None:
    page = sample.page("accounts")
    row = next(row for row in page._rows if row.source == "openai")
    page.show_item(row.id)
    sample.settle()
    said = page.card._facts["Corrected"].text()
    assert "tokens became" in said
    other = next(row for row in page._rows if row.kind == "log")
    page.show_item(other.id)
    sample.settle()
    assert page.card._facts["Corrected"].text() == ""
    assert " corrected gpt-5-mini of " in sample.page("overview").chart.note.text()
