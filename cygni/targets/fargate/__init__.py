"""Services on ECS Fargate behind an Application Load Balancer, on AWS and in the local cloud alike."""

from __future__ import annotations

from cygni.releases.floor import Pace
from cygni.releases.protocols import Target
from cygni.targets.fargate.checks import PreviewChecks
from cygni.targets.fargate.clients import Clients
from cygni.targets.fargate.jobs import TaskJobs
from cygni.targets.fargate.logs import TaskLogs
from cygni.targets.fargate.metrics import LoadBalancerMetrics
from cygni.targets.fargate.running import Running
from cygni.targets.fargate.traffic import ListenerTraffic
from cygni.targets.fargate.workload import EcsWorkload

LOCAL_PERIOD, LOCAL_DELAY = 5.0, 5.0
"""Seconds of the local load balancer's values, and until one does not change any more."""

AWS_PERIOD, AWS_DELAY = 60.0, 60.0
"""Elastic Load Balancing reports once a minute, when there are requests (CloudWatch metrics for your Application Load
Balancer); the minute just over may still grow."""


AWS_SETTLING = 15.0
"""Seconds until every node of an Application Load Balancer goes by a rule that was changed. AWS gives no figure: an
assumption, on the safe side."""

AWS_STARTUP = 15.0
"""Seconds in which a Fargate task is placed, gets its network interface and pulls a small image, at best."""


def pace(*, local: bool) -> Pace:
    """How fast the target is at best. The local load balancer asks a new target at once."""
    return Pace(0.0, asks_at_once=True) if local else Pace(AWS_STARTUP)


def fargate_target(clients: Clients, running: Running, *, local: bool) -> Target:
    """The services and jobs of `running`, through the clients of where they are."""
    period, delay = (LOCAL_PERIOD, LOCAL_DELAY) if local else (AWS_PERIOD, AWS_DELAY)
    return Target(
        workload=EcsWorkload(clients, running),
        traffic=ListenerTraffic(clients, running),
        metrics=LoadBalancerMetrics(clients, running, period=period, delay=delay),
        jobs=TaskJobs(clients, running),
        checks=PreviewChecks(running),
        logs=TaskLogs(clients, running),
        pace=pace(local=local),
        settling=0.0 if local else AWS_SETTLING,
    )
