"""What `valueFrom` of a task definition's secrets refers to, and what the specification does (pure).

Sources: Amazon ECS developer guide, "Pass Secrets Manager secrets through Amazon ECS environment variables" and "Pass
Systems Manager parameters through Amazon ECS environment variables".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

KEPT = "secrets://"
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


def kept_secret(where: str) -> str | None:
    """The name in `secrets://NAME`, a secret that the control plane keeps; None for a secret of the account."""
    return where.removeprefix(KEPT) if where.startswith(KEPT) else None
