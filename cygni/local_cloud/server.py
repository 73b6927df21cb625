"""The process of the local cloud: `python -m cygni.local_cloud.server --folder DIR --listen-fd N`.

The parent (see process.py) has bound the socket. This process detaches itself, writes the pid file and serves
until it is told to end. Everything it holds is in memory.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import logging
import os
import signal
import socket
import socketserver
import threading
import warnings
from collections.abc import Sequence
from pathlib import Path

from cygni.background.process import detach, record_of_this_process
from cygni.background.record import ServerRecord, remove_record, write_record
from cygni.local_cloud.files import LOG_NAME, PROCESSES_FOLDER
from cygni.local_cloud.logfile import log_to

# Set before moto is imported: it reads its settings then. No credentials, profiles or instance metadata are
# looked up, and a browser's page is given no right to read answers.
_ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
    "MOTO_DISABLE_GLOBAL_CORS": "true",
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",  # roles attach AWS's own policies by their ARN
}

_NEW_OBJECTS = 50_000
"""After how many the collector of cycles looks for garbage. With the usual 700 it goes through moto's modules and the
models of services again and again while they are loaded: a fifth of the time until the first answer."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="cygni-local-cloud", description="The local cloud's server.")
    parser.add_argument("--folder", type=Path, required=True, help="where the pid file and the log are kept")
    parser.add_argument("--listen-fd", type=int, required=True, help="a bound and listening socket")
    options = parser.parse_args(arguments)
    detach()
    gc.set_threshold(_NEW_OBJECTS)
    os.environ.update(_ENVIRONMENT)
    log_to(options.folder / LOG_NAME)
    _quiet_libraries()
    listener = socket.socket(fileno=options.listen_fd)
    try:
        serve(options.folder, listener)
    except Exception:  # logged while the socket is open: the parent reads the log as soon as it closes
        logging.getLogger(__name__).exception("the local cloud could not start")
        raise SystemExit(1) from None
    logging.shutdown()
    os._exit(0)  # taking moto's objects apart one by one takes half a second and saves nothing


def serve(folder: Path, listener: socket.socket) -> None:
    """Serve on `listener` until SIGTERM or SIGINT. Raises OSError when the pid file cannot be written."""
    from cygni import __version__
    from cygni.local_cloud.identity import Identity
    from cygni.local_cloud.no_outside import stay_on_loopback

    stay_on_loopback()
    from cygni.local_cloud.application import LocalCloudApplication
    from cygni.local_cloud.control_plane.supervisor import DataPlaneSupervisor
    from cygni.local_cloud.data_plane.processes import end_leftovers
    from cygni.local_cloud.ecs import section as ecs
    from cygni.local_cloud.http_server import LocalCloudHttpServer
    from cygni.local_cloud.registry import section as registry

    log = logging.getLogger(__name__)
    identity = Identity(pid=os.getpid(), port=listener.getsockname()[1], version=__version__)

    def record() -> ServerRecord:
        return record_of_this_process(identity.port, identity.instance_id)

    data_plane = DataPlaneSupervisor(folder, identity.port, lambda: identity.instance_id)
    app = LocalCloudApplication(identity, data_plane, on_reset=lambda: write_record(folder, record()))
    ecs.configure(folder, app.look)
    images = registry.configure(folder)
    write_record(folder, record())
    left = end_leftovers(folder / PROCESSES_FOLDER)
    if left:
        log.info("ended %d processes that an earlier local cloud left behind", left)
    with contextlib.ExitStack() as running:
        running.callback(lambda: remove_record(folder, record()))
        server = running.enter_context(LocalCloudHttpServer(listener, app))
        running.callback(data_plane.stop)
        running.callback(images.close)
        _stop_on_signal(server)
        log.info("images are pushed to %s", images.address)
        log.info("serving on port %d as %s", identity.port, identity.instance_id)
        server.serve_forever(poll_interval=0.1)
    log.info("stopped")


def _stop_on_signal(server: socketserver.BaseServer) -> None:
    def stop(signum: int, frame: object) -> None:
        # shutdown() waits for the loop that this very thread runs, so another thread has to ask.
        threading.Thread(target=server.shutdown, daemon=True).start()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)


def _quiet_libraries() -> None:
    for noisy in ("botocore", "boto3", "werkzeug", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    logging.captureWarnings(True)
    warnings.filterwarnings("ignore", module="moto")  # on error codes that the models do not list


if __name__ == "__main__":
    main()
