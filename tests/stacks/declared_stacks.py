"""The stacks of an environment, as their programs declare them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cygni.naming import Part, stack_name
from cygni.spec import ProjectSpec
from stacks.manifest import empty_inputs, stack_inputs
from stacks.program import program_for
from tests.pulumi_mocks import Made, Registered, run_program

Stacks = Mapping[Part, Made]

BUILT = {"build": {"tag": "v7"}, "port": 80}
LONGEST = {
    "project": "p" * 24,
    "network": {"nat": "per-zone", "zones": 3},
    "services": {
        "s" * 20: BUILT,
        "t" * 20: {**BUILT, "path": "/" + "t" * 125},
        "w" * 20: {"kind": "worker", "image": "a:1"},
        "c" * 20: {"kind": "cron", "image": "a:1", "schedule": "rate(1 day)", "dead_letter": True},
        "j" * 20: {"kind": "job", "image": "a:1"},
    },
    "buckets": {"b" * 20: {"versioning": True, "replication": {"region": "us-east-1"}}, "c" * 20: {}},
    "queues": {"q" * 20: {"fifo": True}},
    "topics": {"t" * 20: {"fifo": True, "subscriptions": {"q" * 20: {}}}},
}
LONGEST_ENVIRONMENT = f"preview-{'e' * 24}"


def made(spec: ProjectSpec, part: Part, **given: Any) -> Made:
    stack = stack_name(spec.project, spec.environment, part)
    inputs = stack_inputs(spec).get(part) or empty_inputs(part, spec.project, spec.environment)
    upstream = given.pop("upstream", {})
    return run_program(program_for(stack, inputs, upstream), stack, **given)


def all_made(spec: ProjectSpec) -> dict[Part, Made]:
    """Every stack, each with the outputs of those before it."""
    found: dict[Part, Made] = {}
    for part in Part:
        known = {stack_name(spec.project, spec.environment, one): found[one].outputs for one in found}
        found[part] = made(spec, part, references=known)
    return found


def resources(stacks: Stacks) -> Iterator[tuple[str, Registered]]:
    for part, found in stacks.items():
        for one in found.resources:
            yield part, one


def container(stacks: Stacks, name: str) -> dict[str, Any]:
    definition = stacks[Part.SERVICES].named("TaskDefinition", name)
    [found] = json.loads(definition.inputs["containerDefinitions"])
    assert isinstance(found, dict)
    return found
