from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, cast

import pytest

from cygni.builder.images.publishing import Login
from cygni.errors import NotFound
from cygni.targets.ecr import image_digest, login
from cygni.targets.fargate.clients import Clients


@pytest.fixture
def repository(aws: Callable[..., Any]) -> str:
    name = f"shop/staging/{uuid.uuid4().hex[:8]}"
    aws("ecr").create_repository(repositoryName=name, imageTagMutability="IMMUTABLE")
    return name


class TestImage:
    def test_of_a_repository_that_no_deploy_made_is_said(self, clients: Clients) -> None:
        with pytest.raises(NotFound, match="there is no repository shop/staging/none") as refused:
            image_digest(clients, "shop/staging/none", "v1")
        assert "cx deploy" in (refused.value.hint or "")

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


class TestLogin:
    def test_is_for_the_registry_and_hides_its_password(self) -> None:
        token = base64.b64encode(b"AWS:hunter2:and:more").decode()
        data = {
            "authorizationToken": token,
            "proxyEndpoint": "https://123456789012.dkr.ecr.us-east-1.amazonaws.com",
        }
        ecr = SimpleNamespace(get_authorization_token=lambda: {"authorizationData": [data]})
        found = login(cast("Clients", lambda service: ecr))
        assert found == Login(
            "123456789012.dkr.ecr.us-east-1.amazonaws.com", "AWS", "hunter2:and:more", plain=False
        )
        assert "hunter2" not in repr(found)

    def test_to_the_local_cloud_leads_to_this_machine(self, clients: Clients) -> None:
        found = login(clients)
        assert found.registry.startswith("127.0.0.1:")
        assert found.plain
