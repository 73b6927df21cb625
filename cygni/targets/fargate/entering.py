"""Commands in a running task, by ECS Exec: which task, and the session that Systems Manager's plugin then has."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cygni.errors import NotFound, ToolMissing, UsageError
from cygni.naming import Colour
from cygni.targets.fargate.clients import Clients, asking
from cygni.targets.fargate.logs import CONTAINER
from cygni.targets.fargate.running import RunningService
from cygni.targets.fargate.tasks import TASKS_A_CALL, batches

PLUGIN: Final = "session-manager-plugin"
_RESPONSE: Final = "AWS_SSM_START_SESSION_RESPONSE"
_LEAST: Final = (1, 2, 497)
"""The first version that takes the session's token from its environment: its arguments can be read by everybody on the
machine (release notes of the plugin)."""
_INSTALL: Final = "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html"
_VERSION_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Entered:
    """A task to run a command in: its id, its cluster (ARN), and its container's runtime id."""

    id: str
    cluster: str
    runtime_id: str


def task_to_enter(clients: Clients, service: RunningService, active: Colour, task: str = "") -> Entered:
    """The newest task of the active colour that runs, of the other one where that has none; or the one whose id begins
    with `task`.

    Raises NotFound where there is none, UsageError where it lets no command in; and what `asking` raises.
    """
    order = [active, *(colour for colour in Colour if colour is not active)]
    with asking(f"the tasks of {service.name} are not known"):
        found = [one for colour in order for one in _running(clients, service, service.names[colour])]
    wanted = [one for one in found if _id(one).startswith(task)]
    if not wanted:
        there = ", ".join(_id(one)[:8] for one in found) or "none"
        raise NotFound(
            f"no such task of {service.name} runs", hint=f"Those that run: {there}. See cx status."
        )
    first = wanted[0]
    if not first.get("enableExecuteCommand"):
        raise UsageError(
            f"tasks of {service.name} let no command in",
            hint=f"Set services.{service.name}.exec: true in cygni.yaml and deploy; it replaces the tasks.",
        )
    containers = {one["name"]: one for one in first.get("containers", [])}
    return Entered(_id(first), service.cluster, str(containers.get(CONTAINER, {}).get("runtimeId", "")))


def _running(clients: Clients, service: RunningService, name: str) -> list[dict[str, Any]]:
    """The tasks of an ECS service that run, the newest first."""
    ecs = clients("ecs")
    pages = ecs.get_paginator("list_tasks").paginate(
        cluster=service.cluster, serviceName=name, desiredStatus="RUNNING"
    )
    arns = [arn for page in pages for arn in page["taskArns"]]
    tasks = [
        task
        for batch in batches(arns, TASKS_A_CALL)
        for task in ecs.describe_tasks(cluster=service.cluster, tasks=batch)["tasks"]
    ]
    running = [one for one in tasks if one["lastStatus"] == "RUNNING"]
    return sorted(running, key=lambda one: one["createdAt"], reverse=True)


def _id(task: Mapping[str, Any]) -> str:
    return str(task["taskArn"]).rpartition("/")[2]


def plugin() -> str:
    """The path of Systems Manager's plugin. Raises ToolMissing where it is not there, or too old."""
    path = shutil.which(PLUGIN)
    if path is None:
        raise ToolMissing(f"{PLUGIN} is not installed, and ECS Exec needs it", hint=f"Install it: {_INSTALL}")
    try:
        said = subprocess.run(
            [path, "--version"], capture_output=True, text=True, timeout=_VERSION_SECONDS, check=False
        ).stdout
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ToolMissing(f"{path} does not run: {error}", hint=f"Install it again: {_INSTALL}") from None
    version = tuple(int(part) for part in re.findall(r"\d+", said)[:3])
    if version < _LEAST:
        least = ".".join(map(str, _LEAST))
        raise ToolMissing(
            f"{PLUGIN} {said.strip() or 'of an unknown version'} is too old: {least} or newer is needed, which keeps "
            "the session's token to itself",
            hint=f"Install a newer one: {_INSTALL}",
        )
    return path


def start_session(clients: Clients, task: Entered, words: Sequence[str], path: str) -> list[str]:
    """Starts the command (ExecuteCommand) and returns that of the plugin at `path`; the session, with its token, is in
    this process' environment. Raises what `asking` raises."""
    with asking("the command was not started"):
        ecs = clients("ecs")
        answer = ecs.execute_command(
            cluster=task.cluster,
            task=task.id,
            container=CONTAINER,
            command=shlex.join(words),
            interactive=True,
        )
    os.environ[_RESPONSE] = json.dumps(answer["session"])
    target = f"ecs:{task.cluster.rpartition('/')[2]}_{task.id}_{task.runtime_id}"
    region, endpoint = ecs.meta.region_name, ecs.meta.endpoint_url
    return [path, _RESPONSE, region, "StartSession", "", json.dumps({"Target": target}), endpoint]
