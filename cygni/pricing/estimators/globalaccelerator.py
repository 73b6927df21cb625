"""Global Accelerator. Its prices belong to no region."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import flag

_SERVICE: Final = "AWSGlobalAccelerator"
_PARTS: Final = (
    Part(fixed("accelerator", _SERVICE, "accelerator", "hour", region="global"), when=flag("enabled", True)),
    Part(
        by_usage("data transfer premium", _SERVICE, "data-premium", "GB", "accelerator_gb", region="global"),
        when=flag("enabled", True),
    ),
)

ESTIMATORS: Final = (
    priced(
        "aws:globalaccelerator/accelerator:Accelerator",
        "aws:globalaccelerator/customRoutingAccelerator:CustomRoutingAccelerator",
        parts=_PARTS,
        otherwise="an accelerator that is switched off costs nothing",
        notes=("The two public addresses of an accelerator are included.",),
    ),
)
