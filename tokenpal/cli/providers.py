"""``tokenpal accounts providers``: which accounts can be added, with which key, and what the figures will contain."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from tokenpal.cli import output
from tokenpal.engine import providers
from tokenpal.model.errors import UsageError

if TYPE_CHECKING:
    from tokenpal.sources.base import SourceInfo

WIDTH = 100


def add(parts: Any, epilog: str) -> None:
    """The part of ``tokenpal accounts``."""
    parser = parts.add_parser("providers", help="Which accounts can be added: key, options, what the figures contain.", epilog=epilog)
    parser.add_argument("provider", metavar="PROVIDER", nargs="?", default="", help="only this one")
    parser.add_argument("--json", action="store_true", help="a JSON object: providers, and those without a usage API")
    parser.set_defaults(run=list_providers)


def list_providers(options: argparse.Namespace) -> int | None:
    chosen = providers.accounts()
    if options.provider:
        info = providers.info(options.provider)
        if info is None or info not in chosen:
            raise UsageError(f"There is no provider {options.provider!r}.", "List them with: tokenpal accounts providers")
        chosen = (info,)
    if options.json:
        none = [] if options.provider else [{"name": one.name, "why": one.why, "instead": one.instead} for one in providers.none()]
        output.print_json({"providers": [as_json(info) for info in chosen], "without_usage_api": none})
        return None
    width = output.terminal_width() or WIDTH
    print("\n".join(about(chosen[0], width) if options.provider else everything(width)))
    return None


def everything(width: int = WIDTH) -> Iterator[str]:
    """All providers under their headings, then those without a way."""
    for heading, infos in providers.grouped():
        yield f"{heading.value}:"
        for info in infos:
            yield from about(info, width, "  ")
            yield ""
    yield "Without a way to read usage with a key:"
    for one in providers.none():
        yield from wrapped(f"{one.name}. {one.why} Instead: {one.instead}", width, "  ", "      ")


def about(info: SourceInfo, width: int, indent: str = "") -> Iterator[str]:
    """One provider: what to type first, then the words for the person."""
    yield f"{indent}{info.id:<18}{info.name}"
    inner = f"{indent}    "
    if info.unofficial:
        yield from wrapped(f"Unofficial: {info.unofficial} Add it with --i-agree.", width, inner)
    yield from wrapped(f"Key: {info.key}", width, inner)
    if info.key_page:
        yield f"{inner}Make it: {info.key_page}"
    if info.needs_base_url:
        yield f"{inner}Address: --base-url URL"
    for option in info.options:
        needed = ", needed" if option.required and not option.choices else ""
        example = f" Example: {option.example}." if option.example else ""
        yield from wrapped(f"--option {option.id}=…{needed}: {option.help}{example}", width, inner)
        for value, words in option.choices:
            yield from wrapped(f"{value}: {words}", width, f"{inner}    ")
    yield from wrapped(f"Tells: {info.tells}", width, inner)
    yield from wrapped(f"Cannot tell: {info.silent}", width, inner)


def wrapped(text: str, width: int, first: str, rest: str | None = None) -> list[str]:
    return textwrap.wrap(
        text, max(40, width), initial_indent=first, subsequent_indent=rest if rest is not None else f"{first}    ",
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def as_json(info: SourceInfo) -> dict[str, Any]:
    """One provider, as the window shows it."""
    return {
        "id": info.id,
        "name": info.name,
        "group": providers.group(info).value,
        "provider": info.provider,
        "key": info.key,
        "key_page": info.key_page or None,
        "needs_key": info.needs_key,
        "docs": info.docs,
        "base_url": info.base_url or None,
        "needs_base_url": info.needs_base_url,
        "tells": info.tells,
        "silent": info.silent,
        "poll_seconds": info.poll_seconds,
        "gateway": info.gateway,
        "unofficial": info.unofficial or None,
        "options": [
            {
                "id": option.id,
                "name": option.name,
                "help": option.help,
                "required": option.required and not option.choices,
                "example": option.example or None,
                "choices": [{"value": value, "words": words} for value, words in option.choices],
            }
            for option in info.options
        ],
    }
