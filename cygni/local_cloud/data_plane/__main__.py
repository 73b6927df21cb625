"""The process: `python -m cygni.local_cloud.data_plane --folder DIR --port N --instance ID`, started by the server.

Its standard input is the server's lifeline: when it closes, the server is gone, and all that runs is ended.
"""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from cygni.errors import CygniError
from cygni.local_cloud.data_plane.client import ServerClient
from cygni.local_cloud.data_plane.part import Part
from cygni.local_cloud.data_plane.plane import DataPlane
from cygni.local_cloud.data_plane.processes import DATA_PLANE, Ledger, end
from cygni.local_cloud.files import DATA_PLANE_FOLDER, DATA_PLANE_LOG, PROCESSES_FOLDER
from cygni.local_cloud.logfile import log_to
from cygni.local_cloud.no_outside import stay_on_loopback
from cygni.local_cloud.task_runner.runner import TaskRunner

log = logging.getLogger("cygni.local_cloud.data_plane")


def parts(folder: Path) -> list[Part]:
    """Every part there is; `folder` is the local cloud's."""
    from cygni.local_cloud.databases.part import DatabasePart
    from cygni.local_cloud.load_balancer.balancer import LoadBalancerPart

    return [DatabasePart(), LoadBalancerPart(), TaskRunner(folder)]


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="cygni-data-plane", description="The local cloud's data plane.")
    parser.add_argument("--folder", type=Path, required=True, help="the local cloud's folder")
    parser.add_argument("--port", type=int, required=True, help="the server's port")
    parser.add_argument("--instance", required=True, help="the local cloud's instance id")
    options = parser.parse_args(arguments)
    log_to(options.folder / DATA_PLANE_LOG)
    stay_on_loopback()
    ledger = Ledger(options.folder / PROCESSES_FOLDER, options.instance)
    left = ledger.strangers()
    end(left, 0)
    for record in left:
        ledger.forget(record)
    me = ledger.record_self(DATA_PLANE)
    client = ServerClient(options.port, options.instance)
    plane = DataPlane(
        client, options.instance, options.folder / DATA_PLANE_FOLDER, ledger, parts(options.folder)
    )
    signal.signal(signal.SIGTERM, lambda number, frame: plane.stop("asked to"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_watch_lifeline, args=(plane,), daemon=True).start()
    log.info("serving %s as process %d", options.instance, me.pid)
    try:
        plane.run()
    except CygniError as error:
        log.error("%s", error.message)  # noqa: TRY400  # the message tells all
        logging.shutdown()
        os._exit(1)
    ledger.forget(me)
    log.info("ended")
    logging.shutdown()
    os._exit(0)  # threads that still wait for an answer are not waited for


def _watch_lifeline(plane: DataPlane) -> None:
    while sys.stdin.buffer.read(1):
        pass
    plane.stop("the server is gone")


if __name__ == "__main__":
    main()
