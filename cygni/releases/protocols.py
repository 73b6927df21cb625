"""What the release engine needs of the world: one call is one read of many things, or one idempotent operation.

An operation sets what is wanted; called again with the same arguments it changes nothing. Whatever cannot be reached
raises CygniError: the driver leaves its record as it is, and the next command goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from cygni.releases.estimate import EstimateRecord
from cygni.releases.floor import Pace
from cygni.releases.observed import (
    AlarmState,
    CheckResult,
    JobState,
    LogLine,
    Period,
    Place,
    ServiceState,
    StoppedTask,
    Weights,
)
from cygni.releases.release import Deployment, Live, Release, Request
from cygni.releases.settings import HttpCheck, Limits


class Workload(Protocol):
    """The tasks of the services."""

    def look(self, services: Sequence[str]) -> Mapping[str, ServiceState]:
        """Counts, revisions, health and live weights of both colours of all the services, in one go and as they are
        now. On AWS: DescribeServices, DescribeRules, DescribeTargetHealth and (where autoscaled)
        DescribeScalableTargets, at the same time. Raises NotFound for a service that is not there."""

    def stopped(self, places: Sequence[Place], since: datetime) -> Sequence[StoppedTask]:
        """The tasks of these colours that have stopped, of those created after `since`; oldest first."""

    def run(self, place: Place, revision: str, count: int) -> None:
        """Lets the colour run `count` tasks of the revision (UpdateService). Does not wait."""

    def limit(self, place: Place, limits: Limits) -> None:
        """Between how many tasks autoscaling may move (RegisterScalableTarget)."""


class Traffic(Protocol):
    """Who gets the requests."""

    def shift(self, service: str, weights: Weights) -> None:
        """Divides the requests between the colours, whole percent (ModifyRule). In effect everywhere after
        `Target.settling`."""


class Metrics(Protocol):
    """What the load balancer counted, and alarms."""

    period: float
    """Seconds between two values: 60 on AWS."""
    delay: float
    """Seconds after the end of a period until its values can be read and will not change any more."""

    def read(
        self, places: Sequence[Place], start: datetime, end: datetime
    ) -> Mapping[Place, Sequence[Period]]:
        """The whole periods between `start` and `end`, oldest first, each of which will not change any more; one
        without requests may be left out (GetMetricData). A place may be left out, if it has none."""

    def alarms(self, names: Sequence[str]) -> Mapping[str, AlarmState]:
        """The alarms by name, all of those asked for (DescribeAlarms)."""


class Jobs(Protocol):
    """Tasks that run once."""

    def start(self, job: str, revision: str, token: str) -> str:
        """Starts the job (RunTask) and returns the task's id. Called again with the same token it starts nothing and
        returns the same id, however long ago that was."""

    def read(self, id: str) -> JobState:
        """Raises NotFound if nothing is known of it (any more)."""

    def stop(self, id: str) -> None:
        """Asks the task to stop (StopTask); nothing happens if it has."""

    def tail(self, id: str, limit: int) -> Sequence[LogLine]:
        """The last lines it wrote, oldest first; none where there are none."""


class Checks(Protocol):
    """Requests and commands that try a colour which need not have traffic yet."""

    def http(self, place: Place, check: HttpCheck) -> CheckResult:
        """Asks the colour by its preview header. A failure, also to connect, is a result and no error."""

    def smoke(self, place: Place, command: Sequence[str], timeout: float) -> CheckResult:
        """Runs the command here, with CYGNI_URL, CYGNI_COLOUR and CYGNI_PREVIEW_HEADER (`NAME: VALUE`) in its
        environment. It passes if it exits with 0 within `timeout` seconds."""


class Logs(Protocol):
    """What tasks wrote."""

    def tail(self, place: Place, task: str, limit: int) -> Sequence[LogLine]:
        """The last lines of one task, oldest first; none where there are none."""

    def since(self, place: Place, after: datetime, limit: int) -> Sequence[LogLine]:
        """Lines of all tasks of the colour that are later than `after`, oldest first."""


@dataclass(frozen=True)
class Target:
    """Where services run, as far as releases are concerned, and how fast that is at best. `settling` is for how many
    seconds after a shift some requests may still go by the weights before it: tasks that they go to stay meanwhile."""

    workload: Workload
    traffic: Traffic
    metrics: Metrics
    jobs: Jobs
    checks: Checks
    logs: Logs
    pace: Pace = field(default_factory=Pace)
    settling: float = 0.0


class Clock(Protocol):
    """Time. Nothing in the release engine reads or waits for any other."""

    def now(self) -> datetime:
        """In UTC, aware."""

    def sleep(self, seconds: float) -> None: ...


class ReleaseStore(Protocol):
    """The records of one environment. Everything raises StateError (AuthError) if they are out of reach."""

    def add_release(self, release: Release) -> Release:
        """Keeps a new release under the next free number, which it returns it with."""

    def release(self, number: int) -> Release | None: ...

    def releases(self, limit: int = 20) -> Sequence[Release]:
        """The newest first."""

    def add_deployment(self, deployment: Deployment) -> Deployment:
        """As `add_release`."""

    def deployment(self, number: int) -> Deployment | None: ...

    def deployments(self, limit: int = 20) -> Sequence[Deployment]:
        """The newest first."""

    def save(self, deployment: Deployment) -> None:
        """Replaces the deployment's record, which is that of this store's last read or write of it. Raises LeaseLost if
        somebody else has written it since."""

    def live(self) -> Live:
        """What runs; empty at first."""

    def update_live(self, change: Callable[[Live], Live]) -> Live:
        """Replaces what runs by what `change` makes of it, which is called again where somebody else was faster. What
        it raises is passed on, and nothing is changed."""

    def add_estimate(self, record: EstimateRecord) -> EstimateRecord:
        """Keeps the estimate of a deploy that released nothing, as `add_release`."""

    def estimates(self, limit: int = 20) -> Sequence[EstimateRecord]:
        """The newest first."""

    def ask(self, deployment: int, request: Request) -> None:
        """Leaves a request for whoever carries the deployment out; a later one replaces it."""

    def asked(self, deployment: int) -> Request | None: ...

    def forget(self) -> None:
        """Removes all records: nothing of the environment runs any more."""


class Lease(Protocol):
    """The right to release some services, kept alive by whoever implements it until it is released.

    `fence` is higher than that of every lease given before on any of the services.
    """

    fence: int

    def check(self) -> None:
        """Raises LeaseLost if it has run out, or may have. Asks nobody: called before every act."""

    def release(self) -> None:
        """Gives it back; nothing happens if it is lost already."""


class Leases(Protocol):
    """Who may release which services of one environment."""

    def acquire(
        self,
        services: Sequence[str],
        *,
        doing: str,
        wait: float = 0.0,
        on_wait: Callable[[str], None] = lambda holder: None,
        above: int = 0,
    ) -> Lease:
        """All of the services or none; waits up to `wait` seconds for whoever holds one of them, of whom `on_wait` is
        told once. A holder that is provably dead is not waited for. The fence is higher than `above` too, which is the
        highest that is known elsewhere: the leases may have been lost. Raises LockHeld, naming the holder."""
