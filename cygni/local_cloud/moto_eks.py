"""Where moto's EKS differs from AWS in a way that the stacks meet; applied by moto_fixes.py.

moto makes clusters and node groups, and forgets half of what they were made with; it cannot change a version, an
authentication mode or a node group's template, and has no add-ons (moto_eks_addons.py) and no access entries
(moto_eks_access.py). No Kubernetes runs behind its endpoints.
"""

from __future__ import annotations

import functools
import secrets
from typing import Any

from cygni.eks_versions import NEWEST
from cygni.local_cloud import moto_eks_access, moto_eks_addons
from cygni.local_cloud.moto_eks_parts import body_of, cluster_of, fail, given, merge, node_group_of, updated
from cygni.local_cloud.patching import after

_LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")
_KEPT_OF_CLUSTER = {
    "access_config": {"authenticationMode": "CONFIG_MAP"},
    "deletion_protection": False,
    "upgrade_policy": {"supportType": "EXTENDED"},
}
_AUTHENTICATION = ("CONFIG_MAP", "API_AND_CONFIG_MAP", "API")  # a cluster goes on in this order, never back
_CHANGES = (
    "accessConfig",
    "deletionProtection",
    "kubernetesNetworkConfig",
    "logging",
    "resourcesVpcConfig",
    "upgradePolicy",
)
_ACCESS_CHANGES = frozenset({"endpointPublicAccess", "endpointPrivateAccess", "publicAccessCidrs"})
_DEFAULT_IMAGE = "AL2023_x86_64_STANDARD"


def fix() -> None:
    from moto.eks import models, urls
    from moto.eks.responses import EKSResponse

    urls.url_paths["{0}/clusters/(?P<name>[^/]+)/(?P<rest>.+)$"] = urls.response.dispatch
    models.EKSBackend.create_cluster = _whole_cluster(models, models.EKSBackend.create_cluster)
    models.EKSBackend.delete_cluster = _careful_delete(models.EKSBackend.delete_cluster)
    after(models.EKSBackend, "create_nodegroup", _whole_node_group)
    after(models.EKSBackend, "update_nodegroup_config", _remember)
    after(EKSResponse, "create_nodegroup", _keep_update_settings)
    for operation in (
        update_cluster_config,
        update_cluster_version,
        associate_encryption_config,
        update_nodegroup_version,
        describe_update,
        tag_resource,
        untag_resource,
        list_tags_for_resource,
    ):
        setattr(EKSResponse, operation.__name__, operation)
    _check_sizes(EKSResponse)
    _accept_settings(EKSResponse)
    moto_eks_addons.add_to(EKSResponse)
    moto_eks_access.add_to(EKSResponse)


def _whole_cluster(models: Any, create: Any) -> Any:
    """Of each cluster what AWS answers: its own endpoint, issuer and security group, and every default."""

    @functools.wraps(create)
    def create_cluster(backend: Any, name: str, **named: Any) -> Any:
        network = _network(backend, named["resources_vpc_config"])
        cluster = create(backend, name, **{**named, "version": named.get("version") or NEWEST})
        cluster.resources_vpc_config = network
        _make_group(backend, cluster)
        known_as = secrets.token_hex(16).upper()
        region = backend.region_name
        cluster.identity = {"oidc": {"issuer": f"https://oidc.eks.{region}.amazonaws.com/id/{known_as}"}}
        cluster.endpoint = f"https://{known_as}.gr7.{region}.eks.amazonaws.com"
        cluster.kubernetes_network_config = merge(
            {"serviceIpv4Cidr": "172.20.0.0/16", "ipFamily": "ipv4"}, named.get("kubernetes_network_config")
        )
        cluster.logging = _logging([], named.get("logging"))
        cluster.updates, cluster.addons, cluster.access_entries = {}, {}, {}
        for attribute, default in _KEPT_OF_CLUSTER.items():
            setattr(cluster, attribute, default)
        return cluster

    return create_cluster


def _network(backend: Any, wanted: dict[str, Any]) -> dict[str, Any]:
    """The network of a cluster. AWS spreads the control plane over two zones at least."""
    from moto.ec2.models import ec2_backends

    ec2 = ec2_backends[backend.account_id][backend.region_name]
    known = [ec2.get_subnet(subnet) for subnet in wanted.get("subnetIds") or []]
    if len({subnet.availability_zone for subnet in known}) < 2:
        raise fail("InvalidParameter", "Subnets specified must be in at least two different AZs")
    defaults = {
        "endpointPublicAccess": True,
        "endpointPrivateAccess": False,
        "publicAccessCidrs": ["0.0.0.0/0"],
        "securityGroupIds": [],
        "vpcId": known[0].vpc_id,
    }
    return merge(defaults, wanted)


