"""What the small made-up providers share: a key, a few paths, and answers that stay the same."""

from __future__ import annotations

from tests.provider_asking import Asked, Refusal


def guarded(asked: Asked, key: str, *paths: str) -> None:
    """Refuses another key, another path, and parameters where there are none to be."""
    if asked.bearer() != key:
        raise Refusal(401, "The key is not known.")
    if asked.path not in paths:
        raise Refusal(404, "Not found")
