"""The versions of Kubernetes that EKS runs, and until when each is under standard support (pure).

Source: the release calendar of the EKS User Guide ("Understand the Kubernetes version lifecycle on EKS"), as it stood
in April 2026. A version gets standard support for 14 months and extended support for 12 more; in those AWS charges
six times as much for the control plane.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Final

STANDARD_SUPPORT_ENDS: Final[dict[str, date]] = {
    "1.30": date(2025, 7, 23),
    "1.31": date(2025, 11, 26),
    "1.32": date(2026, 3, 23),
    "1.33": date(2026, 7, 29),
    "1.34": date(2026, 12, 2),
    "1.35": date(2027, 3, 27),
}
NEWEST: Final = "1.35"


def minor(version: str) -> int | None:
    """35 of "1.35"; None of what is no version of Kubernetes."""
    found = re.fullmatch(r"1\.([0-9]{1,3})", version)
    return int(found[1]) if found else None


def in_extended_support(version: str, today: date) -> bool | None:
    """Whether a version is past its standard support; None where the calendar above does not reach."""
    ends = STANDARD_SUPPORT_ENDS.get(version)
    if ends is not None:
        return today > ends
    number, first = minor(version), minor(next(iter(STANDARD_SUPPORT_ENDS)))
    assert first is not None
    return True if number is not None and number < first else None
