"""A server for this machine only: what a hostile client can do to it is nothing."""

from __future__ import annotations

import asyncio
import gzip
import socket
import sys
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, closing, suppress

import pytest

from tokenpal.system import inbound
from tokenpal.system.inbound import Asked, Inbound, PortTaken, Said

Talk = Callable[[Inbound], Awaitable[None]]


async def echo(asked: Asked) -> Said:
    return Said(200, f"{asked.method} {asked.path} {len(asked.body)}".encode())


@asynccontextmanager
async def serving(**how: float) -> AsyncIterator[Inbound]:
    server = Inbound(echo, **how)
    await server.start(0)
    try:
        yield server
    finally:
        await server.stop()
        assert server._open == {}


async def exchange(server: Inbound, data: bytes, *, address: str = "127.0.0.1", end: bool = True) -> bytes:
    """All that comes back until the server ends the connection, or nothing more comes."""
    reader, writer = await asyncio.open_connection(address, server.port)
    try:
        writer.write(data)
        await writer.drain()
        if end:
            writer.write_eof()
        return await asyncio.wait_for(reader.read(), 30)
    except OSError:  # the server has hung up already
        return b""
    finally:
        writer.close()


def post(body: bytes = b"", *, host: str = "127.0.0.1:4318", path: str = "/v1/metrics", **headers: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", f"Host: {host}", f"Content-Length: {len(body)}", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1]) if answer else 0


def run(talk: Talk, **how: float) -> None:
    async def main() -> None:
        async with serving(**how) as server:
            await talk(server)
            assert status(await exchange(server, post(b"x"))) == 200, "and then it serves as before"

    asyncio.run(main())


def test_it_answers_on_both_loopback_addresses_and_nowhere_else() -> None:
    async def talk(server: Inbound) -> None:
        assert (await exchange(server, post(b"abc", path="/v1/metrics?x=1"))).endswith(b"POST /v1/metrics 3")
        bound = {made.getsockname()[0] for made in server._sockets}
        assert bound <= {"127.0.0.1", "::1"}
        assert "127.0.0.1" in bound
        if "::1" in bound:
            assert status(await exchange(server, post(b"abc", host="[::1]:4318"), address="::1")) == 200
        if sys.platform == "linux":  # there all of 127/8 is this machine, so that an address beyond the bound one can be tried
            with pytest.raises(OSError, match=r"refused|Connect call failed"):
                await asyncio.open_connection("127.0.0.2", server.port)
    run(talk)


def test_many_requests_of_one_connection() -> None:
    async def talk(server: Inbound) -> None:
        answer = await exchange(server, post(b"a") + post(b"bb") + post(b"ccc"))
        assert [line for line in answer.split(b"\r\n") if line.startswith(b"POST") or b"POST /" in line][-1].endswith(b"POST /v1/metrics 3")
        assert answer.count(b"200") == 3
    run(talk)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4318", "127.0.0.1.evil.example", "", "localhost.evil", "[::2]:4318", "192.168.1.2:4318", "0.0.0.0"])
def test_another_host_is_refused(host: str) -> None:
    async def talk(server: Inbound) -> None:
        assert status(await exchange(server, post(b"x", host=host))) in {400, 421}
    run(talk)


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:4318", "127.0.0.1", "[::1]"])
def test_this_machine_by_any_name(host: str) -> None:
    async def talk(server: Inbound) -> None:
        assert status(await exchange(server, post(b"x", host=host))) == 200
    run(talk)


def test_web_pages_are_refused() -> None:
    async def talk(server: Inbound) -> None:
        assert status(await exchange(server, post(b"x", Origin="http://127.0.0.1:4318"))) == 403
        assert status(await exchange(server, post(b"x", Origin="null"))) == 403
        assert status(await exchange(server, post(b"x", Sec_Fetch_Site="cross-site"))) == 403
    run(talk)


def test_giant_bodies() -> None:
    async def talk(server: Inbound) -> None:
        declared = b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n"
        assert status(await exchange(server, declared)) == 413
        chunk = b"100000\r\n" + b"x" * 0x100000 + b"\r\n"
        chunked = b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 9
        assert status(await exchange(server, chunked)) in {413, 0}
        assert status(await exchange(server, post(bytes(inbound.MOST_BODY)))) == 200
    run(talk)


def test_packed_bodies() -> None:
    async def talk(server: Inbound) -> None:
        good = gzip.compress(b"x" * 1000)
        assert (await exchange(server, post(good, Content_Encoding="gzip"))).endswith(b" 1000")
        bomb = gzip.compress(bytes(inbound.MOST_UNPACKED + 1))
        assert len(bomb) < inbound.MOST_BODY
        assert status(await exchange(server, post(bomb, Content_Encoding="gzip"))) == 413
        assert status(await exchange(server, post(good[:-9], Content_Encoding="gzip"))) == 400
        assert status(await exchange(server, post(b"no gzip", Content_Encoding="gzip"))) == 400
        assert status(await exchange(server, post(zlib.compress(b"x"), Content_Encoding="deflate"))) == 415
    run(talk)


@pytest.mark.parametrize("data", [
    b"\x00" * 100, b"GET\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"POST / HTTP/1.1\r\n\r\n", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -5\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"POST / HTTP/1.1\r\nHost: localhost\r\nX: " + b"y" * 40_000, b"A" * 100_000, b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\nshort",
])  # fmt: skip
def test_what_is_no_http(data: bytes) -> None:
    async def talk(server: Inbound) -> None:
        assert status(await exchange(server, data)) in {0, 400, 408, 421, 431, 505}
    run(talk)


def test_a_slow_client_is_left_and_keeps_nobody_out() -> None:
    async def talk(server: Inbound) -> None:
        slow = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(inbound.MOST_CONNECTIONS + 5)]
        for number, (_, writer) in enumerate(slow):
            if number % 2:
                writer.write(b"POST / HTTP/1.1\r\nHost: localhost\r\nX-Slow: a")
        assert status(await exchange(server, post(b"x"))) == 200
        assert len(server._open) <= inbound.MOST_CONNECTIONS
        for reader, writer in slow:
            with suppress(ConnectionError):
                assert status(await asyncio.wait_for(reader.read(), 30)) in {0, 408}
            writer.close()
    run(talk, request_seconds=0.3, idle_seconds=0.5)


def test_a_port_that_is_taken() -> None:
    async def main() -> None:
        with closing(socket.socket()) as other:
            other.bind(("127.0.0.1", 0))
            other.listen()
            port = other.getsockname()[1]
            server = Inbound(echo)
            with pytest.raises(PortTaken, match=f"Port {port} is taken") as caught:
                await server.start(port)
            assert "port" in caught.value.next_step
            assert server._sockets == []
        await server.start(port)
        assert server.port == port
        await server.stop()
        await server.stop()
        await server.start(port)
        await server.stop()

    asyncio.run(main())
