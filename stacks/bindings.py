"""What the data stack gives to the services."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from components.binding import Binding, bucket_binding, queue_binding, topic_binding
from cygni.naming import Part
from stacks.inputs import ServicesInputs
from stacks.references import Upstream


def bindings(inputs: ServicesInputs, upstream: Mapping[str, Mapping[str, Any]]) -> list[Binding]:
    """Every data resource of the project, as its services are bound to it; by kind, in the order of their names."""
    if not (inputs.buckets or inputs.queues or inputs.topics):
        return []
    data = Upstream(inputs.project, inputs.environment, Part.DATA, upstream.get(Part.DATA))
    found: list[Binding] = []
    if inputs.buckets:
        names, arns = data.output("bucketNames"), data.output("bucketArns")
        found += [bucket_binding(bucket, names[bucket], arns[bucket]) for bucket in inputs.buckets]
    if inputs.queues:
        urls, arns = data.output("queueUrls"), data.output("queueArns")
        found += [queue_binding(queue, urls[queue], arns[queue]) for queue in inputs.queues]
    if inputs.topics:
        arns = data.output("topicArns")
        found += [topic_binding(topic, arns[topic]) for topic in inputs.topics]
    return found
