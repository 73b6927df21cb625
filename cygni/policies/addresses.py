"""Which ranges of addresses are the internet (pure)."""

from __future__ import annotations

import ipaddress
from typing import Final

_WIDEST_NETWORK: Final = {4: 8, 6: 16}
"""Prefixes that somebody may hold: /8 is the largest block given to one holder (IANA IPv4 address space registry), and
half of the internet written twice is all of it."""


def is_everybody(address_range: str) -> bool:
    """Whether a range of addresses is the internet, or too large a piece of it to be one owner's."""
    try:
        network = ipaddress.ip_network(address_range, strict=False)
    except ValueError:
        return False
    return network.prefixlen < _WIDEST_NETWORK[network.version]
