"""Decoded JSON into a struct, field by field: a wrong type loses that field and nothing else (agent-logs 2.3.4)."""

from __future__ import annotations

from functools import cache
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

import msgspec

S = TypeVar("S", bound=msgspec.Struct)


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


@cache
def _hints(kind: type[msgspec.Struct]) -> dict[str, Any]:
    return get_type_hints(kind)


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
            return msgspec.Raw(msgspec.json.encode(value))
    if isinstance(value, bool):
        return value if bool in kinds else None
    if str in kinds and isinstance(value, str):
        return value
    if float in kinds and isinstance(value, int | float):
        return value
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


def document(line: bytes) -> Any:
    """The JSON value of a line that may hold bytes that are no UTF-8; None when it is no JSON."""
    try:
        return msgspec.json.decode(line.decode("utf-8", "replace"))
    except (msgspec.DecodeError, RecursionError):
        return None
