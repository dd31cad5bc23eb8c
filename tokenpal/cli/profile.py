"""What every command starts from: folders, settings, time zone, data file."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from tokenpal.cli import output
from tokenpal.engine.zone import zone_name
from tokenpal.model.errors import StoreError, UsageError
from tokenpal.model.ranges import local_day
from tokenpal.settings import Settings, week_start
from tokenpal.store.database import Store
from tokenpal.system.paths import Paths, paths

FIRST_DAY: Final = date(1970, 1, 1)
LAST_DAY: Final = date(2199, 12, 31)


class Profile:
    """The profile that the environment selects; each part is read when it is asked for."""

    @cached_property
    def paths(self) -> Paths:
        return paths()

    @cached_property
    def settings(self) -> Settings:
        found = Settings.load(self.paths.settings)
        if found.problem:
            output.say(f"tokenpal: {found.problem}")
        return found

    def zone(self, wanted: str | None = None) -> str:
        """The IANA name of ``--tz``, of the settings, or of this machine. Raises UsageError."""
        name = wanted or zone_name(self.settings)
        try:
            ZoneInfo(name)
        except (ValueError, OSError, KeyError):
            raise UsageError(f"{name!r} is no time zone.", "Use a name such as Europe/Berlin or UTC.") from None
        return str(name)

    @property
    def week_start(self) -> int:
        return week_start(self.settings.get("general.week_start"))

    @contextmanager
    def store(self) -> Iterator[Store]:
        """The data file, made when it is missing. Raises StoreError."""
        try:
            self.paths.make()
        except OSError as error:
            raise StoreError(
                f"The folder {error.filename or self.paths.data} cannot be made: {error.strerror}.",
                "Make it, or choose another with TOKENPAL_HOME.",
            ) from error
        store = Store.open(self.paths.database, backups=self.paths.backups)
        try:
            yield store
        finally:
            store.close()
        if store.failure is not None:  # a command that failed for it has said so
            output.print_error(store.failure)


def add_zone(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--tz", metavar="ZONE", help="time zone of days, such as Europe/Berlin (default: the settings', else this machine's)"
    )


def add_range(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--since", metavar="D", help="first day: 2026-11-21, today, yesterday, or 30d for thirty days ago")
    parser.add_argument("--until", metavar="D", help="the day after the last: days before this one are counted")


def parse_day(text: str | None, zone: str, now: int) -> date | None:
    """A day as the person writes it, in the zone. Raises UsageError."""
    if text is None:
        return None
    today = local_day(now, ZoneInfo(zone))
    word = text.strip().lower()
    try:
        if word in {"today", "yesterday", "tomorrow"}:
            return today + timedelta(days={"yesterday": -1, "today": 0, "tomorrow": 1}[word])
        found = today - timedelta(days=int(word[:-1])) if word.endswith("d") and word[:-1].isdigit() else date.fromisoformat(word)
    except (ValueError, OverflowError):
        raise UsageError(f"{text!r} is no day.", "Write it like 2026-11-21, today, yesterday or 30d.") from None
    if not FIRST_DAY <= found <= LAST_DAY:
        raise UsageError(f"{text!r} is too far away.", f"Use a day from {FIRST_DAY} to {LAST_DAY}.")
    return found


def parse_range(options: argparse.Namespace, zone: str, now: int) -> tuple[date | None, date | None]:
    """``--since`` and ``--until``. Raises UsageError when they leave no day."""
    first, until = parse_day(options.since, zone, now), parse_day(options.until, zone, now)
    if first and until and until <= first:
        raise UsageError("That range has no day in it.", "--until is the day after the last one: it must be later than --since.")
    return first, until


def local_time(at: int, zone: ZoneInfo) -> str:
    """``2026-11-21 13:05``."""
    return datetime.fromtimestamp(at, zone).strftime("%Y-%m-%d %H:%M")


def utc_time(at: int) -> str:
    """``2026-11-21T12:05:00Z``: times in JSON."""
    return datetime.fromtimestamp(at, ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ")


def poll_minutes(profile: Profile) -> int:
    """The period of polling that the person chose; 0 = each provider's own, also when the settings cannot be read."""
    try:
        return int(profile.settings.get("advanced.poll_minutes"))
    except UsageError:
        return 0
