"""The steps by which a track of services goes from the old colour to the new one (pure values).

A step names a goal, not an act: what there is to do follows from what is observed, so that whoever comes after a killed
command goes on from wherever that stopped.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field


@dataclass(frozen=True, slots=True)
class Clear:
    """The new colour runs nothing, so that what starts in it is new."""

    kind: Literal["clear"] = "clear"


@dataclass(frozen=True, slots=True)
class Start:
    """The new colour runs its tasks, and they are healthy."""

    kind: Literal["start"] = "start"


@dataclass(frozen=True, slots=True)
class Try:
    """The HTTP checks and the smoke command pass against the new colour, which has no traffic yet."""

    kind: Literal["try"] = "try"


@dataclass(frozen=True, slots=True)
class Approve:
    """Somebody has promoted it."""

    kind: Literal["approve"] = "approve"


@dataclass(frozen=True, slots=True)
class Shift:
    """`weight` percent of the requests go to the new colour, the others to the old one."""

    weight: int
    kind: Literal["shift"] = "shift"


@dataclass(frozen=True, slots=True)
class Bake:
    """The gates have watched for `seconds` at least, and let it pass."""

    seconds: float
    kind: Literal["bake"] = "bake"


@dataclass(frozen=True, slots=True)
class StopOld:
    """The old colour runs nothing any more."""

    kind: Literal["stop-old"] = "stop-old"


@dataclass(frozen=True, slots=True)
class Roll:
    """ECS has replaced the tasks of the active colour, a few at a time, and they are healthy."""

    kind: Literal["roll"] = "roll"


@dataclass(frozen=True, slots=True)
class Unpin:
    """Autoscaling moves the new colour within its own limits."""

    kind: Literal["unpin"] = "unpin"


Step = Annotated[
    Clear | Start | Try | Approve | Shift | Bake | StopOld | Roll | Unpin, Field(discriminator="kind")
]
