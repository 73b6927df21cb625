"""ECS cluster, capacity providers, task definition and service."""

from __future__ import annotations

import json
from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import (
    URN_TAG,
    At,
    Handler,
    State,
    code,
    ignoring,
    is_gone,
    tag_changes,
    tag_map,
    unless_gone,
)
from cygni.local_cloud.provider.handlers.iam import document
from cygni.local_cloud.provider.wire import Values

_NOT_SENT = ("tags", "tagsAll", "region")
_MINUTE = 60.0


def _tags(inputs: State) -> list[dict[str, str]]:
    return [{"key": key, "value": str(value)} for key, value in (inputs.get("tagsAll") or {}).items()]


def _tagged(inputs: State) -> dict[str, Any]:
    """ECS refuses an empty list of tags for some calls: leave it out."""
    tags = _tags(inputs)
    return {"tags": tags} if tags else {}


def _update_tags(at: At, arn: str, olds: State, news: State) -> None:
    put, removed = tag_changes(olds, news)
    if removed:
        at.client("ecs").untag_resource(resourceArn=arn, tagKeys=removed)
    if put:
        at.client("ecs").tag_resource(resourceArn=arn, tags=_tags({"tagsAll": put}))


def _in_given_form(known: Any, arn: Any) -> Any:
    """The program's name for what the API reports by ARN, while both mean the same."""
    if isinstance(known, str) and isinstance(arn, str) and arn.rpartition("/")[2] == known:
        return known
    return arn


class Cluster(Handler):
    token = "aws:ecs/cluster:Cluster"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ecs")
        urn = (inputs.get("tagsAll") or {}).get(URN_TAG)
        there = self._described(at, inputs["name"])
        # CreateCluster answers with a cluster that exists; one of another program must not be taken over.
        if there and urn and tag_map(there.get("tags"), "key", "value").get(URN_TAG) != urn:
            raise RuntimeError(f"an ECS cluster named {inputs['name']} exists already")
        rename = {"name": "clusterName"}
        wanted = shapes.request(client, "CreateCluster", inputs, rename=rename, drop=_NOT_SENT)
        return str(client.create_cluster(**wanted, **_tagged(inputs))["cluster"]["clusterArn"])

    def _described(self, at: At, id: str) -> dict[str, Any] | None:
        include = ["SETTINGS", "TAGS", "CONFIGURATIONS"]
        clusters = at.client("ecs").describe_clusters(clusters=[id], include=include)["clusters"]
        return next((dict(item) for item in clusters if item.get("status") != "INACTIVE"), None)

    def complete(self, at: At, id: str, inputs: State) -> None:
        def active() -> bool | None:
            status = (self._described(at, id) or {}).get("status", "ACTIVE")
            return None if status == "PROVISIONING" else True

        at.cloud.await_(f"ECS cluster {id}", active, seconds=10 * _MINUTE)

    def read(self, at: At, id: str, known: State) -> Values | None:
        cluster = self._described(at, id)
        if cluster is None:
            return None
        rename = {"name": "clusterName", "arn": "clusterArn"}
        found = shapes.outputs(self.properties, cluster, rename=rename)
        return found | {"id": cluster["clusterArn"], "tagsAll": tag_map(cluster.get("tags"), "key", "value")}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("ecs")
        if changed & {"configuration", "settings", "serviceConnectDefaults"}:
            wanted = shapes.request(client, "UpdateCluster", news, drop=_NOT_SENT)
            client.update_cluster(**wanted | {"cluster": id})
        _update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone(), ignoring("ClusterNotFoundException"):
            at.client("ecs").delete_cluster(cluster=id)

    def find(self, at: At, inputs: State) -> list[str]:
        cluster = self._described(at, inputs["name"]) if inputs.get("name") else None
        return [cluster["clusterArn"]] if cluster else []


