"""What the EC2 handlers share: one description, tags, look-up by tag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from botocore.exceptions import ClientError

from cygni.local_cloud.provider.cloud import WaitedTooLong, is_loopback
from cygni.local_cloud.provider.handlers.base import (
    URN_TAG,
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

MINUTE = 60.0


class Ec2Handler(Handler):
    """A resource that EC2 describes by id and that carries tags.

    `describe` names the client method, `listed` the member of its answer, `by_id` the parameter with ids and
    `tag_kind` the resource type for TagSpecifications.
    """

    describe: ClassVar[str]
    listed: ClassVar[str]
    by_id: ClassVar[str]
    tag_kind: ClassVar[str]
    id_member: ClassVar[str]
    has_twins = True

    def described(self, at: At, id: str) -> dict[str, Any] | None:
        """The API's description, or None when there is none."""
        return first(at, self.describe, self.listed, **{self.by_id: [id]})

    def tagged(self, inputs: State) -> list[dict[str, Any]]:
        """TagSpecifications with all tags of the resource."""
        tags = tag_list(inputs.get("tagsAll"))
        return [{"ResourceType": self.tag_kind, "Tags": tags}] if tags else []

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        update_tags(at, id, olds, news)

    def find(self, at: At, inputs: State) -> list[str]:
        urn = (inputs.get("tagsAll") or {}).get(URN_TAG)
        if not urn:
            return []
        tag = {"Name": f"tag:{URN_TAG}", "Values": [urn]}
        method = getattr(at.client("ec2"), self.describe)
        filters = "Filter" if self.describe == "describe_nat_gateways" else "Filters"
        answer = method(**{filters: [tag]})
        return [item[self.id_member] for item in answer[self.listed] if not is_deleted(item)]


def first(at: At, method: str, listed: str, **parameters: Any) -> dict[str, Any] | None:
    """The first item of a describe call; None when it lists none or says not found."""
    try:
        items = getattr(at.client("ec2"), method)(**parameters)[listed]
    except ClientError as error:
        if is_gone(error):
            return None
        raise
    return dict(items[0]) if items else None


def is_deleted(item: Mapping[str, Any]) -> bool:
    """EC2 lists some things for an hour after they are gone."""
    return str(item.get("State", "")).lower() in ("deleted", "deleting", "failed")


def all_tags(item: Mapping[str, Any]) -> dict[str, str]:
    return tag_map(item.get("Tags"))


def update_tags(at: At, id: str, olds: State, news: State) -> None:
    put, removed = tag_changes(olds, news)
    if removed:
        at.client("ec2").delete_tags(Resources=[id], Tags=[{"Key": key} for key in removed])
    if put:
        at.client("ec2").create_tags(Resources=[id], Tags=tag_list(put))


def retry_dependency(at: At, what: str, call: Any, *, seconds: float = 10 * MINUTE) -> None:
    """Call until EC2 no longer reports something that still uses the resource; gone is done."""

    def attempt() -> bool | None:
        try:
            with unless_gone():
                call()
        except ClientError as error:
            if code(error) in ("DependencyViolation", "InvalidGroup.InUse"):
                return None
            raise
        return True

    # A local cloud never frees a dependency by itself, so a long wait there would only hide the message.
    try:
        at.cloud.await_(what, attempt, seconds=seconds if not local(at) else 2.0)
    except WaitedTooLong:
        call()


def local(at: At) -> bool:
    """Whether the endpoint is on this machine, where nothing happens by itself."""
    return is_loopback(at.cloud.where.endpoint("ec2"))
