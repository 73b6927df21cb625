"""GuardDuty's detector: one for an account and region."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from cygni.local_cloud.provider.handlers.base import At, Handler, State, code, tag_changes
from cygni.local_cloud.provider.wire import Values

_NOT_THERE = "BadRequestException"  # what GuardDuty says of an id that it does not know


class Detector(Handler):
    token = "aws:guardduty/detector:Detector"

    def _wanted(self, inputs: State) -> dict[str, Any]:
        wanted: dict[str, Any] = {"Enable": bool(inputs.get("enable", True))}
        if inputs.get("findingPublishingFrequency"):
            wanted["FindingPublishingFrequency"] = inputs["findingPublishingFrequency"]
        return wanted

    def create(self, at: At, inputs: State) -> str:
        client = at.client("guardduty")
        tags = dict(inputs.get("tagsAll") or {})
        tagged = {"Tags": tags} if tags else {}
        try:
            answer = client.create_detector(
                **self._wanted(inputs), **tagged, ClientToken=at.client_token(inputs)
            )
        except ClientError as error:
            found = self.find(at, inputs) if code(error) == _NOT_THERE else []
            if not found or not self.owned(at, found[0], inputs):
                raise
            return found[0]
        return str(answer["DetectorId"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        try:
            found = at.client("guardduty").get_detector(DetectorId=id)
        except ClientError as error:
            if code(error) == _NOT_THERE:
                return None
            raise
        return {
            "accountId": at.cloud.account_id(),
            "arn": at.arn("guardduty", f"detector/{id}"),
            "enable": found["Status"] == "ENABLED",
            "findingPublishingFrequency": found.get("FindingPublishingFrequency"),
            "tagsAll": found.get("Tags", {}),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("guardduty")
        if changed & {"enable", "findingPublishingFrequency"}:
            client.update_detector(DetectorId=id, **self._wanted(news))
        put, removed = tag_changes(olds, news)
        if removed:
            client.untag_resource(ResourceArn=olds["arn"], TagKeys=removed)
        if put:
            client.tag_resource(ResourceArn=olds["arn"], Tags=put)

    def delete(self, at: At, id: str, known: State) -> None:
        if self.read(at, id, known) is not None:
            at.client("guardduty").delete_detector(DetectorId=id)

    def find(self, at: At, inputs: State) -> list[str]:
        return [str(id) for id in at.client("guardduty").list_detectors()["DetectorIds"]]
