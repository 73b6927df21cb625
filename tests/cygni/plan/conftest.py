from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from cygni.naming import Part
from cygni.plan.model import Change, Drift, Plan, PropertyChange, StackPlan, StackStatus, Step
from cygni.pricing import PriceBook, cost_diff, estimate
from cygni.resources import Resource

MakePlan = Callable[..., Plan]

NAT = "aws:ec2/natGateway:NatGateway"
VPC = "aws:ec2/vpc:Vpc"
BUCKET = "aws:s3/bucket:Bucket"
UNPRICED = "aws:made/up:Thing"


@pytest.fixture
def make_plan() -> MakePlan:
    """`make_plan(creates=[(NAT, "a")], deletes=[...], updates=[(type, name, properties)])`: a plan of one stack,
    priced from the real book."""
    return plan_of


def resource(resource_type: str, name: str, inputs: Mapping[str, Any] | None = None) -> Resource:
    return Resource(f"urn:x::{resource_type}::{name}", resource_type, name, inputs or {}, "us-east-1")


def plan_of(
    creates: Sequence[tuple[str, str]] = (),
    deletes: Sequence[tuple[str, str]] = (),
    updates: Sequence[tuple[str, str, Sequence[PropertyChange]]] = (),
    replaces: Sequence[tuple[str, str, Sequence[PropertyChange]]] = (),
    drifted: tuple[str, ...] = (),
    **given: Any,
) -> Plan:
    both = [resource(kind, name) for kind, name, _ in (*updates, *replaces)]
    before = [*both, *(resource(*one) for one in deletes)]
    after = [*both, *(resource(*one) for one in creates)]
    steps = (
        *(_step(*one, Change.CREATE) for one in creates),
        *(_step(kind, name, Change.UPDATE, tuple(changes)) for kind, name, changes in updates),
        *(_step(kind, name, Change.REPLACE, tuple(changes)) for kind, name, changes in replaces),
        *(_step(*one, Change.DELETE) for one in deletes),
    )
    stack = StackPlan(
        Part.DATA,
        StackStatus.CHANGED if steps else StackStatus.UNCHANGED,
        steps,
        tuple(before),
        tuple(after),
        unchanged=0,
        drift=tuple(Drift(Part.DATA, f"urn:x::{name}", VPC, name, gone=True) for name in drifted),
    )
    book = PriceBook.load()
    values: dict[str, Any] = {
        "project": "shop",
        "environment": "staging",
        "region": "us-east-1",
        "target": "aws",
        "stacks": (StackPlan(Part.FOUNDATION, StackStatus.SKIPPED, unchanged=3), stack),
        "cost": cost_diff(estimate(before, book), estimate(after, book)),
        **given,
    }
    return Plan(**values)


def _step(resource_type: str, name: str, change: Change, properties: tuple[PropertyChange, ...] = ()) -> Step:
    loses = resource_type == BUCKET and change in (Change.DELETE, Change.REPLACE)
    return Step(
        Part.DATA,
        f"urn:x::{resource_type}::{name}",
        resource_type,
        name,
        change,
        properties,
        stateful=name if loses else None,
    )
