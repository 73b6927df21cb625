"""Starting a server: everything that may fail before the first request, and serving until it is told to end."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import signal
import socket
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import psycopg
import uvicorn
from fastapi import FastAPI
from sqlalchemy.exc import SQLAlchemyError

from cygni.background.process import record_of_this_process
from cygni.background.record import remove_record, write_record
from cygni.control_plane.files import SETUP_TOKEN
from cygni.errors import ControlPlaneError, StateError
from cygni.private_file import make_once
from platform_api.application import create_app
from platform_api.beside import WorkerBeside
from platform_api.clock import SystemClock
from platform_api.database import embedded
from platform_api.database.keeping import KeptRunning
from platform_api.database.migrate import upgrade
from platform_api.database.roles import make_roles, url_as
from platform_api.database.transactions import Database, Scope
from platform_api.identifiers import new_id
from platform_api.keys import ServerKey, server_key
from platform_api.secrets.key_ring import KeyRing
from platform_api.secrets.roots import roots_of
from platform_api.settings import ServerSettings
from platform_api.setup.service import setup_token

GRACE_SECONDS = 25
"""That requests get to end in when the server is told to."""


@dataclass(frozen=True)
class Prepared:
    """A database that is migrated, keys that are open, a socket that listens. `url` is how people reach the server."""

    settings: ServerSettings
    key: ServerKey
    database_url: str
    ring: KeyRing
    listener: socket.socket

    @property
    def url(self) -> str:
        port = self.listener.getsockname()[1]
        return self.settings.url or f"http://{self.settings.host}:{port}"


def prepare(settings: ServerSettings) -> Prepared:
    """Raises StateError where the folder, a key or the database cannot be used, ControlPlaneError for the port."""
    try:
        settings.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = server_key(settings)
        with contextlib.ExitStack() as undo:
            listener = undo.enter_context(listening(settings))
            database_url = settings.database_url or embedded.start(settings.folder)
            roles = make_roles(database_url, key)
            upgrade(database_url, roles)
            ring = KeyRing(roots_of(settings, key), SystemClock())
            asyncio.run(_open_all(ring, url_as(database_url, roles.application, key)))
            _keep_setup_token(settings.folder, key, database_url)
            undo.pop_all()  # it listens from now on
    except OSError as error:
        raise StateError(f"{settings.folder} cannot be used: {error.strerror or error}") from error
    except (psycopg.Error, SQLAlchemyError) as error:
        raise StateError(
            f"the database cannot be made ready: {_first_line(error)}",
            hint="CYGNI_DATABASE_URL names a PostgreSQL whose role may make tables and roles (CREATEROLE).",
        ) from error
    return Prepared(settings, key, database_url, ring, listener)


def serve(prepared: Prepared) -> None:
    """Until SIGTERM or SIGINT; then requests end, and so does the embedded PostgreSQL."""
    settings = prepared.settings
    port = prepared.listener.getsockname()[1]
    record = record_of_this_process(port, str(new_id()), settings.host)
    write_record(settings.folder, record)
    app = create_app(
        prepared.database_url,
        prepared.key,
        ring=prepared.ring,
        edge=settings.edge,
        slack_hosts=settings.slack_hosts,
        webhook_networks=settings.webhook_networks,
        default_limits=settings.default_limits,
        payment_grace=settings.payment_grace,
        public_url=settings.public_url,
        stripe=settings.stripe,
    )
    gc.freeze()  # to look through all that was imported takes a tenth of a second, in which no request is answered
    config = uvicorn.Config(app, log_config=None, timeout_graceful_shutdown=GRACE_SECONDS)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)  # uvicorn hears them, and raises them again when it is done
    try:
        with contextlib.ExitStack() as beside:
            if settings.database_url is None:
                beside.enter_context(KeptRunning(settings.folder))
            if settings.worker:
                beside.enter_context(WorkerBeside(settings.folder))
            _Server(config, app).run(sockets=[prepared.listener])
    finally:
        remove_record(settings.folder, record)
        if settings.database_url is None:
            embedded.stop(settings.folder)


class _Server(uvicorn.Server):
    """Requests get time to end in; streams, which would last for all of it, end at once."""

    def __init__(self, config: uvicorn.Config, app: FastAPI) -> None:
        super().__init__(config)
        self._app = app

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self.started:  # before that the app has no parts yet
            self._app.state.wiring.streams.ended = True
        super().handle_exit(sig, frame)


def _keep_setup_token(folder: Path, key: ServerKey, database_url: str) -> None:
    """Until somebody has set the server up; then it is worth nothing, and goes."""
    with psycopg.connect(database_url) as connection:
        if connection.execute("SELECT FROM setup").fetchone() is None:
            make_once(folder / SETUP_TOKEN, f"{setup_token(key).text}\n".encode())
        else:
            (folder / SETUP_TOKEN).unlink(missing_ok=True)


async def _open_all(ring: KeyRing, url: str) -> None:
    """Raises StateError where a root is not known or does not answer: nobody could read the secrets."""
    database = Database(url)
    try:
        async with database.transaction(Scope()) as session:
            await ring.open_all(session)
    finally:
        await database.close()


def listening(settings: ServerSettings) -> socket.socket:
    """A socket on the host and the port that are asked for. Raises ControlPlaneError where that cannot be."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    # With its protocol named asyncio sends small pieces at once; else the end of an answer waits 40 ms for an
    # acknowledgement of its begin.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.host, settings.port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        of_host = isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL
        raise ControlPlaneError(
            f"cannot listen on {settings.host}:{settings.port}: {error.strerror or error}",
            hint="Give an address of this machine with --host or CYGNI_SERVER_HOST: 127.0.0.1, or 0.0.0.0 for all."
            if of_host
            else "Choose another port with --port or CYGNI_SERVER_PORT; 0 takes a free one.",
            details={"host": settings.host, "port": settings.port},
        ) from error
    return listener


def _first_line(error: Exception) -> str:
    """What PostgreSQL said; it never repeats a password."""
    origin = getattr(error, "orig", None) or error
    return next(iter(str(origin).strip().splitlines()), type(error).__name__)
