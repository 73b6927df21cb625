"""Which versions of their secrets tasks are given. ECS reads them when a task starts, and not again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from cygni.errors import AuthError, NotFound, ResourceFailed
from cygni.secret_references import Reference, reference
from cygni.targets.fargate.clients import Clients, asking
from cygni.targets.fargate.logs import CONTAINER

CURRENT: Final = "AWSCURRENT"
_SUFFIX: Final = 7
"""Characters at the end of a secret's ARN that are not of its name: a dash and six that AWS adds."""


def followed(value_from: str) -> Reference | None:
    """The secret whose current version `value_from` takes; None where that is one version for ever, or no secret of
    Secrets Manager (pure)."""
    found = reference(value_from, "")
    if found.service != "secretsmanager" or found.version:
        return None
    return replace(found, key="", stage=found.stage or CURRENT)


def secret_versions(
    clients: Clients, revisions: Iterable[str], coming: Mapping[str, str] | None = None
) -> dict[str, dict[str, str]]:
    """By task definition the ids of the versions that its variables have now, or will have: `coming` has those by the
    secret's name. What whoever asks may not see, and what is not there, is left out. Raises Unreachable."""
    wanted = list(dict.fromkeys(revisions))
    references = dict(
        zip(wanted, clients.threads.map(lambda one: _references(clients, one), wanted), strict=True)
    )
    asked = list(dict.fromkeys(one for found in references.values() for one in found.values()))
    current = dict(zip(asked, clients.threads.map(lambda one: _version(clients, one), asked), strict=True))
    for one in asked:
        current[one] = (coming or {}).get(_name(one), current[one])
    return {
        revision: {name: version for name, one in found.items() if (version := current[one])}
        for revision, found in references.items()
    }


def _name(secret: Reference) -> str:
    return secret.id.partition(":secret:")[2][:-_SUFFIX]


def _references(clients: Clients, revision: str) -> dict[str, Reference]:
    try:
        with asking(f"the secrets of {revision} are not known"):
            answer = clients("ecs").describe_task_definition(taskDefinition=revision)
    except (AuthError, NotFound, ResourceFailed):
        return {}
    containers: list[Mapping[str, Any]] = answer["taskDefinition"]["containerDefinitions"]
    secrets = (
        one
        for container in containers
        if container["name"] == CONTAINER
        for one in container.get("secrets", ())
    )
    return {one["name"]: found for one in secrets if (found := followed(one["valueFrom"])) is not None}


def _version(clients: Clients, secret: Reference) -> str:
    try:
        with asking("the versions of a secret are not known"):
            described = clients("secretsmanager", secret.region).describe_secret(SecretId=secret.id)
    except (AuthError, NotFound, ResourceFailed):
        return ""
    stages: Mapping[str, list[str]] = described.get("VersionIdsToStages") or {}
    return next((version for version, names in stages.items() if secret.stage in names), "")
