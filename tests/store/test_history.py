"""Points of limits and balances: thinned as they age, the same whatever comes first."""

from __future__ import annotations

import shutil
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, strategies as st

from tests.store.kit import NOW, api_account, open_store, put
from tokenpal.model.usage import LimitReading
from tokenpal.store import readings
from tokenpal.store.database import Store
from tokenpal.store.history import balance_history, limit_history

DAY = 86_400
points = st.lists(
    st.tuples(st.one_of(st.integers(0, 4000), st.integers(0, 3 * DAY), st.integers(0, 100 * DAY)), st.integers(0, 100)), max_size=25
)


def judge(found: list[tuple[int, int]]) -> list[tuple[int, float]]:
    """The newest of each span of 5 minutes, an hour or a day, by age; spans begin on whole hours and days of UTC."""
    best: dict[tuple[int, int], tuple[int, float]] = {}
    for at, percent in found:
        width = 300
        if at < (NOW - 2 * DAY) // 3600 * 3600:
            width = 3600
        if at < (NOW - 60 * DAY) // DAY * DAY:
            width = DAY
        place = (width, at // width)
        best[place] = max(best.get(place, (0, 0.0)), (at, float(percent)))
    return sorted(best.values())


@given(points, st.randoms(use_true_random=False))
def test_what_is_kept_does_not_depend_on_the_order(drawn: list[tuple[int, int]], rnd: object) -> None:
    told = [(NOW - back, percent) for back, percent in drawn]
    readings = [LimitReading("week", float(percent), at) for at, percent in told]
    shuffled = [*readings]
    rnd.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis' random
    with TemporaryDirectory() as folder:
        for name, batches in (("at once", [readings]), ("one by one", [[reading] for reading in shuffled])):
            with open_store(Path(folder) / f"{name}.db") as store:
                account = api_account(store)
                for batch in batches:
                    put(store, account, batch)
                assert [(at, percent) for at, percent, _ in limit_history(store, account, "week")] == judge(told)


def test_points_are_thinned_as_time_goes_by(tmp_path: Path) -> None:
    with open_store(tmp_path / "tokenpal.db") as store:
        account = api_account(store)
        put(store, account, [LimitReading("week", n / 10, NOW - DAY + n * 300, NOW) for n in range(288)])
        assert len(limit_history(store, account, "week")) == 288
        for days, kept in ((3, 25), (70, 2)):
            store.now = lambda days=days: NOW + days * DAY  # type: ignore[misc]  # bound early
            put(store, account, [LimitReading("week", 1.0, NOW + days * DAY)])
            assert len([at for at, *_ in limit_history(store, account, "week") if at <= NOW]) <= kept
        assert limit_history(store, account, "week", NOW + 70 * DAY) == [(NOW + 70 * DAY, 1.0, None)]


def test_an_older_file_begins_its_history_with_what_it_knows(tmp_path: Path) -> None:
    old = Path(__file__).parents[1] / "data" / "schema" / "v2.db"
    target = tmp_path / "tokenpal.db"
    shutil.copy(old, target)
    with Store.open(target, backups=tmp_path / "backups", now=lambda: NOW) as store:
        (account, reading), *_ = readings.limits(store)
        assert limit_history(store, account, reading.name) == [(reading.at, reading.used_percent, reading.resets_at)]
        (holder, balance), *_ = readings.balances(store)
        assert balance_history(store, holder, balance.name) == [(balance.at, balance.left)]
        assert store.execute("SELECT DISTINCT provider FROM model").fetchall() == [("",)]
    assert [path.name.startswith("tokenpal-v2-") for path in (tmp_path / "backups").iterdir()] == [True], "a copy of it was made first"
