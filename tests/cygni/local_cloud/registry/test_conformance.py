"""Every endpoint of the OCI distribution specification 1.1 by plain requests, as its conformance tests make them, with
the repositories that ECR of the local cloud has."""

from __future__ import annotations

import base64
import hashlib
import http.client
import json
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from cygni.local_cloud.registry.http import RegistryServer

Aws = Callable[..., Any]
OCI = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
LAYER = b"a layer of an image" * 1000
CONFIG = b'{"architecture":"amd64","os":"linux"}'


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


@dataclass(frozen=True)
class Got:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def code(self) -> str:
        return str(self.json["errors"][0]["code"])


class Client:
    """One connection after the other; `name` is a repository that is there."""

    def __init__(self, address: str, login: str, name: str) -> None:
        self.address, self.login, self.name = address, login, name

    def __call__(
        self, method: str, path: str, body: Any = None, login: str | None = None, **headers: str
    ) -> Got:
        connection = http.client.HTTPConnection(self.address, timeout=30)
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        given["Authorization"] = f"Basic {self.login if login is None else login}"
        connection.request(method, path, body, given, encode_chunked=not isinstance(body, bytes | None))
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return Got(answer.status, {name.lower(): value for name, value in answer.getheaders()}, content)

    def at(self, path: str) -> str:
        return f"/v2/{self.name}/{path}"

    def blob(self, content: bytes) -> str:
        made = self("POST", self.at(f"blobs/uploads/?digest={digest_of(content)}"), content)
        assert made.status == 201, made
        return digest_of(content)

    def image(self, reference: str, **more: Any) -> tuple[Got, bytes]:
        """Push an image of one layer."""
        manifest = json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": OCI,
                "config": {"digest": self.blob(CONFIG), "size": len(CONFIG), "mediaType": "application/json"},
                "layers": [
                    {"digest": self.blob(LAYER), "size": len(LAYER), "mediaType": "application/x-tar"}
                ],
                **more,
            }
        ).encode()
        reference = reference or digest_of(manifest)
        return self("PUT", self.at(f"manifests/{reference}"), manifest, Content_Type=OCI), manifest


@pytest.fixture
def registry(aws: Aws) -> Iterator[Client]:
    name = f"shop/staging/{uuid.uuid4().hex[:8]}"
    aws("ecr").create_repository(repositoryName=name)
    [data] = aws("ecr").get_authorization_token()["authorizationData"]
    yield Client(urlsplit(data["proxyEndpoint"]).netloc, data["authorizationToken"], name)
    aws("ecr").delete_repository(repositoryName=name, force=True)


class TestBase:
    def test_says_that_it_is_a_registry(self, registry: Client) -> None:
        assert registry("GET", "/v2/").status == 200

    def test_asks_for_a_login(self, registry: Client) -> None:
        for login in ("", "nonsense", base64.b64encode(b"AWS:us-east-1.99999999999.0").decode()):
            refused = registry("GET", "/v2/", login=login)
            assert (refused.status, refused.code) == (401, "UNAUTHORIZED")
            assert refused.headers["www-authenticate"].startswith("Basic realm=")

    @pytest.mark.parametrize("path", ["/v1/", "/v2/UPPER/tags/list", "/v2/a/nothing/b", "/", "/v2/../v2/"])
    def test_knows_no_other_paths(self, registry: Client, path: str) -> None:
        assert registry("GET", path).status == 404

    def test_knows_the_methods_of_each_path(self, registry: Client) -> None:
        assert registry("PATCH", registry.at("tags/list")).status == 405
        assert registry("DELETE", "/v2/").code == "UNSUPPORTED"


