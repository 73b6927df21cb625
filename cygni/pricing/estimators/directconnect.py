"""Direct Connect: ports by the hour. What goes out is not counted."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import text, whole

_PORT: Final = fixed("port {bandwidth}", "AWSDirectConnect", "port", "hour")
_OUT: Final = ("data that goes out through it",)

ESTIMATORS: Final = (
    priced(
        "aws:directconnect/connection:Connection",
        parts=(Part(_PORT, by={"bandwidth": text("bandwidth")}),),
        notes=("Data that comes in is free.",),
        not_counted=_OUT,
    ),
    priced(
        "aws:directconnect/hostedConnection:HostedConnection",
        parts=(Part(_PORT, by={"bandwidth": text("bandwidth")}),),
        not_counted=_OUT,
    ),
    priced(
        "aws:directconnect/linkAggregationGroup:LinkAggregationGroup",
        parts=(Part(_PORT, whole("numberOfConnections", 1), by={"bandwidth": text("connectionsBandwidth")}),),
        notes=("Its connections; those declared on their own are counted with it a second time.",),
        not_counted=_OUT,
    ),
)
