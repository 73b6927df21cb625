"""What an environment's size decides where cygni.yaml says nothing."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cygni.spec.sizes import ANY, SIZED_DEFAULTS, Size, SizedDefault, size_of, sized
from tests.factories import create_spec

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["services", "network", "nat", "count", "kind", "log_retention", "web"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


class TestSizeOf:
    @pytest.mark.parametrize(
        ("environment", "size"),
        [
            ("local", Size.PREVIEW),
            ("preview-login", Size.PREVIEW),
            ("staging", Size.STAGING),
            ("production", Size.PRODUCTION),
        ],
    )
    def test_follows_from_the_name(self, environment: str, size: Size) -> None:
        assert size_of(environment) is size


class TestSized:
    def test_leaves_the_smallest_to_the_defaults_of_the_model(self) -> None:
        data: dict[str, Any] = {"services": {"web": {}}}
        assert sized(data, "preview-x") == sized(data, "local") == data

    def test_lays_the_defaults_of_production_under_what_is_written(self) -> None:
        data: dict[str, Any] = {"services": {"web": {"count": 1}, "api": {}}, "network": {"zones": 3}}
        found = sized(data, "production")
        release = {"pause": 300, "bake": 300, "warm": 3600, "gates": {"patience": 900, "latency_factor": 2}}
        assert found["services"] == {
            "web": {"count": 1, "alarms": True, "release": release},
            "api": {"count": 2, "alarms": True, "release": release},
        }
        assert found["network"] == {"zones": 3, "nat": "per-zone", "flow_logs": "rejected", "acls": True}
        assert found["log_retention"] == 90

    def test_adds_no_count_to_what_does_not_keep_running(self) -> None:
        assert sized({"services": {"n": {"kind": "cron"}}}, "production")["services"] == {
            "n": {"kind": "cron"}
        }

    @given(data=st.dictionaries(st.sampled_from(["services", "network", "log_retention"]), ANYTHING))
    def test_changes_nothing_that_is_written_and_never_what_it_was_given(self, data: dict[str, Any]) -> None:
        before = copy.deepcopy(data)
        found = sized(data, "production")
        assert data == before
        assert _contains(found, data)

    def test_differs_by_environment_in_the_specification(self) -> None:
        specs = {name: create_spec(name, network=None) for name in ("local", "staging", "production")}
        assert [str(spec.network.nat) for spec in specs.values()] == ["none", "single", "per-zone"]
        assert [spec.log_retention for spec in specs.values()] == [7, 30, 90]

    def test_gives_way_to_the_overrides_of_the_environment(self) -> None:
        spec = create_spec(
            "production", network=None, environments={"production": {"network": {"nat": "none"}}}
        )
        assert spec.network.nat == "none"


@pytest.mark.parametrize("default", SIZED_DEFAULTS, ids=lambda default: ".".join(default.path))
def test_every_default_is_one_the_specification_takes(default: SizedDefault) -> None:
    assert default.path.count(ANY) <= 1
    assert size_of("production") is Size.PRODUCTION
    assert default.at(Size.STAGING) == default.staging
    assert default.at(Size.PRODUCTION) == default.production


def _contains(found: Any, written: Any) -> bool:
    if isinstance(written, dict):
        return isinstance(found, dict) and all(_contains(found[key], written[key]) for key in written)
    return bool(found == written)
