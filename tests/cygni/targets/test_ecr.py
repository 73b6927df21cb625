from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

import pytest

from cygni.errors import NotFound, ResourceFailed
from cygni.targets.ecr import image_digest, login, repository_address
from cygni.targets.fargate.clients import Clients


@pytest.fixture
def repository(aws: Callable[..., Any]) -> str:
    name = f"shop/staging/{uuid.uuid4().hex[:8]}"
    aws("ecr").create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")
    return name


class TestRepository:
    def test_has_the_address_that_images_are_pushed_to(self, clients: Clients, repository: str) -> None:
        assert (
            repository_address(clients, repository)
            == f"123456789012.dkr.ecr.us-east-1.amazonaws.com/{repository}"
        )

    def test_is_made_by_a_deploy(self, clients: Clients) -> None:
        with pytest.raises(NotFound, match="there is no repository shop/staging/none") as refused:
            repository_address(clients, "shop/staging/none")
        assert "cx deploy" in (refused.value.hint or "")


class TestImage:
    def test_is_there_once_it_was_pushed(
        self, clients: Clients, aws: Callable[..., Any], repository: str
    ) -> None:
        assert image_digest(clients, repository, "v1") is None
        digest = f"sha256:{hashlib.sha256(b'').hexdigest()}"
        media_type = "application/vnd.oci.image.manifest.v1+json"
        config = {"mediaType": "application/vnd.oci.image.config.v1+json", "size": 0, "digest": digest}
        manifest = {"schemaVersion": 2, "mediaType": media_type, "config": config, "layers": []}
        aws("ecr").put_image(repositoryName=repository, imageManifest=json.dumps(manifest), imageTag="v1")
        pushed = image_digest(clients, repository, "v1")
        assert pushed is not None
        assert pushed.startswith("sha256:")
        assert image_digest(clients, repository, "v2") is None

    def test_of_a_repository_that_is_gone_is_an_error(self, clients: Clients) -> None:
        with pytest.raises(ResourceFailed, match="does not exist"):
            image_digest(clients, "shop/staging/none", "v1")


def test_login_is_for_the_registry_and_hides_its_password(clients: Clients) -> None:
    found = login(clients)
    assert found.registry == "123456789012.dkr.ecr.us-east-1.amazonaws.com"
    assert found.user == "AWS"
    assert found.password
    assert found.password not in repr(found)
