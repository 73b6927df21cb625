"""Secrets that a control plane keeps, given to the services that name them as `secrets://NAME`.

The engine makes the secret in Secrets Manager and refers to it; its value goes there past the engine, after the stacks
are applied and before anything is released. The id of its version follows from the control plane's, so a plan sees
whether services have to be released anew, and a value is written once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cygni.errors import StateError, UsageError
from cygni.naming import kept_secret_name
from cygni.secret_references import kept_secret
from cygni.spec import ProjectSpec
from cygni.targets.fargate.clients import Clients, asking
from cygni.targets.fargate.secret_versions import CURRENT

FILE_VARIABLE = "CYGNI_SECRETS_FILE"
"""Of the environment: a file that its owner alone may read, as `given_secrets` reads it."""


@dataclass(frozen=True, slots=True)
class GivenSecret:
    """`version` is the id of its version in Secrets Manager: 32 to 64 characters, another one for each value."""

    version: str
    value: str = field(repr=False)


def given_secrets(environ: Mapping[str, str]) -> dict[str, GivenSecret]:
    """What a worker gives a deploy, by name: a JSON object of `version` and `value`. None where no worker deploys.
    Raises StateError."""
    file = environ.get(FILE_VARIABLE)
    if not file:
        return {}
    try:
        found = json.loads(Path(file).read_text(encoding="utf-8"))
        return {name: GivenSecret(one["version"], one["value"]) for name, one in found.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise StateError(f"{FILE_VARIABLE} names no file with secrets") from None


def kept_names(spec: ProjectSpec) -> set[str]:
    """The secrets of the control plane that services are given; a variable that is in `env` too needs none (pure)."""
    return {
        name
        for service in spec.services.values()
        for variable, where in service.secrets.items()
        if variable not in service.env and (name := kept_secret(where)) is not None
    }


def hold_given(spec: ProjectSpec, given: Mapping[str, GivenSecret]) -> None:
    """Raises UsageError where a service names a secret that nobody has (pure)."""
    missing = sorted(kept_names(spec) - given.keys())
    if missing:
        raise UsageError(
            f"there is no secret {missing[0]} for {spec.project} ({spec.environment})",
            hint=f"Write it: cx secrets set {missing[0]} --project {spec.project} --env {spec.environment}\n"
            "and deploy through the control plane; or give the variable a value in `env`, as for `local`.",
            details={"missing": missing},
        )


def coming_versions(spec: ProjectSpec, given: Mapping[str, GivenSecret]) -> dict[str, str]:
    """By the names of secrets in Secrets Manager the versions that a deploy gives them (pure)."""
    return {
        kept_secret_name(spec.project, spec.environment, name): given[name].version
        for name in kept_names(spec) & given.keys()
    }


def write_secrets(clients: Clients, spec: ProjectSpec, given: Mapping[str, GivenSecret]) -> None:
    """Gives the secrets that the stacks have made the values they do not have yet. Raises AuthError, Unreachable,
    ResourceFailed."""
    for name in sorted(kept_names(spec) & given.keys()):
        one, secret = given[name], kept_secret_name(spec.project, spec.environment, name)
        with asking(f"the secret {secret} cannot be written"):
            stages = (
                clients("secretsmanager").describe_secret(SecretId=secret).get("VersionIdsToStages") or {}
            )
            if CURRENT not in stages.get(one.version, ()):
                clients("secretsmanager").put_secret_value(
                    SecretId=secret, SecretString=one.value, ClientRequestToken=one.version
                )
