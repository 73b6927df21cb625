"""The events of a deployment as the control plane streams them, through lost connections and restarts of the server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from cygni.control_plane.api import Api, ConnectionLost

PAUSES: Final = (0.5, 1.0, 2.0, 5.0)
"""Seconds before each further try to connect; the last one again and again."""
PATIENCE_SECONDS: Final = 600.0
"""For how long it is tried without any answer."""
_OVER: Final = "over"


@dataclass(frozen=True, slots=True)
class ServerEvent:
    """One event; `number` counts from 1 in each deployment."""

    number: int
    kind: str
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventStream:
    """Of the deployment whose events are below `path`. `on_loss` hears why the connection was lost, once each time."""

    api: Api
    path: tuple[str, ...]
    on_loss: Callable[[str], None] = lambda why: None
    clock: Callable[[], float] = time.monotonic

    def after(self, number: int) -> Iterator[ServerEvent]:
        """Each event once and in order, from the one after `number`, as they come, until the deployment is over. Raises
        ControlPlaneError where the server is away for too long, and what it says no with."""
        tries, heard = 0, self.clock()

        def noted(lines: Iterable[str]) -> Iterator[str]:
            nonlocal heard
            for line in lines:
                heard = self.clock()
                yield line

        while True:
            try:
                with self.api.stream(*self.path, "stream", last_event_id=number) as lines:
                    tries, heard = 0, self.clock()
                    for event in parsed(noted(lines)):
                        if event is None:
                            return
                        if event.number > number:
                            number = event.number
                            yield event
                self.api.sleep(PAUSES[0])  # the server ends each stream after a while
            except ConnectionLost as lost:
                if self.clock() - heard > PATIENCE_SECONDS:
                    raise self.api.silent(lost) from None
                if tries == 1:  # one may be the server's restart, and nobody has to know
                    self.on_loss(lost.why)
                self.api.sleep(lost.pause or PAUSES[min(tries, len(PAUSES) - 1)])
                tries += 1


def parsed(lines: Iterable[str]) -> Iterator[ServerEvent | None]:
    """The events of a stream, as far as this server uses the format (HTML Standard, 9.2.6); None after the last one.
    What is cut off is none."""
    fields: dict[str, str] = {}
    for line in lines:
        if line:
            name, _, value = line.partition(":")
            fields[name] = value.removeprefix(" ")
            continue
        if fields.get("event") == _OVER:
            yield None
            return
        if "id" in fields and "data" in fields:
            yield ServerEvent(int(fields["id"]), fields.get("event", ""), json.loads(fields["data"]))
        fields = {}