class TestUpload:
    def test_of_a_whole_blob_by_one_request(self, registry: Client) -> None:
        made = registry("POST", registry.at(f"blobs/uploads/?digest={digest_of(LAYER)}"), LAYER)
        assert made.status == 201
        assert registry("GET", made.headers["location"]).body == LAYER

    def test_of_a_whole_blob_by_two(self, registry: Client) -> None:
        begun = registry("POST", registry.at("blobs/uploads/"))
        assert (begun.status, begun.headers["range"]) == (202, "0-0")
        made = registry("PUT", f"{begun.headers['location']}?digest={digest_of(LAYER)}", LAYER)
        assert (made.status, made.headers["docker-content-digest"]) == (201, digest_of(LAYER))

    def test_of_chunks_in_their_order(self, registry: Client) -> None:
        place = registry("POST", registry.at("blobs/uploads/")).headers["location"]
        first = registry("PATCH", place, LAYER[:100], Content_Range="0-99")
        assert (first.status, first.headers["range"]) == (202, "0-99")
        ahead = registry("PATCH", place, LAYER[200:300], Content_Range="200-299")
        again = registry("PATCH", place, LAYER[:100], Content_Range="0-99")
        unlike = registry("PATCH", place, LAYER[100:200], Content_Range="100-150")
        assert {ahead.status, again.status, unlike.status} == {416}
        state = registry("GET", place)
        assert (state.status, state.headers["range"]) == (204, "0-99")
        made = registry(
            "PUT", f"{place}?digest={digest_of(LAYER)}", LAYER[100:], Content_Range=f"100-{len(LAYER) - 1}"
        )
        assert made.status == 201
        assert registry("GET", place).code == "BLOB_UPLOAD_UNKNOWN"

    def test_of_a_stream_without_a_length(self, registry: Client) -> None:
        place = registry("POST", registry.at("blobs/uploads/")).headers["location"]
        pieces = (LAYER[at : at + 777] for at in range(0, len(LAYER), 777))
        assert registry("PATCH", place, pieces, Transfer_Encoding="chunked").status == 202
        assert registry("PUT", f"{place}?digest={digest_of(LAYER)}").status == 201

    def test_of_something_else_than_its_digest_says_leaves_nothing(self, registry: Client) -> None:
        place = registry("POST", registry.at("blobs/uploads/")).headers["location"]
        wrong = registry("PUT", f"{place}?digest={digest_of(b'else')}", LAYER)
        assert (wrong.status, wrong.code) == (400, "DIGEST_INVALID")
        assert registry("GET", registry.at(f"blobs/{digest_of(b'else')}")).code == "BLOB_UNKNOWN"
        assert registry("GET", place).status == 404
        for written in ("", "?digest=sha256:1", "?digest=md5:d41d8cd98f00b204e9800998ecf8427e"):
            place = registry("POST", registry.at("blobs/uploads/")).headers["location"]
            assert registry("PUT", f"{place}{written}", LAYER).code == "DIGEST_INVALID"

    def test_can_be_given_up(self, registry: Client) -> None:
        place = registry("POST", registry.at("blobs/uploads/")).headers["location"]
        assert registry("DELETE", place).status == 204
        assert registry("PATCH", place, b"more").status == 404

    def test_that_breaks_off_goes_on_where_it_was(self, registry: Client) -> None:
        place = registry("POST", registry.at("blobs/uploads/")).headers["location"]
        host, _, port = registry.address.partition(":")
        with socket.create_connection((host, int(port))) as line:
            head = f"PATCH {place} HTTP/1.1\r\nHost: a\r\nAuthorization: Basic {registry.login}\r\n"
            line.sendall(f"{head}Content-Length: {len(LAYER)}\r\n\r\n".encode() + LAYER[:5000])
        until = time.monotonic() + 60
        while (state := registry("GET", place)).headers["range"] == "0-0":  # it is read by another thread
            assert time.monotonic() < until
            time.sleep(0.02)
        size = int(state.headers["range"].partition("-")[2]) + 1
        rest = f"{size}-{len(LAYER) - 1}"
        made = registry("PUT", f"{place}?digest={digest_of(LAYER)}", LAYER[size:], Content_Range=rest)
        assert made.status == 201, made

    def test_is_not_needed_where_another_repository_has_it(self, registry: Client, aws: Aws) -> None:
        wanted = registry.blob(LAYER)
        other = f"{registry.name}-two"
        aws("ecr").create_repository(repositoryName=other)
        mounted = registry("POST", f"/v2/{other}/blobs/uploads/?mount={wanted}&from={registry.name}")
        assert (mounted.status, mounted.headers["location"]) == (201, f"/v2/{other}/blobs/{wanted}")
        assert registry("GET", f"/v2/{other}/blobs/{wanted}").body == LAYER
        none = digest_of(b"nobody has it")
        begun = registry("POST", f"/v2/{other}/blobs/uploads/?mount={none}&from={registry.name}")
        assert begun.status == 202
        aws("ecr").delete_repository(repositoryName=other, force=True)
        assert registry("GET", registry.at(f"blobs/{wanted}")).body == LAYER

    def test_to_a_repository_that_nobody_made_is_refused(self, registry: Client) -> None:
        refused = registry("POST", "/v2/no/such/blobs/uploads/")
        assert (refused.status, refused.code) == (404, "NAME_UNKNOWN")
        assert "'no/such' does not exist" in refused.json["errors"][0]["message"]


