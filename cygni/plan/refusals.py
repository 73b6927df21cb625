"""Changes that AWS would refuse in the middle of a deploy (pure)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from cygni.eks_versions import minor
from cygni.plan.model import Change, Plan, Step
from cygni.resources import short_type

_STORAGE = ("aws:rds/instance:Instance", "allocatedStorage")
_KUBERNETES = ("aws:eks/cluster:Cluster", "version")


class Refusal(NamedTuple):
    """What cannot be done, and what to do instead."""

    message: str
    hint: str


def refusals(plan: Plan) -> Iterator[Refusal]:
    """Each change of `plan` that cannot be: smaller storage, a version of Kubernetes out of reach."""
    for step in (step for stack in plan.stacks for step in stack.steps):
        if step.change is Change.UPDATE:
            yield from _storage(step)
            yield from _kubernetes(step)


def _storage(step: Step) -> Iterator[Refusal]:
    """RDS User Guide, "Increasing DB instance storage capacity": what is allocated cannot be reduced."""
    before, after = _change(step, *_STORAGE)
    if isinstance(before, int | float) and isinstance(after, int | float) and after < before:
        yield Refusal(
            f"{_name(step)}: storage never shrinks, so not from {before:.0f} to {after:.0f} GiB",
            f"In cygni.yaml, write storage: {before:.0f} or more.",
        )


def _kubernetes(step: Step) -> Iterator[Refusal]:
    """EKS User Guide, "Update existing cluster to new Kubernetes version": one minor version at a time, never back."""
    was, becomes = _change(step, *_KUBERNETES)
    before, after = minor(str(was)), minor(str(becomes))
    if before is None or after is None or before <= after <= before + 1:
        return
    why = (
        "Kubernetes never goes back"
        if after < before
        else "Kubernetes goes up by one minor version at a time"
    )
    next_one = before if after < before else before + 1
    yield Refusal(
        f"{_name(step)}: {why}, so not from {was} to {becomes}",
        f'In cygni.yaml, write version: "1.{next_one}".',
    )


def _change(step: Step, kind: str, path: str) -> tuple[Any, Any]:
    if step.type == kind:
        for one in step.properties:
            if one.path == path:
                return one.before, one.after
    return None, None


def _name(one: Step) -> str:
    return f"{short_type(one.type)} {one.name}"
