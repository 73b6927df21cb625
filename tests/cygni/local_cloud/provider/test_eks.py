"""Kubernetes clusters, their nodes and what they are made from: what is particular to them."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from cygni.local_cloud.provider import handlers, preview
from cygni.local_cloud.provider.cloud import Cloud
from cygni.local_cloud.provider.diff import diff
from cygni.local_cloud.provider.handlers.base import At
from cygni.local_cloud.provider.operations import Kept, resource_type
from cygni.local_cloud.provider.wire import UNKNOWN
from tests.cygni.local_cloud.provider import test_handlers
from tests.cygni.local_cloud.provider.samples import Make
from tests.cygni.local_cloud.provider.samples_eks import EKS, network, template_data
from tests.cygni.local_cloud.provider.test_databases import changed, update
from tests.cygni.local_cloud.provider.test_handlers import World

make = test_handlers.make
CLUSTER = resource_type("aws:eks/cluster:Cluster")
NODES = resource_type("aws:eks/nodeGroup:NodeGroup")
ADDON = resource_type("aws:eks/addon:Addon")
TEMPLATE = resource_type("aws:ec2/launchTemplate:LaunchTemplate")


def replaced(world: World, sample: str, make: Make, **more: Any) -> tuple[str, ...]:
    """The properties whose change replaces what the sample makes."""
    kept = make(sample)
    news = changed(world, kept, sample, make, **more)
    return diff(resource_type(EKS[sample].token), kept.inputs, kept.outputs, news).replaces


@pytest.mark.parametrize("name", [name for name in EKS if "namespaced" not in name])
class TestLostAnswer:
    def test_is_found_again_as_the_programs_own(self, name: str, world: World, make: Make) -> None:
        kept = make(name)
        handler, at = handlers.handler(EKS[name].token), At(world.operations.cloud, "us-east-1")

        assert handler.left(at, kept.inputs) == kept.id

    def test_leaves_alone_what_is_of_another(self, name: str, world: World, make: Make) -> None:
        kept = make(name)
        if "tagsAll" not in kept.inputs or "cygni:urn" not in kept.inputs["tagsAll"]:
            pytest.skip("it has no tags: its name is what it is")
        handler, at = handlers.handler(EKS[name].token), At(world.operations.cloud, "us-east-1")
        tags = {**kept.inputs["tagsAll"], "cygni:urn": "urn:another"}

        assert handler.left(at, {**kept.inputs, "tagsAll": tags}) is None


class TestCluster:
    def test_has_an_endpoint_and_an_issuer_of_its_own(self, make: Make) -> None:
        one, other = make("kubernetes").outputs, make("plain kubernetes").outputs

        assert one["endpoint"] != other["endpoint"]
        assert one["identities"] != other["identities"]
        assert one["identities"][0]["oidcs"][0]["issuer"].startswith("https://oidc.eks.us-east-1.")

    def test_has_a_security_group_that_goes_with_it(
        self, world: World, make: Make, moto_cloud: Cloud
    ) -> None:
        cluster = make("kubernetes")
        group, ec2 = cluster.outputs["vpcConfig"]["clusterSecurityGroupId"], moto_cloud.client("ec2")
        assert ec2.describe_security_groups(GroupIds=[group])["SecurityGroups"]

        world.operations.delete(CLUSTER, cluster.id, cluster.outputs)

        with pytest.raises(ClientError, match=r"InvalidGroup\.NotFound"):
            ec2.describe_security_groups(GroupIds=[group])

    @pytest.mark.parametrize(
        ("more", "expected"),
        [
            ({"version": "1.34"}, ()),
            ({"enabledClusterLogTypes": None}, ()),
            ({"bootstrapSelfManagedAddons": True}, ("bootstrapSelfManagedAddons",)),
            ({"name": "another"}, ("name",)),
            (
                {
                    "accessConfig": {
                        "authenticationMode": "API",
                        "bootstrapClusterCreatorAdminPermissions": True,
                    }
                },
                ("accessConfig",),
            ),
        ],
    )
    def test_is_replaced_only_by_what_cannot_change(
        self, more: dict[str, Any], expected: tuple[str, ...], world: World, make: Make
    ) -> None:
        assert replaced(world, "kubernetes", make, **more) == expected

    def test_takes_a_key_later_and_is_replaced_when_it_loses_it(self, world: World, make: Make) -> None:
        encrypted = {"provider": {"keyArn": make("key").outputs["arn"]}, "resources": ["secrets"]}
        cluster = update(
            world, make("plain kubernetes"), "plain kubernetes", make, encryptionConfig=encrypted
        )
        assert cluster.outputs["encryptionConfig"] == encrypted

        bare = {name: value for name, value in cluster.inputs.items() if name != "encryptionConfig"}

        assert diff(CLUSTER, cluster.inputs, cluster.outputs, bare).replaces == ("encryptionConfig",)

    @pytest.mark.parametrize("version", ["1.32", "1.35"])
    def test_moves_one_version_at_a_time_and_never_back(self, version: str, world: World, make: Make) -> None:
        with pytest.raises(ClientError, match="Unsupported Kubernetes minor version update"):
            update(world, make("kubernetes"), "kubernetes", make, version=version)

    def test_does_not_go_back_to_its_configuration_map(self, world: World, make: Make) -> None:
        access = {
            "authenticationMode": "CONFIG_MAP",
            "bootstrapClusterCreatorAdminPermissions": False,
        }
        with pytest.raises(ClientError, match="Unsupported authentication mode"):
            update(world, make("kubernetes"), "kubernetes", make, accessConfig=access)

    def test_stays_while_it_has_nodes(self, world: World, make: Make) -> None:
        make("nodes")
        cluster = make("kubernetes")

        with pytest.raises(ClientError, match="nodegroups attached"):
            world.operations.delete(CLUSTER, cluster.id, cluster.outputs)

    def test_stays_while_it_is_protected(self, world: World, make: Make) -> None:
        cluster = update(world, make("kubernetes"), "kubernetes", make, deletionProtection=True)

        with pytest.raises(ClientError, match="deletion protection"):
            world.operations.delete(CLUSTER, cluster.id, cluster.outputs)

    def test_needs_subnets_in_two_zones(self, world: World, make: Make) -> None:
        given = network(make)
        given["vpcConfig"]["subnetIds"] = given["vpcConfig"]["subnetIds"][:1]

        with pytest.raises(ClientError, match="two different AZs"):
            world.create(CLUSTER.token, {"name": "x", "roleArn": make("role").outputs["arn"], **given})

    def test_asks_its_configuration_map_unless_told_otherwise(self, world: World, make: Make) -> None:
        principal = make("role").outputs["arn"]
        cluster = make("plain kubernetes").id

        with pytest.raises(ClientError, match="authentication mode must be"):
            world.create(
                "aws:eks/accessEntry:AccessEntry", {"clusterName": cluster, "principalArn": principal}
            )


class TestNodeGroup:
    def test_takes_another_version_of_its_template_in_place(self, world: World, make: Make) -> None:
        template = make("launch template")
        used = {"id": template.id, "version": "2"}

        assert replaced(world, "nodes", make, launchTemplate=used) == ()

    def test_is_replaced_by_another_template(self, world: World, make: Make) -> None:
        used = {"id": "lt-0123456789abcdef0", "version": "1"}

        assert replaced(world, "nodes", make, launchTemplate=used) == ("launchTemplate",)

    def test_is_replaced_by_other_instances(self, world: World, make: Make) -> None:
        assert replaced(world, "nodes", make, instanceTypes=["m7g.large"]) == ("instanceTypes",)

    def test_never_runs_a_newer_version_than_its_cluster(self, world: World, make: Make) -> None:
        with pytest.raises(ClientError, match=r"cannot run 1\.34"):
            update(world, make("plain nodes"), "plain nodes", make, version="1.34")

    def test_refuses_sizes_in_the_wrong_order(self, world: World, make: Make) -> None:
        sizes = {"minSize": 3, "desiredSize": 1, "maxSize": 2}

        with pytest.raises(ClientError, match="must rise in this order"):
            update(world, make("nodes"), "nodes", make, scalingConfig=sizes)

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            ({"updateConfig": {"maxUnavailable": 1, "maxUnavailablePercentage": 5}}, "exactly one of"),
            ({"launchTemplate": {"version": "1"}}, "exactly one of id and name"),
            (
                {"launchTemplate": {"id": "lt-1", "version": "1"}, "remoteAccess": {"ec2SshKey": "k"}},
                "log in",
            ),
            ({"warmPoolConfig": {"minSize": 1}}, "does not serve"),
        ],
    )
    def test_refuses_what_aws_refuses(self, more: dict[str, Any], reason: str, world: World) -> None:
        inputs = {
            "clusterName": "k",
            "nodeRoleArn": "arn:aws:iam::123456789012:role/r",
            "subnetIds": ["subnet-1"],
            "scalingConfig": {"minSize": 1, "desiredSize": 1, "maxSize": 1},
        }
        with pytest.raises(AssertionError, match=reason):
            world.check(NODES.token, {**inputs, **more})


class TestLaunchTemplate:
    def test_of_which_something_changes_has_a_version_not_known_yet(self, world: World, make: Make) -> None:
        kept = make("launch template")
        news = changed(world, kept, "launch template", make, **template_data(40))
        difference = diff(TEMPLATE, kept.inputs, kept.outputs, news)

        assert (
            preview.updated(TEMPLATE, kept.outputs, news, set(difference.properties))["latestVersion"]
            is UNKNOWN
        )

    def test_that_is_only_tagged_keeps_its_version(self, world: World, make: Make) -> None:
        tagged = update(
            world,
            make("launch template"),
            "launch template",
            make,
            tags={"cygni:urn": "urn:sample", "a": "b"},
        )

        assert tagged.outputs["latestVersion"] == 1
        assert tagged.outputs["tags"]["a"] == "b"


class TestAddon:
    def test_leaves_no_identity_where_none_is_listed(self, world: World, make: Make) -> None:
        addon = update(world, make("add-on"), "add-on", make, podIdentityAssociations=None)

        assert not addon.outputs.get("podIdentityAssociations")

    def test_is_made_once(self, world: World, make: Make) -> None:
        addon: Kept = make("add-on")

        with pytest.raises(ClientError, match="ResourceInUse"):
            world.operations.create(ADDON, addon.inputs)


class TestOpenIdConnectProvider:
    def test_is_known_by_its_place_without_the_scheme(self, make: Make) -> None:
        provider = make("oidc provider")

        assert provider.inputs["url"] == f"https://{provider.outputs['url']}"


class TestWhatTheCloudDecidesInsideOfAnObject:
    """The security group of a cluster, in its `vpcConfig`, that the program gives the rest of."""

    def test_is_not_known_before_the_cluster_is_there(self, world: World) -> None:
        inputs = world.check(
            CLUSTER.token,
            {
                "name": "k",
                "roleArn": "arn:aws:iam::123456789012:role/k",
                "vpcConfig": {"subnetIds": ["subnet-1"]},
            },
        )

        planned = preview.created(CLUSTER, inputs)["vpcConfig"]

        assert planned["clusterSecurityGroupId"] is UNKNOWN
        assert planned["subnetIds"] == ["subnet-1"]
        assert "securityGroupIds" not in planned

    def test_stays_when_the_rest_changes(self, world: World, make: Make) -> None:
        cluster = make("kubernetes")
        news = changed(
            world, cluster, "kubernetes", make, **network(make, publicAccessCidrs=["192.0.2.0/24"])
        )

        planned = preview.updated(CLUSTER, cluster.outputs, news, {"vpcConfig"})["vpcConfig"]

        assert planned["clusterSecurityGroupId"] == cluster.outputs["vpcConfig"]["clusterSecurityGroupId"]
        assert planned["publicAccessCidrs"] == ["192.0.2.0/24"]
