"""EC2: instances, disks, snapshots, groups. Prices of us-east-1 in the shipped book."""

from __future__ import annotations

import pytest

from cygni.pricing import PriceBook
from cygni.resources import UNKNOWN
from tests.cygni.pricing.cases import Case, lines_of

INSTANCE = "aws:ec2/instance:Instance"
TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
CONFIGURATION = "aws:ec2/launchConfiguration:LaunchConfiguration"
GROUP = "aws:autoscaling/group:Group"
VOLUME = "aws:ebs/volume:Volume"
SUBNET = "aws:ec2/subnet:Subnet"

ON_DEMAND = "aws.amazon.com/ec2/pricing/on-demand: m5.large 0.096, t3.medium 0.0416 USD an hour; 730 hours"
EBS = (
    "aws.amazon.com/ebs/pricing: gp3 0.08 a GB, 0.005 an IOPS above 3,000, 0.04 a MiB/s above 125; gp2 0.10; "
    "io1 0.125 and 0.065 an IOPS; io2 0.125 and 0.065 to 32,000 IOPS; st1 0.045; standard 0.05 and 0.05 a million I/O"
)
IN_A_SUBNET = {"subnetId": "subnet-1"}
IMAGE_ROOT = {"gp2 storage": "0.8"}  # 8 GB × 0.10
M5 = {"Linux instance m5.large": "70.08"}  # 0.096 × 730
T3 = {"Linux instance t3.medium": "30.368", "CPU credits": "0"}  # 0.0416 × 730

