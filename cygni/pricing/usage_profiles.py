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

from cygni.usage_assumptions import ASSUMPTIONS


class Profile(StrEnum):
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"


_FACTORS: Final[Mapping[Profile, Decimal]] = {
    Profile.SMALL: Decimal(1),
    Profile.MEDIUM: Decimal(10),
    Profile.LARGE: Decimal(100),
}
# How long a run takes is not a matter of traffic; images and secrets are read when tasks start, of which there are
# fewer than requests; a serverless database is made larger before it works a hundred times as much.
_OWN: Final[Mapping[str, tuple[int, int]]] = {
    "run_minutes": (1, 1),
    "ecr_storage_gb": (2, 5),
    "secret_requests": (5, 20),
    "aurora_acus": (4, 16),
    "vpn_connections": (10, 50),
}


def profile_amounts(profile: Profile) -> Mapping[str, Decimal]:
    """The amounts of a profile that differ from the defaults, by name."""
    return _AMOUNTS[profile]


def _amounts(profile: Profile) -> Mapping[str, Decimal]:
    if profile is Profile.SMALL:
        return MappingProxyType({})
    own = {name: factors[0 if profile is Profile.MEDIUM else 1] for name, factors in _OWN.items()}
    made = {name: one.default * own.get(name, _FACTORS[profile]) for name, one in ASSUMPTIONS.items()}
    return MappingProxyType(
        {name: amount for name, amount in made.items() if amount != ASSUMPTIONS[name].default}
    )


_AMOUNTS: Final = {profile: _amounts(profile) for profile in Profile}
