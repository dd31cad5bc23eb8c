"""What the sources say of themselves, for those who may not import them: names, keys to make, what figures contain.

And the providers that no source is for, because they let nobody read usage with a key (provider-apis 11).
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Final

import msgspec

from tokenpal.model.errors import UsageError
from tokenpal.sources import registry
from tokenpal.sources.base import Kind, SourceInfo
from tokenpal.translation import mark


class Group(StrEnum):
    """What kind of account it is, in the order in which they are listed; the value is its heading."""

    ACCOUNT = mark("Provider accounts")
    PLAN = mark("Coding plans")
    SERVER = mark("Your own servers")
    UNOFFICIAL = mark("Unofficial")


class NoProvider(msgspec.Struct, frozen=True):
    """A provider that offers no way to read usage with a key: why, and what there is instead."""

    name: str
    why: str
    instead: str


@cache
def every() -> dict[str, SourceInfo]:
    """All sources by id."""
    return {source.INFO.id: source.INFO for source in registry.sources().values()}


def accounts() -> tuple[SourceInfo, ...]:
    """Providers an account can be added for, by name."""
    return tuple(sorted((info for info in every().values() if info.kind is Kind.API), key=lambda info: info.name.casefold()))


def group(info: SourceInfo) -> Group:
    """Where it is listed."""
    if info.unofficial:
        return Group.UNOFFICIAL
    if info.plan:
        return Group.PLAN
    return Group.SERVER if info.needs_base_url and not info.needs_key else Group.ACCOUNT


def grouped() -> tuple[tuple[Group, tuple[SourceInfo, ...]], ...]:
    """All of ``accounts()`` under their headings, without empty ones."""
    found = [(one, tuple(info for info in accounts() if group(info) is one)) for one in Group]
    return tuple((one, infos) for one, infos in found if infos)


def info(source: str) -> SourceInfo | None:
    """One source; None for one that this version does not know."""
    found = registry.source(source)
    return found.INFO if found is not None else None


def agent(name: str) -> str:
    """The source that reads this agent's logs, by its id or name. Raises UsageError when there is none."""
    known = {info.id: info.name for info in every().values() if info.kind is Kind.LOG}
    for id_, title in known.items():
        if name.casefold() in {id_.casefold(), title.casefold()}:
            return id_
    raise UsageError(f"There is no agent {name!r}.", f"Use one of: {', '.join(sorted(known))}.")


def none() -> tuple[NoProvider, ...]:
    """Providers without a usage API for one person, most asked for first (provider-apis 11)."""
    return NONE


LOGS: Final = mark("tokenpal reads the logs of the agents that use it on this machine.")
NOTHING_FOUND: Final = mark("No way to read usage with a key is documented.")
NONE: Final = (
    NoProvider(
        mark("Gemini API (AI Studio key)"),
        mark("No request takes the key and tells usage; Google shows it in Cloud Monitoring after a Google login only."),
        mark("Gemini CLI and other agents write it into their logs, which tokenpal reads."),
    ),
    NoProvider(
        mark("ChatGPT, Claude and Gemini (the chat apps)"),
        mark("Chats with a plan are in no report that a key can read."),
        mark("Claude Code and Codex are read from their logs; their plan windows from what they write there, or unofficially."),
    ),
    NoProvider(mark("Cursor, personal plans"), mark("Only the website's own calls know it, after a login. Team admins have an API: Cursor (team)."), mark("Nothing yet.")),
    NoProvider(mark("OpenAI, prepaid balance"), mark("It is shown after a login to the website only."), mark("An OpenAI API account tells what each day cost.")),
    NoProvider(mark("Anthropic, prepaid balance"), mark("It is shown in the Console only."), mark("An Anthropic API account tells what each day cost.")),
    NoProvider(mark("Mistral, outside of Enterprise"), mark("Usage reports are for Enterprise organisations."), LOGS),
    NoProvider(mark("Groq, standard accounts"), mark("Its metrics are for enterprise accounts; others are told that there is no such page."), LOGS),
    NoProvider(mark("LM Studio, local Ollama"), mark("They count per answer and keep no totals."), LOGS),
    NoProvider(mark("Hugging Face Inference Providers"), mark("Usage is on a settings page only."), LOGS),
    NoProvider(mark("Windsurf, Kiro, Warp, JetBrains AI"), mark("Only the programs' own calls know it, with a login that is theirs."), mark("Nothing yet.")),
    NoProvider(mark("Amp, Zed, personal plans"), mark("Only the programs' own calls know it, with a login that is theirs."), mark("tokenpal reads what both write on this machine.")),
    NoProvider(mark("Perplexity API, Cohere, Cerebras, NVIDIA, SambaNova"), NOTHING_FOUND, LOGS),
    NoProvider(mark("Hyperbolic, AI21, Replicate, Parasail"), NOTHING_FOUND, LOGS),
)
