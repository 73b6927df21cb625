"""What the engine reports while it previews or applies a stack, in Cygni's own terms.

The runner translates the engine's events into these; everything downstream (plan, cost, progress,
deployment records) sees only these, so it can be tested without an engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

STACK_TYPE = "pulumi:pulumi:Stack"


@dataclass(frozen=True, slots=True)
class ResourceState:
    """A resource as the engine has it: before (`old`) or after (`new`) a step.

    `inputs` and `outputs` are camelCase; secrets arrive as the text `[secret]`, unknown values as the
    engine's sentinel text.
    """

    type: str
    urn: str
    id: str = ""
    parent: str = ""
    custom: bool = True
    inputs: Mapping[str, Any] = field(default_factory=dict)
    outputs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StepEvent:
    """One step of the engine: announced (`planned`), finished (`done`) or refused (`failed`).

    `operation` is the engine's own word (`same`, `create`, `update`, `replace`, `create-replacement`,
    `delete-replaced`, `delete`, `read`, `refresh`, ...). `diff` maps property paths to the engine's kind of
    difference (`add`, `update-replace`, ...), `replace_keys` are the properties that force a replacement.
    """

    phase: Literal["planned", "done", "failed"]
    operation: str
    urn: str
    type: str
    old: ResourceState | None = None
    new: ResourceState | None = None
    replace_keys: tuple[str, ...] = ()
    changed_keys: tuple[str, ...] = ()
    diff: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DiagnosticEvent:
    """A message of the engine or a provider. `severity`: debug, info, info#err, warning, error."""

    severity: str
    message: str
    urn: str = ""


@dataclass(frozen=True, slots=True)
class PolicyEvent:
    """A finding of a policy pack. `level`: advisory, mandatory, remediate, disabled."""

    policy: str
    pack: str
    level: str
    message: str
    urn: str = ""


@dataclass(frozen=True, slots=True)
class SummaryEvent:
    """The engine's closing count of steps by operation, and its own duration in seconds."""

    changes: Mapping[str, int]
    duration_seconds: float


@dataclass(frozen=True, slots=True)
class StoppingEvent:
    """Somebody asked to stop: the engine finishes what is in flight, or, `cancelling`, breaks off."""

    cancelling: bool = False


StackEvent: TypeAlias = StepEvent | DiagnosticEvent | PolicyEvent | SummaryEvent | StoppingEvent


def name_of(urn: str) -> str:
    """The last part of a URN: the name the program gave the resource."""
    return urn.rsplit("::", 1)[-1]
