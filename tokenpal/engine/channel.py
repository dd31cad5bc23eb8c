"""How ``tokenpal scan`` and ``tokenpal poll`` ask a running app to do it (decisions 5).

A Unix socket in the data folder (a named pipe on Windows), for its owner only: no internet socket, no cost while nobody
asks, gone with the process that listens. One JSON object a line: the request, then any number of answers, the last of
which has "done" or "error".

    {"do": "scan", "agents": ["claude-code"]}    {"do": "poll", "accounts": [3], "since": 1790000000}
    {"progress": {...}}    {"done": {...}}    {"error": "sentence", "next_step": "..."}
"""

from __future__ import annotations

import json
import os
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from tokenpal.system.paths import Paths

if TYPE_CHECKING:
    import asyncio  # most of a command's start; only the app listens

LINE_LIMIT: Final = 1 << 20
CONNECT_SECONDS: Final = 2.0
TURNS: Final = 3
Say = Callable[[dict[str, Any]], Awaitable[None]]
Answer = Callable[[dict[str, Any], Say], Awaitable[dict[str, Any]]]
"""(request, say) -> what stands under "done". Raises TokenpalError for what the person should read."""


def pipe_name(paths: Paths) -> str:
    """The named pipe of this profile on Windows."""
    return rf"\\.\pipe\tokenpal-{paths.profile}"


class Listener:
    """The side of the running app. ``await start()`` inside the loop, ``await stop()`` before it ends."""

    def __init__(self, paths: Paths, answer: Answer) -> None:
        self._paths = paths
        self._answer = answer
        self._server: Any = None
        self._socket: socket.socket | None = None
        self._stopped = False
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}

    async def start(self) -> None:
        """Listen. The caller holds the folder lock, so what lies at the address is a leftover. Raises OSError."""
        import asyncio

        if self._stopped:
            return
        if sys.platform == "win32":
            await self._start_pipe()
            return
        path = self._paths.channel
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _own(path.parent.stat())
        path.unlink(missing_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)  # our own, to be closed whenever the start is cut short
        self._socket.bind(str(path))
        path.chmod(0o600)  # before anybody can connect: nobody listens yet
        self._server = await asyncio.start_unix_server(self._connected, sock=self._socket, limit=LINE_LIMIT)

    async def _start_pipe(self) -> None:
        import asyncio

        loop: Any = asyncio.get_running_loop()

        def protocol() -> asyncio.StreamReaderProtocol:
            reader = asyncio.StreamReader(limit=LINE_LIMIT)
            return asyncio.StreamReaderProtocol(reader, self._connected)

        (self._server,) = await loop.start_serving_pipe(protocol, pipe_name(self._paths))

    async def stop(self) -> None:
        self._stopped = True
        await self._close_server()
        for writer, task in list(self._open.items()):
            task.cancel()
            writer.transport.abort()
        if sys.platform != "win32":
            with suppress(OSError):
                self._paths.channel.unlink(missing_ok=True)

    async def _close_server(self) -> None:
        """Python 3.11 loses the socket of a connection that is being accepted while its server is closed: first no more
        connections, then a few turns for the last one, then the end.
        """
        import asyncio

        if self._socket is not None:
            asyncio.get_running_loop().remove_reader(self._socket.fileno())
            for _ in range(TURNS):
                await asyncio.sleep(0)
        if self._server is not None:
            self._server.close()
        if self._socket is not None:
            self._socket.close()

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        import asyncio

        if self._stopped:
            writer.transport.abort()
            return
        self._open[writer] = asyncio.ensure_future(self._talk(reader, writer))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        import asyncio

        try:
            await self._serve(reader, writer)
        except (ConnectionError, ValueError, asyncio.IncompleteReadError):
            pass  # the asker went away, or is none of ours
        finally:
            self._open.pop(writer, None)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(message: dict[str, Any]) -> None:
            writer.write(json.dumps(message).encode() + b"\n")
            await writer.drain()

        line = await reader.readline()
        request = json.loads(line)
        if not isinstance(request, dict):
            return
        try:
            done = await self._answer(request, say)
        except Exception as problem:
            sentence = getattr(problem, "sentence", "") or "The running tokenpal could not do that."
            await say({"error": sentence, "next_step": getattr(problem, "next_step", "")})
        else:
            await say({"done": done})


def ask(paths: Paths, request: dict[str, Any]) -> Iterator[dict[str, Any]] | None:
    """The answers of the running app, one after the other; None when nobody listens. Blocks between answers.

    Whoever hangs up early only stops listening: the app finishes what it was asked to do.
    """
    stream = _connect(paths)
    if stream is None:
        return None
    stream.write(json.dumps(request).encode() + b"\n")
    stream.flush()
    return _answers(stream)


def _answers(stream: Any) -> Iterator[dict[str, Any]]:
    with stream:
        while line := stream.readline(LINE_LIMIT):
            message: dict[str, Any] = json.loads(line)
            yield message
            if "done" in message or "error" in message:
                return
        yield {"error": "The running tokenpal ended before it was done.", "next_step": "Run the command again."}


def _connect(paths: Paths) -> Any:
    if sys.platform == "win32":
        try:
            return open(pipe_name(paths), "r+b", buffering=0)
        except OSError:
            return None
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.settimeout(CONNECT_SECONDS)
    try:
        connection.connect(str(paths.channel))
    except OSError:
        connection.close()
        return None
    connection.settimeout(None)
    stream = connection.makefile("rwb")
    connection.close()  # the stream keeps it open
    return stream


def _own(found: os.stat_result) -> None:
    """A folder that somebody else made in the shared temporary folder is not used."""
    if sys.platform != "win32" and found.st_uid != os.getuid():
        raise PermissionError("the folder of the socket belongs to somebody else")
