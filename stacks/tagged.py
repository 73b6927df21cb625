"""What the cloud has under the tags of an environment, whatever any state says of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cygni.errors import StateError
from cygni.settings import Settings
from stacks.target import LOCAL, Environment

PROJECT_TAG, ENVIRONMENT_TAG = "cygni:project", "cygni:environment"


@dataclass(frozen=True)
class Tagged:
    """Something in the cloud. `ids` are what it may be called by; `kind` is for people, such as `ec2 vpc`."""

    kind: str
    ids: tuple[str, ...]
    tags: Mapping[str, str]

    @property
    def urn(self) -> str:
        """Its tag `cygni:urn`: stack, type and name of the resource it was made as."""
        return self.tags.get("cygni:urn", "")


def tagged_in(settings: Settings, environment: Environment) -> list[Tagged]:
    """All that carries the tags of the environment. The local cloud tells everything; on AWS it is what the tagging
    API covers in the environment's region (not IAM).

    Raises LocalCloudError, StateError where AWS does not answer.
    """
    if environment.target == LOCAL:
        from cygni.local_cloud import process

        found = [
            Tagged(
                f"{one['service']} {one['kind']}", tuple(dict.fromkeys((one["id"], one["name"]))), one["tags"]
            )
            for one in process.inventory(settings)
        ]
    else:
        found = _on_aws(environment)
    wanted = {PROJECT_TAG: environment.project, ENVIRONMENT_TAG: environment.name}
    return [one for one in found if wanted.items() <= dict(one.tags).items()]


def _on_aws(environment: Environment) -> list[Tagged]:
    from botocore.exceptions import BotoCoreError, ClientError

    wanted = {PROJECT_TAG: environment.project, ENVIRONMENT_TAG: environment.name}
    filters = [{"Key": key, "Values": [value]} for key, value in wanted.items()]
    try:
        pages = _client(environment.region).get_paginator("get_resources").paginate(TagFilters=filters)
        found = [one for page in pages for one in page["ResourceTagMappingList"]]
    except (BotoCoreError, ClientError) as error:
        raise StateError(
            f"AWS did not say what carries the tags of {environment.project} ({environment.name}): {error}",
            hint="It takes the permission tag:GetResources. Nothing was changed.",
        ) from None
    return [_of_arn(one["ResourceARN"], {tag["Key"]: tag["Value"] for tag in one["Tags"]}) for one in found]


def _client(region: str) -> Any:
    from botocore.session import Session

    return Session().create_client("resourcegroupstaggingapi", region_name=region)


def _of_arn(arn: str, tags: Mapping[str, str]) -> Tagged:
    """An ARN's resource is named by its last part, by all of it, or by the ARN (AWS General Reference, ARNs)."""
    service, resource = arn.split(":", 5)[2], arn.split(":", 5)[-1]
    kind, _, name = resource.replace(":", "/", 1).partition("/")
    ids = (resource.rpartition("/")[2].rpartition(":")[2], name or resource, resource, arn)
    return Tagged(f"{service} {kind}" if name else service, tuple(dict.fromkeys(ids)), tags)
