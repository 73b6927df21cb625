"""Copies an image from one repository to another by their registries' API, so that its digest stays the same.

What the other repository has already is not sent again, and what is in the same registry is mounted where that does so
(OCI distribution specification 1.1, "Mounting a blob from another repository"). Nothing is kept on this machine.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from cygni.builder.images.publishing import Login
from cygni.errors import BuildFailed, NotFound, RegistryUnreachable

_SECONDS: Final = 60.0
MANIFESTS: Final = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
"""What a registry is asked for: an image, or one for several processors, of OCI and of Docker."""
LARGEST_MANIFEST: Final = 4 * 1024 * 1024
_ELSEWHERE: Final = frozenset({301, 302, 303, 307, 308})
_SERVER_ERROR: Final = 500


@dataclass(frozen=True, slots=True)
class ImageRepository:
    """A repository of a registry, and how that lets in."""

    login: Login
    name: str

    def __str__(self) -> str:
        return f"{self.login.registry}/{self.name}"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an image is made of, as it is kept (`content`) and as it is read (`values`)."""

    content: bytes
    media_type: str
    values: Mapping[str, Any]

    @property
    def digest(self) -> str:
        return f"sha256:{sha256(self.content).hexdigest()}"


def copy_image(
    source: ImageRepository, target: ImageRepository, tag: str, tell: Callable[[str], None]
) -> str:
    """Give `target` the image that has the tag in `source`, under the same tag; its digest. `tell` hears of each blob.

    Raises NotFound where there is none, RegistryUnreachable, BuildFailed with what a registry answered.
    """
    image = _manifest(source, tag)
    if image is None:
        raise NotFound(
            f"there is no image {source}:{tag}", hint="Was it deleted? Push it again, or deploy anew."
        )
    there = _manifest(target, tag)
    if there is None or there.digest != image.digest:
        _copy(source, target, image, tag, tell)
    return image.digest


def _copy(
    source: ImageRepository,
    target: ImageRepository,
    image: Manifest,
    reference: str,
    tell: Callable[[str], None],
) -> None:
    """What an image refers to first: it is there with all of its parts, or not at all."""
    for listed in image.values.get("manifests", ()):
        part = _manifest(source, listed["digest"])
        if part is None:
            raise NotFound(f"the image {source} lacks its part {listed['digest']}")
        _copy(source, target, part, part.digest, tell)
    blobs = [*([image.values["config"]] if "config" in image.values else []), *image.values.get("layers", ())]
    for blob in blobs:
        if not blob.get("urls"):  # else it is where that says
            tell(f"{blob['digest']}: {_copy_blob(source, target, blob['digest'])}")
    with _asked(
        target, "PUT", f"manifests/{reference}", {"Content-Type": image.media_type}, image.content
    ) as put:
        _expect(put, target, 201)


def _copy_blob(source: ImageRepository, target: ImageRepository, digest: str) -> str:
    """What was done, for people."""
    with _asked(target, "HEAD", f"blobs/{digest}") as head:
        if head.status == 200:
            return "there already"
    mount = (
        urlencode({"mount": digest, "from": source.name})
        if source.login.registry == target.login.registry
        else ""
    )
    with _asked(target, "POST", f"blobs/uploads/?{mount}") as begun:
        _expect(begun, target, 201, 202)
        if begun.status == 201:
            return "mounted"
        place = _place(target, begun)
    with _asked(source, "GET", f"blobs/{digest}") as blob:
        _expect(blob, source, 200)
        length = blob.headers.get("Content-Length", "")
        sent = {"Content-Type": "application/octet-stream", **({"Content-Length": length} if length else {})}
        with _asked(target, "PATCH", place, sent, blob) as patched:
            _expect(patched, target, 201, 202)
            place = _place(target, patched)
    with _asked(target, "PUT", _with_digest(place, digest), {"Content-Length": "0"}) as put:
        _expect(put, target, 201)
    return f"copied, {length or 'some'} bytes"


def _manifest(repository: ImageRepository, reference: str) -> Manifest | None:
    with _asked(repository, "GET", f"manifests/{reference}", {"Accept": ", ".join(MANIFESTS)}) as answer:
        if answer.status == 404:
            return None
        _expect(answer, repository, 200)
        content = answer.read(LARGEST_MANIFEST)
        try:
            values = json.loads(content)
        except ValueError as error:
            raise BuildFailed(f"{repository} answered with no manifest: {error}") from error
        return Manifest(content, answer.headers.get("Content-Type", ""), values)


@contextmanager
def _asked(
    repository: ImageRepository,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    body: Any = None,
) -> Iterator[HTTPResponse]:
    """The answer to a request; a download that leads elsewhere is asked for there, without the login."""
    login = repository.login
    base = f"{'http' if login.plain else 'https'}://{login.registry}/v2/{repository.name}/"
    basic = b64encode(f"{login.user}:{login.password}".encode()).decode()
    address = urljoin(base, path)
    try:
        answer = ask(address, method, {"Authorization": f"Basic {basic}", **(headers or {})}, body)
        if method == "GET" and answer.status in _ELSEWHERE:
            place = urljoin(address, answer.headers.get("Location", ""))
            answer.close()
            answer = ask(place, method, {}, None)
        with answer:
            yield answer
    except (OSError, HTTPException) as error:
        raise RegistryUnreachable(
            f"the registry {login.registry} does not answer, or stopped to: {error}",
            hint="Nothing was changed by it: the tag is there only with the whole image. Run the same command again.",
        ) from error


def ask(
    address: str, method: str, headers: Mapping[str, str], body: Any, seconds: float = _SECONDS
) -> HTTPResponse:
    """The answer, with which the connection ends. `seconds` without a byte are too long. Raises OSError and
    HTTPException."""
    parts = urlsplit(address)
    kind = HTTPConnection if parts.scheme == "http" else HTTPSConnection
    connection = kind(parts.netloc, timeout=seconds)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    connection.request(method, target, body, {**headers, "Connection": "close"})
    return connection.getresponse()


def _place(repository: ImageRepository, answer: HTTPResponse) -> str:
    """Where an upload goes on. It is of the same registry: the login goes nowhere else."""
    place = urlsplit(answer.headers.get("Location", ""))
    if place.netloc not in ("", repository.login.registry):
        raise BuildFailed(f"the registry {repository.login.registry} sends uploads elsewhere: {place.netloc}")
    return f"{place.path}?{place.query}" if place.query else place.path


def _with_digest(place: str, digest: str) -> str:
    return f"{place}{'&' if '?' in place else '?'}{urlencode({'digest': digest})}"


def _expect(answer: HTTPResponse, repository: ImageRepository, *statuses: int) -> None:
    if answer.status in statuses:
        return
    said = answer.read(LARGEST_MANIFEST).decode("utf-8", "replace")
    try:
        said = "; ".join(str(error["message"]) for error in json.loads(said)["errors"])
    except (ValueError, KeyError, TypeError):
        said = said[:200]
    kind = RegistryUnreachable if answer.status >= _SERVER_ERROR else BuildFailed
    raise kind(
        f"{repository} answered {answer.status} to the copy of an image: {said}",
        hint="Run it again, or push.",
    )
