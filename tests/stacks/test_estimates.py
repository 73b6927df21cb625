"""Which estimates were in force, by the records of releases and of deploys without one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cygni.releases.estimate import EstimateRecord, KeptEstimate
from cygni.releases.release import Release
from stacks.estimates import estimates_in_force
from stacks.release_store import StoredReleases
from stacks.state_store import FolderStore

START = datetime(2026, 11, 1, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> StoredReleases:
    return StoredReleases(FolderStore(tmp_path), "shop.staging")


def release(at: datetime, monthly: str | None, estimate: KeptEstimate | None = None) -> Release:
    known = None if monthly is None else Decimal(monthly)
    return Release("shop", "staging", {}, at, "ada", monthly=known, estimate=estimate)


def total(monthly: str) -> KeptEstimate:
    return KeptEstimate.of_total(Decimal(monthly))


class TestEstimatesInForce:
    def test_are_of_releases_and_of_deploys_without_one_in_their_order(self, store: StoredReleases) -> None:
        store.add_release(release(START + DAY, "10", total("10")))
        store.add_estimate(EstimateRecord(START + 3 * DAY, total("30")))
        store.add_release(release(START + 2 * DAY, "20", total("20")))
        found = estimates_in_force(store, START)
        assert [(one.said_by, one.estimate.monthly) for one in found] == [
            ("release 1", Decimal(10)),
            ("release 2", Decimal(20)),
            ("deploy without a release, 1", Decimal(30)),
        ]

    def test_begin_with_the_one_that_was_in_force_already(self, store: StoredReleases) -> None:
        for day in (-9, -5, 2):
            store.add_release(release(START + day * DAY, "1", total("1")))
        assert [one.at for one in estimates_in_force(store, START)] == [START - 5 * DAY, START + 2 * DAY]

    def test_of_old_releases_are_their_totals(self, store: StoredReleases) -> None:
        store.add_release(release(START, "12.30"))
        store.add_release(release(START + DAY, None))
        [found] = estimates_in_force(store, START)
        assert (found.estimate.monthly, found.estimate.costs[0].monthly) == (Decimal("12.30"),) * 2

    def test_reach_back_as_far_as_is_asked(self, store: StoredReleases) -> None:
        for hour in range(45):
            store.add_release(release(START + timedelta(hours=hour), "1", total("1")))
        assert len(estimates_in_force(store, START - DAY)) == 45
        assert len(estimates_in_force(store, START + timedelta(hours=40, minutes=30))) == 5

    def test_are_none_where_none_was_kept(self, store: StoredReleases) -> None:
        assert estimates_in_force(store, START) == ()