CASES = [
    Case("runs all month with the root volume of its image", INSTANCE, {**IN_A_SUBNET, "instanceType": "m5.large"},
         {**M5, **IMAGE_ROOT}, ON_DEMAND),
    Case("has the disks it names", INSTANCE,
         {**IN_A_SUBNET, "instanceType": "m5.large", "rootBlockDevice": {"volumeType": "gp3", "volumeSize": 30},
          "ebsBlockDevices": [{"deviceName": "b", "volumeType": "io1", "volumeSize": 100, "iops": 1000},
                              {"deviceName": "c", "volumeSize": 10}]},
         {**M5, "gp3 storage": "2.4", "io1 storage": "12.5", "gp2 storage": "1", "io1 IOPS": "65"}, EBS),
    Case("may use more CPU than it earns", INSTANCE, {**IN_A_SUBNET, "instanceType": "t3.medium"},
         {"Linux instance t3.medium": "30.368", "CPU credits": "18.25", **IMAGE_ROOT},
         "aws.amazon.com/ec2/pricing/on-demand, T2/T3 unlimited: 0.05 USD a vCPU-hour; half a vCPU all month",
         use={"surplus_vcpus": "0.5"}),
    Case("may not when standard", INSTANCE,
         {**IN_A_SUBNET, "instanceType": "t3.medium", "creditSpecification": {"cpuCredits": "standard"}},
         {"Linux instance t3.medium": "30.368", **IMAGE_ROOT}, ON_DEMAND),
    Case("is watched in detail", INSTANCE, {**IN_A_SUBNET, "instanceType": "m5.large", "monitoring": True},
         {**M5, **IMAGE_ROOT, "detailed monitoring": "2.1"},
         "aws.amazon.com/cloudwatch/pricing, example of EC2 detailed monitoring: 7 metrics × 0.30"),
    Case("has a public address when it asks", INSTANCE,
         {**IN_A_SUBNET, "instanceType": "m5.large", "associatePublicIpAddress": True},
         {**M5, **IMAGE_ROOT, "public IPv4 address, in use": "3.65"}, "aws.amazon.com/vpc/pricing: 0.005 an hour"),
    Case("has a public address when its subnet gives each one", INSTANCE,
         {"instanceType": "m5.large", "subnetId": UNKNOWN},
         {**M5, **IMAGE_ROOT, "public IPv4 address, in use": "3.65"}, "aws.amazon.com/vpc/pricing: 0.005 an hour",
         others={"net": (SUBNET, {"mapPublicIpOnLaunch": True})}, references={"subnetId": "net"}),
    Case("has a public address in the default VPC", INSTANCE, {"instanceType": "m5.large"},
         {**M5, **IMAGE_ROOT, "public IPv4 address, in use": "3.65"},
         "docs.aws.amazon.com/vpc, default subnets: instances in them get a public address"),
    Case("has an elastic address instead", INSTANCE, {"instanceType": "m5.large"}, {**M5, **IMAGE_ROOT},
         "docs.aws.amazon.com/AWSEC2, elastic addresses: the public one is released",
         others={"ip": ("aws:ec2/eip:Eip", {"instance": UNKNOWN})}, used_by={"ip": "instance"}),
    Case("has Windows when a password is fetched", INSTANCE,
         {**IN_A_SUBNET, "instanceType": "t3.medium", "getPasswordData": True, "creditSpecification": {"cpuCredits": "standard"}},
         {"Windows instance t3.medium": "43.8", **IMAGE_ROOT},
         "aws.amazon.com/ec2/pricing/on-demand, Windows t3.medium: 0.06 USD an hour"),
    Case("costs at most as much on Spot", INSTANCE,
         {**IN_A_SUBNET, "instanceType": "m5.large", "instanceMarketOptions": {"marketType": "spot"}},
         {"Linux instance m5.large": "at most 70.08", **IMAGE_ROOT},
         "docs.aws.amazon.com/AWSEC2, Spot: without a maximum price of its own, it pays at most that of On-Demand"),
    Case("has no price on Spot with a maximum price of its own", INSTANCE,
         {**IN_A_SUBNET, "instanceType": "m5.large", "instanceMarketOptions": {
             "marketType": "spot", "spotOptions": {"maxPrice": "9"}}},
         {"Linux instance m5.large": "unknown", **IMAGE_ROOT}, "no list price"),
    Case("has no bound where it may be of another market", INSTANCE,
         {**IN_A_SUBNET, "instanceType": "m5.large", "instanceMarketOptions": {"marketType": UNKNOWN}},
         {"Linux instance m5.large": "unknown", **IMAGE_ROOT}, "a capacity block has a price of its own"),
    Case("has no price of a type nobody knows", INSTANCE, {**IN_A_SUBNET, "instanceType": "m99.huge"},
         {"Linux instance m99.huge": "1 hour, no price", **IMAGE_ROOT}, "no such type"),
    Case("has no price on hardware of its own that the book lacks", INSTANCE,
         {**IN_A_SUBNET, "instanceType": "m5.large", "tenancy": "dedicated"},
         {"Linux instance m5.large": "1 hour, no price", **IMAGE_ROOT}, "not in the book"),
    Case("costs nothing beside its dedicated host", INSTANCE, {**IN_A_SUBNET, "instanceType": "m5.large", "hostId": "h-1"},
         IMAGE_ROOT, "aws.amazon.com/ec2/dedicated-hosts/pricing: billed per host"),
    Case("is what its launch template says", INSTANCE, {"launchTemplate": {"id": UNKNOWN}},
         {**M5, "gp3 storage": "4"}, ON_DEMAND,
         others={"t": (TEMPLATE, {"instanceType": "m5.large",
                                  "blockDeviceMappings": [{"ebs": {"volumeType": "gp3", "volumeSize": 50}}]})},
         references={"launchTemplate": "t"}),
    Case("is not known by a launch template from elsewhere", INSTANCE, {"launchTemplate": {"id": "lt-1"}},
         {"Linux instance unknown": "unknown", "unknown storage": "unknown"},
         "nothing is known"),
    Case("bills 3,000 IOPS above what gp3 includes", VOLUME, {"type": "gp3", "size": 1000, "iops": 6000, "throughput": 250},
         {"gp3 storage": "80", "gp3 IOPS above 3,000": "15", "gp3 throughput above 125 MiB/s": "5"}, EBS),
    Case("is gp2 unless said otherwise", VOLUME, {"size": 20}, {"gp2 storage": "2"}, EBS),
    Case("bills every IOPS of io2, as far as a tier is known", VOLUME, {"type": "io2", "size": 100, "iops": 40000},
         {"io2 storage": "12.5", "io2 IOPS, first 32000 IOPS": "2080", "io2 IOPS": "8000 IOPS-month, no price"}, EBS),
    Case("bills requests of magnetic disks", VOLUME, {"type": "standard", "size": 100},
         {"standard storage": "5", "I/O requests": "0.05"}, EBS),
    Case("is as large as its snapshot, which nobody knows", VOLUME, {"type": "st1", "snapshotId": "snap-1"},
         {"st1 storage": "unknown"}, EBS),
    Case("has no price of a kind nobody knows", VOLUME, {"type": "gp9", "size": 8},
         {"gp9 storage": "8 GB-month, no price"}, EBS),
    Case("keeps what changed", "aws:ebs/snapshot:Snapshot", {"volumeId": "vol-1"}, {"snapshot storage": "0.5"},
         "aws.amazon.com/ebs/pricing, snapshots: 0.05 a GB"),
    Case("is billed for its snapshots", "aws:ec2/ami:Ami", {}, {"snapshot storage": "0.5"},
         "aws.amazon.com/ebs/pricing, snapshots: 0.05 a GB"),
    Case("has no price in the archive", "aws:ebs/snapshot:Snapshot", {"volumeId": "v", "storageTier": "archive"},
         {"snapshot storage": "10 GB-month, no price"}, "not in the book"),
    Case("costs 0.75 an hour in each zone", "aws:ebs/fastSnapshotRestore:FastSnapshotRestore", {},
         {"fast snapshot restore": "547.5"}, "aws.amazon.com/ebs/pricing: 0.75 × 730"),
    Case("is billed like instances", "aws:ec2/capacityReservation:CapacityReservation",
         {"instanceType": "m5.large", "instanceCount": 3, "instancePlatform": "Linux/UNIX"},
         {"Linux instance m5.large": "210.24"}, ON_DEMAND),
    Case("has no price of an unknown platform", "aws:ec2/capacityReservation:CapacityReservation",
         {"instanceType": "m5.large", "instanceCount": 3, "instancePlatform": "BeOS"},
         {"unknown instance m5.large": "unknown"}, ON_DEMAND),
    Case("has as many machines as it wants", GROUP,
         {"desiredCapacity": 3, "minSize": 1, "maxSize": 5, "launchTemplate": {"id": UNKNOWN}},
         {"Linux instance m5.large": "210.24", "gp2 storage": "2.4"}, ON_DEMAND,
         others={"t": (TEMPLATE, {"instanceType": "m5.large"})}, references={"launchTemplate": "t"}),
    Case("has its least without a wish", GROUP, {"minSize": 2, "maxSize": 4, "launchTemplate": {"id": UNKNOWN}},
         {"Linux instance t3.medium": "60.736", "CPU credits": "0", "gp3 storage": "3.2", "detailed monitoring": "4.2",
          "public IPv4 address, in use": "7.3"}, ON_DEMAND,
         others={"t": (TEMPLATE, {"instanceType": "t3.medium", "monitoring": {"enabled": True},
                                  "networkInterfaces": [{"associatePublicIpAddress": True}],
                                  "blockDeviceMappings": [{"ebs": {"volumeType": "gp3", "volumeSize": 20}}]})},
         references={"launchTemplate": "t"}),
    Case("follows a launch configuration", GROUP, {"minSize": 1, "maxSize": 1, "launchConfiguration": UNKNOWN},
         {**M5, "detailed monitoring": "2.1", "gp3 storage": "1.6"}, ON_DEMAND,
         others={"c": (CONFIGURATION, {"instanceType": "m5.large",
                                       "rootBlockDevice": {"volumeType": "gp3", "volumeSize": 20}})},
         references={"launchConfiguration": "c"}),
    Case("prices of a mix what is not Spot", GROUP,
         {"desiredCapacity": 5, "minSize": 1, "maxSize": 9, "mixedInstancesPolicy": {
             "instancesDistribution": {"onDemandBaseCapacity": 1, "onDemandPercentageAboveBaseCapacity": 50},
             "launchTemplate": {"launchTemplateSpecification": {"launchTemplateId": UNKNOWN},
                                "overrides": [{"instanceType": "m5.large"}, {"instanceType": "m5a.large"}]}}},
         {"Linux instance m5.large": "210.24 + unknown", "gp2 storage": "4"},
         "docs.aws.amazon.com/autoscaling, allocation strategies: the base of 1, and half of the other 4",
         others={"t": (TEMPLATE, {"instanceType": "t3.medium"})}, references={"mixedInstancesPolicy": "t"}),
    Case("rounds up what is not Spot", GROUP,
         {"desiredCapacity": 4, "minSize": 1, "maxSize": 9, "mixedInstancesPolicy": {
             "instancesDistribution": {"onDemandPercentageAboveBaseCapacity": 20},
             "launchTemplate": {"overrides": [{"instanceType": "m5.large"}]}}},
         {"Linux instance m5.large": "70.08 + at most 210.24", "gp2 storage": "3.2"},
         "docs.aws.amazon.com/autoscaling, instances distribution: 20 % of 4 is rounded up to one",
         others={"t": (TEMPLATE, {})}, references={"mixedInstancesPolicy": "t"}),
    Case("has no price when its machines count by weight", GROUP,
         {"minSize": 1, "maxSize": 9, "mixedInstancesPolicy": {"launchTemplate": {
             "overrides": [{"instanceType": "m5.large", "weightedCapacity": "2"}]}}},
         {"Linux instance unknown": "unknown"}, "the number is not known"),
    Case("has no price without its template", GROUP, {"minSize": 1, "maxSize": 1, "launchTemplate": {"id": "lt-1"}},
         {"Linux instance unknown": "unknown"}, "nothing is known"),
    Case("has no price on Spot, its disks have", "aws:ec2/spotInstanceRequest:SpotInstanceRequest",
         {**IN_A_SUBNET, "instanceType": "m5.large"}, {"Linux instance m5.large": "at most 70.08", **IMAGE_ROOT},
         "no list price"),
    Case("on Spot has so many times the most of one", GROUP,
         {"minSize": 3, "maxSize": 3, "launchTemplate": {"id": UNKNOWN}},
         {"Linux instance m5.large": "at most 210.24", "gp2 storage": "2.4"}, "no list price",
         others={"t": (TEMPLATE, {"instanceType": "m5.large", "instanceMarketOptions": {"marketType": "spot"}})},
         references={"launchTemplate": "t"}),
    Case("of a mix with a maximum price of its own has no bound", GROUP,
         {"desiredCapacity": 2, "minSize": 1, "maxSize": 9, "mixedInstancesPolicy": {
             "instancesDistribution": {"onDemandPercentageAboveBaseCapacity": 0, "spotMaxPrice": "9"},
             "launchTemplate": {"overrides": [{"instanceType": "m5.large"}]}}},
         {"Linux instance m5.large": "unknown", "gp2 storage": "1.6"}, "no list price",
         others={"t": (TEMPLATE, {})}, references={"mixedInstancesPolicy": "t"}),
    Case("has no price in the book", "aws:ec2/dedicatedHost:DedicatedHost", {"instanceType": "m5.large"},
         {"dedicated host m5": "1 hour, no price"}, "not in the book"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=str)
def test_costs(case: Case, book: PriceBook) -> None:
    assert lines_of(case, book) == dict(case.lines), case.source
