"""An almost bare moto for the provider's own tests, and resources to make in it."""

from __future__ import annotations

import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from cygni.local_cloud.provider import check as checking
from cygni.local_cloud.provider.cloud import Cloud, connection
from cygni.local_cloud.provider.operations import Kept, Operations, resource_type
from cygni.local_cloud.provider.schema import ResourceType

REGION = "us-east-1"


@dataclass
class World:
    """A cloud with what a test made in it, newest last."""

    operations: Operations
    made: list[tuple[ResourceType, Kept]] = field(default_factory=list)

    def check(
        self, token: str, news: Mapping[str, Any], olds: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        kind = resource_type(token)
        naming = checking.Naming(resource="sample", seed=token.encode())
        inputs, failures = checking.check(kind, olds or {}, news, self.operations.setting, naming)
        assert not failures, failures
        return inputs

    def create(self, token: str, news: Mapping[str, Any]) -> Kept:
        kind = resource_type(token)
        kept = self.operations.create(kind, self.check(token, news))
        self.made.append((kind, kept))
        return kept

    def replace(self, kept: Kept, outputs: dict[str, Any], inputs: dict[str, Any]) -> Kept:
        index = next(i for i, (_, other) in enumerate(self.made) if other is kept)
        kind, _ = self.made[index]
        self.made[index] = (kind, Kept(kept.id, outputs, inputs))
        return self.made[index][1]

    def delete_all(self) -> None:
        for kind, kept in reversed(self.made):
            self.operations.delete(kind, kept.id, kept.outputs)


_SERVER = """
import logging, signal
from moto.server import ThreadedMotoServer
from cygni.local_cloud import moto_fixes
from cygni.local_cloud.databases import installation
installation.installations = tuple  # as without PostgreSQL: nothing here would start a server
for service in (
    "acm", "applicationautoscaling", "cloudfront", "cloudtrail", "ec2", "eks", "elasticache", "elb",
    "guardduty", "iam", "rds", "route53", "scheduler", "securityhub", "servicediscovery", "sns",
    "sqs", "wafv2",
):
    moto_fixes.apply_to(service)
moto_fixes.apply_to("s3")
logging.getLogger("werkzeug").setLevel(logging.ERROR)
server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
server.start()
print(server.get_host_and_port()[1], flush=True)
signal.pause()
"""


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    """moto in a process of its own: it leaves files unclosed, and warnings are errors here."""
    with subprocess.Popen([sys.executable, "-c", _SERVER], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        port = process.stdout.readline().strip()
        yield f"http://127.0.0.1:{port}"
        process.kill()


@pytest.fixture(scope="session")
def moto_cloud(moto_endpoint: str) -> Cloud:
    """Clients are slow to make: one set for all tests."""
    return Cloud(connection({"region": REGION}, {"AWS_ENDPOINT_URL": moto_endpoint}))


@pytest.fixture
def empty_moto(moto_endpoint: str) -> str:
    request = urllib.request.Request(f"{moto_endpoint}/moto-api/reset", method="POST")
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200
    return moto_endpoint


@pytest.fixture
def world(empty_moto: str, moto_cloud: Cloud) -> World:
    return World(Operations(moto_cloud, checking.Setting(region=REGION)))


@pytest.fixture
def inventory(moto_cloud: Cloud) -> Callable[[], dict[str, int]]:
    """Counts of what is in the cloud, by service and kind, without what AWS makes itself."""

    def count() -> dict[str, int]:
        ec2, elb, ecs = (moto_cloud.client(name) for name in ("ec2", "elbv2", "ecs"))
        rds, cache, kms = (moto_cloud.client(name) for name in ("rds", "elasticache", "kms"))
        iam = moto_cloud.client("iam")
        scaling, names = (moto_cloud.client(name) for name in ("application-autoscaling", "servicediscovery"))
        nats = ec2.describe_nat_gateways()["NatGateways"]
        groups = ec2.describe_security_groups()["SecurityGroups"]
        described = ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
        clusters = [cluster["clusterArn"] for cluster in described if cluster["status"] == "ACTIVE"]
        found = {
            "vpc": len([v for v in ec2.describe_vpcs()["Vpcs"] if not v["IsDefault"]]),
            "subnet": len([s for s in ec2.describe_subnets()["Subnets"] if not s["DefaultForAz"]]),
            "igw": len(ec2.describe_internet_gateways()["InternetGateways"]),
            "eip": len(ec2.describe_addresses()["Addresses"]),
            "nat": len([nat for nat in nats if nat["State"] != "deleted"]),
            "sg": len([group for group in groups if group["GroupName"] != "default"]),
            "rtb": len(
                [
                    table
                    for table in ec2.describe_route_tables()["RouteTables"]
                    if not any(a.get("Main") for a in table["Associations"])
                ]
            ),
            "vpce": len([e for e in ec2.describe_vpc_endpoints()["VpcEndpoints"] if e["State"] != "deleted"]),
            "lb": len(elb.describe_load_balancers()["LoadBalancers"]),
            "tg": len(elb.describe_target_groups()["TargetGroups"]),
            "cluster": len(clusters),
            "service": sum(len(ecs.list_services(cluster=c)["serviceArns"]) for c in clusters),
            "taskdef": len(ecs.list_task_definitions(status="ACTIVE")["taskDefinitionArns"]),
            "role": len(iam.list_roles()["Roles"]),
            "policy": len(iam.list_policies(Scope="Local")["Policies"]),
            "logs": len(moto_cloud.client("logs").describe_log_groups()["logGroups"]),
            "ecr": len(moto_cloud.client("ecr").describe_repositories()["repositories"]),
            "s3": len(moto_cloud.client("s3").list_buckets()["Buckets"]),
            "sqs": len(moto_cloud.client("sqs").list_queues().get("QueueUrls", [])),
            "key": len([key for key in kms.list_keys()["Keys"] if _is_kept(kms, key["KeyId"])]),
            "alias": len(
                [a for a in kms.list_aliases()["Aliases"] if not a["AliasName"].startswith("alias/aws/")]
            ),
            "secret": len(moto_cloud.client("secretsmanager").list_secrets()["SecretList"]),
            "database": len(rds.describe_db_instances()["DBInstances"]),
            "cluster of databases": len(rds.describe_db_clusters()["DBClusters"]),
            "database subnets": len(rds.describe_db_subnet_groups()["DBSubnetGroups"]),
            "parameters": len(
                [g for g in rds.describe_db_parameter_groups()["DBParameterGroups"] if not _is_default(g)]
            ),
            "cluster parameters": len(rds.describe_db_cluster_parameter_groups()["DBClusterParameterGroups"]),
            "snapshot": len(rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]),
            "cache": len(cache.describe_replication_groups()["ReplicationGroups"]),
            "cache node": len(cache.describe_cache_clusters()["CacheClusters"]),
            "cache subnets": len(cache.describe_cache_subnet_groups()["CacheSubnetGroups"]),
            "cache parameters": len(cache.describe_cache_parameter_groups()["CacheParameterGroups"]),
            "certificate": len(moto_cloud.client("acm").list_certificates()["CertificateSummaryList"]),
            "distribution": len(
                moto_cloud.client("cloudfront").list_distributions()["DistributionList"].get("Items", [])
            ),
            "origin access": len(
                moto_cloud.client("cloudfront")
                .list_origin_access_controls()["OriginAccessControlList"]
                .get("Items", [])
            ),
            "web acl": sum(
                len(moto_cloud.client("wafv2").list_web_acls(Scope=scope)["WebACLs"])
                for scope in ("REGIONAL", "CLOUDFRONT")
            ),
            "detector": len(moto_cloud.client("guardduty").list_detectors()["DetectorIds"]),
            "trail": len(moto_cloud.client("cloudtrail").describe_trails()["trailList"]),
            "zone": len(moto_cloud.client("route53").list_hosted_zones()["HostedZones"]),
            "schedule": len(moto_cloud.client("scheduler").list_schedules()["Schedules"]),
            "schedule group": len(moto_cloud.client("scheduler").list_schedule_groups()["ScheduleGroups"])
            - 1,
            "scaled": len(scaling.describe_scalable_targets(ServiceNamespace="ecs")["ScalableTargets"]),
            "scaling": len(scaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]),
            "alarm": len(moto_cloud.client("cloudwatch").describe_alarms()["MetricAlarms"]),
            "namespace": len(names.list_namespaces()["Namespaces"]),
            "discovered": len(names.list_services()["Services"]),
            "acl": len([one for one in ec2.describe_network_acls()["NetworkAcls"] if not one["IsDefault"]]),
            "flow log": len(ec2.describe_flow_logs()["FlowLogs"]),
            "topic": len(moto_cloud.client("sns").list_topics()["Topics"]),
            "subscription": len(moto_cloud.client("sns").list_subscriptions()["Subscriptions"]),
            "eks": len(moto_cloud.client("eks").list_clusters()["clusters"]),
            "launch template": len(ec2.describe_launch_templates()["LaunchTemplates"]),
            "profile": len(iam.list_instance_profiles()["InstanceProfiles"]),
            "oidc": len(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]),
            "ssm": len(moto_cloud.client("ssm").describe_parameters()["Parameters"]),
        }
        return {name: number for name, number in found.items() if number}

    return count


def _is_kept(kms: Any, key: str) -> bool:
    """Whether a customer made this key and it is not about to be deleted."""
    described = kms.describe_key(KeyId=key)["KeyMetadata"]
    return bool(described["KeyManager"] == "CUSTOMER" and described["KeyState"] != "PendingDeletion")


def _is_default(group: Mapping[str, Any]) -> bool:
    return str(group["DBParameterGroupName"]).startswith("default.")
