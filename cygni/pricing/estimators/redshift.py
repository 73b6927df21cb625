"""Redshift: nodes, managed storage, serverless capacity."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.estimators import secrets_manager
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import begins, choice, flag, text, times, units, use, whole

_SERVICE: Final = "AmazonRedshift"
_NODE: Final = text("nodeType")
_NODES: Final = whole("numberOfNodes", 1)
_BUSY: Final = use("warehouse_busy_hours")

ESTIMATORS: Final = (
    priced(
        "aws:redshift/cluster:Cluster",
        parts=(
            Part(
                fixed("node {node_type}", _SERVICE, "node", "hour"),
                times(_NODES, choice(flag("multiAz"), units(2), units(1))),
                by={"node_type": _NODE},
            ),
            Part(
                by_usage("managed storage", _SERVICE, "managed-storage", "GB-month", "warehouse_gb"),
                when=begins(_NODE, "ra3."),
            ),
            by_usage("backups beyond what is free", _SERVICE, "backup", "GB-month", "warehouse_backup_gb"),
            by_usage("data scanned in S3 (Spectrum)", _SERVICE, "spectrum", "TB", "warehouse_scanned_tb"),
            Part(secrets_manager.SECRET, when=flag("manageMasterPassword")),
        ),
        notes=(
            "A Multi-AZ cluster has its nodes twice, in two zones (aws.amazon.com/redshift/pricing, Multi-AZ).",
            "Concurrency scaling earns an hour a day free.",
        ),
        not_counted=("concurrency scaling beyond an hour a day",),
    ),
    priced(
        "aws:redshiftserverless/workgroup:Workgroup",
        parts=(
            Part(
                by_usage(
                    "capacity while queries run",
                    _SERVICE,
                    "serverless-rpu",
                    "RPU-hours",
                    "warehouse_busy_hours",
                ),
                times(whole("baseCapacity", 128), _BUSY),  # docs.aws.amazon.com/redshift, CreateWorkgroup
            ),
        ),
        notes=("The base capacity (128 RPU unless said otherwise) for the hours in which queries run.",),
    ),
    priced(
        "aws:redshiftserverless/namespace:Namespace",
        parts=(
            by_usage("managed storage", _SERVICE, "managed-storage", "GB-month", "warehouse_gb"),
            Part(secrets_manager.SECRET, when=flag("manageAdminPassword")),
        ),
    ),
)
