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
    "key_rotations": _assume("0", "rotations so far per key"),
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
    "cdn_upload_gb": _assume("0", "GB/month that viewers upload per distribution"),
    "origin_shield_requests": _assume("1_000_000", "requests/month that pass Origin Shield per distribution"),
    "waf_requests": _assume("10_000_000", "requests/month per web ACL"),
    "guardduty_gb": _assume("10", "GB of flow and DNS logs/month per detector"),
    "guardduty_events": _assume("100_000", "CloudTrail management events/month per detector"),
    "ebs_requests": _assume("1_000_000", "I/O requests/month per magnetic volume"),
    "snapshot_gb": _assume("10", "GB per EBS snapshot or image"),
    "surplus_vcpus": _assume("0", "vCPU on average per burstable instance, above what it earns"),
    "vpn_connections": _assume("1", "connection on average per Client VPN endpoint"),
    "lambda_requests": _assume("1_000_000", "requests/month per function"),
    "lambda_ms": _assume("200", "milliseconds per run of a function"),
    "dynamodb_writes": _assume("1_000_000", "writes/month per table"),
    "dynamodb_reads": _assume("1_000_000", "reads/month per table"),
    "dynamodb_gb": _assume("10", "GB per table"),
    "dynamodb_backup_gb": _assume("0", "GB of backups per table"),
    "dynamodb_stream_reads": _assume("1_000_000", "reads/month per stream of a table"),
    "s3_objects": _assume("100_000", "objects per bucket"),
    "s3_standard_ia_gb": _assume("0", "GB in Standard-IA per bucket"),
    "s3_standard_ia_requests": _assume("0", "requests/month to Standard-IA per bucket"),
    "s3_standard_ia_retrieval_gb": _assume("0", "GB/month retrieved from Standard-IA per bucket"),
    "s3_one_zone_ia_gb": _assume("0", "GB in One Zone-IA per bucket"),
    "s3_one_zone_ia_requests": _assume("0", "requests/month to One Zone-IA per bucket"),
    "s3_one_zone_ia_retrieval_gb": _assume("0", "GB/month retrieved from One Zone-IA per bucket"),
    "s3_glacier_ir_gb": _assume("0", "GB in Glacier Instant Retrieval per bucket"),
    "s3_glacier_ir_requests": _assume("0", "requests/month to Glacier Instant Retrieval per bucket"),
    "s3_glacier_ir_retrieval_gb": _assume(
        "0", "GB/month retrieved from Glacier Instant Retrieval per bucket"
    ),
    "s3_glacier_gb": _assume("0", "GB in Glacier Flexible Retrieval per bucket"),
    "s3_glacier_requests": _assume("0", "requests/month to Glacier Flexible Retrieval per bucket"),
    "s3_glacier_retrieval_gb": _assume("0", "GB/month retrieved from Glacier Flexible Retrieval per bucket"),
    "s3_deep_archive_gb": _assume("0", "GB in Glacier Deep Archive per bucket"),
    "s3_deep_archive_requests": _assume("0", "requests/month to Glacier Deep Archive per bucket"),
    "s3_deep_archive_retrieval_gb": _assume("0", "GB/month retrieved from Glacier Deep Archive per bucket"),
    "s3_intelligent_gb": _assume("0", "GB in Intelligent-Tiering, frequent access, per bucket"),
    "s3_intelligent_infrequent_gb": _assume("0", "GB in Intelligent-Tiering, infrequent access, per bucket"),
    "s3_intelligent_objects": _assume("0", "objects in Intelligent-Tiering per bucket"),
    "api_requests": _assume("1_000_000", "requests/month per API"),
    "api_connection_minutes": _assume("1_000_000", "minutes of connections/month per WebSocket API"),
    "efs_gb": _assume("10", "GB per file system"),
    "efs_infrequent_gb": _assume("0", "GB of infrequent access per file system"),
    "efs_infrequent_data_gb": _assume("0", "GB/month read or written of infrequent access per file system"),
    "efs_read_gb": _assume("10", "GB/month read per file system"),
    "efs_write_gb": _assume("10", "GB/month written per file system"),
    "fsx_backup_gb": _assume("0", "GB of backups per file system"),
    "memorydb_written_gb": _assume("10", "GB/month written per cluster"),
    "search_gb": _assume("10", "GB per search collection"),
    "kafka_gb": _assume("100", "GB per Kafka cluster"),
    "kafka_in_gb": _assume("100", "GB/month in per Kafka cluster"),
    "kafka_out_gb": _assume("100", "GB/month out per Kafka cluster"),
    "kafka_partitions": _assume("10", "partitions per serverless Kafka cluster"),
    "warehouse_gb": _assume("100", "GB per data warehouse"),
    "warehouse_backup_gb": _assume("0", "GB of backups per data warehouse, beyond what is free"),
    "warehouse_scanned_tb": _assume("0", "TB/month scanned in S3 per data warehouse"),
    "warehouse_busy_hours": _assume("30", "hours/month with queries per serverless workgroup"),
    "cluster_gb": _assume("10", "GB per DocumentDB or Neptune cluster"),
    "cluster_io_requests": _assume("10_000_000", "I/O requests/month per DocumentDB or Neptune cluster"),
    "cluster_backup_gb": _assume("0", "GB of backups per DocumentDB or Neptune cluster, beyond its storage"),
    "cluster_capacity": _assume(
        "0.5", "capacity units on average per serverless instance, above its minimum"
    ),
    "broker_gb": _assume("20", "GB per message broker"),
    "stream_puts": _assume("10_000_000", "PUT payload units of 25 KB/month per stream"),
    "stream_gb": _assume("100", "GB/month per stream"),
    "firehose_gb": _assume("100", "GB/month per delivery stream"),
    "transit_gateway_gb": _assume("100", "GB/month per transit gateway attachment"),
    "firewall_gb": _assume("100", "GB/month per network firewall"),
    "accelerator_gb": _assume("100", "GB/month in the dominant direction per accelerator"),
    "peering_gb": _assume("0", "GB/month per VPC peering connection"),
    "lattice_gb": _assume("10", "GB/month per service of VPC Lattice or Verified Access"),
    "lattice_requests": _assume("1_000_000", "requests/month per service of VPC Lattice"),
    "ipam_addresses": _assume("100", "active addresses on average per IPAM"),
    "elb_data_gb": _assume("100", "GB/month per classic load balancer"),
    "config_evaluations": _assume("1_000", "evaluations/month per rule or conformance pack"),
    "config_items": _assume("1_000", "configuration items/month per recorder"),
    "security_checks": _assume("10_000", "security checks/month per account"),
    "inspected_instances": _assume("1", "instances per account that Inspector scans"),
    "inspected_images": _assume("10", "images/month per account that Inspector scans"),
    "macie_buckets": _assume("10", "buckets per account that Macie watches"),
    "macie_gb": _assume("10", "GB/month per Macie job"),
    "trail_events": _assume("100_000", "management events/month per trail"),
    "trail_gb": _assume("10", "GB/month per event data store"),
    "private_certificates": _assume("1", "certificate issued per month and certificate resource"),
    "build_minutes": _assume("300", "minutes of builds/month per project or pipeline"),
    "backup_gb": _assume("10", "GB of warm backups per vault"),
    "backup_cold_gb": _assume("0", "GB of cold backups per vault"),
    "backup_restored_gb": _assume("0", "GB/month restored per vault"),
    "datasync_gb": _assume("100", "GB/month copied per task"),
    "workflow_transitions": _assume("100_000", "state transitions/month per state machine"),
    "workflow_runs": _assume("1_000_000", "runs/month per express state machine"),
    "workflow_ms": _assume("1_000", "milliseconds per run of an express state machine"),
    "api_updates": _assume("1_000_000", "real-time updates/month per GraphQL API"),
    "events": _assume("1_000_000", "events/month per event bus, pipe or discoverer"),
    "archive_gb": _assume("1", "GB/month per event archive"),
    "parameter_requests": _assume("10_000", "requests/month per advanced parameter"),
    "managed_machines": _assume("0", "advanced machines of your own on average per activation"),
    "active_users": _assume("1_000", "active users/month per user pool"),
    "emails": _assume("10_000", "emails/month per identity"),
    "rum_events": _assume("100_000", "events/month per app monitor"),
    "traces": _assume("100_000", "traces/month per sampling rule"),
    "metric_updates": _assume("1_000_000", "updates/month per metric stream or rule"),
    "job_hours": _assume("30", "hours/month per job"),
    "crawler_hours": _assume("10", "DPU-hours/month per crawler"),
    "catalog_requests": _assume("10_000", "requests/month per table of the catalog"),
    "athena_tb": _assume("1", "TB scanned/month per workgroup"),
    "transfer_gb": _assume("100", "GB/month per transfer server or connector"),
    "airflow_gb": _assume("10", "GB of metadata per Airflow environment"),
    "metric_samples": _assume("100_000_000", "samples/month per Prometheus workspace"),
    "queried_samples": _assume("100_000_000", "samples queried/month per Prometheus workspace"),
    "metric_gb": _assume("1", "GB per Prometheus workspace"),
    "grafana_editors": _assume("1", "editor per Grafana workspace"),
    "grafana_viewers": _assume("5", "viewers per Grafana workspace"),
    "busy_instances": _assume("0.2", "instances busy on average per App Runner service"),
    "gateway_gb": _assume("100", "GB/month written per storage gateway"),
    "cache_gb": _assume("1", "GB on average per serverless cache"),
    "cache_ecpus": _assume("10_000_000", "ECPUs/month per serverless cache"),
    "db_snapshot_gb": _assume("20", "GB per snapshot of a database"),
    "aurora_change_records": _assume("10_000", "change records per hour and Aurora cluster"),
    "s3_replicated_gb": _assume("0", "GB/month replicated to another region per bucket"),
    "dsql_dpus": _assume("100_000", "DPU/month per DSQL cluster"),
}
