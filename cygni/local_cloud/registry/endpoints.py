"""What each endpoint of the distribution specification does."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from cygni.local_cloud.registry import uploads
from cygni.local_cloud.registry.answers import DIGEST, Answer, json_answer
from cygni.local_cloud.registry.blobs import BlobStore
from cygni.local_cloud.registry.manifests import LARGEST, OCI_INDEX, Manifest, read_manifest
from cygni.local_cloud.registry.problems import Problem, digest_invalid
from cygni.local_cloud.registry.repositories import Repository
from cygni.local_cloud.registry.requests import (
    Endpoint,
    Request,
    digest,
    is_digest,
    tag,
    wanted_bytes,
)


def answer(store: BlobStore, region: str, found: Endpoint, request: Request) -> Answer:
    """Raises Problem."""
    here, reference = Repository(region, found.name), found.reference
    match found.kind, "GET" if request.method == "HEAD" else request.method:
        case "base", "GET":
            return json_answer({}, **{"Docker-Distribution-Api-Version": "registry/2.0"})
        case "uploads", "POST":
            return uploads.begin(store, here, request)
        case "upload", "PATCH":
            return uploads.chunk(store, here, reference, request)
        case "upload", "PUT":
            return uploads.finish(store, here, reference, request)
        case "upload", "GET":
            return uploads.status(store, here, reference)
        case "upload", "DELETE":
            return uploads.cancel(store, here, reference)
        case "blob", "GET":
            return _blob(store, here, digest(reference), request)
        case "blob", "DELETE":
            return _delete_blob(store, here, digest(reference))
        case "manifest", "GET":
            return _image(here, reference)
        case "manifest", "PUT":
            return _put_image(store, here, reference, request)
        case "manifest", "DELETE":
            here.delete(reference)
            return Answer(202)
        case "tags", "GET":
            return _tags(here, request.query)
        case "referrers", "GET":
            return _referrers(here, digest(reference), request.query.get("artifactType"))
    raise Problem(405, "UNSUPPORTED", f"{request.method} is not for {request.path}")


def _blob(store: BlobStore, here: Repository, wanted: str, request: Request) -> Answer:
    here.check()
    file = store.find(here.key, wanted)
    size = file.stat().st_size
    headers = {"Content-Type": "application/octet-stream", "Accept-Ranges": "bytes", DIGEST: wanted}
    part = wanted_bytes(request.headers.get("range"), size)
    if part is None:
        return Answer(200, headers, file, (0, size))
    return Answer(206, {**headers, "Content-Range": f"bytes {part[0]}-{part[1] - 1}/{size}"}, file, part)


def _delete_blob(store: BlobStore, here: Repository, wanted: str) -> Answer:
    here.forget_layer(wanted)
    store.delete(here.key, wanted)
    return Answer(202)


def _image(here: Repository, reference: str) -> Answer:
    found = here.find(digest(reference) if is_digest(reference) else reference)
    return Answer(200, {"Content-Type": found.media_type, DIGEST: found.digest}, found.content)


def _put_image(store: BlobStore, here: Repository, reference: str, request: Request) -> Answer:
    here.check()
    content = request.body.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise Problem(413, "SIZE_INVALID", f"a manifest has {LARGEST} bytes at most")
    manifest = read_manifest(content, request.headers.get("content-type", ""))
    if is_digest(reference) and digest(reference) != manifest.digest:
        raise digest_invalid(f"this manifest is {manifest.digest}, not {reference}")
    _hold_complete(store, here, manifest)
    here.put(manifest, None if is_digest(reference) else tag(reference))
    subject = {"OCI-Subject": manifest.subject} if manifest.subject else {}
    place = f"/v2/{here.name}/manifests/{manifest.digest}"
    return Answer(201, {"Location": place, DIGEST: manifest.digest, **subject})


def _hold_complete(store: BlobStore, here: Repository, manifest: Manifest) -> None:
    """An image is there with all of its parts, or not at all."""
    there = {one.digest for one in here.manifests()} if manifest.manifests else set()
    missing = [one for one in manifest.blobs if not store.has(here.key, digest(one))]
    missing += [one for one in manifest.manifests if one not in there]
    if missing:
        raise Problem(400, "MANIFEST_BLOB_UNKNOWN", f"the repository lacks {', '.join(missing)}")


def _tags(here: Repository, query: dict[str, str]) -> Answer:
    """In their order; `n` at most, after `last`, and a link to those that follow."""
    tags = [one for one in here.tags() if one > query.get("last", "")]
    if "n" not in query:
        return json_answer({"name": here.name, "tags": tags})
    if not query["n"].isdecimal():
        raise Problem(400, "UNSUPPORTED", f"n is {query['n']}, and no number")
    some = tags[: int(query["n"])]
    headers = {}
    if some and len(some) < len(tags):
        following = urlencode({"n": query["n"], "last": some[-1]})
        headers["Link"] = f'</v2/{here.name}/tags/list?{following}>; rel="next"'
    return json_answer({"name": here.name, "tags": some}, **headers)


def _referrers(here: Repository, subject: str, artifact_type: str | None) -> Answer:
    """The manifests that are about one, of a type where one is asked for: signatures, SBOMs."""
    found = [one for one in here.manifests() if one.subject == subject]
    headers = {"OCI-Filters-Applied": "artifactType"} if artifact_type else {}
    told = [_descriptor(one) for one in found if artifact_type in (None, one.artifact_type)]
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": told}
    return json_answer(index, OCI_INDEX, **headers)


def _descriptor(manifest: Manifest) -> dict[str, Any]:
    descriptor: dict[str, Any] = {
        "mediaType": manifest.media_type,
        "digest": manifest.digest,
        "size": len(manifest.content),
        "artifactType": manifest.artifact_type,
    }
    return {**descriptor, "annotations": manifest.annotations} if manifest.annotations else descriptor
