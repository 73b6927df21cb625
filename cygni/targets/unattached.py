"""Asks EC2 which addresses and disks of an environment nothing uses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from cygni.actuals.grouping import ENVIRONMENT_TAG, PROJECT_TAG
from cygni.savings.rules.disks import VOLUME
from cygni.savings.rules.unattached import ADDRESS
from cygni.targets.fargate.clients import Clients, asking


@dataclass(frozen=True, slots=True)
class Unattached:
    """What EC2 has, as a resource would declare it; `id` is EC2's."""

    id: str
    type: str
    inputs: dict[str, Any]


def unattached(clients: Clients, project: str, environment: str, region: str) -> list[Unattached]:
    """What carries the tags of the environment. Raises AuthError, Unreachable and ResourceFailed."""
    tags = {PROJECT_TAG: project, ENVIRONMENT_TAG: environment}
    filters = [{"Name": f"tag:{key}", "Values": [value]} for key, value in tags.items()]
    with asking(f"EC2 of {region} does not tell what is unattached"):
        client = clients("ec2", region)
        return [*_addresses(client, filters), *_volumes(client, filters)]


def _addresses(client: Any, filters: list[dict[str, Any]]) -> Iterator[Unattached]:
    for one in client.describe_addresses(Filters=filters)["Addresses"]:
        if not any(one.get(key) for key in ("AssociationId", "InstanceId", "NetworkInterfaceId")):
            yield Unattached(one["AllocationId"], ADDRESS, {"domain": one.get("Domain", "vpc")})


def _volumes(client: Any, filters: list[dict[str, Any]]) -> Iterator[Unattached]:
    available = [*filters, {"Name": "status", "Values": ["available"]}]
    for page in client.get_paginator("describe_volumes").paginate(Filters=available):
        for one in page["Volumes"]:
            named = {"size": "Size", "type": "VolumeType", "iops": "Iops", "throughput": "Throughput"}
            inputs = {name: one[key] for name, key in named.items() if one.get(key) is not None}
            yield Unattached(one["VolumeId"], VOLUME, inputs)
