"""``tokenpal accounts roots``: where agents' logs are looked for, and further folders of the person's own."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from tokenpal.cli import output
from tokenpal.cli.output import Column
from tokenpal.cli.profile import Profile
from tokenpal.engine import homes, providers
from tokenpal.model.errors import UsageError
from tokenpal.sources.base import Kind
from tokenpal.sources.registry import sources


def add(parts: Any, epilog: str) -> None:
    parser = parts.add_parser(
        "roots", help="Folders in which agents' logs are looked for.", epilog=epilog,
        description="Folders in which agents' logs are looked for: the usual ones, those of environment variables, and further ones of your own.",
    )  # fmt: skip
    parser.add_argument("do", nargs="?", choices=["add", "remove"], metavar="add|remove", help="a further folder, or no longer")
    parser.add_argument("agent", nargs="?", metavar="AGENT", help="such as claude-code")
    parser.add_argument("folder", nargs="?", metavar="FOLDER")
    parser.add_argument("--json", action="store_true", help="a JSON array")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    profile = Profile()
    if options.do is None:
        _list(profile, as_json=options.json)
        return None
    if options.agent is None or options.folder is None:
        raise UsageError("An agent and a folder are needed.", f"Write: tokenpal accounts roots {options.do} AGENT FOLDER")
    agent, folder = providers.agent(options.agent), str(Path(options.folder).expanduser().absolute())
    extra: dict[str, list[str]] = profile.settings.get("advanced.roots")
    known = [str(Path(root).expanduser()) for root in extra.get(agent, [])]
    if options.do == "add":
        if not Path(folder).exists():
            raise UsageError(f"There is no folder {folder}.", "Name the folder that the agent's own one is a copy or another place of.")
        if folder not in known:
            extra[agent] = [*known, folder]
            profile.settings.set("advanced.roots", extra)
        print(f"{folder} is read as {agent}'s from the next scan on.")
        output.say("  Read it now with: tokenpal scan")
        return None
    if folder not in known:
        raise UsageError(f"{folder} is no further folder of {agent}.", "List them with: tokenpal accounts roots")
    left = [root for root in known if root != folder]
    profile.settings.set("advanced.roots", {**extra, agent: left} if left else {name: roots for name, roots in extra.items() if name != agent})
    print(f"{folder} is read no more; what was read stays.")
    return None


def _list(profile: Profile, *, as_json: bool) -> None:
    extra, off = profile.settings.get("advanced.roots"), set(profile.settings.get("advanced.agents_off"))
    more = homes.found() if profile.settings.get("advanced.wsl") else ()
    found: list[dict[str, Any]] = []
    for id_, source in sorted(sources().items()):
        if source.INFO.kind is not Kind.LOG:
            continue
        places = [(root, "usual") for root in source.roots(Path.home(), os.environ)]
        places += [(Path(root).expanduser(), "yours") for root in extra.get(id_, ())]
        places += [(root, home.name) for home in more for root in source.roots(home.path, {})]
        found += [
            {"agent": id_, "root": str(root), "origin": origin, "there": root.exists(), "read": id_ not in off}
            for root, origin in dict.fromkeys(places)
        ]
    if as_json:
        output.print_json(found)
        return
    rows = [
        (one["agent"], one["root"], one["origin"], "agent is off" if not one["read"] else "" if one["there"] else "not there")
        for one in found if one["there"] or one["origin"] != "usual"
    ]  # fmt: skip
    if not rows:
        print("No agent's folder is on this machine. Add one with: tokenpal accounts roots add AGENT FOLDER")
        return
    output.print_table([Column("Agent"), Column("Folder", flexible=True), Column("Whose"), Column("State", drop=1)], rows)
