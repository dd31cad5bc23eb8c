"""``tokenpal task``: tasks, the timer, assignments and rules."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, Final

from msgspec import UNSET

from tokenpal.cli import output, split
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile, utc_time
from tokenpal.engine import commands as edits, queries
from tokenpal.engine.places import Places, normalise
from tokenpal.insight.tasks import Preview
from tokenpal.model.errors import UsageError
from tokenpal.model.journal import RuleKind
from tokenpal.store.database import Store

EPILOG: Final = f"""A task is named by its name (whatever the case) or its ticket id.

{output.EXIT_CODES}"""


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(name, help=help_line, description="Tasks, the timer, and where use goes.", epilog=EPILOG)
    parts = parser.add_subparsers(dest="part", metavar="PART", required=True)

    def part(title: str, run: Any, line: str) -> Any:
        sub = parts.add_parser(title, help=line, description=line, epilog=EPILOG)
        sub.set_defaults(run=run)
        return sub

    new = part("add", add_task, "A new task.")
    new.add_argument("name", metavar="NAME")
    _task_options(new)
    listing = part("list", list_tasks, "Tasks with their use and its label mix.")
    listing.add_argument("--all", action="store_true", help="archived ones too")
    listing.add_argument("--json", action="store_true", help="a JSON array")
    change = part("edit", edit_task, "Rename a task or change its tags, ticket and link.")
    change.add_argument("task", metavar="TASK")
    change.add_argument("--name", metavar="NAME")
    _task_options(change)
    for word, line in {
        "done": "The task is finished.",
        "open": "The task is open again.",
        "archive": "Hide the task; its past stays.",
        "restore": "Bring an archived task back.",
        "delete": "Delete the task with its rules and assignments (tokenpal undo brings all back).",
    }.items():
        part(word, change_state, line).add_argument("task", metavar="TASK")
    part("start", start, "Work on a task from now on; whatever ran stops.").add_argument("task", metavar="TASK")
    part("stop", stop, "Stop the timer.")
    assign = part("assign", assign_sessions, "Give sessions to a task by hand: nothing recomputes that.")
    assign.add_argument("sessions", metavar="SESSION", nargs="+", help="its id, the beginning of it, or: last")
    assign.add_argument("task", metavar="TASK", help="or: none (no task), auto (let timer and rules decide)")
    split.add(part)
    default = part("default", project_default, "Where use in a project goes when nothing stronger says otherwise.")
    default.add_argument("project", metavar="FOLDER")
    default.add_argument("task", metavar="TASK", help="or: none")
    _add_rules(parts)


def _add_rules(parts: Any) -> None:
    parser = parts.add_parser(
        "rule", help="Rules that assign use to tasks.", description="Rules are tried in order; the first match wins.", epilog=EPILOG
    )
    rules = parser.add_subparsers(dest="what", metavar="WHAT", required=True)
    listing = rules.add_parser("list", help="All rules in order.")
    listing.add_argument("--json", action="store_true", help="a JSON array")
    listing.set_defaults(run=list_rules)
    new = rules.add_parser("add", help="Add a rule; the past is recomputed, hand-made assignments stay.", epilog=EPILOG)
    new.add_argument("kind", choices=tuple(RuleKind), metavar="|".join(RuleKind))
    new.add_argument("pattern", metavar="PATTERN", help="a folder, a name, or a pattern such as feature/PAY-*")
    new.add_argument("task", metavar="TASK")
    new.add_argument("--first", action="store_true", help="try it before all others")
    new.add_argument("--preview", action="store_true", help="only say what it would do")
    new.set_defaults(run=add_rule)
    move = rules.add_parser("move", help="Try a rule at another place; 1 = first.")
    move.add_argument("rule", metavar="NUMBER", type=int)
    move.add_argument("place", metavar="PLACE", type=int)
    move.set_defaults(run=move_rule)
    gone = rules.add_parser("delete", help="Remove a rule.")
    gone.add_argument("rule", metavar="NUMBER", type=int)
    gone.set_defaults(run=delete_rule)


def _task_options(parser: Any) -> None:
    parser.add_argument("--tag", metavar="TAG", action="append", help="a tag (may be given several times)")
    parser.add_argument("--ticket", metavar="ID", help="such as PAY-142")
    parser.add_argument("--link", metavar="URL")


# ---------------------------------------------------------------------------------------------- tasks


def add_task(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        task = edits.add_task(store, options.name, options.tag or (), options.ticket or "", options.link or "")
    print(f"Added the task {task.name}.")
    return None


def edit_task(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        task = queries.task(store, options.task)
        given = {"name": options.name, "tags": options.tag, "ticket": options.ticket, "link": options.link}
        edits.edit_task(store, task.id, **{key: UNSET if value is None else value for key, value in given.items()})
    print(f"Changed the task {options.name or task.name}.")
    return None


def list_tasks(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        rows = queries.tasks(store, archived=options.all)
    if options.json:
        output.print_json([_as_json(row) for row in rows])
        return None
    if not rows:
        print("No task yet. Add one with: tokenpal task add NAME")
        return None
    columns = [
        Column("Task", flexible=True),
        Column("State", drop=3),
        Column("Ticket", drop=4),
        Column("Tags", flexible=True, drop=5),
        Column("Sessions", right=True, drop=2),
        Column("Tokens", right=True),
        Column("Labels", flexible=True, drop=1),
    ]
    output.print_table(columns, [_task_cells(row) for row in rows])
    return None


def _task_cells(row: queries.TaskRow) -> list[str]:
    mix = ", ".join(
        f"{label or queries.NO_LABEL} {output.short(tokens)}" for label, tokens in sorted(row.mix.items(), key=lambda item: -item[1])
    )
    task = row.task
    name = task.name if task else queries.NO_TASK
    state = "" if task is None else "running" if row.running_since else "archived" if task.archived else "done" if task.done else "open"
    ticket, tags = (task.ticket, ", ".join(task.tags)) if task else ("", "")
    return [name, state, ticket, tags, output.exact(row.sessions), output.short(row.tokens), mix]


def _as_json(row: queries.TaskRow) -> dict[str, Any]:
    task = row.task
    return {
        "task": task.name if task else None,
        "tags": list(task.tags) if task else [],
        "ticket": (task.ticket or None) if task else None,
        "link": (task.link or None) if task else None,
        "done": bool(task and task.done),
        "archived": bool(task and task.archived),
        "running_since": utc_time(row.running_since) if row.running_since else None,
        "sessions": row.sessions,
        "total": row.tokens,
        "labels": {label or queries.NO_LABEL: tokens for label, tokens in sorted(row.mix.items())},
    }


def change_state(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        task = queries.task(store, options.task)
        if options.part == "delete":
            edits.delete_task(store, task.id)
        elif options.part in {"done", "open"}:
            edits.edit_task(store, task.id, done=options.part == "done")
        else:
            edits.edit_task(store, task.id, archived=options.part == "archive")
    words = {"done": "is done", "open": "is open", "archive": "is archived", "restore": "is back", "delete": "is deleted"}
    print(f"{task.name} {words[options.part]}.")
    return None


def start(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        task = queries.task(store, options.task)
        edits.start_timer(store, task.id)
    print(f"Working on {task.name}.")
    return None


def stop(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        timer = edits.stop_timer(store)
        minutes = max(0, store.now() - timer.start) // 60 if timer else 0
        name = queries.task_name(store, timer.task) if timer else ""
    spent = f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min"
    print(f"Stopped after {spent} on {name}." if timer else "No timer was running.")
    return None


def assign_sessions(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        sessions = [queries.find_session(store, text) for text in options.sessions]
        word = options.task.strip().lower()
        if word == "auto":
            edits.release_sessions(store, sessions)
        elif word == "none":
            edits.assign_sessions(store, sessions, None)
        else:
            task = queries.task(store, options.task)
            edits.assign_sessions(store, sessions, task.id)
            word = task.name
    print(f"{output.count(len(sessions), 'session')}: {word}.")
    return None


def project_default(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        project = Places()(str(Path(options.project).expanduser().absolute()))
        task = None if options.task.strip().lower() == "none" else queries.task(store, options.task)
        edits.set_project_default(store, project, task.id if task else None)
    print(f"{project}: {task.name if task else 'no default task'}.")
    return None


# ---------------------------------------------------------------------------------------------- rules


def list_rules(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        rows = queries.rules(store)
    if options.json:
        output.print_json(
            [
                {"number": row.rule.id, "place": place, "kind": row.rule.kind.value, "pattern": row.rule.pattern, "task": row.task}
                for place, row in enumerate(rows, 1)
            ]
        )
    elif rows:
        columns = [
            Column("Place", right=True),
            Column("Number", right=True),
            Column("Kind"),
            Column("Pattern", flexible=True),
            Column("Task", flexible=True),
        ]
        output.print_table(
            columns, [(str(place), str(row.rule.id), row.rule.kind.value, row.rule.pattern, row.task) for place, row in enumerate(rows, 1)]
        )
    else:
        print("No rule yet.")
    return None


def add_rule(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        task = queries.task(store, options.task)
        pattern = _pattern(store, options.kind, options.pattern)
        position = 0 if options.first else None
        found = queries.preview_rule(store, options.kind, pattern, task.id, position)
        if options.preview:
            print(_preview_words(found))
            return None
        number = edits.add_rule(store, options.kind, pattern, task.id, position)
    print(f"Rule {number}: {_preview_words(found)}")
    return None


def _pattern(store: Store, kind: str, pattern: str) -> str:
    """A folder is kept as a whole path, an account by its number."""
    if kind == RuleKind.ACCOUNT:
        return str(queries.find_account(store, pattern).id)
    if kind == RuleKind.FOLDER and not any(mark in pattern for mark in "*?["):
        return normalise(str(Path(pattern).expanduser().absolute()))
    return pattern


def _preview_words(found: Preview) -> str:
    return (
        f"matches {output.count(found.sessions, 'session')}, {output.short(found.tokens)} tokens; "
        f"{output.count(found.moved_sessions, 'session')}, {output.short(found.moved_tokens)} tokens change their task."
    )


def move_rule(options: argparse.Namespace) -> int | None:
    if options.place < 1:
        raise UsageError("Places begin at 1.", "The first place is 1.")
    with Profile().store() as store:
        edits.move_rule(store, options.rule, options.place - 1)
    print(f"Rule {options.rule} is at place {options.place}.")
    return None


def delete_rule(options: argparse.Namespace) -> int | None:
    with Profile().store() as store:
        edits.delete_rule(store, options.rule)
    print(f"Rule {options.rule} is deleted.")
    return None
