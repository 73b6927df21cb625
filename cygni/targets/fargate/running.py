"""What there is to move, read from the outputs of a services stack (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from cygni.errors import NotFound
from cygni.naming import Colour


@dataclass(frozen=True)
class RunningService:
    """A service that keeps running. `names` are its ECS services by colour in the cluster with ARN `cluster`,
    `task_definition` the ARN of the newest revision, of which `count` tasks are asked for, within `least` and `most`
    where it is autoscaled. Of a web service, `target_groups` are ARNs by colour, `rule` the ARN of the rule that
    divides the traffic, `load_balancer` its name in CloudWatch (`app/NAME/ID`), and `url` where it answers.
    """

    name: str
    cluster: str
    names: Mapping[Colour, str]
    task_definition: str
    log_group: str
    count: int
    least: int | None = None
    most: int | None = None
    target_groups: Mapping[Colour, str] = field(default_factory=dict)
    rule: str = ""
    load_balancer: str = ""
    url: str = ""


@dataclass(frozen=True)
class RunningJob:
    """What RunTask takes for a job."""

    name: str
    cluster: str
    task_definition: str
    subnets: Sequence[str]
    security_groups: Sequence[str]
    public: bool


@dataclass(frozen=True)
class Running:
    """The services and jobs of one environment, by their names in cygni.yaml."""

    services: Mapping[str, RunningService] = field(default_factory=dict)
    jobs: Mapping[str, RunningJob] = field(default_factory=dict)

    def service(self, name: str) -> RunningService:
        """Raises NotFound."""
        return _found(self.services, name, "service that keeps running")

    def job(self, name: str) -> RunningJob:
        """Raises NotFound."""
        return _found(self.jobs, name, "job")


def running_of(outputs: Mapping[str, Any]) -> Running:
    """From the outputs of a services stack (`stacks.services.services`)."""
    urls = outputs.get("urls") or {}
    services = {name: _service(name, one, urls) for name, one in (outputs.get("running") or {}).items()}
    jobs = {name: _job(name, one) for name, one in (outputs.get("jobs") or {}).items()}
    return Running(services, jobs)


def _service(name: str, given: Mapping[str, Any], urls: Mapping[str, str]) -> RunningService:
    return RunningService(
        name=name,
        cluster=given["cluster"],
        names=_by_colour(given["services"]),
        task_definition=given["taskDefinition"],
        log_group=given["logGroup"],
        count=int(given["count"]),
        least=int(given["least"]) if "least" in given else None,
        most=int(given["most"]) if "most" in given else None,
        target_groups=_by_colour(given.get("targetGroups", {})),
        rule=given.get("rule", ""),
        load_balancer=given.get("loadBalancer", ""),
        url=urls.get(name, ""),
    )


def _job(name: str, given: Mapping[str, Any]) -> RunningJob:
    return RunningJob(
        name=name,
        cluster=given["clusterArn"],
        task_definition=given["taskDefinitionArn"],
        subnets=tuple(given["subnetIds"]),
        security_groups=tuple(given["securityGroupIds"]),
        public=bool(given["assignPublicIp"]),
    )


def _by_colour(given: Mapping[str, str]) -> dict[Colour, str]:
    return {Colour(colour): value for colour, value in given.items()}


Thing = TypeVar("Thing")


def _found(things: Mapping[str, Thing], name: str, kind: str) -> Thing:
    if name not in things:
        there = ", ".join(sorted(things)) or "none"
        raise NotFound(f"there is no {kind} called {name}", hint=f"There is: {there}.")
    return things[name]
