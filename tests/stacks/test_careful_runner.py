"""What surrounds an operation, with a stand-in for the engine; then whole deploys that lose the state on the way."""

from __future__ import annotations

import errno
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import EngineDied, NoSpace, StateBeingMade
from cygni.naming import Part
from cygni.plan.events import StackEvent, StepEvent
from stacks import recovery
from stacks.applying import apply
from stacks.careful_runner import CarefulRunner
from stacks.destroying import destroy, plan_destroy
from stacks.operations import OnEvent, OperationKind, OperationResult, StackOperation, StackRunner
from stacks.planning import PlannedEnvironment, plan_environment
from stacks.state import look
from stacks.target import Environment
from tests.engine_state import checkpoint_file
from tests.factories import create_environment, create_spec
from tests.fake_programs import BUCKET, urn_of
from tests.fakes import FakeRunner, Heard

DATA = "shop.staging.data"


class Patient:
    """Runs another runner as a child process is heard: what a listener raises, it raises at the end."""

    def __init__(self, runner: StackRunner) -> None:
        self._runner = runner

    def run(self, operation: StackOperation, on_event: OnEvent) -> OperationResult:
        raised: list[Exception] = []

        def hear(event: StackEvent) -> None:
            try:
                on_event(event)
            except OSError as error:
                raised.append(error)

        try:
            return self._runner.run(operation, hear)
        finally:
            if raised:
                raise raised[0]


class Unheard(Heard):
    """A progress whose terminal is gone."""

    def event(self, part: Part, event: StackEvent) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")


class Spoiled:
    """An engine that plays by the rules until `at`: then it cuts the state of the stack off and gives up."""

    def __init__(self) -> None:
        self.engine = FakeRunner()
        self.at: Callable[[StackOperation, StackEvent], bool] = lambda operation, event: False

    def run(self, operation: StackOperation, on_event: OnEvent) -> OperationResult:
        def hear(event: StackEvent) -> None:
            on_event(event)
            if self.at(operation, event):
                cut_off(operation)
                raise EngineDied("no space left")

        return self.engine.run(operation, hear)


def cut_off(operation: StackOperation) -> None:
    path = checkpoint_file(operation)
    path.write_bytes(path.read_bytes()[:30])


def is_made(name: str) -> Callable[[StackOperation, StackEvent], bool]:
    """That an `up` tells a resource to be done."""
    return lambda operation, event: (
        operation.kind is OperationKind.UP
        and isinstance(event, StepEvent)
        and (event.phase, event.urn.rpartition("::")[2]) == ("done", name)
    )


class Deploys:
    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.spoiled = Spoiled()
        self.runner = CarefulRunner(self.spoiled)

    def plan(self, **sections: Any) -> PlannedEnvironment:
        return plan_environment(
            self.runner, self.environment, create_spec("staging", **sections), Heard(), settle=True
        )

    def deploy(self, **sections: Any) -> PlannedEnvironment:
        planned = self.plan(**sections)
        apply(self.runner, self.environment, planned, Heard())
        return planned

    def operation(self, kind: OperationKind = OperationKind.EXPORT, stack: str = DATA) -> StackOperation:
        return StackOperation(kind=kind, stack=stack, settings=self.environment.engine)

    def ids(self) -> dict[str, str]:
        resources = look(self.runner, self.environment.engine, DATA).resources
        return {one["urn"].rpartition("::")[2]: one["id"] for one in resources if "id" in one}


@pytest.fixture
def staging(tmp_path: Path) -> Deploys:
    return Deploys(create_environment(tmp_path))


