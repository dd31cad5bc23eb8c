"""The one table of settings and its TOML file (product 5.7, architecture 1.5).

The file holds only values that differ from the default, one TOML table per group. It is written to a temporary file and
renamed; keys that this version does not know are kept, so that going back a version loses nothing. A damaged file is
kept aside and the defaults are used: tokenpal always starts, and says so in ``Settings.problem``.
"""

from __future__ import annotations

import os
import re
import sys
import tomllib
from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec
import tomli_w

from tokenpal.model.errors import UsageError
from tokenpal.translation import LANGUAGES


class SettingKind(StrEnum):
    """Which control shows it and which values fit."""

    SWITCH = "switch"  # bool
    CHOICE = "choice"  # str or int, one of ``choices``
    NUMBER = "number"  # int in ``least`` .. ``most``
    TEXT = "text"
    TIME = "time"  # "22:00"
    ZONE = "zone"  # IANA name; "" = this machine's
    NAMES = "names"  # list of str
    ROOTS = "roots"  # agent -> list of folders


class Setting(msgspec.Struct, frozen=True):
    """One line of the table. ``stored`` False = the system itself knows (start at login), the file never does."""

    key: str  # "group.name"
    kind: SettingKind
    default: Any
    label: str = ""
    help: str = ""
    choices: tuple[tuple[Any, str], ...] = ()  # value, words
    least: int = 0
    most: int = 1_000_000
    restart: bool = False
    stored: bool = True
    hidden: bool = False  # remembered by the app: not on the page

    @property
    def group(self) -> str:
        return self.key.partition(".")[0]


GROUPS: Final = {
    "general": "General",
    "appearance": "Appearance",
    "notifications": "Notifications and quiet hours",
    "receiver": "Figures from other programs",
    "data": "Data",
    "sharing": "Sharing with a team",
    "advanced": "Advanced",
}
"""Groups of the page in order; ``state`` is what the app remembers and has no place there."""

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_DAYS: Final = tuple((day, day.capitalize()) for day in WEEKDAYS)
_S: Final = SettingKind.SWITCH
_C: Final = SettingKind.CHOICE
_N: Final = SettingKind.NUMBER

CURRENCIES: Final = ("USD", "EUR", "GBP", "CHF", "AUD", "BRL", "CAD", "CNY", "CZK", "DKK", "HKD", "HUF", "IDR", "ILS", "INR", "JPY", "KRW", "MXN",
                     "MYR", "NOK", "NZD", "PHP", "PLN", "RON", "SEK", "SGD", "THB", "TRY", "ZAR")  # fmt: skip
"""Those that the bank tells."""

