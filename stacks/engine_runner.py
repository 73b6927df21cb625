"""The real runner as its callers see it: cheap to import, because the engine's SDK is loaded by the child."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from stacks import child_process
from stacks.operations import OnEvent, OperationResult, StackOperation


class EngineRunner:
    """Runs each operation with the engine in a child process of its own."""

    def run(self, operation: StackOperation, on_event: OnEvent) -> OperationResult:
        result = child_process.run(_perform, operation, on_event, deadline=operation.settings.deadline)
        assert isinstance(result, OperationResult)
        return result


def _perform(payload: StackOperation, folder: Path, send: Any, stop: child_process.Stop) -> OperationResult:
    from stacks.runner import perform

    return perform(payload, folder, send, stop)
