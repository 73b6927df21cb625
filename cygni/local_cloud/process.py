"""Starts, finds, resets and ends the local cloud's process; one for each data folder.

Every function takes the settings, or reads them from the environment. Raises LocalCloudError when the local cloud
cannot do what is asked, StateError when its folder cannot be used.
"""

from __future__ import annotations

import contextlib
import errno
import http.client
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cygni.background import log
from cygni.background.process import ended, recorded_process
from cygni.background.record import ServerRecord, read_record, remove_record
from cygni.errors import LocalCloudError, StateError
from cygni.local_cloud.data_plane.processes import end_leftovers
from cygni.local_cloud.files import LOCK_NAME, LOG_NAME, PROCESSES_FOLDER, SERVER_MODULE
from cygni.local_cloud.identity import HOST
from cygni.settings import Settings

START_SECONDS = 30.0
ANSWER_SECONDS = 5.0
STOP_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class LocalCloud:
    """A local cloud that answered. `instance_id` is another after each start and each reset, because the
    resources are then gone; `resources` counts what exists by service; times are ISO 8601 and seconds."""

    endpoint: str
    instance_id: str
    pid: int
    port: int
    version: str
    account_id: str
    started_at: str
    uptime_seconds: float
    log_file: Path
    resources: Mapping[str, int] = field(default_factory=dict)


def start(
    settings: Settings | None = None, *, port: int | None = None, deadline: float = START_SECONDS
) -> LocalCloud:
    """Start the local cloud, or return the one that runs. `port` None takes the setting's, else a free one."""
    settings = settings or Settings.from_environment()
    wanted = port if port is not None else settings.local_port
    with _folder_in_use(settings) as folder:
        running = _running(folder)
        if running is not None:
            return _only_on(running, wanted)
        with _listener(wanted) as listener:
            chosen = int(listener.getsockname()[1])
            _spawn(folder, listener)
        return _first_answer(folder, chosen, deadline)


def status(settings: Settings | None = None) -> LocalCloud | None:
    """The local cloud that runs, or None. A pid file that a killed server left behind is removed."""
    return _running(local_cloud_folder(settings))


def reset(settings: Settings | None = None) -> LocalCloud:
    """Empty the local cloud: every resource is gone, and the instance id is another."""
    running = _required(settings)
    return _cloud(_ask(running.port, "POST", "/_cygni/reset"), local_cloud_folder(settings))


def inventory(settings: Settings | None = None) -> list[dict[str, Any]]:
    """Everything that exists beyond what AWS gives a fresh account: service, kind, region, id, name, tags."""
    resources: list[dict[str, Any]] = _ask(_required(settings).port, "GET", "/_cygni/inventory")["resources"]
    return resources


def load_balancers(settings: Settings | None = None) -> list[dict[str, Any]]:
    """Every load balancer: `name`, `arn`, `address`, and `listeners` with `arn`, `protocol`, `port` (the one that was
    asked for), `url` (where it is served) and `problem` (why it is not; empty when it is)."""
    found: list[dict[str, Any]] = _ask(_required(settings).port, "GET", "/_cygni/load-balancers")[
        "load_balancers"
    ]
    return found


def databases(settings: Settings | None = None) -> list[dict[str, Any]]:
    """Every PostgreSQL database: `name`, `arn`, `address` (empty where it is not served), `user`, `database`,
    `secret_arn` and `problem` (why it is not served; empty when it is)."""
    found: list[dict[str, Any]] = _ask(_required(settings).port, "GET", "/_cygni/databases")["databases"]
    return found


def stop(settings: Settings | None = None) -> bool:
    """End the local cloud and wait until it is gone; False when none ran. Everything in it is lost."""
    with _folder_in_use(settings or Settings.from_environment()) as folder:
        record = _record(folder)
        if record is None:
            return False
        process = _process(folder, record)
        if process is not None:
            _end(process)
        end_leftovers(folder / PROCESSES_FOLDER)
        remove_record(folder, record)
        return process is not None


def logs(settings: Settings | None = None, lines: int = 100) -> list[str]:
    """The last `lines` lines of the server's log, oldest first; empty when it never ran."""
    return log.last_lines(local_cloud_folder(settings) / LOG_NAME, lines)


def follow_logs(settings: Settings | None = None, *, pause: float = 0.25) -> Iterator[str]:
    """Lines that are written to the log from now on, without end; looks every `pause` seconds."""
    return log.follow(local_cloud_folder(settings) / LOG_NAME, pause)


def local_cloud_folder(settings: Settings | None = None) -> Path:
    return (settings or Settings.from_environment()).data_dir / "local-cloud"


@contextlib.contextmanager
def _folder_in_use(settings: Settings) -> Iterator[Path]:
    """The folder, made and proved writable, held by this process alone."""
    import filelock

    folder = local_cloud_folder(settings)
    try:
        settings.make_data_dir()
        folder.mkdir(exist_ok=True, mode=0o700)
        probe = folder / f".probe-{os.getpid()}"
        probe.write_bytes(b"\0" * 4096)  # a full disk lets empty files be made
        probe.unlink()
        lock = filelock.FileLock(folder / LOCK_NAME, timeout=START_SECONDS + STOP_SECONDS)
        lock.acquire()
    except filelock.Timeout:
        raise LocalCloudError(
            "another command has been starting or ending the local cloud for too long",
            hint=f"See {folder / LOG_NAME}, end that command and try again",
        ) from None
    except OSError as error:
        raise StateError(
            f"cannot write to {folder}: {error.strerror or error}",
            hint="Free some space or fix the permissions, or name another folder in CYGNI_DATA_DIR",
            details={"folder": str(folder), "errno": error.errno},
        ) from error
    try:
        yield folder
    finally:
        lock.release()


