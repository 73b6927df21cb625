"""The revisions of task definitions that releases may go back to: the engine leaves them behind on purpose."""

from __future__ import annotations

from collections.abc import Iterable

from cygni.plan.model import Change, Plan
from cygni.targets.fargate.clients import Clients, asking
from stacks.tagged import Tagged

TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"


def is_revision(tagged: Tagged) -> bool:
    """Whether that is a revision of a task definition of a services stack."""
    return f"/{TASK_DEFINITION}/" in tagged.urn


def families_gone(plan: Plan) -> tuple[str, ...]:
    """The families of the task definitions that a plan deletes (pure)."""
    deleted = {step.urn for step in plan.steps if step.change is Change.DELETE and not step.leftover}
    return tuple(
        one.inputs["family"]
        for stack in plan.stacks
        for one in stack.before
        if one.type == TASK_DEFINITION and one.urn in deleted
    )


def forget_families(families: Iterable[str], clients: Clients) -> None:
    """Deregisters every revision of task definitions whose service is gone. Raises what `asking` raises."""
    for family in families:
        with asking(f"the revisions of {family} were not deregistered"):
            ecs = clients("ecs")
            pages = ecs.get_paginator("list_task_definitions").paginate(familyPrefix=family, status="ACTIVE")
            for arn in [arn for page in pages for arn in page["taskDefinitionArns"]]:
                if arn.rpartition("/")[2].rpartition(":")[0] == family:
                    ecs.deregister_task_definition(taskDefinition=arn)


def forget_revisions(tagged: Iterable[Tagged], clients: Clients) -> int:
    """Deregisters every revision in `tagged`, which stops no task, and returns how many there were.

    Raises what `asking` raises; one that is deregistered already is none.
    """
    arns = [next((id for id in one.ids if id.startswith("arn:")), "") for one in tagged if is_revision(one)]
    for arn in filter(None, arns):
        with asking(f"the revision {arn} was not deregistered"):
            clients("ecs").deregister_task_definition(taskDefinition=arn)
    return len(arns)
