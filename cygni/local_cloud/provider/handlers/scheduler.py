"""EventBridge Scheduler: schedules and their groups."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
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
    tag_list,
    tag_map,
    unless_gone,
)
from cygni.local_cloud.provider.wire import Values

_MINUTE = 60.0
_RETRIES = {"maximumEventAgeInSeconds": 86400, "maximumRetryAttempts": 185}
"""What a schedule has that says nothing of retries (EventBridge Scheduler API, RetryPolicy)."""
_RENAME = {"pipelineParameters": "PipelineParameterList"}


class ScheduleGroup(Handler):
    """A group of schedules; its id is its name."""

    token = "aws:scheduler/scheduleGroup:ScheduleGroup"

    def create(self, at: At, inputs: State) -> str:
        at.client("scheduler").create_schedule_group(
            Name=inputs["name"],
            Tags=tag_list(inputs.get("tagsAll")),
            ClientToken=at.client_token(inputs),
        )
        return str(inputs["name"])

    def complete(self, at: At, id: str, inputs: State) -> None:
        def active() -> bool | None:
            return True if at.client("scheduler").get_schedule_group(Name=id)["State"] == "ACTIVE" else None

        at.cloud.await_(f"schedule group {id}", active, seconds=5 * _MINUTE)

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client("scheduler")
        try:
            group = client.get_schedule_group(Name=id)
            tags = client.list_tags_for_resource(ResourceArn=group["Arn"])["Tags"]
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        return shapes.outputs(self.properties, group) | {"tagsAll": tag_map(tags)}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("scheduler")
        put, removed = tag_changes(olds, news)
        if removed:
            client.untag_resource(ResourceArn=olds["arn"], TagKeys=removed)
        if put:
            client.tag_resource(ResourceArn=olds["arn"], Tags=tag_list(put))

    def delete(self, at: At, id: str, known: State) -> None:
        client = at.client("scheduler")
        with unless_gone():
            client.delete_schedule_group(Name=id)

        def gone() -> bool | None:
            try:
                client.get_schedule_group(Name=id)
            except ClientError as error:
                if is_gone(error):
                    return True
                raise
            return None

        at.cloud.await_(f"deletion of schedule group {id}", gone, seconds=5 * _MINUTE)

    def find(self, at: At, inputs: State) -> list[str]:
        there = inputs.get("name") and self.read(at, inputs["name"], inputs)
        return [inputs["name"]] if there else []


class Schedule(Handler):
    """A schedule; its id is `group/name`. It has no tags: its name in its group is what it is found by."""

    token = "aws:scheduler/schedule:Schedule"

    def _wanted(self, at: At, operation: str, inputs: State) -> dict[str, Any]:
        client = at.client("scheduler")
        dates = {name: _moment(inputs[name]) for name in ("startDate", "endDate") if inputs.get(name)}
        drop = ("region", "target", "startDate", "endDate")
        wanted = shapes.request(client, operation, inputs, drop=drop)
        target = inputs["target"]
        wanted["Target"] = shapes.value(client, "Target", target, rename=_RENAME)
        ecs = target.get("ecsParameters")
        if ecs:
            wanted["Target"]["EcsParameters"] |= _ecs_forms(ecs)
        return wanted | {name[0].upper() + name[1:]: value for name, value in dates.items()}

    def create(self, at: At, inputs: State) -> str:
        wanted = self._wanted(at, "CreateSchedule", inputs)

        def created() -> dict[str, Any] | None:
            try:
                return dict(at.client("scheduler").create_schedule(**wanted))
            except ClientError as error:
                if _is_role_unready(error):
                    return None
                raise

        answer = at.cloud.await_(f"the role of schedule {inputs['name']}", created, seconds=2 * _MINUTE)
        return "/".join(str(answer["ScheduleArn"]).split("/")[-2:])

    def read(self, at: At, id: str, known: State) -> Values | None:
        group, _, name = id.rpartition("/")
        try:
            schedule = at.client("scheduler").get_schedule(GroupName=group or "default", Name=name)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        found = shapes.outputs(
            self.properties, schedule, rename={"target": ""}, clears=("description", "kmsKeyArn")
        )
        for date in ("startDate", "endDate"):
            found[date] = _text(schedule.get(date[0].upper() + date[1:]))
        target = self._target_of(schedule["Target"])
        if "retryPolicy" not in (known.get("target") or {}) and target.get("retryPolicy") == _RETRIES:
            del target["retryPolicy"]
        return found | {"target": target, "id": f"{group or 'default'}/{name}"}

    def _target_of(self, target: Mapping[str, Any]) -> Values:
        nested = self.properties["target"].nested
        rename = {**_RENAME, "networkConfiguration": "", "tags": ""}
        found = shapes.outputs(nested, target, rename=rename)
        ecs = target.get("EcsParameters")
        if ecs is not None:
            network = (ecs.get("NetworkConfiguration") or {}).get("awsvpcConfiguration")
            if network:
                found["ecsParameters"]["networkConfiguration"] = {
                    "subnets": network.get("Subnets", []),
                    "securityGroups": network.get("SecurityGroups", []),
                    "assignPublicIp": network.get("AssignPublicIp") == "ENABLED",
                }
            if ecs.get("Tags"):
                found["ecsParameters"]["tags"] = {tag["key"]: tag["value"] for tag in ecs["Tags"]}
        return found

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        at.client("scheduler").update_schedule(**self._wanted(at, "UpdateSchedule", news))

    def delete(self, at: At, id: str, known: State) -> None:
        group, _, name = id.rpartition("/")
        with unless_gone():
            at.client("scheduler").delete_schedule(GroupName=group or "default", Name=name)

    def find(self, at: At, inputs: State) -> list[str]:
        if not inputs.get("name"):
            return []
        id = f"{inputs.get('groupName') or 'default'}/{inputs['name']}"
        return [id] if self.read(at, id, inputs) is not None else []

    def owned(self, at: At, id: str, inputs: State) -> bool:
        """A schedule of this name in this group that starts the same: nothing else tells whose it is."""
        found = self.read(at, id, inputs)
        return found is not None and found["target"]["arn"] == inputs["target"]["arn"]


def _ecs_forms(ecs: State) -> dict[str, Any]:
    """What the API has in another form than Pulumi."""
    forms: dict[str, Any] = {}
    network = ecs.get("networkConfiguration")
    if network:
        given = {"Subnets": network["subnets"], "SecurityGroups": network.get("securityGroups")}
        forms["NetworkConfiguration"] = {
            "awsvpcConfiguration": {
                **{name: value for name, value in given.items() if value},
                "AssignPublicIp": "ENABLED" if network.get("assignPublicIp") else "DISABLED",
            }
        }
    if ecs.get("tags"):
        forms["Tags"] = [{"key": key, "value": str(value)} for key, value in ecs["tags"].items()]
    return forms


def _is_role_unready(error: ClientError) -> bool:
    """A role that was just made cannot be taken for a moment."""
    return code(error) == "ValidationException" and "must allow AWS EventBridge Scheduler" in message(error)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _text(moment: Any) -> str | None:
    """RFC 3339 in UTC, as the official provider keeps it."""
    if moment is None:
        return None
    if not isinstance(moment, datetime):
        moment = datetime.fromtimestamp(float(moment), UTC)
    return str(moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
