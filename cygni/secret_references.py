"""What `valueFrom` of a task definition's secrets refers to (pure).

Sources: Amazon ECS developer guide, "Pass Secrets Manager secrets through Amazon ECS environment variables" and "Pass
Systems Manager parameters through Amazon ECS environment variables".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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


def reference(value_from: str, region: str) -> Reference:
    """Reads `valueFrom`; a parameter of the task's own region may be named without an ARN."""
    if value_from.startswith("arn:"):
        parts = value_from.split(":")
        if len(parts) >= _ARN_PARTS and parts[2] == "secretsmanager":
            key, stage, version = (*parts[_ARN_PARTS:], "", "", "")[:3]
            return Reference("secretsmanager", parts[3], ":".join(parts[:_ARN_PARTS]), key, stage, version)
        return Reference("ssm", parts[3] if len(parts) > 3 else region, value_from)
    return Reference("ssm", region, value_from)
