"""Pushes images to a registry by plain requests."""

from __future__ import annotations

import hashlib
import http.client
import json
import uuid
from base64 import b64encode
from typing import Final

from cygni.targets.image_copy import ImageRepository

OCI: Final = "application/vnd.oci.image.manifest.v1+json"


def put(repository: ImageRepository, method: str, path: str, content: bytes, kind: str = "") -> str:
    connection = http.client.HTTPConnection(repository.login.registry)
    given = b64encode(f"{repository.login.user}:{repository.login.password}".encode()).decode()
    headers = {"Authorization": f"Basic {given}", "Content-Type": kind}
    connection.request(method, f"/v2/{repository.name}/{path}", content, headers)
    answer = connection.getresponse()
    assert answer.status == 201, answer.read()
    connection.close()
    return digest_of(content)


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def push(repository: ImageRepository, reference: str, size: int = 3_000_000) -> str:
    """An image of one layer of so many bytes, under a tag or its own digest; its digest."""
    blobs = [b"{}", uuid.uuid4().bytes * (size // 16)]
    config, layer = (
        {"digest": put(repository, "POST", f"blobs/uploads/?digest={digest_of(one)}", one)} for one in blobs
    )
    manifest = json.dumps(
        {"schemaVersion": 2, "mediaType": OCI, "config": config, "layers": [layer]}
    ).encode()
    return put(repository, "PUT", f"manifests/{reference or digest_of(manifest)}", manifest, OCI)
