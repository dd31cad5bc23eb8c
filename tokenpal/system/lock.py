"""The lock of the data folder: one process scans and polls, any number read and edit (decisions 5).

The kernel frees it when its holder dies, so it never goes stale (architecture 2.7).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Self

from tokenpal.model.errors import TokenpalError
from tokenpal.translation import mark

Release = Callable[[], None]


def _taken(path: Path) -> Release | None:
    import fcntl  # what filelock does here too, without a megabyte of imports

    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        return None
    except OSError:
        os.close(file)
        raise
    return partial(os.close, file)


def _taken_on_windows(path: Path) -> Release | None:
    from filelock import FileLock, Timeout  # 8 ms, and readers never need it

    lock = FileLock(path, timeout=0, mode=0o600, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        return None
    except NotImplementedError as problem:  # the file system has no locks
        raise OSError(f"the folder of {path.name} has no file locks") from problem
    return lock.release


class FolderBusy(TokenpalError):
    """Another tokenpal scans and polls for this data folder."""

    title = mark("Another tokenpal is at work")


class FolderLock:
    """``take()`` and ``release()``, or ``with FolderLock(path):``, which raises FolderBusy."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._release: Release | None = None

    @property
    def held(self) -> bool:
        return self._release is not None

    def take(self) -> bool:
        """True when this object holds the lock now. Never waits. Raises OSError when the folder cannot be written."""
        if self._release is not None:
            return True
        release = (_taken_on_windows if sys.platform == "win32" else _taken)(self.path)
        self._release = release
        return release is not None

    def release(self) -> None:
        release, self._release = self._release, None
        if release is not None:
            release()

    def __enter__(self) -> Self:
        if not self.take():
            raise FolderBusy("Another tokenpal is reading for this data folder.", "Wait until it is done, or quit it, then try again.")
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def is_held(path: Path) -> bool:
    """Whether some process holds the lock; takes it for an instant to find out."""
    if not os.path.exists(path):
        return False
    lock = FolderLock(path)
    try:
        free = lock.take()
    except OSError:
        return False  # nobody can take it where nothing can be written
    lock.release()
    return not free
