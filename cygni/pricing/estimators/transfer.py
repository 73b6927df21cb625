"""Transfer Family: each protocol of a server by the hour, and what goes through it."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import at_least, count, units

_SERVICE: Final = "AWSTransfer"

ESTIMATORS: Final = (
    priced(
        "aws:transfer/server:Server",
        parts=(
            Part(
                fixed("protocols enabled", _SERVICE, "protocol", "hour"),
                at_least(count("protocols"), units(1)),
            ),
            by_usage("data in and out", _SERVICE, "data", "GB", "transfer_gb"),
        ),
        notes=("SFTP alone unless `protocols` says otherwise; billed even when the server is stopped.",),
    ),
    priced(
        "aws:transfer/connector:Connector",
        parts=(by_usage("data sent", _SERVICE, "connector-data", "GB", "transfer_gb"),),
    ),
)
