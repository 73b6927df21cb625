"""What the data stack gives to the services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from components.binding import Binding, bucket_binding, queue_binding, topic_binding
from components.data_bindings import cache_binding, database_binding
from cygni.naming import Part
from stacks.inputs import ServicesInputs
from stacks.references import Upstream


def bindings(inputs: ServicesInputs, upstream: Mapping[str, Mapping[str, Any]]) -> list[Binding]:
    """Every data resource of the project, as its services are bound to it; by kind, in the order of their names."""
    stores = inputs.stores
    if not (inputs.buckets or inputs.queues or inputs.topics or stores.databases or stores.caches):
        return []
    data = Upstream(inputs.project, inputs.environment, Part.DATA, upstream.get(Part.DATA))
    found: list[Binding] = []
    if inputs.buckets:
        names, arns = data.output("bucketNames"), data.output("bucketArns")
        found += [bucket_binding(bucket, names[bucket], arns[bucket]) for bucket in inputs.buckets]
    return [*found, *_messaging(inputs, data), *_stores(inputs, data)]


def _stores(inputs: ServicesInputs, data: Upstream) -> Iterator[Binding]:
    stores = inputs.stores
    if stores.databases or stores.caches:  # one group for all of them
        yield Binding(security_groups=[data.output("clientSecurityGroupId")])
    if stores.databases:
        databases = data.output("databases")
        for name in stores.databases:
            yield database_binding(name, databases[name], default=name == stores.default_database)
    if stores.caches:
        caches = data.output("caches")
        for name in stores.caches:
            yield cache_binding(name, caches[name])


def _messaging(inputs: ServicesInputs, data: Upstream) -> Iterator[Binding]:
    if inputs.queues:
        urls, arns = data.output("queueUrls"), data.output("queueArns")
        for queue in inputs.queues:
            yield queue_binding(queue, urls[queue], arns[queue])
    if inputs.topics:
        topics = data.output("topicArns")
        for topic in inputs.topics:
            yield topic_binding(topic, topics[topic])