def _only_on(running: LocalCloud, wanted: int | None) -> LocalCloud:
    if wanted not in (None, 0, running.port):
        raise LocalCloudError(
            f"the local cloud already runs on port {running.port}, not on {wanted}",
            hint="Use it as it is, or end it first with `cx local down` (everything in it is lost)",
            details={"port": running.port},
        )
    return running


@contextlib.contextmanager
def _listener(port: int | None) -> Iterator[socket.socket]:
    """A listening socket on `port`, or on a free one. Bound here, so that a port in use is known at once."""
    if port is not None and not 0 <= port <= 65535:
        raise LocalCloudError(f"{port} is no port", hint="Choose one from 1024 to 65535, or none at all")
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port or 0))
            listener.listen(128)
        except OSError as error:
            raise _cannot_listen(port, error) from error
        yield listener


def _cannot_listen(port: int | None, error: OSError) -> LocalCloudError:
    if error.errno == errno.EADDRINUSE:
        return LocalCloudError(
            f"port {port} is in use by another program",
            hint="Choose another with --port or CYGNI_LOCAL_PORT, or leave it out to take a free one",
            details={"port": port},
        )
    return LocalCloudError(
        f"cannot listen on {HOST}:{port or 0}: {error.strerror or error}",
        hint="Ports below 1024 need privileges; choose another or none",
        details={"port": port},
    )


def _spawn(folder: Path, listener: socket.socket) -> None:
    """Start the server in a session of its own; it hands over to a child at once, so nothing is left to reap."""
    command = [sys.executable, "-P", "-m", SERVER_MODULE]
    command += ["--folder", str(folder), "--listen-fd", str(listener.fileno())]
    with (folder / LOG_NAME).open("ab") as written:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=written,
            cwd=folder,
            env=_server_environment(os.environ),
            pass_fds=[listener.fileno()],
            start_new_session=True,
        )
        process.wait()


def _server_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without anybody's credentials and settings: the server outlives the shell it came from."""
    foreign = ("AWS_", "PULUMI_", "CX_", "CYGNI_", "MOTO_", "COV_", "PYTEST_")
    return {name: value for name, value in environ.items() if not name.startswith(foreign)}


def _first_answer(folder: Path, port: int, deadline: float) -> LocalCloud:
    """Wait for the server that was just started: the listening socket queues the question until it is ready."""
    try:
        return _cloud(_ask(port, "GET", "/_cygni/health", seconds=deadline), folder)
    except (LocalCloudError, OSError) as error:
        record = _record(folder)
        process = _process(folder, record) if record else None
        if process is not None:
            _end(process)
        last = log.last_words(folder / LOG_NAME)
        raise LocalCloudError(
            f"the local cloud did not start within {deadline:g} s"
            + (f"; its last words:\n{last}" if last else " and said nothing"),
            hint=f"See {folder / LOG_NAME}; is the disk full?",
            details={"log": str(folder / LOG_NAME)},
        ) from error


def _required(settings: Settings | None) -> LocalCloud:
    running = status(settings)
    if running is None:
        raise LocalCloudError("the local cloud is not running", hint="Start it with `cx local up`")
    return running


def _running(folder: Path) -> LocalCloud | None:
    record = _record(folder)
    if record is None:
        return None
    try:
        answer = _ask(record.port, "GET", "/_cygni/health")
        if answer["pid"] == record.pid:
            return _cloud(answer, folder)
    except (LocalCloudError, KeyError):
        if _process(folder, record) is not None:
            raise LocalCloudError(
                f"the local cloud (process {record.pid}) runs but does not answer",
                hint="End it with `cx local down` and start it again; everything in it is lost",
                details={"pid": record.pid, "port": record.port},
            ) from None
    remove_record(folder, record)
    return None


def _record(folder: Path) -> ServerRecord | None:
    try:
        return read_record(folder)
    except OSError as error:
        raise StateError(
            f"cannot read the local cloud's pid file in {folder}: {error.strerror or error}",
            hint="Fix its permissions, or remove it when nothing runs",
            details={"folder": str(folder), "errno": error.errno},
        ) from error


def _ask(port: int, method: str, path: str, seconds: float | None = None) -> dict[str, Any]:
    """Call an endpoint of the server's own. Raises LocalCloudError when it does not answer as it should."""
    connection = http.client.HTTPConnection(HOST, port, timeout=seconds or ANSWER_SECONDS)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        values = json.loads(response.read())
        if response.status != 200 or not isinstance(values, dict):
            raise LocalCloudError(f"the local cloud answered {response.status} to {path}")
        return values
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise LocalCloudError(f"no answer from the local cloud on port {port}: {error}") from error
    finally:
        connection.close()


def _cloud(answer: Mapping[str, Any], folder: Path) -> LocalCloud:
    return LocalCloud(
        endpoint=f"http://{HOST}:{answer['port']}",
        instance_id=str(answer["instance_id"]),
        pid=int(answer["pid"]),
        port=int(answer["port"]),
        version=str(answer["version"]),
        account_id=str(answer["account_id"]),
        started_at=str(answer["started_at"]),
        uptime_seconds=float(answer["uptime_seconds"]),
        log_file=folder / LOG_NAME,
        resources=dict(answer["resources"]),
    )


def _process(folder: Path, record: ServerRecord) -> Any:
    return recorded_process(record, SERVER_MODULE, folder)


def _end(process: Any) -> None:
    """Raises LocalCloudError when not even SIGKILL ends it."""
    if not ended(process, STOP_SECONDS):
        raise LocalCloudError(f"the local cloud (process {process.pid}) does not end", hint="End it by hand")
