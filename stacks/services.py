"""The services stack: what a code-only deploy touches."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pulumi
import pulumi_aws

from components.alarms import AlarmArgs
from components.binding import Binding
from components.cron import Cron, CronArgs, ScheduleArgs, ScheduleGroup
from components.discovery import Discovery, DiscoveryArgs
from components.entrance import RULES, EntranceArgs
from components.job import Job
from components.kept_secrets import KeptSecrets, KeptSecretsArgs
from components.scaling import AutoscaleArgs, SpotArgs
from components.secret_binding import secrets_binding
from components.service import Service, ServiceArgs
from components.task import FargateArgs, TaskArgs
from cygni.naming import (
    Part,
    internal_domain,
    kept_secret_name,
    messaging_name,
    schedule_group_name,
    task_family,
)
from cygni.secret_references import kept_secret
from stacks.bindings import bindings
from stacks.inputs import ServiceInputs, ServicesInputs
from stacks.references import Upstream

FIRST_PRIORITY = 100
LONGEST_PATH = 126
SLOTS_PER_LENGTH = 130
"""Priorities go from 1 to 50000 (Elastic Load Balancing); paths have up to `LONGEST_PATH` characters, and a service
has `RULES` rules."""


def services(inputs: ServicesInputs, upstream: Mapping[str, Mapping[str, Any]]) -> None:
    """Declares the stack. Outputs: urls by web service; running by service that keeps running, with what a release
    moves (see `_running`); schedules by cron (its ARN); jobs by job, with what RunTask takes: taskDefinitionArn,
    clusterArn, subnetIds, securityGroupIds, assignPublicIp."""
    foundation = Upstream(inputs.project, inputs.environment, Part.FOUNDATION, upstream.get(Part.FOUNDATION))
    discovery = _discovery(inputs, foundation)
    bound = [*bindings(inputs, upstream), *([discovery.binding] if discovery is not None else [])]
    priorities = listener_priorities(inputs.services)
    place = _Place(inputs, foundation, bound, discovery, _kept_secrets(inputs))
    running = {
        service.name: Service(
            place.name_of(service), _service_args(place, service, priorities.get(service.name, 0))
        )
        for service in inputs.services
        if service.kind in ("web", "worker")
    }
    web = [service for service in inputs.services if service.kind == "web"]
    if web:
        entrance = foundation.output("entranceUrl")
        pulumi.export("urls", {one.name: pulumi.Output.concat(entrance, one.path) for one in web})
    pulumi.export(
        "running",
        {one.name: _running(place, one, running[one.name]) for one in inputs.services if one.name in running},
    )
    crons, jobs = _crons(place), _jobs(place)
    if crons:
        pulumi.export("schedules", crons)
    if jobs:
        pulumi.export("jobs", jobs)


def listener_priorities(given: Sequence[ServiceInputs]) -> dict[str, int]:
    """Priority of the first of the listener's rules by web service: the longest path is asked first.

    Each follows from the service's own path and name, so that adding or removing a service moves no other's
    rule: AWS refuses a priority while another rule still has it. Only services with paths of one length whose
    hashes are the same depend on each other.
    """
    found: dict[str, int] = {}
    for service in sorted(given, key=lambda service: service.name):
        if service.kind != "web":
            continue
        first = FIRST_PRIORITY + (LONGEST_PATH - len(service.path)) * SLOTS_PER_LENGTH * RULES
        slot = int(hashlib.sha256(service.name.encode()).hexdigest(), 16) % SLOTS_PER_LENGTH
        while first + slot * RULES in found.values():
            slot = (slot + 1) % SLOTS_PER_LENGTH
        found[service.name] = first + slot * RULES
    return found


@dataclass(frozen=True)
class _Place:
    """Where the services of an environment run, and what they are bound to."""

    inputs: ServicesInputs
    foundation: Upstream
    bindings: Sequence[Binding]
    discovery: Discovery | None
    kept: KeptSecrets | None

    def name_of(self, service: ServiceInputs) -> str:
        return f"{self.inputs.project}-{self.inputs.environment}-{service.name}"

    def of_kind(self, kind: str) -> list[ServiceInputs]:
        return [service for service in self.inputs.services if service.kind == kind]

    def secrets_of(self, service: ServiceInputs) -> list[Binding]:
        """Those of the account, and those that the control plane keeps."""
        kept = _kept(service)
        own = {variable: where for variable, where in service.secrets if kept_secret(where) is None}
        return [secrets_binding(own), *([self.kept.binding(kept)] if self.kept and kept else [])]

    def subnet_ids(self) -> pulumi.Output[Any]:
        return self.foundation.output("privateSubnetIds" if self.inputs.private else "publicSubnetIds")

    def fargate(self, service: ServiceInputs) -> FargateArgs:
        """What a service of any kind is given."""
        region = pulumi_aws.config.region
        assert region is not None
        return FargateArgs(
            cluster_arn=self.foundation.output("clusterArn"),
            family=task_family(self.inputs.project, self.inputs.environment, service.name),
            vpc_id=self.foundation.output("vpcId"),
            subnet_ids=self.subnet_ids(),
            public=not self.inputs.private,
            region=region,
            log_group=f"/cygni/{self.inputs.project}/{self.inputs.environment}/{service.name}",
            log_retention=self.inputs.log_retention,
            task=_task_args(service, self.foundation),
            bindings=[*self.bindings, *self.secrets_of(service)],
            exec=service.exec,
        )


def _kept(service: ServiceInputs) -> dict[str, str]:
    """By variable the name of the secret that the control plane keeps."""
    given = {variable for variable, _ in service.environment}
    found = {variable: kept_secret(where) for variable, where in service.secrets if variable not in given}
    return {variable: name for variable, name in found.items() if name is not None}


def _kept_secrets(inputs: ServicesInputs) -> KeptSecrets | None:
    names = {name for service in inputs.services for name in _kept(service).values()}
    if not names:
        return None
    project, environment = inputs.project, inputs.environment
    in_aws = {name: kept_secret_name(project, environment, name) for name in names}
    return KeptSecrets(f"{project}-{environment}", KeptSecretsArgs(in_aws))


def _discovery(inputs: ServicesInputs, foundation: Upstream) -> Discovery | None:
    if not inputs.discovery:
        return None
    return Discovery(
        f"{inputs.project}-{inputs.environment}",
        DiscoveryArgs(
            domain=internal_domain(inputs.project, inputs.environment),
            vpc_id=foundation.output("vpcId"),
            ports={service.name: service.port for service in inputs.services if service.kind == "web"},
        ),
    )


def _service_args(place: _Place, service: ServiceInputs, priority: int) -> ServiceArgs:
    return ServiceArgs(
        **vars(place.fargate(service)),
        entrance=_entrance_args(service, place.foundation, priority) if service.kind == "web" else None,
        autoscale=AutoscaleArgs(**vars(service.autoscale)) if service.autoscale else None,
        spot=SpotArgs(**vars(service.spot)) if service.spot else None,
        alarms=AlarmArgs(**vars(service.alarms)) if service.alarms else None,
        found_as=place.discovery.found_as(service.name)
        if place.discovery and service.kind == "web"
        else None,
    )


def _running(place: _Place, given: ServiceInputs, service: Service) -> dict[str, Any]:
    """What a release moves: `count` tasks of `taskDefinition` in `cluster`, as one of two `services` by colour; within
    `least` and `most` where autoscaling moves the count; behind a `rule` whose weights divide the traffic between
    `targetGroups` by colour, under `loadBalancer` as CloudWatch names it."""
    found: dict[str, Any] = {
        "count": given.count,
        "cluster": place.foundation.output("clusterArn"),
        "services": {colour.value: one.name for colour, one in service.services.items()},
        "taskDefinition": service.task.definition.arn,
        "logGroup": service.task.log_group.name,
    }
    if given.autoscale is not None:
        least, most = given.autoscale.least, given.autoscale.most
        found |= {"count": min(max(given.count, least), most), "least": least, "most": most}
    if service.entrance is not None:
        groups = service.entrance.target_groups
        found["targetGroups"] = {colour.value: one.arn for colour, one in groups.items()}
        found["rule"] = service.entrance.rule.arn
        found["loadBalancer"] = service.entrance.load_balancer
    return found


def _crons(place: _Place) -> dict[str, pulumi.Output[str]]:
    crons = place.of_kind("cron")
    if not crons:
        return {}
    project, environment = place.inputs.project, place.inputs.environment
    group = ScheduleGroup(f"{project}-{environment}", schedule_group_name(project, environment)).group
    made = {one.name: Cron(place.name_of(one), _cron_args(place, one, group)) for one in crons}
    return {name: cron.schedule.arn for name, cron in made.items()}


def _cron_args(place: _Place, service: ServiceInputs, group: pulumi_aws.scheduler.ScheduleGroup) -> CronArgs:
    schedule = service.schedule
    assert schedule is not None, "a cron has a schedule"
    dead_letters = None
    if schedule.dead_letter:
        # No name of a queue of the project's own ends so.
        dead_letters = messaging_name(
            place.inputs.project, place.inputs.environment, f"{service.name}_unstarted"
        )
    return CronArgs(
        **vars(place.fargate(service)),
        schedule=ScheduleArgs(
            name=service.name,
            group_name=group.name,
            group_arn=group.arn,
            expression=schedule.expression,
            timezone=schedule.timezone,
            flexible_window=schedule.flexible_window,
            retries=schedule.retries,
            retry_for=schedule.retry_for,
            enabled=schedule.enabled,
            dead_letters=dead_letters,
        ),
    )


def _jobs(place: _Place) -> dict[str, Any]:
    made = {one.name: Job(place.name_of(one), place.fargate(one)).task for one in place.of_kind("job")}
    return {
        name: {
            "taskDefinitionArn": task.definition.arn,
            "clusterArn": place.foundation.output("clusterArn"),
            "subnetIds": place.subnet_ids(),
            "securityGroupIds": task.security_groups,
            "assignPublicIp": not place.inputs.private,
        }
        for name, task in made.items()
    }


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
