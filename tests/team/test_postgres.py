"""The PostgreSQL of the tests is a real one: what was committed survives a crash."""

from __future__ import annotations

from tests.team.postgres import Postgres


def test_what_was_committed_survives_a_crash(own_postgres: Postgres) -> None:
    name = own_postgres.create()
    with own_postgres.connect(name) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)
        connection.execute("CREATE TABLE kept (n integer PRIMARY KEY)")
        connection.execute("INSERT INTO kept VALUES (7)")
        own_postgres.kill()
    own_postgres.start()
    with own_postgres.connect(name) as connection:
        assert connection.execute("SELECT n FROM kept").fetchall() == [(7,)]
    assert b"INSERT INTO public.kept VALUES (7);" in own_postgres.dump(name)
    assert own_postgres.size(name) > 0
