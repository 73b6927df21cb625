"""Buckets that exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cygni.local_cloud.provider.cloud import Cloud
from cygni.local_cloud.provider.handlers.base import At
from cygni.local_cloud.provider.handlers.s3 import Bucket
from cygni.local_cloud.provider.invokes import NotFound


def bucket(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    region = str(args.get("region") or cloud.where.region)
    name = str(args["bucket"])
    found = Bucket().read(At(cloud, region), name, {})
    if found is None:
        raise NotFound(f"there is no bucket named {name}")
    kept = {key: value for key, value in found.items() if key != "tagsAll"}
    return {**kept, "id": name, "region": region, "websiteDomain": "", "websiteEndpoint": ""}
