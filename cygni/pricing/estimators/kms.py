"""KMS keys that a customer manages."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from cygni.pricing import inputs
from cygni.pricing.charges import Amount, Estimator, Gap, Measured, by_usage, fixed, one_of
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


_BILLED_ROTATIONS: Final = Decimal(2)
"""The first and the second rotation of a key add its price to each month, further ones nothing: aws.amazon.com/kms/
pricing, key storage."""


def _key(resource: Resource, resources: ResourceSet, usage: Usage) -> Measured:
    return [_kept(resource, usage), _requests(resource, usage)]


def _kept(resource: Resource, usage: Usage) -> Amount:
    """The key with what rotations have left of it: in the first year of a new one there is none."""
    rotated = min(usage.amount("key_rotations"), _BILLED_ROTATIONS)
    told = rotated or inputs.flag(resource.inputs, "enableKeyRotation") is not False
    note = f"{usage.describe('key_rotations')}; the first two add a month's price each" if told else None
    return Amount(KEY, 1 + rotated, note)


def _requests(resource: Resource, usage: Usage) -> Amount:
    spec = inputs.text(resource.inputs, "customerMasterKeySpec", "SYMMETRIC_DEFAULT")
    if isinstance(spec, Gap):
        return Amount(SYMMETRIC, spec)
    if spec in ("SYMMETRIC_DEFAULT", "RSA_2048"):
        return one_of(SYMMETRIC, usage)
    if spec.startswith(("RSA_", "ECC_", "SM2")):
        return one_of(ASYMMETRIC, usage)
    return Amount(SYMMETRIC, Gap(f"no price for requests to a {spec} key"))


ESTIMATORS: Final = (
    Estimator(
        ("aws:kms/key:Key", "aws:kms/replicaKey:ReplicaKey"),
        (KEY, SYMMETRIC, ASYMMETRIC),
        _key,
        (
            "The first two rotations of a key add its price to each month: `key_rotations`, none of a new key.",
        ),
    ),
    priced(
        "aws:kms/externalKey:ExternalKey",
        "aws:kms/replicaExternalKey:ReplicaExternalKey",
        parts=(KEY, SYMMETRIC),
    ),
)
