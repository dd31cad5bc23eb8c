"""An invitation to a team: one line to paste, ``tokenpal-team:`` and base64url of canonical JSON (protocol.md 4).

Pasting it sends nothing. It may hold the private half of a one-use key, so it is neither logged nor shown in a ``repr``.
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

import msgspec

from tokenpal.model.errors import UsageError
from tokenpal.share.protocol.wire import b64 as _b64, canonical, unb64

PREFIX: Final = "tokenpal-team:"
LIMIT: Final = 2000
"""Characters of the whole line."""
_HOST: Final = re.compile(r"(?!-)[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*|\[[0-9a-f:]+\]")
_PATH: Final = re.compile(r"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*")
_ASK: Final = "Ask whoever invited you for the line again, and copy it as a whole."


class Invitation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the line says. Either ``founding`` or ``invite`` with ``given``, or none of them."""

    founding: str  # private half of the founding key, 32 bytes base64url: the founder's
    given: str  # the founder's signature over invite_body, 64 bytes
    host: str  # https address of the endpoint, without a slash at the end
    invite: str  # private half of the invite key, 32 bytes: one of the four next members
    key: str  # the endpoint's Ed25519 public key
    team: str
    v: int = 1

    def __repr__(self) -> str:
        return f"Invitation(team={self.team!r}, host={self.host!r})"

    __rich_repr__ = None  # type: ignore[assignment]  # rich would print every field


def parse(line: str) -> Invitation:
    """What the pasted line says. Raises UsageError with a sentence and a next step for anything but one whole invitation."""
    text = line.strip()
    if not text.startswith(PREFIX):
        raise UsageError("This is not an invitation to a team.", f"An invitation is one line that begins with {PREFIX}")
    if len(text) > LIMIT:
        raise UsageError("This is longer than an invitation.", _ASK)
    try:
        data = unb64(text.removeprefix(PREFIX))
        found = msgspec.json.decode(data, type=Invitation)
        same = canonical(msgspec.to_builtins(found)) == data
    except (msgspec.DecodeError, ValueError, RecursionError):
        raise UsageError("The invitation is damaged, or not copied as a whole.", _ASK) from None
    if found.v != 1:
        raise UsageError("The invitation was made by another version of tokenpal.", "Update tokenpal, or ask for an invitation of its version.")
    if not same or not _whole(found):
        raise UsageError("The invitation is damaged, or not copied as a whole.", _ASK)
    check_host(found.host)
    return found


def written(invitation: Invitation) -> str:
    """The line to hand on."""
    return PREFIX + _b64(canonical(msgspec.to_builtins(invitation)))


def check_host(host: str) -> None:
    """Raises UsageError unless this is the plain https address of an endpoint: no name, password, question or fragment in it."""
    try:
        parts = urlsplit(host)
        port = parts.port
        name = parts.hostname or ""
    except ValueError:
        parts, port, name = urlsplit(""), None, ""
    if parts.scheme and parts.scheme != "https":
        raise UsageError("The team's address is not an https address, so anybody on the way could read along.", "Ask for an invitation to an https address.")
    bracketed = f"[{name}]" if ":" in name else name
    plain = f"https://{bracketed}{f':{port}' if port else ''}{parts.path}"
    if not _HOST.fullmatch(bracketed) or not _PATH.fullmatch(parts.path) or plain != host:
        raise UsageError("The team's address is not one that tokenpal would connect to.", "Ask whoever runs the team's endpoint for a plain https address.")


def _whole(found: Invitation) -> bool:
    if (found.founding and found.invite) or bool(found.invite) != bool(found.given):
        return False
    try:
        for text, length in ((found.team, 16), (found.key, 32), (found.founding, 32), (found.invite, 32), (found.given, 64)):
            if text or length == 16 or text is found.key:
                unb64(text, length)
    except ValueError:
        return False
    return True