SETTINGS: Final[tuple[Setting, ...]] = (
    Setting("general.start_at_login", _S, False, "Start at login", "Into the tray, without a window.", stored=False),
    Setting("general.zone", SettingKind.ZONE, "", "Time zone", "Days, weeks and months start at midnight there. Empty: the zone of this machine."),
    Setting("general.week_start", _C, "monday", "Week starts on", "For charts. Check-ins and sharing always count from Monday.",
            (_DAYS[0], _DAYS[5], _DAYS[6])),
    Setting("general.working_days", _C, "usual", "Working days", "The days over which a weekly or monthly limit would last evenly.",
            (("usual", "The days I usually work"), ("weekdays", "Monday to Friday"), ("sunday-thursday", "Sunday to Thursday"), ("every day", "Every day"))),

    Setting("general.currency", _C, "", "Show money in", "Shown beside what was billed, at the day's rate: your own (Data, Exchange rates), else the bank's below.",
            (("", "As it was billed"), *((code, code) for code in CURRENCIES))),
    Setting("general.reference_rates", _S, False, "Ask the European Central Bank for the day's rates", "Once a day, only while this is on and providers are asked."),

    Setting("appearance.theme", _C, "system", "Theme", "", (("system", "As the system"), ("light", "Light"), ("dark", "Dark"))),
    Setting("appearance.text_size", _C, 100, "Text size", "", ((90, "90 %"), (100, "100 %"), (115, "115 %"), (130, "130 %"), (150, "150 %"), (175, "175 %"), (200, "200 %"))),
    Setting("appearance.contrast", _C, "system", "Contrast", "", (("system", "As the system"), ("normal", "Normal"), ("high", "High"))),
    Setting("appearance.language", _C, "", "Language", "The command line always speaks English.", (("", "As the system"), *LANGUAGES.items())),
    Setting("appearance.system_font", _S, False, "Use the system font", "Instead of Inter."),
    Setting("appearance.reduce_motion", _S, False, "Reduce motion", "Nothing fades or slides."),
    Setting("appearance.key_hints", _S, True, "Show key hints", "Small letters on buttons that have a key."),
    Setting("appearance.tray_icon", _C, "auto", "Tray icon", "", (("auto", "As usual here"), ("light", "For dark panels"), ("dark", "For light panels"), ("colour", "Coloured"))),

    Setting("appearance.tray_meter", _C, "none", "Figure in the tray icon", "", (("none", "None"), ("today", "Today's tokens"), ("limit", "Tightest limit"))),
    Setting("appearance.hide_numbers", _S, False, "Hide numbers", "Token and money figures are drawn as dots, everywhere in the app."),

    Setting("general.idle_minutes", _N, 15, "Ask after a break of", "Minutes without keyboard and mouse while a timer runs. 0: never ask.", most=240),
    Setting("general.shortcut", SettingKind.TEXT, "", "Shortcut for the glance window", "Such as Ctrl+Alt+T, from any program, where the desktop allows it. Empty: none."),

    Setting("notifications.enabled", _S, True, "Show notifications", "One each time a limit or budget is passed. In the window it is told anyway."),
    Setting("notifications.limits", _S, True, "Near a limit", "When a plan window passes the threshold, or a prepaid balance gets low."),
    Setting("notifications.problems", _S, True, "Account problems", "When an account needs something from you."),
    Setting("notifications.budgets", _S, True, "Budget passed", "Once each time one of your own budgets is passed."),
    Setting("notifications.burn", _S, True, "Unusual burn", "Once for a session that uses far more than your usual range and is still running."),
    Setting("notifications.checkin", _S, False, "Remind of the check-in", "Once in the week, at the time below. A missed week is not mentioned."),
    Setting("notifications.checkin_day", _C, "friday", "Day of the reminder", "", _DAYS),
    Setting("notifications.checkin_time", SettingKind.TIME, "15:00", "Time of the reminder"),
    Setting("notifications.hide_while_shared", _S, True, "Hide numbers while the screen is shared", "Where this desktop tells."),
    Setting("notifications.quiet", _S, False, "Quiet hours", "Nothing is shown outside the window."),
    Setting("notifications.quiet_from", SettingKind.TIME, "20:00", "Quiet from"),
    Setting("notifications.quiet_until", SettingKind.TIME, "08:00", "Quiet until"),
    Setting("notifications.quiet_weekends", _S, False, "Quiet at weekends", "All day on Saturday and Sunday, with or without quiet hours."),

    Setting("receiver.on", _S, False, "Receive metrics of agents",
            "OpenTelemetry over HTTP, from programs on this machine only. Of what they send only token counts, model and session are kept; the agents' logs count first."),
    Setting("receiver.port", _N, 4318, "Port", "4318 is what programs expect; choose another if it is taken.", least=1024, most=65535),

    Setting("sharing.proxy", SettingKind.TEXT, "", "Proxy", "To reach the team through Tor or another proxy, such as socks5h://127.0.0.1:9050. Empty: no proxy."),
    Setting("sharing.ca_file", SettingKind.TEXT, "", "Certificate authority", "A PEM file that the team's certificate is checked against. Empty: what this system trusts."),

    Setting("advanced.roots", SettingKind.ROOTS, {}, "Extra log folders", "Per agent, besides the usual places."),
    Setting("advanced.agents_off", SettingKind.NAMES, [], "Agents not to read", "Names with commas between. Their history stays."),
    Setting("advanced.wsl", _S, True, "Look into Linux inside Windows", "Agents in the homes of WSL distributions that run; none is started for it.",
            hidden=sys.platform != "win32"),
    Setting("advanced.near_limit", _N, 85, "Near a limit from", "Per cent used of a limit. From there it is marked and told.", least=1, most=100),
    Setting("advanced.low_balance", _N, 5, "Low balance from", "Left of a prepaid balance, in its own currency. One that lasts less than three days is low too."),
    Setting("advanced.network", _S, True, "Ask providers", "Off: logs on this machine only, nothing goes over the network."),
    Setting("advanced.poll_minutes", _N, 0, "Ask providers every", "Minutes. 0: as often as each of them suggests.", most=1440),
    Setting("advanced.log_level", _C, "info", "Detail of the log file", "It never holds keys, prompts or lines of agents' logs.", (("warning", "Problems only"), ("info", "Normal"), ("debug", "Everything")), restart=True),

    Setting("tickets.github", _S, True, "Look for GitHub issues in branch names", hidden=True),
    Setting("tickets.github_address", SettingKind.TEXT, "", "Address of the repository, such as https://github.com/acme/shop", hidden=True),
    Setting("tickets.jira", _S, True, "Look for Jira keys in branch names", hidden=True),
    Setting("tickets.jira_address", SettingKind.TEXT, "", "Address of Jira, such as https://acme.atlassian.net", hidden=True),
    Setting("tickets.jira_keys", SettingKind.TEXT, "", "Keys of Jira projects; empty: any", hidden=True),
    Setting("tickets.linear", _S, True, "Look for Linear issues in branch names", hidden=True),
    Setting("tickets.linear_address", SettingKind.TEXT, "", "Address of Linear, such as https://linear.app/acme", hidden=True),
    Setting("tickets.linear_keys", SettingKind.TEXT, "", "Keys of Linear teams; empty: any", hidden=True),

    Setting("state.no_tray_said", _S, False, "Said that there is no tray", hidden=True),
    Setting("state.tray_said", _S, False, "Said that tokenpal stays in the tray", hidden=True),
    Setting("state.hints", SettingKind.NAMES, [], "Hints that were shown", hidden=True),
    Setting("state.window", SettingKind.TEXT, "", "Place of the window", hidden=True),
)
BY_KEY: Final = {setting.key: setting for setting in SETTINGS}
TOLD: Final = 4  # settings whose names fit into one sentence
_CLOCK: Final = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def week_start(name: str) -> int:
    """0 = Monday ... 6 = Sunday, as ``model.ranges`` counts."""
    return WEEKDAYS.index(name)


