"""IAM's OpenID Connect providers and instance profiles."""

from __future__ import annotations

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
from cygni.local_cloud.provider.handlers.iam import name_of
from cygni.local_cloud.provider.wire import Values


class OpenIdConnectProvider(Handler):
    """Who may vouch for whoever takes on a role; its id is the ARN."""

    token = "aws:iam/openIdConnectProvider:OpenIdConnectProvider"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("iam")
        answer = client.create_open_id_connect_provider(
            Url=inputs["url"],
            ClientIDList=inputs["clientIdLists"],
            ThumbprintList=inputs.get("thumbprintLists") or [],
            Tags=tag_list(inputs.get("tagsAll")),
        )
        return str(answer["OpenIDConnectProviderArn"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        try:
            found = at.client("iam").get_open_id_connect_provider(OpenIDConnectProviderArn=id)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        return {
            "arn": id,
            "url": found["Url"],
            "clientIdLists": found.get("ClientIDList") or [],
            "thumbprintLists": found.get("ThumbprintList") or [],
            "tagsAll": tag_map(found.get("Tags")),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("iam")
        if "thumbprintLists" in changed and news.get("thumbprintLists"):
            client.update_open_id_connect_provider_thumbprint(
                OpenIDConnectProviderArn=id, ThumbprintList=news["thumbprintLists"]
            )
        before, after = olds.get("clientIdLists") or [], news.get("clientIdLists") or []
        for client_id in [each for each in after if each not in before]:
            client.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=id, ClientID=client_id)
        for client_id in [each for each in before if each not in after]:
            client.remove_client_id_from_open_id_connect_provider(
                OpenIDConnectProviderArn=id, ClientID=client_id
            )
        put, removed = tag_changes(olds, news)
        if removed:
            client.untag_open_id_connect_provider(OpenIDConnectProviderArn=id, TagKeys=removed)
        if put:
            client.tag_open_id_connect_provider(OpenIDConnectProviderArn=id, Tags=tag_list(put))

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("iam").delete_open_id_connect_provider(OpenIDConnectProviderArn=id)

    def find(self, at: At, inputs: State) -> list[str]:
        place = str(inputs["url"]).removeprefix("https://")
        return [f"arn:aws:iam::{at.cloud.account_id()}:oidc-provider/{place}"]


class InstanceProfile(Handler):
    """What gives an instance its role; its id is the name."""

    token = "aws:iam/instanceProfile:InstanceProfile"

    def create(self, at: At, inputs: State) -> str:
        client, name = at.client("iam"), name_of(inputs)
        path = {"Path": inputs["path"]} if inputs.get("path") else {}
        tags = tag_list(inputs.get("tagsAll"))
        try:
            client.create_instance_profile(InstanceProfileName=name, **path, Tags=tags)
        except ClientError as error:
            if code(error) != "EntityAlreadyExists" or not self.owned(at, name, inputs):
                raise
        return name

    def complete(self, at: At, id: str, inputs: State) -> None:
        if inputs.get("role"):
            at.client("iam").add_role_to_instance_profile(InstanceProfileName=id, RoleName=inputs["role"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        try:
            profile = at.client("iam").get_instance_profile(InstanceProfileName=id)["InstanceProfile"]
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        rename = {"name": "InstanceProfileName", "uniqueId": "InstanceProfileId", "role": ""}
        found = shapes.outputs(self.properties, profile, rename=rename)
        roles = profile.get("Roles") or []
        return found | {
            "role": roles[0]["RoleName"] if roles else None,
            "tagsAll": tag_map(profile.get("Tags")),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("iam")
        if "role" in changed:
            self._take_role(at, id, olds.get("role"))
            self.complete(at, id, news)
        put, removed = tag_changes(olds, news)
        if removed:
            client.untag_instance_profile(InstanceProfileName=id, TagKeys=removed)
        if put:
            client.tag_instance_profile(InstanceProfileName=id, Tags=tag_list(put))

    def _take_role(self, at: At, id: str, role: str | None) -> None:
        if role:
            with unless_gone():
                at.client("iam").remove_role_from_instance_profile(InstanceProfileName=id, RoleName=role)

    def delete(self, at: At, id: str, known: State) -> None:
        self._take_role(at, id, known.get("role"))
        with unless_gone():
            at.client("iam").delete_instance_profile(InstanceProfileName=id)

    def find(self, at: At, inputs: State) -> list[str]:
        return [name_of(inputs)]
