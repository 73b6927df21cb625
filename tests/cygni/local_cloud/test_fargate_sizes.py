from __future__ import annotations

from typing import Any

import pytest

from cygni.local_cloud.fargate_sizes import wrong_size


def task(cpu: Any, memory: Any) -> dict[str, Any]:
    return {"requiresCompatibilities": ["FARGATE"], "cpu": cpu, "memory": memory}


class TestWrongSize:
    @pytest.mark.parametrize(
        ("cpu", "memory"),
        [
            ("256", "512"),
            ("256", "2048"),
            ("512", "4096"),
            ("1024", "8192"),
            ("4096", "30720"),
            ("8192", "61440"),
            ("16384", "122880"),
            ("1 vCPU", "2 GB"),
            (".25 vcpu", "0.5GB"),
        ],
    )
    def test_takes_what_fargate_offers(self, cpu: str, memory: str) -> None:
        assert wrong_size(task(cpu, memory)) is None

    @pytest.mark.parametrize(
        ("cpu", "memory"),
        [("256", "4096"), ("512", "512"), ("8192", "17408"), ("300", "1024"), ("2 vCPU", "2 GB")],
    )
    def test_refuses_what_it_does_not(self, cpu: str, memory: str) -> None:
        assert "No Fargate configuration exists" in (wrong_size(task(cpu, memory)) or "")

    def test_tells_what_would_fit(self) -> None:
        assert "256 CPU goes with 512, 1024 or 2048 MiB" in (wrong_size(task("256", "4096")) or "")
        assert "CPU is one of 256, 512" in (wrong_size(task("300", "512")) or "")

    @pytest.mark.parametrize(("cpu", "memory"), [(None, "512"), ("256", None), ("a lot", "512")])
    def test_wants_both_as_numbers(self, cpu: str | None, memory: str | None) -> None:
        assert "requires task definition to have cpu and memory" in (wrong_size(task(cpu, memory)) or "")

    def test_leaves_other_tasks_alone(self) -> None:
        assert wrong_size({"cpu": "300", "memory": "1", "requiresCompatibilities": ["EC2"]}) is None
        assert wrong_size({}) is None
