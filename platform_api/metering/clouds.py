"""Where environments run, for looking at them: with the credentials that the worker deploys with."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cygni.settings import Settings
from cygni.targets.fargate.clients import Clients
from platform_api.metering.recording import Measured
from platform_api.worker.cx_runner import LOCAL, data_of
from stacks.target import cloud_variables


class Clouds(Protocol):
    def clients(self, place: Measured, region: str) -> Clients | None:
        """None where it is known without asking that nothing runs. Raises CygniError."""


class WorkersClouds:
    """AWS, and the local clouds of this worker's machine. `folder` and `environ` are those of `CxRunner`."""

    def __init__(self, folder: Path, environ: Mapping[str, str]) -> None:
        self._folder = folder
        self._environ = environ

    def clients(self, place: Measured, region: str) -> Clients | None:
        if place.environment != LOCAL:
            return Clients(cloud_variables(place.environment, "", region))
        endpoint = self._local(place.organization)
        return Clients(cloud_variables(LOCAL, endpoint, region)) if endpoint else None

    def _local(self, organization: uuid.UUID) -> str:
        """Empty where it does not run: a look starts nothing."""
        from cygni.local_cloud import process

        data = data_of(self._folder, organization)
        running = process.status(Settings.from_environment({**self._environ, "CYGNI_DATA_DIR": str(data)}))
        return running.endpoint if running else ""
