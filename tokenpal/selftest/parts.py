"""The parts of the self-test that need no window. Each check takes a folder of its own and says what it found, or raises."""

from __future__ import annotations

import json
import pkgutil
import platform
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.metadata import entry_points, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from tokenpal import __version__
from tokenpal.system.paths import inside, resource

Check = Callable[[Path], str]

# 1,000 fresh input, 2,000 from the cache, 400 five-minute and 100 one-hour writes and 500 output tokens of Claude Sonnet 4.5 on
# 2025-10-01, at $3, $0.30, $3.75, $6 and $15 a million: $0.0132.
KNOWN_MODEL: Final = "claude-sonnet-4-5-20250929"
KNOWN_TIME: Final = 1_759_276_800
KNOWN_PICO: Final = 13_200_000_000

AT_HOME: Final = ("tokenpal.team", "starlette", "uvicorn", "sqlalchemy", "psycopg", "jinja2", "numpy", "pytest", "requests")


class Lacking(Exception):
    """Something the program needs is not here."""


def need(condition: object, sentence: str) -> None:
    """Raise Lacking unless CONDITION holds; unlike assert it is there in optimised code."""
    if not condition:
        raise Lacking(sentence)


def frozen() -> bool:
    """Tell whether this runs from a bundle."""
    return bool(getattr(sys, "frozen", False))


def manifest() -> dict[str, Any] | None:
    """What the build wrote down that the bundle must hold; None in a checkout."""
    path = resource("bundle.json")
    if not path.exists():
        need(not frozen(), "resources/bundle.json is not in the bundle")
        return None
    listed: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return listed


def versions(_: Path) -> str:
    """The program knows its version, and the bundle is of that version."""
    listed = manifest()
    need(listed is None or listed["version"] == __version__, f"the bundle was built as {listed and listed['version']}")
    need(version("tokenpal") == __version__, "the package's metadata names another version")
    return f"tokenpal {__version__}, Python {platform.python_version()}, {platform.platform(terse=True)}, {'bundle' if frozen() else 'checkout'}"


def libraries(_: Path) -> str:
    """Libraries with compiled parts do a little work."""
    import msgspec
    import stringzilla
    import zstandard

    packed = zstandard.ZstdCompressor().compress(b"a line\n" * 100)
    need(zstandard.ZstdDecompressor().decompress(packed).count(b"\n") == 100, "zstandard does not give back what it took")
    need(msgspec.json.decode(b'{"n": 1}') == {"n": 1}, "msgspec does not decode")
    need(stringzilla.Str("one\ntwo").find("\n") == 3, "stringzilla does not find")
    from rich.console import Console
    from rich.progress import Progress
    from rich.table import Table

    with Progress(console=Console(quiet=True)) as progress:
        progress.add_task("reading", total=1)
    Console(quiet=True).print(Table("a"))
    return "msgspec, stringzilla, zstandard, rich"


def zones(_: Path) -> str:
    """Zone data is there for zones with odd offsets, and the machine's own zone has a name."""
    from datetime import UTC, datetime
    from zoneinfo import ZoneInfo

    import tzlocal

    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for name, minutes in (("Asia/Kathmandu", 345), ("America/New_York", -300), ("Australia/Lord_Howe", 660)):
        offset = moment.astimezone(ZoneInfo(name)).utcoffset()
        need(offset is not None and offset.total_seconds() == minutes * 60, f"{name} is {offset}")
    need(import_module("tzdata").IANA_VERSION, "the tzdata package is not here")
    return f"{tzlocal.get_localzone_name() or 'UTC'} here"


def resources(_: Path) -> str:
    """Every shipped file can be opened."""
    listed = manifest()
    root = resource("")
    names = listed["resources"] if listed else sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
    need(names, "there are no resources")
    for name in names:
        need(resource(name).read_bytes(), f"{name} is empty")
    return f"{len(names)} files"


def sources(_: Path) -> str:
    """Every module of sources is here, and the registry has each of their ids: in a bundle those that the build counted on disk."""
    import tokenpal.sources
    from tokenpal.sources import registry

    found = registry.sources()
    there = {module.name for module in pkgutil.iter_modules(tokenpal.sources.__path__)}
    listed = manifest()
    built = set(listed["sources"]) if listed else there
    need(built == there, f"not in the bundle: {sorted(built - there)}; not in the checkout: {sorted(there - built)}")
    ids = {import_module(f"tokenpal.sources.{name}").INFO.id for name in _with_info(there)}
    if listed:
        need(ids == set(listed["source_ids"]), f"the checkout has {len(listed['source_ids'])} sources, the bundle {len(ids)}")
    need(found.keys() == ids and found, f"the registry has {len(found)} sources, the folder {len(ids)}")
    return f"{len(found)} of {len(there)} modules: {', '.join(sorted(found))}"


