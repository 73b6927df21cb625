"""From the specification to what each stack's program is given (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cygni.health_check import HealthCheck
from cygni.naming import Part
from cygni.spec import Nat, ProjectSpec, WebService, WorkerService
from stacks.inputs import (
    BucketInputs,
    DataInputs,
    FoundationInputs,
    ServiceInputs,
    ServicesInputs,
    StackInputs,
)
from stacks.messaging_inputs import queue_inputs, topic_inputs


def stack_inputs(spec: ProjectSpec) -> Mapping[Part, StackInputs]:
    """The inputs of each stack that `spec` needs, in the order they are applied.

    A part that would hold nothing is left out: whoever deploys removes what an earlier deploy put there.
    """
    inputs: dict[Part, StackInputs] = {Part.FOUNDATION: _foundation(spec)}
    if spec.buckets or spec.queues or spec.topics:
        inputs[Part.DATA] = DataInputs(
            project=spec.project,
            environment=spec.environment,
            buckets=tuple(
                BucketInputs(name, bucket.versioning) for name, bucket in sorted(spec.buckets.items())
            ),
            queues=queue_inputs(spec),
            topics=topic_inputs(spec),
        )
    if spec.services:
        inputs[Part.SERVICES] = _services(spec)
    return inputs


def empty_inputs(part: Part, project: str, environment: str) -> StackInputs:
    """The inputs of a data or services stack that shall hold nothing any more."""
    if part is Part.DATA:
        return DataInputs(project=project, environment=environment)
    return ServicesInputs(project=project, environment=environment, private=False, log_retention=30)


def _foundation(spec: ProjectSpec) -> FoundationInputs:
    return FoundationInputs(
        project=spec.project,
        environment=spec.environment,
        cidr=str(spec.network.cidr),
        zones=spec.network.zones,
        nat=str(spec.network.nat),
        load_balancer=any(service.kind == "web" for service in spec.services.values()),
        repositories=tuple(sorted(name for name, service in spec.services.items() if service.build)),
    )


def _services(spec: ProjectSpec) -> ServicesInputs:
    return ServicesInputs(
        project=spec.project,
        environment=spec.environment,
        private=spec.network.nat is not Nat.NONE,
        log_retention=spec.log_retention,
        services=tuple(_service(name, service) for name, service in sorted(spec.services.items())),
        buckets=tuple(sorted(spec.buckets)),
        queues=tuple(sorted(spec.queues)),
        topics=tuple(sorted(spec.topics)),
    )


def _service(name: str, service: WebService | WorkerService) -> ServiceInputs:
    build = service.build
    common = ServiceInputs(
        name=name,
        kind=service.kind,
        image=service.image or "",
        repository=name if build else "",
        image_tag=build.tag if build else "",
        cpu=service.cpu,
        memory=service.memory,
        architecture=str(service.architecture),
        ephemeral_storage=service.ephemeral_storage,
        count=service.count,
        environment=tuple(sorted(service.env.items())),
        command=tuple(service.command or ()),
        stop_timeout=service.stop_timeout,
    )
    if isinstance(service, WorkerService):
        return common
    check = service.health_check
    return replace(
        common,
        port=service.port,
        path=service.path,
        deregistration_delay=service.deregistration_delay,
        health=HealthCheck(
            check.path,
            check.interval,
            check.timeout,
            check.healthy_threshold,
            check.unhealthy_threshold,
            check.success_codes,
            check.grace_period,
        ),
    )
