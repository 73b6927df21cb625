"""Stacks that are made while an earlier one is previewed: the first plan of an environment needs several."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future
from types import TracebackType

from stacks.operations import EngineSettings, OperationKind, StackOperation, StackRunner


class StacksAhead:
    """Makes empty stacks one after the other beside the block. Leaving the block waits for the one at hand.

    Making one takes half a second of mostly waiting and looks at nothing else; it is never interrupted.
    """

    def __init__(self, runner: StackRunner, engine: EngineSettings, stacks: Sequence[str]) -> None:
        self._runner = runner
        self._engine = engine
        self._made: dict[str, Future[None]] = {stack: Future() for stack in stacks}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._make_all, name="stacks-ahead")

    def __enter__(self) -> StacksAhead:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def wait_for(self, stack: str) -> None:
        """Returns when `stack` is there, at once if it is not made here. Raises what the runner raised."""
        if stack in self._made:
            self._made[stack].result()

    def _make_all(self) -> None:
        for stack, made in self._made.items():
            if self._over.is_set():
                return
            operation = StackOperation(kind=OperationKind.INIT, stack=stack, settings=self._engine)
            try:
                self._runner.run(operation, lambda event: None)
            except BaseException as error:  # noqa: BLE001  # whoever waits for it gets it
                made.set_exception(error)
            else:
                made.set_result(None)
