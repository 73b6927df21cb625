"""Kubernetes clusters and their nodes: us-east-1 in the shipped book."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cygni.pricing import ResourceCost, Status, estimate_day
from cygni.resources import UNKNOWN, Resource

CLUSTER = "aws:eks/cluster:Cluster"
NODES = "aws:eks/nodeGroup:NodeGroup"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
Make = Callable[..., Resource]
CostOf = Callable[..., ResourceCost]

STANDARD, EXTENDED = Decimal(73), Decimal(438)  # 0.10 and 0.60 × 730
T3_MEDIUM = Decimal("30.368")  # 0.0416 × 730
SIZES = {"minSize": 2, "desiredSize": 2, "maxSize": 2}


@pytest.fixture(autouse=True)
def late_summer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate_day, "today", lambda: date(2026, 9, 1))


def template(make: Make, **inputs: Any) -> tuple[Resource, dict[str, Any]]:
    """A launch template, and what a node group says to use it."""
    made = make(TEMPLATE, inputs, name="template")
    return made, {"references": {"launchTemplate": (made.urn,)}}


class TestCluster:
    @pytest.mark.parametrize(
        ("inputs", "monthly"),
        [
            ({"version": "1.34"}, STANDARD),
            ({"version": "1.33"}, EXTENDED),
            ({"version": "1.20"}, EXTENDED),
            ({"version": "1.99"}, STANDARD),
            ({}, STANDARD),
            ({"version": "1.33", "upgradePolicy": {"supportType": "STANDARD"}}, STANDARD),
            ({"version": "1.33", "upgradePolicy": {"supportType": "EXTENDED"}}, EXTENDED),
        ],
    )
    def test_costs_six_times_as_much_past_standard_support(
        self, inputs: dict[str, Any], monthly: Decimal, make: Make, cost_of: CostOf
    ) -> None:
        cost = cost_of(make(CLUSTER, inputs))

        assert (cost.status, cost.cost.monthly) == (Status.PRICED, monthly)

    def test_says_when_the_calendar_does_not_know_its_version(self, make: Make, cost_of: CostOf) -> None:
        known, unknown = (cost_of(make(CLUSTER, {"version": each})) for each in ("1.34", "1.99"))

        assert known.lines[0].assumption is None
        assert "1.99 taken to be" in (unknown.lines[0].assumption or "")

    def test_of_a_version_not_yet_known_has_no_price(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(make(CLUSTER, {"version": UNKNOWN})).missing == 1


class TestNodeGroup:
    def test_is_two_nodes_with_the_disks_eks_gives_them(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(NODES, {"scalingConfig": SIZES}))

        assert cost.cost.monthly == 2 * T3_MEDIUM + 2 * 20 * Decimal("0.1")

    def test_counts_the_desired_size_and_says_how_far_it_may_go(self, make: Make, cost_of: CostOf) -> None:
        sizes = {"minSize": 0, "desiredSize": 1, "maxSize": 5}
        cost = cost_of(make(NODES, {"scalingConfig": sizes, "diskSize": 50}))

        assert cost.cost.monthly == T3_MEDIUM + 50 * Decimal("0.1")
        assert "from 0 to 5" in (cost.lines[0].assumption or "")

    def test_takes_type_and_disk_from_its_launch_template(self, make: Make, cost_of: CostOf) -> None:
        disk = {"deviceName": "/dev/xvda", "ebs": {"volumeSize": 30, "volumeType": "gp3"}}
        made, using = template(make, instanceType="t3.medium", blockDeviceMappings=[disk])
        group = make(NODES, {"scalingConfig": SIZES, "launchTemplate": {"id": UNKNOWN}}, **using)

        cost = cost_of(group, made)
        assert cost.cost.monthly == 2 * T3_MEDIUM + 60 * Decimal("0.08")
        assert "taken for the root volume of the image by its device name" in str(cost.lines[1].assumption)

    @pytest.mark.parametrize("device", ["/dev/sdb", "/dev/xvdb", "/dev/nvme1n1"])
    def test_takes_any_other_device_for_a_disk_beside_the_root_volume(
        self, make: Make, cost_of: CostOf, device: str
    ) -> None:
        disk = {"deviceName": device, "ebs": {"volumeSize": 30, "volumeType": "gp2"}}
        made, using = template(make, instanceType="t3.medium", blockDeviceMappings=[disk])
        _, data, root = cost_of(
            make(NODES, {"scalingConfig": SIZES, "launchTemplate": {"id": UNKNOWN}}, **using), made
        ).lines

        assert "taken for a disk beside the root volume" in str(data.assumption)
        assert "the root volume of Amazon Linux's images" in str(root.assumption)

    def test_has_everything_of_its_launch_template(self, make: Make, cost_of: CostOf) -> None:
        made, using = template(
            make,
            instanceType="m5.large",
            monitoring={"enabled": True},
            networkInterfaces=[{"associatePublicIpAddress": "true"}],
            blockDeviceMappings=[
                {"deviceName": "/dev/xvdb", "ebs": {"volumeSize": 100, "volumeType": "io1", "iops": 2000}}
            ],
        )
        group = make(NODES, {"scalingConfig": SIZES, "launchTemplate": {"id": UNKNOWN}}, **using)
        found = {line.component: line.monthly for line in cost_of(group, made).lines}

        assert found == {
            "node m5.large": 2 * Decimal("70.08"),
            "io1 storage": 200 * Decimal("0.125"),
            "io1 IOPS": 4000 * Decimal("0.065"),
            "gp3 storage": 40 * Decimal("0.08"),  # the root volume of the image
            "detailed monitoring, first 10k metrics": 14 * Decimal("0.3"),
            "public IPv4 address, in use": 2 * Decimal("3.65"),
        }

    def test_pays_for_what_its_disk_gives_beyond_what_is_included(self, make: Make, cost_of: CostOf) -> None:
        disk = {"ebs": {"volumeSize": 20, "volumeType": "gp3", "iops": 4000, "throughput": 225}}
        made, using = template(make, blockDeviceMappings=[disk])
        group = make(NODES, {"scalingConfig": SIZES, "launchTemplate": {"id": UNKNOWN}}, **using)

        extra = 2 * (1000 * Decimal("0.005") + 100 * Decimal("0.04"))
        assert cost_of(group, made).cost.monthly == 2 * T3_MEDIUM + 40 * Decimal("0.08") + extra

    def test_on_spot_has_no_price_but_that_of_its_disks(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(make(NODES, {"scalingConfig": SIZES, "capacityType": "SPOT"}))
        nodes, disks = cost.lines

        assert (nodes.monthly, disks.monthly, cost.missing) == (None, Decimal(4), 1)
        assert "Spot has no list price" in (nodes.missing or "")
        assert nodes.at_most == 2 * T3_MEDIUM

    def test_on_spot_of_several_types_is_not_bounded_by_the_first(self, make: Make, cost_of: CostOf) -> None:
        several = {"instanceTypes": ["t3.medium", "m5.24xlarge"]}
        cost = cost_of(make(NODES, {"scalingConfig": SIZES, "capacityType": "SPOT", **several}))

        assert cost.at_most.monthly is None

    @pytest.mark.parametrize(
        "inputs",
        [
            {"instanceTypes": UNKNOWN},
            {"instanceTypes": ["x9.enormous"]},
            {"launchTemplate": {"id": "lt-elsewhere"}},
        ],
    )
    def test_that_cannot_be_told_is_missing_and_never_free(
        self, inputs: dict[str, Any], make: Make, cost_of: CostOf
    ) -> None:
        cost = cost_of(make(NODES, {"scalingConfig": SIZES, **inputs}))

        assert cost.missing >= 1
        assert cost.lines[0].monthly is None

    def test_of_several_types_takes_the_first(self, make: Make, cost_of: CostOf) -> None:
        group = make(NODES, {"scalingConfig": SIZES, "instanceTypes": ["t3.medium", "m7g.large"]})

        assert cost_of(group).lines[0].monthly == 2 * T3_MEDIUM
