"""Faults of quotas."""

from __future__ import annotations

from collections.abc import Callable

from cygni.doctor.checks.quotas import Quota, quotas
from cygni.doctor.sources import use
from tests.cli.doctor_faults.account import makes_network
from tests.cli.doctor_faults.fault import Fault
from tests.cli.doctor_world import World, plan_of, resource


def used_up(quota: Quota) -> Callable[[World], None]:
    def inject(world: World) -> None:
        world.monkeypatch.setitem(use.READINGS, quota.use, lambda clients: quota.aws.value)

    return inject


def adds_one(quota: Quota) -> Callable[[World], None]:
    def before(world: World) -> None:
        world.plan = plan_of(resource(quota.types[0], launchType="FARGATE", desiredCount=4))

    return before


def no_vpcs_left(world: World) -> None:
    ec2 = world.client("ec2")
    while len(ec2.describe_vpcs()["Vpcs"]) < 5:
        ec2.create_vpc(CidrBlock="10.0.0.0/16")


FAULTS = [
    Fault("quota-vpcs", "5 used, the plan adds 1, the quota is 5", no_vpcs_left, makes_network),
    *(
        Fault(f"quota-{quota.id}", "the quota is", used_up(quota), adds_one(quota))
        for quota in quotas()
        if quota.id != "vpcs"
    ),
]
