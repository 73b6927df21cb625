"""The values of secrets, by what refers to them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from cygni.secret_references import Reference


class SecretMissing(Exception):
    """A value that cannot be had; says why in ECS's words, never what a value is."""


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
