"""What happens when something breaks: it goes to a file on this machine, and nowhere else.

A program without a terminal loses its tracebacks (whatsnowplaying/whats-now-playing#1859), so the hooks of Python,
threads and the fault handler are set in the first lines of the app. Nothing is ever sent.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO, Final

from tokenpal.system.logs import redact

FILE: Final = "crash.txt"
log = logging.getLogger(__name__)
_file: IO[str] | None = None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def start(folder: Path, on_error: Callable[[str], None] | None = None) -> str:
    """Set the hooks. Returns what a hard crash of an earlier run left behind ("" = none) and clears it.

    ``on_error(text)`` is called with the redacted traceback of every exception that nobody caught, in whatever thread.
    """
    global _file
    before = ""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / FILE
        if path.exists():
            before = redact(path.read_text(encoding="utf-8", errors="replace")).strip()
        if _file is not None:
            _file.close()
        _file = open(path, "w", encoding="utf-8", opener=_private)  # noqa: SIM115 - the fault handler writes to it until the end
        path.chmod(0o600)
        faulthandler.enable(_file)
    except OSError:
        pass

    def said(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt | SystemExit):
            return
        text = redact("".join(traceback.format_exception(kind, value, trace)))
        log.error("nobody caught this:\n%s", text)
        if on_error is not None:
            on_error(text)

    def in_main(kind: type[BaseException], value: BaseException, trace: TracebackType | None) -> None:
        said(kind, value, trace)
        if sys.stderr is not None and not issubclass(kind, SystemExit):
            print("tokenpal:", redact(f"{kind.__name__}: {value}"), file=sys.stderr)  # noqa: T201 - a terminal deserves a line

    def in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            said(args.exc_type, args.exc_value, args.exc_traceback)

    def unraisable(args: sys.UnraisableHookArgs) -> None:
        if args.exc_value is not None:
            said(args.exc_type, args.exc_value, args.exc_traceback)

    sys.excepthook = in_main
    threading.excepthook = in_thread
    sys.unraisablehook = unraisable
    return before


def stop() -> None:
    """A clean end: close the file and remove it, so that the next start finds nothing."""
    global _file
    sys.excepthook, threading.excepthook, sys.unraisablehook = sys.__excepthook__, threading.__excepthook__, sys.__unraisablehook__
    faulthandler.disable()
    if _file is not None:
        path = Path(_file.name)
        _file.close()
        _file = None
        path.unlink(missing_ok=True)
