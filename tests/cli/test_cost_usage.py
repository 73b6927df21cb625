"""`cx cost usage` from the outside; CloudWatch is moto's."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from cygni.spec.usage_file import load_usage
from tests.cli.conftest import Cx

RECORDED = Path(__file__).parents[1] / "data" / "engine_documents"
STATE = str(RECORDED / "node-state.json")
GB = 2**30


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder without a project."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


@pytest.fixture
def empty_cloudwatch(monkeypatch: pytest.MonkeyPatch) -> Any:
    """One without any value."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "testing")
    monkeypatch.delenv("AWS_PROFILE", raising=False)
    with mock_aws():
        yield boto3.client("cloudwatch", region_name="us-east-1")


@pytest.fixture
def cloudwatch(empty_cloudwatch: Any) -> Any:
    """One with ten days of a NAT gateway of 2 GB a day, and of a queue."""
    midnight = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    for day in range(1, 11):
        at = midnight - timedelta(days=day) + timedelta(hours=3)
        _put(
            empty_cloudwatch,
            "AWS/NATGateway",
            "BytesOutToDestination",
            "NatGatewayId",
            _id("NatGateway"),
            2 * GB,
            at,
        )
        _put(empty_cloudwatch, "AWS/SQS", "NumberOfMessagesSent", "QueueName", "orders", 240, at)
    return empty_cloudwatch


def _put(
    client: Any, namespace: str, name: str, dimension: str, value: str, amount: float, at: datetime
) -> None:
    datum = {
        "MetricName": name,
        "Dimensions": [{"Name": dimension, "Value": value}],
        "Value": amount,
        "Timestamp": at,
    }
    client.put_metric_data(Namespace=namespace, MetricData=[datum])


def _id(kind: str) -> str:
    import json

    resources = json.loads(Path(STATE).read_text())["deployment"]["resources"]
    return str(next(one["id"] for one in resources if one["type"].endswith(f":{kind}")))


class TestInit:
    def test_begins_a_file_that_changes_nothing(self, cx: Cx, here: Path) -> None:
        before = cx("cost", STATE, "--json").answer
        ended = cx("cost", "usage", "init", STATE)
        assert (ended.code, ended.out) == (0, "")
        assert "cygni-usage.yaml: 5 resources depend on use" in ended.err
        assert '#  "s3.Bucket uploads":' in (here / "cygni-usage.yaml").read_text()
        assert cx("cost", STATE, "--json").answer == before

    def test_leaves_a_file_that_is_there(self, cx: Cx, here: Path) -> None:
        (here / "cygni-usage.yaml").write_text("version: 1\n")
        ended = cx("cost", "usage", "init", STATE)
        assert (ended.code, "is there already" in ended.err) == (2, True)
        assert (here / "cygni-usage.yaml").read_text() == "version: 1\n"

    def test_begins_with_a_profile(self, cx: Cx, here: Path) -> None:
        assert cx("cost", "usage", "init", STATE, "--profile", "large", "--json").answer["resources"] == 5
        assert load_usage(here / "cygni-usage.yaml").profile == "large"
        assert cx("cost", "usage", "init", STATE, "--profile", "huge", "--usage", "x").code == 2


class TestUse:
    def test_follows_the_file_of_the_folder_or_the_one_named(self, cx: Cx, here: Path) -> None:
        (here / "cygni-usage.yaml").write_text(
            "version: 1\nresources:\n  uploads: {s3_storage_gb: 1000}\n  gone: {alb_lcus: 1}\n"
        )
        shown = cx("cost", STATE, "--explain").err
        assert "1,000 × $0.023/GB-month" in shown
        assert "assumed: 1,000 GB per bucket (cygni-usage.yaml, resources uploads)" in shown
        assert "warning: cygni-usage.yaml: resources gone fits no resource" in shown
        (here / "other.yaml").write_text("version: 1\nprofile: medium\n")
        assert "100 × $0.023/GB-month" in cx("cost", STATE, "--usage", "other.yaml").err
        assert "1,000 × $0.045/GB" in cx("cost", STATE, "--profile", "medium").err

    def test_tells_where_the_file_is_wrong(self, cx: Cx, here: Path) -> None:
        (here / "cygni-usage.yaml").write_text("version: 1\nresources:\n  uploads: {s3_storage: 1000}\n")
        ended = cx("cost", STATE)
        assert ended.code == 2
        assert "cygni-usage.yaml:3:13: resources.uploads.s3_storage: is nothing that is assumed" in ended.err
        assert (
            cx("cost", STATE, "--profile", "huge").code
            == cx("cost", STATE, "--usage", "none.yaml").code - 4
            == 2
        )

    def test_reaches_the_plan_of_a_deploy(self, cx: Cx) -> None:
        """The shop has one bucket."""
        before = cx("diff", "--json").answer["cost"]["after"]["totals"]["usage_monthly"]
        (cx.folder / "cygni-usage.yaml").write_text("version: 1\ntypes:\n  s3.*: {s3_storage_gb: 1010}\n")
        after = cx("diff", "--json").answer["cost"]["after"]["totals"]["usage_monthly"]
        assert float(after) - float(before) == pytest.approx(1000 * 0.023)


