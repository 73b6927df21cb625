"""The digests of public images by their tags, asked of their registries without a login.

By the OCI distribution specification 1.1 ("Checking if content exists in the registry"), and with the tokens that
registries give to everybody (Docker's "Token Authentication Specification", as Docker Hub, GHCR, MCR and Quay do it).
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPException, HTTPResponse
from typing import Final
from urllib.parse import urlencode, urlsplit

from cygni.errors import BuildFailed, RegistryUnreachable
from cygni.targets.image_copy import LARGEST_MANIFEST, MANIFESTS, ask

_SECONDS: Final = 5.0
_HUB: Final = "registry-1.docker.io"
_DIGEST: Final = re.compile(r"sha256:[0-9a-f]{64}")
_CHALLENGE: Final = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class BaseImage:
    """Where an image is that FROM names: `repository` and `tag` of a `registry`."""

    registry: str
    repository: str
    tag: str

    @property
    def address(self) -> str:
        """Of its manifest. A registry on this machine has no TLS."""
        scheme = "http" if _is_here(self.registry) else "https"
        return f"{scheme}://{self.registry}/v2/{self.repository}/manifests/{self.tag}"


def base_image(written: str) -> BaseImage:
    """What a name means, as Docker reads it: without a registry it is Docker Hub's, without a tag `latest`."""
    name, _, tag = written.partition("@")[0].rpartition(":") if ":" in written.rpartition("/")[2] else (
        written.partition("@")[0], "", "latest",
    )  # fmt: skip
    first, slash, rest = name.partition("/")
    if slash and (first == "localhost" or "." in first or ":" in first):
        return BaseImage(_HUB if first == "docker.io" else first, rest, tag)
    return BaseImage(_HUB, name if slash else f"library/{name}", tag)


def digest_of(written: str) -> str:
    """The digest that a tag has now; of an image for several processors that of all of them.

    Raises RegistryUnreachable, BuildFailed where there is none or it is not for everybody.
    """
    image = base_image(written)
    try:
        headers = {"Accept": ", ".join(MANIFESTS)}
        answer = _ask(image.address, "HEAD", headers)
        if answer.status == 401:
            headers |= _token(answer.headers.get("www-authenticate", ""), image)
            answer = _ask(image.address, "HEAD", headers)
        named = answer.headers.get("docker-content-digest", "")
        if answer.status == 200 and not _DIGEST.fullmatch(named):
            answer = _ask(image.address, "GET", headers)
            named = f"sha256:{sha256(answer.content).hexdigest()}"
    except (OSError, HTTPException) as error:
        raise RegistryUnreachable(f"the registry {image.registry} does not answer: {error}") from error
    if answer.status >= 500:
        raise RegistryUnreachable(f"the registry {image.registry} answered {answer.status}")
    if answer.status != 200:
        raise BuildFailed(f"{image.registry} answered {answer.status} for {written}")
    return named


@dataclass(frozen=True, slots=True)
class _Answer:
    """Names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


def _ask(address: str, method: str, headers: Mapping[str, str]) -> _Answer:
    with closing(ask(address, method, headers, None, _SECONDS)) as answer:
        return _Answer(
            answer.status, {name.lower(): value for name, value in answer.headers.items()}, _content(answer)
        )


def _content(answer: HTTPResponse) -> bytes:
    content = answer.read(LARGEST_MANIFEST + 1)
    if len(content) > LARGEST_MANIFEST:
        raise HTTPException("its answer is too large")
    return content


def _token(challenge: str, image: BaseImage) -> dict[str, str]:
    """The header with a token that everybody is given; none where the registry gives none."""
    asked = dict(_CHALLENGE.findall(challenge))
    realm = urlsplit(asked.get("realm", ""))
    if not challenge.startswith("Bearer ") or (realm.scheme != "https" and not _is_here(realm.netloc)):
        return {}
    wanted = {"scope": f"repository:{image.repository}:pull"}
    if "service" in asked:
        wanted["service"] = asked["service"]
    answer = _ask(f"{asked['realm']}?{urlencode(wanted)}", "GET", {})
    try:
        given = json.loads(answer.content)
        return {"Authorization": f"Bearer {given.get('token') or given['access_token']}"}
    except (ValueError, KeyError, AttributeError):
        return {}


def _is_here(host: str) -> bool:
    name = host.rpartition(":")[0] or host
    try:
        return name == "localhost" or ipaddress.ip_address(name.strip("[]")).is_loopback
    except ValueError:
        return False
