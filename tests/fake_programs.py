"""The stack programs in small: a few of their resources, enough to see what follows from what."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cygni.naming import Part, required_tags, stack_name
from stacks.inputs import DataInputs, FoundationInputs, ServicesInputs, StackInputs
from stacks.pulumi_project import PULUMI_PROJECT

VPC = "aws:ec2/vpc:Vpc"
NAT = "aws:ec2/natGateway:NatGateway"
BUCKET = "aws:s3/bucket:Bucket"
TASK = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"


def urn_of(stack: str, resource_type: str, name: str) -> str:
    return f"urn:pulumi:{stack}::{PULUMI_PROJECT}::{resource_type}::{name}"


@dataclass
class Declared:
    """A resource as a program declares it, by what matters here."""

    type: str
    name: str
    inputs: dict[str, Any]


def declared(inputs: StackInputs, upstream: Mapping[str, Any]) -> list[Declared]:
    """A few resources of the real programs, enough to see what follows from what, tagged as all are."""
    project, environment = inputs.project, inputs.environment
    stack = stack_name(project, environment, inputs.part)
    return [
        replace(
            one,
            inputs={
                **one.inputs,
                "tags": dict(required_tags(stack, project, environment, one.type, one.name)),
            },
        )
        for one in _untagged(inputs, upstream)
    ]


def _untagged(inputs: StackInputs, upstream: Mapping[str, Any]) -> list[Declared]:
    prefix = f"{inputs.project}-{inputs.environment}"
    if isinstance(inputs, FoundationInputs):
        gateways = {"none": 0, "single": 1, "per-zone": inputs.zones}[inputs.nat]
        found = [Declared(VPC, prefix, {"cidrBlock": inputs.cidr})]
        return found + [
            Declared(NAT, f"{prefix}-nat-{zone}", {"connectivityType": "public"}) for zone in "abc"[:gateways]
        ]
    if isinstance(inputs, DataInputs):
        return [
            Declared(
                BUCKET,
                f"{prefix}-{one.name}",
                {"bucket": f"{prefix}-{one.name}", "versioning": one.versioning},
            )
            for one in inputs.buckets
        ]
    return [one for service in inputs.services for one in _of_service(inputs, service, prefix, upstream)]


def _of_service(
    inputs: ServicesInputs, service: Any, prefix: str, upstream: Mapping[str, Any]
) -> Iterable[Declared]:
    name = f"{prefix}-{service.name}"
    yield Declared(
        TASK,
        name,
        {
            "cpu": str(service.cpu),
            "memory": str(service.memory),
            "family": name,
            "requiresCompatibilities": ["FARGATE"],
            "environment": [list(pair) for pair in service.environment],
            "runtimePlatform": {"cpuArchitecture": service.architecture.upper()},
            "containerDefinitions": _containers(service),
        },
    )
    for colour in ("blue", "green"):
        yield Declared(
            SERVICE,
            f"{name}-{colour}",
            {
                "desiredCount": service.count if colour == "blue" else 0,
                "launchType": "FARGATE",
                "taskDefinition": f"arn:aws:ecs:us-east-1:1:task-definition/{name}:1",
                "vpc": upstream.get(Part.FOUNDATION, {}).get("vpcId"),
            },
        )


def components_of(stack: str, inputs: StackInputs) -> list[dict[str, Any]]:
    """The services, each with what it registers of itself."""
    kind = "cygni:compute:Service"
    return [
        {
            "urn": urn_of(stack, kind, f"{inputs.project}-{inputs.environment}-{one.name}"),
            "type": kind,
            "custom": False,
            "outputs": {"ownVariables": [name for name, _ in one.environment]},
        }
        for one in (inputs.services if isinstance(inputs, ServicesInputs) else ())
    ]


def _containers(service: Any) -> str:
    """Its image, or the tag in its repository, and the variables: its own, and one of what it is bound to."""
    image = service.image or f"registry.test/{service.repository}:{service.image_tag}"
    variables = {"BOUND_URL": "what is bound here", **dict(service.environment)}
    container: dict[str, Any] = {
        "image": image,
        "stopTimeout": service.stop_timeout,
        "environment": [{"name": name, "value": value} for name, value in variables.items()],
    }
    if service.command:
        container["command"] = list(service.command)
    if service.port:
        container["portMappings"] = [{"containerPort": service.port}]
    return json.dumps([container])


def outputs_of(inputs: StackInputs, resources: Iterable[Mapping[str, Any]], unknown: Any) -> dict[str, Any]:
    """What a stack exports; `unknown` stands for what only exists later."""
    by_type: dict[str, list[Mapping[str, Any]]] = {}
    for one in resources:
        by_type.setdefault(one["type"], []).append(one)
    if isinstance(inputs, FoundationInputs):
        found = {"vpcId": by_type[VPC][0]["id"] if VPC in by_type else unknown}
        if inputs.repositories:
            found["repositoryUrls"] = {name: f"registry.test/{name}" for name in inputs.repositories}
        return found
    if isinstance(inputs, DataInputs):
        return {"bucketNames": {one.name: one.name for one in inputs.buckets}}
    return {"urls": {one.name: f"http://lb{one.path}" for one in inputs.services if one.kind == "web"}}
