"""A runner that carries out nothing and tells what a test has written; and a worker with it, in a thread."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from cygni.plan.document import plan_document
from cygni.plan.model import PlannedRelease, Rollout
from cygni.releases.events import Began, to_dict
from cygni.releases.release import Kind
from platform_api.clock import SystemClock
from platform_api.database.transactions import Database
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.roots import ServerKeyRoot
from platform_api.worker.heartbeat import Heartbeat
from platform_api.worker.runner import JOB_STARTED, STEERED, Order, Outcome, Task, Tell
from platform_api.worker.service import Worker, WorkerParts
from platform_api.worker.timing import Timing
from tests.cygni.plan.conftest import NAT, plan_of
from tests.platform_api.server_key import KEY

TIMING = Timing(lease=20.0, renew=0.2, stop=10.0, kill=15.0, grace=1.0, poll=0.1)
PLAN: dict[str, Any] = json.loads(
    json.dumps(
        plan_document(
            plan_of(
                creates=[(NAT, "egress")],
                account="123456789012",
                releases=(PlannedRelease("web", Rollout.FIRST, "blue-green", 0, 1),),
            )
        )
    )
)
SHOWN = {"event": "said", "text": "shop · staging", "of": "plan"}
RELEASED = {"release": 1, "kind": "deploy"}
BEGAN = Began(
    at=datetime(2026, 11, 22, tzinfo=UTC),
    deployment=1,
    release=1,
    kind=Kind.DEPLOY,
    tracks={"web": ("start",)},
    floor=0.0,
)

_OUTRIGHT: dict[Task, dict[str, Any]] = {
    Task.SCALE: {**RELEASED, "kind": "scale"},
    Task.RESTART: {**RELEASED, "kind": "restart"},
    Task.RUN: {"job": "migrate", "task": "0190", "exit_code": 0, "lines": []},
    Task.WATCH: {"job": "migrate", "task": "0190", "exit_code": 0, "lines": []},
}
_KILLED: dict[str, Any] = {"code": "deploy_killed", "message": "", "hint": None, "details": {}}


@dataclass
class Script:
    """What is done: a plan with changes, then a release that goes on for as long as `held`. `error` is how the apply
    fails, if it does, what is done without a plan, and why a deploy would be refused; `unplanned` is why there is no
    plan; `written` is what a job writes, which goes on for as long as `held`; `unstopped` is why it was not stopped."""

    orders: list[Order] = field(default_factory=list)
    wishes: list[str] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)
    releasing: threading.Event = field(default_factory=threading.Event)
    error: dict[str, Any] | None = None
    unplanned: dict[str, Any] | None = None
    unstopped: dict[str, Any] | None = None
    written: tuple[str, ...] = ("row 1", "row 2")
    outputs: dict[str, Any] = field(default_factory=dict)

    async def run(self, order: Order, heartbeat: Heartbeat, tell: Tell) -> Outcome:
        self.orders.append(order)
        if order.task is Task.DIFF:
            await tell([SHOWN])
            if self.unplanned:
                return Outcome(error=self.unplanned)
            refused = self.error and {**self.error, "details": {"plan": PLAN}}
            return Outcome(error=refused) if refused else Outcome(answer=PLAN)
        if order.task is Task.STOP:
            return Outcome(answer={"job": "migrate", "task": "0190"}, error=self.unstopped)
        if order.task in (Task.RUN, Task.WATCH):
            await self._job(order, heartbeat, tell)
            if heartbeat.stop is not None:
                return Outcome(error=_KILLED)
        if order.task in _OUTRIGHT:
            return Outcome(answer=_OUTRIGHT[order.task], error=self.error)
        if order.task in (Task.PLAN, Task.PLAN_END):
            await tell([SHOWN])
            asks = {"code": "confirmation_required", "message": "", "hint": None, "details": {"plan": PLAN}}
            return Outcome(error=asks)
        if order.task is Task.ROLL_BACK:
            await tell([to_dict(replace(BEGAN, kind=Kind.ROLLBACK))])
            await self._release(heartbeat, tell)
            if heartbeat.stop is not None:
                return Outcome(error=_KILLED)
            return Outcome(1, {**RELEASED, "kind": "rollback"})
        if order.task is Task.DESTROY:
            return Outcome(answer={"plan": PLAN, "deleted": 8, "forgotten": 0})
        await tell([to_dict(BEGAN)])
        await self._release(heartbeat, tell)
        if heartbeat.stop is not None:
            return Outcome(error=_KILLED)
        await tell([{"event": "said", "text": "Done: release 1 is live."}])
        return Outcome(
            1, {"plan": PLAN, "applied": 1, "outputs": self.outputs, "release": RELEASED}, self.error
        )

    async def _release(self, heartbeat: Heartbeat, tell: Tell) -> None:
        self.releasing.set()
        while self.held.is_set() and heartbeat.stop is None:
            if (wished := heartbeat.take_wish()) is not None:
                self.wishes.append(wished.wish)
                await tell([{"event": STEERED, "wish": wished.wish, "number": wished.number}])
            await asyncio.sleep(0.02)

    async def _job(self, order: Order, heartbeat: Heartbeat, tell: Tell) -> None:
        if order.arguments["wait"]:
            await tell([{"event": JOB_STARTED, "job": "migrate", "task": "0190"}])
        await tell([{"event": "wrote", "text": line} for line in self.written])
        while heartbeat.stop is None:
            if not self.held.is_set():
                return
            await asyncio.sleep(0.02)


@contextmanager
def working(url: str, script: Script, home: str | None = None) -> Iterator[None]:
    """A worker of this process, connected with `url`, while the block runs. `home` is as in `state_home`."""

    async def work() -> None:
        database = Database(url)
        ring = KeyRing([ServerKeyRoot(KEY)], SystemClock())
        worker = Worker(WorkerParts(url, database, ring, KEY, script, {}, TIMING, home=home), "script")
        begun.append((asyncio.get_running_loop(), worker))
        ready.set()
        await worker.work()
        await database.close()

    begun: list[tuple[asyncio.AbstractEventLoop, Worker]] = []
    ready = threading.Event()
    thread = threading.Thread(target=lambda: asyncio.run(work()))
    thread.start()
    try:
        ready.wait(30)
        yield
    finally:
        [(loop, worker)] = begun
        loop.call_soon_threadsafe(worker.end)
        thread.join(60)
