"""Copies between repositories of the local cloud: of one region, where blobs are mounted, and of two, where they are
sent."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from cygni.builder.images.publishing import Login
from cygni.errors import BuildFailed, NotFound, RegistryUnreachable
from cygni.targets.ecr import login
from cygni.targets.fargate.clients import Clients
from cygni.targets.image_copy import ImageRepository, copy_image
from tests.conftest import aws_clients
from tests.image_pushes import OCI, digest_of, push, put

Aws = Callable[..., Any]
INDEX = "application/vnd.oci.image.index.v1+json"


@pytest.fixture
def repository(local_cloud: Any) -> Callable[..., ImageRepository]:
    """Makes a repository of a region that is empty."""

    def make(region: str = "us-east-1") -> ImageRepository:
        name = f"shop/{uuid.uuid4().hex[:8]}"
        aws_clients(local_cloud.endpoint)("ecr", region).create_repository(
            repositoryName=name, imageTagMutability="IMMUTABLE"
        )
        keys = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_REGION": region}
        return ImageRepository(login(Clients({"AWS_ENDPOINT_URL": local_cloud.endpoint, **keys})), name)

    return make


@pytest.mark.parametrize(
    ("region", "how"), [("us-east-1", "mounted"), ("eu-west-1", "copied, 3000000 bytes")]
)
def test_an_image_is_the_same_in_the_other_repository(
    repository: Callable[..., ImageRepository], aws: Aws, region: str, how: str
) -> None:
    source, target = repository(), repository(region)
    digest = push(source, "v1")
    told: list[str] = []
    assert copy_image(source, target, "v1", told.append) == digest
    [found] = aws("ecr", region).describe_images(repositoryName=target.name)["imageDetails"]
    assert (found["imageDigest"], found["imageTags"]) == (digest, ["v1"])
    assert [line.partition(": ")[2] for line in told][1] == how
    told.clear()
    assert copy_image(source, target, "v1", told.append) == digest
    assert told == []  # it is there


def test_what_the_other_has_is_not_sent_again(repository: Callable[..., ImageRepository]) -> None:
    source, target = repository(), repository("eu-west-1")
    push(source, "v1")
    told: list[str] = []
    copy_image(source, target, "v1", told.append)
    manifest = json.dumps(
        {"schemaVersion": 2, "mediaType": OCI, "config": {"digest": digest_of(b"{}")}, "layers": []}
    )
    put(source, "PUT", "manifests/v2", manifest.encode(), OCI)
    told.clear()
    copy_image(source, target, "v2", told.append)
    assert told == [f"{digest_of(b'{}')}: there already"]


def test_images_for_several_processors_are_copied_with_all_of_them(
    repository: Callable[..., ImageRepository],
) -> None:
    source, target = repository(), repository("eu-west-1")
    parts = [{"digest": push(source, "", 64)} for _ in range(2)]
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": parts}).encode()
    put(source, "PUT", "manifests/all", index, INDEX)
    assert copy_image(source, target, "all", lambda line: None) == digest_of(index)


def test_an_image_that_is_missing_is_said(repository: Callable[..., ImageRepository]) -> None:
    with pytest.raises(NotFound, match="there is no image .*:v1"):
        copy_image(repository(), repository(), "v1", lambda line: None)


def test_a_registry_that_refuses_is_quoted(repository: Callable[..., ImageRepository]) -> None:
    source, target = repository(), repository()
    push(source, "v1")
    push(target, "v1")
    with pytest.raises(BuildFailed, match="cannot be overwritten because the tag is immutable"):
        copy_image(source, target, "v1", lambda line: None)


def test_a_registry_that_is_gone_is_an_error_of_its_own(repository: Callable[..., ImageRepository]) -> None:
    source = repository()
    push(source, "v1")
    nobody = ImageRepository(Login("127.0.0.1:9", "AWS", "hunter2", plain=True), "shop")
    with pytest.raises(RegistryUnreachable, match="127.0.0.1:9 does not answer") as lost:
        copy_image(source, nobody, "v1", lambda line: None)
    assert "hunter2" not in lost.value.message


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str | None]]]:
    """A registry whose downloads lead to another address, and the logins that this was given."""
    logins: list[str | None] = []

    class Storage(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/stored":
                logins.append(self.headers.get("Authorization"))
                self.send_response(200)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"{}")
                return
            blob = "/blobs/" in self.path
            self.send_response(307 if blob else 200)
            content = json.dumps({"config": {"digest": digest_of(b"{}")}, "layers": []}).encode()
            self.send_header("Location", "/stored")
            self.send_header("Content-Type", OCI)
            self.send_header("Content-Length", "0" if blob else str(len(content)))
            self.end_headers()
            self.wfile.write(b"" if blob else content)

        def log_message(self, format: str, *args: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Storage)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"127.0.0.1:{server.server_address[1]}", logins
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_login_does_not_follow_to_where_blobs_are_kept(
    repository: Callable[..., ImageRepository], elsewhere: tuple[str, list[str | None]]
) -> None:
    address, logins = elsewhere
    source = ImageRepository(Login(address, "AWS", "hunter2", plain=True), "shop")
    copy_image(source, repository(), "v1", lambda line: None)
    assert logins == [None]
