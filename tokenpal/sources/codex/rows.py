"""One line of a rollout, decoded as far as it counts; texts are skipped, never kept (agent-logs 4.2, 4.5)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tokenpal.model.names import LONGEST_PATH, plain
from tokenpal.sources.lenient import document, fit
from tokenpal.sources.times import millis

Text = str | None
When = str | int | float | None
Vector = tuple[int, int, int, int, int]
"""input, cached, cache write, output, reasoning: as Codex counts, with overlaps. ``total_tokens`` is left out: it lies."""
NOTHING: Final[Vector] = (0, 0, 0, 0, 0)
ABSURD: Final = 10**13  # no count is larger; sums of millions of these still fit into 64 bits


class Use(msgspec.Struct, gc=False):
    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    cache_write_input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_output_tokens: int | None = None
    # The names of other programs' output, seen in files that people keep with their rollouts.
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    cached_tokens: int | None = None


class Info(msgspec.Struct, gc=False):
    total_token_usage: Use | None = None
    last_token_usage: Use | None = None
    model: Text = None
    model_name: Text = None


class Slug(msgspec.Struct, gc=False):
    slug: Text = None
    model: Text = None


class Git(msgspec.Struct, gc=False):
    branch: Text = None


class Base(msgspec.Struct, gc=False):
    thread_id: Text = None


class Settings(msgspec.Struct, gc=False):
    service_tier: str | msgspec.UnsetType | None = msgspec.UNSET


class Payload(msgspec.Struct, gc=False):
    type: Text = None
    info: Info | None = None
    rate_limits: msgspec.Raw = msgspec.Raw()
    # turn_context
    model: Text = None
    cwd: Text = None
    turn_id: Text = None
    model_info: Slug | None = None
    metadata: Slug | None = None
    # session_meta
    id: Text = None
    session_id: Text = None
    timestamp: When = None
    forked_from_id: Text = None
    parent_thread_id: Text = None
    source: msgspec.Raw = msgspec.Raw()
    history_base: Base | None = None
    cli_version: Text = None
    git: Git | None = None
    # token_usage_record, compacted
    response_id: Text = None
    usage: Use | None = None
    thread_token_usage: Use | None = None
    compaction_response_id: Text = None
    # thread_settings_applied
    thread_settings: Settings | None = None


class Loose(msgspec.Struct, gc=False):
    """Usage outside a payload: captured output of ``codex exec --json`` that lies among the rollouts."""

    timestamp: When = None
    model: Text = None
    model_name: Text = None
    usage: Use | None = None


class Row(Loose, gc=False):
    type: Text = None
    payload: Payload | None = None
    data: Loose | None = None


_typed = msgspec.json.Decoder(Row)


def decode(line: bytes) -> Row | None:
    """The row; None = not a JSON object. A field of the wrong type is taken for missing and loses nothing else."""
    try:
        return _typed.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return fit(document(line), Row)
    except RecursionError:
        return None


def vector(use: Use | None) -> Vector | None:
    """The five counts, which may be negative in damaged logs; None = the row does not say."""
    if use is None:
        return None
    found = (
        use.input_tokens if use.input_tokens is not None else use.prompt_tokens or 0,
        use.cached_input_tokens if use.cached_input_tokens is not None else use.cached_tokens or 0,
        use.cache_write_input_tokens or 0,
        use.output_tokens if use.output_tokens is not None else use.completion_tokens or 0,
        use.reasoning_output_tokens or 0,
    )
    if max(found) <= ABSURD and min(found) >= -ABSURD:
        return found
    a, b, c, d, e = (max(-ABSURD, min(each, ABSURD)) for each in found)
    return (a, b, c, d, e)


class Meta(msgspec.Struct, frozen=True, array_like=True, omit_defaults=True):
    """What the first ``session_meta`` of a file says; later ones are copies of the parent's (agent-logs 4.2)."""

    id: str = ""
    parent: str = ""  # thread this one copied its start from, or was started by; never its own id
    at: int = 0  # when the file began, epoch ms; the fork time of a child
    page: bool = False  # goes on from another file of the same thread
    by_reference: bool = False  # refers to its ancestor instead of copying rows
    sub_agent: bool = False
    cwd: str = ""
    branch: str = ""
    version: str = ""
    model: str = ""

    @property
    def child(self) -> bool:
        """May it start with copied history?"""
        return bool(self.parent) and not self.page


def meta(row: Row) -> Meta:
    """What a ``session_meta`` row says of its file."""
    said = row.payload or Payload()
    own = plain(said.id or said.session_id or "")
    spawn, sub_agent = _source(said.source)
    base = plain(said.history_base.thread_id or "") if said.history_base is not None else ""
    parents = (plain(each or "") for each in (said.forked_from_id, said.parent_thread_id, spawn, base))
    parent = next((each for each in parents if each and each != own), "")
    return Meta(
        own, parent, millis(row.timestamp) or millis(said.timestamp) or 0, bool(base) and base == own, bool(base) and base != own,
        sub_agent, plain(said.cwd or "", LONGEST_PATH), plain(said.git.branch or "") if said.git is not None else "",
        plain(said.cli_version or ""), plain(said.model or ""),
    )  # fmt: skip


def _source(raw: msgspec.Raw) -> tuple[str, bool]:
    """(thread that started this sub-agent, is it a sub-agent): ``source`` is a word, or an object with many shapes."""
    if not raw or b"subagent" not in bytes(raw):
        return "", False
    found: Any = document(bytes(raw))
    inner = found.get("subagent") if isinstance(found, dict) else None
    if inner is None:
        return "", False
    spawn = inner.get("thread_spawn") if isinstance(inner, dict) else None
    parent = spawn.get("parent_thread_id") if isinstance(spawn, dict) else None
    return (parent if isinstance(parent, str) else ""), True


def turn_model(said: Payload) -> str:
    """The model that a ``turn_context`` names, in any of its shapes."""
    slug = (said.model_info.slug or said.model_info.model) if said.model_info is not None else None
    named = (said.metadata.model or said.metadata.slug) if said.metadata is not None else None
    return plain(said.model or slug or named or "")
