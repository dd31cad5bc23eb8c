"""What the operator does by hand: make a team, change its policy, close it (sharing-protocol 5.5 and 5.6)."""

from __future__ import annotations

import secrets

import msgspec

from tokenpal.model.errors import UsageError
from tokenpal.share.protocol import policy as policies
from tokenpal.share.protocol.epochs import due
from tokenpal.share.protocol.keys import KEY_BYTES, signing_public
from tokenpal.share.protocol.policy import Policy
from tokenpal.share.protocol.wire import b64
from tokenpal.team.storage import Storage, Team

LEAST_RETENTION = 7
"""Days: answers are taken until a week after the week's end."""


class Founded(msgspec.Struct, frozen=True):
    """A new team, and the one-use founding seed that is kept nowhere."""

    team: Team
    seed: bytes

    def __repr__(self) -> str:
        return f"Founded({self.team.team})"


def checked(policy: Policy) -> bytes:
    """Its canonical bytes. Raises UsageError for a policy that no member would agree to."""
    problems = list(policies.refusals(policy))
    if not LEAST_RETENTION <= policy.retention_days <= policies.MOST_RETENTION:
        problems.append(f"Sealed reports are kept {LEAST_RETENTION} to {policies.MOST_RETENTION} days.")
    data = policies.encode_policy(policy)
    try:
        policies.parse(data)
    except ValueError:
        problems.append("Its numbers or texts are outside what a policy may hold.")
    if problems:
        raise UsageError(f"No member would share under this policy. {' '.join(problems)}", "Change it and try again.")
    return data


def found_team(storage: Storage, key: str, name: str, contact: str) -> Founded:
    """Make a team with the usual policy. ``key``: the endpoint's public key. Raises UsageError for a name or contact that is empty or too long."""
    if not name.strip() or not contact.strip():
        raise UsageError("A team needs a name and a contact.", "Give both; members see them before they decide.")
    policy = policies.default(name.strip(), contact.strip())
    data = checked(policy)
    seed = secrets.token_bytes(KEY_BYTES)
    team = Team(b64(secrets.token_bytes(16)), b64(signing_public(seed)), key, data, policies.policy_hash(policy), policy.team_name, retired=False)
    with storage.writing(team.team) as rows:
        rows.add_team(team)
    return Founded(team, seed)


def find_team(storage: Storage, named: str) -> Team:
    """By number, or by name where only one has it. Raises UsageError."""
    with storage.reading() as rows:
        found = [team for team in rows.teams() if named in {team.team, team.name}]
    if len(found) != 1:
        raise UsageError(f"{'No team is' if not found else 'Several teams are'} called {named}.", "See `tokenpal team list` for their numbers.")
    return found[0]


def change_policy(storage: Storage, team: Team, policy: Policy, now: int) -> tuple[policies.Change, ...]:
    """Put another policy in force; returns what differs. Reports of the open week were made under the old one and are deleted.

    Members are asked again before anything is sent under it. Raises UsageError for a policy that members refuse.
    """
    data = checked(policy)
    differences = policies.changes(policies.parse(team.policy), policy)
    if differences:
        with storage.writing(team.team) as rows:
            rows.set_policy(team.team, data, policies.policy_hash(policy), policy.team_name)
            if rows.manifest(team.team, due(now)) is None:
                rows.drop_envelopes(team.team, due(now))
    return differences


def retire(storage: Storage, team: Team) -> None:
    """Close a team for good: sums and the roster chain stay readable, everything of single members is deleted."""
    with storage.writing(team.team) as rows:
        rows.retire(team.team)


def check_teams(storage: Storage, key: str) -> None:
    """Before serving: each policy is one that members accept, and the endpoint's key is the one they pinned. Raises UsageError."""
    with storage.reading() as rows:
        teams = [team for team in rows.teams() if not team.retired]
    for team in teams:
        if team.key != key:
            raise UsageError(
                f"The team {team.name} was made with another endpoint key than the one found here.",
                "Use that key file (TOKENPAL_TEAM_KEY_FILE): members refuse an endpoint with a new key.",
            )
        checked(policies.parse(team.policy))
