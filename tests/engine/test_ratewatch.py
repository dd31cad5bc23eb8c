"""Reference rates in the running app: nothing is asked until it is switched on, then once; own rates go first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.engine.logs import running, wait_for
from tests.pricing.test_reference import FILE
from tokenpal.engine import prices, ratewatch
from tokenpal.model.money import ExchangeRate
from tokenpal.pricing import reference
from tokenpal.settings import Settings
from tokenpal.store import exchange
from tokenpal.store.database import Store
from tokenpal.system.paths import inside


class Bank(ThreadingHTTPServer):
    daemon_threads = True
    asked = 0
    answer = FILE.encode()


class Desk(BaseHTTPRequestHandler):
    server: Bank

    def do_GET(self) -> None:
        self.server.asked += 1
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.answer)))
        self.end_headers()
        self.wfile.write(self.server.answer)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bank]:
    with Bank(("127.0.0.1", 0), Desk) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        monkeypatch.setattr(reference, "ADDRESS", f"http://127.0.0.1:{server.server_address[1]}/daily.xml")
        yield server
        server.shutdown()
        thread.join()


def test_asked_only_while_it_is_wanted(bank: Bank, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.toml")
    with running(tmp_path, settings=settings) as (engine, _):
        engine.ask(prices.set_exchange_rate, "EUR", "1.5", date(2026, 11, 20)).result(20)
        assert engine.ask(exchange.rates).result(20) == [ExchangeRate("EUR", date(2026, 11, 20), Decimal("1.5"))]
        assert bank.asked == 0
        settings.set(ratewatch.SETTING, True)
        engine.settings_changed()
        wait_for(lambda: len(engine.ask(exchange.rates).result(20)) == 4)
        engine.settings_changed()
        assert engine.ask(exchange.rates_on, date(2026, 11, 22)).result(20)["EUR"].usd == Decimal("1.5"), "the person's word goes first"
        assert bank.asked == 1
    with Store.open(inside(tmp_path / "tokenpal").database) as store:
        assert exchange.newest(store, reference.ORIGIN) == date(2026, 11, 20)


def test_no_network_means_none(bank: Bank, tmp_path: Path) -> None:
    settings = Settings(tmp_path / "settings.toml")
    settings.set(ratewatch.SETTING, True)
    settings.set("advanced.network", False)
    with running(tmp_path, settings=settings) as (engine, _):
        engine.settings_changed()
        engine.ask(exchange.rates).result(20)
        assert bank.asked == 0
