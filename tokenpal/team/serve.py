"""The endpoint as a process: uvicorn, TLS, and no line about any request."""

from __future__ import annotations

import contextlib
import ipaddress
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
import uvicorn
from starlette.types import ASGIApp

from tokenpal.model.errors import StoreError, UsageError
from tokenpal.team.patience import Hasty

CONNECTIONS: Final = 256
KEEP_ALIVE_SECONDS: Final = 5
LONGEST_HEAD: Final = 16 << 10


class Place(msgspec.Struct, frozen=True):
    """Where to listen. ``certificate`` and ``private_key``: PEM files. ``behind_proxy``: somebody else ends TLS in front."""

    host: str = "127.0.0.1"
    port: int = 8443
    certificate: Path | None = None
    private_key: Path | None = None
    behind_proxy: bool = False


def check(place: Place) -> None:
    """Raises UsageError for a place that would carry reports readably over a network, or for half a pair of TLS files."""
    if (place.certificate is None) != (place.private_key is None):
        raise UsageError("TLS needs both a certificate and its key.", "Give --tls-cert and --tls-key.")
    for file in (place.certificate, place.private_key):
        if file is not None and not (file.is_file() and os.access(file, os.R_OK)):
            raise UsageError(f"The file {file} cannot be read.", "Check its name and who may read it.")
    if place.certificate is None and not place.behind_proxy and not _loopback(place.host):
        raise UsageError(
            f"Without TLS the endpoint listens on this machine only, and {place.host} is reached from others.",
            "Give --tls-cert and --tls-key, or --behind-proxy when a proxy in front of it ends TLS. Clients take https only.",
        )


def serve(app: ASGIApp, place: Place, listening: Callable[[str], None]) -> None:
    """Serve until SIGINT or SIGTERM. ``listening`` is told the address once. Raises UsageError and StoreError."""
    check(place)
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    config = uvicorn.Config(
        app, http=Hasty, ws="none", lifespan="on", log_config=None, access_log=False, server_header=False, proxy_headers=False,
        limit_concurrency=CONNECTIONS, timeout_keep_alive=KEEP_ALIVE_SECONDS, timeout_graceful_shutdown=3,
        h11_max_incomplete_event_size=LONGEST_HEAD, ssl_certfile=place.certificate, ssl_keyfile=place.private_key,
    )  # fmt: skip
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    try:
        config.load()
    except OSError as error:
        raise StoreError(f"The certificate or its key cannot be used ({type(error).__name__}).", "Both are PEM files that belong together.") from None
    sock = _bound(place)
    scheme = "https" if place.certificate else "http"
    shown = f"[{place.host}]" if ":" in place.host else place.host
    listening(f"{scheme}://{shown}:{sock.getsockname()[1]}")
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn ends in order, and then raises the signal once more for whoever ran it
    with contextlib.suppress(KeyboardInterrupt):
        uvicorn.Server(config).run(sockets=[sock])


def _loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _bound(place: Place) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in place.host else socket.AF_INET
        sock = socket.create_server((place.host, place.port), family=family, backlog=CONNECTIONS)
        # asyncio does this for sockets that it makes; without it the body of each answer waits 40 ms for an acknowledgement.
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return sock
    except OSError as error:
        raise StoreError(f"{place.host} port {place.port} cannot be used ({error.strerror or type(error).__name__}).", "Choose another --port.") from None
