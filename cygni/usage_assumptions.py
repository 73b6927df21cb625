"""What estimates assume of use, where AWS bills by use and a program cannot tell: one table.

The defaults describe a small service: some five requests a second with 100 GB a month going out. `cygni.yaml`
lets each be said otherwise under `usage`; the estimators of `cygni.pricing` name them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

HIGHEST: Final = Decimal(10) ** 12
"""The most that any amount may be."""


@dataclass(frozen=True, slots=True)
class Assumption:
    """A monthly use of one resource: how much unless said otherwise, `unit` words that follow the number, and
    what `counts`, if that needs saying."""

    default: Decimal
    unit: str
    counts: str | None = None

    @property
    def description(self) -> str:
        """A sentence for reference pages."""
        counts = f": {self.counts}" if self.counts else ""
        return f"{self.unit[0].upper()}{self.unit[1:]}{counts}."


def _assume(default: str, unit: str, counts: str | None = None) -> Assumption:
    return Assumption(Decimal(default), unit, counts)


ASSUMPTIONS: Final[Mapping[str, Assumption]] = {
    "nat_data_gb": _assume("100", "GB/month per NAT gateway"),
    "alb_lcus": _assume("0.2", "LCU on average per application load balancer"),
    "nlb_lcus": _assume("0.2", "LCU on average per network load balancer"),
    "internet_egress_gb": _assume("100", "GB/month per public entry point"),
    "endpoint_data_gb": _assume("10", "GB/month per VPC endpoint"),
    "log_ingest_gb": _assume("5", "GB/month per log group"),
    "s3_storage_gb": _assume("10", "GB per bucket"),
    "s3_write_requests": _assume("10000", "write requests/month per bucket", "PUT, COPY, POST, LIST"),
    "s3_read_requests": _assume("100000", "read requests/month per bucket", "GET and others"),
    "sqs_requests": _assume(
        "1_000_000", "requests/month per queue", "sent, received, deleted, and receives that found nothing"
    ),
    "sns_publishes": _assume("100_000", "messages/month per topic"),
    "ecr_storage_gb": _assume("5", "GB per repository"),
    "kms_requests": _assume("10000", "requests/month per key"),
    "secret_requests": _assume("10000", "requests/month per secret"),
    "dns_queries": _assume("1000000", "queries/month per hosted zone"),
    "run_minutes": _assume("5", "minutes per run of a scheduled task"),
    "db_backup_gb": _assume("0", "GB of backups beyond the storage per database"),
    "aurora_storage_gb": _assume("10", "GB per Aurora cluster"),
    "aurora_io_requests": _assume("10000000", "requests/month per Aurora cluster"),
    "aurora_backup_gb": _assume("0", "GB of backups beyond the storage per Aurora cluster"),
    "aurora_acus": _assume("0.5", "ACU on average above the minimum per serverless instance"),
    "cache_backup_gb": _assume("1", "GB of snapshots per cache"),
    "cdn_egress_gb": _assume("100", "GB/month per distribution"),
    "cdn_requests": _assume("10_000_000", "HTTPS requests/month per distribution"),
    "waf_requests": _assume("10_000_000", "requests/month per web ACL"),
    "guardduty_gb": _assume("10", "GB of flow and DNS logs/month per detector"),
    "ebs_requests": _assume("1_000_000", "I/O requests/month per magnetic volume"),
    "snapshot_gb": _assume("10", "GB per EBS snapshot or image"),
    "surplus_vcpus": _assume("0", "vCPU on average per burstable instance, above what it earns"),
    "vpn_connections": _assume("1", "connection on average per Client VPN endpoint"),
}
