"""What costs only while a plan is carried out (pure): both colours of a rollout, the job before it, and what is
replaced beside its successor. It is in no total of a month."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from cygni.naming import Colour, Part
from cygni.plan.model import Change, Plan, Rollout, StackPlan, StackStatus, TemporaryCost
from cygni.plan.running import OUTPUT, SERVICE_TYPE
from cygni.pricing import HOURS_PER_MONTH, ResourceDiff, estimate
from cygni.pricing.books import book_in_use
from cygni.releases.settings import ReleaseSettings, Strategy
from cygni.resources import Resource

_DEFINITION_TYPE: Final = "aws:ecs/taskDefinition:TaskDefinition"


def with_temporary(plan: Plan, settings: Mapping[str, ReleaseSettings]) -> Plan:
    """The plan with what costs for a time. `settings` tell how each service is released."""
    found = (*_colours(plan, settings), *_jobs(plan, settings), *_replaced(plan))
    return replace(plan, temporary=found)


def _colours(plan: Plan, settings: Mapping[str, ReleaseSettings]) -> Iterator[TemporaryCost]:
    """While a new version takes over, and as long as the old one is kept warm after, the tasks of both run."""
    services = next((stack for stack in plan.stacks if stack.part is Part.SERVICES), None)
    running = _outputs_before(services).get(OUTPUT)
    costs = {diff.name: diff for diff in plan.cost.resources if diff.type == SERVICE_TYPE}
    for release in plan.releases:
        how = settings.get(release.service)
        if release.rollout not in (Rollout.VERSION, Rollout.SECRETS) or not release.before or how is None:
            continue
        if how.strategy is Strategy.RECREATE:
            continue
        warm = 0.0 if how.strategy is Strategy.ROLLING else how.warm
        diff = costs.get(_resource_of(running, release.service))
        yield TemporaryCost(
            f"both colours of {release.service}", _hourly(diff), plan.floor + warm, _hourly_at_most(diff)
        )


def _outputs_before(stack: StackPlan | None) -> Mapping[str, Any]:
    if stack is None:
        return {}
    return stack.outputs if stack.status is StackStatus.SKIPPED else stack.stored_outputs


def _jobs(plan: Plan, settings: Mapping[str, ReleaseSettings]) -> Iterator[TemporaryCost]:
    """The task of each job that must succeed before a new version is released; nobody knows how long it runs."""
    after = [one for stack in plan.stacks for one in stack.after if one.type == _DEFINITION_TYPE]
    definitions = {one.name: one for one in after}
    new = (one.service for one in plan.releases if one.rollout in (Rollout.FIRST, Rollout.VERSION))
    names = (settings[service].before for service in new if service in settings)
    for job in dict.fromkeys(name for name in names if name):
        definition = definitions.get(f"{plan.project}-{plan.environment}-{job}")
        yield TemporaryCost(f"the job {job} before the release", _hourly_of_task(definition), 0.0)


def _hourly_of_task(definition: Resource | None) -> Decimal | None:
    """USD an hour of one Fargate task; None where it is not known."""
    if definition is None:
        return None
    inputs = {"desiredCount": 1, "launchType": "FARGATE", "taskDefinition": definition.inputs.get("family")}
    task = Resource(f"{definition.urn}#task", SERVICE_TYPE, definition.name, inputs, definition.region)
    costs = estimate([definition, task], book_in_use()).resources
    return next(cost.cost.hourly for cost in costs if cost.urn == task.urn)


def _resource_of(running: Any, service: str) -> str:
    """The name of the resource that has the cost of a service's tasks, whichever colour they are of."""
    entry = running.get(service) if isinstance(running, Mapping) else None
    names = entry.get("services") if isinstance(entry, Mapping) else None
    return str(names.get(Colour.BLUE, "")) if isinstance(names, Mapping) else ""


def _replaced(plan: Plan) -> Iterator[TemporaryCost]:
    """What is replaced is made anew first, as a rule, so that both are there for a while."""
    replaced = {step.urn for step in plan.steps if step.change is Change.REPLACE and not step.leftover}
    for diff in plan.cost.resources:
        hourly, at_most = _hourly(diff), _hourly_at_most(diff)
        if diff.urn in replaced and (hourly or at_most):
            yield TemporaryCost(f"{diff.name} beside what replaces it", hourly, 0.0, at_most)


def _hourly(diff: ResourceDiff | None) -> Decimal | None:
    """What is there before costs an hour, fixed; None where that is not known."""
    return diff.before.cost.hourly if diff is not None and diff.before is not None else None


def _hourly_at_most(diff: ResourceDiff | None) -> Decimal | None:
    """The most that it costs an hour where that is not known; None where it is, and where nothing bounds it."""
    if diff is None or diff.before is None or diff.before.cost.hourly is not None:
        return None
    monthly = diff.before.at_most.monthly
    return None if monthly is None else monthly / HOURS_PER_MONTH
