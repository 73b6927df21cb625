"""The project in deploy/aws: what a deploy of it would make, and what that costs."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cygni.naming import Part
from cygni.pricing import PriceBook, estimate
from cygni.resources import Resource
from cygni.spec import ProjectSpec
from cygni.spec.loader import load_spec
from tests.stacks.declared_stacks import Stacks, all_made
from tests.stacks.test_policies import broken
from tests.stacks.test_policies import resources as declared

FILE = Path(__file__).parents[2] / "deploy/aws/cygni.yaml"


@pytest.fixture(scope="module")
def spec() -> ProjectSpec:
    return load_spec(FILE, "production")


@pytest.fixture(scope="module")
def stacks(spec: ProjectSpec) -> Stacks:
    return all_made(spec)


def container(stacks: Stacks, kind: str) -> dict[str, Any]:
    found = stacks[Part.SERVICES].named("TaskDefinition", f"cygni-production-{kind}")
    [one] = json.loads(found.inputs["containerDefinitions"])
    return dict(one)


def running(one: Resource) -> Resource:
    """With one task in the blue service of each, as after the first release."""
    if one.type == "aws:ecs/service:Service" and one.name.endswith("-blue"):
        return replace(one, inputs={**one.inputs, "desiredCount": 1})
    return one


class TestProject:
    def test_is_a_server_behind_https_a_worker_and_a_database(self, stacks: Stacks) -> None:
        services = stacks[Part.SERVICES].of("aws:ecs/service:Service")
        assert {one.inputs["desiredCount"] for one in services} <= {0, 1, 2}
        assert container(stacks, "server")["command"] == ["cx", "server", "run"]
        assert container(stacks, "worker")["command"] == ["cx", "worker"]
        assert len(stacks[Part.DATA].of("aws:rds/instance:Instance")) == 1
        assert stacks[Part.FOUNDATION].of("aws:acm/certificate:Certificate")

    @pytest.mark.parametrize("kind", ["server", "worker"])
    def test_gives_both_the_database_and_the_key_by_reference(self, stacks: Stacks, kind: str) -> None:
        found = container(stacks, kind)
        told = {one["name"]: one["value"] for one in found["environment"]}
        assert told["CYGNI_DATABASE_URL"] == "postgres:///cygni"
        assert (told["PGDATABASE"], told["PGSSLMODE"]) == ("cygni", "require")
        secrets = {one["name"]: one["valueFrom"] for one in found["secrets"]}
        assert secrets.keys() >= {"CYGNI_SERVER_KEY", "PGUSER", "PGPASSWORD"}
        assert secrets["CYGNI_SERVER_KEY"].startswith("arn:aws:secretsmanager:")

    def test_keeps_the_policies_and_has_a_price(self, spec: ProjectSpec) -> None:
        found = declared(spec, preview=True)
        assert list(broken(spec, found)) == []
        monthly = estimate([running(one) for one in found], PriceBook.load()).monthly
        assert Decimal(100) < monthly < Decimal(140)  # docs/control-plane.md says about 120
