"""Amazon ECR: whether an image is there, and a login that says where it goes."""

from __future__ import annotations

import base64
from typing import Any, Final
from urllib.parse import urlsplit

from botocore.exceptions import ClientError

from cygni.builder.images.publishing import Login
from cygni.errors import NotFound
from cygni.targets.fargate.clients import Clients, asking

_NO_REPOSITORY: Final = "RepositoryNotFoundException"
_NO_IMAGE: Final = "ImageNotFoundException"


def image_digest(clients: Clients, repository: str, tag: str) -> str | None:
    """The digest of the image with that tag, which cannot be pushed again; None where there is none. Raises NotFound
    before a deploy made the repository, and what `asking` raises."""
    with asking(f"the images of {repository} were not found out"):
        try:
            asked = {"repositoryName": repository, "imageIds": [{"imageTag": tag}]}
            [found] = clients("ecr").describe_images(**asked)["imageDetails"]
        except ClientError as error:
            if error.response["Error"]["Code"] == _NO_REPOSITORY:
                raise _no_repository(repository) from error
            if error.response["Error"]["Code"] != _NO_IMAGE:
                raise
            return None
    return str(found["imageDigest"])


def has_image(clients: Clients, repository: str, tag: str) -> bool:
    """Whether it is there; not where the repository is not, which comes with the deploy. Raises what `asking`
    raises."""
    try:
        return image_digest(clients, repository, tag) is not None
    except NotFound:
        return False


def login(clients: Clients) -> Login:
    """A login for 12 hours (Amazon ECR API reference, GetAuthorizationToken). Raises what `asking` raises."""
    with asking("ECR gave no login"):
        [given] = clients("ecr").get_authorization_token()["authorizationData"]
    return _login(given)


def _login(given: dict[str, Any]) -> Login:
    user, _, password = base64.b64decode(given["authorizationToken"]).decode().partition(":")
    place = urlsplit(given["proxyEndpoint"])
    return Login(place.netloc, user, password, plain=place.scheme == "http")


def repository_address(clients: Clients, repository: str) -> str:
    """Where a repository is pushed to, without a tag. Raises what `asking` raises, NotFound before a deploy made it."""
    with asking(f"the repository {repository} was not found out"):
        try:
            [found] = clients("ecr").describe_repositories(repositoryNames=[repository])["repositories"]
        except ClientError as error:
            if error.response["Error"]["Code"] != _NO_REPOSITORY:
                raise
            raise _no_repository(repository) from error
    return str(found["repositoryUri"])


def _no_repository(repository: str) -> NotFound:
    return NotFound(
        f"there is no repository {repository}", hint="A deploy makes it: cx deploy, and then push"
    )
