from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from components.kubernetes_cluster import ADMIN_POLICY, KubernetesCluster, KubernetesClusterArgs, NodesArgs
from tests.pulumi_mocks import Made, Registered, run_program

GENERAL = NodesArgs(
    instance_types=["t4g.medium"], architecture="arm64", least=1, size=2, most=4, spot=False, disk=30
)
BATCH = replace(GENERAL, instance_types=["m7i.large", "m6i.large"], architecture="x86_64", spot=True)
DEVELOPERS = "arn:aws:iam::123456789012:role/developers"
ARGS = KubernetesClusterArgs(
    cluster_name="shop_staging",
    version="1.35",
    subnet_ids=["subnet-a", "subnet-b"],
    node_groups={"general": GENERAL, "batch": BATCH},
    public_from=[],
    admins=[DEVELOPERS],
    logs=["audit"],
    log_retention=30,
    extended_support=False,
    secrets_key=False,
)


def cluster(args: KubernetesClusterArgs = ARGS, **more: Any) -> Made:
    def program() -> None:
        KubernetesCluster("shop-staging", replace(args, **more))

    return run_program(program)


@pytest.fixture(scope="module")
def found() -> Made:
    return cluster()


def trust(made: Made, role: str) -> dict[str, Any]:
    [statement] = json.loads(made.named("Role", f"shop-staging-eks-{role}").inputs["assumeRolePolicy"])[
        "Statement"
    ]
    document: dict[str, Any] = statement
    return document


def policies(made: Made, role: str) -> set[str]:
    prefix = f"shop-staging-eks-{role}-"
    attached = [one for one in made.of("RolePolicyAttachment") if one.name.startswith(prefix)]
    return {one.inputs["policyArn"].rpartition("/")[2] for one in attached}


def addon(made: Made, name: str) -> Registered:
    return made.named("Addon", f"shop-staging-{name}")


class TestControlPlane:
    def test_is_reached_from_the_vpc_alone(self, found: Made) -> None:
        network = found.only("Cluster").inputs["vpcConfig"]
        assert (network["endpointPrivateAccess"], network["endpointPublicAccess"]) == (True, False)
        assert "publicAccessCidrs" not in network

    def test_is_public_to_the_ranges_that_are_named(self) -> None:
        network = cluster(public_from=["192.0.2.0/24"]).only("Cluster").inputs["vpcConfig"]
        assert (network["endpointPublicAccess"], network["publicAccessCidrs"]) == (True, ["192.0.2.0/24"])
        assert network["endpointPrivateAccess"] is True

    def test_lets_in_only_who_has_an_access_entry(self, found: Made) -> None:
        assert found.only("Cluster").inputs["accessConfig"] == {
            "authenticationMode": "API",
            "bootstrapClusterCreatorAdminPermissions": False,
        }
        assert found.only("AccessEntry").inputs["principalArn"] == DEVELOPERS
        association = found.only("AccessPolicyAssociation").inputs
        assert (association["policyArn"], association["accessScope"]) == (ADMIN_POLICY, {"type": "cluster"})

    def test_has_its_log_group_first_so_that_it_goes_with_it(self, found: Made) -> None:
        logs = found.only("LogGroup")
        assert logs.inputs["name"] == "/aws/eks/shop_staging/cluster"
        assert logs.urn in found.only("Cluster").depends_on

    def test_waits_for_its_permissions(self, found: Made) -> None:
        assert policies(found, "control") == {"AmazonEKSClusterPolicy"}
        attachment = next(
            one for one in found.of("RolePolicyAttachment") if one.name.startswith("shop-staging-eks-control")
        )
        assert attachment.urn in found.only("Cluster").depends_on

    @pytest.mark.parametrize(("extended", "expected"), [(False, "STANDARD"), (True, "EXTENDED")])
    def test_pays_for_extended_support_only_if_told_to(self, extended: bool, expected: str) -> None:
        policy = cluster(extended_support=extended).only("Cluster").inputs["upgradePolicy"]
        assert policy == {"supportType": expected}

    def test_has_a_key_for_its_secrets_only_if_told_to(self, found: Made) -> None:
        assert "encryptionConfig" not in found.only("Cluster").inputs
        encrypted = cluster(secrets_key=True)
        config = encrypted.only("Cluster").inputs["encryptionConfig"]
        assert config == {"provider": {"keyArn": encrypted.only("Key").arn}, "resources": ["secrets"]}


