"""Runs a build of CodeBuild, tells its log, and ends it where this is stopped or it takes too long."""

from __future__ import annotations

import contextlib
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from cygni.builder.images.building import REVISION_LABEL
from cygni.builder.images.remote import CODEBUILD, SYSTEM_CLOCK, Clock, RemoteOrder
from cygni.builder.images.revision import revision_of
from cygni.errors import BuildFailed
from cygni.targets.build_source import sent
from cygni.targets.codebuild.orders import buildspec, secret_variables
from cygni.targets.codebuild.project import BuildProject
from cygni.targets.fargate.clients import Clients, asking

BUILD_MINUTES: Final = 60
QUEUED_MINUTES: Final = 30
"""What CodeBuild gives a build and a place in its queue; its own defaults are 60 and 480."""
_DEADLINE_SECONDS: Final = (BUILD_MINUTES + QUEUED_MINUTES + 5) * 60
"""When it is given up here, should CodeBuild not end it."""
_LOOK_SECONDS: Final = 3.0
_LAST_LINES: Final = 20
_RUNNING: Final = "IN_PROGRESS"


@dataclass(frozen=True, slots=True)
class CodeBuild:
    """CodeBuild as a builder, by the project that a user names."""

    project: BuildProject
    clients: Clients
    tool: str = CODEBUILD

    @property
    def place(self) -> str:
        return f"CodeBuild (project {self.project.name})"

    def demand(self, platform: str, secrets: Mapping[str, str], region: str) -> None:
        """Raises UsageError for another processor, and for secrets that only this machine has."""
        self.project.demand(platform)
        secret_variables(secrets, region)

    def build(self, order: RemoteOrder, tell: Callable[[str], None]) -> str:
        """Raises what `build_remotely` raises."""
        return build_remotely(self.project, order, self.clients, tell)


def build_remotely(
    project: BuildProject,
    order: RemoteOrder,
    clients: Clients,
    tell: Callable[[str], None],
    clock: Clock = SYSTEM_CLOCK,
) -> str:
    """Build an image and push it, in the account; the id of the build. `tell` hears every line of its log. What was
    sent is removed again.

    Raises UsageError for secrets that only this machine has, BuildContextRefused, BuildFailed, and what `asking`
    raises. Where this is interrupted, the build is stopped.
    """
    project.demand(order.platform)
    variables = secret_variables(order.secrets, order.region)
    with sent(order.source, project.bucket, project.prefix, clients) as key:
        build = _started(project, order, key, variables, clients)
        ended = False
        try:
            last = _followed(build, clients, tell, clock)
            ended = True
        finally:
            if not ended:
                _stop(build, clients)
    status = last.build["buildStatus"]
    if status != "SUCCEEDED":
        raise _failed(order.address, build, status, last)
    return build


def _started(
    project: BuildProject, order: RemoteOrder, key: str, variables: list[dict[str, str]], clients: Clients
) -> str:
    revision = revision_of(order.source.context.folder)
    labels = {REVISION_LABEL: revision} if revision else {}
    with asking(f"CodeBuild did not start {project.name}"):
        answer = clients("codebuild").start_build(
            projectName=project.name,
            sourceTypeOverride="S3",
            sourceLocationOverride=f"{project.bucket}/{key}",
            artifactsOverride={"type": "NO_ARTIFACTS"},
            buildspecOverride=buildspec(order.address, order.platform, labels, sorted(order.secrets)),
            environmentVariablesOverride=variables,
            timeoutInMinutesOverride=BUILD_MINUTES,
            queuedTimeoutInMinutesOverride=QUEUED_MINUTES,
            idempotencyToken=uuid.uuid4().hex,
        )
    return str(answer["build"]["id"])


@dataclass(frozen=True, slots=True)
class _Last:
    """A build as it ended, with the end of its log."""

    build: Mapping[str, Any]
    lines: tuple[str, ...]


def _followed(build: str, clients: Clients, tell: Callable[[str], None], clock: Clock) -> _Last:
    log = _Log(clients, tell)
    until = clock.now() + _DEADLINE_SECONDS
    while True:
        with asking(f"the build {build} was not found out"):
            [found] = clients("codebuild").batch_get_builds(ids=[build])["builds"]
            log.read(found.get("logs", {}))
        if found["buildStatus"] != _RUNNING:
            return _Last(found, tuple(log.last))
        if clock.now() > until:
            raise BuildFailed(
                f"the build {build} did not end in {_DEADLINE_SECONDS // 60} minutes, and is stopped",
                hint="Give its project a larger computer, or a cache.",
                details={"tool": CODEBUILD, "build": build, "last_lines": list(log.last)},
            )
        clock.sleep(_LOOK_SECONDS)


class _Log:
    """The log of a build in CloudWatch, read on from where it was read to."""

    def __init__(self, clients: Clients, tell: Callable[[str], None]) -> None:
        self._clients = clients
        self._tell = tell
        self._token: str | None = None
        self.last: deque[str] = deque(maxlen=_LAST_LINES)

    def read(self, place: Mapping[str, Any]) -> None:
        group, stream = place.get("groupName"), place.get("streamName")
        if not group or not stream:
            return
        while True:
            on = {"nextToken": self._token} if self._token else {"startFromHead": True}
            try:
                answer = self._clients("logs").get_log_events(logGroupName=group, logStreamName=stream, **on)
            except ClientError as error:
                if error.response["Error"]["Code"] == "ResourceNotFoundException":  # nothing was written yet
                    return
                raise
            for event in answer["events"]:
                for line in event["message"].rstrip("\n").splitlines():
                    self.last.append(line)
                    self._tell(line)
            before, self._token = self._token, answer["nextForwardToken"]
            if self._token == before:  # the same token tells the end (GetLogEvents)
                return


def _stop(build: str, clients: Clients) -> None:
    with contextlib.suppress(ClientError, BotoCoreError):
        clients("codebuild").stop_build(id=build)


def _failed(address: str, build: str, status: str, last: _Last) -> BuildFailed:
    phases = last.build.get("phases", ())
    said = [context.get("message", "") for phase in phases for context in phase.get("contexts", ())]
    why = next((one for one in reversed(said) if one), "")
    return BuildFailed(
        f"{address} could not be built: CodeBuild says {status}{f': {why}' if why else ''}",
        hint="Its log is above, and in CodeBuild's console.",
        details={"tool": CODEBUILD, "build": build, "status": status, "last_lines": list(last.lines)},
    )
