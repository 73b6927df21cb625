"""Where moto's ACM and Route 53 differ from AWS in a way that the stacks meet; applied by
moto_fixes.py. Each with its reason."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from cygni.local_cloud.patching import before


def fix_acm() -> None:
    """moto issues a certificate a minute after it was asked for, whoever owns the domain. AWS issues it once the
    records that prove the domain are found in DNS; here that is Route 53 of the same account. moto deletes a
    certificate that is in use."""
    from moto.acm.models import AWSCertificateManagerBackend, CertBundle
    from moto.core.exceptions import AWSError

    class InUse(AWSError):  # type: ignore[misc]  # moto has no types
        TYPE = "ResourceInUseException"

    def issue_when_proven(bundle: Any) -> None:
        if bundle.status == "PENDING_VALIDATION" and _is_proven(bundle):
            bundle.status = "ISSUED"

    def refuse_when_used(backend: Any, arn: str) -> None:
        users = list(_users(backend.account_id, arn))
        if users:
            raise InUse(f"Certificate {arn} in account {backend.account_id} is in use: {users[0]}")

    CertBundle.check = issue_when_proven
    before(AWSCertificateManagerBackend, "delete_certificate", refuse_when_used)


def _is_proven(bundle: Any) -> bool:
    """Whether every record that ACM asks for is in a hosted zone of the certificate's account."""
    account, partition = bundle.arn.split(":")[4], bundle.arn.split(":")[1]
    options = bundle.describe()["Certificate"]["DomainValidationOptions"]
    there = {
        (record.name.rstrip(".").lower(), record.type, str(value).rstrip("."))
        for record in _records(account, partition)
        for value in record.records or ()
    }
    asked = [option["ResourceRecord"] for option in options]
    return all(
        (one["Name"].rstrip(".").lower(), one["Type"], one["Value"].rstrip(".")) in there for one in asked
    )


def _records(account: str, partition: str) -> Iterator[Any]:
    from moto.route53.models import route53_backends

    for zone in route53_backends[account][partition].zones.values():
        if not zone.private_zone:
            yield from zone.rrsets


def _users(account: str, arn: str) -> Iterator[str]:
    """What a certificate serves: listeners of its region, and distributions."""
    from moto.cloudfront.models import cloudfront_backends
    from moto.elbv2.models import elbv2_backends

    partition, region = arn.split(":")[1], arn.split(":")[3]
    for balancer in elbv2_backends[account][region].load_balancers.values():
        for listener in balancer.listeners.values():
            if arn in (listener.certificates or ()):
                yield str(listener.arn)
    for distribution in cloudfront_backends[account][partition].distributions.values():
        certificate = getattr(distribution.distribution_config, "ViewerCertificate", None) or {}
        if certificate.get("ACMCertificateArn") == arn:
            yield str(distribution.arn)


def fix_route53() -> None:
    """moto creates a record that is there already if its values differ, and refuses one that was deleted before
    and is created again, because it looks at a journal. It deletes a record whose values are not those given, if
    they once were."""
    from moto.route53.exceptions import ResourceRecordAlreadyExists
    from moto.route53.models import ChangeList, Route53Backend

    def judge_by_what_is_there(backend: Any, zoneid: str, change_list: list[Any]) -> None:
        zone = backend.get_hosted_zone(zoneid)
        deleted = {_identity(one["ResourceRecordSet"]) for one in change_list if one["Action"] == "DELETE"}
        there = {_identity_of(record) for record in zone.rrsets} - deleted
        for change in change_list:
            record = change["ResourceRecordSet"]
            if change["Action"] == "CREATE" and _identity(record) in there:
                raise ResourceRecordAlreadyExists(name=record["Name"], _type=record["Type"])
        zone.rr_changes = ChangeList()
        for record in zone.rrsets:
            zone.rr_changes.append({"Action": "UPSERT", "ResourceRecordSet": _as_given(record)})

    before(Route53Backend, "change_resource_record_sets", judge_by_what_is_there)


def _identity(record: Any) -> tuple[str, str, str]:
    name = str(record["Name"]).rstrip(".").lower()
    return name, str(record["Type"]), str(record.get("SetIdentifier") or "")


def _identity_of(record: Any) -> tuple[str, str, str]:
    return str(record.name).rstrip(".").lower(), str(record.type), str(record.set_identifier or "")


def _as_given(record: Any) -> dict[str, Any]:
    """A record that is there as a change would name it."""
    given: dict[str, Any] = {"Name": record.name, "Type": record.type}
    if record.alias_target is None:
        values = [{"Value": value} for value in record.records or ()]
        given |= {"TTL": record.ttl, "ResourceRecords": values}
    return given
