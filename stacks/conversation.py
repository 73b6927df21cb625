"""The parent's side of an operation: what it hears from the child, and when it loses patience."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import connection
from pathlib import Path
from typing import Any

from cygni.errors import Cancelled, CygniError, DeadlineExceeded, EngineDied
from cygni.plan.events import StoppingEvent
from stacks.interrupts import Interrupts

_LONGEST_WAIT = 3600.0  # poll() takes no more than 24 days


@dataclass(frozen=True)
class Message:
    """What a child says: an `event`, or last its `result` or `error`."""

    kind: str
    body: Any


class Conversation:
    """The parent's side: reads messages until the child answers, and turns impatience into requests."""

    def __init__(
        self,
        process: Any,
        events: connection.Connection,
        control: connection.Connection,
        interrupts: Interrupts,
        folder: Path,
        on_event: Callable[[Any], None],
        deadline: float,
        grace: float,
    ) -> None:
        self.process = process
        self.events = events
        self.control = control
        self.signals = interrupts
        self.folder = folder
        self.on_event = on_event
        self.seconds = deadline
        self.grace = grace
        self.give_up = time.monotonic() + deadline
        self.interrupts = 0
        self.timed_out = False
        self.deaf: Exception | SystemExit | None = None

    def hold(self) -> Any:
        while True:
            message = self._next()
            if message is not None and message.kind == "event":
                self._tell(message.body)
                continue
            self._notice_interrupts()
            if self.deaf is not None:
                raise self.deaf
            if message is None:
                raise self._silence()
            if message.kind == "error":
                raise self._stopped() or message.body
            if self.interrupts:  # whoever asked to stop does not want what comes next
                raise self._cancelled()
            return message.body

    def _tell(self, event: Any) -> None:
        """A listener that fails (its terminal is gone) is no reason to kill the engine in the middle of a step. It
        is told the rest too: who collects what happened, to remember it, must not miss any of it."""
        try:
            self.on_event(event)
        except (Exception, SystemExit) as error:  # noqa: BLE001  # raised again when the operation has stopped
            if self.deaf is None:
                self.deaf = error
                self._request_stop()

    def _next(self) -> Message | None:
        while True:
            left = self.give_up - time.monotonic()
            if left <= 0:
                if self.timed_out or self.interrupts > 1:
                    return None
                self._stop_at_deadline()
                continue
            waited = [self.events, self.process.sentinel, self.signals]
            ready = connection.wait(waited, timeout=min(left, _LONGEST_WAIT))
            self._notice_interrupts()
            if self.events in ready:
                try:
                    message = self.events.recv()
                except (EOFError, OSError):
                    return None
                assert isinstance(message, Message)
                return message
            if self.process.sentinel in ready:
                return None
            # Nothing yet: look at the clock again.

    def _notice_interrupts(self) -> None:
        for _ in range(self.signals.taken()):
            self._interrupted()

    def _interrupted(self) -> None:
        self.interrupts += 1
        self._request_stop()
        if self.interrupts > 1:
            self.give_up = min(self.give_up, time.monotonic() + self.grace)
        if self.interrupts <= 2:
            self._tell(StoppingEvent(cancelling=self.interrupts == 2))

    def _stop_at_deadline(self) -> None:
        self.timed_out = True
        self._request_stop()
        self.give_up = time.monotonic() + self.grace

    def _request_stop(self) -> None:
        with contextlib.suppress(OSError):
            self.control.send("stop")

    def _silence(self) -> CygniError:
        stopped = self._stopped()
        if stopped is not None:
            return stopped
        self.process.join(timeout=1.0)  # its pipe ends a moment before it does
        return EngineDied(
            "the engine's process ended before it gave an answer",
            hint="Nothing is lost: the state records each finished step. Run the same command again.",
            details={"exit_code": self.process.exitcode, "log": _last_lines(self.folder / "child.log")},
        )

    def _cancelled(self) -> CygniError:
        return Cancelled(
            "stopped before the end",
            hint="What was finished is recorded. Run the same command again to continue.",
            details={"interrupted": True},
        )

    def _stopped(self) -> CygniError | None:
        if self.interrupts:
            return self._cancelled()
        if self.timed_out:
            return DeadlineExceeded(
                f"not finished after {self.seconds:.0f} seconds",
                hint="What was finished is recorded. Run the same command again, or raise --timeout.",
            )
        return None


def _last_lines(path: Path, count: int = 5) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()[-count:]
    except OSError:
        return []
