"""Secrets of Secrets Manager."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import Estimator, by_usage, fixed

ESTIMATORS: Final = (
    Estimator(
        ("aws:secretsmanager/secret:Secret",),
        (
            fixed("secret", "AWSSecretsManager", "secret", "secret-month"),
            by_usage("API requests", "AWSSecretsManager", "requests", "request", "secret_requests"),
        ),
        notes=("Replicas in other regions are not counted.",),
    ),
)