class TestSync:
    def test_measures_what_cloudwatch_knows(self, cx: Cx, here: Path, cloudwatch: Any) -> None:
        (here / "cygni-usage.yaml").write_text("# mine\nversion: 1\nprofile: medium\n")
        answer = cx("cost", "usage", "sync", STATE, "--json").answer
        told = {one["resource"]: (one["name"], one["assumed"], one["measured"]) for one in answer["measured"]}
        # 2 GB and 240 messages a day, over 730 hours of a month
        assert told["ec2.NatGateway shop-nat"] == ("nat_data_gb", "1000", "60.8333")
        assert told["sqs.Queue orders"] == ("sqs_requests", "10000000", "7300")
        assert answer["days"] == 10
        found = load_usage(here / "cygni-usage.yaml")
        assert found.profile == "medium"
        assert "# mine" in (here / "cygni-usage.yaml").read_text()
        shown = cx("cost", STATE, "--explain").err
        assert "60.8333 GB/month per NAT gateway (measured in 10 days to " in shown
        again = cx("cost", "usage", "sync", STATE)
        assert "nat_data_gb: 60.8333 → 60.8333" in again.err
        assert "no values in these 30 days" in again.err

    def test_without_any_value_writes_nothing_and_names_what_has_none(
        self, cx: Cx, here: Path, empty_cloudwatch: Any
    ) -> None:
        answer = cx("cost", "usage", "sync", STATE, "--days", "7", "--json").answer
        assert (answer["file"], answer["days"], answer["measured"]) == (None, 7, [])
        assert "ec2.NatGateway shop-nat" in answer["without_values"]
        assert not (here / "cygni-usage.yaml").exists()

    def test_of_what_does_not_exist_yet_says_so(self, cx: Cx, here: Path) -> None:
        ended = cx("cost", "usage", "sync", str(RECORDED / "node-create.json"))
        assert (ended.code, "nothing in it exists" in ended.err) == (2, True)
        assert not (here / "cygni-usage.yaml").exists()


class TestStack:
    def test_prices_the_stacks_of_an_environment(self, cx: Cx) -> None:
        cx("deploy", "--yes")
        deployed = cx("status", "--json").answer
        for name in ("local", "shop.local"):
            answer = cx("cost", "--stack", name, "--json").answer
            assert answer["kind"] == "state"
            assert float(answer["monthly_after"]) == float(deployed["monthly"])
            assert float(answer["usage_monthly_after"]) == float(deployed["usage_monthly"])

    def test_prices_one_of_them(self, cx: Cx) -> None:
        cx("deploy", "--yes")
        one, same = (cx("cost", "--stack", name, "--json").answer for name in ("data", "shop.local.data"))
        assert one["resources"] == same["resources"] != []
        assert {one["type"] for one in one["resources"]} <= {
            one["type"] for one in cx("cost", "--stack", "local", "--json").answer["resources"]
        }

    def test_names_the_stacks_there_are(self, cx: Cx) -> None:
        cx("deploy", "--yes")
        ended = cx("cost", "--stack", "nowhere")
        assert ended.code == 6
        assert "There are: shop.local.data" in ended.err

    def test_is_instead_of_a_file(self, cx: Cx) -> None:
        assert cx("cost", STATE, "--stack", "local").code == 2
