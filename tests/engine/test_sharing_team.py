"""Five real members and a real endpoint, from the invitation to what the team sees (sharing-protocol 5)."""

from __future__ import annotations

from pathlib import Path

from tests.engine.sharing_team import FIRST, known, run, team


def test_from_the_invitation_to_the_first_release(tmp_path: Path) -> None:
    with team(tmp_path) as five:
        five.founded()
        five.week(FIRST)
        for member in five.members:
            found = known(member)
            assert [one.epoch for one in found.releases] == [FIRST]
            assert found.releases[0].n == 5
            assert not found.record.alarms
            assert found.record.doubted == ()
