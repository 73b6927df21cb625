"""The databases' part of the data plane: a server for each that RDS has, and its password as Secrets Manager has it."""

from __future__ import annotations

import logging
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Final, Literal

from cygni.local_cloud.data_plane.part import END_SECONDS, Surroundings
from cygni.local_cloud.data_plane.processes import ProcessRecord, end, is_alive
from cygni.local_cloud.data_plane.reports import DatabaseState, Report
from cygni.local_cloud.data_plane.snapshot import DatabaseOrder, Snapshot
from cygni.local_cloud.databases import installation
from cygni.local_cloud.databases.accounts import Account, NotYet, settle
from cygni.local_cloud.databases.layout import Layout, sockets_of
from cygni.local_cloud.databases.server import SERVER_MODULE
from cygni.local_cloud.task_runner.starting import local_clients
from cygni.secret_references import reference
from cygni.secret_values import SecretMissing, fetch

KIND: Final = "database"
_EAGER_SECONDS: Final = 0.05
_LOOK_SECONDS: Final = 1.0
_IDLE_SECONDS: Final = 60.0
_START_SECONDS: Final = 60.0
_FAILED_STARTS: Final = 3
_LAST_WORDS: Final = 600  # characters

log = logging.getLogger(__name__)


class DatabasePart:
    """All databases of a local cloud."""

    name = "databases"

    def run(self, surroundings: Surroundings) -> None:
        clients = local_clients(surroundings.endpoint)
        databases: dict[str, Database] = {}
        snapshot: Snapshot | None = None
        first = True
        while not surroundings.feed.closed:
            snapshot = surroundings.feed.next(snapshot, _pause(databases)) or snapshot
            if snapshot is None or surroundings.feed.closed:
                continue
            orders = {order.id: order for order in snapshot.rds.databases}
            if first:
                _sweep(surroundings, orders)
                first = False
            _remove([databases.pop(id) for id in [*databases] if id not in orders])
            for id, order in orders.items():
                if id not in databases:
                    databases[id] = Database(order, surroundings, clients)
                databases[id].advance(order)
        _remove(list(databases.values()))


def _sweep(surroundings: Surroundings, orders: Collection[str]) -> None:
    """Drop what a process that was killed has left of databases that are gone."""
    others = [one for one in surroundings.ledger.running(KIND) if one.name not in orders]
    end(others, 0)
    for record in others:
        surroundings.ledger.forget(record)
    for folder in surroundings.folder.iterdir():
        if folder.name not in orders:
            _drop(folder)


def _remove(databases: Sequence[Database]) -> None:
    """End them, and drop what they hold."""
    end([one.record for one in databases if one.record is not None], END_SECONDS * 0.6)
    for database in databases:
        database.forget()


def _drop(folder: Path) -> None:
    for one in (sockets_of(folder), folder):
        shutil.rmtree(one, ignore_errors=True)


def _pause(databases: dict[str, Database]) -> float:
    if not databases:
        return _IDLE_SECONDS
    return _LOOK_SECONDS if all(one.is_settled for one in databases.values()) else _EAGER_SECONDS


class Database:
    """One database, on its way to what is ordered. It is told of once when that changes."""

    def __init__(
        self, order: DatabaseOrder, surroundings: Surroundings, clients: Callable[[str, str], Any]
    ) -> None:
        self._order = order
        self._surroundings = surroundings
        self._clients = clients
        self.record = next((one for one in surroundings.ledger.running(KIND) if one.name == order.id), None)
        self._told: Report | None = next(
            (one for one in surroundings.reported if isinstance(one, DatabaseState) and one.id == order.id),
            None,
        )
        self._process: subprocess.Popen[bytes] | None = None
        self._settled = ""
        self._starts = 0
        self._started = time.monotonic()
        found = installation.find(order.version)
        self._layout = Layout(surroundings.folder / order.id, found.folder) if found is not None else None

    @property
    def is_settled(self) -> bool:
        """Whether nothing is to be done but to look after it."""
        return self._settled == self._order.secret_version or self._failed

    def advance(self, order: DatabaseOrder) -> None:
        """One step; called again and again."""
        self._order = order
        if self._layout is None:
            self._tell("failed", installation.MISSING)
        elif self.record is None or not is_alive(self.record):
            self._start(self._layout)
        elif self._settled != order.secret_version:
            self._settle(self._layout)

    def forget(self) -> None:
        """Drop what it holds; it has ended."""
        if self.record is not None:
            self._surroundings.ledger.forget(self.record)
        _drop(self._surroundings.folder / self._order.id)

    @property
    def _failed(self) -> bool:
        return isinstance(self._told, DatabaseState) and self._told.status == "failed"

    def _start(self, layout: Layout) -> None:
        """Start its process; one that does not stay is tried a few times, and then every now and then."""
        if self._starts >= _FAILED_STARTS:
            self._tell("failed", self._last_words(layout))
            if time.monotonic() - self._started < _START_SECONDS:
                return
        elif self._starts:
            log.error("database %s ended: %s", self._order.name, self._last_words(layout))
        self._starts += 1
        self._started = time.monotonic()
        self._settled = ""
        try:
            self.record = self._spawn(layout)
        except OSError as error:
            self._tell("failed", f"it could not be started: {error}")

    def _spawn(self, layout: Layout) -> ProcessRecord:
        layout.folder.mkdir(exist_ok=True, mode=0o700)
        command = [sys.executable, "-P", "-m", SERVER_MODULE, "--folder", str(layout.folder)]
        command += ["--programs", str(layout.programs), "--port", str(self._order.local_port)]
        with layout.log.open("wb") as output:
            self._process, record = self._surroundings.ledger.spawn(
                KIND,
                self._order.id,
                command,
                environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
                cwd=layout.folder,
                stdout=output,
                stderr=output,
            )
        return record

    def _settle(self, layout: Layout) -> None:
        import psycopg

        order = self._order
        try:
            password = fetch(reference(f"{order.secret_arn}:password::", order.region), self._clients)
            settle(layout, Account(order.user, password, order.database))
        except NotYet:
            if time.monotonic() - self._started > _START_SECONDS:
                self._tell("failed", f"it takes no connections: {self._last_words(layout)}")
            return
        except (SecretMissing, psycopg.Error) as error:
            self._tell("failed", f"its user could not be made: {error}")
            return
        self._settled = order.secret_version
        self._starts = 0
        self._tell("available")
        log.info("database %s is at port %d", order.name, order.local_port)

    def _tell(self, status: Literal["available", "failed"], problem: str = "") -> None:
        state = DatabaseState(self._order.id, status, problem)
        if state != self._told:
            self._told = state
            self._surroundings.report(state)

    def _last_words(self, layout: Layout) -> str:
        try:
            said = layout.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "it ended at once"
        return " ".join(said.split())[-_LAST_WORDS:] or "it ended at once"
