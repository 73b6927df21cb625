from __future__ import annotations

import shutil
from decimal import Decimal
from pathlib import Path

import pytest

from cygni.settings import Settings
from stacks.applying import apply
from stacks.environments import known_names, listed
from stacks.planning import plan_environment
from stacks.records import RecordStore
from stacks.state import look_in_folder
from stacks.status import Deployed, deployed_environment
from stacks.target import environment_folder, state_folder
from tests.factories import create_environment, create_spec
from tests.fakes import FakeRunner, Heard


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data_dir=tmp_path, cache_dir=tmp_path / "cache")


def deploy(settings: Settings, name: str) -> Deployed:
    environment = create_environment(
        settings.data_dir, name, records=RecordStore(environment_folder(settings, "shop", name))
    )
    runner, spec = FakeRunner(), create_spec(name)
    planned = plan_environment(runner, environment, spec, Heard(), settle=True)
    apply(runner, environment, planned, Heard())
    return deployed_environment(settings, spec, lambda stack: look_in_folder(state_folder(settings), stack))


class TestNames:
    def test_are_those_written_the_standing_ones_and_those_with_a_state(self, settings: Settings) -> None:
        deploy(settings, "preview-old")
        names = known_names(settings, "shop", "us-east-1", ["preview-new", "production"])
        assert names == ["local", "preview-new", "preview-old", "staging", "production"]

    def test_are_found_in_the_state_alone(self, settings: Settings) -> None:
        deploy(settings, "preview-old")
        shutil.rmtree(environment_folder(settings, "shop", "preview-old"))
        assert "preview-old" in known_names(settings, "shop", "us-east-1", [])

    def test_of_another_project_are_not_this_ones(self, settings: Settings) -> None:
        deploy(settings, "preview-old")
        stack = next(state_folder(settings).rglob("shop.preview-old.data.json"))
        stack.rename(stack.with_name("shop-two.preview-two.data.json"))
        assert "preview-two" not in known_names(settings, "shop", "us-east-1", [])


class TestListed:
    def test_tells_size_target_last_deploy_and_cost_of_what_is_deployed(self, settings: Settings) -> None:
        deployed = deploy(settings, "staging")
        one = listed("staging", written=False, deployed=deployed)
        assert (one.size, one.target, one.written, one.deployed) == ("staging", "aws", False, True)
        assert one.last_deploy == max(record.applied_at for record in deployed.records.values())
        assert one.monthly is not None
        assert one.monthly > 0
        assert one.to_dict()["monthly"] == str(one.monthly)

    def test_has_no_cost_and_no_deploy_where_nothing_is(self) -> None:
        one = listed("local", written=True, deployed=None)
        assert (one.size, one.target, one.deployed, one.last_deploy) == ("preview", "local", False, None)
        assert (one.monthly, one.to_dict()["monthly"]) == (None, None)

    def test_counts_what_is_missing_in_the_cost(self, settings: Settings) -> None:
        one = listed("staging", written=True, deployed=deploy(settings, "staging"))
        assert one.unknown == 0
        assert isinstance(one.monthly, Decimal)
