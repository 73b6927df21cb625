"""SSM parameters."""

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


class Parameter(Handler):
    """A parameter; its id is the name."""

    token = "aws:ssm/parameter:Parameter"

    def _put(self, at: At, inputs: State, **more: Any) -> None:
        client = at.client("ssm")
        drop = ("tags", "tagsAll", "value", "insecureValue", "valueWo", "overwrite")
        wanted = shapes.request(client, "PutParameter", inputs, drop=drop)
        given = (inputs.get(name) for name in ("value", "insecureValue", "valueWo"))
        wanted["Value"] = next(value for value in given if value is not None)
        client.put_parameter(**wanted, **more)

    def create(self, at: At, inputs: State) -> str:
        name = str(inputs["name"])
        try:
            if inputs.get("overwrite"):
                self._put(at, inputs, Overwrite=True)
            else:
                self._put(at, inputs, Overwrite=False, Tags=tag_list(inputs.get("tagsAll")))
        except ClientError as error:
            if code(error) != "ParameterAlreadyExists" or not self.owned(at, name, inputs):
                raise
            self._put(at, inputs, Overwrite=True)
        return name

    def complete(self, at: At, id: str, inputs: State) -> None:
        if inputs.get("overwrite"):
            self._tag(at, id, {}, inputs)

    def _tag(self, at: At, id: str, olds: State, news: State) -> None:
        client = at.client("ssm")
        put, removed = tag_changes(olds, news)
        which = {"ResourceType": "Parameter", "ResourceId": id}
        if removed:
            client.remove_tags_from_resource(**which, TagKeys=removed)
        if put:
            client.add_tags_to_resource(**which, Tags=tag_list(put))

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client("ssm")
        try:
            parameter = client.get_parameter(Name=id, WithDecryption=True)["Parameter"]
            tags = client.list_tags_for_resource(ResourceType="Parameter", ResourceId=id)["TagList"]
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        found = shapes.outputs(self.properties, parameter, rename={"arn": "ARN"})
        filters = [{"Key": "Name", "Option": "Equals", "Values": [id]}]
        described = client.describe_parameters(ParameterFilters=filters)["Parameters"]
        if described:
            clears = ("description", "allowedPattern")
            more = shapes.outputs(self.properties, described[0], clears=clears)
            found = more | found | {name: more.get(name) for name in clears}
        if known.get("valueWo") is not None:
            found["value"] = None
        elif known.get("insecureValue") is not None:
            found["insecureValue"] = found["value"]
        return found | {"hasValueWo": known.get("valueWo") is not None, "tagsAll": tag_map(tags)}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        if changed - {"tags", "tagsAll", "overwrite"}:
            self._put(at, news, Overwrite=True)
        self._tag(at, id, olds, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            at.client("ssm").delete_parameter(Name=id)

    def find(self, at: At, inputs: State) -> list[str]:
        return [str(inputs["name"])]
