"""The process of a server that runs in the background: found by its record, ended, and left behind by its parent."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Any

from cygni.background.record import LOOPBACK, ServerRecord

_SAME_START_SECONDS = 2.0  # the clock may have been set since the process began


def detach() -> None:
    """Leave the parent: in a session of its own already, hand over to a child and end, so that whoever started
    this process has nothing to reap later."""
    if os.fork():
        os._exit(0)


def record_of_this_process(port: int, instance_id: str, host: str = LOOPBACK) -> ServerRecord:
    import psutil

    return ServerRecord(os.getpid(), float(psutil.Process().create_time()), port, instance_id, host)


def recorded_process(record: ServerRecord, module: str, folder: Path) -> Any:
    """The record's process as psutil knows it, if it is alive and serves `folder` with `module`; None when the pid is
    free or was given to another program since."""
    import psutil

    try:
        process = psutil.Process(record.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return None
        command = process.cmdline()
        ours = module in command and str(folder) in command
        same = abs(process.create_time() - record.create_time) < _SAME_START_SECONDS
        return process if ours and same else None
    except psutil.Error:
        return None


def ended(process: Any, seconds: float) -> bool:
    """SIGTERM, then SIGKILL after that time; False when even that does not end it."""
    import psutil

    with contextlib.suppress(psutil.NoSuchProcess):
        return any(_gone_after(end, process, seconds) for end in (process.terminate, process.kill))
    return True


def _gone_after(end: Any, process: Any, seconds: float) -> bool:
    """True once the process has ended; in a container nobody may reap it, so a zombie counts as ended."""
    import psutil

    end()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if not process.is_running() or process.status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False
