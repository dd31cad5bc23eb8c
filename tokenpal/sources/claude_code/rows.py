"""One line of a transcript, decoded as far as it counts; texts are skipped, never kept (agent-logs 3.2, 3.5)."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

Text = str | None


class Creation(msgspec.Struct, gc=False):
    ephemeral_5m_input_tokens: int | None = None
    ephemeral_1h_input_tokens: int | None = None


class Details(msgspec.Struct, gc=False):
    thinking_tokens: int | None = None


class Counts(msgspec.Struct, gc=False):
    """The usage object, and each of its iterations."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: Creation | None = None
    output_tokens_details: Details | None = None
    service_tier: Text = None
    speed: Text = None
    iterations: list[Iteration] | None = None


class Iteration(Counts, gc=False):
    type: Text = None
    model: Text = None


class Message(msgspec.Struct, gc=False):
    usage: Counts | None = None
    id: Text = None
    model: Text = None
    stop_reason: str | msgspec.UnsetType | None = msgspec.UNSET


class Fork(msgspec.Struct, gc=False):
    sessionId: Text = None  # noqa: N815 - as the log spells it


class Nested(msgspec.Struct, gc=False):
    """The older progress rows: the row of a sub-agent inside ``data``."""

    message: Message | None = None
    requestId: Text = None  # noqa: N815 - as the log spells it
    isSidechain: bool | None = None  # noqa: N815 - as above
    isApiErrorMessage: bool | None = None  # noqa: N815 - as above
    timestamp: str | int | float | None = None
    uuid: Text = None


class Data(msgspec.Struct, gc=False):
    message: Nested | None = None


class Row(Nested, gc=False):
    sessionId: Text = None  # noqa: N815 - as above
    cwd: Text = None
    gitBranch: Text = None  # noqa: N815 - as above
    version: Text = None
    forkedFrom: Fork | None = None  # noqa: N815 - as above
    costUSD: float | None = None  # noqa: N815 - as above
    data: Data | None = None


_typed = msgspec.json.Decoder(Row)
_S = TypeVar("_S", bound=msgspec.Struct)


def decode(line: bytes) -> Row | None:
    """The row; None = not a JSON object. A field of the wrong type is taken for missing and loses nothing else (2.3.4)."""
    try:
        return _typed.decode(line)
    except (msgspec.ValidationError, UnicodeDecodeError):
        pass
    except msgspec.DecodeError:
        return None
    try:
        found = msgspec.json.decode(line.decode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return None
    return _lenient(found, Row) if isinstance(found, dict) else None


def _lenient(found: Any, kind: type[_S]) -> _S:
    """What fits of a decoded object."""
    fitting: dict[str, Any] = {}
    for name in kind.__struct_fields__:
        value = found.get(name)
        if value is None:
            if name == "stop_reason" and name in found:
                fitting[name] = None
            continue
        inner = _OBJECTS.get((kind, name)) or _OBJECTS.get((None, name))
        if inner is not None:
            if isinstance(value, dict):
                fitting[name] = _lenient(value, inner)
        elif name == "iterations":
            if isinstance(value, list):
                fitting[name] = [_lenient(each, Iteration) for each in value if isinstance(each, dict)]
        elif name.endswith("_tokens"):
            whole = _whole(value)
            if whole is not None:
                fitting[name] = whole
        elif name.startswith("is"):
            fitting[name] = value is True
        elif name == "costUSD":
            if isinstance(value, int | float) and not isinstance(value, bool):
                fitting[name] = float(value)
        elif name == "timestamp":
            if isinstance(value, str | int | float) and not isinstance(value, bool):
                fitting[name] = value
        elif isinstance(value, str):
            fitting[name] = value
    return kind(**fitting)


_OBJECTS: dict[tuple[type[msgspec.Struct] | None, str], type[msgspec.Struct]] = {
    (Row, "message"): Message,
    (Nested, "message"): Message,
    (Data, "message"): Nested,
    (None, "data"): Data,
    (None, "usage"): Counts,
    (None, "cache_creation"): Creation,
    (None, "output_tokens_details"): Details,
    (None, "forkedFrom"): Fork,
}


def _whole(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    try:
        return int(float(value)) if isinstance(value, float | str) else None
    except (ValueError, OverflowError):
        return None
