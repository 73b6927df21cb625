"""Renewing a lease, from a thread and a connection of its own: a busy event loop does not lose it."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, auto

import psycopg

from platform_api.deployments.held import Claim
from platform_api.worker.timing import Timing

_AGAIN_SECONDS = 0.5
"""Where the database did not answer."""

_RENEW = """
    UPDATE deployments SET lease_expires_at = clock_timestamp() + make_interval(secs => %(lease)s)
    WHERE id = %(deployment)s AND fence = %(fence)s AND lease_expires_at > clock_timestamp()
    RETURNING cancel_requested_at IS NOT NULL, phase_deadline < clock_timestamp(), wish, wish_number
"""


@dataclass(frozen=True, slots=True)
class Wished:
    """What somebody asks of the release under way; `number` is that of the event which says so."""

    number: int
    wish: str


class Stop(StrEnum):
    """Why a deployment is not to go on."""

    LOST = auto()
    CANCELLED = auto()
    OVERDUE = auto()
    SHUTDOWN = auto()


class Heartbeat:
    """Renews the lease of `claim` while the block runs. `url` is that of the workers' role."""

    def __init__(self, url: str, claim: Claim, timing: Timing) -> None:
        self._url = url
        self._values = {
            "deployment": claim.deployment,
            "fence": claim.fence,
            "lease": timing.lease,
        }
        self._timing = timing
        self._stop: Stop | None = None
        self._wished: Wished | None = None
        self._taken = -1
        self._renewed = time.monotonic()
        self._ended = threading.Event()
        self._woken = threading.Event()
        self._listeners: list[Callable[[], None]] = []
        self._thread = threading.Thread(target=self._beat, name=f"lease of {claim.deployment}", daemon=True)

    @property
    def stop(self) -> Stop | None:
        """Why not to go on, the first reason there was; a lost lease comes before all others. It is lost once it was
        not renewed for so long that the watchdog has ended the program, also where it is renewed again after that."""
        if self._is_late():
            self.ask_to_stop(Stop.LOST)
        return self._stop

    def take_wish(self) -> Wished | None:
        """What somebody asks of the release under way, given out once."""
        wished = self._wished
        if wished is None or wished.number <= self._taken:
            return None
        self._taken = wished.number
        return wished

    def ask_to_stop(self, why: Stop) -> None:
        if self._stop is None or why is Stop.LOST:
            self._stop = why

    def wake(self) -> None:
        """Renews at once: somebody may have asked for something."""
        self._woken.set()

    def listen(self, renewed: Callable[[], None]) -> None:
        """Calls `renewed`, from another thread, each time the lease is; it must not wait, nor raise."""
        self._listeners.append(renewed)

    def unlisten(self, renewed: Callable[[], None]) -> None:
        self._listeners.remove(renewed)

    async def __aenter__(self) -> Heartbeat:
        self._renewed = time.monotonic()
        self._thread.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        self._ended.set()
        self._woken.set()
        await asyncio.to_thread(self._thread.join)

    def _is_late(self) -> bool:
        return time.monotonic() - self._renewed >= self._timing.stop

    def _beat(self) -> None:
        while not self._ended.is_set() and self.stop is not Stop.LOST:
            with contextlib.suppress(psycopg.Error):  # as that of a server which only reads after a failover
                self._connected()
            self._ended.wait(_AGAIN_SECONDS)

    def _connected(self) -> None:
        """Renews until it is not to go on, or raises psycopg.Error."""
        with psycopg.connect(self._url, autocommit=True, connect_timeout=3) as connection:
            while not self._ended.is_set():
                self._woken.clear()
                asked = time.monotonic()
                found = connection.execute(_RENEW, self._values).fetchone()
                if found is None or self._is_late():
                    self.ask_to_stop(Stop.LOST)
                    return
                self._renewed = asked
                for listener in list(self._listeners):
                    listener()
                self._hear(*found)
                self._woken.wait(self._timing.renew)

    def _hear(self, cancelled: bool, overdue: bool, wish: str | None, number: int) -> None:
        self._wished = None if wish is None else Wished(number, wish)
        if cancelled:
            self.ask_to_stop(Stop.CANCELLED)
        if overdue:
            self.ask_to_stop(Stop.OVERDUE)
