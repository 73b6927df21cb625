"""Tasks and nodes with Windows, Auto Mode, and capacity of load balancers kept ready."""

from __future__ import annotations

import pytest

from cygni.pricing import PriceBook
from cygni.resources import UNKNOWN
from tests.cygni.pricing.cases import Case, lines_of, price

SERVICE = "aws:ecs/service:Service"
DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
BALANCER = "aws:lb/loadBalancer:LoadBalancer"
WINDOWS = {
    "runtimePlatform": {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE", "cpuArchitecture": "X86_64"}
}

CASES = [
    Case("has a license with Windows", SERVICE, {"desiredCount": 2, "launchType": "FARGATE", "taskDefinition": UNKNOWN},
         # 2 × 1 vCPU × 0.09148, 2 × 2 GB × 0.01005 and 2 × 0.046, × 730
         {"Fargate vCPU, Windows": "133.5608", "Fargate memory, Windows": "29.346", "Windows license": "67.16"},
         "aws.amazon.com/fargate/pricing, us-east-1, Windows: 0.09148 a vCPU-hour, 0.01005 a GB-hour, 0.046 of license",
         others={"d": (DEFINITION, {"family": "web", "cpu": "1024", "memory": "2048", **WINDOWS})},
         references={"taskDefinition": "d"},
         prices=(price("AWSFargate", "vcpu", "vCPU-hour", "0.09148", arch="x86_64", os="Windows"),
                 price("AWSFargate", "memory", "GB-hour", "0.01005", arch="x86_64", os="Windows"),
                 price("AWSFargate", "os-license", "vCPU-hour", "0.046", os="Windows"))),
    Case("has no price on another system", SERVICE, {"desiredCount": 2, "launchType": "FARGATE", "taskDefinition": UNKNOWN},
         {"Fargate vCPU, x86": "unknown", "Fargate memory, x86": "unknown"}, "nobody knows it",
         others={"d": (DEFINITION, {"family": "web", "cpu": "1024", "memory": "2048",
                                    "runtimePlatform": {"operatingSystemFamily": "PLAN9"}})},
         references={"taskDefinition": "d"}),
    Case("has Windows where its image has", "aws:eks/nodeGroup:NodeGroup",
         {"amiType": "WINDOWS_CORE_2022_x86_64", "instanceTypes": ["t3.medium"], "scalingConfig": {"desiredSize": 2}},
         {"node t3.medium": "87.6", "gp2 storage": "10"},
         "aws.amazon.com/ec2/pricing/on-demand, Windows t3.medium: 0.06 an hour; 50 GB of gp2 for Windows"),
    Case("makes instances by itself", "aws:eks/cluster:Cluster", {"version": "1.35", "computeConfig": {"enabled": True}},
         {"instances of Auto Mode": "unknown", "control plane, standard support": "73"},
         "aws.amazon.com/eks/pricing: 0.10 an hour, and a fee for each instance of Auto Mode"),
    Case("keeps capacity ready", BALANCER, {"internal": True, "minimumLoadBalancerCapacity": {"capacityUnits": 100}},
         {"application load balancer": "16.425", "LCU capacity": "1.168", "reserved capacity": "100 LCU-hour, no price"},
         "aws.amazon.com/elasticloadbalancing/pricing: 0.0225 an hour, 0.008 an LCU-hour"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_costs(case: Case, book: PriceBook) -> None:
    assert lines_of(case, book) == dict(case.lines), case.source
