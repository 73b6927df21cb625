"""What a person asks for: deploy, rollback, restart, scale; and what makes a clean end of what was left unfinished."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from cygni.errors import LeaseLost, LockHeld, NotFound, RollbackFailed, UsageError
from cygni.releases.driver import Driver, Look, World
from cygni.releases.events import Began, labels
from cygni.releases.floor import floor
from cygni.releases.machine import taken_over, tried_again
from cygni.releases.observed import AlarmState
from cygni.releases.outcome import failure
from cygni.releases.plan import Situation, planned, without_alarms, without_services
from cygni.releases.protocols import Lease, Leases
from cygni.releases.release import (
    Deployment,
    DeploymentState,
    Kind,
    Live,
    Release,
    Request,
    Wish,
    changed_secrets,
)
from cygni.releases.seen import Seen
from cygni.releases.settings import ReleaseSettings
from cygni.releases.settle import cooled, cooling, settled, warm, warm_ends

_ABORT_WAIT = 900.0
"""Seconds that a rollback waits for the command it has told to go back."""
_COOLING = 5.0
"""Seconds that everybody waits: whatever stops old tasks that were warm holds the services no longer."""


@dataclass(frozen=True)
class Waiting:
    """How long to wait for whoever holds the services, in seconds, and whom to tell who that is."""

    seconds: float = 0.0
    on_wait: Callable[[str], None] = lambda holder: None


@dataclass
class _Held:
    """The lease on all services, and what runs, as it was last read or written under it."""

    lease: Lease
    live: Live


@dataclass(frozen=True)
class Releases:
    """The releases of one environment. `settings` has every service that keeps running, `author` who asks.

    Every operation returns the deployment that ended what was asked for, whichever way; None where nothing had to be
    done. `outcome.failure` tells the error of one. All raise LockHeld, LeaseLost, and whatever the world raises where
    it cannot be reached: then the deployment is left for the next command.
    """

    world: World
    leases: Leases
    settings: Mapping[str, ReleaseSettings]
    author: str

    def deploy(self, release: Release, waiting: Waiting = Waiting()) -> Deployment | None:
        """Brings the release live, which is kept under a number if it is not what runs already.

        What an earlier command left unfinished is carried on if it is the same release, and else brought back first.
        Where that cannot be, the release goes over whatever runs then: it may be what mends it.
        """
        known = self.world.store.live()
        with self._hold(known, release.services, "cx deploy", waiting) as held:
            carried_on = self._finish(held, lambda one: self._is_of(one, release), instead=True)
            if carried_on is not None:
                return carried_on
            renewed = self._with_other_secrets(release, held.live)
            situation = self._situation(release, self.settings, held.live)
            if not planned(Kind.DEPLOY, release, situation, renewed=renewed).tracks:
                return None
            kept = self.world.store.add_release(release)
            return self._begin(planned(Kind.DEPLOY, kept, situation, renewed=renewed), situation, held)

    def rollback(self, number: int | None = None, waiting: Waiting = Waiting()) -> Deployment | None:
        """Brings an earlier release back: the one given, or the one before. A deployment under way is told to go back,
        which is all there is to do where no release is given.

        A rollback under way is carried on, or waited for, if it goes there too: asking twice goes back once.

        Raises NotFound where there is no such release, or none before.
        """
        known = self.world.store.live()
        for one in known.unfinished:
            if not self._is_on_its_way(one, number):
                self.ask(one, Wish.ABORT)
        if known.unfinished:
            waiting = replace(waiting, seconds=max(waiting.seconds, _ABORT_WAIT))
        with self._hold(known, (), "cx rollback", waiting) as held:
            carried_on = self._finish(held, lambda one: _goes_back_to(one, number))
            if carried_on is not None:
                return carried_on
            if known.unfinished and number is None:
                ended = self.world.store.deployment(known.unfinished[-1])
                if ended is not None and _went_back(ended):
                    return ended
            release = self._earlier(number, held.live)
            situation = self._situation(release, self.settings, held.live)
            return self._begin(planned(Kind.ROLLBACK, release, situation), situation, held)

    def restart(self, services: Collection[str] = (), waiting: Waiting = Waiting()) -> Deployment | None:
        """New tasks for the services, or all of them, of the release that runs."""
        names = self._known(services) if services else set(self.settings)
        with self._hold(self.world.store.live(), (), "cx restart", waiting) as held:
            self._finish(held, lambda one: False)
            return self._again(Kind.RESTART, names, self.settings, held)

    def scale(self, counts: Mapping[str, int], waiting: Waiting = Waiting()) -> Deployment | None:
        """Other numbers of tasks, until the next deploy. Raises UsageError for a service that is autoscaled."""
        self._known(counts)
        for name in counts:
            if self.settings[name].limits is not None:
                raise UsageError(
                    f"{name} is autoscaled", hint="Change the min and max of its autoscale in cygni.yaml."
                )
        scaled = {name: replace(self.settings[name], count=count) for name, count in counts.items()}
        with self._hold(self.world.store.live(), (), "cx scale", waiting) as held:
            self._finish(held, lambda one: False)
            return self._again(Kind.SCALE, set(), scaled, held)

    def finish(self, waiting: Waiting = Waiting()) -> Deployment | None:
        """Carries on what was left unfinished, to whichever end it has; and stops what was warm for long enough."""
        known, carried_on = self.world.store.live(), None
        if known.unfinished:
            with self._hold(known, (), "cx", waiting) as held:
                carried_on = self._finish(held, lambda one: True)
        self.cool()
        return carried_on

    def cool(self) -> tuple[str, ...]:
        """Stops old colours that have been warm for long enough, and tells of which services. Nothing happens to what
        somebody else is releasing."""
        known = self.world.store.live()
        if known.unfinished or not warm(known, self.world.clock.now()):
            return ()
        try:
            with self._hold(known, (), "cx (warm time over)", Waiting(), 0.0) as held:
                return () if held.live.unfinished else self._cool(held)
        except LockHeld:
            return ()

    def ask(self, deployment: int, wish: Wish) -> None:
        """Leaves a request for whoever carries the deployment out."""
        request = Request(secrets.token_hex(8), wish, self.author, self.world.clock.now())
        self.world.store.ask(deployment, request)

    @contextmanager
    def _hold(
        self,
        known: Live,
        services: Iterable[str],
        doing: str,
        waiting: Waiting,
        at_least: float = _COOLING,
    ) -> Iterator[_Held]:
        """All services of the environment: those of cygni.yaml, these, and those that are known to run."""
        everything = sorted({*services, *self.settings, *known.services})
        wait = max(waiting.seconds, at_least)
        fence = max((one.fence for one in known.services.values()), default=0)
        lease = self.leases.acquire(everything, doing=doing, wait=wait, on_wait=waiting.on_wait, above=fence)
        try:
            yield _Held(lease, self.world.store.live())
        finally:
            lease.release()

    def _situation(self, release: Release, settings: Mapping[str, ReleaseSettings], live: Live) -> Situation:
        now = self.world.clock.now()
        seen = self.world.target.workload.look(sorted(settings.keys() & release.services.keys()))
        return Situation(settings, live, seen, now, self.author)

    def _again(
        self, kind: Kind, renewed: Collection[str], settings: Mapping[str, ReleaseSettings], held: _Held
    ) -> Deployment | None:
        if not held.live.history:
            raise NotFound("nothing is released yet", hint="Run cx deploy first.")
        release = self._release(held.live.history[0])
        situation = self._situation(release, settings, held.live)
        return self._begin(planned(kind, release, situation, renewed=renewed), situation, held)

    def _known(self, services: Iterable[str]) -> set[str]:
        unknown = sorted(set(services) - self.settings.keys())
        if unknown:
            raise NotFound(
                f"no service {unknown[0]} keeps running here",
                hint=f"Those that do are {', '.join(sorted(self.settings)) or 'none'}.",
            )
        return set(services)

    def _earlier(self, number: int | None, live: Live) -> Release:
        if number is not None:
            return self._release(number)
        # One that differs in the versions of secrets alone is no way back: tasks get those that are current.
        runs = {name: one.colours[one.active].revision for name, one in live.services.items()}
        for before in live.history[1:]:
            release = self._release(before)
            if any(runs.get(name, one.revision) != one.revision for name, one in release.services.items()):
                return release
        raise NotFound("there is no release before the one that runs", hint="See cx releases.")

    def _release(self, number: int) -> Release:
        release = self.world.store.release(number)
        if release is None:
            raise NotFound(f"there is no release {number}", hint="See cx releases.")
        return release

    def _with_other_secrets(self, release: Release, live: Live) -> set[str]:
        """The services whose secrets have other versions than those that run were started with."""
        runs = self.world.store.release(live.history[0]) if live.history else None
        if runs is None:
            return set()
        return {
            name
            for name, one in release.services.items()
            if name in runs.services and changed_secrets(runs.services[name].secrets, one.secrets)
        }

    def _begin(self, deployment: Deployment, situation: Situation, held: _Held) -> Deployment | None:
        """Keeps what was planned, and carries it out; None where there is nothing to do."""
        if not deployment.tracks:
            return None
        watched = self._watching(deployment)
        kept = self.world.store.add_deployment(replace(watched, fence=held.lease.fence))

        def begun(live: Live) -> Live:
            _check_fence(live, kept)
            # What cygni.yaml has no more is gone.
            services = {name: one for name, one in live.services.items() if name in self.settings}
            return replace(live, services=services, unfinished=(*live.unfinished, kept.number))

        self.world.store.update_live(begun)
        return self._carry_out(kept, held, Look(situation.seen, situation.now))

    def _watching(self, deployment: Deployment) -> Deployment:
        """Without the alarms that are raised before anything is done: they say nothing about it.

        Raises NotFound for one that is not there.
        """
        moves = [move for track in deployment.tracks for move in track.moves]
        names = sorted({name for move in moves for name in move.settings.gates.alarms})
        if not names:
            return deployment
        states = self.world.target.metrics.alarms(names)
        missing = [name for name in names if states.get(name, AlarmState.MISSING) is AlarmState.MISSING]
        if missing:
            hint = "Mend `release.gates.alarms` in cygni.yaml."
            raise NotFound(f"there is no alarm {missing[0]}", hint=hint)
        quiet = {name for name in names if states[name] is not AlarmState.ALARM}
        return without_alarms(deployment, set(names) - quiet)

    def _carry_out(self, deployment: Deployment, held: _Held, look: Look | None) -> Deployment:
        """Without a `look` it goes on where another command left it."""
        world = self.world
        world.sink(
            Began(
                at=world.clock.now(),
                deployment=deployment.number,
                release=deployment.release,
                kind=deployment.kind,
                tracks={track.name: labels(track) for track in deployment.tracks},
                floor=floor(deployment, world.target.pace),
                resumed=look is None,
            )
        )
        ended = Driver(world, held.lease, look).carry_out(deployment)
        self._conclude(ended, held)
        return ended

    def _conclude(self, ended: Deployment, held: _Held) -> None:
        def concluded(live: Live) -> Live:
            _check_fence(live, ended)
            return settled(live, ended, self.world.clock.now(), self.world.target.settling)

        held.lease.check()
        held.live = self.world.store.update_live(concluded)
        if ended.state is DeploymentState.SUCCEEDED:
            self._let_settle(held.live)
            self._cool(held)

    def _let_settle(self, live: Live) -> None:
        """Waits for what is warm only until no request goes to it any more: nobody else may come to stop it."""
        now = self.world.clock.now()
        until = now + timedelta(seconds=self.world.target.settling)
        soon = [end for end in warm_ends(live) if now < end <= until]
        if soon:
            self.world.clock.sleep((max(soon) - now).total_seconds())

    def _cool(self, held: _Held) -> tuple[str, ...]:
        due = warm(held.live, self.world.clock.now())
        there = tuple(name for name in due if name in self.settings)
        if there:
            seen = Seen(services=self.world.target.workload.look(there))
            Driver(self.world, held.lease).act(cooling(held.live, there, seen))
        if due:
            fence = held.lease.fence
            held.live = self.world.store.update_live(lambda live: cooled(live, due, fence))
        return there

    def _finish(
        self, held: _Held, is_wanted: Callable[[Deployment], bool], *, instead: bool = False
    ) -> Deployment | None:
        """Brings what is unfinished to an end: on where it is wanted, else back. The deployment, where it was carried
        on. Raises RollbackFailed for one that cannot go back, but if something else comes `instead`."""
        store = self.world.store
        carried_on = None
        for number in held.live.unfinished:
            deployment = store.deployment(number)
            if deployment is None:
                self._forget(number, held)
                continue
            if deployment.state is DeploymentState.ROLLBACK_FAILED:
                deployment = tried_again(deployment, self.world.clock.now())
            if deployment.state.ended:
                self._conclude(deployment, held)
                continue
            deployment = without_services(deployment, self._gone(deployment))
            if not deployment.tracks:
                self._forget(number, held)
                continue
            deployment = taken_over(deployment, self.world.clock.now())
            wanted = is_wanted(deployment)
            if not wanted and deployment.state is not DeploymentState.BACK:
                self.ask(number, Wish.ABORT)
            deployment = replace(deployment, fence=held.lease.fence)
            store.save(deployment)
            ended = self._carry_out(deployment, held, None)
            if ended.state is DeploymentState.ROLLBACK_FAILED and instead and not wanted:
                self._forget(number, held)
            elif ended.state is DeploymentState.ROLLBACK_FAILED:
                raise failure(ended, self.world.target) or RollbackFailed("what ran before did not come back")
            carried_on = ended if wanted else carried_on
        return carried_on

    def _gone(self, deployment: Deployment) -> set[str]:
        """The services of the deployment that were deleted since: cygni.yaml has them no more, nor has the cloud."""
        gone = set()
        for name in set(deployment.services) - self.settings.keys():
            try:
                self.world.target.workload.look([name])
            except NotFound:
                gone.add(name)
        return gone

    def _is_on_its_way(self, number: int, release: int | None) -> bool:
        deployment = self.world.store.deployment(number)
        return deployment is not None and _goes_back_to(deployment, release)

    def _forget(self, number: int, held: _Held) -> None:
        def without(live: Live) -> Live:
            return replace(live, unfinished=tuple(one for one in live.unfinished if one != number))

        held.live = self.world.store.update_live(without)

    def _is_of(self, deployment: Deployment, release: Release) -> bool:
        recorded = self.world.store.release(deployment.release)
        goes_on = deployment.state in (DeploymentState.JOBS, DeploymentState.FORWARD)
        return (
            deployment.kind is Kind.DEPLOY and goes_on and recorded is not None and recorded.id == release.id
        )


def _goes_back_to(deployment: Deployment, release: int | None) -> bool:
    """Whether it is a rollback under way, to this release or to whichever."""
    under_way = deployment.kind is Kind.ROLLBACK and deployment.state is DeploymentState.FORWARD
    return under_way and release in (None, deployment.release)


def _went_back(ended: Deployment) -> bool:
    """Whether what ran before it runs, or what it was to bring back."""
    if ended.kind is Kind.ROLLBACK and ended.state is DeploymentState.SUCCEEDED:
        return True
    return ended.state is DeploymentState.ROLLED_BACK


def _check_fence(live: Live, deployment: Deployment) -> None:
    """Raises LeaseLost where a later lease has written what runs."""
    for name in deployment.services:
        if name in live.services and live.services[name].fence > deployment.fence:
            raise LeaseLost(
                f"another command has taken over {name} meanwhile", hint="See cx status, then run this again."
            )
