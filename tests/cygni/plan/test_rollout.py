from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cygni.naming import Colour
from cygni.plan.model import PlannedRelease, Rollout
from cygni.plan.rollout import planned_floor, planned_releases
from cygni.releases.floor import Pace
from cygni.releases.release import Live, LiveService, Standing
from cygni.releases.settings import HealthTiming, ReleaseSettings, Strategy
from cygni.resources import UNKNOWN

OLD, NEW = "arn:web:1", "arn:web:2"


def outputs(revision: Any = OLD, count: int = 2) -> dict[str, Any]:
    return {"running": {"web": {"taskDefinition": revision, "count": count}}}


def live(count: int = 2, active: Colour = Colour.GREEN) -> Live:
    idle = Colour.BLUE if active is Colour.GREEN else Colour.GREEN
    colours = {active: Standing(1, OLD, count), idle: Standing(0, NEW, 0)}
    return Live(services={"web": LiveService(active, colours)})


class TestPlannedReleases:
    def test_are_none_where_what_is_asked_for_runs(self) -> None:
        assert planned_releases(outputs(), live(), {}) == ()

    def test_begin_with_the_first(self) -> None:
        found = planned_releases(outputs(), Live(), {"web": "canary"})
        assert found == (PlannedRelease("web", Rollout.FIRST, "canary", 0, 2),)

    def test_are_none_of_a_service_that_is_to_run_nothing(self) -> None:
        assert planned_releases(outputs(count=0), Live(), {}) == ()

    @pytest.mark.parametrize("revision", [NEW, UNKNOWN])
    @pytest.mark.parametrize("active", list(Colour))
    def test_bring_another_version(self, revision: Any, active: Colour) -> None:
        [found] = planned_releases(outputs(revision), live(active=active), {})
        assert (found.rollout, found.before, found.after) == (Rollout.VERSION, 2, 2)

    def test_bring_what_changed_secrets_are_now_to_what_runs(self) -> None:
        changed = {"web": ("DATABASE_URL",)}
        [found] = planned_releases(outputs(), live(), {}, changed)
        assert (found.rollout, found.secrets) == (Rollout.SECRETS, ("DATABASE_URL",))
        [found] = planned_releases(outputs(NEW), live(), {}, changed)
        assert found.rollout is Rollout.VERSION
        assert planned_releases(outputs(count=0), live(count=0), {}, changed) == ()

    def test_bring_another_count(self) -> None:
        [found] = planned_releases(outputs(count=5), live(), {})
        assert (found.rollout, found.before, found.after) == (Rollout.COUNT, 2, 5)

    @pytest.mark.parametrize("said", [{}, {"running": UNKNOWN}])
    def test_are_none_of_a_stack_that_tells_of_none(self, said: dict[str, Any]) -> None:
        assert planned_releases(said, live(), {}) == ()


WEB = ReleaseSettings(
    count=2, bake=60.0, timing=HealthTiming(interval=10.0, deregistration_delay=20.0), before="migrate"
)
FARGATE, LOCAL = Pace(15.0), Pace(asks_at_once=True)


class TestPlannedFloor:
    @pytest.mark.parametrize("revision", [NEW, UNKNOWN])
    def test_is_of_what_the_new_version_goes_through(self, revision: Any) -> None:
        asked = outputs(revision)
        assert planned_floor(asked, live(), {"web": WEB}, FARGATE) == 15 + 10 + 60
        assert planned_floor(asked, live(), {"web": WEB}, LOCAL) == 60
        rolling = replace(WEB, strategy=Strategy.ROLLING)
        assert planned_floor(asked, live(), {"web": rolling}, FARGATE) == 15 + 10 + 20 + 60

    def test_has_the_job_before_it(self) -> None:
        asked = {**outputs(NEW), "jobs": {"migrate": {"taskDefinitionArn": UNKNOWN}}}
        assert planned_floor(asked, live(), {"web": WEB}, FARGATE) == 15 + 15 + 10 + 60

    def test_of_the_first_release_has_nothing_to_watch(self) -> None:
        assert planned_floor(outputs(), Live(), {"web": WEB}, FARGATE) == 15 + 10

    def test_adds_services_that_wait_for_others(self) -> None:
        asked = {"running": {name: outputs(NEW)["running"]["web"] for name in ("api", "web")}}
        settings = {"api": WEB, "web": replace(WEB, depends_on=("api",))}
        assert planned_floor(asked, Live(), settings, FARGATE) == 2 * (15 + 10)

    @pytest.mark.parametrize("said", [{}, {"running": UNKNOWN}, outputs()])
    def test_is_nothing_where_nothing_is_released(self, said: dict[str, Any]) -> None:
        assert planned_floor(said, live(), {"web": WEB}, FARGATE) == 0
