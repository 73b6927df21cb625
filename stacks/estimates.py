"""Which estimates were in force of an environment, and when: by its releases, and by deploys that released nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from itertools import dropwhile
from typing import Final, TypeVar

from cygni.actuals.accrual import InForce
from cygni.releases.estimate import EstimateRecord, KeptEstimate
from cygni.releases.protocols import ReleaseStore
from cygni.releases.release import Release

_FIRST: Final = 20
"""Records that are read at first; ever more where these do not reach back far enough."""
Record = TypeVar("Record", Release, EstimateRecord)


def estimates_in_force(store: ReleaseStore, since: datetime) -> tuple[InForce, ...]:
    """In the order of time, from the one that was in force at `since` on; empty where none was ever kept. Raises
    StateError."""
    releases = _back_to(store.releases, lambda one: one.created_at, since)
    others = _back_to(store.estimates, lambda one: one.at, since)
    found = [*(_of_release(one) for one in releases), *(_of_record(one) for one in others)]
    known = sorted((one for one in found if one is not None), key=lambda one: one.at)
    before = [one for one in known if one.at <= since]
    return (*before[-1:], *dropwhile(lambda one: one.at <= since, known))


def _back_to(
    read: Callable[[int], Sequence[Record]], at: Callable[[Record], datetime], since: datetime
) -> Sequence[Record]:
    """The newest records, as many as reach back to `since`, if there are."""
    limit = _FIRST
    while True:
        found = read(limit)
        if len(found) < limit or at(found[-1]) <= since:
            return found
        limit *= 4


def _of_release(release: Release) -> InForce | None:
    estimate = release.estimate
    if estimate is None and release.monthly is not None:
        estimate = KeptEstimate.of_total(release.monthly)
    return InForce(release.created_at, estimate, f"release {release.number}") if estimate else None


def _of_record(record: EstimateRecord) -> InForce:
    return InForce(record.at, record.estimate, f"deploy without a release, {record.number}")