class TestNodes:
    def test_are_of_the_sizes_and_types_asked_for(self, found: Made) -> None:
        general, batch = (
            next(one for one in found.of("aws:eks/nodeGroup:NodeGroup") if name in one.name).inputs
            for name in ("general", "batch")
        )
        assert general["scalingConfig"] == {"minSize": 1, "desiredSize": 2, "maxSize": 4}
        assert (general["amiType"], general["capacityType"]) == ("AL2023_ARM_64_STANDARD", "ON_DEMAND")
        assert (batch["amiType"], batch["capacityType"]) == ("AL2023_x86_64_STANDARD", "SPOT")
        assert batch["instanceTypes"] == ["m7i.large", "m6i.large"]
        assert general["subnetIds"] == ["subnet-a", "subnet-b"]
        assert general["version"] == "1.35"

    def test_have_encrypted_disks_and_keep_their_metadata_from_pods(self, found: Made) -> None:
        template = found.named("LaunchTemplate", "shop-staging-general").inputs
        [disk] = template["blockDeviceMappings"]
        assert (disk["ebs"]["volumeSize"], disk["ebs"]["encrypted"]) == (30, "true")
        assert template["metadataOptions"]["httpTokens"] == "required"
        assert template["metadataOptions"]["httpPutResponseHopLimit"] == 1

    def test_may_do_no_more_than_join_and_pull(self, found: Made) -> None:
        assert policies(found, "nodes") == {
            "AmazonEKSWorkerNodePolicy",
            "AmazonEC2ContainerRegistryPullOnly",
        }
        assert trust(found, "nodes")["Principal"] == {"Service": "ec2.amazonaws.com"}


class TestAddons:
    def test_come_before_the_nodes_that_need_them_and_after_those_they_need(self, found: Made) -> None:
        groups = found.of("aws:eks/nodeGroup:NodeGroup")
        for name in ("vpc-cni", "kube-proxy", "eks-pod-identity-agent"):
            assert all(addon(found, name).urn in one.depends_on for one in groups), name
        for name in ("coredns", "aws-ebs-csi-driver"):
            assert {one.urn for one in groups} <= set(addon(found, name).depends_on), name

    @pytest.mark.parametrize(
        ("name", "account", "policy"),
        [
            ("vpc-cni", "aws-node", "AmazonEKS_CNI_Policy"),
            ("aws-ebs-csi-driver", "ebs-csi-controller-sa", "AmazonEBSCSIDriverPolicy"),
        ],
    )
    def test_have_a_role_for_their_own_account_in_this_cluster_alone(
        self, name: str, account: str, policy: str, found: Made
    ) -> None:
        [identity] = addon(found, name).inputs["podIdentityAssociations"]
        assert identity["serviceAccount"] == account
        assert policies(found, name) == {policy}
        statement = trust(found, name)
        assert statement["Principal"] == {"Service": "pods.eks.amazonaws.com"}
        assert statement["Condition"]["StringEquals"] == {
            "aws:RequestTag/eks-cluster-name": "shop_staging",
            "aws:RequestTag/kubernetes-namespace": "kube-system",
            "aws:RequestTag/kubernetes-service-account": account,
        }

    def test_that_need_nothing_of_aws_have_no_role(self, found: Made) -> None:
        assert "podIdentityAssociations" not in addon(found, "coredns").inputs


def test_vouches_for_its_service_accounts(found: Made) -> None:
    provider = found.only("OpenIdConnectProvider").inputs
    assert provider["url"] == "https://oidc.test/id/shop-staging-kubernetes"
    assert provider["clientIdLists"] == ["sts.amazonaws.com"]
