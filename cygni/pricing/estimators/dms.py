"""Database Migration Service: replication instances and their storage, and serverless replications."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import choice, constant, flag, number, text, whole

_SERVICE: Final = "AWSDatabaseMigrationSvc"
_DEPLOYMENT: Final = choice(flag("multiAz"), constant("Multi-AZ"), constant("Single-AZ"))

ESTIMATORS: Final = (
    priced(
        "aws:dms/replicationInstance:ReplicationInstance",
        parts=(
            Part(
                fixed("{instance_class}, {deployment}", _SERVICE, "instance", "hour"),
                by={"instance_class": text("replicationInstanceClass"), "deployment": _DEPLOYMENT},
            ),
            Part(
                fixed("storage, {deployment}", _SERVICE, "storage", "GB-month"),
                whole("allocatedStorage", 50),  # docs.aws.amazon.com/dms, CreateReplicationInstance
                by={"deployment": _DEPLOYMENT},
            ),
        ),
        notes=("50 GB of storage unless said otherwise.",),
    ),
    priced(
        "aws:dms/replicationConfig:ReplicationConfig",
        parts=(
            Part(
                fixed("capacity, {deployment}", _SERVICE, "serverless-dcu", "DCU-hour"),
                number("computeConfig.minCapacityUnits"),
                by={
                    "deployment": choice(
                        flag("computeConfig.multiAz"), constant("Multi-AZ"), constant("Single-AZ")
                    )
                },
            ),
        ),
        notes=("Its least capacity all month.",),
    ),
)
