"""From what is deployed to nothing."""

from __future__ import annotations

import pytest

from cygni.errors import ResourceFailed
from cygni.plan.model import Change
from stacks.destroying import plan_destroy
from tests.stacks.deploys import Deploys


class TestDestroy:
    def test_deletes_the_last_stack_first_and_the_stacks_too(self, staging: Deploys) -> None:
        staging.deploy()
        assert staging.destroy() == 8
        assert staging.calls == [
            *("services destroy-preview", "data destroy-preview", "foundation destroy-preview"),
            *("services destroy", "services remove", "data destroy", "data remove"),
            *("foundation destroy", "foundation remove"),
        ]
        assert staging.files() == []
        assert staging.recorded() == []

    def test_shows_all_before_with_what_is_saved(self, staging: Deploys) -> None:
        staging.deploy()
        plan = plan_destroy(staging.runner, staging.environment, staging.heard).plan
        assert plan.destroy
        assert plan.counts()[Change.DELETE] == 8
        assert [step.stateful for step in plan.unprotected([])] == ["uploads"]
        assert plan.cost.after.monthly == 0
        assert plan.cost.delta_monthly == -plan.cost.before.monthly < -9

    def test_of_nothing_asks_nothing(self, staging: Deploys) -> None:
        assert staging.destroy() == 0
        assert staging.calls == []

    def test_that_failed_continues(self, staging: Deploys) -> None:
        staging.deploy()
        staging.runner.failing["data destroy"] = ResourceFailed("not empty")
        with pytest.raises(ResourceFailed):
            staging.destroy()
        assert staging.files() == ["data", "foundation"]
        assert staging.destroy() == 2
        assert staging.files() == []

    def test_is_forgotten_by_the_next_deploy(self, staging: Deploys) -> None:
        staging.deploy()
        staging.destroy()
        assert staging.deploy().steps == 8
