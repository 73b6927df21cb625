"""How many tasks of a service run and on what, and when to raise an alarm."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ConfigDict, Field

from cygni.spec.section import Finding, Section


class Autoscale(Section):
    """The number of tasks follows the load (Application Auto Scaling, target tracking)."""

    model_config = ConfigDict(
        json_schema_extra={"anyOf": [{"required": ["cpu"]}, {"required": ["requests"]}]}
    )

    min: int = Field(default=1, ge=1, le=5000, description="Tasks that always run.", examples=[2])
    max: int = Field(ge=1, le=5000, description="Tasks that run at most.", examples=[6])
    cpu: int | None = Field(
        default=None,
        ge=1,
        le=100,
        description=(
            "Percent of their CPU that tasks shall use on average. Each of `cpu` and `requests` makes two alarms in "
            "CloudWatch for each colour: $0.40 a month in us-east-1."
        ),
        examples=[60],
    )
    requests: int | None = Field(
        default=None,
        ge=1,
        le=10_000_000,
        description="Requests a minute that each task shall get; for a web service only.",
        examples=[1000],
    )
    in_cooldown: int = Field(
        default=300,
        ge=0,
        le=86400,
        description="Seconds after a change before tasks are taken away.",
        examples=[600],
    )
    out_cooldown: int = Field(
        default=60,
        ge=0,
        le=86400,
        description="Seconds after a change before tasks are added.",
        examples=[30],
    )

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        least, most = data.get("min", 1), data.get("max")
        if type(least) is int and type(most) is int and 1 <= most < least:
            hint = f"use a max of at least {least}"
            yield Finding(("max",), f"{most} is less than the min of {least}", hint, related=(("min",),))
        if data.get("cpu") is None and data.get("requests") is None:
            message = "says nothing to go by: neither cpu nor requests"
            yield Finding((), message, "add `cpu: 60`, or for a web service `requests: 1000`")


class Spot(Section):
    """Spare capacity of AWS: up to 70 percent cheaper, and taken back with two minutes' notice when AWS needs it."""

    percent: int = Field(
        ge=1,
        le=100,
        description="Percent of the tasks, beyond `base`, that run on Fargate Spot.",
        examples=[70],
    )
    base: int = Field(
        default=0, ge=0, le=5000, description="Tasks that never run on Fargate Spot.", examples=[1]
    )


class Thresholds(Section):
    """What raises an alarm when it lasts."""

    errors: float = Field(
        default=5,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="Percent of the answers of a web service with a 5xx status.",
        examples=[1],
    )
    latency: float = Field(
        default=1,
        ge=0,
        le=3600,
        allow_inf_nan=False,
        description="Seconds that the slowest twentieth of a web service's answers take (p95).",
        examples=[0.5],
    )
    cpu: float = Field(
        default=90,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="Percent of their CPU that a worker's tasks use.",
        examples=[80],
    )
    memory: float = Field(
        default=90,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="Percent of their memory that a worker's tasks use.",
        examples=[80],
    )
    minutes: int = Field(
        default=5, ge=1, le=60, description="Minutes in a row that make it an alarm.", examples=[3]
    )