class TestBlob:
    def test_is_there_or_not(self, registry: Client) -> None:
        wanted = registry.at(f"blobs/{registry.blob(LAYER)}")
        head = registry("HEAD", wanted)
        assert (head.status, int(head.headers["content-length"]), head.body) == (200, len(LAYER), b"")
        assert registry("HEAD", registry.at(f"blobs/{digest_of(b'none')}")).status == 404
        assert registry("GET", registry.at("blobs/sha256:short")).code == "DIGEST_INVALID"

    def test_can_be_asked_for_in_parts(self, registry: Client) -> None:
        wanted = registry.at(f"blobs/{registry.blob(LAYER)}")
        part = registry("GET", wanted, Range="bytes=10-19")
        assert (part.status, part.body) == (206, LAYER[10:20])
        assert part.headers["content-range"] == f"bytes 10-19/{len(LAYER)}"
        assert registry("GET", wanted, Range="bytes=-7").body == LAYER[-7:]
        assert registry("GET", wanted, Range="bytes=18990-").body == LAYER[18990:]
        assert registry("GET", wanted, Range="bytes=99999-").status == 416

    def test_can_be_deleted(self, registry: Client) -> None:
        wanted = registry.at(f"blobs/{registry.blob(LAYER)}")
        assert registry("DELETE", wanted).status == 202
        assert registry("DELETE", wanted).code == "BLOB_UNKNOWN"


class TestImage:
    def test_is_what_ecr_tells_of(self, registry: Client, aws: Aws) -> None:
        pushed, manifest = registry.image("v1")
        assert (pushed.status, pushed.headers["docker-content-digest"]) == (201, digest_of(manifest))
        for reference in ("v1", digest_of(manifest)):
            got = registry("GET", registry.at(f"manifests/{reference}"))
            assert (got.body, got.headers["content-type"]) == (manifest, OCI)
            assert registry("HEAD", registry.at(f"manifests/{reference}")).status == 200
        [told] = aws("ecr").describe_images(repositoryName=registry.name)["imageDetails"]
        assert (told["imageDigest"], told["imageTags"]) == (digest_of(manifest), ["v1"])
        assert told["imageSizeInBytes"] == len(LAYER)
        checked = aws("ecr").batch_check_layer_availability(
            repositoryName=registry.name, layerDigests=[digest_of(LAYER)]
        )
        assert checked["layers"][0]["layerAvailability"] == "AVAILABLE"

    def test_lacks_nothing_it_refers_to(self, registry: Client) -> None:
        _, manifest = registry.image("v1")
        registry("DELETE", registry.at(f"blobs/{digest_of(LAYER)}"))
        again = registry("PUT", registry.at("manifests/v2"), manifest, Content_Type=OCI)
        assert (again.status, again.code) == (400, "MANIFEST_BLOB_UNKNOWN")
        index = json.dumps(
            {"schemaVersion": 2, "mediaType": INDEX, "manifests": [{"digest": digest_of(b"1")}]}
        )
        assert registry("PUT", registry.at("manifests/all"), index.encode(), Content_Type=INDEX).status == 400

    def test_may_be_several_for_several_processors(self, registry: Client) -> None:
        _, manifest = registry.image("")
        index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [{"digest": digest_of(manifest)}]}
        content = json.dumps(index).encode()
        assert registry("PUT", registry.at("manifests/all"), content, Content_Type=INDEX).status == 201
        assert registry("GET", registry.at("manifests/all")).body == content

    def test_is_only_what_its_digest_says(self, registry: Client) -> None:
        registry.image("v1")
        refused, _ = registry.image(digest_of(b"another"))
        assert (refused.status, refused.code) == (400, "DIGEST_INVALID")

    @pytest.mark.parametrize(
        "content", [b"", b"[]", b"{}", b"\xff", b'{"mediaType": "text/plain"}', b"{" * 10000]
    )
    def test_that_is_none_is_refused(self, registry: Client, content: bytes) -> None:
        refused = registry("PUT", registry.at("manifests/v1"), content)
        assert (refused.status, refused.code) == (400, "MANIFEST_INVALID")

    def test_has_a_tag_that_is_one_and_no_endless_manifest(self, registry: Client) -> None:
        assert registry.image("-v1")[0].code == "TAG_INVALID"
        large = registry("PUT", registry.at("manifests/v1"), b" " * (4 * 1024 * 1024 + 1))
        assert (large.status, large.code) == (413, "SIZE_INVALID")

    def test_keeps_an_immutable_tag(self, registry: Client, aws: Aws) -> None:
        aws("ecr").put_image_tag_mutability(repositoryName=registry.name, imageTagMutability="IMMUTABLE")
        assert registry.image("v1")[0].status == 201
        assert registry.image("v1")[0].status == 201  # the same image: a push may be repeated
        refused, _ = registry.image("v1", annotations={"other": "image"})
        assert (refused.status, refused.code) == (400, "TAG_INVALID")
        assert "cannot be overwritten because the tag is immutable" in refused.json["errors"][0]["message"]
        assert registry.image("v2", annotations={"other": "image"})[0].status == 201

    def test_gives_a_mutable_tag_away(self, registry: Client) -> None:
        registry.image("v1")
        _, other = registry.image("v1", annotations={"other": "image"})
        assert registry("GET", registry.at("manifests/v1")).body == other

    def test_can_be_deleted_and_its_tag_alone_too(self, registry: Client) -> None:
        _, manifest = registry.image("v1")
        registry.image("v2")
        assert registry("DELETE", registry.at("manifests/v1")).status == 202
        assert registry("GET", registry.at("manifests/v1")).code == "MANIFEST_UNKNOWN"
        assert registry("DELETE", registry.at(f"manifests/{digest_of(manifest)}")).status == 202
        assert registry("GET", registry.at("manifests/v2")).status == 404
        assert registry("DELETE", registry.at("manifests/v2")).status == 404


