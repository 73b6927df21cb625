"""DataSync: what tasks copy."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import text

ESTIMATORS: Final = (
    priced(
        "aws:datasync/task:Task",
        parts=(
            Part(
                by_usage("data copied", "AWSDataSync", "data", "GB", "datasync_gb"),
                by={"mode": text("taskMode", "BASIC")},
            ),
        ),
        notes=("Requests to what it copies from and to are billed there.",),
    ),
)
