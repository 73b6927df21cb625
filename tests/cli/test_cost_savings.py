"""`cx cost savings` from the outside; CloudWatch and EC2 are moto's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
import yaml
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from moto import mock_aws

from cygni.savings.document import SAVINGS_SCHEMA
from cygni.settings import Settings
from tests.cli.conftest import Cx
from tests.factories import create_spec

NAT = {"network": {"nat": "single"}}
TAGS = [{"Key": "cygni:project", "Value": "shop"}, {"Key": "cygni:environment", "Value": "staging"}]


@pytest.fixture
def cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield boto3.client("cloudwatch", region_name="us-east-1")


def measure(
    client: Any, namespace: str, name: str, dimensions: dict[str, str], value: float, hours: int
) -> None:
    """A value every so many hours of the last two weeks."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    data = [
        {
            "MetricName": name,
            "Dimensions": [{"Name": key, "Value": one} for key, one in dimensions.items()],
            "Value": value,
            "Timestamp": midnight - timedelta(days=day, hours=-1),
        }
        for day in range(1, 15)
    ]
    client.put_metric_data(Namespace=namespace, MetricData=data)


def state_of(stack: str) -> list[dict[str, Any]]:
    folder = Settings.from_environment().data_dir / "state" / ".pulumi" / "stacks"
    [file] = folder.rglob(f"shop.staging.{stack}.json")
    found: list[dict[str, Any]] = json.loads(file.read_text())["checkpoint"]["latest"]["resources"]
    return found


def valid(answer: Any) -> Any:
    Draft202012Validator(SAVINGS_SCHEMA).validate(answer)
    return answer


class TestSavings:
    def test_tell_of_an_idle_nat_gateway(self, cx: Cx, cloudwatch: Any) -> None:
        cx.write(services=None, **NAT)
        cx("deploy", "-y", "-e", "staging")
        [gateway] = [one for one in state_of("foundation") if one["type"].endswith(":NatGateway")]
        measure(
            cloudwatch, "AWS/NATGateway", "BytesOutToDestination", {"NatGatewayId": gateway["id"]}, 900.0, 24
        )
        ended = cx("cost", "savings", "-e", "staging")
        assert ended.code == 0
        assert "$32.85  ec2.NatGateway" in ended.err
        lines = "{environments: {staging: {network: {nat: none}}}}"
        assert f"cygni.yaml: {lines}" in ended.err
        sections = {**NAT, **yaml.safe_load(lines)}
        nats = [create_spec(name, **sections).network.nat for name in ("production", "staging")]
        assert nats == ["single", "none"]
        assert "1 finding, $32.85 a month together." in ended.err

    def test_tell_of_what_is_left_in_no_state(self, cx: Cx, cloudwatch: Any) -> None:
        cx("deploy", "-y", "-e", "staging")
        specification = [{"ResourceType": "elastic-ip", "Tags": TAGS}]
        ec2 = boto3.client("ec2", region_name="us-east-1")
        made = ec2.allocate_address(Domain="vpc", TagSpecifications=specification)["AllocationId"]
        (cx.folder / "rates.yaml").write_text(
            "version: 1\nrates: {EUR: {per_usd: '0.5', date: 2026-11-20}}\n"
        )
        cx.monkeypatch.setenv("CYGNI_EXCHANGE_RATES", "rates.yaml")
        euros = valid(cx("cost", "savings", "-e", "staging", "--currency", "EUR", "--json").answer)
        counted = [Decimal(one["monthly"]) for one in euros["findings"] if one["counted"]]
        assert (euros["currency"], sum(counted)) == ("EUR", Decimal(euros["monthly"]))
        assert "EUR 1.83  ec2.Eip" in cx("cost", "savings", "-e", "staging", "--currency", "EUR").err
        answer = valid(cx("cost", "savings", "-e", "staging", "--json").answer)
        [found] = [one for one in answer["findings"] if one["rule"] == "unattached-addresses"]
        assert (found["id"], found["monthly"]) == (made, "3.65")
        assert found["change"]["command"] == f"aws ec2 release-address --allocation-id {made}"

    def test_may_be_none(self, cx: Cx, cloudwatch: Any) -> None:
        cx.write(services=None, network={"nat": "none"})
        cx("deploy", "-y", "-e", "staging")
        ended = cx("cost", "savings", "-e", "staging")
        assert "Nothing to save was found" in ended.err

    def test_are_of_what_is_deployed(self, cx: Cx, cloudwatch: Any) -> None:
        assert cx("cost", "savings", "-e", "staging").code == 6
