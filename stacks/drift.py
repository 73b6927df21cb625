"""What was changed in the cloud behind Cygni's back, stack by stack, without changing anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cygni.errors import NotFound
from cygni.naming import Part, stack_name
from cygni.plan.document import drift_document
from cygni.plan.drift import drift_in
from cygni.plan.events import DiagnosticEvent, StackEvent
from cygni.plan.model import Drift
from stacks.operations import OperationKind, StackOperation, StackRunner
from stacks.planning import Progress, cloud_resources, refuse_empty_cloud, refuse_other_account
from stacks.recovery import is_unsettled, unsettled_warning
from stacks.state import look
from stacks.target import Environment


@dataclass(frozen=True)
class StackDrift:
    """`checked` is how many cloud resources were compared."""

    part: Part
    checked: int
    drift: tuple[Drift, ...]


@dataclass(frozen=True)
class DriftReport:
    """How far an environment is from what was last deployed of it. `warnings` say why it may not be the whole."""

    project: str
    environment: str
    region: str
    target: str
    account: str
    stacks: tuple[StackDrift, ...]
    warnings: tuple[str, ...] = ()

    @property
    def drift(self) -> tuple[Drift, ...]:
        return tuple(one for stack in self.stacks for one in stack.drift)

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {
            "project": self.project,
            "environment": self.environment,
            "region": self.region,
            "target": self.target,
            "account": self.account or None,
            "drifted": len(self.drift),
            "stacks": [
                {
                    "name": stack.part.value,
                    "checked": stack.checked,
                    "drift": [drift_document(one) for one in stack.drift],
                }
                for stack in self.stacks
            ],
            "warnings": list(self.warnings),
        }


def find_drift(runner: StackRunner, environment: Environment, progress: Progress) -> DriftReport:
    """Reads every resource of every stack from the cloud and compares it with the state; changes neither.

    Raises NotFound if nothing is deployed, LocalCloudEmpty, WorldChanged (another AWS account) and what the runner
    raises.
    """
    stacks: list[StackDrift] = []
    warnings: dict[str, None] = {}
    for part in Part:
        name = stack_name(environment.project, environment.name, part)
        state = look(runner, environment.engine, name)
        if not cloud_resources(state):
            continue
        refuse_other_account(environment, part, state)
        refuse_empty_cloud(environment, part, state)
        if is_unsettled(environment, name, state):
            warnings[unsettled_warning(part)] = None
        progress.stack(part, "compare")
        events: list[StackEvent] = []
        operation = StackOperation(OperationKind.REFRESH_PREVIEW, name, environment.engine)
        runner.run(operation, events.append)
        warnings |= dict.fromkeys(_warned(events))
        stacks.append(StackDrift(part, len(cloud_resources(state)), drift_in(part, events)))
    if not stacks:
        raise NotFound(
            f"nothing of {environment.project} is deployed to {environment.name}",
            hint=f"Deploy it with: cx deploy -e {environment.name}",
        )
    return DriftReport(
        project=environment.project,
        environment=environment.name,
        region=environment.region,
        target=environment.target,
        account=environment.account,
        stacks=tuple(stacks),
        warnings=tuple(warnings),
    )


def _warned(events: list[StackEvent]) -> list[str]:
    return [one.message for one in events if isinstance(one, DiagnosticEvent) and one.severity == "warning"]
