"""What is run for a container (pure): the start command of a bundle, or a container engine's `run`."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cygni.local_cloud.images.store import Image

HOST_FROM_INSIDE = "host.docker.internal"
"""How a container reaches this machine: Docker Desktop and Podman know it; Docker on Linux is told."""


@dataclass(frozen=True, slots=True)
class Command:
    """What to run, where and with which variables. A container that an engine runs has a name there."""

    words: Sequence[str]
    folder: Path
    variables: Mapping[str, str]
    container: str = ""


def words_of(start: Sequence[str], entry_point: Sequence[str], command: Sequence[str]) -> list[str]:
    """What a bundle is started by: its own start command unless the task definition says another. An entry point
    takes the command as its arguments, as in a container."""
    if entry_point:
        return [*entry_point, *command]
    return list(command or start)


def of_bundle(
    image: Image, entry_point: Sequence[str], command: Sequence[str], variables: Mapping[str, str]
) -> Command:
    """Python's compiled files have a place of their own, as the bundle's folder is closed to writing."""
    home = variables.get("HOME", str(image.folder))
    given = {"PYTHONPYCACHEPREFIX": f"{home}/.pycache", **variables}
    return Command(words_of(image.start, entry_point, command), image.folder, given)


@dataclass(frozen=True, slots=True)
class ContainerRun:
    """A container as an engine is to run it. `memory` in MiB, `stop_seconds` until it is killed; `port` of this
    machine stands for `container_port` inside."""

    engine: str
    name: str
    image: str
    entry_point: Sequence[str]
    command: Sequence[str]
    memory: int
    stop_seconds: float
    port: int | None
    container_port: int | None


def of_container(
    run: ContainerRun, variables: Mapping[str, str], outside: Mapping[str, str], folder: Path
) -> Command:
    """The engine's command stays in front of the container: its output, signals and exit code are the container's.

    Values of variables are in the command's own environment, never among its arguments, which everybody can read.
    Without a port to publish it shares this machine's network, where the local cloud is; with one it is apart.
    """
    words = [run.engine, "run", "--rm", "--name", run.name, "--memory", f"{run.memory}m"]
    words += ["--stop-timeout", str(round(run.stop_seconds)), "--label", "cygni.task-runner=true"]
    if run.port is not None and run.container_port is not None:
        words += ["--publish", f"127.0.0.1:{run.port}:{run.container_port}"]
        words += ["--add-host", f"{HOST_FROM_INSIDE}:host-gateway"]
    else:
        words += ["--network", "host"]
    for name in sorted(variables):
        words += ["--env", name]
    if run.entry_point:
        words += ["--entrypoint", run.entry_point[0]]
    arguments = [*run.entry_point[1:], *run.command]
    return Command([*words, run.image, *arguments], folder, {**outside, **variables}, container=run.name)


def monitored(words: Sequence[str], folder: Path, stop_seconds: float) -> list[str]:
    """The monitor's command around it."""
    monitor = Path(__file__).with_name("monitor.py")
    return [sys.executable, "-I", "-S", "-B", str(monitor), str(folder), f"{stop_seconds:g}", *words]
