"""The program's own log: small, rotating, readable by the person only, with anything that looks like a key masked."""

from __future__ import annotations

import logging
import logging.handlers
import os
import re
import sys
from pathlib import Path
from typing import Final

FILE: Final = "tokenpal.log"
BYTES: Final = 1_000_000
KEPT: Final = 3
MASK: Final = "•••"

# Compiled, and then kept by ``re``, with the first line that is written: most commands write none.
KEY: Final = r"""(?ix)
    \b(?:sk|pk|rk|ak|gsk|xai|ghp|gho|github_pat|glpat|AIza|AKIA|hf|key|token)[-_][A-Za-z0-9_\-]{8,}   # prefixes that providers use
    | \bAIza[A-Za-z0-9_\-]{20,} | \bAKIA[A-Z0-9]{12,}
    | (?<=bearer\s)\S+ | (?<=basic\s)[A-Za-z0-9+/=]{8,}
    | (?<=x-api-key:\s)\S+ | (?<=api-key:\s)\S+ | (?<=authorization:\s)\S+
    | \beyJ[A-Za-z0-9_\-]{10,}(?:\.[A-Za-z0-9_\-]+){0,2}                       # tokens with a JSON head
    | \b(?=[A-Za-z0-9_\-]*\d)(?=[A-Za-z0-9_\-]*[A-Za-z])[A-Za-z0-9_\-]{40,}    # long mixtures of letters and digits
    """
QUERY: Final = re.compile(r"(https?://[^\s?'\"]+)\?[^\s'\"]+")


def redact(text: str) -> str:
    """``text`` without anything that looks like a key, and without the query strings of addresses."""
    return re.sub(KEY, MASK, QUERY.sub(rf"\1?{MASK}", text))


class Redacting(logging.Formatter):
    """Masks the finished line, arguments and traceback included: the second net, after never logging a key at all."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """0600, and a full disk never stops the program or prints a traceback."""

    def _open(self):  # type: ignore[no-untyped-def]  # noqa: ANN202 - the stream type of the base class is private
        descriptor = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace")

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - overrides logging
        pass


def start(folder: Path, *, level: int = logging.INFO, stderr: bool = False) -> Path | None:
    """Log to ``folder/tokenpal.log``; returns the file, or None when it cannot be written (the program goes on)."""
    root = logging.getLogger()
    root.setLevel(level)
    form = Redacting("%(asctime)s %(levelname)s %(threadName)s %(name)s: %(message)s")
    if stderr and sys.stderr is not None:
        screen = logging.StreamHandler()
        screen.setFormatter(form)
        root.addHandler(screen)
    # Libraries of HTTP log addresses with their query strings: never wanted.
    for name in ("httpx", "httpcore", "keyring", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _PrivateFile(folder / FILE, maxBytes=BYTES, backupCount=KEPT)
    except OSError:
        root.addHandler(logging.NullHandler())  # or Python prints errors with their tracebacks itself
        return None
    handler.setFormatter(form)
    root.addHandler(handler)
    return folder / FILE


def stop() -> None:
    """Close the file (tests, and before the folder is deleted)."""
    root = logging.getLogger()
    for handler in [handler for handler in root.handlers if isinstance(handler.formatter, Redacting)]:
        root.removeHandler(handler)
        handler.close()
