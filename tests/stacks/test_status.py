from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import NotFound, ResourceFailed, StateError
from cygni.local_cloud import process
from cygni.naming import Part
from cygni.settings import Settings
from stacks.applying import apply
from stacks.operations import OperationKind, StackOperation
from stacks.planning import plan_environment
from stacks.records import RecordStore
from stacks.state_reader import state_reader
from stacks.status import Deployed, EnvironmentStatus, deployed_environment, status_of
from stacks.target import Environment, environment_folder, state_folder
from tests.engine_state import checkpoint_file, read_state, write_state
from tests.factories import create_environment, create_spec
from tests.fakes import FakeRunner, Heard

SECRET_IN_STATE = {
    "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
    "ciphertext": "v1:a",
}


def no_engine() -> Any:
    raise AssertionError("files are read without the engine")


@dataclass
class Shop:
    settings: Settings
    environment: Environment
    runner: FakeRunner

    def deploy(self, **sections: Any) -> None:
        spec = create_spec(self.environment.name, **sections)
        planned = plan_environment(self.runner, self.environment, spec, Heard(), settle=True)
        apply(self.runner, self.environment, planned, Heard())

    def status(self, **sections: Any) -> EnvironmentStatus:
        return status_of(self.deployed(**sections))

    def deployed(self, **sections: Any) -> Deployed:
        spec = create_spec(self.environment.name, **sections)
        look = state_reader(self.settings, spec.environment, spec.region, no_engine)
        return deployed_environment(self.settings, spec, look)

    def operation(self, part: Part) -> StackOperation:
        stack = f"shop.{self.environment.name}.{part}"
        return StackOperation(OperationKind.EXPORT, stack, self.environment.engine)


@pytest.fixture
def make_shop(tmp_path: Path) -> Callable[..., Shop]:
    def make(name: str = "staging", **given: Any) -> Shop:
        settings = Settings(data_dir=tmp_path, cache_dir=tmp_path / "cache")
        made = create_environment(
            tmp_path, name, records=RecordStore(environment_folder(settings, "shop", name)), **given
        )
        made = replace(made, engine=replace(made.engine, backend_url=state_folder(settings).as_uri()))
        return Shop(settings, made, FakeRunner())

    return make


@pytest.fixture
def shop(make_shop: Callable[..., Shop]) -> Shop:
    return make_shop()


