"""RDS subnet groups and parameter groups."""

from __future__ import annotations

from botocore.exceptions import ClientError

from cygni.local_cloud.provider.handlers.arn_tags import tags_of, update_tags
from cygni.local_cloud.provider.handlers.base import At, Handler, State, is_gone, tag_list, unless_gone
from cygni.local_cloud.provider.handlers.iam import name_of
from cygni.local_cloud.provider.handlers.parameter_groups import ParameterGroupHandler
from cygni.local_cloud.provider.wire import Values


class SubnetGroup(Handler):
    """The subnets that databases may be in; its id is the name."""

    token = "aws:rds/subnetGroup:SubnetGroup"

    def create(self, at: At, inputs: State) -> str:
        name = name_of(inputs).lower()
        at.client("rds").create_db_subnet_group(
            DBSubnetGroupName=name,
            DBSubnetGroupDescription=inputs["description"],
            SubnetIds=inputs["subnetIds"],
            Tags=tag_list(inputs.get("tagsAll")),
        )
        return name

    def read(self, at: At, id: str, known: State) -> Values | None:
        try:
            group = at.client("rds").describe_db_subnet_groups(DBSubnetGroupName=id)["DBSubnetGroups"][0]
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        return {
            "name": group["DBSubnetGroupName"],
            "description": group["DBSubnetGroupDescription"],
            "subnetIds": [subnet["SubnetIdentifier"] for subnet in group["Subnets"]],
            "vpcId": group.get("VpcId"),
            "arn": group["DBSubnetGroupArn"],
            "tagsAll": tags_of(at, "rds", group["DBSubnetGroupArn"]),
            **({"supportedNetworkTypes": found} if (found := group.get("SupportedNetworkTypes")) else {}),
        }

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if changed & {"subnetIds", "description"}:
            at.client("rds").modify_db_subnet_group(
                DBSubnetGroupName=id,
                DBSubnetGroupDescription=news["description"],
                SubnetIds=news["subnetIds"],
            )
        update_tags(at, "rds", str(olds["arn"]), olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("rds").delete_db_subnet_group(DBSubnetGroupName=id)

    def find(self, at: At, inputs: State) -> list[str]:
        return [name_of(inputs).lower()]


class ParameterGroup(ParameterGroupHandler):
    token = "aws:rds/parameterGroup:ParameterGroup"
    service = "rds"
    stem = "db_parameter_group"
    member = "DBParameterGroup"
    family = "DBParameterGroupFamily"
    listed = "DBParameterGroups"


class ClusterParameterGroup(ParameterGroupHandler):
    token = "aws:rds/clusterParameterGroup:ClusterParameterGroup"
    service = "rds"
    stem = "db_cluster_parameter_group"
    member = "DBClusterParameterGroup"
    family = "DBParameterGroupFamily"
    listed = "DBClusterParameterGroups"
