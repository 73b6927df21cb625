"""The `usage` of cygni.yaml: what estimates assume."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from cygni.spec.section import Section


def _assumed(default: float, description: str) -> Any:
    return Field(
        default=default, ge=0, le=10**12, allow_inf_nan=False, description=description, examples=[default]
    )


class UsageAssumptions(Section):
    """What to assume of use, where AWS bills by use."""

    nat_data_gb: float = _assumed(100, "GB a month through each NAT gateway.")
    alb_lcus: float = _assumed(
        0.2, "Load balancer capacity units in use, on average, by each application load balancer."
    )
    nlb_lcus: float = _assumed(
        0.2, "Load balancer capacity units in use, on average, by each network load balancer."
    )
    internet_egress_gb: float = _assumed(100, "GB a month to the internet from each public entry point.")
    endpoint_data_gb: float = _assumed(10, "GB a month through each VPC endpoint.")
    log_ingest_gb: float = _assumed(5, "GB a month written to each log group.")
    s3_storage_gb: float = _assumed(10, "GB kept in each bucket.")
    s3_write_requests: float = _assumed(
        10000, "Write requests (PUT, COPY, POST, LIST) a month to each bucket."
    )
    s3_read_requests: float = _assumed(100000, "Read requests (GET and others) a month to each bucket.")
    sqs_requests: float = _assumed(
        1_000_000, "Requests a month to each queue: sent, received, deleted, and receives that found nothing."
    )
    sns_publishes: float = _assumed(100_000, "Messages a month published to each topic.")
    ecr_storage_gb: float = _assumed(5, "GB of images kept in each ECR repository.")
    kms_requests: float = _assumed(10000, "Requests a month to each KMS key.")
    secret_requests: float = _assumed(10000, "Requests a month to each secret.")
    dns_queries: float = _assumed(1000000, "DNS queries a month to each hosted zone.")
    run_minutes: float = _assumed(5, "Minutes that each run of a `cron` service takes.")
    db_backup_gb: float = _assumed(
        0, "GB of backups of each database beyond the size of its storage, up to which they cost nothing."
    )
    aurora_storage_gb: float = _assumed(10, "GB kept in each Aurora cluster.")
    aurora_io_requests: float = _assumed(
        10000000, "Reads and writes of storage a month by each Aurora cluster."
    )
    aurora_backup_gb: float = _assumed(
        0, "GB of backups of each Aurora cluster beyond its size, up to which they cost nothing."
    )
    aurora_acus: float = _assumed(
        0.5, "Capacity units that each serverless instance uses on average above its minimum."
    )
    cache_backup_gb: float = _assumed(
        1, "GB of snapshots of each cache beyond the first, which costs nothing."
    )
    cdn_egress_gb: float = _assumed(100, "GB a month to the internet from each CloudFront distribution.")
    cdn_requests: float = _assumed(10_000_000, "HTTPS requests a month to each CloudFront distribution.")
    waf_requests: float = _assumed(10_000_000, "Requests a month that each web firewall looks at.")
    guardduty_gb: float = _assumed(10, "GB a month of flow and DNS logs that GuardDuty looks at.")