class TestStatus:
    def test_says_what_is_deployed_and_what_it_costs(self, shop: Shop) -> None:
        shop.deploy()
        status = shop.status()
        assert (status.project, status.environment, status.target) == ("shop", "staging", "aws")
        assert [(stack.part, stack.resources, stack.pending) for stack in status.stacks] == [
            ("foundation", 1, 0),
            ("data", 1, 0),
            ("services", 6, 0),
        ]
        assert all(stack.applied_at for stack in status.stacks)
        assert status.monthly > 17
        assert status.warnings == ()

    def test_tells_what_was_never_begun_from_what_did_not_finish(self, shop: Shop) -> None:
        shop.runner.failing["data up"] = ResourceFailed("no")
        with pytest.raises(ResourceFailed):
            shop.deploy()
        found = {stack.part: stack for stack in shop.status().stacks}
        assert (found["foundation"].begun, bool(found["foundation"].applied_at)) == (True, True)
        assert (found["services"].begun, found["services"].applied_at) == (False, None)
        assert "services: it was planned and never deployed; cx deploy does" in shop.status().warnings

    def test_says_what_runs_in_each_colour(self, shop: Shop) -> None:
        shop.deploy(services={"web": {"image": "a:1", "port": 80, "cpu": 512, "memory": 1024, "count": 3}})
        assert [
            (one.name, one.colour, one.tasks, one.cpu, one.memory, one.url) for one in shop.status().services
        ] == [
            ("web", "blue", "3", "512", "1024", "http://lb/"),
            ("web", "green", "0", "512", "1024", "http://lb/"),
        ]

    def test_knows_what_a_deploy_that_failed_left(self, shop: Shop) -> None:
        shop.deploy()
        before = shop.status()
        shop.runner.failing["services up"] = ResourceFailed("no")
        with pytest.raises(ResourceFailed):
            shop.deploy(
                services={
                    "web": {"image": "a:2", "port": 80},
                    "new": {"image": "a:1", "port": 81, "path": "/n"},
                }
            )
        after = shop.status()
        assert [(stack.part, bool(stack.applied_at)) for stack in after.stacks] == [
            ("foundation", True),
            ("data", True),
            ("services", False),
        ]
        assert after.warnings == ("services: its last deploy did not finish; cx deploy continues it",)
        assert (after.monthly, after.services) == (before.monthly, before.services)

    def test_needs_no_records(self, shop: Shop) -> None:
        shop.deploy()
        before = shop.status()
        for part in Part:
            shop.environment.records.forget(part)
        after = shop.status()
        assert before.monthly > 17
        assert (after.monthly, after.services) == (before.monthly, before.services)

    def test_shows_no_secret(self, shop: Shop) -> None:
        shop.deploy()
        operation = shop.operation(Part.SERVICES)
        state = read_state(operation)
        write_state(operation, {**state, "outputs": {"urls": SECRET_IN_STATE, "more": [SECRET_IN_STATE]}})
        found = shop.deployed()
        assert found.outputs[Part.SERVICES] == {"urls": "[secret]", "more": ["[secret]"]}
        assert [one.url for one in status_of(found).services] == [None] * 4

    def test_can_be_written_as_json(self, shop: Shop) -> None:
        shop.deploy()
        told = json.loads(json.dumps(shop.status().to_dict()))
        assert told["monthly"].startswith("1")
        assert told["services"][0]["colour"] == "blue"

    def test_knows_nothing_of_what_is_not_deployed(self, shop: Shop) -> None:
        with pytest.raises(NotFound, match="nothing of shop is deployed to staging") as caught:
            shop.status()
        assert str(state_folder(shop.settings)) in caught.value.message
        assert "cx deploy -e staging" in (caught.value.hint or "")

    def test_knows_nothing_of_a_deploy_that_was_only_shown(self, shop: Shop) -> None:
        plan_environment(shop.runner, shop.environment, create_spec(), Heard())
        with pytest.raises(NotFound):
            shop.status()

    def test_says_which_state_cannot_be_read(self, shop: Shop) -> None:
        shop.deploy()
        checkpoint_file(shop.operation(Part.DATA)).write_text("{")
        with pytest.raises(StateError, match=r"shop\.staging\.data\.json"):
            shop.status()


class TestWarnings:
    def test_tell_of_a_deploy_that_did_not_finish(self, shop: Shop) -> None:
        shop.deploy()
        shop.environment.records.forget(Part.SERVICES)
        assert shop.status().warnings == ("services: its last deploy did not finish; cx deploy continues it",)

    def test_tell_of_what_was_interrupted(self, shop: Shop) -> None:
        shop.deploy()
        operation = shop.operation(Part.DATA)
        write_state(operation, {**read_state(operation), "pending_operations": [{}, {}]})
        assert shop.status().warnings[0] == (
            "data: a deploy was interrupted with 2 operations in flight; the next cx deploy recovers them"
        )

    def test_tell_of_a_state_that_is_not_its_own(self, shop: Shop) -> None:
        shop.deploy()
        operation = shop.operation(Part.DATA)
        write_state(operation, {**read_state(operation), "touched": True})
        assert shop.status().warnings == ("data: the state was changed by something other than Cygni",)

    @pytest.mark.parametrize("running", [None, "life-2"])
    def test_tell_of_a_local_cloud_that_is_gone(
        self, make_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch, running: str | None
    ) -> None:
        shop = make_shop("local", cloud="life-1", cloud_holds=0)
        shop.deploy()
        self.run(monkeypatch, running)
        assert [warning.split(": ")[1] for warning in shop.status().warnings] == [
            "the local cloud was stopped or restarted since, so it is gone from there"
        ] * 3

    def test_tell_nothing_of_a_local_cloud_that_still_runs(
        self, make_shop: Callable[..., Shop], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        shop = make_shop("local", cloud="life-1", cloud_holds=0)
        shop.deploy()
        self.run(monkeypatch, "life-1")
        assert shop.status().warnings == ()

    @staticmethod
    def run(monkeypatch: pytest.MonkeyPatch, life: str | None) -> None:
        @dataclass
        class Running:
            instance_id: str

        found = Running(life) if life else None
        monkeypatch.setattr(process, "status", lambda settings=None: found)
