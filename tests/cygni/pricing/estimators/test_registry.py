"""What holds for every estimator."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import pytest

from cygni.pricing import PriceBook, estimators
from cygni.pricing.charges import Charge
from cygni.pricing.estimators import FREE_TYPES, all_estimators, estimator_of, priced_types, published
from cygni.pricing.estimators.free import unpriced_types
from cygni.pricing.reference import has_price

# What the shipped book has no price for in any region, so that it is shown as missing: whole services, and keys.
WITHOUT_A_BOOK = {
    "AWSAmplify",
    "AWSAppRunner",
    "AWSAppSync",
    "AWSBackup",
    "AWSBatch",
    "AWSCloudFormation",
    "AWSCloudMap",
    "AWSCodeArtifact",
    "AWSCodePipeline",
    "AWSDataSync",
    "AWSDatabaseMigrationSvc",
    "AWSDirectConnect",
    "AWSDirectoryService",
    "AWSElasticBeanstalk",
    "AWSGlobalAccelerator",
    "AWSGlue",
    "AWSPaymentCryptography",
    "AWSSecurityHub",
    "AWSServiceCatalog",
    "AWSShield",
    "AWSStorageGateway",
    "AWSTransfer",
    "AWSVerifiedAccess",
    "AWSXRay",
    "AmazonAppStream",
    "AmazonAthena",
    "AmazonCognito",
    "AmazonDetective",
    "AmazonDocDB",
    "AmazonECS",
    "AmazonEMR",
    "AmazonES",
    "AmazonFSx",
    "AmazonGrafana",
    "AmazonInspector",
    "AmazonKinesisAnalytics",
    "AmazonKinesisFirehose",
    "AmazonKinesisVideo",
    "AmazonLightsail",
    "AmazonMCS",
    "AmazonMQ",
    "AmazonMSK",
    "AmazonMWAA",
    "AmazonMacie",
    "AmazonMemoryDB",
    "AmazonNeptune",
    "AmazonPrometheus",
    "AmazonRedshift",
    "AmazonSES",
    "AmazonSageMaker",
    "AmazonTimestream",
    "AmazonVPCLattice",
    "AmazonWorkSpaces",
    "AuroraDSQL",
    "CloudHSM",
}
WITHOUT_A_PRICE = {
    "AWSCloudTrail insights-events",
    "AWSCloudTrail lake-ingestion billing_mode=…",
    "AWSCodeBuild reserved-capacity compute=… os=…",
    "AWSConfig configuration-items frequency=…",
    "AWSConfig conformance-pack-evaluations",
    "AWSELB lcu type=gateway",
    "AWSELB lcu-reservation type=application",
    "AWSELB lcu-reservation type=gateway",
    "AWSELB lcu-reservation type=network",
    "AWSELB load-balancer type=gateway",
    "AWSFargate memory arch=x86_64 os=Windows",
    "AWSFargate os-license os=Windows",
    "AWSFargate vcpu arch=x86_64 os=Windows",
    "AWSLambda event-poller-unit",
    "AWSLambda provisioned-concurrency arch=…",
    "AWSLambda snapstart-cache",
    "AWSNetworkFirewall secondary-endpoint",
    "AWSStepFunctions express-duration",
    "AWSStepFunctions express-requests",
    "AWSSystemsManager on-premises-instance",
    "AWSSystemsManager parameter tier=Advanced",
    "AWSSystemsManager parameter tier=Intelligent-Tiering",
    "AWSWAF acfp",
    "AWSWAF anti-ddos",
    "AWSWAF atp",
    "AWSWAF bot-control",
    "AWSWAF classic-requests",
    "AWSWAF classic-rule",
    "AWSWAF classic-web-acl",
    "AWSWAF marketplace",
    "AmazonApiGateway cache size_gb=…",
    "AmazonApiGateway websocket-connection-minutes",
    "AmazonApiGateway websocket-messages",
    "AmazonAurora extended-support engine=… year=…",
    "AmazonAurora instance cluster=… engine=… instance_class=…",
    "AmazonAurora performance-insights days=…",
    "AmazonAurora replicated-writes",
    "AmazonCloudFront function-invocations",
    "AmazonCloudFront origin-shield-requests",
    "AmazonCloudFront real-time-log-lines",
    "AmazonCloudWatch canary-runs",
    "AmazonCloudWatch composite-alarm",
    "AmazonCloudWatch container-insights-metric",
    "AmazonCloudWatch contributor-insights-dynamodb",
    "AmazonCloudWatch contributor-insights-events",
    "AmazonCloudWatch contributor-insights-rule",
    "AmazonCloudWatch internet-monitor-resource",
    "AmazonCloudWatch logs-ingest log_class=infrequent_access",
    "AmazonCloudWatch metric kind=custom",
    "AmazonCloudWatch metric-stream-updates",
    "AmazonCloudWatch rum-events",
    "AmazonCloudWatch shard-metric",
    "AmazonCloudWatch vended-logs destination=kinesis-data-firehose",
    "AmazonCloudWatch vended-logs destination=s3",
    "AmazonDynamoDB dax-node node_type=…",
    "AmazonDynamoDB export",
    "AmazonDynamoDB read-capacity-unit mode=provisioned table_class=…",
    "AmazonDynamoDB replicated-write-capacity-unit mode=provisioned",
    "AmazonDynamoDB replicated-write-request-unit mode=on-demand",
    "AmazonDynamoDB write-capacity-unit mode=provisioned table_class=…",
    "AmazonEBS emr-disks",
    "AmazonEC2 dedicated-host family=… purchase=on-demand",
    "AmazonEC2 what-it-makes",
    "AmazonECR public-storage",
    "AmazonEFS elastic-throughput direction=read",
    "AmazonEFS elastic-throughput direction=write",
    "AmazonEFS infrequent-access-data",
    "AmazonEFS provisioned-throughput",
    "AmazonEKS auto-mode",
    "AmazonElastiCache extended-support engine=redis",
    "AmazonElastiCache serverless-ecpu engine=…",
    "AmazonElastiCache serverless-storage engine=…",
    "AmazonEventBridge api-destination",
    "AmazonEventBridge archive-processing",
    "AmazonEventBridge archive-storage",
    "AmazonEventBridge pipe-requests",
    "AmazonEventBridge schema-discovery",
    "AmazonGuardDuty management-events",
    "AmazonGuardDuty protection-plan plan=…",
    "AmazonGuardDuty protection-plans",
    "AmazonKinesis consumer-shard",
    "AmazonKinesis enhanced-fan-out-data",
    "AmazonKinesis long-term-retention",
    "AmazonKinesis on-demand-data-in",
    "AmazonKinesis on-demand-data-out",
    "AmazonKinesis on-demand-stream",
    "AmazonKinesis put-payload-units",
    "AmazonKinesis shard-extended-retention",
    "AmazonRDS database-insights",
    "AmazonRDS instance deployment=Multi-AZ cluster engine=… instance_class=…",
    "AmazonRDS instance deployment=… engine=… instance_class=… license_model=… purchase=on-demand",
    "AmazonRDS io-requests storage_type=standard",
    "AmazonRDS iops deployment=Multi-AZ cluster storage_type=…",
    "AmazonRDS performance-insights days=…",
    "AmazonRDS proxy",
    "AmazonRDS reserved-instance",
    "AmazonRDS storage deployment=Multi-AZ cluster storage_type=…",
    "AmazonRDS throughput deployment=… storage_type=…",
    "AmazonRoute53 dns-firewall-queries",
    "AmazonRoute53 domain suffix=…",
    "AmazonRoute53 recovery-cluster",
    "AmazonRoute53 resolver-address",
    "AmazonRoute53 resolver-queries",
    "AmazonRoute53 traffic-policy-record",
    "AmazonS3 inventory",
    "AmazonS3 requests-tier1 storage_class=express_one_zone",
    "AmazonS3 requests-tier1 storage_class=glacier_instant_retrieval",
    "AmazonS3 requests-tier1 storage_class=one_zone_ia",
    "AmazonS3 requests-tier2 storage_class=express_one_zone",
    "AmazonS3 retrieval storage_class=glacier_instant_retrieval",
    "AmazonS3 storage storage_class=express_one_zone",
    "AmazonS3 storage storage_class=glacier_instant_retrieval",
    "AmazonS3 storage-class-analysis",
    "AmazonS3 storage-lens",
    "AmazonS3 tables-monitoring",
    "AmazonS3 tables-storage",
    "AmazonSNS notifications protocol=sqs-fifo",
    "AmazonVPC ipam-address",
    "AmazonVPC reachability-analysis",
    "AmazonVPC traffic-mirror-session",
}

CHARGES = list(dict.fromkeys(charge for estimator in all_estimators() for charge in estimator.charges))


@cache
def provider_tokens() -> frozenset[str]:
    """Every resource type of the official SDK, read from its text: importing it takes seconds."""
    spec = find_spec("pulumi_aws")
    assert spec is not None
    assert spec.origin is not None
    return frozenset(re.findall(r'"(aws:\w+/\w+:\w+)":', Path(spec.origin).read_text("utf-8")))


def places_of(book: PriceBook, charge: Charge) -> list[str]:
    """The regions in which the charge has a price."""
    regions = [charge.region] if charge.region else sorted(book.regions(charge.service))
    return [region for region in regions if has_price(book, charge, region)]


def key_of(charge: Charge) -> str:
    """The key of its price, without the region."""
    return charge.key("").replace("  ", " ").replace(" global ", " ")


class TestRegistry:
    def test_names_types_as_the_official_provider_does(self) -> None:
        assert {*priced_types(), *FREE_TYPES, *unpriced_types()} <= provider_tokens()

    def test_knows_of_every_type_whether_it_is_priced_or_free_or_neither(self) -> None:
        assert provider_tokens() - {*priced_types(), *FREE_TYPES, *unpriced_types()} == set()

    def test_says_one_thing_of_each_type(self) -> None:
        assert not set(priced_types()) & set(FREE_TYPES)
        assert not unpriced_types() & {*priced_types(), *FREE_TYPES}

    def test_finds_types_where_the_provider_names_them(self) -> None:
        assert len(provider_tokens()) > 1_500
        assert {"aws:ec2/instance:Instance", "aws:xray/group:Group"} <= provider_tokens()

    def test_gives_a_reason_for_every_free_type(self) -> None:
        assert all(FREE_TYPES.values())

    def test_finds_the_estimator_of_every_type_that_one_prices(self) -> None:
        assert Path(estimators.__file__).with_name("priced_types.txt").read_text("utf-8") == published()
        for each in all_estimators():
            assert [estimator_of(token) for token in each.types] == [each] * len(each.types)

    def test_has_no_estimator_of_other_types(self) -> None:
        assert estimator_of("aws:ec2/vpc:Vpc") is estimator_of("gcp:x/y:Y") is None

    def test_loads_what_is_priced_and_no_more(self) -> None:
        program = (
            "import sys; from cygni.pricing import PriceBook, estimate; from cygni.resources import Resource; "
            "estimate([Resource('urn', 'aws:efs/fileSystem:FileSystem', 'a', {}, 'us-east-1')], PriceBook.load()); "
            "print(*(name for name in sys.modules if name.startswith('cygni.pricing.estimators.')))"
        )
        found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
        loaded = {name.rpartition(".")[2] for name in found.stdout.split()}
        assert "efs" in loaded
        assert not loaded & {"ecs", "eks", "rds", "s3"}

    def test_gives_each_type_one_estimator(self) -> None:
        assert len(priced_types()) == sum(len(estimator.types) for estimator in all_estimators())

    def test_has_a_price_for_every_charge_but_those_known_to_lack_one(self, book: PriceBook) -> None:
        lacking = [charge for charge in CHARGES if not places_of(book, charge)]
        assert {charge.service for charge in lacking if not book.regions(charge.service)} == WITHOUT_A_BOOK
        keys = {key_of(charge) for charge in lacking if charge.service not in WITHOUT_A_BOOK}
        assert keys == WITHOUT_A_PRICE

    @pytest.mark.parametrize("charge", CHARGES, ids=lambda charge: charge.component)
    def test_counts_in_the_unit_of_the_book(self, book: PriceBook, charge: Charge) -> None:
        found = [
            price.unit
            for region in places_of(book, charge)
            for price in book.at(charge.service, region, charge.usage)
            if set(charge.attributes) <= set(price.attributes)
        ]
        assert set(found) <= {charge.unit}


class TestTables:
    def test_have_a_case_for_every_estimator(self) -> None:
        tested = "".join(file.read_text("utf-8") for file in sorted(Path(__file__).parent.glob("test_*.py")))
        assert [
            each.types[0]
            for each in all_estimators()
            if not any(f'"{token}"' in tested for token in each.types)
        ] == []
