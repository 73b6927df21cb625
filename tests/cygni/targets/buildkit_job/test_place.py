from __future__ import annotations

from pathlib import Path

import pytest

from cygni.errors import UsageError
from cygni.targets.buildkit_job.place import build_place

KUBECONFIG = """\
current-context: town
clusters: [{name: town, cluster: {server: "http://127.0.0.1:1"}}]
users: [{name: town, user: {token: abc}}]
contexts: [{name: town, context: {cluster: town, user: town, namespace: builds}}]
"""


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    (tmp_path / "config").write_text(KUBECONFIG)
    return {"KUBECONFIG": str(tmp_path / "config"), "CYGNI_BUILD_BUCKET": "s3://builds/cx/"}


def test_is_the_namespace_of_the_context_and_a_folder_of_the_bucket(environ: dict[str, str]) -> None:
    place = build_place(environ)
    assert (place.namespace, place.bucket, place.prefix) == ("builds", "builds", "cx/")
    assert place.image.endswith("-rootless")
    other = {
        "CYGNI_BUILD_NAMESPACE": "ci",
        "CYGNI_BUILD_BUCKET": "plain",
        "CYGNI_BUILDKIT_IMAGE": "mirror/buildkit:1",
    }
    named = build_place(environ | other)
    assert (named.namespace, named.bucket, named.prefix, named.image) == (
        "ci",
        "plain",
        "",
        "mirror/buildkit:1",
    )


def test_without_a_bucket_or_with_a_namespace_that_is_none_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="no bucket is named"):
        build_place({**environ, "CYGNI_BUILD_BUCKET": ""})
    with pytest.raises(UsageError, match="'a/b' is no name of a namespace"):
        build_place({**environ, "CYGNI_BUILD_NAMESPACE": "a/b"})
