"""Tags of RDS and ElastiCache, which know a resource by its ARN in three calls of the same names."""

from __future__ import annotations

from botocore.exceptions import ClientError

from cygni.local_cloud.provider.handlers.base import At, State, is_gone, tag_changes, tag_list, tag_map


def tags_of(at: At, service: str, arn: str) -> dict[str, str]:
    """The tags of a resource of `service` (`rds`, `elasticache`); none when it is gone."""
    try:
        return tag_map(at.client(service).list_tags_for_resource(ResourceName=arn)["TagList"])
    except ClientError as error:
        if is_gone(error):
            return {}
        raise


def update_tags(at: At, service: str, arn: str, olds: State, news: State) -> None:
    client = at.client(service)
    put, removed = tag_changes(olds, news)
    if removed:
        client.remove_tags_from_resource(ResourceName=arn, TagKeys=removed)
    if put:
        client.add_tags_to_resource(ResourceName=arn, Tags=tag_list(put))
