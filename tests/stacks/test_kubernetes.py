"""The Kubernetes cluster in the foundation of an environment."""

from __future__ import annotations

from typing import Any

import pytest

from components.node_group import NAME_LIMIT
from cygni.naming import AUTO_NAME_SUFFIX, ROLE_NAME_LIMIT, Part, stack_name
from cygni.resources import is_cloud
from cygni.spec import ProjectSpec
from stacks.inputs import FoundationInputs
from stacks.manifest import stack_inputs
from stacks.program import program_for
from tests.factories import create_spec
from tests.pulumi_mocks import Made, run_program

CLUSTER = {"version": "1.35", "node_groups": {"general": {}, "batch": {"spot": True, "max": 2}}}
UNTAGGED = {"AccessPolicyAssociation", "Route", "RouteTableAssociation", "ClusterCapacityProviders"}


def shop(environment: str = "staging", **given: Any) -> ProjectSpec:
    written = {"network": {"nat": "single"}, "kubernetes": {**CLUSTER, **given}}
    return create_spec(environment, services=None, buckets=None, **written)


def foundation(spec: ProjectSpec) -> Made:
    stack = stack_name(spec.project, spec.environment, Part.FOUNDATION)
    return run_program(program_for(stack, stack_inputs(spec)[Part.FOUNDATION], {}), stack)


@pytest.fixture(scope="module")
def found() -> Made:
    return foundation(shop(admins=["arn:aws:iam::123456789012:role/developers"]))


class TestFoundation:
    def test_has_no_cluster_unless_written(self) -> None:
        spec = create_spec(services=None, buckets=None)
        assert foundation(spec).of("aws:eks/cluster:Cluster") == []

    def test_has_its_nodes_in_the_private_subnets(self, found: Made) -> None:
        private = [one.id for one in found.of("Subnet") if "-private-" in one.name]
        assert len(private) == 2
        for group in found.of("aws:eks/nodeGroup:NodeGroup"):
            assert group.inputs["subnetIds"] == private
        assert found.only("aws:eks/cluster:Cluster").inputs["vpcConfig"]["subnetIds"] == private

    def test_lets_its_load_balancers_find_their_subnets(self, found: Made) -> None:
        public, private = "kubernetes.io/role/elb", "kubernetes.io/role/internal-elb"
        for key, kind in ((public, "public"), (private, "private")):
            tagged = {one.name for one in found.of("Subnet") if key in one.inputs["tags"]}
            assert tagged == {f"shop-staging-{kind}-{zone}" for zone in "ab"}

    def test_tells_how_the_cluster_is_reached(self, found: Made) -> None:
        told = {key: value for key, value in found.outputs.items() if key.startswith("kubernetes")}
        assert told == {
            "kubernetesClusterName": "shop_staging",
            "kubernetesClusterEndpoint": "https://shop-staging-kubernetes.eks.test",
            "kubernetesClusterAuthority": "Y2E=",
            "kubernetesClusterSecurityGroupId": "sg-eks",
            "kubernetesIssuer": "https://oidc.test/id/shop-staging-kubernetes",
            "kubernetesProviderArn": found.only("OpenIdConnectProvider").arn,
        }

    def test_tags_everything_that_can_be_tagged(self, found: Made) -> None:
        for one in found.resources:
            if is_cloud(one.type) and one.type.rpartition(":")[2] not in UNTAGGED | {"RolePolicyAttachment"}:
                assert one.inputs["tags"]["cygni:urn"].endswith(f"{one.type}/{one.name}"), one.urn

    def test_puts_everything_below_a_component(self, found: Made) -> None:
        for one in found.resources:
            if one.custom:
                assert one.parent.split("::")[-2].split("$")[-1].startswith("cygni:"), one.urn
            else:
                assert found.registered[one.urn], f"{one.urn} registers no outputs"

    def test_has_names_that_aws_takes_however_long_the_parts(self) -> None:
        spec = create_spec(
            f"preview-{'e' * 24}",
            project="p" * 24,
            services=None,
            buckets=None,
            network={"nat": "single"},
            kubernetes={"version": "1.35", "node_groups": {"g" * 20: {}, "g" * 19: {}}},
        )
        made = foundation(spec)
        groups = made.of("aws:eks/nodeGroup:NodeGroup")
        assert len({one.name for one in groups}) == 2
        assert all(len(one.name) + AUTO_NAME_SUFFIX <= NAME_LIMIT for one in groups)
        roles = made.of("Role")
        assert len({one.name for one in roles}) == 4
        assert all(len(one.name) + AUTO_NAME_SUFFIX <= ROLE_NAME_LIMIT for one in roles)
        assert len(made.only("aws:eks/cluster:Cluster").inputs["name"]) <= 100


class TestInputs:
    def test_are_of_the_size_of_the_environment(self) -> None:
        inputs = stack_inputs(shop("production"))[Part.FOUNDATION]
        assert isinstance(inputs, FoundationInputs)
        assert inputs.kubernetes is not None
        batch, general = inputs.kubernetes.node_groups
        assert (general.name, general.least, general.size, general.most) == ("general", 3, 3, 6)
        assert (batch.name, batch.least, batch.size, batch.most, batch.spot) == ("batch", 1, 1, 2, True)
        assert inputs.kubernetes.log_retention == 90