@pytest.fixture
def in_the_cloud(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What look-ups find, by bucket."""
    cloud: dict[str, str] = {}

    def lookup_in(environment: Environment) -> recovery.Lookup:
        def lookup(token: str, inputs: Mapping[str, Any], region: str, known: Collection[str]) -> str | None:
            found = cloud.get(inputs["bucket"])
            return None if found in known else found

        return lookup

    monkeypatch.setattr(recovery, "_lookup_in", lookup_in)
    return cloud


BUCKETS: dict[str, Any] = {"buckets": {"uploads": {}, "reports": {}}}


class Crowded:
    """An engine that finds others making the table of the states, so many times."""

    def __init__(self, times: int) -> None:
        self.left = times

    def run(self, operation: StackOperation, on_event: OnEvent) -> OperationResult:
        if self.left:
            self.left -= 1
            raise StateBeingMade("another process makes it")
        return OperationResult()


class TestPlaceBeingMade:
    @pytest.mark.parametrize("kind", [OperationKind.PREVIEW, OperationKind.UP])
    def test_is_opened_again(self, kind: OperationKind, staging: Deploys) -> None:
        crowded = Crowded(times=2)
        CarefulRunner(crowded).run(staging.operation(kind), lambda event: None)
        assert crowded.left == 0

    def test_is_not_waited_for_without_end(self, staging: Deploys) -> None:
        crowded = Crowded(times=9)
        with pytest.raises(StateBeingMade):
            CarefulRunner(crowded).run(staging.operation(OperationKind.PREVIEW), lambda event: None)
        assert crowded.left > 0


class TestOperations:
    @pytest.mark.parametrize(
        "kind", [OperationKind.UP, OperationKind.DESTROY, OperationKind.IMPORT, OperationKind.INIT]
    )
    def test_that_write_a_state_do_not_begin_without_room(
        self, staging: Deploys, monkeypatch: pytest.MonkeyPatch, kind: OperationKind
    ) -> None:
        staging.deploy()
        full = type("Usage", (), {"free": 4096})
        monkeypatch.setattr("shutil.disk_usage", lambda path: full)
        staging.spoiled.engine.asked.clear()
        with pytest.raises(NoSpace):
            staging.runner.run(staging.operation(kind), lambda event: None)
        assert staging.spoiled.engine.asked == []

    def test_that_only_look_need_none(self, staging: Deploys, monkeypatch: pytest.MonkeyPatch) -> None:
        staging.deploy()
        monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 0}))
        assert staging.runner.run(staging.operation(), lambda event: None).deployment

    def test_are_copied_though_nobody_can_be_told(self, staging: Deploys) -> None:
        staging.deploy()
        done = StepEvent("done", "create", urn_of(DATA, BUCKET, "uploads"), BUCKET)

        class Writing:
            def run(self, operation: StackOperation, on_event: OnEvent) -> OperationResult:
                path = checkpoint_file(operation)
                path.write_text(f"{path.read_text()}\n")
                written = path.read_text()
                on_event(done)
                assert (operation.settings.config_dir / f"{DATA}.state.json").read_text() == written
                path.write_text(f"{written}\n")
                return OperationResult()

        def listen(event: StackEvent) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        operation = staging.operation(OperationKind.UP)
        with pytest.raises(OSError, match="No space"):
            CarefulRunner(Patient(Writing())).run(operation, listen)
        copy = operation.settings.config_dir / f"{DATA}.state.json"
        assert copy.read_text() == checkpoint_file(operation).read_text()

    def test_leave_nothing_reserved(self, staging: Deploys) -> None:
        staging.spoiled.at = is_made("shop-staging-uploads")
        with pytest.raises(EngineDied):
            staging.deploy()
        assert list(staging.environment.engine.config_dir.glob("*.reserve")) == []

    def test_that_end_a_stack_end_its_copy(self, staging: Deploys) -> None:
        staging.deploy()
        copies = staging.environment.engine.config_dir
        assert len(list(copies.iterdir())) == 3
        planned = plan_destroy(staging.runner, staging.environment, Heard())
        destroy(staging.runner, staging.environment, planned, Heard())
        assert list(copies.iterdir()) == []


class TestStateLostInTheMiddle:
    def test_is_restored_and_the_deploy_continued(
        self, staging: Deploys, in_the_cloud: dict[str, str]
    ) -> None:
        staging.spoiled.at = is_made("shop-staging-reports")
        with pytest.raises(EngineDied):
            staging.deploy(**BUCKETS)
        staging.spoiled.at = lambda operation, event: False
        in_the_cloud["shop-staging-reports"] = "made-before"
        planned = staging.deploy(**BUCKETS)
        assert [warning for warning in planned.plan.warnings if f"state of {DATA} was damaged" in warning]
        assert staging.ids()["shop-staging-reports"] == "made-before"
        assert sorted(staging.ids()) == ["shop-staging-reports", "shop-staging-uploads"]
        assert not staging.plan(**BUCKETS).plan.warnings

    def test_is_remembered_though_nobody_could_be_told(
        self, staging: Deploys, in_the_cloud: dict[str, str]
    ) -> None:
        staging.deploy()
        staging.spoiled.at = is_made("shop-staging-reports")
        planned = staging.plan(**BUCKETS)
        with pytest.raises(OSError, match="No space left"):
            apply(CarefulRunner(Patient(staging.spoiled)), staging.environment, planned, Unheard())
        staging.spoiled.at = lambda operation, event: False
        in_the_cloud["shop-staging-reports"] = "made-before"
        staging.deploy(**BUCKETS)
        assert staging.ids()["shop-staging-reports"] == "made-before"

    def test_is_restored_before_all_is_destroyed(
        self, staging: Deploys, in_the_cloud: dict[str, str]
    ) -> None:
        staging.deploy()
        staging.spoiled.at = is_made("shop-staging-reports")
        with pytest.raises(EngineDied):
            staging.deploy(**BUCKETS)
        in_the_cloud["shop-staging-reports"] = "made-before"
        planned = plan_destroy(staging.runner, staging.environment, Heard())
        assert "was damaged" in planned.plan.warnings[0]
        [data] = [stack for stack in planned.plan.stacks if stack.part is Part.DATA]
        assert urn_of(DATA, BUCKET, "shop-staging-reports") in [step.urn for step in data.steps]


class TestStateLostAtRest:
    def test_is_restored_as_it_was(self, staging: Deploys) -> None:
        staging.deploy()
        before = staging.ids()
        cut_off(staging.operation())
        staging.deploy()
        assert staging.ids() == before

    def test_is_left_alone_by_who_only_looks(self, staging: Deploys) -> None:
        staging.deploy()
        operation = staging.operation()
        cut_off(operation)
        damaged = checkpoint_file(operation).read_bytes()
        with pytest.raises(Exception, match="cut off or damaged"):
            plan_environment(staging.runner, staging.environment, create_spec("staging"), Heard())
        assert checkpoint_file(operation).read_bytes() == damaged

    def test_is_nobodys_business_in_another_backend(self, staging: Deploys) -> None:
        staging.deploy()
        cut_off(staging.operation())
        elsewhere = replace(staging.environment.engine, backend_url="s3://bucket")
        assert recovery.mend(replace(staging.environment, engine=elsewhere), DATA) is None
