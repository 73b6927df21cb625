"""EBS: volumes of every kind, snapshots, and fast restores. Whatever attaches disks is made of these parts."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import Reading, beyond, every, is_one_of, is_set, text, units, whole

VOLUME: Final = "aws:ebs/volume:Volume"
STORAGE: Final = fixed("{volume_type} storage", "AmazonEBS", "storage", "GB-month")
_GP3_IOPS: Final = fixed(
    "gp3 IOPS above 3,000", "AmazonEBS", "iops", "IOPS-month", volume_type="gp3", included="3000 IOPS"
)
_GP3_THROUGHPUT: Final = fixed(
    "gp3 throughput above 125 MiB/s", "AmazonEBS", "throughput", "MiBps-month",
    volume_type="gp3", included="125 MiB/s",
)  # fmt: skip
_IO1_IOPS: Final = fixed("io1 IOPS", "AmazonEBS", "iops", "IOPS-month", volume_type="io1")
_IO2_IOPS: Final = fixed("io2 IOPS", "AmazonEBS", "iops", "IOPS-month", volume_type="io2", tiered=True)
_REQUESTS: Final = by_usage(
    "I/O requests", "AmazonEBS", "io-requests", "request", "ebs_requests", volume_type="standard"
)
_SNAPSHOT: Final = by_usage("snapshot storage", "AmazonEBS", "snapshot", "GB-month", "snapshot_gb")
_RESTORE: Final = fixed("fast snapshot restore", "AmazonEBS", "fast-snapshot-restore", "DSU-hour")


def volume_parts(
    size: Reading[Decimal],
    *,
    kind: str = "volumeType",
    iops: str = "iops",
    throughput: str = "throughput",
    each: str | None = None,
    when: Reading[bool] | None = None,
    note: str | None = None,
) -> tuple[Part, ...]:
    """The parts of one disk, or of `each` of a list. `kind`, `iops` and `throughput` are paths of inputs; a disk
    that names no kind is gp2, EC2's own default."""
    volume_type = text(kind, "gp2")

    def of(*kinds: str) -> Reading[bool]:
        is_kind = is_one_of(volume_type, *kinds)
        return every(when, is_kind) if when is not None else is_kind

    def asked(path: str, *kinds: str) -> Reading[bool]:
        return every(is_set(path), of(*kinds))

    # 3,000 IOPS and 125 MiB/s are included with every gp3 volume: aws.amazon.com/ebs/pricing.
    return (
        Part(STORAGE, size, by={"volume_type": volume_type}, each=each, when=when, note=note),
        Part(_GP3_IOPS, beyond(whole(iops), units(3000)), each=each, when=asked(iops, "gp3")),
        Part(
            _GP3_THROUGHPUT, beyond(whole(throughput), units(125)), each=each, when=asked(throughput, "gp3")
        ),
        Part(_IO1_IOPS, whole(iops), each=each, when=of("io1")),
        Part(_IO2_IOPS, whole(iops), each=each, when=of("io2")),
        Part(_REQUESTS, each=each, when=of("standard")),
    )


ESTIMATORS: Final = (
    priced(
        VOLUME,
        parts=volume_parts(whole("size"), kind="type"),
        notes=(
            "gp3 includes 3,000 IOPS and 125 MiB/s; what is above is billed. io1 and io2 bill every IOPS.",
            "A volume made from a snapshot without a `size` has no price: it is as large as the snapshot.",
        ),
    ),
    priced(
        "aws:ebs/snapshot:Snapshot",
        "aws:ebs/snapshotCopy:SnapshotCopy",
        "aws:ebs/snapshotImport:SnapshotImport",
        parts=(Part(_SNAPSHOT, by={"tier": text("storageTier", "standard")}),),
        notes=("Snapshots keep what has changed, so their size is assumed.",),
    ),
    priced(
        "aws:ec2/ami:Ami",
        "aws:ec2/amiCopy:AmiCopy",
        "aws:ec2/amiFromInstance:AmiFromInstance",
        parts=(Part(_SNAPSHOT, by={"tier": text("storageTier", "standard")}),),
        notes=("An image is billed for the snapshots it is made of.",),
    ),
    priced(
        "aws:ebs/fastSnapshotRestore:FastSnapshotRestore",
        parts=(_RESTORE,),
        notes=("Billed for each snapshot in each zone.",),
    ),
)
