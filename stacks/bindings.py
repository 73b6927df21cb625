"""What the data stack gives to the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.binding import Binding, bucket_binding
from cygni.naming import Part
from stacks.inputs import ServicesInputs
from stacks.references import Upstream


def bindings(inputs: ServicesInputs, upstream: Mapping[str, Mapping[str, Any]]) -> list[Binding]:
    """Every data resource of the project, as its services are bound to it; in the order of their names."""
    if not inputs.buckets:
        return []
    data = Upstream(inputs.project, inputs.environment, Part.DATA, upstream.get(Part.DATA))
    names, arns = data.output("bucketNames"), data.output("bucketArns")
    return [bucket_binding(bucket, names[bucket], arns[bucket]) for bucket in inputs.buckets]
