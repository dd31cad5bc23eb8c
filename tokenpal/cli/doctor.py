"""``tokenpal doctor``: looks at everything tokenpal needs and says what is wrong and what to do. Changes nothing."""

from __future__ import annotations

import argparse
import os
import platform
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal import __version__
from tokenpal.cli import output
from tokenpal.cli.profile import Profile, poll_minutes
from tokenpal.engine import health
from tokenpal.engine.watched import with_inbox
from tokenpal.model.errors import StoreError, UsageError
from tokenpal.settings import Settings
from tokenpal.sources import registry
from tokenpal.sources.base import Kind
from tokenpal.store.database import Store
from tokenpal.system import folders
from tokenpal.system.lock import is_held

MOST_PLACES: Final = 6
WIDTH: Final = 100


class Finding(msgspec.Struct, frozen=True):
    """One thing looked at. ``state`` is ok, note or problem."""

    what: str
    state: str
    sentence: str
    next_step: str = ""
    missing: bool = False
    """An agent without logs: most people have a few of the many, so their names share a line."""


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(
        name,
        help=help_line,
        description="Look at everything tokenpal needs. Changes nothing and asks no provider.",
        epilog=output.EXIT_CODES,
    )
    parser.add_argument("--json", action="store_true", help="a JSON array")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    found = list(look(Profile()))
    if options.json:
        output.print_json(msgspec.to_builtins(found))
    else:
        missing = [one.what for one in found if one.missing]
        for one in found:
            if not one.missing:
                _say(one.state, f"{one.what}: {one.sentence}", one.next_step)
            elif one.what == missing[0]:
                _say("note", f"no logs of {', '.join(missing)}.", "Where tokenpal looked: tokenpal doctor --json. Another folder: tokenpal accounts roots add AGENT FOLDER")
    return output.PROBLEM if any(one.state == "problem" for one in found) else output.OK


def _say(state: str, *lines: str) -> None:
    width, indent = max(40, output.terminal_width() or WIDTH), " " * 8
    for place, line in enumerate(one for one in lines if one):
        first = indent if place else f"{state:<8}"
        print(textwrap.fill(output.clean(line), width, initial_indent=first, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False))


def look(profile: Profile) -> Iterator[Finding]:
    """Every check, in the order in which one would ask."""
    yield Finding("tokenpal", "ok", f"{__version__}, Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    yield from _folders(profile)
    yield from _settings(profile)
    yield from _data(profile)
    yield from _credentials()
    yield from _agents(profile)
    display = sys.platform in {"win32", "darwin"} or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))
    yield Finding(
        "display", "ok" if display else "note", "there is one" if display else "there is none here, so there is no tray or window"
    )


def _folders(profile: Profile) -> Iterator[Finding]:
    paths = profile.paths
    for name, folder in {"settings": paths.config, "data": paths.data, "logs": paths.logs}.items():
        yield _folder(f"folder for {name}", folder)
    if warning := folders.warning(paths.data):
        yield Finding("data folder", "problem", warning, "Choose a folder on a local disk with TOKENPAL_HOME.")


def _folder(what: str, folder: Path) -> Finding:
    if not folder.exists():
        return Finding(what, "note", f"{folder} is not there yet")
    if not folder.is_dir():
        return Finding(what, "problem", f"{folder} is no folder", "Move that file away.")
    if not os.access(folder, os.W_OK):
        return Finding(what, "problem", f"{folder} cannot be written to", "Look at its permissions.")
    return Finding(what, "ok", str(folder))


def _settings(profile: Profile) -> Iterator[Finding]:
    path = profile.paths.settings
    if not path.exists():
        yield Finding("settings", "ok", "all as they come")
        return
    # Loading renames a damaged file, and a doctor changes nothing: so only the text is tried.
    import tomllib

    try:
        tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as problem:
        yield Finding(
            "settings",
            "problem",
            f"{path} cannot be understood ({problem})",
            "Correct it; otherwise it is put aside and the defaults are used.",
        )
        return
    settings = Settings.load(path)
    yield Finding("settings", "problem" if settings.problem else "ok", settings.problem or str(path))


def _data(profile: Profile) -> Iterator[Finding]:
    path = profile.paths.database
    if not path.exists():
        yield Finding("data file", "note", "nothing was read yet", "Read the agents' logs with: tokenpal scan")
        return
    try:
        with Store.open(path, backups=profile.paths.backups, read_only=True) as store:
            yield Finding("data file", "ok", f"{path}, {path.stat().st_size:,} bytes")
            yield from _accounts(store, _zone(profile), poll_minutes(profile))
    except StoreError as problem:
        yield Finding("data file", "problem", problem.sentence, problem.next_step)
    held = is_held(profile.paths.lock)
    yield Finding("reading", "ok", "another tokenpal reads for this profile" if held else "nobody reads for this profile at the moment")


def _accounts(store: Store, zone: str, minutes: int) -> Iterator[Finding]:
    for one in health.health(store, zone, minutes):
        yield Finding(f"account {one.name}", one.grade.value, one.sentence, f"Read it now with: {one.command}" if one.command else one.next_step)


def _zone(profile: Profile) -> str:
    """The person's zone; UTC when the settings name none that exists, which is said of the settings."""
    try:
        return profile.zone()
    except UsageError:
        return "UTC"


def _credentials() -> Iterator[Finding]:
    from tokenpal.system.secrets import Secrets

    name, failure = Secrets().look()
    if failure is None:
        yield Finding("credential store", "ok", name)
    else:
        yield Finding("credential store", "note", failure.sentence, failure.next_step)


def _agents(profile: Profile) -> Iterator[Finding]:
    try:
        off, extra = profile.settings.get("advanced.agents_off"), profile.settings.get("advanced.roots")
    except UsageError:
        off, extra = [], {}
    extra = with_inbox(extra, profile.paths.data)
    for source in registry.sources().values():
        info = source.INFO
        if info.kind is not Kind.LOG:
            continue
        if info.id in off:
            yield Finding(info.name, "note", "is not read: it is off in the settings")
            continue
        roots = [*source.roots(Path.home(), os.environ), *(Path(root).expanduser() for root in extra.get(info.id, ()))]
        found = [str(root) for root in roots if root.exists()]
        yield Finding(
            info.name,
            "ok" if found else "note",
            ", ".join(found) if found else f"no logs in {_places(roots)}",
            missing=not found,
        )


def _places(roots: list[Path]) -> str:
    """A few of the places where nothing was; an editor's extension may lie in some fifty."""
    if not roots:
        return "any usual place"
    shown = ", ".join(map(str, roots[:MOST_PLACES]))
    more = len(roots) - MOST_PLACES
    return f"{shown} and {more} other places" if more > 1 else ", ".join(map(str, roots))
