"""From the specification to what each stack's program is given (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cygni.health_check import HealthCheck
from cygni.naming import Part
from cygni.spec import AnyService, CronService, ProjectSpec, StandingService, WebService
from stacks.bucket_inputs import bucket_inputs
from stacks.data_inputs import bound_stores, cache_inputs, database_inputs
from stacks.inputs import (
    AlarmInputs,
    AutoscaleInputs,
    BaselineInputs,
    DataInputs,
    DomainInputs,
    FirewallInputs,
    FoundationInputs,
    ScheduleInputs,
    ServiceInputs,
    ServicesInputs,
    SpotInputs,
    StackInputs,
)
from stacks.kubernetes_inputs import kubernetes_inputs
from stacks.messaging_inputs import queue_inputs, topic_inputs
from stacks.network_inputs import flow_log_inputs, vpc_inputs
from stacks.target import LOCAL


def stack_inputs(spec: ProjectSpec) -> Mapping[Part, StackInputs]:
    """The inputs of each stack that `spec` needs, in the order they are applied.

    A part that would hold nothing is left out: whoever deploys removes what an earlier deploy put there.
    """
    inputs: dict[Part, StackInputs] = {Part.FOUNDATION: _foundation(spec)}
    if spec.buckets or spec.databases or spec.caches or spec.queues or spec.topics:
        inputs[Part.DATA] = DataInputs(
            project=spec.project,
            environment=spec.environment,
            buckets=bucket_inputs(spec),
            databases=database_inputs(spec),
            caches=cache_inputs(spec),
            queues=queue_inputs(spec),
            topics=topic_inputs(spec),
            own_key=spec.security.kms,
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
        endpoints=tuple(sorted(set(spec.network.endpoints or ()))),
        flow_logs=flow_log_inputs(spec),
        acls=spec.network.acls,
        vpc=vpc_inputs(spec),
        load_balancer=any(service.kind == "web" for service in spec.services.values()),
        repositories=tuple(sorted(name for name, service in spec.services.items() if service.build)),
        domain=_domain(spec),
        firewall=FirewallInputs(spec.security.waf_rate_limit) if spec.security.waf else None,
        baseline=_baseline(spec),
        kubernetes=kubernetes_inputs(spec),
    )


def _baseline(spec: ProjectSpec) -> BaselineInputs | None:
    security = spec.security
    if not (security.guardduty or security.security_hub or security.cloudtrail):
        return None
    return BaselineInputs(
        guardduty=security.guardduty,
        security_hub=security.security_hub,
        trail_retention=security.cloudtrail_retention if security.cloudtrail else 0,
    )


def _domain(spec: ProjectSpec) -> DomainInputs | None:
    domain = spec.domain
    if domain is None:
        return None
    return DomainInputs(
        names=(domain.name, *domain.aliases),
        zone=domain.zone or domain.name,
        # The local cloud has no zones but those that deploys make.
        create_zone=domain.create_zone or spec.environment == LOCAL,
        cdn=domain.cdn,
    )


def _services(spec: ProjectSpec) -> ServicesInputs:
    return ServicesInputs(
        project=spec.project,
        environment=spec.environment,
        private=spec.network.private_tasks,
        log_retention=spec.log_retention,
        services=tuple(_service(name, service) for name, service in sorted(spec.services.items())),
        discovery=_discovery(spec),
        buckets=tuple(sorted(spec.buckets)),
        stores=bound_stores(spec),
        queues=tuple(sorted(spec.queues)),
        topics=tuple(sorted(spec.topics)),
    )


def _discovery(spec: ProjectSpec) -> bool:
    """Whether services find each other: only those with a port can be found."""
    if not any(service.kind == "web" for service in spec.services.values()):
        return False
    return len(spec.services) > 1 if spec.discovery is None else spec.discovery


def _service(name: str, service: AnyService) -> ServiceInputs:
    build = service.build
    common = ServiceInputs(
        name=name,
        kind=service.kind,
        image=service.image or "",
        repository=name if build else "",
        image_tag=(build.tag or "") if build else "",
        cpu=service.cpu,
        memory=service.memory,
        architecture=str(service.architecture),
        ephemeral_storage=service.ephemeral_storage,
        environment=tuple(sorted(service.env.items())),
        command=tuple(service.command or ()),
        stop_timeout=service.stop_timeout,
        secrets=tuple(sorted(service.secrets.items())),
    )
    if isinstance(service, CronService):
        return replace(common, schedule=_schedule(service))
    if isinstance(service, StandingService):
        common = _standing(common, service)
    if isinstance(service, WebService):
        return _web(common, service)
    return common


def _standing(common: ServiceInputs, service: StandingService) -> ServiceInputs:
    scaled, spot, limits = service.autoscale, service.spot, service.thresholds
    return replace(
        common,
        count=service.count,
        exec=service.exec,
        autoscale=AutoscaleInputs(
            scaled.min, scaled.max, scaled.cpu, scaled.requests, scaled.in_cooldown, scaled.out_cooldown
        )
        if scaled
        else None,
        spot=SpotInputs(spot.percent, spot.base) if spot else None,
        alarms=AlarmInputs(limits.errors, limits.latency, limits.cpu, limits.memory, limits.minutes)
        if service.alarms
        else None,
    )


def _web(common: ServiceInputs, service: WebService) -> ServiceInputs:
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


def _schedule(service: CronService) -> ScheduleInputs:
    return ScheduleInputs(
        expression=service.schedule,
        timezone=service.timezone,
        flexible_window=service.flexible_window,
        retries=service.retries,
        retry_for=service.retry_for,
        dead_letter=service.dead_letter,
        enabled=service.enabled,
    )
