"""Parts of an estimator, and what they read."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cygni.pricing import Usage
from cygni.pricing.charges import Amount, Charge, Free, Gap, by_usage, fixed
from cygni.pricing.parts import Part, priced
from cygni.pricing.readings import (
    Reading,
    Subject,
    at_least,
    at_most,
    beyond,
    choice,
    count,
    every,
    first_of,
    flag,
    is_one_of,
    is_set,
    named,
    negated,
    number,
    over,
    some,
    text,
    through,
    times,
    total,
    units,
    unknown,
    use,
    whole,
)
from cygni.pricing.resource_set import ResourceSet
from cygni.resources import UNKNOWN, Resource

HOURS = fixed("hours", "AmazonX", "hours", "hour")
DISK = fixed("{kind} disk", "AmazonX", "disk", "GB-month")
REQUESTS = by_usage("requests", "AmazonX", "requests", "request", "sqs_requests")
NOT_YET = unknown("not yet")
Make = Callable[..., Resource]


def amounts(*parts: Part | Charge, usage: Usage | None = None, **given: Any) -> list[Amount]:
    """What the parts make of a resource with these inputs."""
    resource = Resource("urn:it", "aws:x/it:It", "it", given, "us-east-1")
    found = priced("aws:x/it:It", parts=parts).amounts(resource, ResourceSet([resource]), usage or Usage())
    assert not isinstance(found, Free)
    return list(found)


def read(reading: Reading[Any], *others: Resource, references: Any = None, **given: Any) -> Any:
    resource = Resource("urn:it", "aws:x/it:It", "it", given, "us-east-1", references or {})
    return reading(Subject.of(resource, ResourceSet([resource, *others]), Usage()))


class TestPart:
    def test_is_one_of_a_fixed_charge_and_what_is_assumed_of_a_usage_charge(self) -> None:
        hours, requests = amounts(HOURS, REQUESTS, usage=Usage(sqs_requests=Decimal(7)))
        assert hours.quantity == 1
        assert hours.note is None
        assert requests.quantity == 7
        assert requests.note == "7 requests/month per queue"

    def test_lets_the_resource_decide_attributes_of_its_price(self) -> None:
        part = Part(DISK, whole("size"), by={"kind": text("type", "gp2")})
        (disk,) = amounts(part, size=8)
        assert disk.charge.component == "gp2 disk"
        assert disk.charge.key("us-east-1") == "AmazonX us-east-1 disk kind=gp2"
        assert part.declared.key("REGION") == "AmazonX REGION disk kind=…"

    def test_keeps_what_is_not_known_of_one_part_from_the_others(self) -> None:
        disk, hours = amounts(
            Part(DISK, whole("size"), by={"kind": text("type")}), HOURS, size=8, type=UNKNOWN
        )
        assert disk.quantity == Gap("type is known only after the deploy")
        assert disk.charge.key("r") == "AmazonX r disk kind=unknown"
        assert hours.quantity == 1

    @pytest.mark.parametrize(("on", "count_"), [(True, 1), (False, 0), (None, 0)])
    def test_is_there_only_when_it_applies(self, on: object, count_: int) -> None:
        assert len(amounts(Part(HOURS, when=flag("on")), on=on)) == count_

    def test_has_a_gap_when_nobody_knows_whether_it_applies(self) -> None:
        (hours,) = amounts(Part(HOURS, when=flag("on")), on=UNKNOWN)
        assert hours.quantity == Gap("on is known only after the deploy")

    def test_is_read_anew_for_each_object_of_a_list(self) -> None:
        part = Part(DISK, whole("size"), by={"kind": text("type", "gp2")}, each="disks")
        found = amounts(part, disks=[{"size": 1}, {"size": 2, "type": "io1"}])
        assert [each.charge.component for each in found] == ["gp2 disk", "io1 disk"]
        quantities: list[object] = [each.quantity for each in found]
        assert quantities == [1, 2]
        assert amounts(part) == []
        assert isinstance(amounts(part, disks=UNKNOWN)[0].quantity, Gap)

    def test_says_every_assumption_it_follows_from(self) -> None:
        part = Part(REQUESTS, use("sqs_requests"), assumes=("run_minutes",), note="and so on")
        (requests,) = amounts(part)
        assert (
            requests.note
            == "1,000,000 requests/month per queue; 5 minutes per run of a scheduled task; and so on"
        )

    def test_is_billed_elsewhere_where_that_is_read(self) -> None:
        assert amounts(Part(HOURS, region=text("region")), region="eu-west-1")[0].region == "eu-west-1"
        assert isinstance(amounts(Part(HOURS, region=text("region")))[0].quantity, Gap)

    def test_leaves_a_resource_free_when_none_applies(self) -> None:
        resource = Resource("urn:it", "aws:x/it:It", "it", {}, "us-east-1")
        made = priced("aws:x/it:It", parts=(Part(HOURS, when=flag("on")),), otherwise="it is off")
        assert made.amounts(resource, ResourceSet([resource]), Usage()) == Free("it is off")


class TestReading:
    @pytest.mark.parametrize(
        ("reading", "given", "expected"),
        [
            (text("a.b", "x"), {}, "x"),
            (text("a.b", "x"), {"a": {"b": "y"}}, "y"),
            (text("a.b"), {"a": {}}, Gap("b is not set")),
            (text("a.b"), {"a": UNKNOWN}, Gap("a is known only after the deploy")),
            (whole("a.b", 3), {}, 3),
            (number("a"), {"a": 0.5}, Decimal("0.5")),
            (number("a", "2"), {}, 2),
            (number("a"), {}, Gap("a is not set")),
            (number("a"), {"a": "much"}, Gap("a is not a number from 0 to 10^6")),
            (number("a"), {"a": True}, Gap("a is not a number from 0 to 10^6")),
            (number("a"), {"a": float("nan")}, Gap("a is not a number from 0 to 10^6")),
            (number("a"), {"a": UNKNOWN}, Gap("a is known only after the deploy")),
            (count("a"), {"a": [1, 2]}, 2),
            (count("a.b"), {"a": {"b": [1, 2]}}, 2),
            (count("a.b"), {}, 0),
            (count("a.b"), {"a": {"b": UNKNOWN}}, Gap("b is known only after the deploy")),
            (count("a.b"), {"a": {"b": 3}}, Gap("b is not a list")),
            (is_set("a"), {"a": UNKNOWN}, True),
            (is_set("a"), {"a": ""}, False),
            (is_one_of(text("a"), "x", "y"), {"a": "y"}, True),
            (named(text("a"), {"x": 1}, "kind"), {"a": "x"}, 1),
            (named(text("a"), {"x": 1}, "kind"), {"a": "z"}, Gap("no price for kind z")),
        ],
    )
    def test_of_inputs(self, reading: Reading[Any], given: dict[str, Any], expected: object) -> None:
        assert read(reading, **given) == expected

    @pytest.mark.parametrize(
        ("reading", "expected"),
        [
            (times(units(2), units(3)), 6),
            (times(NOT_YET, units(0)), 0),
            (times(units(2), NOT_YET), Gap("not yet")),
            (total(units(2), units(3)), 5),
            (total(units(2), NOT_YET), Gap("not yet")),
            (over(units(1), 3), Decimal("0.333333333")),
            (beyond(units(5), units(3)), 2),
            (beyond(units(1), units(3)), 0),
            (beyond(units(1), NOT_YET), Gap("not yet")),
            (beyond(NOT_YET, units(1)), Gap("not yet")),
            (at_least(units(1), units(3)), 3),
            (at_most(units(5), units(3)), 3),
            (use("run_minutes"), 5),
            (first_of(NOT_YET, units(1)), 1),
            (first_of(NOT_YET, unknown("nor this")), Gap("not yet")),
            (choice(flag("a"), units(1), units(2)), 2),
            (choice(NOT_YET, units(1), units(2)), Gap("not yet")),
            (every(flag("a"), NOT_YET), False),
            (every(negated(flag("a")), NOT_YET), Gap("not yet")),
            (every(negated(flag("a"))), True),
            (some(negated(flag("a")), NOT_YET), True),
            (some(flag("a"), NOT_YET), Gap("not yet")),
            (some(flag("a")), False),
        ],
    )
    def test_composed_of_others(self, reading: Reading[Any], expected: object) -> None:
        assert read(reading) == expected

    def test_of_a_resource_that_an_input_refers_to(self, make: Make) -> None:
        template = make("aws:ec2/launchTemplate:LaunchTemplate", {"instanceType": "m7g.large"})
        reading = through("template", template.type, text("instanceType"))
        assert read(reading, template, references={"template": (template.urn,)}) == "m7g.large"
        assert read(reading) == Gap("its LaunchTemplate is outside the estimate")
        assert read(through("template", template.type, text("a"), text("b", "c"))) == "c"
