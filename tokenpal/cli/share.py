"""``tokenpal share``: everything of sharing with a team, without the window. Acts that need the mailbox go through a running app."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import msgspec

from tokenpal.cli import output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile, utc_time
from tokenpal.cli.scan import ask_running_app
from tokenpal.engine.sharing import views
from tokenpal.engine.sharing.preview import share_preview
from tokenpal.engine.sharing.shapes import SharingView
from tokenpal.model.errors import UsageError
from tokenpal.system.lock import FolderLock

Run = Callable[[argparse.Namespace], int | None]
PARTS: Final = ("tried", "worked", "failed", "learned")


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(
        name, help=help_line, description="Share one noisy answer a week with a team, or see what that would be.", epilog=output.EXIT_CODES
    )
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)

    def part(name: str, help_line: str, run: Run, *, json: bool = False) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = parts.add_parser(name, help=help_line, description=f"{help_line[0].upper()}{help_line[1:]}.")
        if json:
            made.add_argument("--json", action="store_true", help="one JSON object")
        made.set_defaults(run=run)
        return made

    part("status", "how sharing stands", status, json=True)
    preview = part("preview", "the report of a week, byte for byte", run)
    preview.add_argument("--week", metavar="W", default="", help="an ISO week in UTC, such as 2026-W47 (default: the one that ended last)")
    preview.add_argument("--envelope", action="store_true", help="the sealed envelope made from it")
    look = part("look", "read a team's rules; the preview begins, and nothing is sent", look_at)
    look.add_argument("invitation", nargs="?", default="", help="the line that begins with tokenpal-team: (- reads it from standard input; nothing: look again)")
    start = part("start", "agree to the rules and join", begin)
    start.add_argument("--tick", action="append", default=[], metavar="Q", help="a question you agree to answer (once for each: label, use)")
    start.add_argument("--skip-preview", action="store_true", help="without waiting for a week of preview")
    agree = part("agree", "agree to the changes that stopped sharing", agree_to)
    agree.add_argument("--tick", action="append", default=[], metavar="Q", help="as for start (default: as before)")
    pause = part("pause", "send nothing for some weeks", pause_for)
    pause.add_argument("--weeks", type=int, metavar="N", help="how many (default: until resume)")
    part("resume", "end a pause", lambda _: _local(views.resume))
    part("leave", "leave the team; keys are deleted", lambda _: _act("leave"))
    part("decline", "never be asked again", lambda _: _act("decline"))
    part("visit", "do what is due now, once (for machines without the tray)", visit)
    part("send-now", "do everything that is due without waiting for its minute", lambda _: _act("send_now"))
    part("withdraw", "take this week's report back, until Wednesday", lambda _: _act("withdraw"))
    part("invite", "an invitation for one person", lambda _: _act("invite"))
    part("join", "look whether two members vouched, and join", lambda _: _act("visit"))
    part("asking", "who asks to join", asking, json=True)
    vouch = part("vouch", "vouch for somebody whose four words you compared", lambda options: _act("vouch", member=options.member))
    vouch.add_argument("member", type=str.strip, help="the number shown by: tokenpal share asking")
    publish = part("publish", "publish a learning to the team", publish_it)
    publish.add_argument("kind", choices=PARTS)
    publish.add_argument("text", help="what you learned (- reads it from standard input)")
    publish.add_argument("--name", default="", help="the name shown with it (default: none)")
    publish.add_argument("--yes", action="store_true", help="publish although something in it looks as if it should stay here")
    retract = part("retract", "take a learning back", lambda options: _act("retract", id=options.id))
    retract.add_argument("id", help="shown by: tokenpal share learnings")
    part("learnings", "what members published", learnings, json=True)
    part("results", "what the team sees", results, json=True)
    part("results-link", "an address of the team's results that works for 15 minutes", lambda _: _act("results_link"))
    log = part("log", "everything that ever left this machine", show_log, json=True)
    log.add_argument("number", nargs="?", type=int, help="one entry with all its bytes")
    export = part("export", "write the log to a new file of JSON lines", export_log)
    export.add_argument("file", type=Path)
    part("verify", "check the log, and make every report in it again", verify)


# ---------------------------------------------------------------------------------------------- reading


def run(options: argparse.Namespace) -> int | None:
    """The report as it would be, or is, sealed and sent: canonical JSON and nothing else."""
    with Profile().store() as store:
        view = views.sharing_view(store)
        shown = view.report if not options.week or view.report is None or options.week == view.report.week else None
        shown = shown or share_preview(store, options.week)
        if options.envelope:
            if not view.envelope or shown.week != view.week:
                raise UsageError("There is no envelope: it takes a team to seal one.", "Look at an invitation first.")
            output.say(view.envelope_note)
    if not options.envelope:
        output.say(shown.banner)
    sys.stderr.flush()
    sys.stdout.flush()
    sys.stdout.buffer.write((view.envelope if options.envelope else shown.text).encode())
    if sys.stdout.isatty():
        print()
    return None


def status(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        view = views.sharing_view(store)
    if options.json:
        output.print_json(_status(view))
        return None
    output.print_text(view.headline, view.sentence)
    facts = [
        ("Team", f"{view.team} at {view.host}" if view.team else ""),
        ("Members", f"{view.members}, {view.counted} active, {view.needed} must answer" if view.members else ""),
        ("Waiting", view.waiting), ("Your words", view.words), ("First week", view.counts_from),
        ("Next report", utc_time(view.sends_at) if view.sends_at else ""), ("Next answer", utc_time(view.answers_at) if view.answers_at else ""),
        ("To start", view.start_note if view.state == "preview" else ""),
    ]  # fmt: skip
    for name, words in facts:
        if words:
            print(f"{name + ':':13}{output.clean(words)}")
    for change in view.changes:
        print(f"{'Widened' if change.widens else 'Changed'}: {output.clean(f'{change.field}: {change.before} -> {change.after}')}")
    if view.state in {"preview", "stale"}:
        for rule in view.rules:
            print(f"{output.clean(rule.field)}: {output.clean(rule.words)}")
    for alarm in view.alarms:
        output.say(f"Look at this: {alarm}")
    return None


def asking(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        found = views.sharing_view(store).asking
    _listed(options, found, "Nobody asks to join.", [
        (Column("Number"), "member"), (Column("Four words", flexible=True), "words"), (Column("Vouched", right=True), "vouched"),
    ])  # fmt: skip
    return None


def learnings(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        found = views.sharing_view(store).learnings
    _listed(options, found, "Nobody has published anything yet.", [
        (Column("Week"), "epoch"), (Column("Part"), "part"), (Column("Name", drop=1), "name"), (Column("Text", flexible=True), "text"), (Column("Id", drop=2), "id"),
    ])  # fmt: skip
    return None


def results(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        found = views.sharing_view(store).result
    if options.json:
        output.print_json(msgspec.to_builtins(found))
        return None
    if found is None:
        print("There is no result yet: it takes at least four weeks with a sum, fewer in large teams.")
        return None
    output.print_text(f"{found.title}, {found.note}: {found.n_low} to {found.n_high} people." if found.questions else found.title)
    for question in found.questions:
        print(f"\n{question.title}")
        for bar in question.bars:
            words = "cannot be told from zero" if bar.zero else f"{bar.share} %"
            print(f"  {bar.name:24}{words:>26}   {bar.low} to {bar.high} %")
    for sentence in found.missing:
        output.say(sentence)
    return None


def show_log(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        entry = views.log_entry(store, options.number) if options.number else None
        view = views.sharing_view(store) if entry is None else None
    if entry is not None:
        if options.json:
            output.print_json(msgspec.to_builtins(entry))
            return None
        print(output.clean(entry.request), *map(output.clean, entry.headers), "", output.clean(entry.body), sep="\n")
        for name, words in (("truth", entry.truth), ("sent", entry.sent), ("seed", entry.seed), ("outcome", entry.line.outcome)):
            if words:
                output.say(f"{name}: {words}")
        return None
    _listed(options, view.log if view is not None else (), "Nothing ever left this machine.", [
        (Column("No", right=True), "n"), (Column("At"), "at"), (Column("What", flexible=True), "what"), (Column("Bytes", right=True), "size"),
        (Column("Fingerprint", drop=2), "fingerprint"), (Column("Outcome", flexible=True, drop=1), "outcome"),
    ])  # fmt: skip
    return None


def verify(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        found = views.verify(store)
    output.print_text(*found.lines)
    return output.OK if found.ok else output.PROBLEM


def export_log(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        views.export_log(store, options.file)
    return None


# ---------------------------------------------------------------------------------------------- acting


def look_at(options: argparse.Namespace) -> int | None:
    line = sys.stdin.readline() if options.invitation == "-" else options.invitation
    _act("look", invitation=line.strip())
    options.json = False
    return status(options)


def begin(options: argparse.Namespace) -> int | None:
    if not options.tick:
        raise UsageError("Nothing is ticked.", "Tick each question that you agree to answer: --tick label --tick use")
    _act("start", ticks=options.tick, skip=options.skip_preview)
    options.json = False
    return status(options)


def agree_to(options: argparse.Namespace) -> int | None:
    return _act("agree", ticks=options.tick)


def pause_for(options: argparse.Namespace) -> int | None:
    return _local(lambda store: views.pause(store, options.weeks))


def publish_it(options: argparse.Namespace) -> int | None:
    text = (sys.stdin.read() if options.text == "-" else options.text).strip()
    found = views.findings(f"{text}\n{options.name}")
    if found and not options.yes:
        for one in found:
            output.say(one.sentence)
        raise UsageError("Something in it looks as if it should stay here.", "Change it, or publish it all the same with --yes.")
    return _act("publish", part=options.kind, text=text, name=options.name)


def visit(options: argparse.Namespace) -> int | None:
    return _act("turn")


def _act(command: str, **args: Any) -> int | None:
    """Do it here when no app runs, else let the app do it: one process at a time speaks for a member."""
    profile = Profile()
    lock = FolderLock(profile.paths.lock)
    with profile.store() as store:
        if lock.take():
            try:
                answer = asyncio.run(_here(profile, store, command, args))
            finally:
                lock.release()
        else:
            answer = ask_running_app(profile, {"do": "share", "command": command, "args": args})["answer"]
    if isinstance(answer, (list, tuple)):
        answer = "\n".join(answer)
    if answer:
        print(answer)
    return None


async def _here(profile: Profile, store: Any, command: str, args: dict[str, Any]) -> Any:
    from tokenpal.engine.sharing.member import ACTS, Member
    from tokenpal.engine.sharing.world import World, here
    from tokenpal.system.secrets import Secrets

    settings = profile.settings
    world = World(
        here(store), Secrets(), profile.paths.profile, proxy=str(settings.get("sharing.proxy")), ca_file=str(settings.get("sharing.ca_file")),
        network=lambda: bool(settings.get("advanced.network")),
    )  # fmt: skip
    return await ACTS[command](Member(world), **args)


def _local(what: Callable[[Any], None]) -> int | None:
    with Profile().store() as store:
        what(store)
        print(views.sharing_line(store))
    return None


def _status(view: SharingView) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.to_builtins(view)
    for name in ("report", "envelope", "envelope_note", "log", "learnings", "result"):
        found.pop(name, None)
    return found


def _listed(options: argparse.Namespace, found: tuple[Any, ...], nothing: str, columns: list[tuple[Column, str]]) -> None:
    """A table, or a JSON array."""
    if options.json:
        output.print_json(msgspec.to_builtins(found))
    elif not found:
        print(nothing)
    else:
        cells = [[utc_time(one.at) if name == "at" else str(getattr(one, name)) for _, name in columns] for one in found]
        output.print_table([column for column, _ in columns], cells)
