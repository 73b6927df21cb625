"""Workers as processes, on a real PostgreSQL and a cloud with a ledger, and what became of what they carried out."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from tests.platform_api.deployments.workshop import Workshop
from tests.platform_api.worker import cloud, ledger_runner

PATIENCE = 90.0
OVER = {"succeeded", "failed", "cancelled", "needs_attention"}


class Workers:
    def __init__(self, workshop: Workshop, folder: Path) -> None:
        self.workshop, self.folder = workshop, folder
        self.ledger = folder / "ledger"
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, at_a_time: int = 1, timing: str = "quick") -> subprocess.Popen[bytes]:
        number = len(self.processes)
        with (self.folder / f"worker-{number}").open("wb") as log:
            command = [
                sys.executable,
                "-m",
                ledger_runner.__name__,
                self.workshop.worker_url,
                str(self.folder),
            ]
            process = subprocess.Popen(
                [*command, f"worker-{number}", str(at_a_time), timing], stdout=log, stderr=log
            )
        self.processes.append(process)
        return process

    def logs(self) -> str:
        return "".join(one.read_text() for one in sorted(self.folder.glob("worker-*")))

    def until(self, what: Callable[[], object], every: float = 0.05) -> None:
        """Looks `every` so many seconds."""
        ends = time.monotonic() + PATIENCE
        while not what():
            assert time.monotonic() < ends, self.logs()
            time.sleep(every)

    def until_over(self, *deployments: uuid.UUID) -> list[str]:
        self.until(lambda: all(self.workshop.status(one) in OVER for one in deployments), every=0.2)
        return [self.workshop.status(one) for one in deployments]

    def until_made(self, deployment: uuid.UUID, things: int) -> None:
        self.until(lambda: len(cloud.made(self.ledger).get(str(deployment), [])) >= things)

    def hold(self, things: int) -> None:
        """Lets whoever has made so many things of a deployment wait, until `let_go`."""
        self.ledger.with_name(cloud.HELD).write_text(str(things))

    def let_go(self) -> None:
        self.ledger.with_name(cloud.HELD).unlink()

    def close(self) -> None:
        for process in self.processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait()


def all_made_once(workers: Workers, *deployments: uuid.UUID) -> bool:
    made = cloud.made(workers.ledger)
    return made == {str(one): list(range(cloud.THINGS)) for one in deployments}
