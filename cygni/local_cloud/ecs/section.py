"""ECS's section of the snapshot (control_plane/sections.py). There is one control plane in a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from cygni.local_cloud.data_plane.reports import LogEvents, TaskState
from cygni.local_cloud.data_plane.snapshot import ElasticContainerService
from cygni.local_cloud.ecs.control import Control

_control = Control()


def configure(folder: Path, wake: Callable[[], None]) -> None:
    """`folder` is the local cloud's; `wake` lets the snapshot be read again soon."""
    global _control  # noqa: PLW0603
    _control = Control(folder, wake)


def read() -> ElasticContainerService:
    """Bring everything to what it wants first, so that the snapshot says what is to be done now."""
    _control.reconcile()
    return _control.section()


def take(reports: tuple[TaskState | LogEvents, ...]) -> None:
    _control.take(reports)


def reported() -> tuple[LogEvents, ...]:
    return _control.reported()


def due() -> float | None:
    return _control.due()


def forget() -> None:
    _control.forget()


def metadata(path: str) -> dict[str, Any] | None:
    """What a program in a task asks about itself; None where nobody is meant."""
    return _control.metadata(path)
