"""EMR: the instances of a cluster, what EMR adds for each, and serverless applications."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.estimators import ec2
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import choice, is_set, text, unknown, whole

_ADDED: Final = fixed("EMR on {instance_type}", "AmazonEMR", "instance", "hour")
_DISKS: Final = Part(
    fixed("disks of the instances", "AmazonEBS", "emr-disks", "GB-month"),
    unknown("EMR gives each instance disks by its type"),
)
_FLEET: Final = fixed("instance fleet", "AmazonEMR", "instance-fleet", "hour")


def _group(path: str) -> tuple[Part, ...]:
    """The instances of one group: EC2's price, and EMR's beside it."""
    kind, count, there = text(f"{path}.instanceType"), whole(f"{path}.instanceCount", 1), is_set(path)
    on_demand = choice(is_set(f"{path}.bidPrice"), unknown(ec2.SPOT), count)
    return (
        ec2.hours(kind, quantity=on_demand, when=there),
        Part(_ADDED, count, by={"instance_type": kind}, when=there),
    )


ESTIMATORS: Final = (
    priced(
        "aws:emr/cluster:Cluster",
        parts=(
            *_group("masterInstanceGroup"),
            *_group("coreInstanceGroup"),
            _DISKS,
            Part(_FLEET, unknown("a fleet takes what it finds"), when=is_set("masterInstanceFleet")),
        ),
        notes=("One instance in a group unless said otherwise, all month.",),
    ),
    priced(
        "aws:emr/instanceGroup:InstanceGroup",
        parts=(
            ec2.hours(
                text("instanceType"),
                quantity=choice(is_set("bidPrice"), unknown(ec2.SPOT), whole("instanceCount", 1)),
            ),
            Part(_ADDED, whole("instanceCount", 1), by={"instance_type": text("instanceType")}),
            _DISKS,
        ),
    ),
    priced(
        "aws:emrserverless/application:Application",
        parts=(
            by_usage("vCPU", "AmazonEMR", "serverless-vcpu", "vCPU-hours", "job_hours"),
            by_usage("memory", "AmazonEMR", "serverless-memory", "GB-hours", "job_hours"),
        ),
        notes=("One vCPU and one GB for the hours that jobs run.",),
    ),
)
