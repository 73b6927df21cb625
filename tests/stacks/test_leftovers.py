from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import StatefulProtected
from cygni.local_cloud.process import LocalCloud
from cygni.naming import Part, required_tags
from cygni.plan.guards import guard_data
from cygni.plan.model import Plan
from cygni.pricing import PriceBook, cost_diff, estimate
from cygni.pricing.exchange import Exchange
from cygni.resources import Resource
from stacks.leftovers import Leftover, find_leftovers, kept_snapshots, remains, unknown_to, with_leftovers
from stacks.state import StackState
from stacks.tagged import Tagged, _of_arn
from tests.factories import create_environment

STACK = "shop.staging.data"
BUCKET = "aws:s3/bucket:Bucket"
NAT = "aws:ec2/natGateway:NatGateway"


def tagged(name: str, *ids: str, resource_type: str = BUCKET) -> Tagged:
    return Tagged("s3 bucket", ids or (name,), required_tags(STACK, "shop", "staging", resource_type, name))


def state(*resources: tuple[Tagged, str]) -> StackState:
    found = [
        {"urn": f"urn::{one.urn}", "type": BUCKET, "id": id, "inputs": {"tags": dict(one.tags)}}
        for one, id in resources
    ]
    return StackState({"resources": found}, "x")


def leftover(resource_type: str = BUCKET, inputs: dict[str, Any] | None = None) -> Leftover:
    name = "shop-staging-uploads"
    urn = f"urn:pulumi:{STACK}::cygni::{resource_type}::{name}"
    return Leftover(Part.DATA, "b-1", Resource(urn, resource_type, name, inputs or {}, "us-east-1"))


def empty_plan() -> Plan:
    nothing = estimate([], PriceBook.load())
    return Plan("shop", "staging", "us-east-1", "aws", (), cost_diff(nothing, nothing), destroy=True)


class TestUnknown:
    def test_is_what_no_state_has(self) -> None:
        a, b = tagged("a"), tagged("b")
        assert unknown_to([state((a, "a"))], [a, b]) == [b]

    def test_is_the_second_of_two_of_one_name(self) -> None:
        first, second = tagged("a", "id-1"), tagged("a", "id-2")
        assert unknown_to([state((first, "id-1"))], [first, second]) == [second]

    def test_is_nothing_that_is_only_called_otherwise(self) -> None:
        assert unknown_to([state((tagged("a"), "https://queue/a"))], [tagged("a", "arn:a")]) == []

    def test_is_nothing_without_an_identity(self) -> None:
        assert unknown_to([], [Tagged("s3 bucket", ("a",), {"cygni:project": "shop"})]) == []


class TestFind:
    def test_tells_id_and_properties_from_the_tags(
        self, tmp_path: Path, local_cloud: LocalCloud, aws: Callable[..., Any]
    ) -> None:
        made = create_environment(tmp_path)
        endpoint = {"AWS_ENDPOINT_URL": local_cloud.endpoint, "AWS_ACCESS_KEY_ID": "local"}
        made = replace(made, target="local", engine=replace(made.engine, environment=endpoint))
        one = tagged("left-over-uploads", "arn:aws:s3:::left-over-uploads", "left-over-uploads")
        foreign = Tagged("s3 bucket", one.ids, {**one.tags, "cygni:urn": f"other.staging.data/{BUCKET}/x"})
        unserved = tagged("a", resource_type="aws:made/up:Up")
        assert find_leftovers(made, [one]) == []
        s3 = aws("s3")
        s3.create_bucket(Bucket="left-over-uploads")
        tags = [{"Key": key, "Value": value} for key, value in one.tags.items()]
        s3.put_bucket_tagging(Bucket="left-over-uploads", Tagging={"TagSet": tags})
        [found] = find_leftovers(made, [one, foreign, unserved])
        assert (found.part, found.id) == (Part.DATA, "left-over-uploads")
        assert found.resource.inputs["bucket"] == "left-over-uploads"


class TestPlan:
    def test_names_and_guards_leftovers(self) -> None:
        plan = with_leftovers(empty_plan(), [leftover()])
        [step] = plan.steps
        assert (step.name, step.stateful) == ("shop-staging-uploads (left over)", "uploads")
        with pytest.raises(StatefulProtected):
            guard_data(plan, [])
        guard_data(plan, ["uploads"])

    def test_counts_their_cost(self) -> None:
        plan = with_leftovers(empty_plan(), [leftover(NAT, {"connectivityType": "public"})])
        assert plan.cost.delta_monthly < Decimal(-30)

    def test_tells_which_snapshots_stay(self) -> None:
        kept = {"finalSnapshotIdentifier": "last-one", "skipFinalSnapshot": False}
        one = leftover("aws:rds/instance:Instance", kept)
        assert kept_snapshots(with_leftovers(empty_plan(), [one])) == ("last-one of shop-staging-uploads",)
        gone = leftover("aws:rds/instance:Instance", {**kept, "skipFinalSnapshot": True})
        assert kept_snapshots(with_leftovers(empty_plan(), [gone])) == ()


class TestRemains:
    def test_are_told_with_what_they_cost(self) -> None:
        gateway = leftover(NAT, {"connectivityType": "public"})
        found = remains([tagged("a", "nat-1"), tagged("b", "snap-1")], [gateway])
        assert found.things == ("s3 bucket nat-1", "s3 bucket snap-1")
        assert (found.monthly > 30, found.unknown, found.monthly_at_most) == (True, 1, None)

    def test_cost_at_most_what_they_would_on_demand(self) -> None:
        spot = {
            "instanceType": "m5.large",
            "instanceMarketOptions": {"marketType": "spot"},
            "subnetId": "s",
        }
        found = remains([tagged("a", "i-1")], [leftover("aws:ec2/instance:Instance", spot)])
        assert (found.unknown, found.monthly_at_most) == (1, Decimal("70.88"))
        there = found.shown_in(Exchange("EUR", Decimal("0.5")))
        assert (there.monthly_at_most, there.to_dict()["currency"]) == (Decimal("35.44"), "EUR")


class TestArn:
    @pytest.mark.parametrize(
        ("arn", "id"),
        [
            ("arn:aws:s3:::uploads", "uploads"),
            ("arn:aws:ec2:us-east-1:1:vpc/vpc-1", "vpc-1"),
            ("arn:aws:rds:us-east-1:1:db:shop", "shop"),
            ("arn:aws:logs:us-east-1:1:log-group:/shop/web", "/shop/web"),
            ("arn:aws:elasticloadbalancing:us-east-1:1:loadbalancer/app/a/b", None),
        ],
    )
    def test_names_what_it_may_be_called_by(self, arn: str, id: str | None) -> None:
        assert (id or arn) in _of_arn(arn, {}).ids
