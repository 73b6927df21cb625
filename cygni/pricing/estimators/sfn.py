"""Step Functions: transitions of standard workflows, requests and time of express ones."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import is_one_of, over, text, times, units, use

_SERVICE: Final = "AWSStepFunctions"
_KIND: Final = text("type", "STANDARD")
_EXPRESS: Final = is_one_of(_KIND, "EXPRESS")
# Express workflows are billed in chunks of 64 MB and 100 ms: the least is taken.
_MEMORY_GB: Final = over(units(64), 1024)

ESTIMATORS: Final = (
    priced(
        "aws:sfn/stateMachine:StateMachine",
        parts=(
            Part(
                by_usage(
                    "state transitions", _SERVICE, "transitions", "transition", "workflow_transitions",
                    allowance="workflow-transitions", type="STANDARD",
                ),
                when=is_one_of(_KIND, "STANDARD"),
            ),
            Part(
                by_usage("express requests", _SERVICE, "express-requests", "request", "workflow_runs"),
                when=_EXPRESS,
            ),
            Part(
                by_usage("express duration", _SERVICE, "express-duration", "GB-second", "workflow_runs", tiered=True),
                times(use("workflow_runs"), over(use("workflow_ms"), 1000), _MEMORY_GB),
                assumes=("workflow_ms",),
                when=_EXPRESS,
            ),
        ),
        notes=("An express workflow is taken to use 64 MB.",),
    ),
)  # fmt: skip
