"""ECS services on Fargate. Prices per hour in us-east-1: x86 0.04048 a vCPU and 0.004445 a GB, ARM 0.03238 and
0.00356, ephemeral storage 0.000111 a GB."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from cygni.pricing import ResourceCost, Status
from cygni.resources import UNKNOWN, Resource

SERVICE = "aws:ecs/service:Service"
TASK_DEFINITION = "aws:ecs/taskDefinition:TaskDefinition"
PROVIDERS = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
ARN = "arn:aws:ecs:us-east-1:123456789012:task-definition/web:3"
Make = Callable[..., Resource]
CostOf = Callable[..., ResourceCost]


def sized(make: Make, cpu: object = "256", memory: object = "512", **inputs: Any) -> Resource:
    return make(TASK_DEFINITION, {"family": "web", "cpu": cpu, "memory": memory, **inputs})


def running(make: Make, count: object = 1, region: str = "us-east-1", **inputs: Any) -> Resource:
    inputs = {"desiredCount": count, "launchType": "FARGATE", "taskDefinition": ARN, **inputs}
    return make(SERVICE, inputs, region=region)


class TestService:
    def test_costs_the_vcpu_and_memory_of_its_tasks(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(running(make, 2), sized(make))
        assert cost.status is Status.PRICED
        assert cost.cost.hourly == Decimal("0.024685")  # 2 × (0.25 × 0.04048 + 0.5 × 0.004445)
        assert cost.cost.monthly == Decimal("18.02005")

    def test_on_arm_costs_less(self, make: Make, cost_of: CostOf) -> None:
        platform = {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"}
        cost = cost_of(running(make, 2), sized(make, runtimePlatform=platform))
        assert cost.cost.hourly == Decimal("0.01975")  # 2 × (0.25 × 0.03238 + 0.5 × 0.00356)

    @pytest.mark.parametrize(("region", "hourly"), [("eu-west-1", "0.0123425"), ("eu-central-1", "0.014195")])
    def test_costs_what_its_region_asks(self, make: Make, cost_of: CostOf, region: str, hourly: str) -> None:
        assert cost_of(running(make, region=region), sized(make)).cost.hourly == Decimal(hourly)

    def test_has_no_price_for_arm_where_the_book_has_none(self, make: Make, cost_of: CostOf) -> None:
        arm = sized(make, runtimePlatform={"cpuArchitecture": "ARM64"})
        assert cost_of(running(make, region="eu-west-1"), arm).status is Status.NO_PRICE

    def test_with_no_tasks_costs_nothing_and_is_priced(self, make: Make, cost_of: CostOf) -> None:
        """The idle colour of a blue-green pair."""
        cost = cost_of(running(make, 0), sized(make))
        assert (cost.status, cost.cost.monthly, cost.missing) == (Status.PRICED, Decimal(0), 0)

    @pytest.mark.parametrize("count", [UNKNOWN, "many", -1, 1.5, True, [], 10**9, "[secret]"])
    def test_has_no_price_when_the_count_is_not_known(
        self, make: Make, cost_of: CostOf, count: object
    ) -> None:
        cost = cost_of(running(make, count), sized(make))
        assert cost.status is Status.NO_PRICE
        assert cost.note is not None
        assert cost.note.startswith("desiredCount is")

    @pytest.mark.parametrize("count", [2, 2.0, "2"])
    def test_reads_a_count_as_the_engine_may_give_it(
        self, make: Make, cost_of: CostOf, count: object
    ) -> None:
        assert cost_of(running(make, count), sized(make)).cost.hourly == Decimal("0.024685")

    def test_without_a_count_assumes_none_and_says_so(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(running(make, None), sized(make))
        assert cost.cost.monthly == 0
        assert cost.lines[0].assumption == "desiredCount is not set: 0 tasks, the provider's default"

    def test_tells_how_far_autoscaling_may_go(self, make: Make, cost_of: CostOf) -> None:
        service = running(make, 2)
        target = make(
            "aws:appautoscaling/target:Target",
            {"resourceId": UNKNOWN, "minCapacity": 2, "maxCapacity": 8},
            references={"resourceId": ("urn:cluster", service.urn)},
        )
        cost = cost_of(service, sized(make), target)
        assert cost.lines[0].assumption == "2 running all month; autoscaling may go up to 8"

    @pytest.mark.parametrize(("count", "paid"), [(1, 2), (5, 5), (9, 8)])
    def test_costs_what_autoscaling_lets_run(
        self, make: Make, cost_of: CostOf, count: int, paid: int
    ) -> None:
        """The count of a service that is scaled is old: Pulumi does not touch it."""
        service = running(make, count)
        target = make(
            "aws:appautoscaling/target:Target",
            {"minCapacity": 2, "maxCapacity": 8},
            references={"resourceId": (service.urn,)},
        )
        cost = cost_of(service, sized(make), target)
        assert cost.cost.hourly == paid * Decimal("0.0123425")


class TestTaskDefinition:
    def test_is_found_through_the_reference_when_its_arn_is_unknown(
        self, make: Make, cost_of: CostOf
    ) -> None:
        definition = make(TASK_DEFINITION, {"family": UNKNOWN, "cpu": "1024", "memory": "2048"})
        service = make(
            SERVICE,
            {"desiredCount": 1, "launchType": "FARGATE", "taskDefinition": UNKNOWN},
            references={"taskDefinition": (definition.urn,)},
        )
        assert cost_of(service, definition).cost.hourly == Decimal("0.04937")  # 0.04048 + 2 × 0.004445

    @pytest.mark.parametrize("name", [ARN, "web:3", "web"])
    def test_is_found_by_arn_or_family(self, make: Make, cost_of: CostOf, name: str) -> None:
        assert cost_of(running(make, taskDefinition=name), sized(make)).status is Status.PRICED

    def test_that_is_elsewhere_leaves_the_service_without_a_price(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(running(make))
        assert cost.status is Status.NO_PRICE
        assert cost.note == "the task definition web is not among the resources"

    def test_of_a_family_with_two_sizes_is_not_guessed(self, make: Make, cost_of: CostOf) -> None:
        small = sized(make)
        large = make(TASK_DEFINITION, {"family": "web", "cpu": "512", "memory": "1024"}, name="large")
        assert cost_of(running(make), small, large).status is Status.NO_PRICE

    @pytest.mark.parametrize(("cpu", "memory"), [(256, 512), (".25 vCPU", "0.5 GB"), ("0.25vcpu", "0.5gb")])
    def test_may_spell_its_size_as_ecs_takes_it(
        self, make: Make, cost_of: CostOf, cpu: object, memory: object
    ) -> None:
        assert cost_of(running(make), sized(make, cpu, memory)).cost.hourly == Decimal("0.0123425")

    @pytest.mark.parametrize(
        ("cpu", "memory"), [("256", "8192"), ("1024", "1024"), ("300", "512"), ("65536", "131072")]
    )
    def test_has_no_price_in_a_size_that_fargate_does_not_have(
        self, make: Make, cost_of: CostOf, cpu: str, memory: str
    ) -> None:
        cost = cost_of(running(make), sized(make, cpu, memory))
        assert cost.note == f"Fargate has no tasks of {cpu} CPU units and {memory} MiB"

    @pytest.mark.parametrize("cpu", [None, UNKNOWN, "", "0", "0 vCPU", "lots", "1 GB", [], float("nan")])
    def test_without_a_size_leaves_the_service_without_a_price(
        self, make: Make, cost_of: CostOf, cpu: object
    ) -> None:
        cost = cost_of(running(make), sized(make, cpu))
        assert cost.status is Status.NO_PRICE
        assert cost.note is not None
        assert cost.note.startswith("the task definition's cpu is")

    @pytest.mark.parametrize(("size", "monthly"), [(20, None), (21, "0.08103"), (100, "6.4824")])
    def test_pays_for_storage_above_twenty_gb(
        self, make: Make, cost_of: CostOf, size: int, monthly: str | None
    ) -> None:
        cost = cost_of(running(make), sized(make, ephemeralStorage={"sizeInGib": size}))
        found = [line.monthly for line in cost.lines if "storage" in line.component]
        assert found == ([Decimal(monthly)] if monthly else [])  # (size - 20) × 0.000111 × 730

    @pytest.mark.parametrize(
        "platform",
        [
            UNKNOWN,
            "linux",
            {"cpuArchitecture": UNKNOWN},
            {"cpuArchitecture": "RISCV"},
            {"operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
        ],
    )
    def test_of_another_platform_has_no_price(self, make: Make, cost_of: CostOf, platform: object) -> None:
        assert cost_of(running(make), sized(make, runtimePlatform=platform)).status is Status.NO_PRICE

    def test_is_free_itself(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(sized(make)).status is Status.FREE


PUBLIC = {"assignPublicIp": True, "subnets": ["a"]}


class TestPublicTasks:
    def test_pay_for_an_address_each_and_for_their_traffic(self, make: Make, cost_of: CostOf) -> None:
        cost = cost_of(running(make, 3, networkConfiguration=PUBLIC), sized(make))
        assert cost.lines[2].monthly == Decimal("10.95")  # 3 × 0.005 × 730
        assert cost.cost.usage_monthly == 9

    def test_behind_a_load_balancer_leave_the_traffic_to_it(self, make: Make, cost_of: CostOf) -> None:
        service = running(make, 3, networkConfiguration=PUBLIC, loadBalancers=[{"targetGroupArn": UNKNOWN}])
        assert cost_of(service, sized(make)).cost.usage_monthly == 0

    @pytest.mark.parametrize("network", [UNKNOWN, 3, {"assignPublicIp": UNKNOWN}])
    def test_that_may_be_public_have_no_price(self, make: Make, cost_of: CostOf, network: object) -> None:
        cost = cost_of(running(make, networkConfiguration=network), sized(make))
        assert cost.status is Status.NO_PRICE


class TestCapacity:
    def strategies(self, *names: object) -> dict[str, Any]:
        found = [{"capacityProvider": name, "weight": 1} for name in names]
        return {"launchType": None, "capacityProviderStrategies": found}

    def test_on_fargate_by_strategy_has_its_price(self, make: Make, cost_of: CostOf) -> None:
        service = running(make, **self.strategies("FARGATE"))
        assert cost_of(service, sized(make)).status is Status.PRICED

    @pytest.mark.parametrize("names", [("FARGATE_SPOT",), ("FARGATE", "FARGATE_SPOT"), (UNKNOWN,)])
    def test_that_may_be_spot_has_no_price(
        self, make: Make, cost_of: CostOf, names: tuple[object, ...]
    ) -> None:
        cost = cost_of(running(make, **self.strategies(*names)), sized(make))
        assert (cost.status, cost.cost.monthly) == (Status.NO_PRICE, None)

    @pytest.mark.parametrize(
        ("tasks", "base", "certain"), [(10, 0, 3), (10, 4, 5), (3, 4, 3), (3, 0, 0), (100, 0, 30)]
    )
    def test_that_is_spot_in_part_has_a_price_for_the_rest(
        self, make: Make, cost_of: CostOf, tasks: int, base: int, certain: int
    ) -> None:
        mixed = [
            {"capacityProvider": "FARGATE", "weight": 30, "base": base},
            {"capacityProvider": "FARGATE_SPOT", "weight": 70},
        ]
        service = running(make, tasks, launchType=None, capacityProviderStrategies=mixed)
        cost = cost_of(service, sized(make))
        known = sum((line.hourly or Decimal(0)) for line in cost.lines)
        assert known == certain * Decimal("0.0123425")
        spot = [line for line in cost.lines if "Spot" in line.component]
        assert len(spot) == (0 if certain == tasks else 2)
        assert all(line.monthly is None and "no list price" in str(line.missing) for line in spot)
        assert cost.at_most.monthly == tasks * Decimal("0.0123425") * 730

    def test_on_spot_with_no_tasks_costs_nothing(self, make: Make, cost_of: CostOf) -> None:
        service = running(make, 0, **self.strategies("FARGATE_SPOT"))
        assert cost_of(service, sized(make)).cost.monthly == 0

    def test_on_instances_leaves_the_bill_to_them(self, make: Make, cost_of: CostOf) -> None:
        assert cost_of(running(make, launchType="EC2"), sized(make)).status is Status.FREE
        assert cost_of(running(make, **self.strategies("my-instances"))).status is Status.FREE

    def test_follows_the_default_of_the_cluster(self, make: Make, cost_of: CostOf) -> None:
        spot = [{"capacityProvider": "FARGATE_SPOT", "weight": 1}]
        providers = make(PROVIDERS, {"clusterName": "main", "defaultCapacityProviderStrategies": spot})
        service = running(make, launchType=None, cluster="arn:aws:ecs:us-east-1:1:cluster/main")
        fargate = sized(make, requiresCompatibilities=["FARGATE"])
        assert cost_of(service, fargate, providers).status is Status.NO_PRICE
        assert cost_of(service, fargate).status is Status.PRICED

    @pytest.mark.parametrize("launch", ["EXTERNAL", UNKNOWN, None, 3])
    def test_that_is_not_told_has_no_price(self, make: Make, cost_of: CostOf, launch: object) -> None:
        assert cost_of(running(make, launchType=launch), sized(make)).status is Status.NO_PRICE


class TestCluster:
    def test_is_free_unless_container_insights_watches_it(self, make: Make, cost_of: CostOf) -> None:
        cluster = "aws:ecs/cluster:Cluster"
        watched = [{"name": "containerInsights", "value": "enhanced"}]
        assert cost_of(make(cluster)).status is Status.FREE
        assert (
            cost_of(make(cluster, {"settings": [{"name": "containerInsights", "value": "disabled"}]})).status
            is Status.FREE
        )
        cost = cost_of(make(cluster, {"settings": watched}))
        assert (cost.status, cost.cost.monthly, cost.cost.usage_monthly) == (
            Status.NO_PRICE,
            Decimal(0),
            None,
        )


class TestScalingPolicy:
    def test_that_tracks_a_target_pays_for_its_alarms(self, make: Make, cost_of: CostOf) -> None:
        policy = "aws:appautoscaling/policy:Policy"
        tracking = make(policy, {"policyType": "TargetTrackingScaling"})
        assert cost_of(tracking).cost.monthly == Decimal("0.2")
        assert cost_of(make(policy, {"policyType": "StepScaling"})).status is Status.FREE
        assert cost_of(make(policy, {"policyType": UNKNOWN})).status is Status.NO_PRICE
