"""Tasks. In us-east-1 a vCPU is 0.04048 USD and a GB 0.004445 USD an hour on x86, 0.03238 and 0.00356 on ARM (AWS Fargate
pricing); a month has 730 hours."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.aws_limits import FARGATE_MEMORY
from cygni.pricing.usage_metrics import Points
from cygni.resources import Resource
from cygni.savings.rules.fargate import smaller_size
from tests.cygni.savings.conftest import Find, hourly, resource

VCPU, GB = Decimal("0.04048") * 730, Decimal("0.004445") * 730
ARM_VCPU, ARM_GB = Decimal("0.03238") * 730, Decimal("0.00356") * 730


def tasks(cpu: int = 1024, memory: int = 2048, count: int = 1, **inputs: Any) -> list[Resource]:
    """A service of both colours, of which blue runs."""
    definition = resource(
        "aws:ecs/taskDefinition:TaskDefinition",
        "shop-staging-web",
        {
            "family": "web",
            "cpu": str(cpu),
            "memory": str(memory),
            "runtimePlatform": {"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"},
            **inputs,
        },
    )
    return [
        definition,
        *(
            resource(
                "aws:ecs/service:Service",
                f"shop-staging-web-{colour}",
                {
                    "desiredCount": number,
                    "capacityProviderStrategies": [{"capacityProvider": "FARGATE", "weight": 100}],
                    "networkConfiguration": {"assignPublicIp": False},
                },
                references={"taskDefinition": (definition.urn,)},
            )
            for colour, number in (("blue", count), ("green", 0))
        ),
    ]


def use(there: list[Resource], cpu: Points, memory: Points, colour: int = 1) -> dict[tuple[str, str], Points]:
    urn = there[colour].urn
    return {(urn, "service_cpu_percent"): cpu, (urn, "service_memory_percent"): memory}


class TestOversized:
    def test_is_the_difference_to_the_smaller_size(self, find: Find) -> None:
        """5 % of 1 vCPU and 20 % of 2 GB fit a quarter of a vCPU with 1 GB: 410 MiB need 683 with headroom."""
        there = tasks(count=2)
        [found] = find("oversized-tasks", *there, series=use(there, hourly(5), hourly(20)))
        assert found.saves == 2 * (Decimal("0.75") * VCPU + GB)
        assert found.candidate.change.settings == {"services": {"web": {"cpu": 256, "memory": 1024}}}
        assert "at most 5.0 % of 1024 CPU units and 20.0 % of 2048 MiB" in found.candidate.seen

    def test_leaves_out_the_highest_hundredth_of_the_hours(self, find: Find) -> None:
        there = tasks()
        few, more = hourly(5, peaks=[100] * 3), hourly(5, peaks=[100] * 4)
        assert len(find("oversized-tasks", *there, series=use(there, few, hourly(20)))) == 1
        assert find("oversized-tasks", *there, series=use(there, more, hourly(20))) == []

    @pytest.mark.parametrize(("hours", "found"), [(336, 1), (320, 1), (318, 0), (0, 0)])
    def test_takes_two_weeks_of_values(self, find: Find, hours: int, found: int) -> None:
        there = tasks()
        measured = use(there, hourly(5, hours), hourly(20, hours))
        assert len(find("oversized-tasks", *there, series=measured)) == found

    def test_takes_both_colours_together(self, find: Find) -> None:
        """The other colour ran in the first week, and was busy."""
        there = tasks()
        measured = use(there, hourly(5), hourly(20)) | use(there, hourly(90, 168), hourly(90, 168), colour=2)
        assert find("oversized-tasks", *there, series=measured) == []

    def test_is_not_of_a_service_that_does_not_run(self, find: Find) -> None:
        there = tasks(count=0)
        assert find("oversized-tasks", *there, series=use(there, hourly(1), hourly(1))) == []


class TestSmallerSize:
    @pytest.mark.parametrize(
        ("size", "cpu", "memory", "expected"),
        [
            ((1024, 2048), "5", "20", (256, 1024)),
            ((1024, 2048), "15", "10", (256, 512)),
            ((1024, 2048), "15.1", "10", (512, 1024)),
            ((1024, 2048), "30", "60", (512, 2048)),
            ((1024, 2048), "30", "60.1", None),
            ((1024, 4096), "90", "10", None),
            ((256, 512), "0", "0", None),
            ((256, 2048), "0", "10", (256, 512)),
            ((4096, 30720), "1", "50", (4096, 25600)),
            ((4096, 8192), "1", "1", (256, 512)),
        ],
    )
    def test_leaves_headroom(
        self, size: tuple[int, int], cpu: str, memory: str, expected: tuple[int, int] | None
    ) -> None:
        assert smaller_size(*size, Decimal(cpu), Decimal(memory)) == expected

    @given(
        st.sampled_from([(cpu, memory) for cpu, sizes in FARGATE_MEMORY.items() for memory in sizes]),
        st.decimals(0, 100, places=1),
        st.decimals(0, 100, places=1),
    )
    def test_is_one_that_fargate_has_and_no_larger(
        self, size: tuple[int, int], cpu: Decimal, memory: Decimal
    ) -> None:
        found = smaller_size(*size, cpu, memory)
        if found is not None:
            assert found[1] in FARGATE_MEMORY[found[0]]
            assert found != size
            assert size[0] * cpu / 100 <= found[0] <= size[0]
            assert size[1] * memory / 100 <= found[1] <= size[1]


class TestArm:
    def test_is_the_difference_of_the_prices(self, find: Find) -> None:
        [found] = find("arm-tasks", *tasks(count=3))
        assert found.saves == 3 * (VCPU - ARM_VCPU + 2 * (GB - ARM_GB))
        assert found.candidate.change.settings == {"services": {"web": {"architecture": "arm64"}}}
        assert "linux/amd64,linux/arm64" in found.candidate.caution

    @pytest.mark.parametrize(
        "platform",
        [
            {"cpuArchitecture": "ARM64"},
            {"cpuArchitecture": "X86_64", "operatingSystemFamily": "WINDOWS_SERVER_2022_CORE"},
        ],
    )
    def test_is_nothing_on_arm_and_windows(self, find: Find, platform: dict[str, str]) -> None:
        assert find("arm-tasks", *tasks(runtimePlatform=platform)) == []


class TestSpot:
    def test_is_told_without_an_amount(self, find: Find) -> None:
        [found] = find("spot-tasks", *tasks())
        assert (found.saves, found.counted) == (None, False)
        assert found.candidate.change.settings == {"services": {"web": {"spot": {"percent": 100}}}}

    def test_is_nothing_in_production_nor_on_spot(self, find: Find) -> None:
        assert find("spot-tasks", *tasks(), environment="production") == []
        definition, blue, green = tasks()
        blue.inputs["capacityProviderStrategies"][0]["capacityProvider"] = "FARGATE_SPOT"
        assert find("spot-tasks", definition, blue, green) == []
