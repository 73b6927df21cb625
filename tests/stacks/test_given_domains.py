from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cygni.errors import StateError
from cygni.naming import Part
from stacks.given_domains import FILE_VARIABLE, GivenDomain, given_domains, left_out, served, with_domains
from stacks.inputs import FoundationInputs
from stacks.manifest import stack_inputs
from tests.factories import create_spec

HERE = {"region": "eu-central-1", "account": "123456789012"}
DOMAIN = GivenDomain("shop.example.org", "arn:aws:acm:eu-central-1:123456789012:certificate/1")


class TestGiven:
    def test_are_read_from_the_file_of_the_worker(self, tmp_path: Path) -> None:
        file = tmp_path / "domains.json"
        file.write_text(json.dumps([{"name": DOMAIN.name, "certificate": DOMAIN.certificate}]))
        assert given_domains({FILE_VARIABLE: str(file)}) == (DOMAIN,)
        assert given_domains({}) == ()

    @pytest.mark.parametrize("content", ["{", "[1]", '[{"name": "a"}]', "1"])
    def test_are_refused_where_the_file_is_none(self, tmp_path: Path, content: str) -> None:
        (tmp_path / "domains.json").write_text(content)
        for file in ("domains.json", "missing"):
            with pytest.raises(StateError):
                given_domains({FILE_VARIABLE: str(tmp_path / file)})


class TestServed:
    def test_are_inputs_of_the_foundation_in_their_order(self) -> None:
        spec, other = create_spec(), replace(DOMAIN, name="a.example.org")
        found = with_domains(stack_inputs(spec), served(spec, [DOMAIN, other], **HERE))[Part.FOUNDATION]
        assert isinstance(found, FoundationInputs)
        assert [name for name, _ in found.certificates] == ["shop.example.org", "a.example.org"]
        assert list(left_out(spec, [DOMAIN, other], **HERE)) == []

    def test_are_of_any_account_on_the_local_cloud(self) -> None:
        assert served(create_spec("local"), [DOMAIN], region="eu-central-1", account="") == (DOMAIN,)

    @pytest.mark.parametrize(
        ("sections", "where", "why"),
        [
            ({}, {"region": "us-east-1"}, "is in eu-central-1, and the load balancer in us-east-1"),
            ({}, {"account": "210987654321"}, "is in the AWS account 123456789012"),
            ({"services": {"a": {"kind": "worker", "image": "a:1"}}}, {}, "without a web service"),
            ({"domain": {"name": "www.example.org", "zone": "example.org", "cdn": True}}, {}, "CloudFront"),
            (
                {
                    "domain": {
                        "name": "www.example.org",
                        "zone": "example.org",
                        "aliases": ["shop.example.org"],
                    }
                },
                {},
                "cygni.yaml has the name",
            ),
        ],
    )
    def test_are_not_those_that_the_load_balancer_cannot_have(
        self, sections: dict[str, Any], where: dict[str, str], why: str
    ) -> None:
        spec = create_spec(**sections)
        assert served(spec, [DOMAIN], **{**HERE, **where}) == ()
        [told] = left_out(spec, [DOMAIN], **{**HERE, **where})
        assert told.startswith("the domain shop.example.org of the control plane is not put")
        assert why in told
