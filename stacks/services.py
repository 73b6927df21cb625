"""The services stack: what a code-only deploy touches."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import pulumi
import pulumi_aws

from components.binding import Binding
from components.service import EntranceArgs, Service, ServiceArgs
from components.task import TaskArgs
from cygni.naming import Part
from stacks.bindings import bindings
from stacks.inputs import ServiceInputs, ServicesInputs
from stacks.references import Upstream

FIRST_PRIORITY = 100
LONGEST_PATH = 126
PRIORITIES_PER_LENGTH = 390
"""Priorities go from 1 to 50000 (Elastic Load Balancing); paths have up to `LONGEST_PATH` characters."""


def services(inputs: ServicesInputs, upstream: Mapping[str, Mapping[str, Any]]) -> None:
    """Declares the stack. Outputs: urls by web service, serviceNames by service and colour."""
    foundation = Upstream(inputs.project, inputs.environment, Part.FOUNDATION, upstream.get(Part.FOUNDATION))
    bound = bindings(inputs, upstream)
    priorities = listener_priorities(inputs.services)
    made = {
        service.name: Service(
            f"{inputs.project}-{inputs.environment}-{service.name}",
            _service_args(inputs, service, foundation, bound, priorities.get(service.name, 0)),
        )
        for service in inputs.services
    }
    web = [service for service in inputs.services if service.kind == "web"]
    if web:
        host = foundation.output("loadBalancerDnsName")
        pulumi.export("urls", {one.name: pulumi.Output.concat("http://", host, one.path) for one in web})
    pulumi.export(
        "serviceNames",
        {name: {c.value: made[name].services[c].name for c in made[name].services} for name in made},
    )


def listener_priorities(given: Sequence[ServiceInputs]) -> dict[str, int]:
    """Priorities of the listener's rules by web service: the longest path is asked first.

    Each follows from the service's own path and name, so that adding or removing a service moves no other's
    rule: AWS refuses a priority while another rule still has it. Only services with paths of one length whose
    hashes are the same depend on each other.
    """
    found: dict[str, int] = {}
    for service in sorted(given, key=lambda service: service.name):
        if service.kind != "web":
            continue
        first = FIRST_PRIORITY + (LONGEST_PATH - len(service.path)) * PRIORITIES_PER_LENGTH
        slot = int(hashlib.sha256(service.name.encode()).hexdigest(), 16) % PRIORITIES_PER_LENGTH
        while first + slot in found.values():
            slot = (slot + 1) % PRIORITIES_PER_LENGTH
        found[service.name] = first + slot
    return found


def _service_args(
    inputs: ServicesInputs,
    service: ServiceInputs,
    foundation: Upstream,
    bound: Sequence[Binding],
    priority: int,
) -> ServiceArgs:
    region = pulumi_aws.config.region
    assert region is not None
    return ServiceArgs(
        cluster_arn=foundation.output("clusterArn"),
        vpc_id=foundation.output("vpcId"),
        subnet_ids=foundation.output("privateSubnetIds" if inputs.private else "publicSubnetIds"),
        public=not inputs.private,
        region=region,
        log_group=f"/cygni/{inputs.project}/{inputs.environment}/{service.name}",
        log_retention=inputs.log_retention,
        task=_task_args(service, foundation),
        count=service.count,
        bindings=bound,
        entrance=_entrance_args(service, foundation, priority) if service.kind == "web" else None,
    )


def _task_args(service: ServiceInputs, foundation: Upstream) -> TaskArgs:
    image: pulumi.Input[str] = service.image
    repository_arn: pulumi.Input[str] | None = None
    if service.repository:
        urls, arns = foundation.output("repositoryUrls"), foundation.output("repositoryArns")
        image = pulumi.Output.concat(urls[service.repository], ":", service.image_tag)
        repository_arn = arns[service.repository]
    return TaskArgs(
        image=image,
        cpu=service.cpu,
        memory=service.memory,
        architecture=service.architecture,
        ephemeral_storage=service.ephemeral_storage,
        stop_timeout=service.stop_timeout,
        environment=dict(service.environment),
        command=service.command,
        repository_arn=repository_arn,
    )


def _entrance_args(service: ServiceInputs, foundation: Upstream, priority: int) -> EntranceArgs:
    health = service.health
    assert health is not None, "a web service has a health check"
    return EntranceArgs(
        listener_arn=foundation.output("listenerArn"),
        load_balancer_security_group=foundation.output("loadBalancerSecurityGroupId"),
        path=service.path,
        priority=priority,
        port=service.port,
        health=health,
        deregistration_delay=service.deregistration_delay,
    )