def _is_strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _is_folders(value: Any) -> bool:
    return _is_strings(value) and not any("\0" in folder for folder in value)  # no system takes such a name


def _is_zone(value: Any) -> bool:
    if not isinstance(value, str):
        return False
    try:
        return not value or bool(ZoneInfo(value))
    except (ValueError, OSError, KeyError):  # KeyError: ZoneInfoNotFoundError; OSError: the name of a folder
        return False


_FITS: Final[dict[SettingKind, Callable[[Setting, Any], bool]]] = {
    SettingKind.SWITCH: lambda _, value: isinstance(value, bool),
    SettingKind.CHOICE: lambda setting, value: any(type(value) is type(choice) and value == choice for choice, _ in setting.choices),
    SettingKind.NUMBER: lambda setting, value: type(value) is int and setting.least <= value <= setting.most,
    SettingKind.TEXT: lambda _, value: isinstance(value, str),
    SettingKind.TIME: lambda _, value: isinstance(value, str) and bool(_CLOCK.fullmatch(value)),
    SettingKind.ZONE: lambda _, value: _is_zone(value),
    SettingKind.NAMES: lambda _, value: _is_strings(value),
    SettingKind.ROOTS: lambda _, value: isinstance(value, dict) and all(_is_folders(folders) for folders in value.values()),
}


def fits(setting: Setting, value: Any) -> bool:
    """Whether the value may be stored for this setting."""
    return _FITS[setting.kind](setting, value)


