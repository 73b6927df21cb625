"""The endpoints that blobs are uploaded by: whole, in chunks, or by naming another repository that has them."""

from __future__ import annotations

from cygni.local_cloud.registry.answers import DIGEST, Answer
from cygni.local_cloud.registry.blobs import BlobStore
from cygni.local_cloud.registry.repositories import Repository
from cygni.local_cloud.registry.requests import Request, digest, first_byte


def begin(store: BlobStore, here: Repository, request: Request) -> Answer:
    """POST: begin an upload; with `digest` the body is all of it, with `mount` a repository of this registry has it."""
    here.check()
    query = request.query
    if "mount" in query:
        wanted, source = digest(query["mount"]), Repository(here.region, query.get("from", ""))
        if store.mount(source.key, here.key, wanted):
            return _blob_made(here, wanted, store.find(here.key, wanted).stat().st_size)
    identity = store.begin(here.key)
    if "digest" not in query:
        return _under_way(here, identity, 0)
    try:
        wanted = digest(query["digest"])
        store.append(here.key, identity, request.body)
    except BaseException:
        store.cancel(here.key, identity)
        raise
    return _blob_made(here, wanted, store.finish(here.key, identity, wanted))


def chunk(store: BlobStore, here: Repository, identity: str, request: Request) -> Answer:
    """PATCH: the next chunk, or all of it as a stream."""
    here.check()
    size = store.append(here.key, identity, request.body, first_byte(request.headers))
    return _under_way(here, identity, size)


def finish(store: BlobStore, here: Repository, identity: str, request: Request) -> Answer:
    """PUT: the last chunk, which may be empty, and the digest of all of them."""
    here.check()
    wanted = digest(request.query.get("digest"))
    store.append(here.key, identity, request.body, first_byte(request.headers))
    return _blob_made(here, wanted, store.finish(here.key, identity, wanted))


def status(store: BlobStore, here: Repository, identity: str) -> Answer:
    """GET: how much has arrived."""
    return _under_way(here, identity, store.received(here.key, identity), 204)


def cancel(store: BlobStore, here: Repository, identity: str) -> Answer:
    """DELETE: give it up."""
    store.cancel(here.key, identity)
    return Answer(204)


def _under_way(here: Repository, identity: str, size: int, status: int = 202) -> Answer:
    place = f"/v2/{here.name}/blobs/uploads/{identity}"
    return Answer(
        status, {"Location": place, "Range": f"0-{max(0, size - 1)}", "Docker-Upload-UUID": identity}
    )


def _blob_made(here: Repository, made: str, size: int) -> Answer:
    here.note_layer(made, size)
    return Answer(201, {"Location": f"/v2/{here.name}/blobs/{made}", DIGEST: made})
