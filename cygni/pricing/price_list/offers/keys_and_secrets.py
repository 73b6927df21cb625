"""AWS KMS and AWS Secrets Manager."""

from __future__ import annotations

from typing import Final

from cygni.pricing.price_list.rules import REQUESTS, Offer, Rule, spelled

_KMS: Final = "AWSKMS"
_SECRETS: Final = "AWSSecretsManager"
_MONTHS: Final = spelled("months", "month", "keys", "key", "secrets", "secret", "secret-month")


def _requests(usage_type: str, kind: str) -> Rule:
    return Rule(_KMS, "requests", "request", REQUESTS, usage_type, attributes={"kind": kind})


KMS: Final = Offer(
    "awskms",
    (
        Rule(_KMS, "key", "key-month", _MONTHS, r"KMS-Keys", where={"Product Family": "Encryption Key"}),
        _requests(r"KMS-Requests", "symmetric"),
        _requests(r"KMS-Requests-Asymmetric", "asymmetric except RSA 2048"),
        _requests(r"KMS-Requests-GenerateDatakeyPair-RSA", "RSA GenerateDataKeyPair"),
    ),
)
SECRETS_MANAGER: Final = Offer(
    _SECRETS,
    (
        Rule(_SECRETS, "secret", "secret-month", _MONTHS, r"AWSSecretsManager-Secrets"),
        Rule(_SECRETS, "requests", "request", REQUESTS, r"AWSSecretsManagerAPIRequest"),
    ),
)
