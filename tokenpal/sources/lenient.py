"""Decoded JSON into a struct, field by field: a wrong type loses that field and nothing else (agent-logs 2.3.4)."""

from __future__ import annotations

import json
from functools import cache
from types import UnionType
from typing import Any, Final, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

S = TypeVar("S", bound=msgspec.Struct)
ABSURD: Final = 1e300  # also infinity, and what is no number


def fit(found: Any, kind: type[S]) -> S | None:
    """As much of ``found`` as fits; None when it is no object. Whole numbers may be written as text or with a fraction."""
    if not isinstance(found, dict):
        return None
    fitting: dict[str, Any] = {}
    for name, wanted in _hints(kind).items():
        if name in found:
            value = _nearest(found[name], wanted)
            if value is not None or found[name] is None:
                fitting[name] = value
    try:
        return msgspec.convert(fitting, kind, from_attributes=True)
    except msgspec.ValidationError:
        return None


def typed(line: bytes, kind: type[S]) -> S | None:
    """A line as this struct: at once where everything fits, else field by field."""
    try:
        found: S = _decoder(kind).decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return fit(document(line), kind)
    return found


@cache
def _decoder(kind: type[Any]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


@cache
def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    """Field types by the names that the JSON has."""
    hints = get_type_hints(kind)
    return {field.encode_name: hints[field.name] for field in msgspec.structs.fields(kind)}


def _nearest(value: Any, wanted: Any) -> Any:
    """The value as the wanted type, or None."""
    kinds = get_args(wanted) if get_origin(wanted) in {Union, UnionType} else (wanted,)
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
            return fit(value, kind)
        if get_origin(kind) is list:
            inner = get_args(kind)[0]
            return [fitted for each in value if (fitted := _nearest(each, inner)) is not None] if isinstance(value, list) else None
        if kind is msgspec.Raw:
            return _raw(value)
    if isinstance(value, bool):
        return value if bool in kinds else None
    if str in kinds and isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if float in kinds and isinstance(value, int | float):
        return value if abs(value) < ABSURD else None
    if int in kinds:
        return _whole(value)
    return None


def _whole(value: Any) -> int | None:
    if isinstance(value, int):
        return value
    try:
        return int(float(value)) if isinstance(value, float | str) else None
    except (ValueError, OverflowError):
        return None


def _raw(value: Any) -> msgspec.Raw:
    try:
        return msgspec.Raw(msgspec.json.encode(value))
    except (UnicodeEncodeError, RecursionError):
        return msgspec.Raw()


def document(line: bytes | bytearray) -> Any:
    """The JSON value of a line that may hold bytes that are no UTF-8; None when it is no JSON, or nested beyond sense.

    JavaScript writes a text that was cut inside a character as half of a surrogate pair, Python writes NaN: msgspec takes
    neither, and the use on such a line is as real as any other.
    """
    text = line.decode("utf-8", "replace")
    try:
        return msgspec.json.decode(text)
    except RecursionError:
        return None
    except msgspec.DecodeError:
        pass
    try:
        return json.loads(text, parse_int=_digits, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None


def _digits(text: str) -> int | None:
    return int(text) if len(text) < 400 else None
