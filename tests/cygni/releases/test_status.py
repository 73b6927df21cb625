"""What is told of an environment's releases, from a look and the records."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from cygni.naming import Colour
from cygni.releases.settings import CanaryStep, ReleaseSettings, Strategy
from cygni.releases.status import ReleaseStatus, release_status
from tests.release_reaper import Killed, Reaper, Result
from tests.release_records import FakeStore
from tests.release_world import FakeJobs, FakeTarget, Town

WEB = ReleaseSettings(count=2, bake=20.0, warm=600.0)
CANARY = replace(WEB, strategy=Strategy.CANARY, canary=(CanaryStep(10, 60.0),))
WORKER = ReleaseSettings(count=1, takes_traffic=False, bake=20.0, warm=0.0)


def told(where: Town, *, asked: bool = True, holder: str = "") -> ReleaseStatus:
    store = FakeStore(where.records, Reaper())
    live = store.live()
    unfinished = tuple(one for number in live.unfinished if (one := store.deployment(number)))
    seen = FakeTarget(where.cloud, Reaper()).look(list(where.settings)) if asked else {}
    release = store.release(live.history[0]) if live.history else None
    holders = dict.fromkeys(where.settings, holder) if holder else {}
    return release_status(live, release, seen, unfinished, holders)


def colours(found: ReleaseStatus, service: str) -> list[tuple[object, ...]]:
    [one] = [one for one in found.services if one.service == service]
    return [
        (each.colour, each.active, each.release, each.running, each.desired, each.healthy, each.weight)
        for each in one.colours
    ]


class Once(Reaper):
    """Kills as soon as something is so."""

    def __init__(self, so: Callable[[], bool]) -> None:
        super().__init__()
        self.so = so

    def call(self, act: Callable[[], Result]) -> Result:
        if self.so():
            raise Killed
        return act()


def killed(where: Town, so: Callable[[], bool], **jobs: str) -> Town:
    """Where a second release was killed once it was so."""
    with pytest.raises(Killed):
        where.command(reaper=Once(so)).deploy(where.release("2", **jobs))
    return where


def in_a_canary() -> Town:
    where = Town({"web": CANARY})
    where.runs("1")
    return killed(where, lambda: 10 in (where.cloud.services["web"].weights or {}).values())


class TestWhatRuns:
    def test_is_both_colours_the_active_one_first(self) -> None:
        where = Town({"web": WEB})
        where.runs("1")
        where.runs("2")
        found = told(where)
        assert colours(found, "web") == [("green", True, 2, 2, 2, 2, 100), ("blue", False, 1, 2, 2, 2, 0)]
        until = where.live().services["web"].warm_until
        assert until is not None
        assert found.services[0].warm_until == until.isoformat(timespec="seconds")
        assert (found.release, found.author, found.under_way) == (2, "ada", ())

    def test_of_a_worker_has_no_weights(self) -> None:
        where = Town({"mailer": WORKER})
        where.runs("1")
        assert colours(told(where), "mailer")[0] == ("blue", True, 1, 1, 1, 1, None)

    def test_of_what_nobody_recorded_has_no_release(self) -> None:
        where = Town({"web": WEB})
        where.runs("1")
        where.cloud.services["web"].colours[Colour.BLUE].revision = "web:9"
        assert colours(told(where), "web")[0][2] == 0

    def test_before_the_first_release_is_nothing(self) -> None:
        found = told(Town({"web": WEB}))
        assert (found.release, found.created_at, found.author) == (0, None, None)

    def test_is_left_out_where_the_cloud_was_not_asked(self) -> None:
        where = Town({"web": WEB})
        where.runs("1")
        found = told(where, asked=False)
        assert (found.services, found.release) == ((), 1)


class TestWhatIsUnderWay:
    def test_has_its_step_and_who_carries_it_out(self) -> None:
        found = told(in_a_canary(), holder="cx deploy (pid 7)")
        [deployment] = found.under_way
        [track] = deployment.tracks
        assert (deployment.release, deployment.kind, deployment.state) == (2, "deploy", "forward")
        assert deployment.holder == "cx deploy (pid 7)"
        assert (track.track, track.step, track.steps, track.label) == ("web", 2, 5, "shift to 10 %")
        assert found.release == 1

    def test_tells_the_release_that_is_coming(self) -> None:
        found = told(in_a_canary())
        assert colours(found, "web") == [("blue", True, 1, 2, 2, 2, 90), ("green", False, 2, 2, 2, 2, 10)]

    def test_says_that_nobody_carries_it_out_any_more(self) -> None:
        assert told(in_a_canary()).under_way[0].holder is None

    def test_names_the_job_that_runs(self) -> None:
        where = Town({"web": replace(WEB, before="migrate")})
        where.runs("1")
        lasts = FakeJobs.LASTS / 2
        killed(
            where,
            lambda: any(where.cloud.now - at > lasts for _, at in where.cloud.jobs.values()),
            migrate="migrate:2",
        )
        assert told(where).under_way[0].job == "migrate"