class ClusterCapacityProviders(Handler):
    """What a cluster runs on; its id is the cluster's name."""

    token = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ecs")
        strategies = inputs.get("defaultCapacityProviderStrategies") or []
        client.put_cluster_capacity_providers(
            cluster=inputs["clusterName"],
            capacityProviders=inputs.get("capacityProviders") or [],
            defaultCapacityProviderStrategy=shapes.value(client, "CapacityProviderStrategy", strategies),
        )
        return str(inputs["clusterName"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        clusters = at.client("ecs").describe_clusters(clusters=[id])["clusters"]
        if not clusters or clusters[0].get("status") == "INACTIVE":
            return None
        found = shapes.outputs(self.properties, clusters[0])
        return (
            {"capacityProviders": [], "defaultCapacityProviderStrategies": []} | found | {"clusterName": id}
        )

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        self.create(at, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("ecs").put_cluster_capacity_providers(
                cluster=id, capacityProviders=[], defaultCapacityProviderStrategy=[]
            )

    def find(self, at: At, inputs: State) -> list[str]:
        return [inputs["clusterName"]]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        return self.read(at, id, inputs) is not None


class TaskDefinition(Handler):
    """One revision; its id is the family, the revision is in `arn`."""

    token = "aws:ecs/taskDefinition:TaskDefinition"
    has_twins = True

    def create(self, at: At, inputs: State) -> str:
        return self._register(at, inputs)

    def _register(self, at: At, inputs: State) -> str:
        client = at.client("ecs")
        # The ARN with its revision is what `read` needs; `read` answers with the family as the id.
        drop = (*_NOT_SENT, "containerDefinitions", "volumes", "proxyConfiguration")
        wanted = shapes.request(client, "RegisterTaskDefinition", inputs, drop=drop)
        wanted["containerDefinitions"] = self._containers(client, inputs["containerDefinitions"])
        if inputs.get("volumes"):
            wanted["volumes"] = [self._volume(client, volume) for volume in inputs["volumes"]]
        if inputs.get("proxyConfiguration"):
            wanted["proxyConfiguration"] = self._proxy(inputs["proxyConfiguration"])
        answer = client.register_task_definition(**wanted, **_tagged(inputs))
        return str(answer["taskDefinition"]["taskDefinitionArn"])

    def _containers(self, client: Any, text: str) -> Any:
        return shapes.value(client, "ContainerDefinitions", json.loads(text))

    def _volume(self, client: Any, volume: State) -> dict[str, Any]:
        converted: dict[str, Any] = shapes.value(
            client,
            "Volume",
            volume,
            rename={"configureAtLaunch": "configuredAtLaunch", "accessPointId": "accessPointId"},
        )
        if volume.get("hostPath"):
            converted["host"] = {"sourcePath": volume["hostPath"]}
        return converted

    def _proxy(self, proxy: State) -> dict[str, Any]:
        pairs = [{"name": name, "value": value} for name, value in (proxy.get("properties") or {}).items()]
        kind = proxy.get("type", "APPMESH")
        return {"type": kind, "containerName": proxy["containerName"], "properties": pairs}

    def read(self, at: At, id: str, known: State) -> Values | None:
        wanted = known.get("family") if known.get("trackLatest") else known.get("arn", id)
        try:
            answer = at.client("ecs").describe_task_definition(taskDefinition=wanted, include=["TAGS"])
        except ClientError as error:
            if is_gone(error) or code(error) == "ClientException":
                return None
            raise
        definition = answer["taskDefinition"]
        if definition.get("status") == "INACTIVE":
            return None
        rename = {"arn": "taskDefinitionArn", "containerDefinitions": "", "volumes": ""}
        found = shapes.outputs(self.properties, definition, rename=rename)
        if "volumes" in known or definition.get("volumes"):
            found["volumes"] = [self._volume_of(volume) for volume in definition.get("volumes", [])]
        return found | {
            "id": definition["family"],
            "containerDefinitions": document(definition["containerDefinitions"]),
            "arnWithoutRevision": definition["taskDefinitionArn"].rpartition(":")[0],
            "tagsAll": tag_map(answer.get("tags"), "key", "value"),
        }

    def _volume_of(self, volume: State) -> Values:
        found = shapes.outputs(self.properties["volumes"].nested, volume)
        if (volume.get("host") or {}).get("sourcePath"):
            found["hostPath"] = volume["host"]["sourcePath"]
        return found

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        _update_tags(at, olds.get("arn", id), olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        if not known.get("skipDestroy"):
            with unless_gone(), ignoring("ClientException"):
                at.client("ecs").deregister_task_definition(taskDefinition=known.get("arn", id))

    def find(self, at: At, inputs: State) -> list[str]:
        """Active revisions of the family, newest first."""
        client = at.client("ecs")
        pages = client.get_paginator("list_task_definitions").paginate(
            familyPrefix=inputs["family"], sort="DESC", status="ACTIVE"
        )
        return [arn for page in pages for arn in page["taskDefinitionArns"]]
