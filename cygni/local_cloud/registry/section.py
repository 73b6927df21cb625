"""The registry's place in the process of the local cloud, and in moto's ECR. There is one in a server."""

from __future__ import annotations

import secrets
import threading
import time
from base64 import b64encode
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

from cygni.local_cloud.patching import after
from cygni.local_cloud.registry import authorization, endpoints
from cygni.local_cloud.registry.answers import Answer
from cygni.local_cloud.registry.blobs import LIMIT_BYTES, BlobStore
from cygni.local_cloud.registry.http import RegistryServer
from cygni.local_cloud.registry.repositories import Repository
from cygni.local_cloud.registry.requests import Request, endpoint

FOLDER: Final = "registry"
_POLL_SECONDS: Final = 0.1
"""How long an end may have to wait."""


class Registry:
    """Serves from when it is made; `folder` holds what is pushed, `limit` bytes at most."""

    def __init__(self, folder: Path, limit: int = LIMIT_BYTES) -> None:
        self._store = BlobStore(folder, limit)
        self._key = secrets.token_bytes(32)
        self._server = RegistryServer(self._answer)
        serve = partial(self._server.serve_forever, poll_interval=_POLL_SECONDS)
        threading.Thread(target=serve, name="registry", daemon=True).start()

    @property
    def address(self) -> str:
        """Host and port, as they stand before a repository's name."""
        return self._server.address

    def token(self, region: str) -> tuple[str, datetime]:
        """A password for ECR of a region, and until when it is one."""
        now = time.time()
        until = datetime.fromtimestamp(int(now) + authorization.SECONDS, UTC)
        return authorization.token(self._key, region, now), until

    def forget(self, region: str, name: str) -> None:
        """Remove what a repository had."""
        self._store.forget(Repository(region, name).key)

    def clear(self) -> None:
        """Remove everything; the tokens that were given are worth nothing then."""
        self._key = secrets.token_bytes(32)
        self._store.clear()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._store.clear()

    def _answer(self, request: Request) -> Answer:
        region = authorization.region_of(self._key, request.headers.get("authorization"), time.time())
        return endpoints.answer(self._store, region, endpoint(request.path), request)


_registry: Registry | None = None


def configure(folder: Path) -> Registry:
    """Serve a registry; `folder` is the local cloud's."""
    global _registry  # noqa: PLW0603
    _registry = Registry(folder / FOLDER)
    return _registry


def forget() -> None:
    """Empty it, where there is one."""
    if _registry is not None:
        _registry.clear()


def fix_ecr() -> None:
    """moto's ECR keeps manifests and has no registry: a login leads to AWS's and is over since 2015. The digest of an
    image is not that of its manifest, its size that of its configuration."""
    import json

    from moto.core.responses import ActionResult
    from moto.ecr.models import ECRBackend, Image
    from moto.ecr.responses import ECRResponse

    from cygni.local_cloud.registry.manifests import digest_of

    def get_authorization_token(response: Any) -> Any:
        if _registry is None:
            return given(response)
        password, until = _registry.token(response.region)
        login = b64encode(f"{authorization.USER}:{password}".encode()).decode()
        data = {
            "authorizationToken": login,
            "expiresAt": until,
            "proxyEndpoint": f"http://{_registry.address}",
        }
        return ActionResult({"authorizationData": [data]})

    def remove_blobs(backend: Any, removed: Any, *args: Any, **named: Any) -> None:
        if _registry is not None:
            _registry.forget(backend.region_name, removed.name)

    def create_digest(image: Any) -> None:
        image._image_digest = digest_of(image.image_manifest.encode())  # noqa: SLF001

    def size(image: Any) -> int | None:
        layers = json.loads(image.image_manifest).get("layers")
        return sum(int(one.get("size", 0)) for one in layers) if layers is not None else None

    given = ECRResponse.get_authorization_token
    ECRResponse.get_authorization_token = get_authorization_token
    Image._create_digest = create_digest  # noqa: SLF001
    Image.get_image_size_in_bytes = size
    after(ECRBackend, "delete_repository", remove_blobs)
