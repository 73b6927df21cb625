"""What is assumed about use, where AWS bills by use and a program cannot tell."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from typing import Any, Final, Protocol

from cygni.errors import UsageError
from cygni.resources import Resource

_MOST: Final = Decimal(10) ** 12

_WORDS: Final[Mapping[str, str]] = {
    "nat_data_gb": "GB/month per NAT gateway",
    "alb_lcus": "LCU on average per application load balancer",
    "nlb_lcus": "LCU on average per network load balancer",
    "internet_egress_gb": "GB/month per public entry point",
    "endpoint_data_gb": "GB/month per VPC endpoint",
    "log_ingest_gb": "GB/month per log group",
    "s3_storage_gb": "GB per bucket",
    "s3_write_requests": "write requests/month per bucket",
    "s3_read_requests": "read requests/month per bucket",
    "sqs_requests": "requests/month per queue",
    "sns_publishes": "messages/month per topic",
    "ecr_storage_gb": "GB per repository",
    "kms_requests": "requests/month per key",
    "secret_requests": "requests/month per secret",
    "dns_queries": "queries/month per hosted zone",
    "run_minutes": "minutes per run of a scheduled task",
    "db_backup_gb": "GB of backups beyond the storage per database",
    "aurora_storage_gb": "GB per Aurora cluster",
    "aurora_io_requests": "requests/month per Aurora cluster",
    "aurora_backup_gb": "GB of backups beyond the storage per Aurora cluster",
    "aurora_acus": "ACU on average above the minimum per serverless instance",
    "cache_backup_gb": "GB of snapshots per cache",
    "cdn_egress_gb": "GB/month per distribution",
    "cdn_requests": "HTTPS requests/month per distribution",
    "waf_requests": "requests/month per web ACL",
    "guardduty_gb": "GB of flow and DNS logs/month per detector",
}


class UsageSource(Protocol):
    """Knows what to assume of each resource."""

    def for_resource(self, resource: Resource) -> Usage: ...


@dataclass(frozen=True, slots=True)
class Usage:
    """Monthly use of one resource of each kind. The defaults describe a small service: some five requests
    a second with 100 GB a month going out.

    They are assumptions, not measurements: every amount they lead to is shown apart, with the assumption.
    AWS's free tier (such as the first 100 GB of internet traffic of an account) is never deducted, since
    one estimate cannot know what else the account does. Raises UsageError for an amount that is negative,
    not finite or above 10¹².
    """

    nat_data_gb: Decimal = Decimal(100)
    alb_lcus: Decimal = Decimal("0.2")
    nlb_lcus: Decimal = Decimal("0.2")
    internet_egress_gb: Decimal = Decimal(100)
    endpoint_data_gb: Decimal = Decimal(10)
    log_ingest_gb: Decimal = Decimal(5)
    s3_storage_gb: Decimal = Decimal(10)
    s3_write_requests: Decimal = Decimal(10000)
    s3_read_requests: Decimal = Decimal(100000)
    sqs_requests: Decimal = Decimal(1_000_000)
    sns_publishes: Decimal = Decimal(100_000)
    ecr_storage_gb: Decimal = Decimal(5)
    kms_requests: Decimal = Decimal(10000)
    secret_requests: Decimal = Decimal(10000)
    dns_queries: Decimal = Decimal(1000000)
    run_minutes: Decimal = Decimal(5)
    db_backup_gb: Decimal = Decimal(0)
    aurora_storage_gb: Decimal = Decimal(10)
    aurora_io_requests: Decimal = Decimal(10000000)
    aurora_backup_gb: Decimal = Decimal(0)
    aurora_acus: Decimal = Decimal("0.5")
    cache_backup_gb: Decimal = Decimal(1)
    cdn_egress_gb: Decimal = Decimal(100)
    cdn_requests: Decimal = Decimal(10_000_000)
    waf_requests: Decimal = Decimal(10_000_000)
    guardduty_gb: Decimal = Decimal(10)

    def __post_init__(self) -> None:
        for item in fields(Usage):
            amount = getattr(self, item.name)
            if not isinstance(amount, Decimal) or not amount.is_finite() or not 0 <= amount <= _MOST:
                raise UsageError(
                    f"The usage assumption {item.name} is {amount!r}.",
                    hint="It must be a decimal number from 0 to 10^12.",
                )

    @classmethod
    def of(cls, amounts: Mapping[str, Any]) -> Usage:
        """The defaults with these amounts (numbers or decimal text) instead. Raises UsageError."""
        known = {item.name for item in fields(Usage)}
        values: dict[str, Decimal] = {}
        for name, amount in amounts.items():
            if name not in known:
                near = difflib.get_close_matches(str(name), known, 1)
                hint = f"Did you mean {near[0]}?" if near else f"Known: {', '.join(sorted(known))}."
                raise UsageError(f"There is no usage assumption named {name}.", hint=hint)
            try:
                values[name] = Decimal(str(amount))
            except InvalidOperation:
                raise UsageError(
                    f"The usage assumption {name} is {amount!r}.",
                    hint="It must be a decimal number from 0 to 10^12.",
                ) from None
        return cls(**values)

    def amount(self, name: str) -> Decimal:
        """The assumed amount, by field name."""
        value: Decimal = getattr(self, name)
        return value

    def describe(self, name: str) -> str:
        """The assumption in words: `100 GB/month per NAT gateway`."""
        return f"{self.amount(name).normalize():,f} {_WORDS[name]}"

    def for_resource(self, resource: Resource) -> Usage:
        """The same of every resource."""
        return self


@dataclass(frozen=True, slots=True)
class SourcedUsage(Usage):
    """What is assumed of one resource. `sources` has, by name of an amount, who said it, where that was not Cygni."""

    sources: Mapping[str, str] = field(default_factory=dict)

    def describe(self, name: str) -> str:
        """As `Usage.describe`, with who said it: `250 GB/month per NAT gateway (cygni-usage.yaml)`."""
        source = self.sources.get(name)
        # Not super(): a class with slots is made a second time, which super() does not know of.
        return Usage.describe(self, name) + (f" ({source})" if source else "")
