"""The person's zone when the settings name none: that of the machine, now."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest
import tzlocal

from tokenpal.engine.zone import machine_zone, zone_name
from tokenpal.settings import Settings


def test_the_machine_may_travel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    settings = Settings.load(tmp_path / "settings.toml")
    for zone in ("Europe/Berlin", "Asia/Tokyo"):
        monkeypatch.setenv("TZ", zone)
        assert zone_name(settings) == zone
    settings.set("general.zone", "America/New_York")
    assert zone_name(settings) == "America/New_York"


@pytest.mark.parametrize("error", [LookupError, ValueError, OSError])
def test_a_machine_without_a_zone_is_in_utc(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    def fail() -> None:
        raise error

    monkeypatch.setattr(tzlocal, "reload_localzone", fail)
    assert machine_zone() == "UTC"


def test_nothing_is_said_of_a_zone_that_is_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tzlocal, "reload_localzone", lambda: warnings.warn("Can not find any timezone configuration", stacklevel=1))
    monkeypatch.setattr(tzlocal, "get_localzone_name", lambda: None)
    assert machine_zone() == "UTC"
