"""Profiles of use: what to assume where nobody has said more than how big something is (pure).

`small` is what the table of assumptions says by itself: some five requests a second. `medium` is ten times as much
traffic and data, `large` a hundred times. What does not grow with traffic has factors of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from cygni.pricing.money import HOURS_PER_MONTH
from cygni.usage_assumptions import ASSUMPTIONS, Assumption


class Profile(StrEnum):
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


_FACTORS: Final[Mapping[Profile, Decimal]] = {
    Profile.SMALL: Decimal(1),
    Profile.MEDIUM: Decimal(10),
    Profile.LARGE: Decimal(100),
}
# Images and secrets are read when tasks start, of which there are fewer than requests; capacity that AWS adds in large
# pieces, and partitions, are made larger before they are made a hundred times as many.
_OWN: Final[Mapping[str, tuple[int, int]]] = {
    "ecr_storage_gb": (2, 5),
    "secret_requests": (5, 20),
    "aurora_acus": (4, 16),
    "cluster_capacity": (4, 16),
    "kafka_partitions": (5, 20),
    "vpn_connections": (10, 50),
}
_AS_LONG: Final = "per run"  # how long a run takes is no matter of traffic
_OF_A_MONTH: Final = "hours/month"  # of which there are but so many


def profile_amounts(profile: Profile) -> Mapping[str, Decimal]:
    """The amounts of a profile that differ from the defaults, by name."""
    return _AMOUNTS[profile]


def _amounts(profile: Profile) -> Mapping[str, Decimal]:
    if profile is Profile.SMALL:
        return MappingProxyType({})
    made = {name: _amount(profile, name, one) for name, one in ASSUMPTIONS.items()}
    return MappingProxyType(
        {name: amount for name, amount in made.items() if amount != ASSUMPTIONS[name].default}
    )


def _amount(profile: Profile, name: str, assumption: Assumption) -> Decimal:
    if _AS_LONG in assumption.unit:
        return assumption.default
    medium, large = _OWN.get(name, (_FACTORS[Profile.MEDIUM], _FACTORS[Profile.LARGE]))
    amount = assumption.default * (medium if profile is Profile.MEDIUM else large)
    return min(amount, HOURS_PER_MONTH) if _OF_A_MONTH in assumption.unit else amount


_AMOUNTS: Final = {profile: _amounts(profile) for profile in Profile}
