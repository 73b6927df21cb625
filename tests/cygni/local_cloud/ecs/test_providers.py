from __future__ import annotations

from collections import Counter
from typing import Any

from cygni.local_cloud.ecs.providers import next_provider


def spread(strategy: list[dict[str, Any]], tasks: int) -> Counter[str]:
    used: list[str] = []
    for _ in range(tasks):
        used.append(next_provider(strategy, used))
    return Counter(used)


def test_the_base_comes_first_and_the_rest_by_weight() -> None:
    strategy = [
        {"capacityProvider": "FARGATE", "base": 2, "weight": 1},
        {"capacityProvider": "FARGATE_SPOT", "weight": 3},
    ]
    assert spread(strategy, 2) == {"FARGATE": 2}
    assert spread(strategy, 10) == {"FARGATE": 4, "FARGATE_SPOT": 6}


def test_without_a_weight_there_is_only_the_base() -> None:
    strategy = [
        {"capacityProvider": "FARGATE", "base": 1, "weight": 0},
        {"capacityProvider": "FARGATE_SPOT", "weight": 1},
    ]
    assert spread(strategy, 5) == {"FARGATE": 1, "FARGATE_SPOT": 4}


def test_a_single_one_takes_all() -> None:
    assert spread([{"capacityProvider": "FARGATE"}], 3) == {"FARGATE": 3}
