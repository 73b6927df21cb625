"""What gives tasks secrets that exist already, by reference (pure).

Sources: Amazon ECS developer guide, "Amazon ECS task execution IAM role"; AWS Secrets Manager user guide and AWS
Systems Manager user guide on the encryption context of KMS: `SecretARN` and `PARAMETER_ARN`, each the whole ARN.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from components.binding import Binding, Statement, allow
from cygni.secret_references import reference

_READS = {
    "secretsmanager": ("secretsmanager:GetSecretValue", "SecretARN"),
    "ssm": ("ssm:GetParameters", "PARAMETER_ARN"),
}
"""By service what reads a value, and what its encryption context calls the ARN."""


def secrets_binding(references: Mapping[str, str]) -> Binding:
    """Variables with secrets of Secrets Manager and parameters of Systems Manager, whose ARNs are their `references`;
    ECS reads exactly these, also where a key of the account's own encrypts them."""
    places: dict[str, list[str]] = defaultdict(list)
    for arn in sorted({reference(one, "").id for one in references.values()}):
        places[":".join(arn.split(":")[:5])].append(arn)
    reading = [one for place, arns in places.items() for one in _reading(place, arns)]
    return Binding(secrets=references, reading=reading)


def _reading(place: str, arns: Sequence[str]) -> Iterable[Statement]:
    """What reads `arns`, which all begin with `place`: the partition, service, region and account."""
    _, partition, service, region, account = place.split(":")
    action, context = _READS[service]
    yield allow([action], arns)
    domain = "amazonaws.com.cn" if partition == "aws-cn" else "amazonaws.com"
    met = {
        "kms:ViaService": f"{service}.{region}.{domain}",
        f"kms:EncryptionContext:{context}": list(arns),
    }
    yield allow(["kms:Decrypt"], [f"arn:{partition}:kms:{region}:{account}:key/*"], {"StringEquals": met})
