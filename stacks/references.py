"""Outputs of one stack as inputs of another."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pulumi

from cygni.naming import Part, stack_name
from cygni.resources import UNKNOWN


class Upstream:
    """Reads the outputs of a stack that comes earlier.

    In a preview `expected` (the outputs which that stack's own preview announced) replaces what the state
    says, so that a plan of several stacks is one plan; a value not yet known stays unknown.
    """

    def __init__(
        self, project: str, environment: str, part: Part, expected: Mapping[str, Any] | None
    ) -> None:
        name = stack_name(project, environment, part)
        # In Pulumi Cloud the organisation is the caller's; files have one, called `organization`.
        path = f"{pulumi.get_organization()}/{pulumi.get_project()}/{name}"
        self.reference = pulumi.StackReference(name, stack_name=path)
        self.expected = expected if pulumi.runtime.is_dry_run() else None

    def output(self, name: str) -> pulumi.Output[Any]:
        """The output `name`; an error of the engine if the stack has none of that name."""
        if self.expected is None:
            return self.reference.require_output(name)
        value = self.expected.get(name, UNKNOWN)
        if contains_unknown(value):
            return self._unknown_output()
        # Through the reference, so that it depends on it in the preview as it will in the update.
        return self.reference.get_output(name).apply(lambda _: value)

    def _unknown_output(self) -> pulumi.Output[Any]:
        def resolved(value: Any) -> asyncio.Future[Any]:
            future: asyncio.Future[Any] = asyncio.Future()
            future.set_result(value)
            return future

        return pulumi.Output(
            resources=resolved({self.reference}),
            future=resolved(None),
            is_known=resolved(False),
            is_secret=resolved(False),
        )


def contains_unknown(value: Any) -> bool:
    """Whether a value, or anything inside it, is known only later."""
    if value is UNKNOWN:
        return True
    if isinstance(value, Mapping):
        return any(contains_unknown(inner) for inner in value.values())
    if isinstance(value, list | tuple):
        return any(contains_unknown(inner) for inner in value)
    return False
