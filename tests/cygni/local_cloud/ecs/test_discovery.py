from __future__ import annotations

import pytest

from cygni.local_cloud.ecs.discovery import reachable

NAMES = {"api.local.shop.internal": "http://127.0.0.1:8081"}


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("http://api.local.shop.internal:9000", "http://127.0.0.1:8081"),
        ("http://API.local.shop.internal", "http://127.0.0.1:8081"),
        ("http://api.local.shop.internal:9000/api?x=1", "http://127.0.0.1:8081/api?x=1"),
    ],
)
def test_leads_to_a_service_through_its_load_balancer(value: str, told: str) -> None:
    assert reachable(value, NAMES) == told


@pytest.mark.parametrize(
    "value",
    [
        "http://other.local.shop.internal:9000",
        "https://api.local.shop.internal",
        "http://api.local.shop.internal.example.com",
        "http://api.local.shop.internal:9000,http://other",
        "api.local.shop.internal",
        "",
    ],
)
def test_leaves_alone_what_is_no_url_of_a_service(value: str) -> None:
    assert reachable(value, NAMES) == value
