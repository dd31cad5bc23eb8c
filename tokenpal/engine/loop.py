"""An asyncio loop in a thread of its own that can be left at any time.

``asyncio.run`` and Python's own thread pools wait for their threads at the end, and a name look-up or a read from a dead
drive may never come back. Threads here are daemons: nothing that hangs can keep the program from ending.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import Any, Final, TypeVar

T = TypeVar("T")
log = logging.getLogger(__name__)
LEAVE_SECONDS: Final = 0.8
"""How long tasks may take to clean up before the loop goes without them."""
TURNS: Final = 5
"""A transport that was told to close closes its socket in one of the next turns."""


class DaemonThreads(ThreadPoolExecutor):
    """A thread for each call (there are few: name look-ups); none of them is waited for. A subclass, as asyncio insists."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        future: Future[Any] = Future()
        threading.Thread(target=_settle, args=(future, fn, args, kwargs), name="lookup", daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        pass


def _settle(future: Future[Any], fn: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = fn(*args, **kwargs)
    except BaseException as problem:
        future.set_exception(problem)
    else:
        future.set_result(result)


def run(main: Coroutine[Any, Any, None]) -> None:
    """Run ``main`` in a new loop of this thread; tasks that are left are cancelled and waited for briefly."""
    loop = asyncio.new_event_loop()
    loop.set_default_executor(DaemonThreads())
    loop.set_exception_handler(_said)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(main)
    finally:
        try:
            rest = asyncio.all_tasks(loop)
            for task in rest:
                task.cancel()
            if rest:
                loop.run_until_complete(asyncio.wait(rest, timeout=LEAVE_SECONDS))
            loop.run_until_complete(asyncio.wait_for(loop.shutdown_asyncgens(), LEAVE_SECONDS))
            for _ in range(TURNS):
                loop.run_until_complete(asyncio.sleep(0))
        except Exception:
            log.info("the loop ended with something still open")
        finally:
            asyncio.set_event_loop(None)
            loop.close()


def _said(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    problem = context.get("exception")
    log.error("in the engine's loop: %s", context.get("message"), exc_info=problem if isinstance(problem, BaseException) else None)


async def in_thread(function: Callable[[], T], name: str) -> T:
    """``function()`` in a daemon thread. When the waiting task is cancelled the thread is left to end by itself."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[T] = loop.create_future()

    def deliver(result: T | None, problem: BaseException | None) -> None:
        if answer.done():
            return
        if problem is not None:
            answer.set_exception(problem)
        else:
            answer.set_result(result)  # type: ignore[arg-type]  # None only when T is

    def work() -> None:
        result, problem = None, None
        try:
            result = function()
        except BaseException as found:
            problem = found
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(deliver, result, problem)

    threading.Thread(target=work, name=name, daemon=True).start()
    return await answer


class Tasks:
    """Keeps references, or the garbage collector might destroy a task in the middle (Electrum's lesson)."""

    def __init__(self) -> None:
        self._kept: set[asyncio.Task[Any]] = set()

    def start(self, work: Coroutine[Any, Any, Any], name: str) -> asyncio.Task[Any]:
        task = asyncio.create_task(work, name=name)
        self._kept.add(task)
        task.add_done_callback(self._kept.discard)
        return task

    async def stop(self, seconds: float = LEAVE_SECONDS) -> None:
        """Cancel all and wait for them, but no longer than that."""
        rest = [task for task in self._kept if task is not asyncio.current_task()]
        for task in rest:
            task.cancel()
        if rest:
            await asyncio.wait(rest, timeout=seconds)


async def supervised(work: Callable[[], Awaitable[None]], name: str, said: Callable[[Exception], None], first: float = 5.0) -> None:
    """Run ``work`` for ever: what it raises is told and it starts again, after twice as long each time (at most an hour)."""
    pause = first
    while True:
        try:
            await work()
            return
        except Exception as problem:
            log.exception("%s stopped", name)
            said(problem)
        await asyncio.sleep(pause)
        pause = min(3600.0, pause * 2)


class Nudge:
    """Wait for a time to pass or for somebody to nudge. Nudges that come early are not lost."""

    def __init__(self) -> None:
        self._event = asyncio.Event()

    def __call__(self) -> None:
        self._event.set()

    async def wait(self, seconds: float | None) -> bool:
        """True when nudged."""
        try:
            async with asyncio.timeout(seconds):
                await self._event.wait()
        except TimeoutError:
            return False
        self._event.clear()
        return True
