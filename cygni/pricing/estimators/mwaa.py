"""Managed Workflows for Apache Airflow: the environment, more workers, schedulers and web servers."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import beyond, text, units, whole

_SERVICE: Final = "AmazonMWAA"
_CLASS: Final = text("environmentClass", "mw1.small")

ESTIMATORS: Final = (
    priced(
        "aws:mwaa/environment:Environment",
        parts=(
            Part(
                fixed("environment {environment_class}", _SERVICE, "environment", "hour"),
                by={"environment_class": _CLASS},
            ),
            Part(
                fixed("workers above the first, {environment_class}", _SERVICE, "worker", "hour"),
                beyond(whole("minWorkers", 1), units(1)),
                by={"environment_class": _CLASS},
            ),
            Part(
                fixed("schedulers above two, {environment_class}", _SERVICE, "scheduler", "hour"),
                beyond(whole("schedulers", 2), units(2)),
                by={"environment_class": _CLASS},
            ),
            by_usage("metadata storage", _SERVICE, "storage", "GB-month", "airflow_gb"),
        ),
        # What is included: aws.amazon.com/managed-workflows-for-apache-airflow/pricing.
        notes=("An environment has a worker, two schedulers and two web servers.",),
        not_counted=("workers and web servers that scaling adds",),
    ),
)
