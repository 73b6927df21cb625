from __future__ import annotations

from typing import Any

import pytest

from cygni.errors import SpecError
from cygni.spec import Cache
from tests.factories import create_spec


def cache(environment: str = "local", **given: Any) -> Cache:
    return create_spec(environment, caches={"fast": given}).caches["fast"]


class TestCache:
    def test_needs_nothing_but_a_name(self) -> None:
        found = create_spec("local", caches={"fast": None}).caches["fast"]
        assert (str(found.engine), found.engine_version, found.nodes) == ("valkey", "8.1", 1)

    def test_fails_over_and_keeps_snapshots_in_production(self) -> None:
        found = cache("production")
        assert (found.nodes, found.snapshot_retention, found.final_snapshot) == (2, 7, True)

    def test_has_the_newest_version_of_its_engine(self) -> None:
        assert cache(engine="redis").engine_version == "7.1"
        assert cache(engine="redis", version="6.2").engine_version == "6.2"

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"engine": "memcached"}, "is not one of the choices"),
            ({"engine": "redis", "version": "8.0"}, "is not a version of redis"),
            ({"version": "7.1"}, "is not a version of valkey"),
            ({"node_type": "t4g.micro"}, "is not allowed"),
            ({"nodes": 7}, "7 is too large"),
            ({"eviction": "lru"}, "is not one of the choices"),
            ({"snapshot_retention": 36}, "36 is too large"),
        ],
    )
    def test_refuses_what_elasticache_would(self, given: dict[str, Any], message: str) -> None:
        with pytest.raises(SpecError, match=message):
            create_spec(caches={"fast": given})
