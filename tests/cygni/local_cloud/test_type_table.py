"""The table of resource types: nothing is served by half, and nothing is without a word on its cost."""

from __future__ import annotations

from cygni.local_cloud.provider import handlers, schema
from cygni.local_cloud.type_table import TypeFacts, cost_of, describe, facts


def of(token: str) -> TypeFacts:
    [found] = [one for one in facts() if one.token == token]
    return found


class TestFacts:
    def test_are_of_every_type_that_is_served(self) -> None:
        assert [one.token for one in facts()] == sorted(handlers.tokens())

    def test_tell_that_each_is_created_read_and_deleted(self) -> None:
        assert {one.token for one in facts() if one.operations != ("create", "read", "delete")} == set()

    def test_tell_that_each_can_be_changed_in_one_way_or_the_other(self) -> None:
        assert {one.token for one in facts() if not one.updated + one.replaced + one.sometimes} == set()

    def test_count_the_inputs_that_change_in_place_or_replace(self) -> None:
        kind = schema.find("aws:ec2/vpc:Vpc")
        assert kind is not None
        inputs = [one for one in kind.properties.values() if one.input]
        vpc = of("aws:ec2/vpc:Vpc")
        assert vpc.updated + vpc.replaced + vpc.sometimes == len(inputs)
        assert vpc.replaced == len([one for one in inputs if one.force_new is True]) > 0
        assert of("aws:ec2/networkAclRule:NetworkAclRule").updated == 0

    def test_name_the_policies_that_look_at_a_type(self) -> None:
        assert {"encryption-at-rest", "backups"} <= set(of("aws:rds/instance:Instance").policies)
        assert of("aws:ec2/route:Route").policies == ()


class TestCost:
    def test_is_told_in_one_of_five_ways(self) -> None:
        assert cost_of("aws:ec2/natGateway:NatGateway") == "fixed and by use"
        assert cost_of("aws:cloudwatch/metricAlarm:MetricAlarm") == "fixed"
        assert cost_of("aws:sqs/queue:Queue") == "by use"
        assert cost_of("aws:iam/role:Role") == "free"
        assert cost_of("aws:quantum/computer:Computer") == "not priced"


class TestPage:
    def test_has_a_row_for_each_type(self) -> None:
        rows = [line for line in describe().splitlines() if line.startswith("| `aws:")]
        assert len(rows) == len(handlers.tokens())
        assert all(row.count(" | ") == 7 for row in rows)
