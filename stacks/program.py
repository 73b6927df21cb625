"""Which program a stack runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from components.component import tag_everything
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
                data(inputs)
            case _:
                services(inputs, upstream)

    return program
