"""Refusing a task that Fargate has no size for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cygni.aws_limits import FARGATE_MEMORY, sizes_in_words

SOURCE = "AmazonECS/latest/developerguide/task-cpu-memory-error.html"


def wrong_size(task: Mapping[str, Any]) -> str | None:
    """Why Fargate has no such size, in AWS's words; None when it has, or when the task is not for Fargate.

    `task` holds the parameters of RegisterTaskDefinition. CPU may be spelled in units or as "1 vCPU", memory in
    MiB or as "2 GB".
    """
    if "FARGATE" not in (task.get("requiresCompatibilities") or ()):
        return None
    cpu, memory = cpu_units(task.get("cpu")), mebibytes(task.get("memory"))
    if cpu is None or memory is None:
        return "Fargate requires task definition to have cpu and memory at the task level, as numbers"
    fitting = FARGATE_MEMORY.get(cpu, ())
    if memory in fitting:
        return None
    offered = (
        f"{cpu} CPU goes with {sizes_in_words(fitting)} MiB"
        if fitting
        else f"CPU is one of {sizes_in_words(tuple(FARGATE_MEMORY))}"
    )
    return f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory. {offered}."


def cpu_units(value: Any) -> int | None:
    """Of `256`, `.25 vCPU` and the like (ECS API reference, RegisterTaskDefinition); None when it is no amount."""
    return _amount(value, "vcpu")


def mebibytes(value: Any) -> int | None:
    """Of `512`, `2 GB` and the like; None when it is no amount."""
    return _amount(value, "gb")


def _amount(value: Any, unit: str) -> int | None:
    """Units of 1024 to the vCPU or GB; None when it is no amount."""
    text = str(value or "").lower().replace(" ", "")
    try:
        return round(float(text.removesuffix(unit)) * 1024) if text.endswith(unit) else int(text)
    except ValueError:
        return None
