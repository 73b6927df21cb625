"""Disks of an older kind than they need to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from cygni.pricing import inputs
from cygni.pricing.charges import Gap
from cygni.resources import Resource
from cygni.savings.rule import Candidate, Change, Rule, Situation

VOLUME: Final = "aws:ebs/volume:Volume"
_INSTANCE: Final = "aws:ec2/instance:Instance"
_GP3_IOPS, _GP3_THROUGHPUT = 3000, 125
"""What gp3 includes, at any size (EBS User Guide, General Purpose SSD volumes)."""
_GP2_IOPS_A_GB, _GP2_MOST_IOPS = 3, 16000
_GP2_THROUGHPUT, _GP2_BEGINS = 250, 170
"""gp2 gives up to 250 MiB/s above 170 GiB, and 3 IOPS for each GiB up to 16,000 (the same page)."""


def as_fast_as_gp2(size: int) -> dict[str, int]:
    """The IOPS and MiB/s that gp3 needs above what it includes, to be as fast as gp2 of so many GiB."""
    iops = min(size * _GP2_IOPS_A_GB, _GP2_MOST_IOPS)
    found = {"iops": iops} if iops > _GP3_IOPS else {}
    if size > _GP2_BEGINS:
        found["throughput"] = _GP2_THROUGHPUT
    return found


def _on_gp2(situation: Situation) -> Iterable[Candidate]:
    for volume in situation.known.of_type(VOLUME):
        size = inputs.whole(volume.inputs, "size")
        if volume.inputs.get("type", "gp2") == "gp2" and not isinstance(size, Gap):
            speed = as_fast_as_gp2(int(size))
            yield Candidate(
                subject=volume.urn,
                seen=f"{int(size)} GiB of gp2",
                changed={volume.urn: replace(volume, inputs={**volume.inputs, "type": "gp3", **speed})},
                change=Change(
                    f"Make it gp3{_spoken(speed)}, in the program too.",
                    command=_command(situation.id_of(volume), speed),
                ),
                caution="It stays in use meanwhile, and can be changed again after 6 hours.",
            )
    for instance in situation.known.of_type(_INSTANCE):
        changed, sizes = _with_gp3(instance)
        if sizes:
            yield Candidate(
                subject=instance.urn,
                seen=f"{sum(sizes)} GiB of gp2 in {len(sizes)} of its disks",
                changed={instance.urn: replace(instance, inputs=changed)},
                change=Change("Say volumeType: gp3 of these disks in the program."),
            )


def _with_gp3(instance: Resource) -> tuple[dict[str, Any], list[int]]:
    """The inputs with gp3 in the place of gp2, and the sizes of the disks that change, in GiB."""
    sizes: list[int] = []

    def changed(disk: Any) -> Any:
        if not isinstance(disk, Mapping) or disk.get("volumeType") != "gp2":
            return disk
        size = inputs.whole(disk, "volumeSize")
        if isinstance(size, Gap):
            return disk
        sizes.append(int(size))
        return {**disk, "volumeType": "gp3", **as_fast_as_gp2(int(size))}

    found = dict(instance.inputs)
    if "rootBlockDevice" in found:
        found["rootBlockDevice"] = changed(found["rootBlockDevice"])
    if isinstance(found.get("ebsBlockDevices"), list):
        found["ebsBlockDevices"] = [changed(disk) for disk in found["ebsBlockDevices"]]
    return found, sizes


def _spoken(speed: Mapping[str, int]) -> str:
    units = {"iops": "IOPS", "throughput": "MiB/s"}
    said = " and ".join(f"{amount} {units[name]}" for name, amount in speed.items())
    return f" with {said}" if said else ""


def _command(id: str, speed: Mapping[str, int]) -> str:
    options = "".join(f" --{name} {amount}" for name, amount in speed.items())
    return f"aws ec2 modify-volume --volume-id {id} --volume-type gp3{options}"


RULES: Final = (
    Rule(
        "gp3-disks",
        "gp3 costs less than gp2 for the same size, and is no slower with the IOPS and throughput that are priced in.",
        "A disk of type gp2, or of no type, which EC2 takes for gp2.",
        "Amazon EBS User Guide, General Purpose SSD volumes; Amazon EBS pricing",
        _on_gp2,
    ),
)
