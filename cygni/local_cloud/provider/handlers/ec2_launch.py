"""Launch templates: how instances are made."""

from __future__ import annotations

from typing import Any

from cygni.local_cloud.provider import shapes
from cygni.local_cloud.provider.handlers.base import At, State, tag_list, tag_map, unless_gone
from cygni.local_cloud.provider.handlers.ec2 import Ec2Handler, all_tags, first, update_tags
from cygni.local_cloud.provider.handlers.iam import name_of
from cygni.local_cloud.provider.rules_eks import TEMPLATE_DATA
from cygni.local_cloud.provider.wire import Values

_RENAMED = {"vpcSecurityGroupIds": "SecurityGroupIds", "securityGroupNames": "SecurityGroups"}


class LaunchTemplate(Ec2Handler):
    """A template with its versions; a change of what it says makes another version."""

    token = "aws:ec2/launchTemplate:LaunchTemplate"
    describe, listed, by_id = "describe_launch_templates", "LaunchTemplates", "LaunchTemplateIds"
    tag_kind, id_member = "launch-template", "LaunchTemplateId"

    def _data(self, client: Any, inputs: State) -> dict[str, Any]:
        given = {name: inputs[name] for name in TEMPLATE_DATA if name in inputs}
        specifications = given.pop("tagSpecifications", None) or []
        data: dict[str, Any] = shapes.value(client, "RequestLaunchTemplateData", given, rename=_RENAMED)
        if specifications:
            data["TagSpecifications"] = [
                {"ResourceType": each["resourceType"], "Tags": tag_list(each.get("tags"))}
                for each in specifications
            ]
        return data

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ec2")
        description = {"VersionDescription": inputs["description"]} if inputs.get("description") else {}
        answer = client.create_launch_template(
            LaunchTemplateName=name_of(inputs),
            LaunchTemplateData=self._data(client, inputs),
            TagSpecifications=self.tagged(inputs),
            ClientToken=at.client_token(inputs),
            **description,
        )
        return str(answer["LaunchTemplate"]["LaunchTemplateId"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        template = self.described(at, id)
        if template is None:
            return None
        version = first(
            at,
            "describe_launch_template_versions",
            "LaunchTemplateVersions",
            LaunchTemplateId=id,
            Versions=[str(template["LatestVersionNumber"])],
        )
        if version is None:
            return None
        data = version.get("LaunchTemplateData") or {}
        rename = {**_RENAMED, "tagSpecifications": "", "tags": "", "name": ""}
        of_data = {name: prop for name, prop in self.properties.items() if name in TEMPLATE_DATA}
        found = shapes.outputs(of_data, data, rename=rename, clears=tuple(of_data))
        return found | {
            "arn": at.arn("ec2", f"launch-template/{id}"),
            "name": template["LaunchTemplateName"],
            "description": version.get("VersionDescription"),
            "defaultVersion": template["DefaultVersionNumber"],
            "latestVersion": template["LatestVersionNumber"],
            "tagSpecifications": [
                {"resourceType": each["ResourceType"], "tags": tag_map(each.get("Tags"))}
                for each in data.get("TagSpecifications") or []
            ],
            "tagsAll": all_tags(template),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("ec2")
        default = news.get("defaultVersion") if "defaultVersion" in changed else None
        if changed & {*TEMPLATE_DATA, "description"}:
            description = {"VersionDescription": news["description"]} if news.get("description") else {}
            answer = client.create_launch_template_version(
                LaunchTemplateId=id,
                LaunchTemplateData=self._data(client, news),
                ClientToken=at.client_token(news),
                **description,
            )
            if news.get("updateDefaultVersion"):
                default = answer["LaunchTemplateVersion"]["VersionNumber"]
        elif "updateDefaultVersion" in changed and news.get("updateDefaultVersion"):
            default = olds.get("latestVersion")
        if default:
            client.modify_launch_template(LaunchTemplateId=id, DefaultVersion=str(int(default)))
        update_tags(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("ec2").delete_launch_template(LaunchTemplateId=id)
