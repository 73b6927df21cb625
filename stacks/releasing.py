"""From what the stacks declare to releases of it: the record of what is to run, and where it does."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from cygni.naming import Part
from cygni.releases.estimate import KeptEstimate
from cygni.releases.protocols import ReleaseStore, Target
from cygni.releases.release import Live, Release, ServiceRelease
from cygni.spec import ProjectSpec
from cygni.targets.fargate import fargate_target
from cygni.targets.fargate.clients import Clients
from cygni.targets.fargate.running import Running, running_of
from stacks.inputs import ServiceInputs, ServicesInputs
from stacks.manifest import stack_inputs
from stacks.target import LOCAL, target_of

_COUNTED = ("count", "autoscale", "image", "image_tag")
"""What of a service is no part of its configuration: how many run, and the image, which a release names itself."""


class SystemClock:
    """The machine's own."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def release_of(
    spec: ProjectSpec,
    outputs: Mapping[str, Any],
    *,
    author: str,
    estimate: KeptEstimate | None,
    now: datetime,
    secrets: Mapping[str, Mapping[str, str]] = MappingProxyType({}),
) -> Release:
    """What is to run once the services stack has these outputs. `estimate` is what the environment costs then,
    `secrets` has by task definition the versions of its secrets."""
    running = running_of(outputs)
    declared = _declared(spec)
    services = {
        name: ServiceRelease(
            revision=one.task_definition,
            image=_image(declared[name]),
            configuration=_configuration(declared[name]),
            secrets=secrets.get(one.task_definition, {}),
        )
        for name, one in running.services.items()
    }
    return Release(
        project=spec.project,
        environment=spec.environment,
        services=services,
        created_at=now,
        author=author,
        jobs={name: one.task_definition for name, one in running.jobs.items()},
        monthly=estimate.monthly if estimate is not None else None,
        estimate=estimate,
    )


def forget_live(store: ReleaseStore) -> None:
    """What ran is gone with its cloud: the next release is the first again. Records and numbers stay."""
    store.update_live(lambda live: Live())


def target_for(
    environment: str, variables: Mapping[str, str], running: Running, *, patient: bool = True
) -> Target:
    """The target of an environment; `variables` as `stacks.target.cloud_variables` has them, `patient` as Clients."""
    return fargate_target(Clients(variables, patient=patient), running, local=target_of(environment) == LOCAL)


def _declared(spec: ProjectSpec) -> dict[str, ServiceInputs]:
    inputs = stack_inputs(spec)[Part.SERVICES]
    assert isinstance(inputs, ServicesInputs)
    return {one.name: one for one in inputs.services}


def _image(service: ServiceInputs) -> str:
    return service.image or f"{service.repository}:{service.image_tag}"


def _configuration(service: ServiceInputs) -> str:
    values = {name: value for name, value in asdict(service).items() if name not in _COUNTED}
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:12]
