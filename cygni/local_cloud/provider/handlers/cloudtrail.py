"""CloudTrail trails."""

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
    tag_changes,
    tag_list,
    tag_map,
    unless_gone,
)
from cygni.local_cloud.provider.wire import Values

_RENAMED = {"cloudWatchLogsGroupArn": "CloudWatchLogsLogGroupArn"}
_NOT_SENT = ("tags", "tagsAll", "region", "eventSelectors", "advancedEventSelectors", "insightSelectors")
_WRITABLE_WITHIN = 60.0  # seconds until CloudTrail sees a bucket's new policy
_SELECTORS = frozenset({"eventSelectors", "advancedEventSelectors"})
_EVERYTHING = [{"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": []}]
"""What a trail without event selectors keeps: all management events."""


class Trail(Handler):
    """A trail; its id is the ARN."""

    token = "aws:cloudtrail/trail:Trail"

    def _wanted(self, at: At, operation: str, inputs: State) -> dict[str, Any]:
        return shapes.request(at.client("cloudtrail"), operation, inputs, rename=_RENAMED, drop=_NOT_SENT)

    def create(self, at: At, inputs: State) -> str:
        client = at.client("cloudtrail")
        tags = tag_list(inputs.get("tagsAll"))
        wanted = self._wanted(at, "CreateTrail", inputs) | ({"TagsList": tags} if tags else {})

        def made() -> str | None:
            try:
                return str(client.create_trail(**wanted)["TrailARN"])
            except ClientError as error:
                if code(error) == "InsufficientS3BucketPolicyException":
                    return None
                found = self.find(at, inputs) if code(error) == "TrailAlreadyExistsException" else []
                if not found or not self.owned(at, found[0], inputs):
                    raise
                return found[0]

        what = f"bucket {inputs['s3BucketName']} to let CloudTrail in"
        return at.cloud.await_(what, made, seconds=_WRITABLE_WITHIN)

    def complete(self, at: At, id: str, inputs: State) -> None:
        if inputs.get("enableLogging", True):
            at.client("cloudtrail").start_logging(Name=id)
        if any(inputs.get(name) for name in _SELECTORS):
            self._select(at, id, inputs)
        if inputs.get("insightSelectors"):
            self._select_insights(at, id, inputs)

    def _select(self, at: At, id: str, inputs: State) -> None:
        client = at.client("cloudtrail")
        if inputs.get("advancedEventSelectors"):
            chosen = shapes.value(client, "AdvancedEventSelectors", inputs["advancedEventSelectors"])
            client.put_event_selectors(TrailName=id, AdvancedEventSelectors=chosen)
            return
        chosen = shapes.value(client, "EventSelectors", inputs.get("eventSelectors") or [])
        client.put_event_selectors(TrailName=id, EventSelectors=chosen or _EVERYTHING)

    def _select_insights(self, at: At, id: str, inputs: State) -> None:
        client = at.client("cloudtrail")
        chosen = shapes.value(client, "InsightSelectors", inputs.get("insightSelectors") or [])
        client.put_insight_selectors(TrailName=id, InsightSelectors=chosen)

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client("cloudtrail")
        try:
            trail = client.get_trail(Name=id)["Trail"]
            status = client.get_trail_status(Name=id)
            selected = client.get_event_selectors(TrailName=id)
            insights = self._insights(at, id)
            tags = client.list_tags(ResourceIdList=[id])["ResourceTagList"][0].get("TagsList", [])
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        rename = {**_RENAMED, "arn": "TrailARN", "snsTopicArn": "SnsTopicARN", "enableLogging": ""}
        found = shapes.outputs(self.properties, trail, rename=rename)
        return found | {
            "enableLogging": status["IsLogging"],
            "enableLogFileValidation": trail.get("LogFileValidationEnabled", False),
            "homeRegion": trail.get("HomeRegion") or id.split(":")[3],
            "snsTopicName": trail.get("SnsTopicName"),
            "eventSelectors": self._selectors(selected.get("EventSelectors")),
            "advancedEventSelectors": self._advanced(selected.get("AdvancedEventSelectors")),
            "insightSelectors": insights,
            "tagsAll": tag_map(tags),
        }

    def _selectors(self, selectors: list[dict[str, Any]] | None) -> list[Values] | None:
        """The default selector is none of the program's."""
        chosen = [one for one in selectors or [] if {**one, "ExcludeManagementEventSources": []} != _DEFAULT]
        nested = self.properties["eventSelectors"].nested
        return [shapes.outputs(nested, one) for one in chosen] or None

    def _advanced(self, selectors: list[dict[str, Any]] | None) -> list[Values] | None:
        nested = self.properties["advancedEventSelectors"].nested
        return [shapes.outputs(nested, one) for one in selectors or []] or None

    def _insights(self, at: At, id: str) -> list[Values] | None:
        try:
            answer = at.client("cloudtrail").get_insight_selectors(TrailName=id)
        except ClientError as error:
            if code(error) == "InsightNotEnabledException":
                return None
            raise
        return [{"insightType": one["InsightType"]} for one in answer.get("InsightSelectors") or []] or None

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("cloudtrail")
        own = changed - _SELECTORS - {"tags", "tagsAll", "enableLogging", "insightSelectors"}
        if own:
            cleared = {
                member: ""
                for name, member in (("s3KeyPrefix", "S3KeyPrefix"), ("snsTopicName", "SnsTopicName"))
                if name in own and not news.get(name)
            }
            client.update_trail(**{**self._wanted(at, "UpdateTrail", news), **cleared, "Name": id})
        if "enableLogging" in changed:
            call = client.start_logging if news.get("enableLogging", True) else client.stop_logging
            call(Name=id)
        if changed & _SELECTORS:
            self._select(at, id, news)
        if "insightSelectors" in changed:
            self._select_insights(at, id, news)
        put, removed = tag_changes(olds, news)
        if removed:
            client.remove_tags(ResourceId=id, TagsList=[{"Key": key} for key in removed])
        if put:
            client.add_tags(ResourceId=id, TagsList=tag_list(put))

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("cloudtrail").delete_trail(Name=id)

    def find(self, at: At, inputs: State) -> list[str]:
        trails = at.client("cloudtrail").describe_trails(includeShadowTrails=False)["trailList"]
        return [str(trail["TrailARN"]) for trail in trails if trail["Name"] == inputs.get("name")]


_DEFAULT = {**_EVERYTHING[0], "ExcludeManagementEventSources": []}
