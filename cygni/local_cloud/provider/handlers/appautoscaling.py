"""Application Auto Scaling: targets and policies."""

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

_SERVICE = "application-autoscaling"
_MINUTE = 60.0
_PLACE = {"serviceNamespace": "ServiceNamespace", "scalableDimension": "ScalableDimension"}


def _place(known: State) -> dict[str, str]:
    """What an API call names a target by."""
    return {member: known[name] for name, member in {**_PLACE, "resourceId": "ResourceId"}.items()}


class Target(Handler):
    """What may be scaled; its id is the resource's, so the rest of its place comes from what is known."""

    token = "aws:appautoscaling/target:Target"

    def _wanted(self, at: At, inputs: State) -> dict[str, Any]:
        drop = ("region", "tags", "tagsAll")
        return shapes.request(at.client(_SERVICE), "RegisterScalableTarget", inputs, drop=drop)

    def create(self, at: At, inputs: State) -> str:
        client = at.client(_SERVICE)
        there = self._described(at, inputs)
        # RegisterScalableTarget changes a target that exists; one of another program must not be taken over.
        if there is not None and not self.owned(at, inputs["resourceId"], inputs):
            raise RuntimeError(f"{inputs['resourceId']} is scaled already")
        tags = {key: str(value) for key, value in (inputs.get("tagsAll") or {}).items()}
        wanted = self._wanted(at, inputs) | ({"Tags": tags} if tags and there is None else {})

        def registered() -> bool | None:
            try:
                client.register_scalable_target(**wanted)
            except ClientError as error:
                if code(error) == "ValidationException" and "ECS service doesn't exist" in message(error):
                    return None
                raise
            return True

        at.cloud.await_(f"what {inputs['resourceId']} names", registered, seconds=2 * _MINUTE)
        return str(inputs["resourceId"])

    def _described(self, at: At, known: State) -> dict[str, Any] | None:
        found = at.client(_SERVICE).describe_scalable_targets(
            **{member: known[name] for name, member in _PLACE.items()}, ResourceIds=[known["resourceId"]]
        )["ScalableTargets"]
        return dict(found[0]) if found else None

    def read(self, at: At, id: str, known: State) -> Values | None:
        place = known if known.get("resourceId") else _imported(id)
        target = self._described(at, place)
        if target is None:
            return None
        found = shapes.outputs(self.properties, target, rename={"arn": "ScalableTargetARN"})
        arn = target.get("ScalableTargetARN")
        tags = at.client(_SERVICE).list_tags_for_resource(ResourceARN=arn)["Tags"] if arn else {}
        return found | {"id": target["ResourceId"], "tagsAll": dict(tags)}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client(_SERVICE)
        if changed - {"tags", "tagsAll"}:
            client.register_scalable_target(**self._wanted(at, news))
        put, removed = tag_changes(olds, news)
        if removed:
            client.untag_resource(ResourceARN=olds["arn"], TagKeys=removed)
        if put:
            client.tag_resource(ResourceARN=olds["arn"], Tags=put)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client(_SERVICE).deregister_scalable_target(**_place(known))
        at.cloud.await_(
            f"deregistration of {id}",
            lambda: True if self._described(at, known) is None else None,
            seconds=5 * _MINUTE,
        )

    def find(self, at: At, inputs: State) -> list[str]:
        return [inputs["resourceId"]] if self._described(at, inputs) is not None else []


class Policy(Handler):
    """How a target is scaled; its id is its name."""

    token = "aws:appautoscaling/policy:Policy"

    def create(self, at: At, inputs: State) -> str:
        self._put(at, inputs)
        return str(inputs["name"])

    def _put(self, at: At, inputs: State) -> None:
        client = at.client(_SERVICE)
        rename = {"name": "PolicyName"}
        wanted = shapes.request(client, "PutScalingPolicy", inputs, rename=rename, drop=("region",))

        def put() -> bool | None:
            try:
                client.put_scaling_policy(**wanted)
            except ClientError as error:
                if is_gone(error):  # the target was registered just now
                    return None
                raise
            return True

        at.cloud.await_(f"the target of policy {inputs['name']}", put, seconds=2 * _MINUTE)

    def read(self, at: At, id: str, known: State) -> Values | None:
        place = known if known.get("resourceId") else _imported(id)
        name = known.get("name") or place["name"]
        answer = at.client(_SERVICE).describe_scaling_policies(**_place(place), PolicyNames=[name])
        found = next((one for one in answer["ScalingPolicies"] if _is_of(one, place, name)), None)
        if found is None:
            return None
        rename = {"arn": "PolicyARN", "name": "PolicyName"}
        return shapes.outputs(self.properties, found, rename=rename) | {
            "id": name,
            "alarmArns": [alarm["AlarmARN"] for alarm in found.get("Alarms", [])],
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        self._put(at, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client(_SERVICE).delete_scaling_policy(PolicyName=id, **_place(known))

    def find(self, at: At, inputs: State) -> list[str]:
        return [inputs["name"]] if self.read(at, inputs["name"], inputs) is not None else []

    def owned(self, at: At, id: str, inputs: State) -> bool:
        """Policies have no tags; a target is one program's, and so are the policies on it."""
        return self.read(at, id, inputs) is not None


def _is_of(policy: State, place: State, name: str) -> bool:
    return bool(policy["PolicyName"] == name and policy["ResourceId"] == place["resourceId"])


def _imported(id: str) -> dict[str, str]:
    """`namespace/resource-id/dimension`, with a policy's name after it; a resource's id holds slashes itself."""
    namespace, _, rest = id.partition("/")
    parts = rest.split("/")
    last = next((i for i, part in enumerate(parts) if part.count(":") == 2), len(parts) - 1)
    return {
        "serviceNamespace": namespace,
        "resourceId": "/".join(parts[:last]),
        "scalableDimension": parts[last],
        "name": "/".join(parts[last + 1 :]),
    }
