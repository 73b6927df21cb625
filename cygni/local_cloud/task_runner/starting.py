"""What a container is started with: its bundle or its engine, its variables, its secrets."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from cygni.local_cloud.data_plane.snapshot import ContainerOrder, TaskOrder
from cygni.local_cloud.ecs import wording
from cygni.local_cloud.images.store import ImageStore
from cygni.local_cloud.task_runner.commands import (
    HOST_FROM_INSIDE,
    Command,
    ContainerRun,
    of_bundle,
    of_container,
)
from cygni.local_cloud.task_runner.environment import Place, variables
from cygni.local_cloud.task_runner.folder import ContainerFolder, ContainerNote
from cygni.local_cloud.task_runner.monitor import MORE_VARIABLES
from cygni.secret_references import reference
from cygni.secret_values import SecretMissing, fetch

_SHELL_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class CannotStart(Exception):
    """Why a task cannot be started, in ECS's words."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Starter:
    """`endpoint` is the local cloud's, `outside` the variables of this process, `client` makes boto3's clients."""

    def __init__(
        self, images: ImageStore, endpoint: str, outside: Mapping[str, str], client: Callable[[str, str], Any]
    ) -> None:
        self._images = images
        self._endpoint = endpoint
        self._outside = outside
        self._client = client

    def command(
        self, task: TaskOrder, container: ContainerOrder, note: ContainerNote, folder: ContainerFolder
    ) -> Command:
        """Raises CannotStart."""
        own = [*container.environment, *self._secrets(task, container)]
        place = Place(self._endpoint, task.region, f"{task.id}-{note.name}", folder.home)
        if note.engine:
            return self._of_engine(task, container, note, folder, place, own)
        image = self._images.find(container.image)
        if image is None:
            raise CannotStart(wording.cannot_pull(container.image, "it was removed"))
        given = variables(self._outside, place, own, note.port or None)
        command = of_bundle(image, container.entry_point, container.command, given)
        return replace(command, variables=passable(command.variables))

    def _of_engine(
        self,
        task: TaskOrder,
        container: ContainerOrder,
        note: ContainerNote,
        folder: ContainerFolder,
        place: Place,
        own: list[tuple[str, str]],
    ) -> Command:
        apart = bool(note.port)
        endpoint = place.endpoint.replace("127.0.0.1", HOST_FROM_INSIDE) if apart else place.endpoint
        inside = Place(endpoint, place.region, place.container_id)
        run = ContainerRun(
            engine=note.engine,
            name=note.container,
            image=container.image,
            entry_point=container.entry_point,
            command=container.command,
            memory=container.memory or task.memory,
            stop_seconds=container.stop_seconds,
            port=note.port or None,
            container_port=container.container_port or None,
        )
        given = variables({}, inside, own, container.container_port or None)
        folder.make()
        return of_container(run, given, self._outside, folder.path)

    def _secrets(self, task: TaskOrder, container: ContainerOrder) -> list[tuple[str, str]]:
        found = []
        for name, value_from in container.secrets:
            try:
                found.append((name, fetch(reference(value_from, task.region), self._client)))
            except SecretMissing as error:
                raise CannotStart(wording.no_secret(value_from, str(error))) from error
        return found


def passable(given: Mapping[str, str]) -> dict[str, str]:
    """Variables as they pass a shell; the monitor unpacks those that do not."""
    odd = {name: value for name, value in given.items() if not _SHELL_NAME.fullmatch(name)}
    passing = {name: value for name, value in given.items() if name not in odd}
    return {**passing, MORE_VARIABLES: json.dumps(odd)} if odd else passing


def local_clients(endpoint: str) -> Callable[[str, str], Any]:
    """Makes boto3's clients of the local cloud."""

    def client(service: str, region: str) -> Any:
        import boto3
        from botocore.config import Config

        return boto3.client(
            service,
            endpoint_url=endpoint,
            region_name=region,
            aws_access_key_id="local",
            aws_secret_access_key="local",
            config=Config(retries={"max_attempts": 2}, proxies={}),
        )

    return client