def _with_info(names: set[str]) -> list[str]:
    return sorted(name for name in names if hasattr(import_module(f"tokenpal.sources.{name}"), "INFO"))


def left_out(_: Path) -> str:
    """The endpoint of a team is a server's matter: none of it makes the bundle large."""
    if not frozen():
        return "nothing in a checkout"
    there = [name for name in AT_HOME if find_spec(name) is not None]
    need(not there, f"in the bundle without need: {', '.join(there)}")
    return ", ".join(AT_HOME)


def credential_back_ends(_: Path) -> str:
    """Every credential back end is in the bundle with the metadata that names it, and this system's one answers."""
    from tokenpal.system.secrets import system_backend

    named = entry_points(group="keyring.backends")
    need(named, "keyring's metadata is not here, so it would find no back end")
    for point in named:
        import_module(point.value.partition(":")[0])
    expected = {"linux": {"SecretService", "KWallet", "libsecret"}, "darwin": {"macOS"}, "win32": {"Windows"}}.get(sys.platform, set())
    need(expected <= {point.name for point in named}, f"only {sorted(point.name for point in named)} are named")
    if sys.platform.startswith("linux"):
        import_module("secretstorage")
    own = system_backend()
    need(own is not None, "there is no back end for this system")
    return f"{', '.join(sorted(point.name for point in named))}; here {type(own).__module__}"


def network_client(_: Path) -> str:
    """The HTTP client and the system's certificates load; nothing is connected."""
    import ssl

    net = import_module("tokenpal.system.net")
    need(hasattr(net, "Http"), "system.net has no Http")
    import_module("httpx")
    import_module("socksio")  # a team endpoint behind Tor
    context = import_module("truststore").SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    need(context.verify_mode is ssl.CERT_REQUIRED, "certificates would not be checked")
    return f"httpx {version('httpx')}, {ssl.OPENSSL_VERSION}"


def receiver(_: Path) -> str:
    """What the receiver needs to understand agents' metrics loads; nothing listens."""
    from tokenpal.sources import otlp

    found, left_out = otlp.figures(b"", protobuf=True)
    need((found, left_out) == ([], 0), "an empty request is not understood")
    need(hasattr(import_module("tokenpal.system.inbound"), "Inbound"), "system.inbound has no Inbound")
    return f"h11 {import_module('h11').__version__}, protobuf {import_module('google.protobuf').__version__}"


def known_price(_: Path) -> str:
    """A known request has its known price, from the price data that is shipped."""
    from tokenpal.model.tokens import Tokens
    from tokenpal.model.usage import Grain
    from tokenpal.pricing import PriceBook, pricer

    tokens = Tokens(fresh_input=1000, cache_read=2000, cache_write_5m=400, cache_write_1h=100, output=500)
    priced = pricer(PriceBook(now=KNOWN_TIME))("anthropic", KNOWN_MODEL, KNOWN_TIME, "", Grain.REQUEST, tokens)
    need(priced is not None, f"{KNOWN_MODEL} has no price")
    assert priced is not None  # noqa: S101 - for mypy; need() has said it
    need(priced.pico == KNOWN_PICO, f"{KNOWN_MODEL} costs {priced.pico} picodollars instead of {KNOWN_PICO}")
    return f"$0.0132 for a request of {KNOWN_MODEL}, says {priced.rate.origin}"


def data_file(folder: Path) -> str:
    """A data file can be made, written and copied."""
    from tokenpal.store.database import Store

    paths = inside(folder / "data-file")
    paths.make()
    store = Store.open(paths.database, backups=paths.backups)
    try:
        (sqlite,) = store.execute("select sqlite_version()").fetchone()
        store.execute("create virtual table temp.words using fts5(text)")
    finally:
        store.close()
    return f"SQLite {sqlite} with full-text search"


CHECKS: Final[tuple[tuple[str, Check], ...]] = (
    ("version", versions),
    ("libraries", libraries),
    ("time zones", zones),
    ("resources", resources),
    ("sources", sources),
    ("left out", left_out),
    ("credential back ends", credential_back_ends),
    ("network client", network_client),
    ("receiver", receiver),
    ("price of a known request", known_price),
    ("data file", data_file),
)
