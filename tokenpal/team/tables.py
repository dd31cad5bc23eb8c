"""What the endpoint keeps, as tables for SQLite and PostgreSQL alike (sharing-protocol 5.6).

Bodies are the signed bytes as they came, sealed to members where they hold a report. There is no name of a person, no address
and no time of day anywhere: weeks are ISO weeks, and ``day`` is a day since 1970, kept only where something must run out.
"""

from __future__ import annotations

from typing import Final

from sqlalchemy import CheckConstraint, Column, Integer, LargeBinary, MetaData, SmallInteger, String, Table

VERSION: Final = 1
SMALLEST: Final = 5
"""No week of fewer reports is ever published; the database refuses it too."""

metadata = MetaData()


def _team(primary: bool = True) -> Column[str]:
    return Column("team", String(22), primary_key=primary, nullable=False)


def _epoch(primary: bool = True) -> Column[str]:
    return Column("epoch", String(8), primary_key=primary, nullable=False)


def _member(primary: bool = True) -> Column[str]:
    return Column("member", String(22), primary_key=primary, nullable=False)


def _hash() -> Column[str]:
    return Column("hash", String(64), nullable=False)


def _body() -> Column[bytes]:
    return Column("body", LargeBinary, nullable=False)


def _day() -> Column[int]:
    return Column("day", Integer, nullable=False)


schema = Table("team_schema", metadata, Column("version", Integer, primary_key=True, autoincrement=False))

teams = Table(
    "team", metadata,
    _team(),
    Column("founding", String(43), nullable=False),       # public half of the operator's one-use founding key
    Column("key", String(43), nullable=False),            # public half of the endpoint's key when the team was made
    Column("policy", LargeBinary, nullable=False),        # canonical JSON
    Column("policy_hash", String(64), nullable=False),
    Column("name", String(80), nullable=False),           # of the team, as its policy says it
    Column("retired", SmallInteger, nullable=False, default=0),
)  # fmt: skip

roster = Table(
    "team_roster", metadata,
    _team(), Column("n", Integer, primary_key=True, autoincrement=False), _hash(), _body(),
)  # fmt: skip

asking = Table("team_asking", metadata, _team(), _member(), _day(), _body())  # wants to join; 14 days

vouching = Table(
    "team_vouching", metadata,
    _team(), _member(), Column("voucher", String(22), primary_key=True), _day(), _body(),
)  # fmt: skip

envelope = Table("team_envelope", metadata, _team(), _epoch(), _member(), _hash(), _body())

withdrawal = Table("team_withdrawal", metadata, _team(), _epoch(), _member(), _hash())

manifest = Table(
    "team_manifest", metadata,
    _team(), _epoch(), Column("n", Integer, CheckConstraint(f"n >= {SMALLEST}", name="manifest_is_not_small"), nullable=False), _hash(), _body(),
)  # fmt: skip

answer = Table("team_answer", metadata, _team(), _epoch(), _member(), _hash(), _body())

release = Table(
    "team_release", metadata,
    _team(), _epoch(), Column("n", Integer, CheckConstraint(f"n >= {SMALLEST}", name="release_is_not_small"), nullable=False), _hash(), _body(),
)  # fmt: skip

missing = Table("team_missing", metadata, _team(), _epoch(), Column("reason", String(200), nullable=False))

learning = Table(  # retracted: the body is empty, so that nobody can send the signed text again
    "team_learning", metadata,
    _team(), Column("id", String(22), primary_key=True), _member(primary=False), _epoch(primary=False), _body(),
)  # fmt: skip

exported = Table("team_exported", metadata, Column("target", String(64), primary_key=True), _team(), _epoch())
