"""What ``tokenpal`` prints where there is no display: today's report, and how to get the tray."""

from __future__ import annotations

import os
import tempfile
from datetime import timedelta
from pathlib import Path

from tokenpal.cli import output
from tokenpal.cli.profile import Profile
from tokenpal.cli.report import print_report
from tokenpal.engine import queries
from tokenpal.model.errors import TokenpalError
from tokenpal.model.report import Dimension, Query
from tokenpal.store.database import Store
from tokenpal.system.paths import inside


def print_demo() -> int:
    """The same for sample data in a throw-away profile."""
    with tempfile.TemporaryDirectory(prefix="tokenpal-demo-") as folder:
        os.environ["TOKENPAL_HOME"] = folder
        from tokenpal.engine import demo

        demo.fill(inside(Path(folder)))
        return print_today(read=False)


def print_today(*, read: bool = True) -> int:
    """Today in one line, by task, and the way to the tray. Reads the agents' logs first, so that one command is enough."""
    profile = Profile()
    zone = profile.zone()
    with profile.store() as store:
        if read:
            _read(profile, store)
        now = queries.today(store, zone)
        answer = queries.report(store, Query(zone, now.day, now.day + timedelta(days=1), by=Dimension.TASK))
        waiting = queries.sessions_to_label(store, zone)
        known = queries.accounts(store)
    output.print_text(line(now))
    if answer.rows:
        print_report(answer, "task")
    if waiting:
        output.print_text(
            f"To label: {', '.join(row.id for row in waiting)}",
            "Say what they were with: tokenpal label SESSION exploration|delivered|waste",
        )
    if not known:
        output.say("No agent has left logs on this machine yet. Add a provider account with: tokenpal accounts add PROVIDER")
    output.say(
        "There is no display here, so the tray icon cannot be shown.",
        "  Start tokenpal in a desktop session (DISPLAY or WAYLAND_DISPLAY must be set) to get it; tokenpal --help lists the commands.",
    )
    return output.OK


def _read(profile: Profile, store: Store) -> None:
    """What cannot be read now is said; what was read before is shown all the same."""
    from tokenpal.cli.scan import read_logs

    try:
        report = read_logs(profile, store)
        trouble, next_step = report.trouble, report.next_step
    except TokenpalError as error:
        trouble, next_step = error.sentence, error.next_step
    except OSError as error:
        trouble, next_step = f"{error.filename or 'A file'}: {error.strerror or error}.", "Check the file and its folder."
    if trouble:
        output.say(f"tokenpal: {trouble}", f"  {next_step}")


def line(now: queries.Today) -> str:
    """``Today 1.24 M tokens · $3.10 at list price · 2 sessions to label``."""
    measures = now.measures
    parts = [f"Today {output.short(measures.tokens.total)} tokens", *filter(None, [output.money_words(measures.money)])]
    if measures.unpriced_requests:
        parts.append(f"{output.count(measures.unpriced_requests, 'request')} unpriced")
    if now.to_label:
        parts.append(f"{output.count(now.to_label, 'session')} to label")
    if now.running_task:
        parts.append(f"working on {now.running_task}")
    return " · ".join(parts)
