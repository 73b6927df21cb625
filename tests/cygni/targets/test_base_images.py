"""The digests of tags, from a registry on this machine that gives tokens as public ones do."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from cygni.errors import BuildFailed, RegistryUnreachable
from cygni.targets.base_images import BaseImage, base_image, digest_of

MANIFEST = b'{"schemaVersion": 2}'
DIGEST = f"sha256:{sha256(MANIFEST).hexdigest()}"


class Registry(ThreadingHTTPServer):
    """`says` is whether it names the digest in a header, `private` whether nobody gets a token."""

    says, private = True, False

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class Answers(BaseHTTPRequestHandler):
    server: Registry

    def log_message(self, *given: object) -> None:
        pass

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if address.path == "/token":
            wanted = parse_qs(address.query)
            known = wanted == {"scope": ["repository:library/python:pull"], "service": ["here"]}
            self.answer(200 if known else 400, json.dumps({"token": "for-everybody"}).encode())
        elif self.server.private or self.headers.get("Authorization") != "Bearer for-everybody":
            realm = f'Bearer realm="http://{self.server.host}/token",service="here"'
            self.answer(401, b"", {"WWW-Authenticate": realm})
        elif address.path == "/v2/library/python/manifests/3.13":
            self.answer(200, MANIFEST, {"Docker-Content-Digest": DIGEST} if self.server.says else {})
        else:
            self.answer(502 if address.path.endswith("/broken") else 404, b"")

    def do_HEAD(self) -> None:
        self.do_GET()

    def answer(self, status: int, content: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {**(headers or {}), "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)


@pytest.fixture
def registry() -> Iterator[Registry]:
    with Registry(("127.0.0.1", 0), Answers) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,))
        serving.start()
        try:
            yield server
        finally:
            server.shutdown()
            serving.join()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("python:3.13", BaseImage("registry-1.docker.io", "library/python", "3.13")),
        ("oven/bun", BaseImage("registry-1.docker.io", "oven/bun", "latest")),
        ("docker.io/library/python:3", BaseImage("registry-1.docker.io", "library/python", "3")),
        ("ghcr.io/getzola/zola:v1@sha256:abc", BaseImage("ghcr.io", "getzola/zola", "v1")),
        ("localhost:5000/a", BaseImage("localhost:5000", "a", "latest")),
    ],
)
def test_a_name_means_what_it_means_to_docker(written: str, meant: BaseImage) -> None:
    assert base_image(written) == meant


def test_only_a_registry_on_this_machine_is_asked_without_tls() -> None:
    assert base_image("localhost:5000/a").address == "http://localhost:5000/v2/a/manifests/latest"
    assert base_image("10.0.0.1:5000/a").address == "https://10.0.0.1:5000/v2/a/manifests/latest"


@pytest.mark.parametrize("says", [True, False])
def test_a_tag_has_the_digest_that_the_registry_has(says: bool, registry: Registry) -> None:
    registry.says = says
    assert digest_of(f"{registry.host}/library/python:3.13") == DIGEST


def test_what_is_not_there_or_not_for_everybody_is_an_error(registry: Registry) -> None:
    with pytest.raises(BuildFailed, match="answered 404 for"):
        digest_of(f"{registry.host}/library/python:nosuch")
    with pytest.raises(RegistryUnreachable, match="answered 502"):
        digest_of(f"{registry.host}/library/python:broken")
    registry.private = True
    with pytest.raises(BuildFailed, match="answered 401 for"):
        digest_of(f"{registry.host}/library/python:3.13")


def test_a_registry_that_is_not_there_does_not_answer(registry: Registry) -> None:
    registry.server_close()
    registry.shutdown()
    with pytest.raises(RegistryUnreachable, match="does not answer"):
        digest_of(f"{registry.host}/library/python:3.13")
