"""Whether a task can be run here: its images are known or a container engine answers, and its log groups exist.

It is looked at where the task is made, so that a project whose images are nowhere costs nothing: no process is even
started for it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from typing import Any

from cygni.local_cloud.ecs import wording
from cygni.local_cloud.ecs.objects import Container, Task
from cygni.local_cloud.ecs.tasks import fail_to_start
from cygni.local_cloud.images.store import ImageStore
from cygni.local_cloud.task_runner.engines import container_engine

NOT_HERE = (
    "not found: the local cloud has no such image and no container engine answers "
    "(give it one: cx local image add {image} FOLDER --start COMMAND)"
)


class Placed(Enum):
    """LATER: it is not known yet whether a container engine answers; `wake` is called once it is."""

    YES = "yes"
    NO = "no"
    LATER = "later"


class Placement:
    """`folder` is the local cloud's; without one there are no images."""

    def __init__(self, folder: Path | None = None, wake: Callable[[], None] = lambda: None) -> None:
        self._images = ImageStore(folder) if folder is not None else None
        self._engine = _Look(wake)

    def place(self, backend: Any, task: Task) -> Placed:
        """Let a task be run, or fail it as ECS would."""
        for container, given in zip(task.containers, task.definition.container_definitions, strict=True):
            known = self._knows(container)
            if known is None:
                return Placed.LATER
            if not known:
                why = NOT_HERE.format(image=container.image)
                fail_to_start(backend, task, wording.cannot_pull(container.image, why), container)
                return Placed.NO
            missing = _missing_log_group(backend, task, container, given)
            if missing:
                fail_to_start(backend, task, wording.no_log_group(missing))
                return Placed.NO
        task.placed = True
        return Placed.YES

    def _knows(self, container: Container) -> bool | None:
        found = self._images.find(container.image) if self._images else None
        if found is not None:
            container.image_digest = f"sha256:{found.digest}"
            return True
        return self._engine.answers()


class _Look:
    """Looks for a container engine in a thread of its own: it may take seconds, and moto's lock is held here."""

    def __init__(self, then: Callable[[], None]) -> None:
        self._then = then
        self._thread: threading.Thread | None = None
        self._found: str | None = None

    def answers(self) -> bool | None:
        """None while it is looked for. What was found stays true for as long as `container_engine` keeps it."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._look, name="container-engine", daemon=True)
            self._thread.start()
        if self._thread.is_alive():
            return None
        self._thread = None
        return self._found is not None

    def _look(self) -> None:
        self._found = container_engine()
        # The thread must have ended when it is asked again.
        threading.Timer(0.01, self._then).start()


def log_stream(task: Task, container: str, given: Mapping[str, Any]) -> tuple[str, str] | None:
    """Group and stream of a container's log, as the awslogs driver names it; None where it has none."""
    configuration = given.get("logConfiguration") or {}
    options = configuration.get("options") or {}
    if configuration.get("logDriver") != "awslogs" or not options.get("awslogs-group"):
        return None
    prefix = options.get("awslogs-stream-prefix")
    name = f"{prefix}/{container}/{task.id}" if prefix else task.id
    return options["awslogs-group"], name


def _missing_log_group(
    backend: Any, task: Task, container: Container, given: Mapping[str, Any]
) -> str | None:
    """The container's log group if it does not exist; its stream is made in one that does."""
    place = log_stream(task, container.name, given)
    if place is None:
        return None
    from moto.logs.models import logs_backends

    group, stream = place
    options = given["logConfiguration"]["options"]
    logs = logs_backends[backend.account_id][options.get("awslogs-region") or backend.region_name]
    if group not in logs.groups and str(options.get("awslogs-create-group")).lower() == "true":
        logs.create_log_group(group, {})
    if group not in logs.groups:
        return group
    if stream not in logs.groups[group].streams:
        logs.create_log_stream(group, stream)
    return None
