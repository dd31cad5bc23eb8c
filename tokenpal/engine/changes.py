"""What a command says that it changes, for everybody who shows it. Imports nothing: the idle app asks it of every question too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

Function = TypeVar("Function", bound=Callable[..., Any])
CHANGES: Final = "tokenpal_changes"
LONG: Final = "tokenpal_long"


def changes(*what: str) -> Callable[[Function], Function]:
    """Marks a command with what it changes: the words of ``Changed.what``."""

    def mark(function: Function) -> Function:
        setattr(function, CHANGES, frozenset(what))
        return function

    return mark


def at_length(is_long: Callable[..., bool]) -> Callable[[Function], Function]:
    """Marks a command that may take seconds: with ``is_long(store, *args)`` it is carried out apart, and questions are answered meanwhile."""

    def mark(function: Function) -> Function:
        setattr(function, LONG, is_long)
        return function

    return mark


def long_of(function: Callable[..., Any]) -> Callable[..., bool] | None:
    """How to find out whether a command takes long; None = it never does."""
    return getattr(function, LONG, None)


def like(function: Callable[..., Any], made: Callable[..., Any]) -> Callable[..., Any]:
    """``made``, which does what ``function`` does, marked as that is."""
    for name in (CHANGES, LONG):
        if hasattr(function, name):
            setattr(made, name, getattr(function, name))
    return made


def changed_by(function: Callable[..., Any]) -> frozenset[str]:
    """What a command changes; nothing for a query."""
    return getattr(function, CHANGES, frozenset())
