"""EKS clusters, and what all handlers of EKS share."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import (
    At,
    Handler,
    State,
    code,
    is_gone,
    message,
    tag_changes,
    unless_gone,
)
from cygni.local_cloud.provider.wire import Values

SERVICE = "eks"
MINUTE = 60.0
_LOG_TYPES = ("api", "audit", "authenticator", "controllerManager", "scheduler")


def tags_of(inputs: State) -> dict[str, str]:
    return {key: str(value) for key, value in (inputs.get("tagsAll") or {}).items()}


def update_tags(at: At, arn: str, olds: State, news: State) -> None:
    put, removed = tag_changes(olds, news)
    if removed:
        at.client(SERVICE).untag_resource(resourceArn=arn, tagKeys=removed)
    if put:
        at.client(SERVICE).tag_resource(resourceArn=arn, tags=put)


def joined(*parts: Any) -> str:
    """The id of what is in a cluster: `cluster:name`."""
    return ":".join(str(part) for part in parts)


def parted(id: str) -> tuple[str, str]:
    """Cluster and name of such an id; an ARN as the name has colons of its own."""
    cluster, _, name = id.partition(":")
    return cluster, name


def await_update(at: At, cluster: str, update: State, *, seconds: float = 60 * MINUTE, **of: str) -> None:
    """Wait for a change that EKS has accepted. Raises RuntimeError when it fails."""

    def done() -> bool | None:
        found = at.client(SERVICE).describe_update(name=cluster, updateId=update["id"], **of)["update"]
        if found["status"] in ("Failed", "Cancelled"):
            reasons = "; ".join(str(error.get("errorMessage", "")) for error in found.get("errors") or [])
            raise RuntimeError(f"the update of {cluster} has {found['status'].lower()}: {reasons}")
        return True if found["status"] == "Successful" else None

    at.cloud.await_(f"the update of {joined(cluster, *of.values())}", done, seconds=seconds)


class EksHandler(Handler):
    """What EKS describes one by one and gives a status: subclasses name their kind."""

    made_within: float
    gone_within: float

    def described(self, at: At, id: str) -> dict[str, Any] | None:
        """EKS' description; None when there is none."""
        try:
            return self.describe(at, id)
        except ClientError as error:
            if is_gone(error):
                return None
            raise

    def describe(self, at: At, id: str) -> dict[str, Any]:
        raise NotImplementedError

    def complete(self, at: At, id: str, inputs: State) -> None:
        def active() -> bool | None:
            found = self.described(at, id)
            status = found["status"] if found else "GONE"
            if status in ("GONE", "FAILED", "CREATE_FAILED", "DELETING"):
                raise RuntimeError(f"{id} did not become active: it is {status}{self.issues(found)}")
            return True if status == "ACTIVE" else None

        at.cloud.await_(f"{id} to be active", active, seconds=self.made_within)

    def issues(self, found: State | None) -> str:
        """Why something does not get well, as EKS tells it."""
        told = ((found or {}).get("health") or {}).get("issues") or []
        return "".join(f"; {issue.get('code')}: {issue.get('message')}" for issue in told)

    def await_gone(self, at: At, id: str) -> None:
        at.cloud.await_(
            f"{id} to be deleted",
            lambda: True if self.described(at, id) is None else None,
            seconds=self.gone_within,
        )


