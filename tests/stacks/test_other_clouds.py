"""Deploys to a cloud that is not the one of the last time."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cygni.errors import LocalCloudEmpty, WorldChanged
from cygni.naming import Part
from tests.engine_state import write_state
from tests.factories import create_environment
from tests.stacks.deploys import EVERY_STACK, Deploys, statuses


class TestLocalCloud:
    def test_that_was_restarted_is_said_to_be_empty(self, local: Deploys) -> None:
        local.deploy()
        local.environment = replace(local.environment, cloud="life-2", cloud_holds=0)
        with pytest.raises(
            LocalCloudEmpty, match=r"shop \(local\) lists 1 resources of its foundation stack"
        ):
            local.plan()
        assert local.calls == []

    def test_that_was_emptied_is_noticed_without_records(self, local: Deploys) -> None:
        local.deploy()
        for part in Part:
            local.environment.records.forget(part)
        local.environment = replace(local.environment, cloud_holds=0)
        with pytest.raises(LocalCloudEmpty):
            local.plan()

    def test_is_filled_again_with_refresh(self, local: Deploys) -> None:
        local.deploy()
        local.environment = replace(local.environment, cloud="life-2", cloud_holds=0)
        local.runner.world = dict.fromkeys(
            one["urn"].rsplit("::", 1)[-1] for part in EVERY_STACK for one in local.state(part)["resources"]
        )
        assert local.deploy(refresh=True).steps == 8
        local.environment = replace(local.environment, cloud_holds=8)
        local.runner.world = {}
        assert statuses(local.plan()) == ["skipped"] * 3

    def test_that_still_runs_is_trusted(self, local: Deploys) -> None:
        local.deploy()
        local.environment = replace(local.environment, cloud_holds=8)
        assert statuses(local.plan()) == ["skipped"] * 3


class TestAnotherAccount:
    @pytest.fixture
    def moved(self, tmp_path: Path) -> Deploys:
        """Deployed to one account, and now with the credentials of another."""
        first = Deploys(create_environment(tmp_path, cloud="aws:111111111111"))
        first.deploy()
        first.environment = replace(first.environment, cloud="aws:222222222222")
        return first

    @pytest.mark.parametrize("refresh", [False, True])
    def test_is_refused_before_anything_is_asked(self, moved: Deploys, refresh: bool) -> None:
        with pytest.raises(WorldChanged, match="in the AWS account 111111111111, and these .* 222222222222"):
            moved.plan(refresh=refresh)
        assert moved.calls == []

    def test_is_refused_for_a_destroy(self, moved: Deploys) -> None:
        with pytest.raises(WorldChanged, match="111111111111"):
            moved.destroy()
        assert moved.calls == []

    def test_is_told_from_the_state_alone(self, moved: Deploys) -> None:
        for part in Part:
            moved.environment.records.forget(part)
        state = dict(moved.state("data"))
        for one in state["resources"]:
            one["outputs"] = {"arn": "arn:aws:ecs:us-east-1:111111111111:cluster/shop"}
        write_state(moved._operation("data"), state)
        with pytest.raises(WorldChanged, match="the data stack .* 111111111111"):
            moved.plan()

    def test_asks_the_engine_again_where_the_account_was_not_kept(self, moved: Deploys) -> None:
        for part in Part:
            record = moved.environment.records.read(part)
            assert record is not None
            moved.environment.records.write(part, replace(record, cloud=""))
        assert moved.plan().plan.account == "222222222222"
        assert len(moved.calls) == 3
