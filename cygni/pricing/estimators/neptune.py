"""Neptune: clusters like those of DocumentDB, and Neptune Analytics."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import fixed
from cygni.pricing.estimators.docdb import clusters
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import times, total, units, whole

_SERVICE: Final = "AmazonNeptune"

ESTIMATORS: Final = (
    *clusters("neptune", _SERVICE, "Neptune"),
    priced(
        "aws:neptunegraph/graph:Graph",
        parts=(
            Part(
                fixed("graph memory", _SERVICE, "analytics-memory", "mNCU-hour"),
                times(whole("provisionedMemory"), total(units(1), whole("replicaCount", 1))),
            ),
        ),
        notes=("`provisionedMemory`, once more for each replica; one replica unless said otherwise.",),
    ),
)
