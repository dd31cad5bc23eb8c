"""One line of a transcript, decoded as far as it counts; texts are skipped, never kept (agent-logs 3.2, 3.5)."""

from __future__ import annotations

import msgspec

from tokenpal.sources.lenient import document, fit

Text = str | None
When = str | int | float | None


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
    timestamp: When = None
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


typed = msgspec.json.Decoder(Row).decode
"""The row of a line that is as it should be; raises what msgspec raises for any other."""


def decode(line: bytes) -> Row | None:
    """The row; None = not a JSON object. A field of the wrong type is taken for missing and loses nothing else (2.3.4)."""
    try:
        return typed(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return fit(document(line), Row)
    except RecursionError:
        return None