def _make_group(backend: Any, cluster: Any) -> None:
    """The security group that EKS makes for a cluster's control plane and its nodes."""
    from moto.ec2.models import ec2_backends

    name = f"eks-cluster-sg-{cluster.name}-{secrets.randbelow(10**9):09d}"
    group = ec2_backends[backend.account_id][backend.region_name].create_security_group(
        name, "EKS created security group", vpc_id=cluster.resources_vpc_config["vpcId"]
    )
    cluster.resources_vpc_config["clusterSecurityGroupId"] = group.id


def _careful_delete(delete: Any) -> Any:
    """A protected cluster stays, and so does one with Fargate profiles; its security group goes with it."""

    @functools.wraps(delete)
    def delete_cluster(backend: Any, name: str) -> Any:
        from moto.ec2.models import ec2_backends

        cluster = cluster_of(backend, name)
        if cluster.deletion_protection:
            raise fail("InvalidRequest", f"Cannot delete cluster {name}: deletion protection is enabled")
        if cluster.fargate_profiles:
            raise fail("ResourceInUse", "Cluster has fargate profiles attached")
        deleted = delete(backend, name)
        ec2 = ec2_backends[backend.account_id][backend.region_name]
        ec2.delete_security_group(group_id=cluster.resources_vpc_config["clusterSecurityGroupId"])
        return deleted

    return delete_cluster


def _logging(before: Any, wanted: Any) -> dict[str, Any]:
    """Which logs are on, after a change: what it does not name stays as it was."""
    on = {kind for each in before for kind in each["types"] if each["enabled"]}
    for each in (wanted or {}).get("clusterLogging") or []:
        kinds = set(each.get("types") or [])
        on = on | kinds if each.get("enabled") else on - kinds
    groups = [(True, [k for k in _LOG_TYPES if k in on]), (False, [k for k in _LOG_TYPES if k not in on])]
    return {"clusterLogging": [{"types": kinds, "enabled": flag} for flag, kinds in groups if kinds]}


def _accept_settings(responses: Any) -> None:
    """Keep what moto does not read of a new cluster."""
    create = responses.create_cluster

    @functools.wraps(create)
    def create_cluster(response: Any) -> Any:
        wanted = body_of(response)
        answer = create(response)
        cluster = response.eks_backend.clusters[wanted["name"]]
        if wanted.get("accessConfig"):
            mode = wanted["accessConfig"].get("authenticationMode", "CONFIG_MAP")
            cluster.access_config = {"authenticationMode": mode}
        cluster.deletion_protection = bool(wanted.get("deletionProtection"))
        cluster.upgrade_policy = wanted.get("upgradePolicy") or cluster.upgrade_policy
        return answer

    responses.create_cluster = create_cluster


def update_cluster_config(response: Any) -> Any:
    """One kind of change in a call, as AWS wants it."""
    cluster, wanted = given(response), body_of(response)
    kinds = [name for name in _CHANGES if wanted.get(name) is not None]
    if len(kinds) != 1:
        raise fail("InvalidParameter", "Only one type of update can be allowed.")
    change = wanted[kinds[0]]
    if kinds[0] == "logging":
        cluster.logging = _logging(cluster.logging["clusterLogging"], change)
    elif kinds[0] == "resourcesVpcConfig":
        if _ACCESS_CHANGES & change.keys() and change.keys() - _ACCESS_CHANGES:
            raise fail("InvalidParameter", "Only one type of update can be allowed.")
        cluster.resources_vpc_config = merge(cluster.resources_vpc_config, change)
    elif kinds[0] == "accessConfig":
        _move_authentication(cluster, change["authenticationMode"])
    elif kinds[0] == "deletionProtection":
        cluster.deletion_protection = change
    elif kinds[0] == "upgradePolicy":
        cluster.upgrade_policy = change
    else:
        cluster.kubernetes_network_config = merge(cluster.kubernetes_network_config, change)
    return updated(cluster, "ConfigUpdate")


def _move_authentication(cluster: Any, mode: str) -> None:
    now = cluster.access_config["authenticationMode"]
    if _AUTHENTICATION.index(mode) <= _AUTHENTICATION.index(now):
        raise fail("InvalidParameter", f"Unsupported authentication mode update from {now} to {mode}")
    cluster.access_config = {"authenticationMode": mode}


def update_cluster_version(response: Any) -> Any:
    """A cluster goes up by one minor version at a time."""
    cluster, version = given(response), body_of(response)["version"]
    if _minor(version) != _minor(cluster.version) + 1:
        message = f"Unsupported Kubernetes minor version update from {cluster.version} to {version}"
        raise fail("InvalidParameter", message)
    cluster.version = version
    return updated(cluster, "VersionUpdate")


def _minor(version: str) -> int:
    return int(version.split(".")[1])


