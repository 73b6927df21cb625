"""Starts, finds and ends the control plane of a data folder, which runs in the background."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cygni.background.log import follow, last_lines, last_words
from cygni.background.process import ended, recorded_process
from cygni.background.record import ServerRecord, read_record, remove_record
from cygni.control_plane.api import Api
from cygni.control_plane.files import LOCK, LOG, MODULE, SETUP_TOKEN, WORKER, server_folder
from cygni.control_plane.left_database import end_left_database
from cygni.errors import ControlPlaneError, StateError, ToolMissing, rebuilt
from cygni.settings import Settings

START_SECONDS = 120.0
"""The first start makes a database, and another server may be migrating it."""
ANSWER_SECONDS = 20.0
STOP_SECONDS = 180.0
"""A server lets requests end, and its workers hand their deployments back."""
_LIBRARIES = ("fastapi", "uvicorn", "sqlmodel", "alembic")


@dataclass(frozen=True, slots=True)
class ControlPlane:
    """One that runs. `url` is where it listens; `setup_token` is there until somebody has set it up."""

    url: str
    pid: int
    log_file: Path
    ready: bool
    setup_token: str | None


def start(
    settings: Settings, environ: Mapping[str, str], *, host: str | None, port: int | None
) -> ControlPlane:
    """Start the control plane, or return the one that runs; `host` and `port` None are those of the environment.

    Raises ToolMissing where its libraries are not installed, StateError where its folder or database cannot be used,
    UsageError where a setting is wrong, ControlPlaneError where it does not come up or runs on another port.
    """
    require_libraries()
    with _folder_in_use(settings) as folder:
        running = _running(folder)
        if running is not None:
            _same_port(running, port)
            return _described(folder, running)
        _launch(folder, environment(environ, host, port))
        return _first_answer(folder)


def status(settings: Settings) -> ControlPlane | None:
    """The one that runs, or None."""
    folder = server_folder(settings.data_dir)
    running = _running(folder)
    return _described(folder, running) if running else None


def stop(settings: Settings) -> bool:
    """End it and its embedded PostgreSQL, also where one of them was killed, and wait until both are gone; False when
    none ran. Nothing is lost. Raises ControlPlaneError where one does not end."""
    with _folder_in_use(settings) as folder:
        record = _running(folder)
        if record is not None:
            process = recorded_process(record, MODULE, folder)
            if process is not None and not ended(process, STOP_SECONDS):
                raise ControlPlaneError(f"the control plane (process {record.pid}) does not end")
            remove_record(folder, record)
        left = end_left_database(folder, STOP_SECONDS)
        return record is not None or left


def log(settings: Settings, lines: int) -> list[str]:
    """The last `lines` of its log, oldest first; none when it never ran."""
    return last_lines(server_folder(settings.data_dir) / LOG, lines)


def follow_log(settings: Settings, *, pause: float = 0.25) -> Iterator[str]:
    """Lines that are written to the log from now on, without end; looks every `pause` seconds."""
    return follow(server_folder(settings.data_dir) / LOG, pause)


def foreground_command(settings: Settings) -> list[str]:
    """What serves in the foreground, for a container or a service of the system. Raises ToolMissing."""
    require_libraries()
    return [sys.executable, "-P", "-m", MODULE, "--folder", str(server_folder(settings.data_dir))]


def worker_command(settings: Settings) -> list[str]:
    """What carries out deployments, in the foreground. Raises ToolMissing."""
    require_libraries()
    return [sys.executable, "-P", "-m", WORKER, "--folder", str(server_folder(settings.data_dir))]


def environment(environ: Mapping[str, str], host: str | None, port: int | None) -> dict[str, str]:
    """The server's: that of the caller, and where it is to listen if the caller says so."""
    told = {"CYGNI_SERVER_HOST": host, "CYGNI_SERVER_PORT": None if port is None else str(port)}
    return {**environ, **{name: value for name, value in told.items() if value is not None}}


def require_libraries() -> None:
    """Raises ToolMissing where the control plane is not installed."""
    missing = [name for name in _LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        raise ToolMissing(
            "the control plane is not installed here",
            hint="Install Cygni with its extra: pip install 'cygni[server]'",
            details={"missing": missing},
        )


def _launch(folder: Path, environ: Mapping[str, str]) -> None:
    """Returns when the server listens, in a process of its own; until then what it says comes back here."""
    command = [sys.executable, "-P", "-m", MODULE, "--background", "--folder", str(folder)]
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd=folder,
            env=dict(environ),
            start_new_session=True,
            timeout=START_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise ControlPlaneError(
            f"the control plane did not start within {START_SECONDS:g} s", hint=_see(folder)
        ) from error
    if done.returncode != 0:
        raise _told_error(done.stdout) or ControlPlaneError(
            "the control plane could not start; its last words:\n" + done.stderr[-2000:].rstrip(),
            hint=_see(folder),
        )


def _told_error(stdout: str) -> Exception | None:
    try:
        told: Any = json.loads(stdout)
        return rebuilt(told["error"])
    except (ValueError, KeyError, TypeError):
        return None


def _first_answer(folder: Path) -> ControlPlane:
    """Of the one that was launched: it leaves its record, and then answers."""
    record, until = None, time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < until:
        record = _running(folder)
        found = _described(folder, record) if record else None
        if found is not None and found.ready:
            return found
        time.sleep(0.05)
    raise ControlPlaneError(
        f"the control plane {'does not answer' if record else 'has ended'}; its last words:\n"
        + last_words(folder / LOG),
        hint=_see(folder),
    )


def _described(folder: Path, record: ServerRecord) -> ControlPlane:
    url = f"http://{record.host}:{record.port}"
    api = Api(url)
    try:
        api.get("/ready")
        ready, done = True, bool(api.get("/v1/setup")["done"])
    except ControlPlaneError:
        ready, done = False, True
    token = None if done else _setup_token(folder)
    return ControlPlane(url=url, pid=record.pid, log_file=folder / LOG, ready=ready, setup_token=token)


def _setup_token(folder: Path) -> str | None:
    try:
        return (folder / SETUP_TOKEN).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None


def _running(folder: Path) -> ServerRecord | None:
    record = read_record(folder)
    if record is None:
        return None
    if recorded_process(record, MODULE, folder) is None:
        remove_record(folder, record)
        return None
    return record


def _same_port(running: ServerRecord, wanted: int | None) -> None:
    if wanted not in (None, 0, running.port):
        raise ControlPlaneError(
            f"the control plane already runs on port {running.port}, not on {wanted}",
            hint="Use it as it is, or end it first with `cx server down`.",
            details={"port": running.port},
        )


@contextlib.contextmanager
def _folder_in_use(settings: Settings) -> Iterator[Path]:
    """The folder, made if need be, held by this process alone."""
    import filelock

    folder = server_folder(settings.data_dir)
    lock = filelock.FileLock(folder / LOCK, timeout=START_SECONDS)
    try:
        settings.make_data_dir()
        folder.mkdir(exist_ok=True, mode=0o700)
        lock.acquire()
    except filelock.Timeout:
        raise ControlPlaneError(
            "another command has been starting or ending the control plane for too long", hint=_see(folder)
        ) from None
    except OSError as error:
        raise StateError(
            f"cannot write to {folder}: {error.strerror or error}",
            hint="Free some space or fix the permissions, or name another folder in CYGNI_DATA_DIR",
        ) from error
    try:
        yield folder
    finally:
        lock.release()


def _see(folder: Path) -> str:
    return f"See {folder / LOG}."
