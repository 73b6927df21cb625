"""What Cygni makes itself keeps to every mandatory policy, in every environment."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pulumi.output import Unknown

from cygni.naming import Part, stack_name
from cygni.policies.judging import judge
from cygni.policies.rule import Level, Violation
from cygni.pricing import PriceBook, estimate
from cygni.resources import UNKNOWN, Resource, is_cloud
from cygni.spec import ProjectSpec, parse_spec
from cygni.spec.model import Sections
from stacks.manifest import stack_inputs
from stacks.program import program_for
from tests.factories import create_spec
from tests.pulumi_mocks import Registered, run_program

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").rglob("cygni.yaml"))
ENVIRONMENTS = ["local", "preview-login", "staging", "production"]
SECTIONS: dict[str, Any] = {
    "services": {
        "web": {"image": "nginx:1", "port": 80, "env": {"GREETING": "hello"}},
        "api": {"build": {"tag": "v7"}, "port": 8080, "path": "/api"},
        "mailer": {"kind": "worker", "image": "mailer:1"},
        "nightly": {"kind": "cron", "image": "report:1", "schedule": "0 3 * * *"},
        "migrate": {"kind": "job", "image": "migrate:1"},
    },
    "buckets": {"uploads": {"versioning": True}, "scratch": {"versioning": False}},
    "databases": {"main": {"engine": "postgres", "default": True}, "reports": {"engine": "aurora-postgres"}},
    "caches": {"sessions": {}},
    "queues": {"orders": {}},
    "topics": {"news": {"subscriptions": {"orders": {}}}},
    "kubernetes": {"version": "1.35", "node_groups": {"general": {}}},
    "domain": {"name": "example.com", "create_zone": True, "cdn": True},
    "discovery": True,
    "security": {"waf": True, "guardduty": True, "security_hub": True, "cloudtrail": True},
}
"""Something in every section that declares resources; the network is as the environment's size has it, but that
Kubernetes needs a NAT gateway everywhere."""

NOTHING_DECLARED = {"project", "region", "network", "log_retention", "policies", "usage", "cost"}


def everything(environment: str, *, without: str = "") -> ProjectSpec:
    known = {key: value for key, value in SECTIONS.items() if key in Sections.model_fields and key != without}
    return create_spec(environment, **known, network={"nat": "single"} if environment == "local" else None)


def resources(spec: ProjectSpec, *, preview: bool) -> list[Resource]:
    """Everything that the stacks of `spec` declare, as a plan has it."""
    found: list[Registered] = []
    outputs: dict[str, Any] = {}
    upstream: dict[str, Any] = {}
    for part, inputs in stack_inputs(spec).items():
        stack = stack_name(spec.project, spec.environment, part)
        made = run_program(program_for(stack, inputs, upstream), stack, preview=preview, references=outputs)
        found += made.resources
        outputs[stack] = made.outputs
        upstream[part] = dict.fromkeys(made.outputs, UNKNOWN) if preview else made.outputs
    return [_resource(one) for one in found if is_cloud(one.type)]


def _resource(one: Registered) -> Resource:
    return Resource(one.urn, one.type, one.name, _known(one.inputs), "us-east-1", one.references)


def _known(value: Any) -> Any:
    if isinstance(value, Unknown):
        return UNKNOWN
    if isinstance(value, dict):
        return {key: _known(inner) for key, inner in value.items()}
    return [_known(inner) for inner in value] if isinstance(value, list) else value


def found_in(spec: ProjectSpec, declared: list[Resource]) -> tuple[Violation, ...]:
    policies = spec.policies
    cost = estimate(declared, PriceBook.load())
    return judge(declared, cost, policies.limits(), policies.levels_in(spec.environment))


def broken(spec: ProjectSpec, declared: list[Resource]) -> Iterator[tuple[str, str, str]]:
    """The mandatory policies that are not kept, each with the resource and what is wrong with it."""
    levels = spec.policies.levels_in(spec.environment)
    for one in found_in(spec, declared):
        if levels[one.rule.name] is Level.MANDATORY:
            yield one.rule.name, one.resource.name if one.resource else "", one.problem


class TestMandatoryPolicies:
    @pytest.mark.parametrize("environment", ENVIRONMENTS)
    @pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.parent.name)
    def test_are_kept_by_the_examples(self, example: Path, environment: str) -> None:
        spec = parse_spec(example.read_text(encoding="utf-8"), str(example), environment)
        assert list(broken(spec, resources(spec, preview=False))) == []

    def test_are_kept_where_the_load_balancer_is_open_to_everybody(self) -> None:
        spec = everything("production", without="domain")
        assert list(broken(spec, resources(spec, preview=False))) == []

    @pytest.mark.parametrize("environment", ["local", "staging", "production"])
    @pytest.mark.parametrize("preview", [True, False], ids=["planned", "applied"])
    def test_are_kept_by_something_of_everything(self, environment: str, preview: bool) -> None:
        spec = everything(environment)
        declared = resources(spec, preview=preview)
        assert len(declared) > 50
        assert list(broken(spec, declared)) == []


@pytest.fixture(scope="module")
def declared() -> list[Resource]:
    """Something of everything in production, as it is applied."""
    return resources(everything("production"), preview=False)


class TestTheTestItself:
    """It would see what it looks for."""

    def test_has_something_in_every_section(self) -> None:
        assert set(Sections.model_fields) <= {*SECTIONS, *NOTHING_DECLARED}

    @pytest.mark.parametrize(
        ("kind", "changed", "policy"),
        [
            ("LoadBalancer", {"tags": {}}, "required-tags"),
            ("BucketPublicAccessBlock", {"blockPublicPolicy": False}, "no-public-bucket"),
            (
                "SecurityGroupIngressRule",
                {"cidrIpv4": "0.0.0.0/0", "fromPort": 22, "toPort": 22},
                "no-open-ingress",
            ),
            ("TaskDefinition", {"cpu": "131072"}, "instance-ceiling"),
            (
                "RolePolicy",
                {"policy": json.dumps({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})},
                "no-wildcard-iam",
            ),
        ],
    )
    def test_sees(self, declared: list[Resource], kind: str, changed: dict[str, Any], policy: str) -> None:
        worse = [
            replace(one, inputs={**one.inputs, **changed}) if one.type.endswith(f":{kind}") else one
            for one in declared
        ]
        assert {name for name, _, _ in broken(create_spec("production"), worse)} == {policy}

    def test_sees_that_the_entrance_is_the_load_balancers(self) -> None:
        open_to_all = resources(everything("production", without="domain"), preview=False)
        alone = [one for one in open_to_all if not one.type.endswith(":LoadBalancer")]
        assert {name for name, _, _ in broken(create_spec("production"), alone)} == {"no-open-ingress"}

    def test_advises_versions_for_buckets_in_production(self, declared: list[Resource]) -> None:
        advised = [
            one
            for one in found_in(create_spec("production"), declared)
            if one.rule.name == "bucket-versioning"
        ]
        named = {one.resource.name: one.resource.urn for one in advised if one.resource}
        assert "shop-production-uploads" not in named
        assert stack_name("shop", "production", Part.DATA) in named["shop-production-scratch"]
