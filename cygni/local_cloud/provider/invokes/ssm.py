"""Parameters that exist."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider.cloud import Cloud
from cygni.local_cloud.provider.invokes import NotFound


def parameter(cloud: Cloud, args: Mapping[str, Any]) -> dict[str, Any]:
    region = str(args.get("region") or cloud.where.region)
    decrypt = bool(args.get("withDecryption", True))
    try:
        answer = cloud.client("ssm", region).get_parameter(Name=args["name"], WithDecryption=decrypt)
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ParameterNotFound":
            raise NotFound(f"there is no parameter named {args['name']}") from error
        raise
    found = answer["Parameter"]
    secure = found["Type"] == "SecureString"
    return {
        **args,
        "id": found["Name"],
        "name": found["Name"],
        "arn": found.get("ARN", ""),
        "type": found["Type"],
        "value": found["Value"],
        "insecureValue": "" if secure else found["Value"],
        "version": found["Version"],
        "region": region,
    }
