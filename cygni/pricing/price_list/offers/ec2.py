"""Amazon EC2: instances, their disks, and what of networks is sold with them."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import (
    GB,
    GB_MONTHS,
    HOURS,
    VCPU_HOURS,
    Column,
    Offer,
    Rule,
    spelled,
)

_FAMILY: Final = "Product Family"
_VOLUME: Final = "Volume API Name"
_VOLUMES: Final = ("gp2", "gp3", "io1", "io2", "st1", "sc1", "standard")
_IOPS: Final = spelled("iops-mo")


def _iops(usage_type: str, **attributes: str) -> Rule:
    return Rule("AmazonEBS", "iops", "IOPS-month", _IOPS, usage_type, attributes=attributes)


_INSTANCES: Final = (
    Rule(
        "AmazonEC2",
        "instance",
        "hour",
        HOURS,
        r"(?:BoxUsage|DedicatedUsage)(?::.+)?",
        where={
            _FAMILY: ("Compute Instance", "Compute Instance (bare metal)"),
            "CapacityStatus": "Used",
            "Pre Installed S/W": "NA",
            "License Model": "No License required",
        },
        attributes={"purchase": "on-demand"},
        by={
            "instance_type": Column("Instance Type"),
            "os": Column("Operating System", {"Linux": "Linux", "Windows": "Windows"}),
            "tenancy": Column("Tenancy", {"Shared": "Shared", "Dedicated": "Dedicated"}),
        },
    ),
    Rule(
        "AmazonEC2",
        "dedicated-host",
        "hour",
        HOURS,
        r"HostUsage:(?P<family>[a-z0-9-]+)",
        where={_FAMILY: "Dedicated Host"},
        attributes={"purchase": "on-demand"},
    ),
    Rule(
        "AmazonEC2",
        "cpu-credits",
        "vCPU-hour",
        VCPU_HOURS,
        r"CPUCredits:(?P<family>[a-z0-9]+)",
        where={_FAMILY: "CPU Credits", "Operating System": "Linux"},
        attributes={"mode": "unlimited"},
    ),
)
_DISKS: Final = (
    Rule(
        "AmazonEBS",
        "storage",
        "GB-month",
        GB_MONTHS,
        r"EBS:VolumeUsage(?:\.[a-z0-9]+)?",
        where={_FAMILY: "Storage"},
        by={"volume_type": Column(_VOLUME, {name: name for name in _VOLUMES})},
    ),
    _iops(r"EBS:VolumeP-IOPS\.piops", volume_type="io1"),
    _iops(r"EBS:VolumeP-IOPS\.gp3", volume_type="gp3", included="3000 IOPS"),
    _iops(r"EBS:VolumeP-IOPS\.io2", volume_type="io2", tier="first 32000 IOPS"),
    _iops(r"EBS:VolumeP-IOPS\.io2\.tier2", volume_type="io2", tier="next 32000 IOPS"),
    _iops(r"EBS:VolumeP-IOPS\.io2\.tier3", volume_type="io2", tier="over 64000 IOPS"),
    Rule(
        "AmazonEBS",
        "throughput",
        "MiBps-month",
        {**spelled("mibps-mo"), **spelled("gibps-mo", each=1024)},
        r"EBS:VolumeP-Throughput\.gp3",
        attributes={"volume_type": "gp3", "included": "125 MiB/s"},
    ),
    Rule(
        "AmazonEBS",
        "io-requests",
        "request",
        spelled("ios"),
        r"EBS:VolumeIOUsage",
        where={_VOLUME: "standard"},
        attributes={"volume_type": "standard"},
    ),
    Rule(
        "AmazonEBS",
        "snapshot",
        "GB-month",
        GB_MONTHS,
        r"EBS:SnapshotUsage",
        where={_FAMILY: "Storage Snapshot"},
        attributes={"tier": "standard"},
    ),
    Rule(
        "AmazonEBS",
        "fast-snapshot-restore",
        "DSU-hour",
        spelled("dsu-hours", "dsu-hour", "dsu-hrs", "hrs"),
        r"EBS:FastSnapshotRestore",
    ),
)
_NAT: Final = (
    Rule("AmazonVPC", "nat-gateway", "hour", HOURS, r"NatGateway-Hours", where={_FAMILY: "NAT Gateway"}),
    Rule("AmazonVPC", "nat-gateway-data", "GB", GB, r"NatGateway-Bytes", where={_FAMILY: "NAT Gateway"}),
)

OFFER: Final = Offer("AmazonEC2", (*_INSTANCES, *_DISKS, *_NAT))
