"""Which program a stack runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pulumi

from components.component import tag_everything
from cygni.errors import CygniError, EngineError
from stacks.data import data
from stacks.foundation import foundation
from stacks.inputs import DataInputs, FoundationInputs, StackInputs
from stacks.services import services


def program_for(
    stack: str, inputs: StackInputs, upstream: Mapping[str, Mapping[str, Any]]
) -> Callable[[], None]:
    """The inline program of `stack`; see `stacks.inputs` for what it is given."""

    def program() -> None:
        tag_everything(stack, inputs.project, inputs.environment)
        match inputs:
            case FoundationInputs():
                foundation(inputs)
            case DataInputs():
                data(inputs, upstream)
            case _:
                services(inputs, upstream)

    return program


def remembering(program: Callable[[], None], refused: list[CygniError]) -> Callable[[], None]:
    """`program`, whose refusals go to `refused` as well: the engine would tell them as text among its own."""

    def run() -> None:
        try:
            program()
        except CygniError as error:
            refused.append(error)
            raise pulumi.RunError(error.message) from None
        except pulumi.RunError as error:
            refused.append(EngineError(str(error), hint="Mend that and run the same command again."))
            raise

    return run
