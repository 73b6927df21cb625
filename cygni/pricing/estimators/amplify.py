"""Amplify Hosting: builds, and what is served."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage
from cygni.pricing.parts import priced

_SERVICE: Final = "AWSAmplify"

ESTIMATORS: Final = (
    priced(
        "aws:amplify/app:App",
        parts=(
            by_usage("build minutes", _SERVICE, "build", "minute", "build_minutes"),
            by_usage("data served", _SERVICE, "data-out", "GB", "internet_egress_gb"),
        ),
    ),
)
