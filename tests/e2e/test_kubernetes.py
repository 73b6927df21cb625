"""A Kubernetes cluster from the first deploy to the destroy."""

from __future__ import annotations

from typing import Any

import pytest

from cygni.naming import Part
from tests.e2e.project import Project

pytestmark = [pytest.mark.engine, pytest.mark.slow]

ADMIN = "arn:aws:iam::123456789012:role/developers"
NETWORK = {"nat": "single"}
FIRST: dict[str, Any] = {"version": "1.34", "node_groups": {"general": {"min": 1}}, "admins": [ADMIN]}
CHANGED: dict[str, Any] = {
    "version": "1.35",
    "node_groups": {"general": {"min": 2, "disk": 40}},
    "endpoint": "public",
    "public_from": ["192.0.2.0/24"],
    "logs": ["api"],
    "secrets_key": True,
}
ADDONS = ["aws-ebs-csi-driver", "coredns", "eks-pod-identity-agent", "kube-proxy", "vpc-cni"]


def described(project: Project) -> tuple[dict[str, Any], dict[str, Any]]:
    """The cluster and its only node group, as EKS tells them."""
    eks = project.client("eks")
    [name] = eks.list_nodegroups(clusterName="shop_local")["nodegroups"]
    group = eks.describe_nodegroup(clusterName="shop_local", nodegroupName=name)["nodegroup"]
    return eks.describe_cluster(name="shop_local")["cluster"], group


class TestKubernetes:
    def test_is_deployed_changed_in_place_and_destroyed(self, project: Project) -> None:
        project.write(network=NETWORK, kubernetes=FIRST)
        self._first_deploy(project)
        self._nothing_to_do(project)
        self._changes_in_place(project)
        self._replaces_nodes_before_the_old_ones_go(project)
        self._goes_when_it_is_taken_out(project)
        project.destroy()

    def test_is_never_lost_by_saying_yes(self, project: Project) -> None:
        project.write(network=NETWORK, kubernetes=FIRST)
        project.deploy()
        before = project.snapshot()
        refused = project.cx("destroy", "--yes")
        assert (refused.code, "--allow-destroy kubernetes" in refused.err) == (2, True), refused.err
        assert project.snapshot() == before
        project.destroy("kubernetes")

    def _first_deploy(self, project: Project) -> None:
        result = project.cx("deploy", "--yes", "--json")
        assert result.code == 0, result.err
        assert (project.differences(), project.duplicates()) == ([], [])
        cluster, group = described(project)
        assert (cluster["version"], group["version"]) == ("1.34", "1.34")
        assert cluster["resourcesVpcConfig"]["endpointPublicAccess"] is False
        assert cluster["accessConfig"]["authenticationMode"] == "API"
        assert group["scalingConfig"] == {"minSize": 1, "desiredSize": 1, "maxSize": 3}
        eks = project.client("eks")
        assert eks.list_addons(clusterName="shop_local")["addons"] == ADDONS
        assert eks.list_access_entries(clusterName="shop_local")["accessEntries"] == [ADMIN]
        outputs = project.cx("outputs", "--json").out
        assert cluster["endpoint"] in outputs
        assert cluster["identity"]["oidc"]["issuer"].removeprefix("https://") in outputs

    def _nothing_to_do(self, project: Project) -> None:
        before = project.snapshot()
        assert project.deploy().last_line.startswith("No changes")
        refreshed = project.cx("diff", "--json", "--refresh", "--detailed-exit-code")
        assert refreshed.code == 0, refreshed.err + refreshed.out
        assert project.snapshot() == before

    def _changes_in_place(self, project: Project) -> None:
        cluster, group = described(project)
        project.change(kubernetes=CHANGED)
        result = project.cx("deploy", "--yes", "--json")
        assert result.code == 0, result.err
        [steps] = [one["steps"] for one in result.json["plan"]["stacks"] if one["name"] == "foundation"]
        assert {step["change"] for step in steps} == {
            "create",
            "update",
            "delete",
        }  # a key, and no administrator
        assert (project.differences(), project.duplicates()) == ([], [])
        now, nodes = described(project)
        assert (now["arn"], now["createdAt"]) == (cluster["arn"], cluster["createdAt"])
        assert (now["version"], nodes["version"]) == ("1.35", "1.35")
        assert now["resourcesVpcConfig"]["publicAccessCidrs"] == ["192.0.2.0/24"]
        assert now["encryptionConfig"][0]["resources"] == ["secrets"]
        assert (nodes["nodegroupArn"], nodes["launchTemplate"]["version"]) == (group["nodegroupArn"], "2")
        assert nodes["scalingConfig"]["desiredSize"] == 2
        assert project.client("eks").list_access_entries(clusterName="shop_local")["accessEntries"] == []

    def _replaces_nodes_before_the_old_ones_go(self, project: Project) -> None:
        _, group = described(project)
        spot = {"general": {**CHANGED["node_groups"]["general"], "spot": True}}
        project.change(kubernetes={**CHANGED, "node_groups": spot})
        result = project.cx("deploy", "--yes", "--json")
        assert result.code == 0, result.err
        _, nodes = described(project)
        assert (nodes["capacityType"], nodes["nodegroupName"] == group["nodegroupName"]) == ("SPOT", False)
        assert project.differences() == []

    def _goes_when_it_is_taken_out(self, project: Project) -> None:
        project.change(kubernetes=None)
        project.deploy("--allow-destroy", "kubernetes")
        left = project.kinds()
        assert not {"node-group", "addon", "access-entry", "launch-template", "oidc-provider"} & set(left)
        assert project.stacks() == [Part.FOUNDATION.value]
        assert project.differences() == []
