"""What AWS allows: for the specification, and for the local cloud that refuses what AWS refuses. Plain tables, so
that no AWS library is imported.

Sources: regions from botocore 1.44.5's endpoint data for EC2, partition `aws` (2025-11); Fargate task sizes
from the ECS API reference (TaskDefinition cpu and memory); days of retention from the CloudWatch Logs API
reference (PutRetentionPolicy).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

REGIONS: Final[tuple[str, ...]] = (
    "af-south-1",
    "ap-east-1",
    "ap-east-2",
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-south-2",
    "ap-southeast-1",
    "ap-southeast-2",
    "ap-southeast-3",
    "ap-southeast-4",
    "ap-southeast-5",
    "ap-southeast-6",
    "ap-southeast-7",
    "ca-central-1",
    "ca-west-1",
    "eu-central-1",
    "eu-central-2",
    "eu-north-1",
    "eu-south-1",
    "eu-south-2",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "il-central-1",
    "me-central-1",
    "me-south-1",
    "mx-central-1",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
)

FARGATE_MEMORY: Final[dict[int, tuple[int, ...]]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4096 + 1, 1024)),
    1024: tuple(range(2048, 8192 + 1, 1024)),
    2048: tuple(range(4096, 16384 + 1, 1024)),
    4096: tuple(range(8192, 30720 + 1, 1024)),
    8192: tuple(range(16384, 61440 + 1, 4096)),
    16384: tuple(range(32768, 122880 + 1, 8192)),
}
"""CPU units of a Fargate task (1024 are one vCPU) to the memory it may have, in MiB."""

LOG_RETENTION_DAYS: Final[tuple[int, ...]] = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1096, 1827, 2192, 2557, 2922, 3288, 3653),
)

TASK_DEFINITION_BYTES: Final = 64 * 1024
"""ECS refuses a task definition larger than this."""


def sizes_in_words(sizes: Sequence[int]) -> str:
    """`512, 1024 or 2048`, or where the steps are even `1024 to 4096 in steps of 1024`; two sizes or more."""
    steps = {after - before for before, after in pairwise(sizes)}
    if len(steps) == 1:
        return f"{sizes[0]} to {sizes[-1]} in steps of {steps.pop()}"
    return f"{', '.join(map(str, sizes[:-1]))} or {sizes[-1]}"
