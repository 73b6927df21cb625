"""Carries a deployment out: looks, keeps the machine's next record, acts, and waits, until it has ended.

It can be killed anywhere. Whoever holds the lease next reads the record and goes on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from cygni.errors import CygniError, NotFound, ResourceFailed, StateError, Unreachable
from cygni.releases.acts import Act, RunTasks, SetLimits, SetWeights, StartJob, StopJob
from cygni.releases.events import Logged, Sink
from cygni.releases.machine import advance, job_refused, job_started
from cygni.releases.observed import CheckResult, JobPhase, JobState, Period, Place, ServiceState
from cygni.releases.protocols import Clock, Lease, ReleaseStore, Target
from cygni.releases.release import Deployment, Move
from cygni.releases.seen import Needs, Seen, needs
from cygni.releases.telling import Teller, job_began

_ATTEMPTS, _BETWEEN_ATTEMPTS = 3, 1.0
_LOG_LINES = 100
_BETWEEN_LOGS = 2.0
"""Seconds: CloudWatch Logs lets an account and region search only a few times a second (FilterLogEvents)."""


@dataclass(frozen=True)
class World:
    """All that carrying out needs. `poll` is the seconds between two looks, `follow` says to tell what the new tasks
    write, `patience` is for how many seconds a world that does not answer is asked again."""

    target: Target
    store: ReleaseStore
    clock: Clock
    sink: Sink
    poll: float = 0.5
    follow: bool = False
    patience: float = 60.0


@dataclass(frozen=True)
class Look:
    """What was seen of the services at a moment."""

    services: Mapping[str, ServiceState]
    at: datetime


_FRESH = 2.0
"""Seconds in which a look is as good as another."""

Answer = TypeVar("Answer")


class Driver:
    """Carries one deployment out under a lease. A `look` that is fresh spares the first."""

    def __init__(self, world: World, lease: Lease, look: Look | None = None) -> None:
        self._world = world
        self._lease = lease
        self._first = look
        self._teller = Teller(world.sink)
        self._counted: dict[datetime, tuple[datetime, Mapping[Place, tuple[Period, ...]]]] = {}
        self._heard_until: dict[Place, datetime] = {}
        self._followed_at: datetime | None = None
        self._unanswered_since: datetime | None = None

    def carry_out(self, deployment: Deployment) -> Deployment:
        """The deployment once it has ended. Raises LeaseLost; and CygniError where the world cannot be reached for
        longer than it is waited for, which leaves the record for the next command."""
        done: tuple[Act, ...] = ()
        while not deployment.state.ended:
            seen = self._asked(partial(self._look, deployment), deployment)
            if seen is None:
                continue
            now = self._world.clock.now()
            self._teller.look(seen, now)
            found = advance(deployment, seen, now)
            changed = found.deployment != deployment
            if changed:
                self._keep(found.deployment)
            self._teller.step(deployment, found, seen, now)
            deployment = self._do_all(found.acts, found.deployment)
            # What is done once more is not seen yet, and not for asking faster.
            if not changed and found.acts in ((), done):
                self._world.clock.sleep(self._world.poll)
            done = found.acts
        return deployment

    def _asked(self, ask: Callable[[], Answer], deployment: Deployment) -> Answer | None:
        """What the world answers; None, some time later, where it does not answer and there is patience left. Whoever
        gave up at once would leave requests with a release that nobody watches."""
        try:
            answer = ask()
        except (Unreachable, StateError) as error:
            now = self._world.clock.now()
            self._unanswered_since = self._unanswered_since or now
            if (now - self._unanswered_since).total_seconds() >= self._world.patience:
                raise
            self._teller.unanswered(deployment, error.message, now)
            self._world.clock.sleep(self._world.poll)
            return None
        self._unanswered_since = None
        return answer

    def _do_all(self, acts: Sequence[Act], deployment: Deployment) -> Deployment:
        """Until one is not answered: what is to be done then follows from the next look."""
        for one in acts:
            self._lease.check()
            if isinstance(one, StartJob):
                after = self._asked(partial(self._started, one, deployment), deployment)
                if after is None:
                    break
                self._keep(after)
                deployment = after
            elif self._asked(partial(self._done, one), deployment) is None:
                break
        return deployment

    def act(self, acts: Iterable[Act]) -> None:
        """Does what belongs to no deployment. Raises LeaseLost."""
        for one in acts:
            self._lease.check()
            self._do_in_the_world(one)

    def _keep(self, deployment: Deployment) -> None:
        self._lease.check()
        self._world.store.save(deployment)

    def _started(self, act: StartJob, deployment: Deployment) -> Deployment:
        """With the job's task; on its way back where the job is refused, of which no task runs then."""
        now = self._world.clock.now()
        try:
            task = self._world.target.jobs.start(act.job, act.revision, act.token)
        except Unreachable:
            raise
        except (ResourceFailed, NotFound) as error:
            return job_refused(deployment, act.job, error.message, now)
        self._world.sink(job_began(act.job, task, now))
        return job_started(deployment, act.job, task)

    def _done(self, act: Act) -> bool:
        self._do_in_the_world(act)
        return True

    def _do_in_the_world(self, act: Act) -> None:
        target = self._world.target
        match act:
            case RunTasks(place=place, revision=revision, count=count):
                target.workload.run(place, revision, count)
            case SetLimits(place=place, limits=limits):
                target.workload.limit(place, limits)
            case SetWeights(service=service, weights=weights):
                target.traffic.shift(service, weights)
            case StopJob(task=task):
                target.jobs.stop(task)

    def _look(self, deployment: Deployment) -> Seen:
        asked, target, now = needs(deployment), self._world.target, self._world.clock.now()
        seen = Seen(
            services=self._services(asked.services, now),
            stopped=target.workload.stopped(asked.stopped, deployment.started_at) if asked.stopped else (),
            counted=self._count(asked, now),
            period=target.metrics.period,
            delay=target.metrics.delay,
            settling=target.settling,
            alarms=target.metrics.alarms(asked.alarms) if asked.alarms else {},
            job=self._job(asked.job) if asked.job else None,
            request=self._world.store.asked(deployment.number),
        )
        if asked.tried:
            seen = replace(seen, tried={move.new_place: self._try(move) for move in asked.tried})
        if self._world.follow and self._is_time_to_follow(now):
            # Nobody's release depends on its log being shown.
            with suppress(CygniError):
                self._follow(asked, deployment)
        return seen

    def _is_time_to_follow(self, now: datetime) -> bool:
        if self._followed_at is not None and (now - self._followed_at).total_seconds() < _BETWEEN_LOGS:
            return False
        self._followed_at = now
        return True

    def _services(self, names: Sequence[str], now: datetime) -> Mapping[str, ServiceState]:
        first, self._first = self._first, None
        if (
            first is not None
            and (now - first.at).total_seconds() < _FRESH
            and first.services.keys() >= {*names}
        ):
            return {name: first.services[name] for name in names}
        return self._world.target.workload.look(names) if names else {}

    def _count(self, asked: Needs, now: datetime) -> Mapping[Place, tuple[Period, ...]]:
        """What was counted, read again when a new period may have ended: each reading is billed."""
        metrics = self._world.target.metrics
        found: dict[Place, tuple[Period, ...]] = {}
        for since, places in asked.counted.items():
            read_at, counted = self._counted.get(since, (None, {}))
            stale = read_at is None or (now - read_at).total_seconds() >= metrics.period / 2
            if stale or any(place not in counted for place in places):
                read = metrics.read(places, since, now)
                counted = {place: tuple(read.get(place, ())) for place in places}
                self._counted[since] = (now, counted)
            found |= counted
        return found

    def _job(self, task: str) -> JobState:
        try:
            return self._world.target.jobs.read(task)
        except NotFound:
            return JobState(task, JobPhase.STOPPED, reason="nothing is known of its task any more")

    def _try(self, move: Move) -> CheckResult:
        """The first check that fails, each tried a few times; or that all passed."""
        gates, checks = move.settings.gates, self._world.target.checks
        result = CheckResult(passed=True, detail="")
        for check in gates.http:
            for attempt in range(_ATTEMPTS):
                if attempt:
                    self._world.clock.sleep(_BETWEEN_ATTEMPTS)
                result = checks.http(move.new_place, check)
                if result.passed:
                    break
            if not result.passed:
                return result
        if gates.smoke:
            result = checks.smoke(move.new_place, gates.smoke, gates.smoke_timeout)
        return result

    def _follow(self, asked: Needs, deployment: Deployment) -> None:
        for place in asked.stopped:
            after = self._heard_until.get(place, deployment.started_at)
            for line in self._world.target.logs.since(place, after, _LOG_LINES):
                self._heard_until[place] = max(line.at, self._heard_until.get(place, after))
                self._world.sink(
                    Logged(
                        at=line.at,
                        service=place.service,
                        colour=place.colour,
                        task=line.task,
                        text=line.text,
                    )
                )
