"""An HTTP server for programs on this machine: loopback addresses only, small, and hard to hurt (agent-logs 9.2).

h11 on the loop that is there already. Everything has a limit: connections, headers, body, unpacked body, time. A request has
to name this machine in Host and none in Origin, so that no web page can reach it through a browser.
"""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import zlib
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from typing import Any, Final, NamedTuple

import h11

from tokenpal.model.errors import TokenpalError
from tokenpal.translation import mark

log = logging.getLogger(__name__)
ADDRESSES: Final = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
MOST_CONNECTIONS: Final = 32
MOST_HEADERS: Final = 16 * 1024
MOST_BODY: Final = 4 << 20  # as OTLP's own receivers; agents send some kilobytes
MOST_UNPACKED: Final = 8 << 20  # as JSON it becomes thirty times that in memory
MOST_PARTS: Final = 20_000  # pieces of a body: each costs the loop's time, however small
PARTS_AT_ONCE: Final = 200  # before others have their turn
REQUEST_SECONDS: Final = 20.0  # from the first byte of a request to the last of its body
IDLE_SECONDS: Final = 90.0  # agents send once a minute
READ: Final = 64 * 1024
HOSTS: Final = frozenset({"127.0.0.1", "localhost", "[::1]"})
TURNS: Final = 3


class Asked(NamedTuple):
    """A request whose body is whole and unpacked."""

    method: str
    path: str  # without a query
    headers: Mapping[str, str]  # names in lower case; the last of several counts
    body: bytes


class Said(NamedTuple):
    """An answer."""

    status: int
    body: bytes = b""
    type: str = "text/plain; charset=utf-8"


Handler = Callable[[Asked], Awaitable[Said]]


class PortTaken(TokenpalError):
    """Another program listens there."""

    title = mark("The receiver could not start")


