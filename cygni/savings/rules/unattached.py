"""Addresses and disks that nothing uses."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from cygni.savings.rule import Candidate, Change, Rule, Situation
from cygni.savings.rules.disks import VOLUME

ADDRESS: Final = "aws:ec2/eip:Eip"


def _addresses(situation: Situation) -> Iterable[Candidate]:
    for address in situation.known.of_type(ADDRESS):
        if address.urn in situation.unattached:
            id = situation.id_of(address)
            yield Candidate(
                subject=address.urn,
                seen="EC2 says that nothing has it",
                changed={address.urn: None},
                change=Change(
                    "Release it, and take it out of the program if it is in one.",
                    command=f"aws ec2 release-address --allocation-id {id}",
                ),
                caution="The same address can hardly be had again.",
            )


def _volumes(situation: Situation) -> Iterable[Candidate]:
    for volume in situation.known.of_type(VOLUME):
        if volume.urn in situation.unattached:
            id = situation.id_of(volume)
            yield Candidate(
                subject=volume.urn,
                seen="EC2 says that no instance has it",
                changed={volume.urn: None},
                change=Change(
                    "Delete it, after a snapshot if its data may be needed.",
                    command=f"aws ec2 delete-volume --volume-id {id}",
                ),
                caution="Its data is gone with it.",
            )


RULES: Final = (
    Rule(
        "unattached-addresses",
        "A public IPv4 address is billed whether something has it or not.",
        "An elastic address with the tags of the environment, without an association.",
        "Amazon VPC pricing, public IPv4 addresses; EC2 API reference, DescribeAddresses",
        _addresses,
    ),
    Rule(
        "unattached-volumes",
        "A disk is billed whether an instance has it or not.",
        "A volume with the tags of the environment that is `available`.",
        "Amazon EBS pricing; EC2 API reference, DescribeVolumes",
        _volumes,
    ),
)
