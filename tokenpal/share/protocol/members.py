"""What a verified roster knows: its members, and how it stands for an epoch (protocol.md 5). ``roster`` makes them."""

from __future__ import annotations

import msgspec

from tokenpal.share.protocol.epochs import distance
from tokenpal.share.protocol.wire import NOTHING, Signed


class RosterError(ValueError):
    """A chain that breaks a rule: ``rule`` is "R1" to "R8", ``sentence`` says which and where."""

    def __init__(self, rule: str, sentence: str) -> None:
        super().__init__(f"{rule}: {sentence}")
        self.rule = rule
        self.sentence = sentence


class Member(msgspec.Struct, frozen=True):
    """One member of a verified chain, also one who left."""

    id: str
    identity: bytes  # Ed25519 public key
    joined: str  # epoch of the join entry
    counts_from: str
    keys: dict[str, bytes]  # epoch -> X25519 public key
    returns: tuple[str, ...] = ()  # epochs of return entries
    last_keys: str = ""  # epoch of the newest keys entry
    left: str = ""  # epoch of the leave entry


class View(msgspec.Struct, frozen=True):
    """The roster as it stands for one epoch: all clients that know the entries up to then see the same."""

    epoch: str
    head: str  # hash of the last entry up to this epoch
    members: dict[str, bytes]  # id -> Ed25519 public key, of those who count
    keys: dict[str, bytes]  # id -> X25519 public key for this epoch, of those who count and gave one


class Roster(msgspec.Struct, frozen=True):
    """A verified chain. Make it with ``read`` and ``extend`` only."""

    team: str
    founding: bytes
    entries: tuple[Signed, ...] = ()
    hashes: tuple[str, ...] = ()  # of each entry
    epochs: tuple[str, ...] = ()  # of each entry
    members: dict[str, Member] = {}
    founder: str = ""
    invites: frozenset[str] = frozenset()  # used invite keys

    @property
    def head(self) -> str:
        """Hash of the newest entry; what the next one must name as ``prev``."""
        return self.hashes[-1] if self.hashes else NOTHING

    @property
    def size(self) -> int:
        """Entries; the ``n`` of the next one."""
        return len(self.entries)

    @property
    def present(self) -> dict[str, Member]:
        """Members who have not left, counted already or not."""
        return {one.id: one for one in self.members.values() if not one.left}

    def at(self, epoch: str) -> View:
        """The roster as it stands for an epoch. Entries made later change nothing in it."""
        made = [made for made, when in zip(self.hashes, self.epochs) if distance(when, epoch) >= 0]
        there = {one.id: one for one in self.members.values() if counts(one, epoch)}
        return View(
            epoch,
            made[-1] if made else NOTHING,
            {one: member.identity for one, member in there.items()},
            {one: member.keys[epoch] for one, member in there.items() if epoch in member.keys},
        )


def counts(member: Member, epoch: str) -> bool:
    """Whether the member counts in an epoch: waited long enough and not left."""
    return distance(member.counts_from, epoch) >= 0 and (not member.left or distance(member.left, epoch) < 0)
