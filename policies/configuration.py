"""How strict the pack is and what it measures against: by the environment, and by --policy-pack-config (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from cygni.policies.limits import INSTANCE_SIZES, LARGEST_INSTANCE, Limits

ENVIRONMENT_VARIABLES: Final = ("CYGNI_POLICIES_ENVIRONMENT", "PULUMI_STACK")
"""What says which environment it is, the first that is set; the engine sets the second where it can."""

_STAGING: Final = frozenset({"staging", "stage", "stg", "qa", "uat"})
_PREVIEW: Final = frozenset({"local", "preview", "pr", "dev", "develop", "development", "test", "sandbox"})

CONFIGURABLE: Final[Mapping[str, Mapping[str, Mapping[str, Any]]]] = {
    "required-tags": {
        "tags": {"type": "array", "items": {"type": "string"}},
        "values": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    "backups": {"backupDays": {"type": "integer", "minimum": 1, "maximum": 35}},
    "instance-ceiling": {
        "instanceSize": {"type": "string", "enum": list(INSTANCE_SIZES)},
        "instanceCount": {"type": "integer", "minimum": 1},
    },
    "cost-ceiling": {"monthlyCost": {"type": "number", "minimum": 0}},
}
"""What --policy-pack-config may hold for a policy beside its level, as JSON schema."""


def size_of_stack(environ: Mapping[str, str]) -> str:
    """The size whose levels hold. A name says it by one of its words; one that says nothing is production, and so is
    no name at all: who is not told takes the strictest."""
    name = next((environ[key] for key in ENVIRONMENT_VARIABLES if environ.get(key)), "")
    words = set(re.split(r"[^a-z]+", name.rsplit("/", 1)[-1].lower()))
    if words & {"production", "prod", "prd", "live"}:
        return "production"
    if words & _STAGING:
        return "staging"
    return "preview" if words & _PREVIEW else "production"


def limits_of(size: str, config: Mapping[str, Any]) -> Limits:
    """The limits of a size, with what is configured of one policy."""
    limits = Limits(instance_size=LARGEST_INSTANCE[size])
    if "tags" in config:
        limits = replace(limits, tags=tuple(config["tags"]))
    if "backupDays" in config:
        limits = replace(limits, backup_days=int(config["backupDays"]))
    if "instanceSize" in config:
        limits = replace(limits, instance_size=config["instanceSize"])
    if "instanceCount" in config:
        limits = replace(limits, instance_count=int(config["instanceCount"]))
    if "monthlyCost" in config:
        limits = replace(limits, monthly_cost=Decimal(str(config["monthlyCost"])))
    return limits
