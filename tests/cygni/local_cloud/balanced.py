"""What tests of load balancers ask of a local cloud: balancers, target groups, and its own endpoints."""

from __future__ import annotations

import http.client
import itertools
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from cygni.local_cloud.process import LocalCloud
from tests.conftest import aws_clients

T = TypeVar("T")
_NUMBERS = itertools.count(1)
_RUN = secrets.token_hex(3)
_FIRST_PAUSE, _LONGEST_PAUSE = 0.02, 0.15  # seconds


class Balanced:
    """A local cloud; everything it makes has a name of its own."""

    def __init__(self, cloud: LocalCloud):
        self.cloud = cloud
        self._balancers: list[str] = []
        self.aws = aws_clients(cloud.endpoint)
        self.elbv2 = self.aws("elbv2")
        ec2 = self.aws("ec2")
        defaults = ec2.describe_subnets(Filters=[{"Name": "default-for-az", "Values": ["true"]}])["Subnets"]
        self.vpc = defaults[0]["VpcId"]
        self.subnets = [subnet["SubnetId"] for subnet in defaults[:2]]

    def balancer(self) -> dict[str, Any]:
        made = self.elbv2.create_load_balancer(Name=f"lb-{_RUN}-{next(_NUMBERS)}", Subnets=self.subnets)
        balancer: dict[str, Any] = made["LoadBalancers"][0]
        self._balancers.append(balancer["LoadBalancerArn"])
        return balancer

    def remove_balancers(self) -> None:
        """Remove those that were made here, and give their ports back."""
        for arn in self._balancers:
            self.elbv2.delete_load_balancer(LoadBalancerArn=arn)

    def group(self, *ports: int, attributes: dict[str, str] | None = None, **settings: Any) -> str:
        """A target group, and targets on ports of this machine; health is checked every 5 s unless told."""
        given = {
            "HealthCheckIntervalSeconds": 5,
            "HealthCheckTimeoutSeconds": 2,
            "HealthCheckPath": "/health",
        }
        name = f"group-{_RUN}-{next(_NUMBERS)}"
        made = self.elbv2.create_target_group(
            Name=name, Protocol="HTTP", Port=80, VpcId=self.vpc, TargetType="ip", **(given | settings)
        )
        arn = str(made["TargetGroups"][0]["TargetGroupArn"])
        if attributes:
            self.elbv2.modify_target_group_attributes(
                TargetGroupArn=arn, Attributes=[{"Key": k, "Value": v} for k, v in attributes.items()]
            )
        if ports:
            self.register(arn, *ports)
        return arn

    def register(self, group: str, *ports: int) -> None:
        self.elbv2.register_targets(TargetGroupArn=group, Targets=targets(*ports))

    def deregister(self, group: str, *ports: int) -> None:
        self.elbv2.deregister_targets(TargetGroupArn=group, Targets=targets(*ports))

    def listener(self, balancer: dict[str, Any], *actions: dict[str, Any], port: int = 80) -> str:
        made = self.elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"],
            Protocol="HTTP",
            Port=port,
            DefaultActions=list(actions),
        )
        return str(made["Listeners"][0]["ListenerArn"])

    def health(self, group: str) -> dict[int, str]:
        """The state of each target by its port."""
        told = self.elbv2.describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return {one["Target"]["Port"]: one["TargetHealth"]["State"] for one in told}

    def ask(self, path: str) -> dict[str, Any]:
        """An endpoint of the local cloud's own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.cloud.port, timeout=30)
        connection.request("GET", path)
        answer: dict[str, Any] = json.loads(connection.getresponse().read())
        connection.close()
        return answer


def targets(*ports: int) -> list[dict[str, Any]]:
    return [{"Id": "127.0.0.1", "Port": port} for port in ports]


def forward(*weighted: tuple[str, int], sticky_seconds: int | None = None) -> dict[str, Any]:
    """The action that forwards to target groups by weight."""
    inside: dict[str, Any] = {
        "TargetGroups": [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weighted]
    }
    if sticky_seconds is not None:
        inside["TargetGroupStickinessConfig"] = {"Enabled": True, "DurationSeconds": sticky_seconds}
    return {"Type": "forward", "ForwardConfig": inside}


def eventually(look: Callable[[], T], wanted: Callable[[T], bool] = bool, seconds: float = 60.0) -> T:
    """What `look` returns once it is as wanted; the last it returned when it never was.

    What is there at once is seen at once. What takes longer is asked for less and less often: each look costs the
    local cloud milliseconds of the processor that it waits for.
    """
    until, pause = time.monotonic() + seconds, _FIRST_PAUSE
    while not wanted(found := look()) and time.monotonic() < until:
        time.sleep(pause)
        pause = min(pause * 1.5, _LONGEST_PAUSE)
    return found


class Served:
    """One listener of a load balancer that serves, as a client sees it."""

    def __init__(self, balanced: Balanced, *actions: dict[str, Any]):
        self.balanced = balanced
        self.balancer = balanced.balancer()
        self.listener = balanced.listener(self.balancer, *actions)
        self.host, port = self.balancer["DNSName"].split(":")
        self.port = int(port)
        assert eventually(lambda: self.problem() == ""), self.problem()

    def problem(self) -> str:
        """Why the listener is not served; empty when it is."""
        told = self.balanced.ask("/_cygni/load-balancers")["load_balancers"]
        [found] = [
            listener["problem"]
            for balancer in told
            for listener in balancer["listeners"]
            if listener["arn"] == self.listener
        ]
        return str(found)

    def connection(self, seconds: float = 30) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.host, self.port, timeout=seconds)

    def get(self, path: str = "/", method: str = "GET", **headers: str) -> Answer:
        """One request on a connection of its own; underscores in the names of headers are hyphens."""
        connection = self.connection()
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, headers=named)
            response = connection.getresponse()
            return Answer(response.status, response.read().decode(), dict(response.getheaders()))
        finally:
            connection.close()

    def forward(self, *weighted: tuple[str, int], sticky_seconds: int | None = None) -> None:
        """Change the default rule."""
        self.balanced.elbv2.modify_listener(
            ListenerArn=self.listener, DefaultActions=[forward(*weighted, sticky_seconds=sticky_seconds)]
        )

    def rule(self, priority: int, condition: dict[str, Any], action: dict[str, Any]) -> str:
        made = self.balanced.elbv2.create_rule(
            ListenerArn=self.listener, Priority=priority, Conditions=[condition], Actions=[action]
        )
        return str(made["Rules"][0]["RuleArn"])


@dataclass(frozen=True)
class Answer:
    code: int
    text: str
    headers: dict[str, str]