def associate_encryption_config(response: Any) -> Any:
    cluster = given(response)
    if cluster.encryption_config:
        raise fail("InvalidRequest", "Encryption is already enabled for the cluster")
    cluster.encryption_config = body_of(response)["encryptionConfig"]
    return updated(cluster, "AssociateEncryptionConfig")


def describe_update(response: Any) -> Any:
    from moto.core.responses import ActionResult

    cluster, name = given(response), response.uri_match["updateId"]
    if name not in cluster.updates:
        raise fail("ResourceNotFound", f"No update found for ID: {name}")
    return ActionResult({"update": cluster.updates[name]})


def _whole_node_group(backend: Any, group: Any, *args: Any, **named: Any) -> None:
    """Of each node group what AWS answers where nothing was asked for, and no key for SSH that nobody gave."""
    cluster = cluster_of(backend, group.cluster_name)
    group.version = named.get("version") or cluster.version
    group.release_version = named.get("release_version") or f"{group.version}.0-20260901"
    group.ami_type = named.get("ami_type") or _DEFAULT_IMAGE
    group.remote_access = named.get("remote_access")
    group.disk_size = None if named.get("launch_template") else int(named.get("disk_size") or 20)
    group.scaling_config = {**(named.get("scaling_config") or {"minSize": 1, "maxSize": 2, "desiredSize": 2})}
    if not group.remote_access:
        group.resources = {"autoScalingGroups": group.resources["autoScalingGroups"]}
    group.update_config, group.node_repair_config = {"maxUnavailable": 1}, None


def _keep_update_settings(response: Any, answer: Any) -> None:
    wanted = body_of(response)
    group = node_group_of(given(response), wanted["nodegroupName"])
    group.update_config = wanted.get("updateConfig") or group.update_config
    group.node_repair_config = wanted.get("nodeRepairConfig")


def _remember(backend: Any, update: dict[str, Any], cluster_name: str, *args: Any, **named: Any) -> None:
    """moto says that it did something, and forgets that it did."""
    cluster_of(backend, cluster_name).updates[update["id"]] = update


def _check_sizes(responses: Any) -> None:
    """AWS wants the least number of nodes to be no more than the wanted one, and that no more than the most."""

    def checked(method: Any) -> Any:
        @functools.wraps(method)
        def check(response: Any) -> Any:
            sizes = body_of(response).get("scalingConfig") or {}
            least, wanted = sizes.get("minSize", 0), sizes.get("desiredSize", sizes.get("minSize", 0))
            most = sizes.get("maxSize", wanted)
            if not least <= wanted <= most:
                raise fail(
                    "InvalidParameter",
                    f"minSize {least}, desiredSize {wanted} and maxSize {most} must rise in this order",
                )
            return method(response)

        return check

    for name in ("create_nodegroup", "update_nodegroup_config"):
        setattr(responses, name, checked(getattr(responses, name)))


def update_nodegroup_version(response: Any) -> Any:
    """Another version of Kubernetes, of the image or of the launch template. Nodes are never newer than the cluster."""
    cluster, wanted = given(response), body_of(response)
    group = node_group_of(cluster, response.uri_match["nodegroupName"])
    if wanted.get("launchTemplate"):
        group.launch_template = merge(group.launch_template or {}, wanted["launchTemplate"])
        if not wanted.get("version"):
            return updated(cluster, "VersionUpdate")
    version = wanted.get("version") or cluster.version
    if _minor(version) > _minor(cluster.version):
        raise fail("InvalidParameter", f"Nodes cannot run {version} in a cluster of {cluster.version}")
    group.version = version
    group.release_version = wanted.get("releaseVersion") or f"{version}.0-20260901"
    return updated(cluster, "VersionUpdate")


def _tagged(response: Any) -> dict[str, str]:
    """The tags of whatever the ARN names: moto knows those of clusters alone."""
    arn = response.uri_match["resourceArn"]
    for cluster in response.eks_backend.clusters.values():
        inner = (cluster.nodegroups, cluster.fargate_profiles, cluster.addons, cluster.access_entries)
        for one in [cluster, *(each for kind in inner for each in kind.values())]:
            if arn == (getattr(one, "arn", None) or getattr(one, "fargate_profile_arn", None)):
                tags: dict[str, str] = one.tags
                return tags
    raise fail("NotFound", f"Resource {arn} was not found")


def tag_resource(response: Any) -> Any:
    from moto.core.responses import EmptyResult

    _tagged(response).update(body_of(response)["tags"])
    return EmptyResult()


def untag_resource(response: Any) -> Any:
    from moto.core.responses import EmptyResult

    tags = _tagged(response)
    for key in response.querystring.get("tagKeys") or []:
        tags.pop(key, None)
    return EmptyResult()


def list_tags_for_resource(response: Any) -> Any:
    from moto.core.responses import ActionResult

    return ActionResult({"tags": _tagged(response)})
