"""A project on a local cloud of its own, deployed by Cygni's own code for any size of environment."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cygni.local_cloud import process
from cygni.naming import Part, stack_name
from cygni.plan.events import StackEvent
from cygni.plan.model import Change
from cygni.settings import Settings
from cygni.spec import ProjectSpec
from stacks.applying import apply
from stacks.engine import find
from stacks.engine_runner import EngineRunner
from stacks.planning import plan_environment
from stacks.state import look_in_folder
from stacks.target import Environment, environment, state_folder


class Quiet:
    """Hears the progress of a deploy and says nothing."""

    def stack(self, part: Part, doing: str) -> None: ...

    def event(self, part: Part, event: StackEvent) -> None: ...


@contextmanager
def local_cloud(folder: Path) -> Iterator[Settings]:
    """An empty local cloud that keeps everything below `folder` and ends with the block."""
    settings = dataclasses.replace(Settings.from_environment(), data_dir=folder, local_port=None)
    process.start(settings)
    try:
        yield settings
    finally:
        process.stop(settings)


class Ours:
    """One environment of a project, whatever its name, on the local cloud of `settings`."""

    def __init__(self, settings: Settings, spec: ProjectSpec) -> None:
        self.settings = settings
        self.project, self.name = spec.project, spec.environment
        plans = settings.data_dir / "plans"
        plans.mkdir(exist_ok=True)
        engine = find(settings, lambda told: None)
        local = environment(settings, engine, spec.project, "local", spec.region, plans=plans)
        self.environment: Environment = dataclasses.replace(local, name=spec.environment)
        self.runner = EngineRunner()

    @property
    def endpoint(self) -> str:
        return self.environment.engine.environment["AWS_ENDPOINT_URL"]

    def deploy(self, spec: ProjectSpec) -> Mapping[str, Change]:
        """Plans and applies `spec`; returns what the plan said of each resource that changed, by URN."""
        running = process.start(self.settings)
        now = dataclasses.replace(self.environment, cloud_holds=sum(running.resources.values()))
        planned = plan_environment(self.runner, now, spec, Quiet())
        apply(self.runner, now, planned, Quiet())
        return {step.urn: step.change for step in planned.plan.steps}

    def state(self) -> list[list[Mapping[str, Any]]]:
        """The resources in the state of each stack, in the order they are applied."""
        folder = state_folder(self.settings)
        return [look_in_folder(folder, stack_name(self.project, self.name, part)).resources for part in Part]
