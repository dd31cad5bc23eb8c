"""One request to a team's address: made first, so that it can be logged byte for byte, then sent (sharing-protocol 3, 5.8).

    sent = prepare("POST", url, body)
    ...append it to the audit log...
    answer = await send(sent, proxy=proxy, ca_file=ca_file)

The headers are host, and with a body content-type and content-length; nothing else leaves this machine.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

import msgspec

from tokenpal.system import net
from tokenpal.system.net import Answer, Fault, NetError

__all__ = ["LIMIT", "Answer", "Fault", "NetError", "Sent", "prepare", "raw", "send"]

LIMIT: Final = net.SMALL_BODY
"""Longest answer that is read, in bytes."""
JSON: Final = "application/json"


class Sent(msgspec.Struct, frozen=True):
    """A request as it leaves: all of it. Header names in lower case, in the order in which they are sent."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


def prepare(method: str, url: str, body: bytes = b"") -> Sent:
    """The request, not sent yet. Only GET without a body and POST with one. Raises NetError for an address that is not https."""
    if (method, bool(body)) not in {("GET", False), ("POST", True)}:
        raise ValueError("a GET has no body, a POST has one")
    net.check_https(url)
    parts = urlsplit(url)
    if not parts.path:
        url = f"{url[: len('https://') + len(parts.netloc)]}/{url[len('https://') + len(parts.netloc) :]}"
    host = ("host", parts.netloc.lower().removesuffix(":443"))
    headers = (host, ("content-type", JSON), ("content-length", str(len(body)))) if body else (host,)
    return Sent(method, url, headers, body)


async def send(sent: Sent, *, proxy: str = "", ca_file: str = "") -> Answer:
    """Send it on a connection of its own. Raises NetError; an answer with a cookie or a redirect is refused (5.6).

    ``proxy``: "" or a SOCKS5 address such as socks5://127.0.0.1:9050 (Tor), which looks names up as well; never past it.
    ``ca_file``: "" = what the system trusts; else a PEM file of the only authorities to trust.
    """
    return await net.anonymous(sent.method, sent.url, sent.headers, sent.body, proxy=proxy, ca_file=ca_file, max_body=LIMIT)


def raw(sent: Sent) -> bytes:
    """The bytes inside the encrypted connection, as the other side reads them."""
    parts = urlsplit(sent.url)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{sent.method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in sent.headers)]
    return "".join(f"{line}\r\n" for line in lines).encode("ascii") + b"\r\n" + sent.body
