"""Find the command, run it, turn errors into sentences and exit codes. Imports only the file of the chosen command."""

from __future__ import annotations

import argparse
import importlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, Final

from tokenpal import __version__
from tokenpal.cli import output
from tokenpal.model.errors import StoreError, TokenpalError, UsageError

COMMANDS: Final = {  # name -> module, one line for --help
    "report": ("report", "tokens, requests and cost by time, task, model, project ..."),
    "sessions": ("sessions", "sessions with their label, task and note"),
    "label": ("label", "say what a session was"),
    "task": ("task", "tasks, the timer, and rules that assign use to tasks"),
    "checkin": ("checkin", "the weekly check-in"),
    "prices": ("prices", "your own prices of models, and exchange rates"),
    "reprice": ("reprice", "give past use today's prices, after showing the change"),
    "budget": ("budget", "your own ceilings in tokens or money"),
    "insights": ("insights", "what may be worth a look, each with its arithmetic"),
    "limits": ("limits", "plan windows, budgets and balances"),
    "statusline": ("statusline_setup", "a line for Claude Code's status line, which keeps its official limits"),
    "accounts": ("accounts", "provider accounts and agents found on this machine"),
    "reconcile": ("reconcile", "provider reports against this machine's logs, and which side counts"),
    "scan": ("scan", "read every agent log found, once"),
    "poll": ("poll", "ask the provider accounts, once"),
    "share": ("share", "share one noisy answer a week with a team, or see it"),
    "team": ("team", "run the endpoint that adds up a team's reports"),
    "export": ("archive", "write everything to one archive"),
    "import": ("archive", "merge such a file, or take in what another tool wrote"),
    "undo": ("label", "take back the last edit"),
    "redo": ("label", "do it again"),
    "backup": ("backup", "copy the data file while it is in use"),
    "doctor": ("doctor", "look at folders, data file, credential store, agents"),
}

DESKTOP: Final = """without a command tokenpal starts in the tray:
  --background       start into the tray, without a window
  --glance           show the small window at the tray
  --demo             a throw-away profile with eight weeks of made-up data
  --exit-after-tray  end as soon as the tray icon is shown (for timing)
  self-test          open every page and find every part

environment:
  TOKENPAL_HOME=DIR  keep settings, data, cache and logs in DIR
"""

Run = Callable[[argparse.Namespace], int | None]


class Help(argparse.RawDescriptionHelpFormatter):
    """Keeps the lines of descriptions as they are written, and breaks those that are wider than the terminal below their words."""

    def add_argument(self, action: argparse.Action) -> None:
        super().add_argument(action)
        if hasattr(action, "_get_subactions"):  # argparse forgets how far it indents the names of commands
            self._action_max_length += self._indent_increment

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        # argparse leaves two columns free, which lines written for a terminal of 80 use.
        width += 2
        lines: list[str] = []
        for line in text.splitlines():
            if lines and len(lines[-1]) > width and line[:1].strip() and lines[-1][:1].strip():
                lines[-1] += f" {line}"  # a paragraph that is broken anew runs on
            else:
                lines.append(line)
        return "\n".join(_broken(indent + line, width) for line in lines) + "\n"


def _broken(line: str, width: int) -> str:
    """One line as several; the further ones begin where the words of the second column do."""
    import textwrap

    words = line.lstrip()
    column = re.search(r"\S {2,}(?=\S)", words)
    indent = len(line) - len(words) + (column.end() if column else 0)
    if len(line) <= width or width - indent < 20:
        return line
    return textwrap.fill(
        words, width, initial_indent=line[: -len(words)], subsequent_indent=" " * indent, break_long_words=False, break_on_hyphens=False
    )


class Parser(argparse.ArgumentParser):
    """Errors as the rest of tokenpal says them; abbreviated options are refused, since scripts rely on names."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("allow_abbrev", False)
        options.setdefault("formatter_class", Help)
        super().__init__(**options)

    def error(self, message: str) -> Any:
        print(f"tokenpal: {message}", file=sys.stderr)
        print(f"  See: {self.prog} --help", file=sys.stderr)
        raise SystemExit(output.USAGE)


def main(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code."""
    return guarded(lambda: _run(arguments))


def guarded(run: Callable[[], int]) -> int:
    """Run something that prints; every way it can end is an exit code."""
    output.prepare_streams()
    try:
        try:
            code = run()
        except SystemExit as end:  # how argparse ends after --help and mistakes
            code = end.code if isinstance(end.code, int) else output.OK
        sys.stdout.flush()
    except TokenpalError as error:
        output.print_error(error)
        return _exit_code(error)
    except BrokenPipeError:
        # Whoever read our output has seen enough (head, less). Python would complain again while it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return output.OK
    except KeyboardInterrupt:
        print("\ntokenpal: cancelled", file=sys.stderr)
        return output.CANCELLED
    except UnicodeEncodeError:  # bytes of the command line or of a file name that are no UTF-8
        output.print_error(UsageError("The command holds characters that are not UTF-8.", "Give it in plain characters."))
        return output.USAGE
    except OSError as error:
        output.print_error(TokenpalError(f"{error.filename or 'A file'}: {error.strerror or error}.", "Check the file and its folder."))
        return output.PROBLEM
    except Exception as error:  # a mistake of ours: the log has where, without what was on the command line
        output.print_error(_own_mistake(error))
        return output.PROBLEM
    return code


def _own_mistake(error: Exception) -> TokenpalError:
    import logging

    from tokenpal.system import logs, paths

    file = logs.start(paths.paths().logs) if paths.paths().logs.parent.is_dir() else None
    logging.getLogger(__name__).error("a command failed", exc_info=error)
    return TokenpalError(
        f"A mistake in tokenpal ({type(error).__name__}) stopped this command.",
        f"Please report it; the details are in {file}." if file else "Please report it.",
    )


def _run(arguments: Sequence[str]) -> int:
    parser = Parser(
        prog="tokenpal", description="Your own AI use, charted against your own tasks.", epilog=f"{DESKTOP}\n{output.EXIT_CODES}"
    )
    parser.add_argument("--version", action="version", version=f"tokenpal {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", parser_class=Parser)
    chosen = next((word for word in arguments if not word.startswith("-")), "")
    for name, (module, help_line) in COMMANDS.items():
        if name == chosen:
            importlib.import_module(f"tokenpal.cli.{module}").add(commands, name, help_line)
        else:
            commands.add_parser(name, help=help_line, add_help=False)
    options = parser.parse_args([f" {word}" if _is_number(word) else word for word in arguments])
    if not options.command:
        parser.print_help()
        return output.USAGE
    run: Run = options.run
    return run(options) or output.OK


def _is_number(word: str) -> bool:
    """Whether it is the number of a team or a member, one in 64 of which begins with a dash. argparse takes it for an option, unless
    a space comes first, which the commands that take one strip.
    """
    return re.fullmatch(r"-[\w-]{21}", word, re.ASCII) is not None and word != word.lower()


def _exit_code(error: TokenpalError) -> int:
    from tokenpal.system.lock import FolderBusy

    if isinstance(error, UsageError):
        return output.USAGE
    if isinstance(error, FolderBusy) or (isinstance(error, StoreError) and "using the data file" in error.sentence):
        return output.BUSY
    return output.PROBLEM
