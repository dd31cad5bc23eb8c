"""The lock of the data folder: one process scans and polls, any number read and edit (decisions 5).

The kernel frees it when its holder dies, so it never goes stale (architecture 2.7).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self

from tokenpal.model.errors import TokenpalError
from tokenpal.translation import mark


class FolderBusy(TokenpalError):
    """Another tokenpal scans and polls for this data folder."""

    title = mark("Another tokenpal is at work")


class FolderLock:
    """``take()`` and ``release()``, or ``with FolderLock(path):``, which raises FolderBusy."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock: object | None = None

    @property
    def held(self) -> bool:
        return self._lock is not None

    def take(self) -> bool:
        """True when this object holds the lock now. Never waits. Raises OSError when the folder cannot be written."""
        if self._lock is not None:
            return True
        from filelock import FileLock, Timeout  # 8 ms, and readers never need it

        lock = FileLock(self.path, timeout=0, mode=0o600, thread_local=False)
        try:
            lock.acquire()
        except Timeout:
            return False
        except NotImplementedError as problem:  # the file system has no locks
            raise OSError(f"the folder of {self.path.name} has no file locks") from problem
        self._lock = lock
        return True

    def release(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.release()  # type: ignore[attr-defined]  # a FileLock, whose import is late

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
