"""How a service that keeps running is released: the steps, and what they are judged by."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Annotated, Final

from pydantic import AfterValidator, Field

from cygni.releases.settings import TooFew
from cygni.spec.fields import HttpCodes, Name, UrlPath
from cygni.spec.section import Finding, Section, Text


class HttpCheck(Section):
    """A request to the new tasks before they take traffic."""

    path: UrlPath = Field(description="Path that is asked for.", examples=["/ready"])
    success_codes: HttpCodes = Field(
        default="200-399",
        description="HTTP status codes that pass, 200 to 499: codes and ranges, with commas.",
        examples=["200"],
    )
    contains: Annotated[str, Text(r".*", "up to 256 characters", 256, 0)] = Field(
        default="", description="What the first 64 KiB of the answer must contain.", examples=['"ok"']
    )
    timeout: int = Field(
        default=5, ge=1, le=120, description="Seconds to wait for the answer.", examples=[10]
    )


def _about_requests(key: str) -> Finding:
    hint = "remove it; a worker is judged by its tasks, by alarms and by a smoke command"
    return Finding((key,), "is about requests, and a worker answers none", hint, at_key=True)


class WorkerGates(Section):
    """What the release of a worker must hold to; it goes back by itself where it does not."""

    smoke: Annotated[tuple[str, ...], Field(min_length=1, max_length=100, strict=False)] | None = Field(
        default=None,
        description=(
            "A command, run where `cx` runs, that must end with 0 before the new tasks take traffic; a list, no shell "
            "is involved. CYGNI_URL, CYGNI_COLOUR and CYGNI_PREVIEW_HEADER tell it how to reach them."
        ),
        examples=[["./smoke.sh"]],
    )
    smoke_timeout: int = Field(
        default=60, ge=1, le=3600, description="Seconds the command may take.", examples=[300]
    )
    alarms: Annotated[tuple[str, ...], Field(min_length=1, max_length=20, strict=False)] | None = Field(
        default=None,
        description=(
            "Names of CloudWatch alarms that must not be raised while a release is watched. One that was raised "
            "before is not looked at."
        ),
        examples=[["checkout-failures"]],
    )

    @classmethod
    def unknown_key(cls, key: str) -> Finding:
        return _about_requests(key) if key in GATES_OF_TRAFFIC else super().unknown_key(key)


class Gates(WorkerGates):
    """What a release must hold to; it goes back by itself where it does not."""

    compare: bool = Field(
        default=True,
        description=(
            "Holds errors and latency against those of the old tasks: in the same time, or where they have too little "
            "traffic then, in the ten minutes before."
        ),
        examples=[False],
    )
    error_tolerance: float = Field(
        default=0.5,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="Percent of the requests by which errors (5xx, or no answer) may be more than the old tasks'.",
        examples=[1],
    )
    latency_factor: float = Field(
        default=3,
        ge=1,
        le=100,
        allow_inf_nan=False,
        description="What the 95th percentile of the latency may be times the old tasks' (and 10 ms more at least).",
        examples=[1.5],
    )
    max_errors: float | None = Field(
        default=None,
        ge=0,
        le=100,
        allow_inf_nan=False,
        description="Percent of the requests that may fail (5xx, or no answer), whatever the old tasks do.",
        examples=[1],
    )
    max_latency: float | None = Field(
        default=None,
        ge=0,
        le=3600,
        allow_inf_nan=False,
        description="Seconds that the 95th percentile of the latency may be, whatever that of the old tasks is.",
        examples=[0.5],
    )
    min_requests: int = Field(
        default=100,
        ge=1,
        le=1_000_000,
        description="Requests to the new tasks before which a step does not pass.",
        examples=[1000],
    )
    patience: int = Field(
        default=60,
        ge=0,
        le=86400,
        description=(
            "Seconds a step waits at most for requests enough to judge by. It does not wait where, at the rate seen so "
            "far, they would not be enough by then."
        ),
        examples=[3600],
    )
    too_few: TooFew = Field(
        default=TooFew.CONTINUE,
        strict=False,
        description="What to do where there were too few requests to judge by: go on, or go back.",
        examples=["fail"],
    )
    http: Annotated[Mapping[Name, HttpCheck], Field(max_length=10)] = Field(
        default_factory=dict,
        description="Requests that the new tasks must answer before they take traffic, by name.",
    )


def _ascending(weights: tuple[int, ...]) -> tuple[int, ...]:
    if any(later <= former for former, later in pairwise(weights)):
        raise Finding((), "is not ascending", "each step moves more than the one before: [5, 25, 50]").error()
    return weights


class WorkerReleasing(Section):
    """How new tasks of a worker take over from old ones, and when they must give back."""

    bake: int = Field(
        default=3,
        ge=0,
        le=86400,
        description="Seconds that a release is watched at least once all traffic has moved (a worker: once it runs).",
        examples=[600],
    )
    start_timeout: int = Field(
        default=600,
        ge=10,
        le=7200,
        description="Seconds that new tasks may take to become healthy.",
        examples=[1200],
    )
    crash_limit: int = Field(
        default=3,
        ge=1,
        le=100,
        description="New tasks that may fail before the release goes back, without waiting for the timeout.",
        examples=[5],
    )
    approve: bool = Field(
        default=False,
        description="Waits for `cx promote` before new tasks take any traffic.",
        examples=[True],
    )
    before: Name | None = Field(
        default=None,
        description=(
            "A service of kind job that runs first, with the new release, and must end with 0: a migration. Once for "
            "all services that name it. It is not undone by a rollback."
        ),
        examples=["migrate"],
    )
    before_timeout: int = Field(
        default=900, ge=1, le=86400, description="Seconds that the job may take.", examples=[3600]
    )
    depends_on: Annotated[tuple[Name, ...], Field(max_length=20, strict=False)] = Field(
        default=(),
        description="Services that must have been released before this one begins.",
        examples=[["api"]],
    )
    group: Name | None = Field(
        default=None,
        description="Services with the same group switch together, once all of them are ready.",
        examples=["front"],
    )
    gates: WorkerGates = Field(default_factory=WorkerGates, description="What a release is judged by.")

    @classmethod
    def unknown_key(cls, key: str) -> Finding:
        return _about_requests(key) if key in OF_TRAFFIC else super().unknown_key(key)


class Releasing(WorkerReleasing):
    """How new tasks take over from old ones, and when they must give back."""

    canary: Annotated[
        tuple[Annotated[int, Field(ge=1, le=99)], ...],
        Field(min_length=1, max_length=20, strict=False),
        AfterValidator(_ascending),
    ] = Field(
        default=(5, 25, 50),
        description="With `strategy: canary`, the percent of the requests that go to the new tasks, step by step.",
        examples=[[1, 10, 50]],
    )
    pause: int = Field(
        default=30,
        ge=0,
        le=86400,
        description="Seconds that each step of a canary is watched at least.",
        examples=[600],
    )
    warm: int = Field(
        default=600,
        ge=0,
        le=604800,
        description=(
            "Seconds that the old tasks stay up after a release, for a rollback within a second. They cost what they "
            "cost until then."
        ),
        examples=[0],
    )
    gates: Gates = Field(default_factory=Gates, description="What a release is judged by.")


OF_TRAFFIC: Final = tuple(sorted(Releasing.model_fields.keys() - WorkerReleasing.model_fields.keys()))
GATES_OF_TRAFFIC: Final = tuple(sorted(Gates.model_fields.keys() - WorkerGates.model_fields.keys()))
"""What only a service that answers requests can have."""
