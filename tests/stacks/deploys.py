"""Deploys of one environment, one after the other, with a stand-in for the engine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from cygni.naming import Part
from stacks.applying import Applied, apply
from stacks.destroying import destroy, plan_destroy
from stacks.operations import OperationKind, StackOperation
from stacks.planning import PlannedEnvironment, plan_environment
from stacks.target import Environment
from tests.engine_state import checkpoint_file, read_state, write_state
from tests.factories import create_spec
from tests.fakes import FakeRunner, Heard

WEB = {"image": "nginx:1", "port": 80}
CHANGED = {"web": {**WEB, "cpu": 512, "memory": 1024}}
EVERY_STACK = ["foundation", "data", "services"]


class Deploys:
    """Deploys of one environment, one after the other, with the calls of the last one."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment
        self.runner = FakeRunner()
        self.heard = Heard()

    def plan(self, *, refresh: bool = False, **sections: Any) -> PlannedEnvironment:
        self.runner.asked.clear()
        spec = create_spec(self.environment.name, **sections)
        return plan_environment(self.runner, self.environment, spec, self.heard, refresh=refresh, settle=True)

    def apply(self, planned: PlannedEnvironment) -> Applied:
        return apply(self.runner, self.environment, planned, self.heard)

    def deploy(self, *, refresh: bool = False, **sections: Any) -> Applied:
        return self.apply(self.plan(refresh=refresh, **sections))

    def destroy(self) -> int:
        self.runner.asked.clear()
        return destroy(
            self.runner, self.environment, plan_destroy(self.runner, self.environment, self.heard), self.heard
        )

    @property
    def calls(self) -> list[str]:
        return self.runner.calls

    def recorded(self) -> list[str]:
        return [part.value for part in Part if self.environment.records.read(part) is not None]

    def state(self, part: str) -> Mapping[str, Any]:
        return read_state(self._operation(part))

    def disturb(self, part: str) -> None:
        """Somebody else changes the state of a stack."""
        operation = self._operation(part)
        write_state(operation, {**read_state(operation), "touched": "by somebody else"})

    def files(self) -> list[str]:
        state = checkpoint_file(self._operation("data")).parent
        return sorted(path.stem.rsplit(".", 1)[-1] for path in state.iterdir())

    def _operation(self, part: str) -> Any:
        return next(
            replace(operation, stack=f"shop.{self.environment.name}.{part}", kind=OperationKind.EXPORT)
            for operation in [*self.runner.asked, _any_operation(self.environment)]
        )


def _any_operation(environment: Environment) -> Any:
    return StackOperation(kind=OperationKind.EXPORT, stack="", settings=environment.engine)


def statuses(planned: PlannedEnvironment) -> list[str]:
    return [stack.status.value for stack in planned.plan.stacks]
