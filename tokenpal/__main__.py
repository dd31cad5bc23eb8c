"""Read the arguments and start either the desktop app or a command."""

from __future__ import annotations

import sys


def main(argv: list[str] | None = None) -> int:
    """Run tokenpal and return the exit code."""
    arguments = sys.argv[1:] if argv is None else argv
    print("tokenpal: nothing to start yet", *arguments, file=sys.stderr)
    return 1


if __name__ == "__main__":
    raise SystemExit(main())
