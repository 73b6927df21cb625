"""What savings are judged by, from a state, CloudWatch and EC2, which are moto's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cygni.engine_documents.reading import EngineDocument, state_document
from cygni.pricing.usage_rules import UsageRules
from cygni.savings.document import SavingsReport
from cygni.savings.finding import Finding
from cygni.targets.fargate.clients import Clients
from stacks.savings import savings_report
from tests.factories import create_spec

UNTIL = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
ACCOUNT = "us-east-1:123456789012"
TAGS = [{"Key": "cygni:project", "Value": "shop"}, {"Key": "cygni:environment", "Value": "staging"}]
GB = float(2**30)


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield boto3.client("cloudwatch", region_name="us-east-1")


def stored(token: str, name: str, id: str, inputs: Mapping[str, Any], **depends: str) -> dict[str, Any]:
    """A resource of a state, as the engine writes it."""
    return {
        "urn": urn(token, name),
        "type": token,
        "custom": True,
        "id": id,
        "inputs": {"region": "us-east-1", **inputs},
        "propertyDependencies": {key: [one] for key, one in depends.items()},
    }


def urn(token: str, name: str) -> str:
    return f"urn:pulumi:shop.staging.services::cygni::cygni:compute:Service${token}::{name}"


DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
SERVICE = "aws:ecs/service:Service"
GROUP = "aws:cloudwatch/logGroup:LogGroup"


def document(*more: dict[str, Any]) -> EngineDocument:
    """A service of one vCPU and 2 GB in both colours, of which blue runs."""
    size = {"family": "web", "cpu": "1024", "memory": "2048"}
    services = [
        stored(
            SERVICE,
            f"shop-staging-web-{colour}",
            f"arn:aws:ecs:{ACCOUNT}:service/shop_staging/shop-staging-web-{colour}",
            {
                "desiredCount": count,
                "launchType": "FARGATE",
                "networkConfiguration": {"assignPublicIp": False},
            },
            taskDefinition=urn(DEFINITION, "shop-staging-web"),
        )
        for colour, count in (("blue", 1), ("green", 0))
    ]
    states = [stored(DEFINITION, "shop-staging-web", "web", size), *services, *more]
    return state_document(states, "the state", region="us-east-1")


def put(
    client: Any, namespace: str, name: str, dimensions: Mapping[str, str], value: float, hours: int
) -> None:
    """A value every so many hours of the last two weeks."""
    data = [
        {
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": one} for key, one in dimensions.items()],
            "Value": value,
            "Timestamp": UNTIL - timedelta(hours=hours * number) + timedelta(minutes=5),
        }
        for number in range(1, 14 * 24 // hours + 1)
    ]
    for at in range(0, len(data), 150):
        client.put_metric_data(Namespace=namespace, MetricData=data[at : at + 150])


def report(found: EngineDocument) -> SavingsReport:
    clients = Clients({"AWS_REGION": "us-east-1"})
    return savings_report(create_spec("staging"), found, lambda region: clients, UsageRules(), UNTIL)


def of_rule(found: SavingsReport, rule: str) -> list[Finding]:
    return [one for one in found.findings if one.rule.name == rule]


class TestSavingsReport:
    def test_judges_tasks_by_what_their_services_used(self, cloudwatch: Any) -> None:
        """0.75 vCPU at 0.04048 and 1 GB at 0.004445 USD an hour less (AWS Fargate pricing)."""
        assert of_rule(report(document()), "oversized-tasks") == []
        at = {"ClusterName": "shop_staging", "ServiceName": "shop-staging-web-blue"}
        put(cloudwatch, "AWS/ECS", "CPUUtilization", at, 5.0, 1)
        put(cloudwatch, "AWS/ECS", "MemoryUtilization", at, 20.0, 1)
        [found] = of_rule(report(document()), "oversized-tasks")
        assert found.saves == (Decimal("0.75") * Decimal("0.04048") + Decimal("0.004445")) * 730

    def test_prices_logs_by_what_was_written(self, cloudwatch: Any) -> None:
        """1 GB a day at 0.03 USD/GB-month, of 365 days instead of 30 (Amazon CloudWatch pricing)."""
        logs = stored(GROUP, "logs", "/shop/logs", {})
        put(cloudwatch, "AWS/Logs", "IncomingBytes", {"LogGroupName": "/shop/logs"}, GB, 24)
        [found] = of_rule(report(document(logs)), "log-retention")
        assert found.saves == pytest.approx(Decimal("0.03") * 335, rel=Decimal("1e-5"))
        assert found.candidate.seen == "14.00 GB written in 14 days, and kept for ever"

    def test_knows_a_disk_of_the_state_from_one_in_none(self, cloudwatch: Any) -> None:
        ec2 = boto3.client("ec2", region_name="us-east-1")
        specification = [{"ResourceType": "volume", "Tags": TAGS}]
        ids = [
            ec2.create_volume(
                AvailabilityZone="us-east-1a", Size=100, VolumeType="gp3", TagSpecifications=specification
            )["VolumeId"]
            for _ in range(2)
        ]
        kept = stored("aws:ebs/volume:Volume", "data", ids[0], {"size": 100, "type": "gp3"})
        found = of_rule(report(document(kept)), "unattached-volumes")
        assert {one.id: one.resource.urn for one in found} == {
            ids[0]: urn("aws:ebs/volume:Volume", "data"),
            ids[1]: f"ec2::{ids[1]}",
        }
        assert [one.saves for one in found] == [Decimal(8), Decimal(8)]
