"""What `valueFrom` of a task definition's secrets refers to, and its value.

Sources: Amazon ECS developer guide, "Pass Secrets Manager secrets through Amazon ECS environment variables" and "Pass
Systems Manager parameters through Amazon ECS environment variables".
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

_ARN_PARTS = 7


@dataclass(frozen=True, slots=True)
class Reference:
    """Where a value is. Of a secret: the key in its JSON, its version's stage and id, where they are given."""

    service: Literal["secretsmanager", "ssm"]
    region: str
    id: str
    key: str = ""
    stage: str = ""
    version: str = ""


class SecretMissing(Exception):
    """A value that cannot be had; says why in ECS's words, never what a value is."""


def reference(value_from: str, region: str) -> Reference:
    """Reads `valueFrom`; a parameter of the task's own region may be named without an ARN."""
    if value_from.startswith("arn:"):
        parts = value_from.split(":")
        if len(parts) >= _ARN_PARTS and parts[2] == "secretsmanager":
            key, stage, version = (*parts[_ARN_PARTS:], "", "", "")[:3]
            return Reference("secretsmanager", parts[3], ":".join(parts[:_ARN_PARTS]), key, stage, version)
        return Reference("ssm", parts[3] if len(parts) > 3 else region, value_from)
    return Reference("ssm", region, value_from)


def fetch(found: Reference, client: Callable[[str, str], Any]) -> str:
    """The value. `client` makes boto3's client of a service and region. Raises SecretMissing."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        if found.service == "ssm":
            name = found.id.partition(":parameter")[2] or found.id
            answer = client("ssm", found.region).get_parameter(Name=name, WithDecryption=True)
            return str(answer["Parameter"]["Value"])
        which = {"VersionStage": found.stage, "VersionId": found.version}
        given = {name: value for name, value in which.items() if value}
        answer = client("secretsmanager", found.region).get_secret_value(SecretId=found.id, **given)
    except ClientError as error:
        told = error.response["Error"]
        raise SecretMissing(f"{told['Code']}: {told['Message']}") from error
    except BotoCoreError as error:
        raise SecretMissing(str(error)) from error
    return _text_of(answer, found.key)


def _text_of(answer: Any, key: str) -> str:
    whole = answer.get("SecretString")
    if whole is None:
        raise SecretMissing("the secret is binary, and a variable is text")
    if not key:
        return str(whole)
    try:
        values = json.loads(whole)
    except ValueError:
        values = None
    if not isinstance(values, dict) or key not in values:
        raise SecretMissing(f"retrieved secret from Secrets Manager did not contain json key {key}")
    value = values[key]
    return value if isinstance(value, str) else json.dumps(value)
