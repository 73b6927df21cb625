"""ECS services. A service is ready when it is ACTIVE, as for the official provider; its tasks are not waited for. It is
gone when it is INACTIVE: until then its tasks still run, and keep the cluster."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import At, Handler, State, code, is_gone, tag_map
from cygni.local_cloud.provider.handlers.ecs import _in_given_form as in_given_form
from cygni.local_cloud.provider.handlers.ecs import _tagged as tagged
from cygni.local_cloud.provider.handlers.ecs import _update_tags as update_tags
from cygni.local_cloud.provider.wire import Values

_RENAME = {"name": "serviceName", "iamRole": "role"}
# Inputs that CreateService takes in another form, or not at all.
_OWN_FORM = (
    "tags", "tagsAll", "region", "networkConfiguration", "deploymentConfiguration", "forceDelete",
    "volumeConfiguration", "waitForSteadyState", "sigintRollback", "triggers", "forceNewDeployment",
)  # fmt: skip
_DEPLOYMENT = {
    "deploymentMaximumPercent": "maximumPercent",
    "deploymentMinimumHealthyPercent": "minimumHealthyPercent",
    "deploymentCircuitBreaker": "deploymentCircuitBreaker",
    "alarms": "alarms",
}
_STRATEGY = {
    "bakeTimeInMinutes": "bakeTimeInMinutes",
    "canaryConfiguration": "canaryConfiguration",
    "linearConfiguration": "linearConfiguration",
    "lifecycleHooks": "lifecycleHooks",
    "strategy": "strategy",
}


class Service(Handler):
    token = "aws:ecs/service:Service"

    def _wanted(self, at: At, operation: str, inputs: State) -> dict[str, Any]:
        client = at.client("ecs")
        wanted = shapes.request(client, operation, inputs, rename=_RENAME, drop=_OWN_FORM)
        network = inputs.get("networkConfiguration")
        if network:
            wanted["networkConfiguration"] = {
                "awsvpcConfiguration": {
                    "subnets": network.get("subnets") or [],
                    # Always there: without it the embedded cloud fails, and AWS reads [] as not given.
                    "securityGroups": network.get("securityGroups") or [],
                    "assignPublicIp": "ENABLED" if network.get("assignPublicIp") else "DISABLED",
                }
            }
        deployment = {member: inputs.get(name) for name, member in _DEPLOYMENT.items()}
        if inputs.get("schedulingStrategy") == "DAEMON":
            deployment.pop("maximumPercent")
        deployment |= inputs.get("deploymentConfiguration") or {}
        converted = shapes.value(client, "DeploymentConfiguration", deployment)
        if converted:
            wanted["deploymentConfiguration"] = converted
        volume = inputs.get("volumeConfiguration")
        if volume:
            rename = {"sizeInGb": "sizeInGiB", "fileSystemType": "filesystemType"}
            wanted["volumeConfigurations"] = shapes.value(
                client, "ServiceVolumeConfigurations", [volume], rename=rename
            )
        return wanted

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ecs")
        wanted = self._wanted(at, "CreateService", inputs)
        if inputs.get("schedulingStrategy") != "DAEMON":
            wanted.setdefault("desiredCount", 0)
        wanted["clientToken"] = at.client_token(inputs)
        there = self.find(at, inputs)
        if there and not self.owned(at, there[0], inputs):
            raise RuntimeError(f"an ECS service named {inputs.get('name')} exists already in this cluster")
        if there:
            return there[0]
        return str(client.create_service(**wanted, **tagged(inputs))["service"]["serviceArn"])

    def _described(
        self, at: At, cluster: str, name: str, gone: tuple[str, ...] = ("INACTIVE", "DRAINING")
    ) -> dict[str, Any] | None:
        try:
            services = at.client("ecs").describe_services(cluster=cluster, services=[name], include=["TAGS"])
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        live = (s for s in services["services"] if s.get("status") not in gone)
        return next((dict(service) for service in live), None)

    def read(self, at: At, id: str, known: State) -> Values | None:
        cluster, name = _place(id)
        service = self._described(at, known.get("cluster") or cluster, name)
        if service is None:
            return None
        rename = {"name": "serviceName", "arn": "serviceArn", "cluster": "clusterArn", "iamRole": "roleArn"}
        drop = {"networkConfiguration": "", "deploymentConfiguration": "", "volumeConfiguration": ""}
        found = shapes.outputs(self.properties, service, rename=rename | drop | {"triggers": ""})
        for form in ("cluster", "taskDefinition", "iamRole"):
            if form in found:
                found[form] = in_given_form(known.get(form), found[form])
        if found.get("propagateTags") == "NONE" and "propagateTags" not in known:
            found["propagateTags"] = None
        found["networkConfiguration"] = _network_of(service)
        deployment = service.get("deploymentConfiguration") or {}
        for name_, member in _DEPLOYMENT.items():
            if member in deployment and (name_ in known or member.endswith("Percent")):
                found |= shapes.outputs({name_: self.properties[name_]}, {name_: deployment[member]})
        if known.get("deploymentConfiguration"):
            nested = self.properties["deploymentConfiguration"].nested
            strategy = {name: deployment[m] for name, m in _STRATEGY.items() if m in deployment}
            remote = shapes.outputs(nested, strategy)
            found["deploymentConfiguration"] = {**known["deploymentConfiguration"], **remote}
        return found | {
            "id": service["serviceArn"],
            "tagsAll": tag_map(service.get("tags"), "key", "value"),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("ecs")
        only_ours = {"tags", "tagsAll", "forceDelete", "waitForSteadyState", "sigintRollback"}
        if changed - only_ours:
            # Only what changed: a count that autoscaling or a release has moved is not to be set back.
            together = _TOGETHER if changed & _TOGETHER else frozenset()
            sent = {name: news[name] for name in (changed | together) - _FIXED if name in news}
            if news.get("schedulingStrategy") == "DAEMON":
                sent["schedulingStrategy"] = "DAEMON"  # which deployment settings there are depends on it
            wanted = self._wanted(at, "UpdateService", sent)
            wanted |= {"cluster": _place(id)[0], "service": _place(id)[1]}
            wanted["forceNewDeployment"] = bool(news.get("forceNewDeployment"))
            wanted |= {
                member: [] for name, member in _LISTS.items() if name in changed and not news.get(name)
            }
            client.update_service(**wanted)
        update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        client = at.client("ecs")
        cluster, name = _place(id)
        if self._described(at, cluster, name) is None:
            return
        try:
            if known.get("schedulingStrategy") != "DAEMON" and not known.get("forceDelete"):
                client.update_service(cluster=cluster, service=name, desiredCount=0)
            client.delete_service(cluster=cluster, service=name, force=bool(known.get("forceDelete")))
        except ClientError as error:
            if not is_gone(error) and code(error) != "ServiceNotActiveException":
                raise
            return
        at.cloud.await_(
            f"deletion of ECS service {name}",
            lambda: True if self._described(at, cluster, name, gone=("INACTIVE",)) is None else None,
            seconds=1200,
        )

    def find(self, at: At, inputs: State) -> list[str]:
        if not inputs.get("name"):
            return []
        service = self._described(at, inputs.get("cluster") or "default", inputs["name"])
        return [service["serviceArn"]] if service else []


# What cannot be said in an update.
_FIXED = frozenset({"name", "cluster", "launchType", "schedulingStrategy", "iamRole", "deploymentController"})


# One member of the API holds them all.
_TOGETHER = frozenset({*_DEPLOYMENT, "deploymentConfiguration"})
# What is taken away by an empty list.
_LISTS = {
    "loadBalancers": "loadBalancers",
    "serviceRegistries": "serviceRegistries",
    "capacityProviderStrategies": "capacityProviderStrategy",
}


def _place(id: str) -> tuple[str, str]:
    """Cluster and service of an ARN, or of an import id `cluster/service`."""
    parts = id.split("/")
    return (parts[-2] if len(parts) > 1 and ":" not in parts[-2] else "default"), parts[-1]


def _network_of(service: State) -> Values | None:
    network = (service.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if not network:
        return None
    return {
        "subnets": network.get("subnets", []),
        "securityGroups": network.get("securityGroups", []),
        "assignPublicIp": network.get("assignPublicIp") == "ENABLED",
    }
