"""The `services` of cygni.yaml, by kind."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field, ValidatorFunctionWrapHandler, WrapValidator

from cygni.releases.settings import Strategy
from cygni.spec.fields import HttpCodes, PathPrefix, UrlPath
from cygni.spec.releasing import Releasing, WorkerReleasing
from cygni.spec.scaling import Autoscale, Spot, Thresholds
from cygni.spec.schedule_fields import Schedule, TimeZone
from cygni.spec.section import Finding, Section
from cygni.spec.tasks import BaseService
from cygni.wording import did_you_mean, one_of, quoted


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


class StandingService(BaseService):
    """What services that keep running have."""

    count: int = Field(
        default=1,
        ge=0,
        le=5000,
        description=(
            "Tasks to run; 0 runs none. ECS allows 5000 a service. With `autoscale` it is only what a new service "
            "starts with, within `min` and `max`."
        ),
        examples=[2],
    )
    autoscale: Autoscale | None = Field(
        default=None, description="Lets the number of tasks follow the load; not written, `count` tasks run."
    )
    spot: Spot | None = Field(
        default=None,
        description=(
            "Runs a part of the tasks on spare capacity, which is cheaper and may be taken back; not written, none. "
            "What is on Spot has no list price, and is told as at most that of Fargate."
        ),
    )
    alarms: bool = Field(
        default=False,
        description=(
            "CloudWatch alarms, for each colour: of a web service on errors, slow answers and failing health checks "
            "($0.80 a month in us-east-1), of a worker on CPU and memory ($0.40)."
        ),
        examples=[True],
    )
    thresholds: Thresholds = Field(
        default_factory=Thresholds, description="What the alarms are raised by, where `alarms` is true."
    )
    exec: bool = Field(
        default=False,
        description=(
            "Whether `cx exec` may run commands in its tasks (ECS Exec). Their role may then open channels to Systems "
            "Manager, and whoever may call ecs:ExecuteCommand can do and see what the program can. Changing it "
            "replaces the tasks."
        ),
        examples=[True],
    )
    strategy: Strategy = Field(
        default=Strategy.BLUE_GREEN,
        strict=False,
        description=(
            "How a new release takes over. `blue-green`: all traffic moves at once to a second, healthy set of "
            "tasks. `canary`: traffic moves in steps. `rolling`: tasks are replaced a few at a time. "
            "`recreate`: the old tasks stop before the new ones start, with an outage."
        ),
        examples=["rolling"],
    )


_KIND = (
    "`web` answers HTTP behind the load balancer, at `port`; `worker` has no port and takes its work from "
    "elsewhere; `cron` runs on a `schedule` and ends; `job` runs when it is asked to, and ends."
)
_RELEASE = "The steps of a release and what it is judged by ([Releases](releases.md))."


class WebService(StandingService):
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
    release: Releasing = Field(default_factory=Releasing, description=_RELEASE)
    deregistration_delay: int = Field(
        default=15,
        ge=0,
        le=3600,
        description="Seconds the load balancer lets requests under way finish when a task leaves (draining).",
        examples=[30],
    )


class WorkerService(StandingService):
    """A service without a port: it takes its work from elsewhere."""

    kind: Literal["worker"] = Field(default="worker", description=_KIND)
    release: WorkerReleasing = Field(default_factory=WorkerReleasing, description=_RELEASE)

    @classmethod
    def findings(cls, data: Mapping[str, Any]) -> Iterable[Finding]:
        yield from super().findings(data)
        scaled = data.get("autoscale")
        if isinstance(scaled, Mapping) and scaled.get("requests") is not None:
            hint = "a worker is scaled by `cpu`"
            yield Finding(("autoscale", "requests"), "is for a web service; this is a worker", hint)
        if data.get("strategy") == Strategy.CANARY:
            message = "canary moves traffic in steps, and a worker has no traffic"
            yield Finding(("strategy",), message, "use blue-green, rolling or recreate")


class CronService(BaseService):
    """A task that EventBridge Scheduler starts on a schedule."""

    kind: Literal["cron"] = Field(default="cron", description=_KIND)
    schedule: Schedule = Field(
        description=(
            "When it runs: five crontab fields (minute, hour, day, month, weekday), `rate(5 minutes)`, or "
            "EventBridge's own `cron(0 3 * * ? *)`. A run begins whether the one before has ended or not."
        ),
        examples=["0 3 * * *", "rate(15 minutes)", "cron(0 8 ? * MON-FRI *)"],
    )
    timezone: TimeZone = Field(
        default="UTC",
        description="Time zone of `schedule`, as the IANA database names it; daylight saving time is followed.",
        examples=["Europe/Berlin"],
    )
    flexible_window: int = Field(
        default=0,
        ge=0,
        le=1440,
        description="Minutes within which EventBridge may start a run after its time; 0 starts it at its time.",
        examples=[15],
    )
    retries: int = Field(
        default=3,
        ge=0,
        le=185,
        description=(
            "How often EventBridge tries again to start a run that could not be started. A run that started and "
            "failed is not started again."
        ),
        examples=[10],
    )
    retry_for: int = Field(
        default=3600,
        ge=60,
        le=86400,
        description="Seconds after its time in which a run may still be started.",
        examples=[600],
    )
    dead_letter: bool = Field(
        default=False,
        description=(
            "Keep what could not be started, and why, in an SQS queue for 14 days (billed by request: $0.40 a "
            "million in us-east-1)."
        ),
        examples=[True],
    )
    enabled: bool = Field(
        default=True, description="Whether the schedule runs; `false` pauses it.", examples=[False]
    )


class JobService(BaseService):
    """A task that runs when it is asked to: nothing of it runs, or costs anything, before."""

    kind: Literal["job"] = Field(default="job", description=_KIND)


AnyService = WebService | WorkerService | CronService | JobService
KINDS: Final[Mapping[str, type[AnyService]]] = {
    "web": WebService,
    "worker": WorkerService,
    "cron": CronService,
    "job": JobService,
}


def _by_kind(data: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    """Chooses the model by `kind`, so that errors speak of that kind alone."""
    if not isinstance(data, Mapping):
        if isinstance(data, BaseService):
            return data
        hint = "write `key: value` lines, indented, under it"
        raise Finding((), f"should be a mapping, not {quoted(data)}", hint).error()
    kind = data.get("kind", "web")
    if isinstance(kind, str) and kind in KINDS:
        return KINDS[kind].model_validate(data)
    raise _unknown_kind(kind).raised("Service")


def _unknown_kind(kind: Any) -> Finding:
    meant = did_you_mean(kind, KINDS) if isinstance(kind, str) else ""
    return Finding(("kind",), f"{quoted(kind)} is not a kind of service{meant}", f"use {one_of(KINDS)}")


Service = Annotated[AnyService, WrapValidator(_by_kind)]
