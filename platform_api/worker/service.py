"""A worker: takes up deployments, some at a time, until it is told to end; then it hands them back."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from cygni.errors import CygniError, LeaseLost
from platform_api.database.transactions import Database
from platform_api.deployments.held import Claim, Held
from platform_api.deployments.lifecycle import Status
from platform_api.deployments.queue import Queue
from platform_api.deployments.redaction import Redactor
from platform_api.idempotency.forgetting import forget_old_answers
from platform_api.keys import ServerKey
from platform_api.outbox.forgetting import forget_old_deliveries
from platform_api.secrets.key_ring import KeyRing
from platform_api.stripe.forgetting import forget_old_events
from platform_api.worker.carrying_out import CarryingOut, not_begun
from platform_api.worker.heartbeat import Heartbeat, Stop
from platform_api.worker.listening import listening
from platform_api.worker.material import material, own_secrets
from platform_api.worker.runner import Runner
from platform_api.worker.timing import Timing

FORGETTING_SECONDS = 600.0
"""Between two looks for rows that are old enough to be forgotten."""
WATCHED = 8
"""Jobs that a worker watches besides its deployments; of each that is more, a deployment less is begun."""

logger = structlog.get_logger()


def worker_name() -> str:
    """Who has a lease, for people."""
    return f"{socket.gethostname()}:{os.getpid()}"


@dataclass(frozen=True)
class WorkerParts:
    """What a worker works with. `url` is that of the workers' role, as `database` has it; `environ` the process's own,
    for what must not be shown of it; `home` as in `state_home`."""

    url: str
    database: Database
    ring: KeyRing
    key: ServerKey
    runner: Runner
    environ: Mapping[str, str]
    timing: Timing
    at_a_time: int = 1
    home: str | None = None


@dataclass(frozen=True, slots=True)
class Room:
    """For what else a worker may take up."""

    deploying: bool
    watching: bool


def room(at_work: Sequence[Status], at_a_time: int) -> Room:
    """Beside what is `at_work`, where `at_a_time` deployments may be."""
    watched = at_work.count(Status.WATCHING)
    deployments = len(at_work) - min(watched, WATCHED)
    return Room(deploying=deployments < at_a_time, watching=watched < WATCHED)


@dataclass(frozen=True, slots=True)
class _AtWork:
    held: Held
    heartbeat: Heartbeat


class Worker:
    def __init__(self, parts: WorkerParts, name: str) -> None:
        self._parts = parts
        self._name = name
        self._queue = Queue(parts.database)
        self._ending = asyncio.Event()
        self._woken = asyncio.Event()
        self._running: dict[asyncio.Task[None], _AtWork] = {}
        self._forgets_at = 0.0

    def end(self) -> None:
        """Takes up nothing more; what runs is stopped and handed back."""
        self._ending.set()
        self._woken.set()
        for one in self._running.values():
            one.heartbeat.ask_to_stop(Stop.SHUTDOWN)

    def wake(self) -> None:
        """Looks at once what there is to do, and whether what runs is to stop."""
        self._woken.set()
        for one in self._running.values():
            one.heartbeat.wake()

    async def work(self) -> None:
        """Until it is told to end, and has handed back what it had."""
        async with listening(self._parts.url, self.wake):
            while not self._ending.is_set():
                self._woken.clear()
                with _surviving_the_database():
                    await self._queue.reap()
                    await self._take_up()
                    await self._forget()
                await self._wait()
            while self._running:
                await asyncio.wait(self._running)

    async def _forget(self) -> None:
        """Old rows, now and then: to find none of them takes a look at whole tables."""
        now = asyncio.get_running_loop().time()
        if now < self._forgets_at:
            return
        for forget in (forget_old_answers, forget_old_deliveries, forget_old_events):
            await forget(self._parts.database)
        self._forgets_at = now + FORGETTING_SECONDS

    async def _take_up(self) -> None:
        parts = self._parts
        while not self._ending.is_set():
            there = room([one.held.status for one in self._running.values()], parts.at_a_time)
            if not (there.deploying or there.watching):
                return
            claim = await self._queue.claim(
                self._name, parts.timing.lease_time, deploying=there.deploying, watching=there.watching
            )
            if claim is None:
                return
            heartbeat = Heartbeat(parts.url, claim, parts.timing)
            held = Held(parts.database, claim, parts.timing.stop)
            task = asyncio.create_task(self._carry_out(claim, held, heartbeat))
            self._running[task] = _AtWork(held, heartbeat)
            if self._ending.is_set():  # since the queue was asked
                heartbeat.ask_to_stop(Stop.SHUTDOWN)
            task.add_done_callback(self._running.pop)

    async def _wait(self) -> None:
        """For the next look at the queue: after a while, when there is room again, or when woken."""
        woken = asyncio.create_task(self._woken.wait())
        await asyncio.wait(
            {woken, *self._running}, timeout=self._parts.timing.poll, return_when=asyncio.FIRST_COMPLETED
        )
        woken.cancel()

    async def _carry_out(self, claim: Claim, held: Held, heartbeat: Heartbeat) -> None:
        log = logger.bind(deployment=str(claim.deployment), fence=claim.fence)
        log.info("taken up", status=claim.status, attempt=claim.attempt)
        parts = self._parts
        try:
            async with heartbeat:
                try:
                    needed = await material(
                        parts.database,
                        parts.ring,
                        parts.key,
                        claim,
                        parts.environ,
                        home=parts.home,
                        changes=not claim.plan_only,
                    )
                except CygniError as error:
                    await not_begun(held, error, Redactor(own_secrets(parts.environ)))
                else:
                    await CarryingOut(claim, held, heartbeat, needed, parts.runner).to_its_end()
            log.info("left", status=held.status)
        except LeaseLost as error:
            log.warning("lost", reason=error.message)
        except Exception as error:
            # the lease runs out, and the deployment is recovered as a lost worker's is
            if isinstance(error, DBAPIError) and error.connection_invalidated:
                log.warning("lost", reason="the database ended the connection")  # as it does where one froze
            else:
                log.exception("broke off")


@contextlib.contextmanager
def _surviving_the_database() -> Iterator[None]:
    """A database that is away comes back; until then there is nothing to do."""
    try:
        yield
    except (DBAPIError, PoolTimeout) as error:
        logger.warning("the database failed", error=type(error).__name__)
