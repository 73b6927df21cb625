"""What a plan says is spent now is what `cx status` says, also of what only references tell."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cygni.naming import Part, stack_name
from cygni.pricing import PriceBook, Usage, estimate
from stacks.applying import apply
from stacks.destroying import plan_destroy
from stacks.operations import OperationKind, StackOperation
from stacks.planning import plan_environment
from stacks.state import look
from stacks.state_resources import resources_in
from stacks.target import Environment
from tests.engine_state import read_state, write_state
from tests.factories import create_environment, create_spec
from tests.fake_programs import SERVICE, urn_of
from tests.fakes import FakeRunner, Heard

STACK = "shop.staging.services"
TARGET = "aws:appautoscaling/target:Target"


@pytest.fixture
def runner() -> FakeRunner:
    return FakeRunner()


@pytest.fixture
def staging(runner: FakeRunner, tmp_path: Path) -> Environment:
    """A deployed shop, each of whose services autoscaling keeps at five tasks at least."""
    environment = create_environment(tmp_path)
    apply(runner, environment, plan_environment(runner, environment, create_spec(), Heard()), Heard())
    operation = StackOperation(OperationKind.EXPORT, STACK, environment.engine)
    state = read_state(operation)
    targets: list[dict[str, Any]] = [
        {
            "urn": urn_of(STACK, TARGET, f"scaling-{number}"),
            "type": TARGET,
            "id": f"target-{number}",
            "custom": True,
            "inputs": {"minCapacity": 5, "maxCapacity": 9},
            "propertyDependencies": {"resourceId": [one["urn"]]},
        }
        for number, one in enumerate(state["resources"])
        if one["type"] == SERVICE
    ]
    assert targets
    write_state(operation, {**state, "resources": [*state["resources"], *targets]})
    return environment


def spent(runner: FakeRunner, environment: Environment) -> Any:
    """As `stacks.status` has it."""
    names = [stack_name(environment.project, environment.name, part) for part in Part]
    states = [look(runner, environment.engine, name) for name in names]
    deployed = [one for state in states for one in resources_in(state, environment.region)]
    return estimate(deployed, PriceBook.load(), Usage.of({})).monthly


class TestCostBefore:
    def test_of_a_removal_is_what_status_says(self, runner: FakeRunner, staging: Environment) -> None:
        plan = plan_destroy(runner, staging, Heard()).plan
        assert plan.cost.before.monthly == spent(runner, staging) > 0

    def test_of_a_deploy_that_deletes_is_what_status_says(
        self, runner: FakeRunner, staging: Environment
    ) -> None:
        plan = plan_environment(runner, staging, create_spec(), Heard()).plan
        assert plan.cost.before.monthly == spent(runner, staging)
        assert plan.cost.after.monthly < plan.cost.before.monthly
