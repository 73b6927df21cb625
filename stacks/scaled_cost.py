"""What other numbers of tasks cost, until the next deploy."""

from __future__ import annotations

from collections.abc import Mapping

from cygni.naming import Part
from cygni.plan.running import running_resources, scaled_outputs
from cygni.pricing import estimate
from cygni.pricing.books import book_in_use
from cygni.pricing.difference import CostDiff, cost_diff
from cygni.resources import Resource
from cygni.spec.usage_file import project_usage
from stacks.state_resources import outputs_in, resources_in
from stacks.status import Deployed


def scaled_cost(deployed: Deployed, before: Mapping[str, int], after: Mapping[str, int]) -> CostDiff:
    """Of the services stack with `before` and with `after` tasks, by service. Raises SpecError if the usage file beside
    the specification is wrong."""
    book, usage = book_in_use(), project_usage(deployed.spec, deployed.folder)
    return cost_diff(
        estimate(_resources(deployed, before), book, usage),
        estimate(_resources(deployed, after), book, usage),
    )


def _resources(deployed: Deployed, counts: Mapping[str, int]) -> tuple[Resource, ...]:
    state = deployed.states[Part.SERVICES]
    outputs = scaled_outputs(outputs_in(state), counts)
    return running_resources(resources_in(state, deployed.spec.region), outputs)
