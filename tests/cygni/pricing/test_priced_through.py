"""What others are priced by: each input that is listed does change what another resource costs."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from cygni.pricing import PriceBook, estimate
from cygni.pricing.cost import ResourceCost
from cygni.pricing.priced_through import PRICED_THROUGH, repricing
from cygni.resources import Resource
from tests.cygni.pricing.conftest import Make

TEMPLATE = "aws:ec2/launchTemplate:LaunchTemplate"
AURORA = "aws:rds/cluster:Cluster"
DOCUMENTS = "aws:docdb/cluster:Cluster"
GRAPH = "aws:neptune/cluster:Cluster"
DATABASE = "aws:rds/instance:Instance"
FUNCTION = "aws:lambda/function:Function"
TARGET = "aws:appautoscaling/target:Target"

Dependent = tuple[str, str, Mapping[str, Any]]
"""A type, the input by which it refers to what it is priced by, and what else it says."""

_GROUP: Dependent = (
    "aws:autoscaling/group:Group",
    "launchTemplate",
    {"launchTemplate": {"id": "lt-1"}, "minSize": 2},
)
_ON_AURORA: Dependent = (
    "aws:rds/clusterInstance:ClusterInstance",
    "clusterIdentifier",
    {"engine": "aurora-postgresql"},
)
_ON_DOCUMENTS: Dependent = ("aws:docdb/clusterInstance:ClusterInstance", "clusterIdentifier", {})
_ON_GRAPH: Dependent = ("aws:neptune/clusterInstance:ClusterInstance", "clusterIdentifier", {})
_SERVERLESS = {"instanceClass": "db.serverless"}
_CONCURRENCY: Dependent = (
    "aws:lambda/provisionedConcurrencyConfig:ProvisionedConcurrencyConfig",
    "functionName",
    {"provisionedConcurrentExecutions": 2},
)
_CAPACITY = {"minCapacity": 1, "maxCapacity": 8}
_OTHER_CAPACITY = {"minCapacity": 4, "maxCapacity": 8}

CASES: list[tuple[str, str, Any, Any, Mapping[str, Any], Dependent, Mapping[str, Any]]] = [
    (TEMPLATE, "instanceType", "m5.large", "m5.xlarge", {}, _GROUP, {}),
    (TEMPLATE, "monitoring", None, {"enabled": True}, {"instanceType": "m5.large"}, _GROUP, {}),
    (TEMPLATE, "instanceMarketOptions", None, {"marketType": "spot"}, {"instanceType": "m5.large"}, _GROUP, {}),
    (TEMPLATE, "creditSpecification", None, {"cpuCredits": "standard"}, {"instanceType": "t3.large"}, _GROUP, {}),
    (TEMPLATE, "placement", None, {"tenancy": "dedicated"}, {"instanceType": "m5.large"}, _GROUP, {}),
    (TEMPLATE, "networkInterfaces", None, [{"associatePublicIpAddress": True}], {}, _GROUP, {}),
    (
        TEMPLATE, "blockDeviceMappings", None, [{"deviceName": "/dev/sdb", "ebs": {"volumeSize": 9}}],
        {}, _GROUP, {},
    ),
    (AURORA, "serverlessv2ScalingConfiguration", _CAPACITY, _OTHER_CAPACITY, {}, _ON_AURORA, _SERVERLESS),
    (AURORA, "storageType", None, "aurora-iopt1", {"serverlessv2ScalingConfiguration": _CAPACITY},
     _ON_AURORA, _SERVERLESS),
    (AURORA, "engineVersion", "11.9", "16.4", {}, _ON_AURORA, {"instanceClass": "db.r5.large"}),
    (
        AURORA, "engineLifecycleSupport", None, "open-source-rds-extended-support-disabled",
        {"engineVersion": "11.9"}, _ON_AURORA, {"instanceClass": "db.r5.large"},
    ),
    (DOCUMENTS, "serverlessV2ScalingConfiguration", _CAPACITY, _OTHER_CAPACITY, {}, _ON_DOCUMENTS, _SERVERLESS),
    (DOCUMENTS, "storageType", None, "iopt1", {}, _ON_DOCUMENTS, {"instanceClass": "db.r5.large"}),
    (GRAPH, "serverlessV2ScalingConfiguration", _CAPACITY, _OTHER_CAPACITY, {}, _ON_GRAPH, _SERVERLESS),
    (GRAPH, "storageType", None, "iopt1", {}, _ON_GRAPH, {"instanceClass": "db.r5.large"}),
    (FUNCTION, "memorySize", 128, 256, {}, _CONCURRENCY, {}),
    (FUNCTION, "architectures", ["x86_64"], ["arm64"], {}, _CONCURRENCY, {}),
]  # fmt: skip
"""Type, input, its value before and after, what else it says, and what is priced by it."""


def lines(cost: ResourceCost) -> list[tuple[Any, ...]]:
    return [(one.component, one.price_key, one.quantity, one.missing) for one in cost.lines]


@pytest.mark.parametrize(
    ("type_token", "name", "old", "new", "rest", "dependent", "more"),
    CASES,
    ids=[f"{case[0].rsplit(':', 1)[-1]}-{case[1]}-{index}" for index, case in enumerate(CASES)],
)
def test_it_changes_what_another_costs(
    book: PriceBook, make: Make, type_token: str, name: str, old: Any, new: Any,
    rest: Mapping[str, Any], dependent: Dependent, more: Mapping[str, Any],
) -> None:  # fmt: skip
    assert name in PRICED_THROUGH[type_token]
    before, after = (make(type_token, {**rest, name: value}) for value in (old, new))
    token, input_name, inputs = dependent
    user = make(token, {**inputs, **more}, references={input_name: (before.urn,)})
    was, now = (
        next(one for one in estimate([each, user], book).resources if one.type == token)
        for each in (before, after)
    )
    assert lines(was) != lines(now)
    assert [one.urn for one in repricing([before], [after])] == [before.urn]


def test_it_changes_what_a_scaled_service_costs(book: PriceBook, make: Make) -> None:
    definition = make(
        "aws:ecs/taskDefinition:TaskDefinition", {"family": "web", "cpu": "256", "memory": "512"}
    )
    service = make(
        "aws:ecs/service:Service", {"launchType": "FARGATE", "desiredCount": 2, "taskDefinition": "web"}
    )
    before, after = (
        make(TARGET, {"minCapacity": least, "maxCapacity": 9}, references={"resourceId": (service.urn,)})
        for least in (1, 5)
    )
    was, now = (estimate([definition, service, each], book).monthly for each in (before, after))
    assert (was > 0, now / was) == (True, Decimal("2.5"))
    assert [one.urn for one in repricing([before], [after])] == [before.urn]


def test_it_changes_what_a_proxy_costs(book: PriceBook, make: Make) -> None:
    small, large = (
        make(DATABASE, {"instanceClass": size, "engine": "postgres"})
        for size in ("db.m6g.large", "db.m6g.4xlarge")
    )
    proxy = make("aws:rds/proxy:Proxy")
    target = make(
        "aws:rds/proxyTarget:ProxyTarget",
        references={"dbProxyName": (proxy.urn,), "dbInstanceIdentifier": (small.urn,)},
    )
    was, now = (
        next(one for one in estimate([each, proxy, target], book).resources if one.type == proxy.type)
        for each in (small, large)
    )
    assert lines(was) != lines(now)
    assert [one.urn for one in repricing([small], [large])] == [small.urn]


def test_every_input_that_is_listed_is_tried_here() -> None:
    tried = {(case[0], case[1]) for case in CASES}
    tried |= {(TARGET, "minCapacity"), (TARGET, "maxCapacity"), (DATABASE, "instanceClass")}
    assert tried == {(token, name) for token, names in PRICED_THROUGH.items() for name in names}


class TestRepricing:
    def template(self, make: Make, **inputs: Any) -> Resource:
        return make(TEMPLATE, inputs)

    def test_is_not_what_nobody_is_priced_by(self, make: Make) -> None:
        old, new = (self.template(make, instanceType="m5.large", tags={"a": value}) for value in "xy")
        assert list(repricing([old], [new])) == []

    def test_is_not_what_comes_or_goes(self, make: Make) -> None:
        one = self.template(make, instanceType="m5.large")
        assert list(repricing([], [one])) == list(repricing([one], [])) == []

    def test_is_not_of_a_type_that_stands_alone(self, make: Make) -> None:
        old, new = (make("aws:ebs/volume:Volume", {"size": size}) for size in (1, 2))
        assert list(repricing([old], [new])) == []
