"""Read the arguments and start either the desktop app or a command. Each is imported only when it is wanted."""

from __future__ import annotations

import os
import sys

DESKTOP = frozenset({"--background", "--glance", "--demo", "--exit-after-tray"})


def main(argv: list[str] | None = None) -> int:
    """Run tokenpal and return the exit code (listed in ``tokenpal --help``)."""
    arguments = sys.argv[1:] if argv is None else argv
    if arguments and arguments[0] == "statusline":
        from tokenpal.cli import statusline  # it has milliseconds: neither argparse nor the rest of the command line

        if not statusline.COMMANDS.intersection(arguments[1:2]):
            os._exit(statusline.main(arguments[1:]))  # at once: closing the data file would fold its log in, on the agent's time
    if arguments and arguments[0] == "self-test":
        from tokenpal import selftest

        return selftest.main(arguments[1:])
    if all(word in DESKTOP for word in arguments):
        if has_display():
            return start_app(arguments)
        if arguments in ([], ["--demo"]):
            from tokenpal.cli.main import guarded
            from tokenpal.cli.today import print_demo, print_today

            return guarded(print_demo if arguments else print_today)
        print("tokenpal: there is no display here, so there is no tray or window.", file=sys.stderr)
        print("  Start it in a desktop session (DISPLAY or WAYLAND_DISPLAY set), or use a command: tokenpal --help", file=sys.stderr)
        return 1
    from tokenpal.cli.main import main as run_command

    return run_command(arguments)


def start_app(arguments: list[str]) -> int:
    """The desktop app: the only way that imports Qt."""
    from tokenpal import app

    return app.main(arguments)


def has_display() -> bool:
    """Whether a window could be shown. Qt ends the process when it finds none, so it is not asked."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


if __name__ == "__main__":
    raise SystemExit(main())
