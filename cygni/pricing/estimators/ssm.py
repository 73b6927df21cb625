"""Systems Manager: advanced parameters, and machines of your own."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import is_one_of, text

_SERVICE: Final = "AWSSystemsManager"
_ADVANCED: Final = is_one_of(text("tier", "Standard"), "Advanced")

ESTIMATORS: Final = (
    priced(
        "aws:ssm/parameter:Parameter",
        parts=(
            Part(
                fixed("advanced parameter", _SERVICE, "parameter", "parameter-month", tier="Advanced"),
                when=_ADVANCED,
            ),
            Part(
                by_usage(
                    "API requests",
                    _SERVICE,
                    "parameter-api",
                    "request",
                    "parameter_requests",
                    tier="Advanced",
                ),
                when=_ADVANCED,
            ),
            Part(
                fixed(
                    "parameter, tiered as AWS decides",
                    _SERVICE,
                    "parameter",
                    "parameter-month",
                    tier="Intelligent-Tiering",
                ),
                when=is_one_of(text("tier", "Standard"), "Intelligent-Tiering"),
            ),
        ),
        otherwise="a standard parameter costs nothing",
        notes=("Standard unless `tier` says otherwise.",),
        not_counted=("requests at higher throughput",),
    ),
    priced(
        "aws:ssm/activation:Activation",
        parts=(
            Part(
                by_usage(
                    "machines of your own, advanced",
                    _SERVICE,
                    "on-premises-instance",
                    "hour",
                    "managed_machines",
                ),
            ),
        ),
        notes=(
            "Up to 1,000 machines a region are free in the standard tier; `managed_machines` counts advanced ones.",
        ),
    ),
)
