"""The CodeBuild project that a user names, and whether it can build images."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from cygni.errors import NotFound, UsageError
from cygni.targets.fargate.clients import Clients, asking

VARIABLE: Final = "CYGNI_CODEBUILD_PROJECT"
_TYPES: Final = {"linux/amd64": "LINUX_CONTAINER", "linux/arm64": "ARM_CONTAINER"}
"""Environment types by platform: what runs in a container of CodeBuild cannot pretend to be another processor."""
_HINT: Final = "What the project needs is told in docs/images.md."


@dataclass(frozen=True, slots=True)
class BuildProject:
    """`bucket` and `prefix` are of its source in S3: what is built is put there."""

    name: str
    bucket: str
    prefix: str
    environment_type: str

    def demand(self, platform: str) -> None:
        """Raises UsageError where it cannot build for the platform (`linux/arm64`)."""
        wanted = _TYPES[platform]
        if self.environment_type != wanted:
            raise UsageError(
                f"the CodeBuild project {self.name} is a {self.environment_type}, and {platform} takes a {wanted}",
                hint="Name another project, or give the service its `architecture`.",
            )


def build_project(clients: Clients, name: str | None) -> BuildProject:
    """The project of that name. Raises UsageError where it cannot build what is sent, NotFound, and what `asking`
    raises."""
    if not name:
        raise UsageError(
            "no CodeBuild project is named", hint=f"Set {VARIABLE}, or give --codebuild-project. {_HINT}"
        )
    with asking(f"the CodeBuild project {name} was not found out"):
        found = clients("codebuild").batch_get_projects(names=[name])["projects"]
    if not found:
        raise NotFound(f"there is no CodeBuild project {name} in the region of the environment", hint=_HINT)
    return _read(name, found[0])


def _read(name: str, found: dict[str, Any]) -> BuildProject:
    source, environment = found.get("source", {}), found.get("environment", {})
    bucket, _, path = source.get("location", "").removeprefix("arn:aws:s3:::").partition("/")
    if source.get("type") != "S3" or not bucket:
        raise UsageError(
            f"the source of the CodeBuild project {name} is not in S3, where Cygni could put what is built",
            hint=_HINT,
        )
    if not environment.get("privilegedMode"):
        raise UsageError(
            f"the CodeBuild project {name} may not run Docker: its environment is not privileged", hint=_HINT
        )
    folder = path.rpartition("/")[0]
    return BuildProject(name, bucket, f"{folder}/" if folder else "", environment.get("type", ""))
