"""Who and where the caller is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cygni.local_cloud.provider.cloud import Cloud, partition_of

_SUFFIXES = {"aws-cn": "amazonaws.com.cn"}


def _region(cloud: Cloud, args: Mapping[str, Any]) -> str:
    return str(args.get("region") or cloud.where.region)


def caller_identity(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    found = cloud.client("sts").get_caller_identity()
    account = found["Account"]
    return {"accountId": account, "arn": found["Arn"], "userId": found["UserId"], "id": account}


def region(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    name = str(args.get("name") or _region(cloud, args))
    endpoint = f"ec2.{name}.{_SUFFIXES.get(partition_of(name), 'amazonaws.com')}"
    return {"id": name, "name": name, "region": name, "endpoint": endpoint, "description": name}


def partition(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    name = partition_of(_region(cloud, args))
    suffix = _SUFFIXES.get(name, "amazonaws.com")
    reverse = ".".join(reversed(suffix.split(".")))
    return {"id": name, "partition": name, "dnsSuffix": suffix, "reverseDnsPrefix": reverse}