class TestLists:
    def test_of_tags_are_in_order_and_in_pages(self, registry: Client) -> None:
        for tag in ("v2", "v1", "v3"):
            registry.image(tag)
        assert registry("GET", registry.at("tags/list")).json == {
            "name": registry.name,
            "tags": ["v1", "v2", "v3"],
        }
        page = registry("GET", registry.at("tags/list?n=2"))
        assert page.json["tags"] == ["v1", "v2"]
        following = page.headers["link"].partition(">")[0].removeprefix("<")
        assert registry("GET", following).json["tags"] == ["v3"]
        assert registry("GET", registry.at("tags/list?n=0")).json["tags"] == []
        assert registry("GET", registry.at("tags/list?n=many")).status == 400

    def test_of_what_refers_to_an_image_name_its_type(self, registry: Client) -> None:
        _, image = registry.image("v1")
        subject = {"mediaType": OCI, "digest": digest_of(image), "size": len(image)}
        pushed, sbom = registry.image(
            "", subject=subject, artifactType="application/spdx", annotations={"a": "b"}
        )
        assert pushed.headers["oci-subject"] == digest_of(image)
        found = registry("GET", registry.at(f"referrers/{digest_of(image)}"))
        [told] = found.json["manifests"]
        assert found.headers["content-type"] == INDEX
        assert (told["digest"], told["artifactType"]) == (digest_of(sbom), "application/spdx")
        other = registry("GET", registry.at(f"referrers/{digest_of(image)}?artifactType=application/x"))
        assert (other.json["manifests"], other.headers["oci-filters-applied"]) == ([], "artifactType")


def test_what_a_deleted_repository_had_is_gone(registry: Client, aws: Aws, local_cloud: Any) -> None:
    place = local_cloud.log_file.parent / "registry"
    before = set(place.glob("*/blobs/*"))
    registry.image("v1")
    made = set(place.glob("*/blobs/*")) - before
    assert len(made) == 2
    aws("ecr").delete_repository(repositoryName=registry.name, force=True)
    assert not [file for file in made if file.exists()]
    aws("ecr").create_repository(repositoryName=registry.name)
    assert registry("GET", registry.at(f"blobs/{digest_of(LAYER)}")).code == "BLOB_UNKNOWN"
    assert registry("GET", registry.at("tags/list")).json["tags"] == []


def test_repositories_of_another_region_are_others(registry: Client, aws: Aws) -> None:
    [data] = aws("ecr", "eu-west-1").get_authorization_token()["authorizationData"]
    assert registry("GET", registry.at("tags/list"), login=data["authorizationToken"]).code == "NAME_UNKNOWN"


def test_what_goes_wrong_here_is_an_answer() -> None:
    def fail(request: object) -> Any:
        raise OSError(28, "No space left on device")

    server = RegistryServer(fail)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    failed = Client(server.address, "", "")("GET", "/v2/")
    server.shutdown()
    thread.join()
    server.server_close()
    assert (failed.status, failed.code) == (500, "UNKNOWN")
