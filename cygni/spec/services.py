"""The `services` of cygni.yaml, by kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator

from cygni.aws_limits import FARGATE_MEMORY, sizes_in_words
from cygni.spec.fields import (
    BuildPath,
    BuildTag,
    EnvironmentVariables,
    HttpCodes,
    Image,
    PathPrefix,
    UrlPath,
)
from cygni.spec.section import Choice, Finding, Section
from cygni.spec.service_rules import definition_size, fargate_size, one_source
from cygni.spec.wording import did_you_mean, one_of, quoted


class Architecture(StrEnum):
    """The processor of a task, as ECS names it, in lower case."""

    X86_64 = "x86_64"
    ARM64 = "arm64"


class Strategy(StrEnum):
    """How a new release takes over from the old one."""

    BLUE_GREEN = "blue-green"
    CANARY = "canary"
    ROLLING = "rolling"
    RECREATE = "recreate"


class Build(Section):
    """Where the image of a service comes from when it is made from source."""

    context: BuildPath = Field(
        default=".",
        description="Folder sent to the build, relative to the folder of cygni.yaml. Not used yet.",
        examples=[".", "services/web"],
    )
    dockerfile: BuildPath = Field(
        default="Dockerfile",
        description="The Dockerfile, relative to `context`. Not used yet.",
        examples=["Dockerfile"],
    )
    tag: BuildTag = Field(
        description=(
            "Tag of the image in the service's ECR repository. A tag can be pushed once (tags are immutable), so "
            "every new image has a new one."
        ),
        examples=["v1"],
    )


class HealthCheck(Section):
    """What the load balancer asks a task before and while it sends it requests (ELBv2 target group)."""

    path: UrlPath = Field(default="/", description="Path the load balancer asks for.", examples=["/health"])
    interval: int = Field(default=5, ge=5, le=300, description="Seconds between two checks.", examples=[10])
    timeout: int = Field(
        default=2,
        ge=2,
        le=120,
        description="Seconds to wait for an answer; less than `interval`.",
        examples=[2],
    )
    healthy_threshold: int = Field(
        default=2, ge=2, le=10, description="Good answers in a row that make a task healthy.", examples=[2]
    )
    unhealthy_threshold: int = Field(
        default=2, ge=2, le=10, description="Bad answers in a row that make a task unhealthy.", examples=[2]
    )
    success_codes: HttpCodes = Field(
        default="200-399",
        description="HTTP status codes that count as a good answer, 200 to 499: codes and ranges, with commas.",
        examples=["200", "200,204", "200-299"],
    )
    grace_period: int = Field(
        default=60,
        ge=0,
        le=7200,
        description="Seconds after a task's start in which bad answers do not get it replaced.",
        examples=[120],
    )

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        interval, timeout = data.get("interval", 5), data.get("timeout", 2)
        if type(interval) is int and type(timeout) is int and 5 <= interval <= timeout <= 120:
            message = f"{timeout} s is not less than the interval of {interval} s"
            hint = f"use 2 to {interval - 1}, or a longer interval"
            yield Finding(("timeout",), message, hint, related=(("interval",),))


class BaseService(Section):
    """What services of every kind have."""

    image: Image | None = Field(
        default=None,
        description="Container image to run. A service has exactly one of `image` and `build`.",
        examples=["public.ecr.aws/nginx/nginx:1.29"],
    )
    build: Build | None = Field(
        default=None,
        description=(
            "The image is made from source. Cygni does not build it yet: it makes an ECR repository for the "
            "service and expects the tag to be pushed there; until it is, the tasks cannot start. A service has "
            "exactly one of `image` and `build`."
        ),
    )
    cpu: Annotated[int, Choice(tuple(FARGATE_MEMORY), f"Fargate offers {one_of(FARGATE_MEMORY)}")] = Field(
        default=256,
        description="CPU units of a task; 1024 are one vCPU. Fargate's sizes only.",
        examples=[512],
    )
    memory: int = Field(
        default=512,
        ge=512,
        le=122880,
        description=(
            "Memory of a task in MiB. Fargate's combinations only, cpu: memory: "
            + "; ".join(f"{cpu}: {sizes_in_words(sizes)}" for cpu, sizes in FARGATE_MEMORY.items())
            + "."
        ),
        examples=[1024],
    )
    architecture: Architecture = Field(
        default=Architecture.X86_64,
        strict=False,
        description="Processor of a task. `arm64` costs about a fifth less; the image must be built for it.",
        examples=["arm64"],
    )
    ephemeral_storage: int = Field(
        default=20, ge=20, le=200, description="Disk of a task in GiB; 20 are free.", examples=[40]
    )
    count: int = Field(
        default=1,
        ge=0,
        le=5000,
        description="Tasks to run; 0 runs none. ECS allows 5000 a service.",
        examples=[2],
    )
    env: EnvironmentVariables = Field(
        default_factory=dict,
        description=(
            "Environment variables. Values are text; a number is taken as it is written (`1.10` stays `1.10`). "
            "true, false, yes, no, on and off need quotes. Not for secrets: they are readable in AWS."
        ),
        examples=[{"GREETING": "hello"}],
    )
    command: Annotated[tuple[str, ...], Field(min_length=1, max_length=100, strict=False)] | None = Field(
        default=None,
        description="Replaces the image's own command (its CMD); a list, no shell is involved.",
        examples=[["python", "-m", "app"]],
    )
    strategy: Strategy = Field(
        default=Strategy.BLUE_GREEN,
        strict=False,
        description=(
            "How a new release takes over. `blue-green`: all traffic moves at once to a second, healthy set of "
            "tasks. `canary`: traffic moves in steps. `rolling`: tasks are replaced a few at a time. "
            "`recreate`: the old tasks stop before the new ones start, with an outage. Today every one of them "
            "is a rolling deploy by ECS in the active colour; the strategy takes effect when releases come."
        ),
        examples=["rolling"],
    )
    stop_timeout: int = Field(
        default=30,
        ge=1,
        le=120,
        description="Seconds between asking a task to stop (SIGTERM) and killing it (SIGKILL).",
        examples=[60],
    )

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        yield from one_source(data)
        yield from fargate_size(data)
        yield from definition_size(data)


_KIND = (
    "`web` answers HTTP behind the load balancer, at `port`; `worker` has no port and takes its work from "
    "elsewhere."
)


class WebService(BaseService):
    """A service that answers HTTP behind the load balancer."""

    kind: Literal["web"] = Field(default="web", description=_KIND, examples=["worker"])
    port: int = Field(ge=1, le=65535, description="Port the container listens on.", examples=[8080])
    path: PathPrefix = Field(
        default="/",
        description=(
            "Requests whose path is this or starts with it go to this service; the longest match wins. Every "
            "web service has its own."
        ),
        examples=["/", "/api"],
    )
    health_check: HealthCheck = Field(
        default_factory=HealthCheck,
        description="What the load balancer asks before it sends a task requests.",
    )
    deregistration_delay: int = Field(
        default=15,
        ge=0,
        le=3600,
        description="Seconds the load balancer lets requests under way finish when a task leaves (draining).",
        examples=[30],
    )


class WorkerService(BaseService):
    """A service without a port: it takes its work from elsewhere."""

    kind: Literal["worker"] = Field(default="worker", description=_KIND)

    @classmethod
    def unknown_key(cls, key: str) -> Finding:
        if key in WebService.model_fields:
            hint = "remove it, or make the service `kind: web`"
            return Finding((key,), "is only for a web service; this is a worker", hint, at_key=True)
        return super().unknown_key(key)

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        yield from super().findings(data)
        if data.get("strategy") == Strategy.CANARY:
            message = "canary moves traffic in steps, and a worker has no traffic"
            yield Finding(("strategy",), message, "use blue-green, rolling or recreate")


_KINDS: dict[str, type[WebService | WorkerService]] = {"web": WebService, "worker": WorkerService}


_LATER_KINDS = ("cron", "job")


def _by_kind(data: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """Chooses the model by `kind`, so that errors speak of that kind alone."""
    if not isinstance(data, Mapping):
        if isinstance(data, BaseService):
            return data
        hint = "write `key: value` lines, indented, under it"
        raise Finding((), f"should be a mapping, not {quoted(data)}", hint).error()
    kind = data.get("kind", "web")
    if isinstance(kind, str) and kind in _KINDS:
        return _KINDS[kind].model_validate(data)
    raise _unknown_kind(kind).raised("Service")


def _unknown_kind(kind: Any) -> Finding:
    if kind in _LATER_KINDS:
        return Finding(("kind",), f"{quoted(kind)} is not supported yet", f"use {one_of(_KINDS)}")
    meant = did_you_mean(kind, _KINDS) if isinstance(kind, str) else ""
    return Finding(("kind",), f"{quoted(kind)} is not a kind of service{meant}", f"use {one_of(_KINDS)}")


Service = Annotated[WebService | WorkerService, WrapValidator(_by_kind)]
