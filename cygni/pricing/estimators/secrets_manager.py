"""Secrets of Secrets Manager."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from cygni.pricing import inputs
from cygni.pricing.charges import ONE, Amount, Estimator, Gap, Measured, by_usage, fixed, one_of
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

SECRET: Final = fixed("secret", "AWSSecretsManager", "secret", "secret-month")
REQUESTS: Final = by_usage("API requests", "AWSSecretsManager", "requests", "request", "secret_requests")


def _secret(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    return [one_of(SECRET, usage), one_of(REQUESTS, usage), *_replicas(resource)]


def _replicas(resource: Resource) -> Iterator[Amount]:
    replicas = inputs.objects(resource.inputs, "replicas")
    if isinstance(replicas, Gap):
        yield Amount(SECRET, replicas)
        return
    for replica in replicas:
        region = inputs.text(replica, "region")
        if isinstance(region, Gap):
            yield Amount(SECRET, Gap(f"a replica's {region.reason}"))
        else:
            yield Amount(SECRET, ONE, f"replica in {region}", region)


ESTIMATORS: Final = (
    Estimator(
        ("aws:secretsmanager/secret:Secret",),
        (SECRET, REQUESTS),
        _secret,
        ("Each replica is a secret in its own region.",),
    ),
)
