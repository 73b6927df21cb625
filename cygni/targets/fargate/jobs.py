"""Tasks that run once: RunTask, at most once for each token."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from typing import Any, Final

from cygni.errors import NotFound, ResourceFailed
from cygni.releases.observed import JobPhase, JobState, LogLine
from cygni.targets.fargate.clients import Clients, asking
from cygni.targets.fargate.logs import last_lines
from cygni.targets.fargate.running import Running

_STARTING: Final = frozenset({"PROVISIONING", "PENDING", "ACTIVATING"})
_SEPARATOR: Final = "#"
"""Between the ARNs of cluster and task in a job's id; neither holds it."""
_KNOWN_AFTER: Final = 60.0
"""Seconds: DescribeTasks may not know yet what RunTask has just started (API reference, RunTask: eventual
consistency)."""


class TaskJobs:
    def __init__(self, clients: Clients, running: Running) -> None:
        self._clients = clients
        self._running = running
        self._begun: dict[str, float] = {}

    def start(self, job: str, revision: str, token: str) -> str:
        """As `cygni.releases.protocols.Jobs`. What the token makes is the task's `startedBy` and the call's client
        token, which AWS honours for a day; ECS lists a stopped task for an hour.
        """
        one, token = self._running.job(job), started_by(token)
        with asking(f"the job {job} was not started"):
            earlier = self._started(one.cluster, token)
            if earlier:
                return f"{one.cluster}{_SEPARATOR}{earlier}"
            answer = self._clients("ecs").run_task(
                cluster=one.cluster,
                taskDefinition=revision,
                launchType="FARGATE",
                count=1,
                startedBy=token,
                clientToken=token,
                propagateTags="TASK_DEFINITION",
                networkConfiguration={
                    "awsvpcConfiguration": {
                        "subnets": list(one.subnets),
                        "securityGroups": list(one.security_groups),
                        "assignPublicIp": "ENABLED" if one.public else "DISABLED",
                    }
                },
            )
        if not answer["tasks"]:
            said = "; ".join(str(failure.get("reason", "")) for failure in answer.get("failures", []))
            raise ResourceFailed(f"the job {job} was not started: {said or 'ECS gives no reason'}")
        id = f"{one.cluster}{_SEPARATOR}{answer['tasks'][0]['taskArn']}"
        self._begun[id] = time.monotonic()
        return id

    def started(self, job: str, token: str) -> str | None:
        """What `start` has started with the token; None where that is nothing, or has been over for an hour."""
        cluster = self._running.job(job).cluster
        with asking(f"whether the job {job} was started is not known"):
            found = self._started(cluster, started_by(token))
        return f"{cluster}{_SEPARATOR}{found}" if found else None

    def read(self, id: str) -> JobState:
        """As `cygni.releases.protocols.Jobs`."""
        try:
            return job_state(id, self._task(id))
        except NotFound:
            if id in self._begun and time.monotonic() - self._begun[id] < _KNOWN_AFTER:
                return JobState(id, JobPhase.PENDING)
            raise

    def stop(self, id: str) -> None:
        cluster, _, arn = id.partition(_SEPARATOR)
        with asking("the job was not stopped"):
            self._clients("ecs").stop_task(cluster=cluster, task=arn, reason="Stopped by cx")

    def tail(self, id: str, limit: int) -> Sequence[LogLine]:
        """As `cygni.releases.protocols.Jobs`; the task definition tells where the log is."""
        task = self._task(id)
        with asking("the log of the job is not known"):
            definition = self._clients("ecs").describe_task_definition(
                taskDefinition=task["taskDefinitionArn"]
            )["taskDefinition"]
        options = definition["containerDefinitions"][0].get("logConfiguration", {}).get("options", {})
        group = options.get("awslogs-group", "")
        return last_lines(self._clients, group, task["taskArn"].rpartition("/")[2], limit) if group else ()

    def _task(self, id: str) -> dict[str, Any]:
        cluster, _, arn = id.partition(_SEPARATOR)
        with asking("the state of the job is not known"):
            tasks = self._clients("ecs").describe_tasks(cluster=cluster, tasks=[arn])["tasks"]
        if not tasks:
            raise NotFound(f"ECS knows nothing of the task {arn} any more")
        task: dict[str, Any] = tasks[0]
        return task

    def _started(self, cluster: str, token: str) -> str:
        """The ARN of the task that was started by `token`, empty if none was."""
        ecs = self._clients("ecs")
        for status in ("RUNNING", "STOPPED"):
            arns = ecs.list_tasks(cluster=cluster, startedBy=token, desiredStatus=status)["taskArns"]
            if arns:
                return str(arns[0])
        return ""


def started_by(token: str) -> str:
    """What tells the task of a token from any other, in the 36 characters that RunTask takes for `startedBy`."""
    return f"cx-{hashlib.sha256(token.encode()).hexdigest()[:32]}"


def job_state(id: str, task: dict[str, Any]) -> JobState:
    """From a task of DescribeTasks."""
    status = task["lastStatus"]
    containers = task.get("containers", [])
    codes = [one["exitCode"] for one in containers if one.get("exitCode") is not None]
    if status != "STOPPED":
        return JobState(id, JobPhase.PENDING if status in _STARTING else JobPhase.RUNNING)
    said = [task.get("stoppedReason", ""), *(one.get("reason", "") for one in containers)]
    return JobState(
        id, JobPhase.STOPPED, max(codes) if codes else None, ": ".join(dict.fromkeys(filter(None, said)))
    )