class Settings:
    """The values in use. Without a path nothing is written (tests, ``--demo``)."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.problem = ""  # one sentence for the person when the file was not fully understood
        self._raw: dict[str, Any] = {}  # the file as it is, unknown keys and unfit values included
        self._readable = True

    @classmethod
    def load(cls, path: Path) -> Settings:
        """Never raises: a missing file is all defaults, a damaged one is renamed to ``*.broken*`` and told in ``problem``."""
        settings = cls(path)
        settings._read()
        return settings

    def get(self, key: str) -> Any:
        """The value in use. Raises KeyError for a key that is not in SETTINGS (a mistake in the program)."""
        setting = BY_KEY[key]
        value = self._stored(setting)
        return deepcopy(setting.default) if value is None or not fits(setting, value) else deepcopy(value)

    def set(self, key: str, value: Any) -> None:
        """Stores one value, on top of what others wrote to the file meanwhile. Raises UsageError, with a next step."""
        setting = BY_KEY[key]
        if not setting.stored:
            message = f"{setting.label} is kept by the system, not by the settings file."
            raise UsageError(message)
        if not fits(setting, value):
            raise UsageError(f"{value!r} does not fit {setting.label or key}.", _what_fits(setting))
        self._read()
        group, _, name = key.partition(".")
        table = self._raw.get(group)
        table = dict(table) if isinstance(table, dict) else {}
        if value == setting.default:
            table.pop(name, None)
        else:
            table[name] = deepcopy(value)
        self._raw = {**self._raw, group: table}
        self._write()

    def reset(self, key: str) -> None:
        """Back to the default."""
        self.set(key, deepcopy(BY_KEY[key].default))

    def _stored(self, setting: Setting) -> Any:
        group, _, name = setting.key.partition(".")
        table = self._raw.get(group)
        return table.get(name) if isinstance(table, dict) and setting.stored else None

    def _read(self) -> None:
        if self.path is None:
            return
        try:
            text = self.path.read_text("utf-8")
            self._raw = tomllib.loads(text)
        except FileNotFoundError:
            self._raw = {}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError):
            self._raw = {}
            self.problem = f"The settings file could not be understood, so the defaults are used. {_put_aside(self.path)}"
            return
        except OSError as error:
            self._readable = False
            self.problem = f"The settings file could not be read ({error.strerror}), so the defaults are used."
            return
        self._readable = True
        unfit = [s for s in SETTINGS if (value := self._stored(s)) is not None and not fits(s, value)]
        if unfit:
            names = ", ".join(setting.key for setting in unfit[:TOLD]) + (f" and {len(unfit) - TOLD} more" if len(unfit) > TOLD else "")
            self.problem = f"The settings file has a value that does not fit for {names}: the default is used."

    def _write(self) -> None:
        if self.path is None:
            return
        if not self._readable:
            # Writing now would replace a file whose content we do not know.
            raise UsageError("The settings file cannot be read, so nothing was written to it.", f"Make {self.path} readable.")
        temporary = self.path.with_name(f"{self.path.name}.{os.getpid()}.partial")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
                tomli_w.dump({group: table for group, table in self._raw.items() if table != {}}, file)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(self.path)
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise UsageError(f"The setting could not be saved: {error.strerror}.", f"Check the folder {self.path.parent}.") from error


def _put_aside(path: Path) -> str:
    """Renames a damaged file to a name that is free; a sentence on where it is now."""
    for number in range(1, 100):
        aside = path.with_name(f"{path.stem}.broken{'' if number == 1 else f'-{number}'}{path.suffix}")
        if not aside.exists():
            try:
                path.rename(aside)
            except OSError:
                break
            return f"It is kept as {aside.name}."
    return "It is left where it is until you change a setting."


def _what_fits(setting: Setting) -> str:
    if setting.kind is SettingKind.CHOICE:
        return "Choose one of: " + ", ".join(str(value) for value, _ in setting.choices) + "."
    return {
        SettingKind.SWITCH: "Use true or false.",
        SettingKind.NUMBER: f"Use a whole number from {setting.least} to {setting.most}.",
        SettingKind.TIME: "Use hours and minutes, such as 08:00.",
        SettingKind.ZONE: "Use a name such as Europe/Berlin, or nothing for the zone of this machine.",
    }.get(setting.kind, "")
