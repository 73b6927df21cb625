"""What policies measure against, and how much each size of environment may have (pure)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from cygni.pricing.exchange import DOLLARS, Exchange

SMALL_SIZES: Final = ("nano", "micro", "small", "medium", "large", "xlarge")
INSTANCE_SIZES: Final = (
    *SMALL_SIZES,
    *(f"{times}xlarge" for times in (2, 3, 4, 6, 8, 9, 10, 12, 16, 18, 24, 32, 48, 56, 112)),
)
"""Sizes of AWS instances, the smallest first, as the last part of a type's name has them (EC2 User Guide)."""

OWN_TAGS: Final = ("cygni:project", "cygni:environment", "cygni:stack")
"""The tags that tell whose a resource is; `cygni.naming.required_tags` writes them."""


@dataclass(frozen=True, slots=True)
class Limits:
    """`monthly_cost` in USD, None for no ceiling, told in the currency of `exchange`; `instance_size` one of
    `INSTANCE_SIZES`; `instance_count` of one group or service; `backup_days` is how long backups are kept at least;
    `tags` are keys that must be there."""

    monthly_cost: Decimal | None = None
    instance_size: str = "xlarge"
    instance_count: int = 20
    backup_days: int = 7
    tags: tuple[str, ...] = OWN_TAGS
    exchange: Exchange = DOLLARS


LARGEST_INSTANCE: Final[Mapping[str, str]] = MappingProxyType(
    {"preview": "xlarge", "staging": "2xlarge", "production": "8xlarge"}
)
"""The largest instance that each size of environment may have by itself."""


def size_rank(name: str) -> Decimal | None:
    """How large an instance size is: `xlarge` is 1, `2xlarge` 2, smaller ones are fractions. None if not known.

    `metal` counts as 48, what the larger bare-metal types are; `metal-24xl` says its size itself.
    """
    if found := re.fullmatch(r"(?:metal-)?([0-9]{1,3})xl(?:arge)?", name):
        return Decimal(found[1])
    if name == "metal":
        return Decimal(48)
    if name in SMALL_SIZES:
        return Decimal(2) ** (SMALL_SIZES.index(name) - SMALL_SIZES.index("xlarge"))
    return None


def rank_of_type(instance_type: str) -> Decimal | None:
    """The rank of `m7g.2xlarge`, `db.t4g.micro`, `cache.r7g.large` or `r7g.large.search`. None if not known."""
    parts = [rank for part in instance_type.split(".") if (rank := size_rank(part)) is not None]
    return parts[0] if parts else None


def rank_of_vcpus(vcpus: Decimal) -> Decimal:
    """The rank of a Fargate task: most instances have four vCPUs at `xlarge`."""
    return vcpus / 4


def rank_of_capacity(units: Decimal) -> Decimal:
    """The rank of a serverless Aurora instance: a capacity unit is 2 GiB of memory (Aurora User Guide), and a database
    of the memory-optimized classes has 32 GiB at `xlarge`."""
    return units / 16
