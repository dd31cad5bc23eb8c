"""Exchange rates in the window: given, refused in words, removed, taken back."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.conftest import App
from tokenpal.engine import prices
from tokenpal.ui.dialogs.rates import RatesDialog


def opened(app: App) -> RatesDialog:
    dialog = RatesDialog(app.desktop.desk, app.window)
    dialog.open()
    app.settle()
    return dialog


def test_a_rate_by_keyboard_and_back(empty: App) -> None:
    dialog = opened(empty)
    assert not dialog.none.isHidden()
    QTest.keyClicks(dialog.currency, "eur")
    QTest.keyClicks(dialog.usd, "1,08")
    QTest.keyClick(dialog.usd, Qt.Key.Key_Return)
    empty.settle()
    (rate,) = empty.ask(prices.exchange_rates)
    assert (rate.currency, f"{rate.usd:f}", rate.origin, rate.day) == ("EUR", "1.08", "person", empty.desktop.desk.today())
    (line,) = dialog.lines
    assert line.remove.accessibleName().startswith("Remove: 1 EUR = 1.08 USD on ")
    line.remove.click()
    empty.settle()
    assert dialog.lines == []
    dialog.toast.undone.emit()
    empty.settle()
    assert [one.rate.currency for one in dialog.lines] == ["EUR"]
    dialog.close()


def test_what_is_no_rate_is_said(empty: App) -> None:
    dialog = opened(empty)
    for currency, usd, words in (("EUR", "much", "is no rate"), ("USD", "1", "is no currency"), ("EUR", "-3", "A rate is a number"), ("", "1", "is no currency")):
        dialog.currency.setText(currency)
        dialog.usd.setText(usd)
        dialog.keep.click()
        empty.settle()
        assert words in dialog.problem.text()
        assert not dialog.problem.isHidden()
    assert empty.ask(prices.exchange_rates) == []
    dialog.close()


def test_the_settings_lead_to_it(empty: App) -> None:
    page = empty.page("settings")
    from PySide6.QtWidgets import QAbstractButton

    button = page.findChild(QAbstractButton, "data-rates")
    assert button is not None
    assert button.accessibleName() == "Exchange rates"
    button.click()
    assert isinstance(empty.dialog(), RatesDialog)
