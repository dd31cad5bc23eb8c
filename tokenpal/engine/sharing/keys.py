"""A member's keys of one team: an identity and a private key for each week ahead (sharing-protocol 5.5).

They live in one entry of the credential store, and nowhere else. A week's private key is deleted once the week is
answered, so that old envelopes cannot be opened later. There is no "this session only": a member whose keys are gone
cannot answer, and the others would wait.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from tokenpal.model.errors import TokenpalError
from tokenpal.share.protocol import epochs
from tokenpal.share.protocol.keys import sealing_public, signing_key
from tokenpal.share.protocol.wire import b64, member_id, unb64
from tokenpal.system.secrets import Failure, Locked, Missing, NoBackend, Secrets, TimedOut
from tokenpal.translation import mark, tr

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

WEEKS: Final = 13
TOP_UP: Final = 6
"""More weekly keys are published when fewer than this are left."""


class KeysUnavailable(TokenpalError):
    """The credential store does not give or take the keys now. ``lost`` = it answered, and they are not there."""

    title = mark("Sharing needs its keys")

    def __init__(self, sentence: str, next_step: str = "", *, lost: bool = False) -> None:
        super().__init__(sentence, next_step)
        self.lost = lost


class Keys:
    """Identity seed and weekly private keys. Never printed: ``repr`` says how many there are."""

    __slots__ = ("_identity", "_ticket", "_weeks")

    def __init__(self, identity: bytes, weeks: Mapping[str, bytes], ticket: bytes = b"") -> None:
        self._identity = identity
        self._weeks = dict(sorted(weeks.items()))
        self._ticket = ticket

    def __repr__(self) -> str:
        return f"Keys({len(self._weeks)} weeks)"

    def __reduce__(self) -> str:
        raise TypeError("keys cannot be pickled")

    @property
    def private(self) -> Ed25519PrivateKey:
        """Signs everything of this member."""
        return signing_key(self._identity)

    @property
    def identity(self) -> bytes:
        """The public half of the identity, 32 bytes."""
        return self.private.public_key().public_bytes_raw()

    @property
    def member(self) -> str:
        return member_id(self.identity)

    @property
    def ticket(self) -> bytes:
        """Seed of the founding or invite key that lets this member in, until it has; 32 bytes or none."""
        return self._ticket

    @property
    def weeks(self) -> tuple[str, ...]:
        """The weeks whose private key is here, by time."""
        return tuple(self._weeks)

    def week(self, epoch: str) -> bytes | None:
        """The private X25519 key of a week, 32 bytes; None when it is deleted or was never made."""
        return self._weeks.get(epoch)

    def public(self, epoch: str) -> bytes:
        """The public half of a week's key. Raises KeyError."""
        return sealing_public(self._weeks[epoch])

    def published(self, first: str) -> dict[str, bytes]:
        """Epoch -> public key, from ``first`` on: what a roster entry gives."""
        return {epoch: self.public(epoch) for epoch in self._weeks if epochs.distance(first, epoch) >= 0}

    def extended(self, first: str, random: Callable[[int], bytes] = os.urandom) -> Keys:
        """With a key for each of the 13 weeks from ``first``; keys that are there stay, earlier ones go."""
        wanted = [epochs.shifted(first, week) for week in range(WEEKS)]
        kept = {epoch: key for epoch, key in self._weeks.items() if epochs.distance(first, epoch) >= -1}
        return Keys(self._identity, {**kept, **{epoch: kept.get(epoch) or random(32) for epoch in wanted}}, self._ticket)

    def without(self, epoch: str) -> Keys:
        """After a week was answered: this week's key and all earlier ones are gone."""
        return Keys(self._identity, {week: key for week, key in self._weeks.items() if epochs.distance(epoch, week) > 0}, self._ticket)

    def with_ticket(self, ticket: bytes) -> Keys:
        """With the seed of the founding or invite key; b"" once it has served."""
        return Keys(self._identity, self._weeks, ticket)

    def kept(self) -> str:
        """What the credential store keeps; ``read`` reads it. About 800 characters."""
        weeks = {week: b64(key) for week, key in self._weeks.items()}
        return json.dumps({"i": b64(self._identity), "k": weeks, "t": b64(self._ticket)}, separators=(",", ":"))


def made(first: str, random: Callable[[int], bytes] = os.urandom) -> Keys:
    """A new identity and keys for 13 weeks from ``first``."""
    return Keys(random(32), {}).extended(first, random)


def read(text: str) -> Keys:
    """What ``kept`` wrote. Raises KeysUnavailable."""
    try:
        found = json.loads(text)
        weeks = {epochs.epoch_of(epochs.start(week)): unb64(key, 32) for week, key in found["k"].items()}
        return Keys(unb64(found["i"], 32), weeks, unb64(found["t"]))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise KeysUnavailable(tr("The keys in the credential store are damaged."), tr("Leave the team and join again."), lost=True) from None


def entry(profile: str, team: str) -> str:
    """The name of the entry in the credential store."""
    return f"{profile}/share/{team}"


def load(secrets: Secrets, name: str, *, prompt: bool = False) -> Keys:
    """The keys, as the store has them now: a command may have changed them. Waits for it: call it in a thread. Raises KeysUnavailable."""
    secrets.forget(name)
    answer = secrets.get(name, prompt=prompt)
    if isinstance(answer, Failure):
        raise _failed(answer)
    return read(answer.reveal())


def save(secrets: Secrets, name: str, keys: Keys) -> None:
    """Keep them. Raises KeysUnavailable; what was there stays then."""
    answer = secrets.put(name, keys.kept())
    if isinstance(answer, Failure):
        raise _failed(answer)


def wipe(secrets: Secrets, name: str) -> None:
    """Forget all keys of a team. Raises KeysUnavailable when they may still be there."""
    answer = secrets.delete(name)
    if isinstance(answer, Failure) and not isinstance(answer, NoBackend):
        raise _failed(answer)


def _failed(answer: Failure) -> KeysUnavailable:
    if isinstance(answer, Missing):
        return KeysUnavailable(
            tr("The credential store does not have this member's keys any more."), tr("Leave the team and join again with a new invitation."), lost=True
        )
    if isinstance(answer, (Locked, TimedOut)):
        return KeysUnavailable(tr("{sentence} Sharing waits.", sentence=answer.sentence), tr("Unlock it; sharing goes on by itself."))
    return KeysUnavailable(tr("Sharing needs a credential store, and this system has none that works."), tr("Start one (GNOME Keyring, KWallet) and try again."))
