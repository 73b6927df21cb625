"""ECR repository and its policies."""

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


class Repository(Handler):
    token = "aws:ecr/repository:Repository"

    def create(self, at: At, inputs: State) -> str:
        client = at.client("ecr")
        drop = ("tags", "tagsAll", "encryptionConfigurations")
        rename = {"name": "repositoryName"}
        wanted = shapes.request(client, "CreateRepository", inputs, rename=rename, drop=drop)
        encryption = inputs.get("encryptionConfigurations")
        if encryption:
            given = shapes.value(client, "EncryptionConfiguration", encryption[0])
            wanted["encryptionConfiguration"] = given
        try:
            client.create_repository(**wanted, tags=tag_list(inputs.get("tagsAll")))
        except ClientError as error:
            exists = code(error) == "RepositoryAlreadyExistsException"
            if not exists or not self.owned(at, inputs["name"], inputs):
                raise
        return str(inputs["name"])

    def read(self, at: At, id: str, known: State) -> Values | None:
        client = at.client("ecr")
        try:
            repository = client.describe_repositories(repositoryNames=[id])["repositories"][0]
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        rename = {
            "name": "repositoryName",
            "arn": "repositoryArn",
            "repositoryUrl": "repositoryUri",
            "encryptionConfigurations": "encryptionConfiguration",
        }
        found = shapes.outputs(self.properties, repository, rename=rename)
        tags = client.list_tags_for_resource(resourceArn=repository["repositoryArn"])["tags"]
        return found | {"tagsAll": tag_map(tags)}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        client = at.client("ecr")
        if changed & {"imageTagMutability", "imageTagMutabilityExclusionFilters"}:
            wanted = {"imageTagMutability": news.get("imageTagMutability", "MUTABLE")}
            wanted |= shapes.request(client, "PutImageTagMutability", news)
            client.put_image_tag_mutability(**wanted | {"repositoryName": id})
        if "imageScanningConfiguration" in changed and news.get("imageScanningConfiguration"):
            client.put_image_scanning_configuration(
                repositoryName=id, imageScanningConfiguration=news["imageScanningConfiguration"]
            )
        put, removed = tag_changes(olds, news)
        arn = at.arn("ecr", f"repository/{id}")
        if removed:
            client.untag_resource(resourceArn=arn, tagKeys=removed)
        if put:
            client.tag_resource(resourceArn=arn, tags=tag_list(put))

    def delete(self, at: At, id: str, known: State) -> None:
        force = bool(known.get("forceDelete"))
        with unless_gone():
            at.client("ecr").delete_repository(repositoryName=id, force=force)

    def find(self, at: At, inputs: State) -> list[str]:
        return [str(inputs["name"])] if inputs.get("name") else []


class _RepositoryDocument(Handler):
    """A document put on a repository; its id is the repository's name."""

    kind: str

    def _call(self, at: At, verb: str, **parameters: Any) -> Any:
        return getattr(at.client("ecr"), f"{verb}_{self.kind}")(**parameters)

    def create(self, at: At, inputs: State) -> str:
        raise NotImplementedError

    def _read(self, at: At, id: str, member: str) -> Values | None:
        try:
            found = self._call(at, "get", repositoryName=id)
        except ClientError as error:
            if is_gone(error):
                return None
            raise
        return {"repository": id, "policy": found[member], "registryId": found.get("registryId")}

    def update(self, at: At, id: str, olds: State, news: State, changed: frozenset[str]) -> None:
        self.create(at, news)

    def delete(self, at: At, id: str, known: State) -> None:
        with unless_gone():
            self._call(at, "delete", repositoryName=id)

    def find(self, at: At, inputs: State) -> list[str]:
        return [inputs["repository"]]

    def owned(self, at: At, id: str, inputs: State) -> bool:
        return self.read(at, id, inputs) is not None


class LifecyclePolicy(_RepositoryDocument):
    token = "aws:ecr/lifecyclePolicy:LifecyclePolicy"
    kind = "lifecycle_policy"

    def create(self, at: At, inputs: State) -> str:
        repository = inputs["repository"]
        self._call(at, "put", repositoryName=repository, lifecyclePolicyText=inputs["policy"])
        return str(repository)

    def read(self, at: At, id: str, known: State) -> Values | None:
        return self._read(at, id, "lifecyclePolicyText")


class RepositoryPolicy(_RepositoryDocument):
    token = "aws:ecr/repositoryPolicy:RepositoryPolicy"
    kind = "repository_policy"

    def create(self, at: At, inputs: State) -> str:
        repository = inputs["repository"]
        self._call(at, "set", repositoryName=repository, policyText=inputs["policy"])
        return str(repository)

    def read(self, at: At, id: str, known: State) -> Values | None:
        return self._read(at, id, "policyText")
