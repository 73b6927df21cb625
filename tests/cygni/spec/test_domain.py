from __future__ import annotations

from typing import Any

import pytest

from cygni.errors import SpecError
from cygni.spec import Domain
from tests.factories import create_spec


def domain(**given: Any) -> Domain:
    found = create_spec(domain={"name": "shop.example.com", **given}).domain
    assert found is not None
    return found


class TestDomain:
    def test_may_be_left_out(self) -> None:
        assert create_spec().domain is None

    def test_needs_a_name_and_no_more(self) -> None:
        found = domain()
        assert (found.zone, found.aliases, found.create_zone, found.cdn) == (None, (), False, False)
        with pytest.raises(SpecError, match=r"domain\.name"):
            create_spec(domain={"zone": "example.com"})

    @pytest.mark.parametrize(
        "name",
        ["example", "Shop.example.com", "shop.example.com.", "-a.example.com", "a_b.example.com", "*.example.com",
         f"{'a' * 53}.example.com"],
    )  # fmt: skip
    def test_refuses_what_is_no_host_name(self, name: str) -> None:
        with pytest.raises(SpecError, match=r"domain\.name"):
            create_spec(domain={"name": name})

    def test_takes_names_as_long_as_a_certificate_does(self) -> None:
        assert domain(name=f"{'a' * 52}.example.com", zone="example.com").name.startswith("aaa")

    def test_takes_further_names_and_wildcards_of_the_same_zone(self) -> None:
        aliases = ["www.example.com", "*.shop.example.com"]
        assert domain(zone="example.com", aliases=aliases).aliases == tuple(aliases)

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"aliases": ["www.example.com"]}, '"www.example.com" is not in the zone "shop.example.com"'),
            ({"zone": "other.com"}, '"shop.example.com" is not in the zone "other.com"'),
            ({"zone": "p.example.com"}, '"shop.example.com" is not in the zone "p.example.com"'),
            ({"aliases": ["shop.example.com"]}, '"shop.example.com" is there already'),
            ({"aliases": ["a.shop.example.com"] * 2}, '"a.shop.example.com" is there already'),
            ({"aliases": ["ends.with.*"]}, "is not allowed"),
            ({"aliases": []}, "is empty"),
        ],
    )
    def test_tells_what_does_not_fit(self, given: dict[str, Any], said: str) -> None:
        with pytest.raises(SpecError) as caught:
            domain(**given)
        assert said in caught.value.message


class TestFirewall:
    def test_is_on_in_production_alone(self) -> None:
        on = {name: create_spec(name).security.waf for name in ("preview-a", "staging", "production")}
        assert on == {"preview-a": False, "staging": False, "production": True}
        assert create_spec("production", security={"waf": False}).security.waf is False


class TestAccountWide:
    @pytest.mark.parametrize("environment", ["local", "preview-a", "staging", "production"])
    def test_is_off_unless_written(self, environment: str) -> None:
        found = create_spec(environment).security
        assert (found.guardduty, found.security_hub, found.cloudtrail) == (False, False, False)
