"""What can be asked of a stack, and the protocol of whoever does it.

`stacks.runner` does it with the real engine; tests use a fake that plays events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from cygni.plan.events import StackEvent
from stacks.inputs import StackInputs


class OperationKind(StrEnum):
    INIT = "init"
    PREVIEW = "preview"
    UP = "up"
    REFRESH = "refresh"
    REFRESH_PREVIEW = "refresh-preview"
    DESTROY_PREVIEW = "destroy-preview"
    DESTROY = "destroy"
    EXPORT = "export"
    IMPORT = "import"
    CANCEL = "cancel"
    REMOVE = "remove"


@dataclass(frozen=True)
class EngineSettings:
    """How the engine is called for one environment; the same for every stack of it.

    `environment` is added to the engine's environment variables (endpoint, credentials, region); where `sealed`,
    no AWS variable of the caller's reaches the engine besides.
    `plugins` names folders of provider plugins by provider (`{"aws": Path}`); none means the official ones.
    `deadline` is how long one operation may take, in seconds. `backend_url` may hold credentials.
    """

    executable: Path
    version: str
    backend_url: str = field(repr=False)
    passphrase_file: Path
    config_dir: Path
    plugin_cache: Path
    region: str
    environment: Mapping[str, str] = field(default_factory=dict)
    plugins: Mapping[str, Path] = field(default_factory=dict)
    deadline: float = 3600.0
    sealed: bool = False


@dataclass(frozen=True)
class StackOperation:
    """One operation on one stack.

    `upstream` holds the outputs an upstream stack will have, from its preview, by stack part; during a
    preview they stand in for what the state does not have yet. `plan_file` is written by a preview and
    held to by an `up`. `targets` are the URNs that a refresh keeps to; none means all.
    """

    kind: OperationKind
    stack: str
    settings: EngineSettings
    inputs: StackInputs | None = None
    upstream: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    plan_file: Path | None = None
    refresh: bool = False
    deployment: Mapping[str, Any] | None = None
    targets: tuple[str, ...] = ()


@dataclass(frozen=True)
class OperationResult:
    """What an operation left behind: the exported deployment for `export`, nothing otherwise."""

    deployment: Mapping[str, Any] | None = None


OnEvent = Callable[[StackEvent], None]


class StackRunner(Protocol):
    """Runs operations on stacks, one at a time for each stack.

    Raises the errors of `cygni.errors`: ResourceFailed, WorldChanged, LockHeld, Cancelled, DeadlineExceeded,
    EngineDied, EngineError, NotFound.
    """

    def run(self, operation: StackOperation, on_event: OnEvent) -> OperationResult: ...
