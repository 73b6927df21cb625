"""A world to release into, in memory and with a clock of its own: tasks that start, fail and leak, a load balancer that
counts, with the records of its releases (release_records) and a death that comes after any one call (release_reaper).

Everything is seeded and nothing sleeps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from cygni.errors import NotFound
from cygni.naming import Colour
from cygni.releases.driver import World
from cygni.releases.events import Event
from cygni.releases.floor import Pace
from cygni.releases.observed import (
    AlarmState,
    CheckResult,
    ColourState,
    JobPhase,
    JobState,
    LogLine,
    Period,
    Place,
    ServiceState,
    StoppedTask,
    Weights,
)
from cygni.releases.operations import Releases
from cygni.releases.protocols import Target
from cygni.releases.release import Live, Release, ServiceRelease
from cygni.releases.settings import HttpCheck, Limits, ReleaseSettings
from tests.release_reaper import Reaper
from tests.release_records import FakeLeases, FakeStore, Records
from tests.release_traffic import Behaviour, Noise

START = datetime(2026, 11, 21, 12, tzinfo=UTC)
PERIOD = 10.0


@dataclass(frozen=True)
class Program:
    """What a revision does: how it answers, after how many seconds a task ends by itself, whether it ever gets healthy,
    what its checks and (of a job) its run come to."""

    behaviour: Behaviour = field(default_factory=Behaviour)
    lives: float | None = None
    healthy: bool = True
    checks: bool = True
    exit_code: int = 0


@dataclass
class _Task:
    id: str
    revision: str
    created: float


@dataclass
class _Colour:
    revision: str = "none"
    desired: int = 0
    tasks: list[_Task] = field(default_factory=list)
    limits: Limits | None = None


@dataclass
class _Service:
    takes_traffic: bool
    colours: dict[Colour, _Colour]
    weights: dict[Colour, int] | None
    requests: dict[Colour, float] = field(default_factory=lambda: dict.fromkeys(Colour, 0.0))
    served: bool = False
    may_be_down: bool = False


class FakeCloud:
    """The cloud, and what it must never come to.

    `troubles` are moments where nobody answered, or requests went where nobody does while somebody could; `needless` the
    operations that changed nothing. `rate` is in requests per second and service.
    """

    STARTS_IN, HEALTHY_IN = 4.0, 7.0

    def __init__(self, *, rate: float = 200.0, seed: int = 1) -> None:
        self.now = 0.0
        self.rate = rate
        self.programs: dict[str, Program] = {}
        self.services: dict[str, _Service] = {}
        self.stopped: list[StoppedTask] = []
        self.periods: dict[Place, list[Period]] = {}
        self.alarms: dict[str, AlarmState] = {}
        self.jobs: dict[str, tuple[str, float]] = {}
        self.job_starts: list[str] = []
        self.stopped_jobs: list[str] = []
        self.troubles: list[str] = []
        self.needless: list[str] = []
        self.operations: list[str] = []
        self._noise = Noise(seed, samples=50)
        self._ids = 0

    def add(self, name: str, settings: ReleaseSettings) -> None:
        """A service as Pulumi leaves it: two colours of no tasks, all weight on blue."""
        traffic = settings.takes_traffic
        limits = Limits(0, settings.limits.most) if settings.limits is not None else None
        self.services[name] = _Service(
            traffic,
            {colour: _Colour(limits=limits) for colour in Colour},
            {Colour.BLUE: 100, Colour.GREEN: 0} if traffic else None,
            may_be_down=settings.strategy.value == "recreate",
        )

    def moment(self) -> datetime:
        return START + timedelta(seconds=self.now)

    def program(self, revision: str) -> Program:
        return self.programs.get(revision, Program())

    def pass_time(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until - 1e-9:
            before = self.now
            self.now = min(until, self.now + 1.0)
            for name, service in self.services.items():
                for colour, own in service.colours.items():
                    self._reconcile(Place(name, colour), own)
                self._serve(service, self.now - before)
            if int(self.now / PERIOD) > int(before / PERIOD):
                self._count()
            self.watch()

    def _reconcile(self, place: Place, own: _Colour) -> None:
        for task in list(own.tasks):
            program = self.program(task.revision)
            if program.lives is not None and self.now - task.created >= self.STARTS_IN + program.lives:
                own.tasks.remove(task)
                self._stopped(place, task, failed=True)
        current = [task for task in own.tasks if task.revision == own.revision]
        for _ in range(own.desired - len(current)):
            self._ids += 1
            own.tasks.append(_Task(f"task-{self._ids}", own.revision, self.now))
        well = [task for task in current if self._is_healthy(task)]
        outdated = [task for task in own.tasks if task.revision != own.revision]
        for task in outdated[: max(0, len(well) + len(outdated) - own.desired)]:
            own.tasks.remove(task)
            self._stopped(place, task, failed=False)
        for task in current[own.desired :]:
            own.tasks.remove(task)
            self._stopped(place, task, failed=False)

    def _stopped(self, place: Place, task: _Task, *, failed: bool) -> None:
        code = self.program(task.revision).exit_code if failed else 143
        reason = (
            "Essential container in task exited" if failed else "Scaling activity initiated by deployment"
        )
        self.stopped.append(
            StoppedTask(
                task.id,
                place,
                task.revision,
                START + timedelta(seconds=task.created),
                self.moment(),
                failed,
                reason,
                code,
            )
        )

    def _runs(self, task: _Task) -> bool:
        return self.now - task.created >= self.STARTS_IN

    def _is_healthy(self, task: _Task) -> bool:
        return self.program(task.revision).healthy and self.now - task.created >= self.HEALTHY_IN

    def healthy(self, place: Place) -> int:
        service = self.services[place.service]
        well = self._is_healthy if service.takes_traffic else self._runs
        return sum(well(task) for task in service.colours[place.colour].tasks)

    def healthy_in(self, name: str, colour: Colour) -> int:
        return self.healthy(Place(name, colour))

    def _serve(self, service: _Service, seconds: float) -> None:
        for colour, weight in (service.weights or {}).items():
            service.requests[colour] += self.rate * seconds * weight / 100

    def _count(self) -> None:
        end = int(self.now / PERIOD) * PERIOD
        start = START + timedelta(seconds=end - PERIOD)
        for name, service in self.services.items():
            shared = self._noise.shared_factors()
            for colour, own in service.colours.items():
                behaviour = self.program(own.revision).behaviour
                requests = service.requests[colour]
                if requests:
                    counted = self._noise.period(start, PERIOD, requests, behaviour, shared)
                    self.periods.setdefault(Place(name, colour), []).append(counted)
                service.requests[colour] = 0.0

    def watch(self) -> None:
        """Looks whether requests go where somebody answers."""
        for name, service in self.services.items():
            if service.weights is None:
                continue
            answering = {colour for colour in Colour if self.healthy(Place(name, colour))}
            asked = {colour for colour, weight in service.weights.items() if weight}
            service.served = service.served or bool(answering & asked)
            if not service.served or service.may_be_down:
                continue
            if not answering:
                self.troubles.append(f"{self.now}: nobody answers for {name}")

    def operate(self, what: str, changes: bool) -> None:
        self.operations.append(f"{self.now}: {what}")
        if not changes:
            self.needless.append(f"{self.now}: {what}")
        self.watch()


class FakeTarget:
    """Workload, Traffic, Metrics, Jobs, Checks and Logs of the cloud."""

    period = PERIOD
    delay = 0.0

    def __init__(self, cloud: FakeCloud, reaper: Reaper) -> None:
        self.cloud = cloud
        self._call = reaper.call

    def look(self, services: Sequence[str]) -> Mapping[str, ServiceState]:
        return self._call(lambda: {name: self._state(name) for name in services})

    def _state(self, name: str) -> ServiceState:
        service = self.cloud.services.get(name)
        if service is None:
            raise NotFound(f"no service {name}")
        states = {colour: self._colour(name, colour) for colour in Colour}
        return ServiceState(states, dict(service.weights) if service.weights is not None else None)

    def _colour(self, name: str, colour: Colour) -> ColourState:
        own = self.cloud.services[name].colours[colour]
        running = [task for task in own.tasks if self.cloud._runs(task)]
        current = [task for task in running if task.revision == own.revision]
        return ColourState(
            own.revision,
            own.desired,
            running=len(current),
            pending=len(own.tasks) - len(running),
            outdated=len(running) - len(current),
            healthy=self.cloud.healthy(Place(name, colour)),
            limits=own.limits,
        )

    def stopped(self, places: Sequence[Place], since: datetime) -> Sequence[StoppedTask]:
        return self._call(
            lambda: [one for one in self.cloud.stopped if one.place in places and one.created_at >= since]
        )

    def run(self, place: Place, revision: str, count: int) -> None:
        def act() -> None:
            own = self.cloud.services[place.service].colours[place.colour]
            changes = (own.revision, own.desired) != (revision, count)
            own.revision, own.desired = revision, count
            self.cloud.operate(f"run {place.service} {place.colour} {revision} {count}", changes)
            self.cloud._reconcile(place, own)

        self._call(act)

    def limit(self, place: Place, limits: Limits) -> None:
        def act() -> None:
            own = self.cloud.services[place.service].colours[place.colour]
            changes, own.limits = own.limits != limits, limits
            own.desired = max(own.desired, limits.least)
            self.cloud.operate(f"limit {place.service} {place.colour} {limits.least}-{limits.most}", changes)

        self._call(act)

    def shift(self, service: str, weights: Weights) -> None:
        def act() -> None:
            own = self.cloud.services[service]
            before = {colour for colour, weight in (own.weights or {}).items() if weight}
            for colour, weight in weights.items():
                is_new = weight and colour not in before and own.served
                if is_new and not self.cloud.healthy(Place(service, colour)):
                    self.cloud.troubles.append(f"{self.cloud.now}: requests to dead {service} {colour}")
            changes, own.weights = own.weights != dict(weights), dict(weights)
            self.cloud.operate(f"shift {service} blue {weights[Colour.BLUE]}", changes)

        self._call(act)

    def read(
        self, places: Sequence[Place], start: datetime, end: datetime
    ) -> Mapping[Place, Sequence[Period]]:
        def within(period: Period) -> bool:
            return period.start >= start and period.start + timedelta(seconds=PERIOD) <= end

        return self._call(
            lambda: {
                place: [one for one in self.cloud.periods.get(place, []) if within(one)] for place in places
            }
        )

    def alarms(self, names: Sequence[str]) -> Mapping[str, AlarmState]:
        return self._call(lambda: {name: self.cloud.alarms.get(name, AlarmState.MISSING) for name in names})

    def http(self, place: Place, check: HttpCheck) -> CheckResult:
        return self._call(lambda: self._check(place, f"{check.path} answers"))

    def smoke(self, place: Place, command: Sequence[str], timeout: float) -> CheckResult:
        return self._call(lambda: self._check(place, f"{command[0]} ends"))

    def _check(self, place: Place, what: str) -> CheckResult:
        own = self.cloud.services[place.service].colours[place.colour]
        passed = self.cloud.program(own.revision).checks and self.cloud.healthy(place) > 0
        return CheckResult(passed, f"{what} {'well' if passed else 'with 500'}")

    def tail(self, place: Place, task: str, limit: int) -> Sequence[LogLine]:
        lines = [LogLine(self.cloud.moment(), task, f"line {number} of {task}") for number in range(80)]
        return self._call(lambda: lines[-limit:])

    def since(self, place: Place, after: datetime, limit: int) -> Sequence[LogLine]:
        return self._call(list)


class FakeJobs:
    """Jobs that run for ten seconds."""

    LASTS = 10.0

    def __init__(self, cloud: FakeCloud, reaper: Reaper) -> None:
        self.cloud = cloud
        self._call = reaper.call

    def start(self, job: str, revision: str, token: str) -> str:
        def act() -> str:
            if token not in self.cloud.jobs:
                self.cloud.jobs[token] = (revision, self.cloud.now)
                self.cloud.job_starts.append(token)
            return token

        return self._call(act)

    def read(self, id: str) -> JobState:
        return self._call(lambda: self._state(id))

    def _state(self, id: str) -> JobState:
        revision, started = self.cloud.jobs[id]
        if id in self.cloud.stopped_jobs:
            return JobState(id, JobPhase.STOPPED, 143, "Task stopped by user")
        if self.cloud.now - started < self.LASTS:
            return JobState(id, JobPhase.RUNNING)
        code = self.cloud.program(revision).exit_code
        return JobState(id, JobPhase.STOPPED, code, "Essential container in task exited")

    def stop(self, id: str) -> None:
        def act() -> None:
            self.cloud.operate(f"stop job {id}", id not in self.cloud.stopped_jobs)
            self.cloud.stopped_jobs.append(id)

        self._call(act)

    def tail(self, id: str, limit: int) -> Sequence[LogLine]:
        return self._call(lambda: [LogLine(self.cloud.moment(), id, "cannot migrate")])


class FakeClock:
    def __init__(self, cloud: FakeCloud, reaper: Reaper, at: Mapping[float, Callable[[], Any]]) -> None:
        self.cloud = cloud
        self._call = reaper.call
        self.at = dict(at)

    def now(self) -> datetime:
        return self.cloud.moment()

    def sleep(self, seconds: float) -> None:
        def act() -> None:
            self.cloud.pass_time(seconds)
            for due in [when for when in self.at if when <= self.cloud.now]:
                self.at.pop(due)()

        self._call(act)


class Town:
    """A cloud with its records, and the commands that are run against them."""

    def __init__(
        self, settings: Mapping[str, ReleaseSettings], *, rate: float = 200.0, seed: int = 1
    ) -> None:
        self.settings = dict(settings)
        self.cloud = FakeCloud(rate=rate, seed=seed)
        self.records = Records()
        self.events: list[Event] = []
        self.settling = 0.0
        self._commands = 0
        for name, one in settings.items():
            self.cloud.add(name, one)

    def command(
        self,
        *,
        reaper: Reaper | None = None,
        at: Mapping[float, Callable[[], Any]] | None = None,
        poll: float = 2.0,
    ) -> Releases:
        """One run of `cx`, which a `reaper` may kill; `at` are things that happen meanwhile, by the cloud's seconds."""
        reaper = reaper or Reaper()
        self._commands += 1
        self.records.alive = {self._commands}
        target = FakeTarget(self.cloud, reaper)
        world = World(
            Target(
                target,
                target,
                target,
                FakeJobs(self.cloud, reaper),
                target,
                target,
                pace=Pace(5.0),
                settling=self.settling,
            ),
            FakeStore(self.records, reaper),
            FakeClock(self.cloud, reaper, at or {}),
            self.events.append,
            poll=poll,
        )
        return Releases(world, FakeLeases(self.records, reaper, self._commands), self.settings, "ada")

    def release(self, version: str, **jobs: str) -> Release:
        """A release of version `version` of every service: revisions such as `web:2`."""
        services = {name: ServiceRelease(f"{name}:{version}") for name in self.settings}
        return Release("shop", "staging", services, self.cloud.moment(), "ada", jobs)

    def runs(self, version: str) -> None:
        """Deploys a version without anything to watch, and lets some traffic pass."""
        ended = self.command().deploy(self.release(version))
        assert ended is None or ended.state.value == "succeeded", ended
        self.cloud.pass_time(120)
        self.cloud.operations.clear()
        self.events.clear()

    def state(self, name: str) -> dict[Colour, tuple[str, int, int]]:
        """By colour: revision, desired tasks, weight."""
        own = self.cloud.services[name]
        weights = own.weights or {}
        return {
            colour: (one.revision, one.desired, weights.get(colour, 0)) for colour, one in own.colours.items()
        }

    def live(self) -> Live:
        return FakeStore(self.records, Reaper()).live()
