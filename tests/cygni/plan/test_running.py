from __future__ import annotations

from typing import Any

import pytest

from cygni.naming import Colour, Part
from cygni.plan.model import StackPlan, StackStatus
from cygni.plan.running import with_running
from cygni.resources import UNKNOWN, Resource

NAMES = {"blue": "shop-staging-web-blue", "green": "shop-staging-web-green"}


def service(name: str) -> Resource:
    return Resource(f"urn::{name}", "aws:ecs/service:Service", name, {"desiredCount": 0}, "us-east-1")


def outputs(count: Any) -> dict[str, Any]:
    return {"running": {"web": {"count": count, "services": NAMES}}}


def stack(status: StackStatus = StackStatus.CHANGED, **more: Any) -> StackPlan:
    services = tuple(map(service, NAMES.values()))
    return StackPlan(Part.SERVICES, status, before=services, after=services, **more)


def counts(resources: tuple[Resource, ...]) -> list[int]:
    return [one.inputs["desiredCount"] for one in resources]


class TestWithRunning:
    def test_counts_the_tasks_that_were_and_will_be_asked_for(self) -> None:
        found = with_running(stack(stored_outputs=outputs(2), outputs=outputs(4)))
        assert (counts(found.before), counts(found.after)) == ([2, 0], [4, 0])

    def test_counts_those_that_were_scaled_as_they_run(self) -> None:
        found = with_running(
            stack(stored_outputs=outputs(2), outputs=outputs(2)), scaled={"web": 5, "api": 1}
        )
        assert (counts(found.before), counts(found.after)) == ([5, 0], [2, 0])

    def test_counts_them_in_the_active_colour(self) -> None:
        found = with_running(stack(stored_outputs=outputs(2), outputs=outputs(4)), {"web": Colour.GREEN})
        assert (counts(found.before), counts(found.after)) == ([0, 2], [0, 4])

    def test_knows_of_a_stack_that_was_not_asked_what_it_was_like(self) -> None:
        found = with_running(stack(StackStatus.SKIPPED, outputs=outputs(3)))
        assert (counts(found.before), counts(found.after)) == ([3, 0], [3, 0])

    @pytest.mark.parametrize("said", [{}, {"running": UNKNOWN}, outputs(UNKNOWN), {"running": {"web": {}}}])
    def test_leaves_alone_what_it_is_not_told_of(self, said: dict[str, Any]) -> None:
        given = stack(outputs=said, stored_outputs=said)
        assert with_running(given) == given

    def test_is_the_same_done_twice(self) -> None:
        once = with_running(stack(stored_outputs=outputs(2), outputs=outputs(4)))
        assert with_running(once) == once