class Refused(Exception):
    """A request that is answered without being understood; the connection ends."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.said = Said(status, f"{reason}\n".encode())


class Inbound:
    """``await start(port)`` inside the loop, ``await stop()`` before it ends; both may be called again."""

    def __init__(self, handler: Handler, *, request_seconds: float = REQUEST_SECONDS, idle_seconds: float = IDLE_SECONDS) -> None:
        self._handler = handler
        self._request_seconds, self._idle_seconds = request_seconds, idle_seconds
        self._sockets: list[socket.socket] = []
        self._servers: list[asyncio.Server] = []
        self._open: dict[asyncio.StreamWriter, asyncio.Task[None]] = {}
        self.port = 0

    async def start(self, port: int) -> None:
        """Listen on both loopback addresses, or on the one that this machine has. Raises PortTaken, OSError."""
        try:
            for family, address in ADDRESSES:
                made = _bound(family, address, port or self.port)
                if made is not None:
                    self._sockets.append(made)
                    self.port = made.getsockname()[1]
                    self._servers.append(await asyncio.start_server(self._connected, sock=made, limit=READ))
        except BaseException:
            await self.stop()
            raise
        if not self._servers:
            raise OSError(errno.EADDRNOTAVAIL, "no loopback address")

    async def stop(self) -> None:
        """No connection survives it."""
        loop = asyncio.get_running_loop()
        for made in self._sockets:
            with suppress(OSError, ValueError, NotImplementedError):
                loop.remove_reader(made.fileno())
        for _ in range(TURNS):  # for a connection that is being accepted (see engine.channel)
            await asyncio.sleep(0)
        for server in self._servers:
            server.close()
        for made in self._sockets:
            made.close()
        self._servers, self._sockets, self.port = [], [], 0
        talks = list(self._open.items())
        for writer, task in talks:
            task.cancel()
            writer.transport.abort()
        if talks:
            await asyncio.wait([task for _, task in talks], timeout=1)

    def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self._servers:
            writer.transport.abort()
            return
        if len(self._open) >= MOST_CONNECTIONS:  # whoever holds on longest gives way, so that nobody can keep others out
            oldest = next(iter(self._open))
            self._open.pop(oldest).cancel()
            oldest.transport.abort()
        self._open[writer] = asyncio.ensure_future(self._talk(reader, writer))

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talk = _Talk(reader, writer)
        try:
            while await self._turn(talk):
                pass
        except (ConnectionError, TimeoutError, h11.LocalProtocolError):
            pass  # it went away, or was too slow
        except Exception:
            log.exception("a request to the receiver")
        finally:
            self._open.pop(writer, None)
            writer.close()

    async def _turn(self, talk: _Talk) -> bool:
        """One request and its answer; False = the connection is over."""
        try:
            if not await talk.begins(self._idle_seconds):
                return False
            async with asyncio.timeout(self._request_seconds):
                asked = await talk.request()
        except Refused as problem:
            return await talk.answer(problem.said, last=True)
        except TimeoutError:
            return await talk.answer(Said(408, b"The request took too long.\n"), last=True)
        except h11.RemoteProtocolError as problem:
            return await talk.answer(Said(problem.error_status_hint, b"This is no HTTP/1.1 request.\n"), last=True)
        if asked is None:
            return False
        try:
            said = await self._handler(asked)
        except Refused as problem:
            said = problem.said
        return await talk.answer(said)


class _Talk:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.http = h11.Connection(h11.SERVER, max_incomplete_event_size=MOST_HEADERS)

    async def begins(self, seconds: float) -> bool:
        """Wait for the first byte of a request."""
        if self.http.trailing_data[0]:
            return True
        async with asyncio.timeout(seconds):
            data = await self.reader.read(READ)
        self.http.receive_data(data)
        return bool(data)

    async def _event(self) -> Any:
        while (event := self.http.next_event()) is h11.NEED_DATA:
            self.http.receive_data(await self.reader.read(READ))
        return event

    async def request(self) -> Asked | None:
        """The next request; None when the other side is done. Raises Refused."""
        event = await self._event()
        if not isinstance(event, h11.Request):
            return None
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in event.headers}
        _check_sender(headers)
        declared = headers.get("content-length", "")
        if declared.isdigit() and int(declared) > MOST_BODY:
            raise Refused(413, f"The body is larger than {MOST_BODY >> 20} MB.")
        if self.http.they_are_waiting_for_100_continue:
            await self._send(h11.InformationalResponse(status_code=100, headers=[]))
        parts: list[bytes] = []
        size = 0
        while isinstance(part := await self._event(), h11.Data):
            size += len(part.data)
            if size > MOST_BODY:
                raise Refused(413, f"The body is larger than {MOST_BODY >> 20} MB.")
            parts.append(bytes(part.data))
            if len(parts) > MOST_PARTS:
                raise Refused(413, "The body comes in too many pieces.")
            if len(parts) % PARTS_AT_ONCE == 0:
                await asyncio.sleep(0)
        if not isinstance(part, h11.EndOfMessage):
            return None
        body = unpacked(b"".join(parts), headers.get("content-encoding", "identity").strip().lower())
        return Asked(event.method.decode("ascii"), event.target.decode("ascii", "replace").partition("?")[0], headers, body)

    async def answer(self, said: Said, *, last: bool = False) -> bool:
        """False = the connection is over."""
        if self.http.our_state in {h11.DONE, h11.CLOSED, h11.ERROR, h11.MUST_CLOSE}:
            return False
        headers = [("Content-Type", said.type), ("Content-Length", str(len(said.body)))]
        if last:
            headers.append(("Connection", "close"))
        await self._send(h11.Response(status_code=said.status, headers=headers), h11.Data(data=said.body), h11.EndOfMessage())
        if last or self.http.our_state is not h11.DONE or self.http.their_state is not h11.DONE:
            return False
        self.http.start_next_cycle()
        return True

    async def _send(self, *events: Any) -> None:
        for event in events:
            if data := self.http.send(event):
                self.writer.write(data)
        async with asyncio.timeout(REQUEST_SECONDS):
            await self.writer.drain()


def _check_sender(headers: Mapping[str, str]) -> None:
    """A page in a browser may be made to send here under another name (DNS rebinding), but it cannot hide that name."""
    host = headers.get("host", "").strip().lower()
    name = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    if name not in HOSTS:
        raise Refused(421, "Only programs on this machine may ask, by 127.0.0.1, [::1] or localhost.")
    if "origin" in headers or headers.get("sec-fetch-site", "none") != "none":
        raise Refused(403, "Web pages may not ask.")


def unpacked(body: bytes, encoding: str) -> bytes:
    """Raises Refused for what is damaged, too large unpacked, or packed in another way."""
    if encoding in {"", "identity"}:
        return body
    if encoding != "gzip":
        raise Refused(415, "Send the body as it is, or packed with gzip.")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        whole = unpacker.decompress(body, MOST_UNPACKED)
    except zlib.error:
        raise Refused(400, "The gzip data is damaged.") from None
    if unpacker.unconsumed_tail:
        raise Refused(413, f"The body is larger than {MOST_UNPACKED >> 20} MB unpacked.")
    if not unpacker.eof:
        raise Refused(400, "The gzip data is cut short.")
    return whole


def _bound(family: int, address: str, port: int) -> socket.socket | None:
    """A socket on a loopback address; None where this machine has no such address."""
    try:
        made = socket.socket(family, socket.SOCK_STREAM)
    except OSError:
        return None
    try:
        if family == socket.AF_INET6:
            made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            made.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setblocking(False)
        made.bind((address, port))
    except OSError as problem:
        made.close()
        if problem.errno == errno.EADDRINUSE or getattr(problem, "winerror", 0) in {10013, 10048}:
            raise PortTaken(f"Port {port} is taken by another program.", "Choose another port under Settings, Figures from other programs.") from None
        if family == socket.AF_INET6:
            return None
        raise
    return made
