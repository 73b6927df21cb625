"""What holds for any resources, also for inputs nobody would write."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import jsonschema  # type: ignore[import-untyped]
from hypothesis import given, settings
from hypothesis import strategies as st

from cygni.pricing import Bound, Estimate, PriceBook, Usage, cost_diff, estimate
from cygni.pricing.schema import COST_DIFF_SCHEMA, ESTIMATE_SCHEMA
from cygni.resources import Resource, has_unknown
from tests.cygni.pricing.any_resources import stacks

BOOK = PriceBook.load()
_modest = settings(max_examples=40)  # a busy machine is no failure


def known(found: Estimate) -> Estimate:
    """Without the resources of which something is not known."""
    whole = [cost for cost in found.resources if not cost.missing and cost.cost.monthly is not None]
    return Estimate(tuple(whole))


class TestEstimate:
    @_modest
    @given(stacks())
    def test_never_raises_and_keeps_its_published_shape(self, resources: list[Resource]) -> None:
        found = estimate(resources, BOOK)
        shape = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        jsonschema.validate(shape, ESTIMATE_SCHEMA)
        assert len(found.resources) == sum(not each.type.startswith("cygni:") for each in resources)

    @_modest
    @given(stacks(), st.randoms())
    def test_does_not_depend_on_the_order(self, resources: list[Resource], random: Any) -> None:
        shuffled = list(resources)
        random.shuffle(shuffled)
        assert estimate(shuffled, BOOK) == estimate(resources, BOOK)

    @_modest
    @given(stacks(), st.booleans())
    def test_is_the_sum_of_its_parts(self, resources: list[Resource], free_tier: bool) -> None:
        found = estimate(resources, BOOK, Usage(free_tier=free_tier))
        lines = [line for cost in found.resources for line in cost.lines if line.monthly is not None]
        assert found.monthly == sum(cost.known.monthly for cost in found.resources)
        assert found.monthly == sum(line.monthly or 0 for line in lines if not line.usage_based)
        assert found.usage_monthly == sum(line.monthly or 0 for line in lines if line.usage_based)

    @_modest
    @given(stacks(), st.booleans(), st.permutations(range(8)))
    def test_does_not_depend_on_names(
        self, resources: list[Resource], free_tier: bool, order: list[int]
    ) -> None:
        names = {resource.urn: f"urn:{order[number]}" for number, resource in enumerate(resources)}
        renamed = [
            replace(
                resource,
                urn=names[resource.urn],
                name=names[resource.urn],
                references={
                    name: tuple(names.get(urn, urn) for urn in urns)
                    for name, urns in resource.references.items()
                },
            )
            for resource in resources
        ]
        one, other = (estimate(each, BOOK, Usage(free_tier=free_tier)) for each in (resources, renamed))
        assert (one.totals, one.missing) == (other.totals, other.missing)

    @_modest
    @given(stacks())
    def test_is_no_more_with_the_free_tier(self, resources: list[Resource]) -> None:
        plain, less = (estimate(resources, BOOK, Usage(free_tier=free)).totals for free in (False, True))
        assert less.monthly <= plain.monthly
        assert less.usage_monthly <= plain.usage_monthly

    @_modest
    @given(stacks())
    def test_counts_in_decimals_alone(self, resources: list[Resource]) -> None:
        for line in estimate(resources, BOOK).lines:
            values = (line.quantity, line.unit_price, line.hourly, line.monthly)
            assert all(value is None or isinstance(value, Decimal) for value in values)

    @_modest
    @given(stacks(), st.none() | st.decimals(0, 1000, places=2))
    def test_is_never_more_than_its_bound(self, resources: list[Resource], said: Decimal | None) -> None:
        found = estimate(resources, BOOK, Usage(at_most=said))
        most, totals = found.at_most, found.totals
        assert most.monthly is None or totals.monthly <= most.monthly
        assert most.usage_monthly is None or totals.usage_monthly <= most.usage_monthly
        if said is not None:
            assert None not in (most.monthly, most.usage_monthly)
        if found.complete:
            assert (most.monthly, most.usage_monthly) == (totals.monthly, totals.usage_monthly)

    @_modest
    @given(stacks(), stacks(), st.none() | st.decimals(0, 1000, places=2))
    def test_never_differs_by_more_than_its_bound(
        self, one: list[Resource], other: list[Resource], said: Decimal | None
    ) -> None:
        diff = cost_diff(*(estimate(each, BOOK, Usage(at_most=said)) for each in (one, other)))
        for each in diff.resources:
            assert (each.at_most.monthly is None) <= (each.bound in (Bound.AT_LEAST, Bound.OPEN))
            assert each.at_most.monthly is None or each.known.monthly <= each.at_most.monthly
        assert said is None or diff.at_most.monthly is not None

    @_modest
    @given(stacks())
    def test_is_never_negative(self, resources: list[Resource]) -> None:
        lines = list(estimate(resources, BOOK).lines)
        assert all(line.monthly is None or line.monthly >= 0 for line in lines)
        assert all((line.monthly is None) == (line.missing is not None) for line in lines)

    @_modest
    @given(st.integers(0, 5000), st.integers(0, 5000), st.sampled_from([256, 1024, 4096]))
    def test_grows_with_the_number_of_tasks(self, one: int, other: int, cpu: int) -> None:
        few, many = sorted([one, other])
        assert service(few, cpu).monthly <= service(many, cpu).monthly
        assert service(few + many, cpu).monthly == service(few, cpu).monthly + service(many, cpu).monthly

    @_modest
    @given(st.decimals(0, 10**12, places=3), st.decimals(0, 10**12, places=3))
    def test_grows_with_traffic_across_every_tier(self, one: Decimal, other: Decimal) -> None:
        less, more = sorted([one, other])
        assert traffic(less).usage_monthly <= traffic(more).usage_monthly
        assert (
            sum((line.quantity or 0) for line in traffic(more).lines if "internet" in line.component) == more
        )


class TestCostDiff:
    @_modest
    @given(stacks())
    def test_of_the_same_resources_is_nothing(self, resources: list[Resource]) -> None:
        found = estimate(resources, BOOK)
        diff = cost_diff(found, found)
        assert diff.delta.monthly == diff.delta.usage_hourly == 0
        known_inputs = {one.urn for one in resources if not has_unknown(one.inputs)}
        assert not [one for one in diff.changed if one.urn in known_inputs]
        assert not cost_diff(known(found), known(found)).changed

    @_modest
    @given(stacks(), stacks())
    def test_is_after_less_before(self, one: list[Resource], other: list[Resource]) -> None:
        before, after = known(estimate(one, BOOK)), known(estimate(other, BOOK))
        diff = cost_diff(before, after)
        assert diff.complete
        assert diff.delta.monthly == after.monthly - before.monthly
        assert diff.delta.hourly == after.hourly - before.hourly
        assert diff.delta.usage_monthly == after.usage_monthly - before.usage_monthly
        backwards = cost_diff(after, before)
        assert backwards.delta.monthly == -diff.delta.monthly
        assert backwards.delta.usage_monthly == -diff.delta.usage_monthly
        assert backwards.delta.hourly == -diff.delta.hourly

    @_modest
    @given(stacks(), stacks())
    def test_adds_up_in_what_is_known(self, one: list[Resource], other: list[Resource]) -> None:
        diff = cost_diff(estimate(one, BOOK), estimate(other, BOOK))
        assert diff.delta == diff.after.totals - diff.before.totals
        assert diff.delta.monthly == sum(each.known.monthly for each in diff.resources)
        assert diff.delta.usage_hourly == sum(each.known.usage_hourly for each in diff.resources)

    @_modest
    @given(stacks(), stacks())
    def test_keeps_its_published_shape(self, one: list[Resource], other: list[Resource]) -> None:
        diff = cost_diff(estimate(one, BOOK), estimate(other, BOOK))
        jsonschema.validate(json.loads(json.dumps(diff.to_dict(), allow_nan=False)), COST_DIFF_SCHEMA)
        assert diff.complete == (diff.unknown == 0 and diff.usage_unknown == 0)


def resources_of(*pairs: tuple[str, dict[str, Any]]) -> Sequence[Resource]:
    return [Resource(f"urn::{token}::it", token, "it", inputs, "us-east-1") for token, inputs in pairs]


def service(count: int, cpu: int) -> Estimate:
    definition = {"family": "web", "cpu": str(cpu), "memory": str(cpu * 2)}
    inputs = {"desiredCount": count, "launchType": "FARGATE", "taskDefinition": "web"}
    pair = resources_of(
        ("aws:ecs/service:Service", inputs), ("aws:ecs/taskDefinition:TaskDefinition", definition)
    )
    return estimate(pair, BOOK)


def traffic(gigabytes: Decimal) -> Estimate:
    balancer = resources_of(("aws:lb/loadBalancer:LoadBalancer", {"subnets": ["a", "b"]}))
    return estimate(balancer, BOOK, Usage(internet_egress_gb=gigabytes))
