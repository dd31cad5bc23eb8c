"""The one way to the network: an asynchronous HTTP client that is careful with keys (architecture 2.5, provider-apis 3).

HTTPS only, except to this machine and to private addresses that the person gave. A redirect is never followed: the key
would go with it. Nothing is logged. No socket opens, and neither httpx nor ssl is imported, before the first request.

``Http`` speaks to providers. ``anonymous`` is for sharing: one request with a connection of its own, over HTTPS, with exactly
the headers it is given and nothing from the environment.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import unquote, urlencode, urlsplit

import msgspec

from tokenpal import __version__
from tokenpal.model.errors import TokenpalError
from tokenpal.translation import mark

if TYPE_CHECKING:
    import ssl

    import httpx

USER_AGENT: Final = f"tokenpal/{__version__}"
MAX_BODY: Final = 32 * 1024 * 1024
CONNECT_SECONDS: Final = 10.0
READ_SECONDS: Final = 30.0
TOTAL_SECONDS: Final = 120.0  # a server that drips one byte at a time never trips the read limit
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
SMALL_BODY: Final = 4 * 1024 * 1024
PROXIES: Final = frozenset({"socks5", "socks5h"})

Params = Sequence[tuple[str, str]]


class Fault(StrEnum):
    """Why there is no answer at all."""

    ADDRESS = "address"  # not one that a key may be sent to
    OFFLINE = "offline"  # no connection: no network, no such host, refused
    TIMEOUT = "timeout"
    BROKEN = "broken"  # the connection was closed in the middle
    TLS = "tls"
    REDIRECT = "redirect"
    TOO_BIG = "too big"
    PROXY = "proxy"  # the proxy that must be used is not there; nothing goes past it
    COOKIE = "cookie"  # the server wants to know this machine again


class NetError(TokenpalError):
    """No usable answer. The sentence names the host, never the path, the query or a header."""

    title = mark("No answer")

    def __init__(self, fault: Fault, sentence: str, next_step: str = "") -> None:
        super().__init__(sentence, next_step)
        self.fault = fault


class Answer(msgspec.Struct, frozen=True):
    """What a server said. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


def is_private(host: str) -> bool:
    """This machine, or an address that cannot be on the internet. Names other than localhost are not private."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private or address.is_link_local


def check_address(url: str) -> str:
    """The host of ``url``. Raises NetError when a key must not be sent there (provider-apis 3)."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise NetError(Fault.ADDRESS, "That is not an address.", "Write it like https://host.example.") from None
    if parts.scheme not in {"http", "https"} or not host or port == 0:
        raise NetError(Fault.ADDRESS, "That is not an address.", "Write it like https://host.example.")
    if parts.username is not None or parts.password is not None:
        raise NetError(Fault.ADDRESS, "The address holds a password.", "Leave it out; the key is kept apart from the address.")
    if parts.scheme == "http" and not is_private(host):
        raise NetError(
            Fault.ADDRESS,
            f"tokenpal sends no key to {host} without encryption.",
            "Use https. Plain http works for localhost and for private addresses written as numbers.",
        )
    return host


