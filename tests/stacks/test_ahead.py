from __future__ import annotations

import threading
from pathlib import Path

import pytest

from cygni.errors import EngineError
from stacks.ahead import StacksAhead
from stacks.operations import OnEvent, OperationKind, OperationResult, StackOperation
from tests.factories import create_environment

MOMENT = 5.0  # seconds that are long enough for anything here


class SlowRunner:
    """Makes a stack when it is let; remembers which."""

    def __init__(self, failing: str = "") -> None:
        self.may = threading.Event()
        self.begun = threading.Event()
        self.made: list[str] = []
        self.failing = failing

    def run(self, operation: StackOperation, on_event: OnEvent) -> OperationResult:
        assert operation.kind is OperationKind.INIT
        self.begun.set()
        assert self.may.wait(MOMENT)
        if operation.stack == self.failing:
            raise EngineError("no room")
        self.made.append(operation.stack)
        return OperationResult()


def ahead(runner: SlowRunner, folder: Path, *stacks: str) -> StacksAhead:
    return StacksAhead(runner, create_environment(folder).engine, stacks)


class TestStacksAhead:
    def test_makes_stacks_beside_the_block(self, tmp_path: Path) -> None:
        runner = SlowRunner()
        with ahead(runner, tmp_path, "data", "services") as stacks:
            assert runner.begun.wait(MOMENT)
            assert runner.made == []  # the block goes on meanwhile
            runner.may.set()
            stacks.wait_for("services")
            assert runner.made == ["data", "services"]

    def test_does_not_wait_for_a_stack_that_is_not_made_here(self, tmp_path: Path) -> None:
        runner = SlowRunner()
        with ahead(runner, tmp_path, "data") as stacks:
            stacks.wait_for("foundation")
            assert runner.made == []
            runner.may.set()

    def test_raises_where_it_is_waited_for_and_makes_the_others(self, tmp_path: Path) -> None:
        runner = SlowRunner(failing="data")
        runner.may.set()
        with ahead(runner, tmp_path, "data", "services") as stacks:
            with pytest.raises(EngineError, match="no room"):
                stacks.wait_for("data")
            stacks.wait_for("services")

    def test_begins_no_more_once_the_block_has_failed(self, tmp_path: Path) -> None:
        runner = SlowRunner()
        with pytest.raises(EngineError, match="preview"), ahead(runner, tmp_path, "data", "services"):
            assert runner.begun.wait(MOMENT)
            threading.Timer(0.2, runner.may.set).start()
            raise EngineError("preview")
        assert runner.made == ["data"]
