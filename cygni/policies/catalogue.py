"""All policies, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from cygni.policies.ceilings import COST_CEILING, INSTANCE_CEILING
from cygni.policies.encryption import ENCRYPTION_AT_REST
from cygni.policies.entering import NO_EXEC
from cygni.policies.exposure import NO_OPEN_INGRESS, NO_PUBLIC_BUCKET, NO_PUBLIC_DATABASE
from cygni.policies.permissions import NO_WILDCARD_IAM
from cygni.policies.protection import BACKUPS, BUCKET_VERSIONING, CACHE_SNAPSHOTS, DELETION_PROTECTION
from cygni.policies.rule import ResourceRule, Rule, SceneRule
from cygni.policies.tags import REQUIRED_TAGS

PACK: Final = "cygni"
"""The name of the pack, as findings and the engine give it."""

_RULES: Final[tuple[ResourceRule | SceneRule, ...]] = (
    REQUIRED_TAGS,
    ENCRYPTION_AT_REST,
    NO_PUBLIC_DATABASE,
    NO_PUBLIC_BUCKET,
    NO_OPEN_INGRESS,
    NO_WILDCARD_IAM,
    NO_EXEC,
    DELETION_PROTECTION,
    BACKUPS,
    BUCKET_VERSIONING,
    CACHE_SNAPSHOTS,
    INSTANCE_CEILING,
    COST_CEILING,
)
RULES: Final[Mapping[str, ResourceRule | SceneRule]] = MappingProxyType({rule.name: rule for rule in _RULES})


def types_of(rule: Rule) -> tuple[str, ...]:
    """The type tokens a policy looks at, sorted; none for one that looks at everything together."""
    return tuple(sorted(rule.types)) if isinstance(rule, ResourceRule) else ()
