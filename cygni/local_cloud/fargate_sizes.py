"""The task sizes Fargate offers: which memory goes with which CPU."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

SOURCE = "AmazonECS/latest/developerguide/task-cpu-memory-error.html"

# CPU units (1024 = 1 vCPU) -> memory in MiB.
SIZES: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}


def wrong_size(task: Mapping[str, Any]) -> str | None:
    """Why Fargate has no such size, in AWS's words; None when it has, or when the task is not for Fargate.

    `task` holds the parameters of RegisterTaskDefinition. CPU may be spelled in units or as "1 vCPU", memory in
    MiB or as "2 GB".
    """
    if "FARGATE" not in (task.get("requiresCompatibilities") or ()):
        return None
    cpu, memory = _amount(task.get("cpu"), "vcpu"), _amount(task.get("memory"), "gb")
    if cpu is None or memory is None:
        return "Fargate requires task definition to have cpu and memory at the task level, as numbers"
    if memory in SIZES.get(cpu, ()):
        return None
    fitting = SIZES.get(cpu)
    offered = (
        f"{cpu} CPU goes with {_listed(fitting)} MiB" if fitting else f"CPU is one of {_listed(tuple(SIZES))}"
    )
    return f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. {offered}."


def _amount(value: Any, unit: str) -> int | None:
    """Units of 1024 to the vCPU or GB; None when it is no amount."""
    text = str(value or "").lower().replace(" ", "")
    try:
        return round(float(text.removesuffix(unit)) * 1024) if text.endswith(unit) else int(text)
    except ValueError:
        return None


def _listed(values: tuple[int, ...]) -> str:
    if len(values) <= 8:
        return ", ".join(map(str, values))
    return f"{values[0]} to {values[-1]} in steps of {values[1] - values[0]}"
