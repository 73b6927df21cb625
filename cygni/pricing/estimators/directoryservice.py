"""Directory Service: domain controllers of managed directories, simple ones and connectors."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import choice, is_one_of, text, units, whole

_SERVICE: Final = "AWSDirectoryService"
_TYPE: Final = text("type", "SimpleAD")
_MANAGED: Final = is_one_of(_TYPE, "MicrosoftAD")

ESTIMATORS: Final = (
    priced(
        "aws:directoryservice/directory:Directory",
        parts=(
            Part(
                fixed("{type} domain controllers, {size}", _SERVICE, "domain-controller", "hour"),
                # Two in every directory: aws.amazon.com/directoryservice/pricing.
                choice(_MANAGED, whole("desiredNumberOfDomainControllers", 2), units(2)),
                by={
                    "type": _TYPE,
                    "size": choice(_MANAGED, text("edition", "Enterprise"), text("size", "Large")),
                },
            ),
        ),
        notes=(
            "Two domain controllers unless said otherwise; SimpleAD and connectors are priced by their size.",
        ),
    ),
)
