"""The tools that build images: what each is called with, and which of them works on this machine."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cygni.builder.images.remote import REMOTE_TOOLS
from cygni.errors import UsageError

_ANSWER_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class BuildOrder:
    """What is to be built. `reference` is the name and tag the image gets, `platform` as OCI writes it
    (`linux/arm64`), `secrets` are files by the id that the Dockerfile mounts them by."""

    context: Path
    dockerfile: Path
    reference: str
    platform: str = "linux/amd64"
    labels: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Path] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tool:
    """A command that builds, pushes and logs in. `asked` is what answers only where it can build; `credentials` is
    the variable that says where logins are kept, and whether that is a folder or a file in it; `saving` writes an image
    into a {file}; `without_tls` is what a registry without TLS takes, where the tool does not know this machine's."""

    name: str
    building: tuple[str, ...]
    asked: tuple[str, ...]
    credentials: tuple[str, str] = ("REGISTRY_AUTH_FILE", "auth.json")
    saving: tuple[str, ...] = ("save", "--output={file}", "{reference}")
    without_tls: tuple[str, ...] = ("--tls-verify=false",)

    def logins_in(self, folder: Path) -> dict[str, str]:
        """The environment in which logins are kept in `folder`, and not where those of the user are."""
        variable, file = self.credentials
        return {variable: str(folder / file) if file else str(folder)}

    def build(self, order: BuildOrder, id_file: Path) -> list[str]:
        """The command of a build; it writes the image's id into `id_file`."""
        labels = [f"--label={name}={value}" for name, value in sorted(order.labels.items())]
        secrets = [f"--secret=id={name},src={path}" for name, path in sorted(order.secrets.items())]
        return [
            self.name,
            *self.building,
            f"--file={order.dockerfile}",
            f"--tag={order.reference}",
            f"--platform={order.platform}",
            f"--iidfile={id_file}",
            *labels,
            *secrets,
            str(order.context),
        ]

    def tag(self, reference: str, another: str) -> list[str]:
        return [self.name, "tag", reference, another]

    def untag(self, reference: str) -> list[str]:
        """Take away a name of an image that has another."""
        return [self.name, "rmi", reference]

    def save(self, reference: str, file: Path) -> list[str]:
        """Write the image into a file, as `docker save` does."""
        return [self.name, *(word.format(file=file, reference=reference) for word in self.saving)]

    def push(self, reference: str, *, plain: bool = False) -> list[str]:
        """`plain` is for a registry without TLS."""
        return [self.name, "push", *(self.without_tls if plain else ()), reference]

    def login(self, registry: str, user: str, *, plain: bool = False) -> list[str]:
        """The password is read from standard input: arguments can be seen by others on the machine."""
        options = [f"--username={user}", "--password-stdin", *(self.without_tls if plain else ())]
        return [self.name, "login", *options, registry]

    def works(self) -> bool:
        """Whether it is installed and reaches what it builds with."""
        if shutil.which(self.name) is None:
            return False
        try:
            done = subprocess.run(
                [self.name, *self.asked], capture_output=True, timeout=_ANSWER_SECONDS, check=False
            )
        except (OSError, subprocess.TimeoutExpired):
            return False
        return done.returncode == 0 and bool(done.stdout.strip())


TOOLS: Final = (
    Tool(
        "docker",
        ("buildx", "build", "--progress=plain", "--load"),
        ("version", "--format", "{{.Server.Version}}"),
        ("DOCKER_CONFIG", ""),
        without_tls=(),
    ),
    Tool("podman", ("build", "--layers", "--format=docker"), ("info", "--format", "{{.Version.Version}}")),
    Tool(
        "buildah",
        ("build", "--layers", "--format=docker"),
        ("info", "--format", "{{.store.GraphRoot}}"),
        saving=("push", "{reference}", "docker-archive:{file}:{reference}"),
    ),
)
"""In the order they are tried. OCI's own format has no place for a health check, Docker's has."""


def tool_of(name: str | None, environ: Mapping[str, str] = os.environ) -> Tool:
    """The tool of that name, or the one in CYGNI_BUILD_TOOL, or the first that works. Raises UsageError."""
    wanted = name or environ.get("CYGNI_BUILD_TOOL")
    if wanted is not None:
        found = next((tool for tool in TOOLS if tool.name == wanted), None)
        if found is None:
            raise UsageError(
                f'"{wanted}" builds no images',
                hint=f"Name one of {_named(TOOLS)}; or {' or '.join(REMOTE_TOOLS)}, which build elsewhere.",
            )
        if not found.works():
            raise UsageError(
                f"{wanted} does not answer",
                hint=f"Install it, or start its engine: {shown(found)}",
            )
        return found
    working = next((tool for tool in TOOLS if tool.works()), None)
    if working is None:
        raise UsageError(
            f"no tool that builds images answers here: {_named(TOOLS)} were tried",
            hint=(
                "Install one of them, or start its engine; or build the image elsewhere, and name it: image: NAME\n"
                f"What builds without this machine: cx deploy --tool {' or '.join(REMOTE_TOOLS)}"
            ),
        )
    return working


def shown(tool: Tool) -> str:
    """What to type to see whether it works."""
    return " ".join([tool.name, *tool.asked[:1]])


def _named(tools: Sequence[Tool]) -> str:
    return ", ".join(tool.name for tool in tools)
