"""Tickets in branch names: which tracker they belong to, and where they open."""

from __future__ import annotations

import pytest

from tokenpal.insight.tickets import EVERY, Tickets, Tracker, link, tickets

GITHUB, JIRA, LINEAR = Tracker.GITHUB, Tracker.JIRA, Tracker.LINEAR


@pytest.mark.parametrize(
    ("branch", "found"),
    [
        ("fix/#123", (("#123", GITHUB),)), ("gh-123", (("#123", GITHUB),)), ("123-title", (("#123", GITHUB),)), ("issue-123", (("#123", GITHUB),)),
        ("ABC-123", (("ABC-123", JIRA),)), ("feature/ABC-123-title", (("ABC-123", JIRA),)),
        ("eng-123-title", (("ENG-123", LINEAR),)), ("user/eng-123-title", (("ENG-123", LINEAR),)),
        ("main", ()), ("release-2", ()),
    ],
)  # fmt: skip
def test_each_tracker_has_its_way_of_writing(branch: str, found: tuple[tuple[str, Tracker], ...]) -> None:
    assert tickets(branch) == found
    assert tickets(branch, ()) == ()
    assert tickets(branch, tuple(Tickets(one.tracker, on=False) for one in EVERY)) == ()


def test_the_person_chooses_trackers_and_keys() -> None:
    chosen = (Tickets(GITHUB, on=False), Tickets(JIRA, keys=("PAY",)), Tickets(LINEAR))
    assert tickets("gh-1", chosen) == ()
    assert tickets("PAY-1-and-OPS-2", chosen) == (("PAY-1", JIRA), ("OPS-2", LINEAR))  # the only one that takes any key
    assert tickets("jane/pay-1-x", chosen) == (("PAY-1", JIRA),)  # claimed, however it is written
    only = (Tickets(JIRA, keys=("PAY",)), Tickets(LINEAR, keys=("ENG",)))
    assert tickets("UTIL-3", only) == ()


def test_a_ticket_opens_at_its_tracker() -> None:
    chosen = (
        Tickets(GITHUB, address="https://github.com/acme/shop/"), Tickets(JIRA, address="https://acme.atlassian.net"),
        Tickets(LINEAR, address="https://linear.app/acme", keys=("ENG",)),
    )  # fmt: skip
    assert link("#142", chosen) == "https://github.com/acme/shop/issues/142"
    assert link("pay-7", chosen) == "https://acme.atlassian.net/browse/PAY-7"
    assert link("ENG-7", chosen) == "https://linear.app/acme/issue/ENG-7"
    assert link("eng-7", chosen[:2]) == "https://acme.atlassian.net/browse/ENG-7"
    for odd in ("", "the one about x", "#0", "PAY-", "PAY-1/../x"):
        assert link(odd, chosen) == ""
    assert link("PAY-7", EVERY) == ""
    assert link("PAY-7", (Tickets(JIRA, address="javascript:alert(1)"),)) == ""
