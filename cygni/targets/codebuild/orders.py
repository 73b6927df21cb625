"""What CodeBuild is told to do (pure): the buildspec, and the secrets by reference."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Final

from cygni.errors import UsageError
from cygni.secret_references import reference
from cygni.targets.build_source import CONTEXT, DOCKERFILE

_SECRET: Final = "CYGNI_BUILD_SECRET_"
"""What names of variables begin with: ids of secrets may be no names of variables."""


def buildspec(address: str, platform: str, labels: Mapping[str, str], secrets: Sequence[str] = ()) -> str:
    """The buildspec (version 0.2) that builds the image of what was sent and pushes it as `address`, which is a
    repository of ECR and a tag. `secrets` are the ids that its Dockerfile mounts. JSON is YAML."""
    registry = address.partition("/")[0]
    options = [f"--file={DOCKERFILE}", f"--tag={address}", f"--platform={platform}", "--progress=plain"]
    options += [f"--label={name}={value}" for name, value in sorted(labels.items())]
    options += [f"--secret=id={name},env={_SECRET}{number}" for number, name in enumerate(sorted(secrets))]
    commands = [
        f"mkdir context && tar -xzf {CONTEXT} -C context && rm {CONTEXT}",
        f"aws ecr get-login-password | docker login --username AWS --password-stdin {shlex.quote(registry)}",
        f"DOCKER_BUILDKIT=1 docker build {shlex.join(options)} context",
        f"docker push {shlex.quote(address)}",
    ]
    build = {"on-failure": "ABORT", "commands": commands}
    return json.dumps({"version": 0.2, "env": {"shell": "bash"}, "phases": {"build": build}})


def secret_variables(references: Mapping[str, str], region: str) -> list[dict[str, str]]:
    """The variables of the build, each naming a secret by id and none having a value. Raises UsageError for those that
    only this machine has."""
    return [
        _variable(f"{_SECRET}{number}", name, written, region)
        for number, (name, written) in enumerate(sorted(references.items()))
    ]


def _variable(variable: str, name: str, written: str, region: str) -> dict[str, str]:
    if not written.startswith("arn:"):
        raise UsageError(
            f"the secret {name} of the build is {written}, which CodeBuild cannot read",
            hint="Put it into Secrets Manager or Parameter Store, and name its ARN in `build.secrets`.",
        )
    found = reference(written, region)
    if found.service == "secretsmanager":
        return {"name": variable, "value": written, "type": "SECRETS_MANAGER"}
    if found.region != region:
        raise UsageError(
            f"the secret {name} of the build is a parameter in {found.region}, and CodeBuild reads those of {region}",
            hint="Put it into the environment's region.",
        )
    path = found.id.partition(":parameter")[2]
    plain = path.removeprefix("/")
    return {"name": variable, "value": path if "/" in plain else plain, "type": "PARAMETER_STORE"}
