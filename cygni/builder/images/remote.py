"""Builds that run elsewhere and end in a registry: what they are told, and what each of them can do."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from cygni.builder.images.sources import ImageSource

CODEBUILD: Final = "codebuild"
KUBERNETES: Final = "kubernetes"
REMOTE_TOOLS: Final = (CODEBUILD, KUBERNETES)
"""What `--tool` takes besides the tools of this machine."""


@dataclass(frozen=True, slots=True)
class RemoteOrder:
    """What is to be built: `address` is the repository of ECR with the tag, `platform` is as OCI writes it
    (`linux/arm64`), `region` that of the environment, `secrets` are references by id, files below `folder`."""

    source: ImageSource
    address: str
    platform: str
    region: str
    secrets: Mapping[str, str]
    folder: Path


class RemoteBuilder(Protocol):
    """Builds an image elsewhere, and pushes it from there. `tool` is its name, `place` says for people where it is."""

    @property
    def tool(self) -> str: ...

    @property
    def place(self) -> str: ...

    def demand(self, platform: str, secrets: Mapping[str, str], region: str) -> None:
        """Raises UsageError where it cannot build for the platform, or with the secrets."""

    def build(self, order: RemoteOrder, tell: Callable[[str], None]) -> str:
        """Build, and push; the id of the build. `tell` hears its log. What was sent is removed, and the build is
        stopped where this is interrupted. Raises BuildContextRefused, BuildFailed, and what its API raises."""


@dataclass(frozen=True, slots=True)
class Clock:
    """`now` is in seconds from any beginning."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


SYSTEM_CLOCK: Final = Clock()
