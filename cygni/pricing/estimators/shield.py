"""Shield Advanced: a subscription of a whole organisation."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import fixed
from cygni.pricing.parts import priced

ESTIMATORS: Final = (
    priced(
        "aws:shield/subscription:Subscription",
        parts=(fixed("subscription", "AWSShield", "subscription", "subscription-month", region="global"),),
        notes=("Committed for a year, once for all accounts of an organisation.",),
        not_counted=("data that goes out through what it protects",),
    ),
)
