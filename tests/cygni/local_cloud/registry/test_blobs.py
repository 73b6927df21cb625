from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cygni.local_cloud.registry import blobs
from cygni.local_cloud.registry.blobs import BlobStore
from cygni.local_cloud.registry.problems import Problem


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def put(store: BlobStore, repository: str, content: bytes) -> str:
    upload = store.begin(repository)
    store.append(repository, upload, io.BytesIO(content))
    store.finish(repository, upload, digest_of(content))
    return digest_of(content)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(chunks=st.lists(st.binary(max_size=200), max_size=8), out_of_order=st.integers(0, 2000))
def test_chunks_become_the_blob_of_all_their_bytes_in_order(
    tmp_path: Path, chunks: list[bytes], out_of_order: int
) -> None:
    store = BlobStore(tmp_path / "registry")
    upload = store.begin("web")
    size = 0
    for chunk in chunks:
        if out_of_order != size:
            with pytest.raises(Problem, match=f"the next byte is {size}"):
                store.append("web", upload, io.BytesIO(b"else"), out_of_order)
        assert store.append("web", upload, io.BytesIO(chunk), size) == size + len(chunk)
        size += len(chunk)
        assert store.received("web", upload) == size
    whole = b"".join(chunks)
    assert store.finish("web", upload, digest_of(whole)) == len(whole)
    assert store.find("web", digest_of(whole)).read_bytes() == whole
    assert [file.name for file in (tmp_path / "registry").glob("*/uploads/*")] == []


class TestBound:
    def test_holds_for_all_together_and_what_is_removed_makes_room(self, tmp_path: Path) -> None:
        store = BlobStore(tmp_path / "registry", limit=100)
        first = put(store, "web", b"1" * 60)
        with pytest.raises(Problem, match="delete some first") as refused:
            put(store, "api", b"2" * 60)
        assert (refused.value.status, refused.value.code) == (413, "SIZE_INVALID")
        assert store.mount("web", "api", first)
        store.forget("web")
        assert store.find("api", first).read_bytes() == b"1" * 60
        with pytest.raises(Problem):
            put(store, "web", b"2" * 60)  # it still takes its room
        store.forget("api")
        put(store, "web", b"2" * 60)

    def test_counts_the_same_blob_once(self, tmp_path: Path) -> None:
        store = BlobStore(tmp_path / "registry", limit=100)
        for _ in range(5):
            put(store, "web", b"1" * 40)

    def test_is_not_used_up_by_uploads_that_nobody_continues(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        store = BlobStore(tmp_path / "registry", limit=100)
        left = store.begin("web")
        store.append("web", left, io.BytesIO(b"1" * 90))
        monkeypatch.setattr(blobs, "_IDLE_SECONDS", -1.0)
        store.begin("web")
        with pytest.raises(Problem, match="there is no upload"):
            store.received("web", left)
        monkeypatch.undo()
        put(store, "web", b"2" * 90)


def test_an_upload_is_of_one_repository(tmp_path: Path) -> None:
    store = BlobStore(tmp_path / "registry")
    upload = store.begin("web")
    with pytest.raises(Problem, match="there is no upload"):
        store.append("api", upload, io.BytesIO(b"1"))


def test_what_an_earlier_local_cloud_left_is_removed(tmp_path: Path) -> None:
    put(BlobStore(tmp_path / "registry"), "web", b"1")
    BlobStore(tmp_path / "registry")
    assert not (tmp_path / "registry").exists()
