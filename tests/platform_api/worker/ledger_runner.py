"""A runner that writes into the ledger of a stand-in cloud, under the real watchdog; and a worker with it:
`python -m tests.platform_api.worker.ledger_runner URL FOLDER NAME DEPLOYMENTS TIMING`."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from cygni.errors import DeployKilled
from platform_api.clock import SystemClock
from platform_api.database.transactions import Database
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.roots import ServerKeyRoot
from platform_api.worker.heartbeat import Heartbeat
from platform_api.worker.runner import Order, Outcome, Task, Tell
from platform_api.worker.service import Worker, WorkerParts
from platform_api.worker.supervised import supervised
from platform_api.worker.timing import Timing
from tests.platform_api.deployments.plans import plan, step
from tests.platform_api.server_key import KEY
from tests.platform_api.worker import cloud

TIMINGS = {
    "quick": Timing(lease=5.0, renew=0.3, stop=3.0, kill=4.0, grace=1.0, poll=0.1),
    "steady": Timing(lease=10.0, renew=0.3, stop=6.0, kill=8.0, grace=1.0, poll=0.1),
    "usual": Timing(poll=0.1),
    "told": Timing(lease=3600.0, renew=1000.0, stop=2000.0, kill=3000.0, grace=1.0, poll=1000.0),
}
"""`told` looks at nothing by itself for as long as a test takes."""
SECRET = "canary-of-the-environment"


class LedgerRunner:
    """`folder` has the ledger; a file `stubborn` in it makes programs that do not listen to SIGTERM."""

    def __init__(self, folder: Path, timing: Timing) -> None:
        self._folder = folder
        self._timing = timing

    async def run(self, order: Order, heartbeat: Heartbeat, tell: Tell) -> Outcome:
        if order.task is Task.PLAN:
            details = {"plan": plan(step("web", password=SECRET))}
            await tell([{"event": "said", "text": f"the plan has {SECRET} in it"}])
            await tell([{"event": "said", "text": KEY.state_passphrase(order.organization)}])
            return Outcome(
                error={"code": "confirmation_required", "message": "", "hint": None, "details": details}
            )
        kind = cloud.STUBBORN if (self._folder / cloud.STUBBORN).exists() else "-"
        ledger = self._folder / "ledger"
        command = [sys.executable, "-m", cloud.__name__, str(ledger), str(order.environment)]
        command += [str(order.deployment), str(order.fence), kind]
        async with supervised(
            command,
            environ=os.environ,
            folder=Path.cwd(),
            output=self._folder / f"out-{order.fence}",
            errors=self._folder / f"err-{order.fence}",
            heartbeat=heartbeat,
            timing=self._timing,
        ) as program:
            await tell([{"event": "began", "at": "now"}])
            while program.code is None:
                await program.look()
                await tell([{"event": "said", "text": "working"}])
        if program.code != 0:
            killed = DeployKilled("the program was stopped")
            return Outcome(
                error={"code": killed.code, "message": killed.message, "hint": None, "details": {}}
            )
        return Outcome(1)


async def work(url: str, folder: Path, name: str, at_a_time: int, timing: Timing) -> None:
    database = Database(url)
    ring = KeyRing([ServerKeyRoot(KEY)], SystemClock())
    runner = LedgerRunner(folder, timing)
    worker = Worker(WorkerParts(url, database, ring, KEY, runner, {}, timing, at_a_time), name)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, worker.end)
    await worker.work()
    await database.close()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), TIMINGS[sys.argv[5]]))
