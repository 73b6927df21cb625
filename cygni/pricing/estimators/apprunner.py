"""App Runner: memory that is kept ready, and vCPU while requests are served."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Final

from cygni.pricing.charges import Gap, Quantity, by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import Reading, derived, text, times, use

_SERVICE: Final = "AWSAppRunner"


def _units(found: str) -> Quantity:
    """`1024`, `1 vCPU` and `2 GB` alike."""
    number, _, word = found.partition(" ")
    try:
        amount = Decimal(number)
    except InvalidOperation:
        return Gap(f"{found} is not a size")
    if not amount.is_finite() or not 0 < amount <= 10**6:
        return Gap(f"{found} is not a size")
    return amount if word else amount / 1024


_CPU: Final[Reading[Decimal]] = derived(text("instanceConfiguration.cpu", "1024"), _units)
_MEMORY: Final[Reading[Decimal]] = derived(text("instanceConfiguration.memory", "2048"), _units)

ESTIMATORS: Final = (
    priced(
        "aws:apprunner/service:Service",
        parts=(
            Part(fixed("memory of one instance", _SERVICE, "memory", "GB-hour"), _MEMORY),
            Part(
                by_usage("vCPU while it serves", _SERVICE, "vcpu", "vCPU-hour", "busy_instances"),
                times(_CPU, use("busy_instances")),
            ),
        ),
        notes=("One instance of 1 vCPU and 2 GB is kept ready unless said otherwise.",),
        not_counted=("builds",),
    ),
)
