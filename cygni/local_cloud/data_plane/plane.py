"""Runs the parts: one thread polls the server, one sends reports, each part has one of its own."""

from __future__ import annotations

import logging
import os
import queue
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cygni.errors import LocalCloudError
from cygni.local_cloud.data_plane import wire
from cygni.local_cloud.data_plane.client import ServerClient
from cygni.local_cloud.data_plane.part import END_SECONDS, Feed, Part, Surroundings
from cygni.local_cloud.data_plane.processes import Ledger
from cygni.local_cloud.data_plane.reports import Report

_RETRY_SECONDS = 0.1
_MAX_REPORTS = 1000

log = logging.getLogger(__name__)


class DataPlane:
    """The parts of one local cloud, until `stop` is called or the local cloud is another."""

    def __init__(
        self, client: ServerClient, instance_id: str, folder: Path, ledger: Ledger, parts: Sequence[Part]
    ):
        self._client = client
        self._instance_id = instance_id
        self._folder = folder
        self._ledger = ledger
        self._parts = [(part, Feed()) for part in parts]
        self._reports: queue.SimpleQueue[Report | None] = queue.SimpleQueue()
        self._stopped = threading.Event()

    def stop(self, why: str) -> None:
        """Let `run` end what runs and return."""
        if not self._stopped.is_set():
            log.info("ending: %s", why)
            self._stopped.set()

    def run(self) -> None:
        """Run the parts until `stop`. Raises LocalCloudError when the server answers no more."""
        first = self._client.poll(0, 0)
        if first.instance_id != self._instance_id or first.snapshot is None:
            return
        sender = _start("reports", self._send_reports)
        running = [self._start_part(part, feed, first) for part, feed in self._parts]
        _start("feed", lambda: self._follow(first.revision))
        self._stopped.wait()
        for _, feed in self._parts:
            feed.close()
        until = time.monotonic() + END_SECONDS
        for thread in running:
            thread.join(max(0.0, until - time.monotonic()))
        self._reports.put(None)
        sender.join(0.5)

    def _start_part(self, part: Part, feed: Feed, first: wire.Answer) -> threading.Thread:
        folder = self._folder / part.name
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        surroundings = Surroundings(
            folder=folder,
            ledger=self._ledger,
            feed=feed,
            report=self._reports.put,
            reported=first.reported,
            backlog=self._reports.qsize,
            endpoint=self._client.endpoint,
        )
        if first.snapshot is not None:
            feed.put(first.snapshot)
        return _start(part.name, lambda: part.run(surroundings))

    def _follow(self, revision: int) -> None:
        """Hand on each new snapshot. That the server is gone for good is seen by its lifeline, not here."""
        while not self._stopped.is_set():
            try:
                answer = self._client.poll(revision, wire.MAX_WAIT_SECONDS)
            except LocalCloudError as error:
                log.warning("%s", error.message)
                self._stopped.wait(_RETRY_SECONDS)
                continue
            if answer.instance_id != self._instance_id:
                self.stop(f"the local cloud is now {answer.instance_id}")
                return
            revision = answer.revision
            if answer.snapshot is not None:
                for _, feed in self._parts:
                    feed.put(answer.snapshot)

    def _send_reports(self) -> None:
        """Send what was reported, many at a time, in order; what cannot be sent is tried again."""
        while (report := self._reports.get()) is not None:
            batch = [report]
            while len(batch) < _MAX_REPORTS and not self._reports.empty():
                further = self._reports.get()
                if further is None:
                    self._reports.put(None)
                    break
                batch.append(further)
            self._send(tuple(batch))

    def _send(self, batch: tuple[Report, ...]) -> None:
        while True:
            try:
                return self._client.report(batch)
            except LocalCloudError as error:
                if self._stopped.is_set():
                    return None
                log.warning("%d reports were not taken, trying again: %s", len(batch), error.message)
                time.sleep(_RETRY_SECONDS)


def _start(name: str, run: Callable[[], None]) -> threading.Thread:
    """A thread whose failure is the process's: it ends at once, and the next one takes over what runs."""

    def guarded() -> None:
        try:
            run()
        except BaseException:
            log.exception("%s failed", name)
            logging.shutdown()
            os._exit(1)

    thread = threading.Thread(target=guarded, name=name, daemon=True)
    thread.start()
    return thread
