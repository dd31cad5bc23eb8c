"""``tokenpal statusline install|remove|show``: whether Claude Code shows tokenpal's line. The line itself is in ``statusline``."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from tokenpal.cli import output
from tokenpal.cli.profile import Profile
from tokenpal.engine import statusline

ABOUT = """One line for Claude Code's status line: model, this session's tokens and cost as Claude Code says them, the official
5-hour and weekly limits with their resets, and today's total. The limits are kept as readings of the Claude Code account.

  tokenpal statusline                  reads the status JSON on standard input and prints the line; always ends with 0
    --then COMMAND                     then run the line you had, with the same input, and print its output below
    --instead                          with --then: print only that one's output, and keep the limits silently
  tokenpal statusline install          let Claude Code call it (edits its settings.json; a line you have goes on by --then)
  tokenpal statusline remove           put back what was there
  tokenpal statusline show             say how it stands"""


def add(commands: Any, name: str, help_line: str) -> None:
    parser = commands.add_parser(name, help=help_line, description=ABOUT, epilog=output.EXIT_CODES)
    parser.add_argument("do", metavar="install|remove|show", choices=["install", "remove", "show"])
    parser.add_argument("--settings", metavar="PATH", help="the settings file (default: settings.json in Claude Code's own folder)")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int | None:
    profile = Profile()
    path = Path(options.settings).expanduser().absolute() if options.settings else statusline.default_settings(os.environ, Path.home())
    if options.do == "install":
        standing, changed = statusline.install(path, profile.paths.data, statusline.own_command(os.environ))
    elif options.do == "remove":
        standing, changed = statusline.remove(path, profile.paths.data)
    else:
        standing, changed = statusline.show(path), False
    if options.json:
        output.print_json(
            {"settings": str(path), "installed": standing.installed, "command": standing.command or None, "then": standing.former or None, "changed": changed}
        )
        return None
    if options.do == "install":
        print(f"Claude Code calls tokenpal's status line ({path})." if changed else f"It is installed already ({path}).")
        if standing.former:
            print(f"The line you had goes on below it: {standing.former}")
        if changed:
            output.say("  Take it out with: tokenpal statusline remove")
    elif options.do == "remove":
        print(f"Taken out; {path} is as it was." if changed else f"tokenpal's status line is not in {path}.")
    elif standing.installed:
        print(f"Claude Code calls tokenpal's status line ({path}).")
        print(f"  {standing.command}")
    else:
        print(f"tokenpal's status line is not in {path}.")
        output.say(*([f"  Claude Code calls: {standing.command}"] if standing.command else []), "  Put it in with: tokenpal statusline install")
    return None