class Http:
    """A client for one event loop. ``sleep`` is how retries wait; tests give their own."""

    def __init__(
        self,
        *,
        max_body: int = MAX_BODY,
        total_seconds: float = TOTAL_SECONDS,
        read_seconds: float = READ_SECONDS,
        sleep: Callable[[float], Awaitable[None]] | None = None,
    ) -> None:
        self._sleep = sleep
        self._max_body = max_body
        self._total = total_seconds
        self._read = read_seconds
        self._client: httpx.AsyncClient | None = None

    async def get(self, url: str, params: Params = (), headers: Mapping[str, str] | None = None) -> Answer:
        """One GET. ``params`` repeat a name for a list. Raises NetError."""
        return await self._send("GET", url, params, headers, None)

    async def post(self, url: str, body: bytes, headers: Mapping[str, str] | None = None) -> Answer:
        """One POST of JSON. Raises NetError."""
        return await self._send("POST", url, (), {"content-type": "application/json", **(headers or {})}, body)

    async def sleep(self, seconds: float) -> None:
        """Wait before asking again."""
        import asyncio

        await (self._sleep or asyncio.sleep)(seconds)

    async def close(self) -> None:
        """Close what is open; a later request opens anew."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            import logging
            import ssl

            import httpx
            import truststore

            for name in ("httpx", "httpcore"):  # both would log addresses with their query strings
                logging.getLogger(name).setLevel(logging.WARNING)
            self._client = httpx.AsyncClient(
                timeout=httpx.Timeout(self._read, connect=CONNECT_SECONDS, pool=CONNECT_SECONDS),
                follow_redirects=False,
                verify=truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
                headers={"user-agent": USER_AGENT, "accept": "application/json"},
                limits=httpx.Limits(max_connections=8, max_keepalive_connections=4, keepalive_expiry=15.0),
                trust_env=True,  # company proxies, but never for this machine
                mounts={f"all://{name}": None for name in ("localhost", "127.0.0.1", "[::1]")},
            )
        return self._client

    async def _send(self, method: str, url: str, params: Params, headers: Mapping[str, str] | None, body: bytes | None) -> Answer:
        host = check_address(url)
        client = self._open()
        import asyncio

        import httpx

        if params:
            url = f"{url}?{urlencode(params)}"
        try:
            httpx.URL(url)
        except httpx.InvalidURL:
            raise NetError(Fault.ADDRESS, "That is not an address.", "Write it like https://host.example.") from None
        try:
            async with asyncio.timeout(self._total), client.stream(method, url, headers=headers, content=body) as response:
                if response.status_code in REDIRECTS:
                    raise redirected(host, response.headers.get("location", ""))
                return Answer(response.status_code, _plain(response.headers), await self._take(response, host))
        except TimeoutError:
            raise NetError(Fault.TIMEOUT, f"{host} took too long to answer.", "tokenpal tries again by itself.") from None
        except httpx.TimeoutException:
            raise NetError(Fault.TIMEOUT, f"{host} did not answer in time.", "tokenpal tries again by itself.") from None
        except httpx.ConnectError as problem:
            raise _no_connection(host, problem) from None
        except (httpx.ProxyError, httpx.UnsupportedProtocol):
            raise NetError(Fault.OFFLINE, f"The proxy in between did not connect to {host}.", "Look at the proxy settings of this machine.") from None
        except httpx.InvalidURL:  # it looks at where a redirect leads, even when it does not follow
            raise redirected(host, "") from None
        except (httpx.HTTPError, httpx.StreamError, OSError, UnicodeError):
            raise NetError(Fault.BROKEN, f"The connection to {host} broke off.", "tokenpal tries again by itself.") from None

    async def _take(self, response: httpx.Response, host: str) -> bytes:
        """The body, unpacked, as far as it is allowed to be long."""
        parts: list[bytes] = []
        size = 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > self._max_body:
                megabytes = self._max_body // (1024 * 1024)
                raise NetError(Fault.TOO_BIG, f"{host} sent an answer of more than {megabytes} MB.", "Ask for a shorter time span.")
            parts.append(part)
        return b"".join(parts)


def redirected(host: str, location: str) -> NetError:
    """A redirect, in words: where to, and why it is not followed."""
    try:
        target = urlsplit(location)
        other = (target.hostname or host) if target.scheme in {"http", "https", ""} else ""
    except ValueError:
        other = ""
    if other and other != host:
        return NetError(
            Fault.REDIRECT,
            f"{host} sends on to another host, {other[:100]}. tokenpal does not go there, because the key would go with it.",
            "If that host is the right one, give its address. If you do not know it, ask whoever runs the service.",
        )
    return NetError(Fault.REDIRECT, f"{host} sends on to another address.", "Look at the address of this account: https, no sign-in page.")


def _no_connection(host: str, problem: BaseException) -> NetError:
    """TLS trouble is told from a missing network: the person can do something about it."""
    import ssl

    seen: BaseException | None = problem
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError) or "CERTIFICATE_VERIFY" in str(seen):
            return NetError(
                Fault.TLS,
                f"The certificate of {host} is not trusted by this system.",
                "If a company proxy is in between, add its certificate authority to the system's store. Otherwise do not connect.",
            )
        if isinstance(seen, ssl.SSLError) or "SSL:" in str(seen):
            return NetError(Fault.TLS, f"{host} does not answer over an encrypted connection.", "Look at the address: host, port, https.")
        seen = seen.__cause__ or seen.__context__
    return NetError(Fault.OFFLINE, f"No connection to {host}.", "Look at the network; tokenpal tries again by itself.")


def _plain(headers: httpx.Headers) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


# ---------------------------------------------------------------------------------------------- without identity


def check_https(url: str) -> str:
    """The host of an address that sharing may use: https, a plain name or number, no password. Raises NetError."""
    host = check_address(url)
    parts = urlsplit(url)
    if parts.scheme != "https":
        raise NetError(Fault.ADDRESS, f"tokenpal shares with {host} over https only.", "Ask whoever runs the address for one with https.")
    if parts.fragment or not url.isascii() or any(c <= " " or c == "\x7f" for c in url):
        raise NetError(Fault.ADDRESS, "That is not an address.", "Write it like https://host.example.")
    return host


def check_proxy(proxy: str) -> None:
    """Raises NetError for anything but "" and a SOCKS5 address."""
    try:
        parts = urlsplit(proxy)
        fine = parts.scheme in PROXIES and bool(parts.hostname) and parts.port is not None and proxy.isascii() and parts.path in {"", "/"}
    except ValueError:
        fine = False
    if proxy and not fine:
        raise NetError(Fault.ADDRESS, "The proxy for sharing is no SOCKS5 address.", "Write it like socks5://127.0.0.1:9050.")


async def anonymous(
    method: str,
    url: str,
    headers: Sequence[tuple[str, str]],
    body: bytes = b"",
    *,
    proxy: str = "",
    ca_file: str = "",
    max_body: int = SMALL_BODY,
    total_seconds: float = TOTAL_SECONDS,
) -> Answer:
    """One request on a connection of its own with exactly these headers (sharing-protocol 3, 5.6). Raises NetError.

    There is no jar of cookies, no resumed TLS session, no netrc, no proxy of the environment. ``proxy``: a SOCKS5 address that
    everything goes through, names included; when it is down nothing is sent. ``ca_file``: PEM file of the only authorities to
    trust, instead of the system's. An answer that redirects, sets a cookie, is packed or too long is refused.
    """
    import asyncio
    import logging

    import httpcore

    logging.getLogger("httpcore").setLevel(logging.WARNING)  # it would log the address
    host = check_https(url)
    check_proxy(proxy)
    context = _trust(ca_file)
    streams: list[httpcore.AsyncNetworkStream] = []

    class Noted(httpcore.AnyIOBackend):
        """A handshake with a proxy that fails would leave its socket open."""

        async def connect_tcp(self, *args: Any, **options: Any) -> httpcore.AsyncNetworkStream:
            streams.append(await super().connect_tcp(*args, **options))
            return streams[-1]

    if proxy:
        parts = urlsplit(proxy)
        auth = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        pool: httpcore.AsyncConnectionPool = httpcore.AsyncSOCKSProxy(
            f"socks5://{parts.netloc.rpartition('@')[2]}", proxy_auth=auth, ssl_context=context, network_backend=Noted()
        )
    else:
        pool = httpcore.AsyncConnectionPool(ssl_context=context, network_backend=Noted())
    spoken: list[str] = []

    async def trace(event: str, _: dict[str, Any]) -> None:
        if event == "http11.send_request_headers.started":
            spoken.append(event)

    limits = {"connect": CONNECT_SECONDS, "read": READ_SECONDS, "write": READ_SECONDS, "pool": CONNECT_SECONDS}
    try:
        async with asyncio.timeout(total_seconds), pool, pool.stream(
            method, url, headers=list(headers), content=body or None, extensions={"timeout": limits, "trace": trace}
        ) as response:
            found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            _refuse(host, response.status, found)
            parts_of_body, size = [], 0
            async for part in response.aiter_stream():
                size += len(part)
                if size > max_body:
                    raise NetError(Fault.TOO_BIG, f"{host} sent an answer of more than {max_body // (1024 * 1024)} MB.")
                parts_of_body.append(part)
            return Answer(response.status, found, b"".join(parts_of_body))
    except (TimeoutError, httpcore.TimeoutException):
        raise NetError(Fault.TIMEOUT, f"{host} did not answer in time.", "tokenpal tries again by itself.") from None
    except httpcore.ConnectError as problem:
        trouble = _no_connection(host, problem)
        raise (_no_proxy() if proxy and trouble.fault is Fault.OFFLINE else trouble) from None
    except httpcore.ProxyError:
        raise NetError(Fault.PROXY, f"The proxy did not connect to {host}.", "Nothing was sent. Look at the proxy and at the address.") from None
    except NetError:
        raise
    except Exception:  # also what the SOCKS library asserts
        if proxy and not spoken:
            raise _no_proxy() from None  # whatever answers there does not speak SOCKS5
        raise NetError(Fault.BROKEN, f"The connection to {host} broke off.", "tokenpal tries again by itself.") from None
    finally:
        for stream in streams:
            await stream.aclose()


def _trust(ca_file: str) -> ssl.SSLContext:
    """A context of its own for each request: a resumed session would tell that it is the same machine."""
    import ssl

    import truststore

    if not ca_file:
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    try:
        context.load_verify_locations(ca_file)
    except OSError:
        raise NetError(Fault.TLS, f"{ca_file} is no file of certificates.", "It holds the team's certificate authority in PEM form.") from None
    return context


def _refuse(host: str, status: int, headers: Mapping[str, str]) -> None:
    """Raises NetError for an answer that no team's address gives (sharing-protocol 5.6)."""
    if 300 <= status < 400:
        target = redirected(host, headers.get("location", "")).sentence.partition(" tokenpal ")[0]
        raise NetError(Fault.REDIRECT, f"{target} tokenpal does not go there: the address is part of what you agreed to.", "Ask whoever runs it.")
    if "set-cookie" in headers:
        raise NetError(Fault.COOKIE, f"{host} sets a cookie, to know this machine again. The answer was refused.", "Tell whoever runs the address.")
    if headers.get("content-encoding", "identity") != "identity":
        raise NetError(Fault.BROKEN, f"{host} packed its answer without being asked to.", "Tell whoever runs the address.")


def _no_proxy() -> NetError:
    return NetError(Fault.PROXY, "The proxy for sharing does not answer.", "Nothing was sent. Start it, or change the proxy in the settings.")
