"""KMS keys that a customer manages."""

from __future__ import annotations

from typing import Final

from cygni.pricing.charges import Amount, Estimator, Gap, Measured, by_usage, fixed, one_of
from cygni.pricing.inputs import text
from cygni.pricing.parts import priced
from cygni.pricing.resource_set import ResourceSet
from cygni.pricing.usage import Usage
from cygni.resources import Resource

KEY: Final = fixed("key", "AWSKMS", "key", "key-month")
SYMMETRIC: Final = by_usage(
    "requests",
    "AWSKMS",
    "requests",
    "request",
    "kms_requests",
    kind="symmetric",
    allowance="kms-requests",
)
ASYMMETRIC: Final = by_usage(
    "requests, asymmetric",
    "AWSKMS",
    "requests",
    "request",
    "kms_requests",
    kind="asymmetric except RSA 2048",
)


def _key(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    spec = text(resource.inputs, "customerMasterKeySpec", "SYMMETRIC_DEFAULT")
    if isinstance(spec, Gap):
        return [one_of(KEY, usage), Amount(SYMMETRIC, spec)]
    if spec in ("SYMMETRIC_DEFAULT", "RSA_2048"):
        return [one_of(KEY, usage), one_of(SYMMETRIC, usage)]
    if spec.startswith(("RSA_", "ECC_", "SM2")):
        return [one_of(KEY, usage), one_of(ASYMMETRIC, usage)]
    return [one_of(KEY, usage), Amount(SYMMETRIC, Gap(f"no price for requests to a {spec} key"))]


ESTIMATORS: Final = (
    Estimator(
        ("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"),
        (KEY, SYMMETRIC, ASYMMETRIC),
        _key,
        ("Earlier versions kept by key rotation are not counted.",),
    ),
    priced(
        "aws:kms/externalKey:ExternalKey",
        "aws:kms/replicaExternalKey:ReplicaExternalKey",
        parts=(KEY, SYMMETRIC),
    ),
)
