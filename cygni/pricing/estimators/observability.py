"""Managed Prometheus and Managed Grafana."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import by_usage
from cygni.pricing.parts import priced

ESTIMATORS: Final = (
    priced(
        "aws:amp/workspace:Workspace",
        parts=(
            by_usage(
                "samples ingested", "AmazonPrometheus", "samples", "sample", "metric_samples", tiered=True
            ),
            by_usage("samples queried", "AmazonPrometheus", "queried-samples", "sample", "queried_samples"),
            by_usage("storage", "AmazonPrometheus", "storage", "GB-month", "metric_gb"),
        ),
    ),
    priced(
        "aws:grafana/workspace:Workspace",
        parts=(
            by_usage("editors", "AmazonGrafana", "editor", "user-month", "grafana_editors"),
            by_usage("viewers", "AmazonGrafana", "viewer", "user-month", "grafana_viewers"),
        ),
        notes=("Users who were active in the month.",),
    ),
)