class Cluster(EksHandler):
    """A control plane; its id is the name."""

    token = "aws:eks/cluster:Cluster"
    made_within, gone_within = 30 * MINUTE, 15 * MINUTE

    def describe(self, at: At, id: str) -> dict[str, Any]:
        return dict(at.client(SERVICE).describe_cluster(name=id)["cluster"])

    def create(self, at: At, inputs: State) -> str:
        client = at.client(SERVICE)
        rename = {"vpcConfig": "resourcesVpcConfig"}
        wanted = shapes.request(client, "CreateCluster", inputs, rename=rename, drop=("tags", "tagsAll"))
        wanted |= {"tags": tags_of(inputs), "clientRequestToken": at.client_token(inputs)}
        if inputs.get("enabledClusterLogTypes"):
            wanted["logging"] = _logging(inputs["enabledClusterLogTypes"])
        client.create_cluster(**wanted)
        return str(inputs["name"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        cluster = self.described(at, id)
        if cluster is None or cluster["status"] == "DELETING":
            return None
        rename = {"vpcConfig": "resourcesVpcConfig", "accessConfig": "", "encryptionConfig": ""}
        found = shapes.outputs(self.properties, cluster, rename=rename)
        logging = (cluster.get("logging") or {}).get("clusterLogging") or []
        mode = (cluster.get("accessConfig") or {}).get("authenticationMode")
        # EKS never tells who was made administrator at the start.
        bootstrap = (known.get("accessConfig") or {}).get("bootstrapClusterCreatorAdminPermissions")
        access = {"authenticationMode": mode, "bootstrapClusterCreatorAdminPermissions": bootstrap}
        issuer = ((cluster.get("identity") or {}).get("oidc") or {}).get("issuer")
        return found | {
            "enabledClusterLogTypes": [kind for each in logging if each["enabled"] for kind in each["types"]],
            "accessConfig": {name: value for name, value in access.items() if value is not None},
            "encryptionConfig": self._encryption(cluster),
            "identities": [{"oidcs": [{"issuer": issuer}]}] if issuer else [],
            "tagsAll": cluster.get("tags") or {},
        }

    def _encryption(self, cluster: State) -> Values | None:
        configured = cluster.get("encryptionConfig") or []
        if not configured:
            return None
        first = configured[0]
        return {"provider": {"keyArn": first["provider"]["keyArn"]}, "resources": first["resources"]}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        """One call for each kind of change, in the official provider's order, each waited for."""
        client = at.client(SERVICE)
        if "version" in changed and news.get("version"):
            force = {"force": True} if news.get("forceUpdateVersion") else {}
            answer = client.update_cluster_version(name=id, version=news["version"], **force)
            await_update(at, id, answer["update"])
        if "encryptionConfig" in changed and news.get("encryptionConfig"):
            wanted = shapes.value(client, "EncryptionConfigList", [news["encryptionConfig"]])
            answer = client.associate_encryption_config(clusterName=id, encryptionConfig=wanted)
            await_update(at, id, answer["update"])
        for change in self._changes(client, olds, news, changed):
            await_update(at, id, client.update_cluster_config(name=id, **change)["update"])
        update_tags(at, str(olds["arn"]), olds, news)

    def _changes(
        self, client: Any, olds: State, news: State, changed: frozenset[str]
    ) -> list[dict[str, Any]]:
        changes: list[dict[str, Any]] = []
        mode = (news.get("accessConfig") or {}).get("authenticationMode")
        if "accessConfig" in changed and mode:
            changes.append({"accessConfig": {"authenticationMode": mode}})
        if "deletionProtection" in changed:
            changes.append({"deletionProtection": bool(news.get("deletionProtection"))})
        if "enabledClusterLogTypes" in changed:
            changes.append({"logging": _logging(news.get("enabledClusterLogTypes") or [])})
        if "upgradePolicy" in changed and news.get("upgradePolicy"):
            changes.append({"upgradePolicy": {"supportType": news["upgradePolicy"]["supportType"]}})
        if "vpcConfig" in changed:
            changes += self._network_changes(client, olds["vpcConfig"], news["vpcConfig"])
        return changes

    def _network_changes(self, client: Any, old: State, new: State) -> list[dict[str, Any]]:
        """Reach of the endpoint, subnets and security groups: EKS takes each on its own."""
        kinds = (
            ("endpointPrivateAccess", "endpointPublicAccess", "publicAccessCidrs"),
            ("subnetIds",),
            ("securityGroupIds",),
        )
        changes = []
        for names in kinds:
            if any(new.get(name) is not None and new.get(name) != old.get(name) for name in names):
                given = {name: new[name] for name in names if new.get(name) is not None}
                changes.append({"resourcesVpcConfig": shapes.value(client, "VpcConfigRequest", given)})
        return changes

    def delete(self, at: At, id: str, known: State) -> None:
        def accepted() -> bool | None:
            """EKS refuses while another change of the cluster runs."""
            try:
                at.client(SERVICE).delete_cluster(name=id)
            except ClientError as error:
                if code(error) == "ResourceInUseException" and "in progress" in message(error):
                    return None
                raise
            return True

        with unless_gone():
            at.cloud.await_(f"changes of {id} to end", accepted, seconds=60 * MINUTE)
        self.await_gone(at, id)

    def find(self, at: At, inputs: State) -> list[str]:
        return [str(inputs["name"])] if inputs.get("name") else []


def _logging(on: list[str]) -> dict[str, Any]:
    groups = (
        (True, [kind for kind in _LOG_TYPES if kind in on]),
        (False, [kind for kind in _LOG_TYPES if kind not in on]),
    )
    return {"clusterLogging": [{"types": kinds, "enabled": flag} for flag, kinds in groups if kinds]}
