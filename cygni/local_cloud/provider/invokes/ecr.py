"""Registry credentials."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from cygni.local_cloud.provider.cloud import Cloud
from cygni.local_cloud.provider.invokes import NotFound


def authorization_token(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    region = str(args.get("region") or cloud.where.region)
    ids = {"registryIds": [args["registryId"]]} if args.get("registryId") else {}
    data = cloud.client("ecr", region).get_authorization_token(**ids)["authorizationData"][0]
    user, colon, password = base64.b64decode(data["authorizationToken"]).decode().partition(":")
    if not colon or ":" in password:
        raise NotFound("the registry's token has another form than user:password")
    return {
        **args,
        "id": region,
        "region": region,
        "authorizationToken": data["authorizationToken"],
        "expiresAt": data["expiresAt"].isoformat(),
        "password": password,
        "proxyEndpoint": data["proxyEndpoint"],
        "userName": user,
    }
