"""A copy of an environment's state to try things on: what the engine does to it, nobody else sees."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from cygni.naming import Part, stack_name
from stacks.operations import EngineSettings, OperationKind, StackOperation, StackRunner
from stacks.records import RecordStore
from stacks.state import look
from stacks.target import Environment


@contextmanager
def scratch_copy(runner: StackRunner, environment: Environment) -> Iterator[Environment]:
    """The environment with its state in files of this command, in the same cloud: reading it is safe, applying is not.

    Raises what the runner raises.
    """
    folder = environment.plans / "scratch"
    for name in ("state", "plans"):
        (folder / name).mkdir(parents=True)
    engine = replace(
        environment.engine, backend_url=(folder / "state").as_uri(), config_dir=folder / "stacks"
    )
    try:
        for part in Part:
            name = stack_name(environment.project, environment.name, part)
            if look(runner, environment.engine, name).exists:
                _copy(runner, name, environment.engine, engine)
        yield replace(
            environment, engine=engine, records=RecordStore(folder / "records"), plans=folder / "plans"
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _copy(runner: StackRunner, stack: str, source: EngineSettings, target: EngineSettings) -> None:
    exported = runner.run(StackOperation(OperationKind.EXPORT, stack, source), lambda event: None)
    runner.run(StackOperation(OperationKind.INIT, stack, target), lambda event: None)
    if (exported.deployment or {}).get("deployment"):
        copied = StackOperation(OperationKind.IMPORT, stack, target, deployment=exported.deployment)
        runner.run(copied, lambda event: None)
