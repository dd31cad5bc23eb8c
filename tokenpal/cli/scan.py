"""``tokenpal scan``: read every agent log found, once; a running app is asked to do it."""

from __future__ import annotations

import argparse
import gc
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from tokenpal.cli import output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile
from tokenpal.engine import channel, providers
from tokenpal.engine.once import scan_here
from tokenpal.engine.scan import Part, ScanReport
from tokenpal.model.errors import TokenpalError
from tokenpal.model.events import Event, ScanProgress
from tokenpal.store.database import Store
from tokenpal.system import logs
from tokenpal.system.lock import FolderBusy, FolderLock


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(
        name,
        help=help_line,
        description="Read every agent log found on this machine, once. Only numbers are read, never a prompt or an answer.",
        epilog=output.EXIT_CODES,
    )
    parser.add_argument(
        "--agent", metavar="NAME", action="append", default=[], help="only this agent, such as claude-code (may be given several times)"
    )
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    profile = Profile()
    agents = frozenset(providers.agent(name) for name in options.agent)
    with profile.store() as store:
        report = read_logs(profile, store, agents)
    if options.json:
        output.print_json(as_json(report))
    else:
        print_scan(report)
    if report.trouble:
        raise TokenpalError(report.trouble, report.next_step)
    return output.CANCELLED if report.cancelled else output.OK


def read_logs(profile: Profile, store: Store, agents: frozenset[str] = frozenset()) -> ScanReport:
    """Read the logs of these agents, of all when none is named; a running app is asked to do it when there is one."""
    lock = FolderLock(profile.paths.lock)
    if not lock.take():
        return msgspec.convert(ask_running_app(profile, {"do": "scan", "agents": sorted(agents)}), ScanReport)
    logs.start(profile.paths.logs)
    gc.disable()  # a scan makes millions of short-lived values and no circles: looking for them would cost a twentieth of it
    try:
        with cancellable() as cancelled, progress_bar() as progress:
            return scan_here(store, profile.settings, only=agents, publish=progress, cancelled=cancelled)
    finally:
        gc.enable()
        lock.release()


def ask_running_app(profile: Profile, request: dict[str, Any]) -> Any:
    """What the app that holds the lock answers. Raises FolderBusy when it cannot be asked, or what it says went wrong."""
    answers = channel.ask(profile.paths, request)
    if answers is None:
        raise FolderBusy("tokenpal is running and reads by itself.", "Wait until it is done, or quit it, then try again.")
    for answer in answers:
        if "error" in answer:
            raise TokenpalError(str(answer["error"]), str(answer.get("next_step", "")))
        if "done" in answer:
            return answer["done"]
    raise FolderBusy("The running tokenpal did not answer.", "Quit it, then try again.")


@contextmanager
def cancellable() -> Iterator[Callable[[], bool]]:
    """Ctrl+C stops at the edge of a batch, so that what was read is kept; a second one stops at once."""
    event = threading.Event()

    def stop(*_: object) -> None:
        if event.is_set():
            raise KeyboardInterrupt
        event.set()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield event.is_set
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def progress_bar() -> Iterator[Callable[[Event], None]]:
    """A bar per agent, on a terminal only."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    with Progress(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), console=Console(stderr=True), transient=True
    ) as bars:
        known: dict[str, Any] = {}

        def show(at: Event) -> None:
            if not isinstance(at, ScanProgress):
                return
            if at.agent not in known:
                known[at.agent] = bars.add_task(at.agent, total=at.total)
            bars.update(known[at.agent], completed=at.done, total=at.total)

        yield show


def as_json(report: ScanReport) -> dict[str, Any]:
    """What was read, what was skipped and why."""
    return {
        "agents": [
            {
                "agent": part.agent,
                "root": part.root,
                "files": part.files,
                "records": part.records,
                "bytes": part.bytes,
                "problems": part.problems,
                "reasons": list(part.reasons),
                "skipped": part.skipped or None,
                "next_step": part.next_step or None,
            }
            for part in report.parts
        ],
        "files": report.files,
        "records": report.records,
        "problems": report.problems,
        "cancelled": report.cancelled,
    }


def print_scan(report: ScanReport) -> None:
    if not report.parts and not report.cancelled:
        print("No agent log was found on this machine.")
        output.say("  tokenpal doctor says where it looked.")
        return
    columns = [
        Column("Agent"),
        Column("Folder", flexible=True, drop=1),
        Column("Files read", right=True),
        Column("Records", right=True),
        Column("Left out", right=True),
    ]
    output.print_table(
        columns,
        [
            (part.name, part.root, output.exact(part.files), output.exact(part.records), output.exact(part.problems))
            for part in report.parts
        ],
    )
    for part in report.parts:
        _say_why(part)
    if report.cancelled:
        output.say("Cancelled. What was read is kept; the next scan reads the rest.")


def _say_why(part: Part) -> None:
    if part.skipped:
        output.say(f"{part.name}: {part.skipped}", *([f"  {part.next_step}"] if part.next_step else []))
    for reason in part.reasons:
        output.say(f"{part.name}: {output.left_out(reason)}")
