"""EKS node groups and Fargate profiles: where pods run."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import At, State, unless_gone
from cygni.local_cloud.provider.handlers.eks import (
    MINUTE,
    SERVICE,
    EksHandler,
    await_update,
    joined,
    parted,
    tags_of,
    update_tags,
)
from cygni.local_cloud.provider.handlers.iam import name_of
from cygni.local_cloud.provider.wire import Values


class NodeGroup(EksHandler):
    """Nodes that EKS manages; its id is `cluster:name`."""

    token = "aws:eks/nodeGroup:NodeGroup"
    made_within = gone_within = 60 * MINUTE

    def describe(self, at: At, id: str) -> dict[str, Any]:
        cluster, name = parted(id)
        answer = at.client(SERVICE).describe_nodegroup(clusterName=cluster, nodegroupName=name)
        return dict(answer["nodegroup"])

    def _name(self, inputs: State) -> str:
        given = {
            **inputs,
            "name": inputs.get("nodeGroupName"),
            "namePrefix": inputs.get("nodeGroupNamePrefix"),
        }
        return name_of(given)

    def create(self, at: At, inputs: State) -> str:
        client = at.client(SERVICE)
        rename = {"nodeRoleArn": "nodeRole", "subnetIds": "subnets"}
        wanted = shapes.request(client, "CreateNodegroup", inputs, rename=rename, drop=("tags", "tagsAll"))
        name = self._name(inputs)
        wanted |= {
            "nodegroupName": name,
            "tags": tags_of(inputs),
            "clientRequestToken": at.client_token(inputs),
        }
        client.create_nodegroup(**wanted)
        return joined(inputs["clusterName"], name)

    def read(self, at: At, id: str, known: State) -> Values | None:
        group = self.described(at, id)
        if group is None or group["status"] == "DELETING":
            return None
        rename = {
            "arn": "nodegroupArn",
            "nodeRoleArn": "nodeRole",
            "subnetIds": "subnets",
            "resources": "",
            "taints": "",
        }
        found = shapes.outputs(self.properties, group, rename=rename)
        resources = group.get("resources") or {}
        made: Values = {
            "autoscalingGroups": [{"name": one["name"]} for one in resources.get("autoScalingGroups") or []]
        }
        if resources.get("remoteAccessSecurityGroup"):
            made["remoteAccessSecurityGroupId"] = resources["remoteAccessSecurityGroup"]
        return found | {
            "resources": [made],
            "taints": [dict(taint) for taint in group.get("taints") or []],
            "tagsAll": group.get("tags") or {},
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client, (cluster, name) = at.client(SERVICE), parted(id)
        of = {"clusterName": cluster, "nodegroupName": name}
        versions = self._versions(olds, news, changed)
        if versions:
            answer = client.update_nodegroup_version(**of, **versions)
            await_update(at, cluster, answer["update"], nodegroupName=name)
        settings = self._settings(client, olds, news, changed)
        if settings:
            answer = client.update_nodegroup_config(**of, **settings)
            await_update(at, cluster, answer["update"], nodegroupName=name)
        update_tags(at, str(olds["arn"]), olds, news)

    def _versions(self, olds: State, news: State, changed: frozenset[str]) -> dict[str, Any]:
        wanted: dict[str, Any] = {
            name: news[name] for name in ("version", "releaseVersion") if name in changed and news.get(name)
        }
        template = news.get("launchTemplate")
        if "launchTemplate" in changed and template:
            # EKS answers with id and name, and takes one of them.
            by = "id" if template.get("id") else "name"
            named = template.get(by) or (olds.get("launchTemplate") or {}).get("id")
            wanted["launchTemplate"] = {by: named, "version": template["version"]}
        if wanted and news.get("forceUpdateVersion"):
            wanted["force"] = True
        return wanted

    def _settings(self, client: Any, olds: State, news: State, changed: frozenset[str]) -> dict[str, Any]:
        wanted: dict[str, Any] = {}
        if "labels" in changed:
            old, new = olds.get("labels") or {}, news.get("labels") or {}
            put = {key: str(value) for key, value in new.items() if old.get(key) != value}
            wanted["labels"] = _without_empty(
                {"addOrUpdateLabels": put, "removeLabels": [key for key in old if key not in new]}
            )
        if "taints" in changed:
            before, after = olds.get("taints") or [], news.get("taints") or []
            places = {(taint["key"], taint["effect"]) for taint in after}
            wanted["taints"] = _without_empty(
                {
                    "addOrUpdateTaints": [taint for taint in after if taint not in before],
                    "removeTaints": [t for t in before if (t["key"], t["effect"]) not in places],
                }
            )
        for name, shape in (
            ("scalingConfig", "NodegroupScalingConfig"),
            ("updateConfig", "NodegroupUpdateConfig"),
            ("nodeRepairConfig", "NodeRepairConfig"),
        ):
            if name in changed and news.get(name):
                wanted[name] = shapes.value(client, shape, news[name])
        return wanted

    def delete(self, at: At, id: str, known: State) -> None:
        cluster, name = parted(id)
        with unless_gone():
            at.client(SERVICE).delete_nodegroup(clusterName=cluster, nodegroupName=name)
        self.await_gone(at, id)

    def find(self, at: At, inputs: State) -> list[str]:
        return [joined(inputs["clusterName"], self._name(inputs))]


def _without_empty(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value}


class FargateProfile(EksHandler):
    """Which pods run on Fargate; its id is `cluster:name`."""

    token = "aws:eks/fargateProfile:FargateProfile"
    made_within = gone_within = 10 * MINUTE

    def describe(self, at: At, id: str) -> dict[str, Any]:
        cluster, name = parted(id)
        answer = at.client(SERVICE).describe_fargate_profile(clusterName=cluster, fargateProfileName=name)
        return dict(answer["fargateProfile"])

    def create(self, at: At, inputs: State) -> str:
        client = at.client(SERVICE)
        wanted = shapes.request(
            client, "CreateFargateProfile", inputs, rename={"subnetIds": "subnets"}, drop=("tags", "tagsAll")
        )
        wanted |= {"tags": tags_of(inputs), "clientRequestToken": at.client_token(inputs)}
        # EKS makes one profile of a cluster at a time.
        with at.cloud.exclusively(f"fargate profiles of {inputs['clusterName']}"):
            client.create_fargate_profile(**wanted)
            id = joined(inputs["clusterName"], inputs["fargateProfileName"])
            EksHandler.complete(self, at, id, inputs)
        return id

    def complete(self, at: At, id: str, inputs: State) -> None:
        """It was waited for at once: the next one of the cluster cannot begin before."""

    def read(self, at: At, id: str, known: State) -> Values | None:
        profile = self.described(at, id)
        if profile is None or profile["status"] == "DELETING":
            return None
        rename = {"arn": "fargateProfileArn", "subnetIds": "subnets"}
        found = shapes.outputs(self.properties, profile, rename=rename)
        return found | {"tagsAll": profile.get("tags") or {}}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        update_tags(at, str(olds["arn"]), olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        cluster, name = parted(id)
        with at.cloud.exclusively(f"fargate profiles of {cluster}"):
            with unless_gone():
                at.client(SERVICE).delete_fargate_profile(clusterName=cluster, fargateProfileName=name)
            self.await_gone(at, id)

    def find(self, at: At, inputs: State) -> list[str]:
        return [joined(inputs["clusterName"], inputs["fargateProfileName"])]
