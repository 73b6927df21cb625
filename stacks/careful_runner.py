"""A runner that sees to it that no operation can cost the state: room before, copies before, meanwhile and after."""

from __future__ import annotations

import contextlib
import time

from cygni.errors import StateBeingMade, StateError
from cygni.plan.events import StackEvent, StepEvent
from stacks.operations import OnEvent, OperationKind, OperationResult, StackOperation, StackRunner
from stacks.room import require_room, reserved
from stacks.state_copy import forget_copy, keep_copy

_WRITING = frozenset({OperationKind.UP, OperationKind.REFRESH, OperationKind.DESTROY, OperationKind.IMPORT})
_SHARE = 10
"""Copying while the engine works takes at most one part in so many of the time."""
_OPENINGS = 3
"""How often the place of the states is opened, where other engines make it at the same time."""


class CarefulRunner:
    """Runs operations with `runner`. Those that write a state raise NoSpace where there is no room for it."""

    def __init__(self, runner: StackRunner) -> None:
        self._runner = runner

    def run(self, operation: StackOperation, on_event: OnEvent) -> OperationResult:
        settings, stack = operation.settings, operation.stack
        if operation.kind is OperationKind.INIT:
            require_room(settings)
        if operation.kind not in _WRITING:
            result = self._run(operation, on_event)
            if operation.kind is OperationKind.REMOVE:
                forget_copy(settings, stack)
            return result
        require_room(settings, [(stack, operation.plan_file)])
        keep_copy(settings, stack)
        with reserved(settings, stack, operation.plan_file):
            try:
                result = self._run(operation, _Copying(operation, on_event))
            except BaseException:
                _keep_if_possible(
                    operation
                )  # but not in the room reserved for what is to be remembered of it
                raise
        _keep_if_possible(operation)
        return result

    def _run(self, operation: StackOperation, on_event: OnEvent) -> OperationResult:
        """An engine that could not open the place of the states has done nothing: it may begin again."""
        for _ in range(_OPENINGS - 1):
            with contextlib.suppress(StateBeingMade):
                return self._runner.run(operation, on_event)
        return self._runner.run(operation, on_event)


class _Copying:
    """Passes events on, and keeps copies of the state that the engine has written meanwhile."""

    def __init__(self, operation: StackOperation, on_event: OnEvent) -> None:
        self._operation = operation
        self._on_event = on_event
        self._next = 0.0

    def __call__(self, event: StackEvent) -> None:
        try:
            self._on_event(event)
        finally:  # that nobody can be told is no reason to lose the state
            self._copy_after(event)

    def _copy_after(self, event: StackEvent) -> None:
        began = time.monotonic()
        if isinstance(event, StepEvent) and event.phase == "done" and began >= self._next:
            _keep_if_possible(self._operation)
            took = time.monotonic() - began
            self._next = began + _SHARE * took


def _keep_if_possible(operation: StackOperation) -> None:
    """The work is done, or goes on: a copy that cannot be written must not make it fail."""
    with contextlib.suppress(StateError):
        keep_copy(operation.settings, operation.stack)
