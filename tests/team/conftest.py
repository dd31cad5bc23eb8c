"""Servers of the endpoint's tests. A PostgreSQL is started once a worker; every test takes databases of its own from it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.team.postgres import Postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A running PostgreSQL for the tests of this worker. ``postgres.url(postgres.create())`` is an empty database."""
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.remove()


@pytest.fixture
def own_postgres() -> Iterator[Postgres]:
    """A PostgreSQL for one test alone, which may kill it."""
    server = Postgres()
    try:
        server.start()
        yield server
    finally:
        server.remove()
