"""Where BuildKit runs: a cluster, a namespace of it, and the bucket that contexts are put into."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cygni.errors import UsageError
from cygni.targets.kubernetes.kubeconfig import ClusterAccess, cluster_access

BUCKET: Final = "CYGNI_BUILD_BUCKET"
CONTEXT: Final = "CYGNI_BUILD_CONTEXT"
NAMESPACE: Final = "CYGNI_BUILD_NAMESPACE"
IMAGE: Final = "CYGNI_BUILDKIT_IMAGE"
_IMAGE: Final = "moby/buildkit:v0.25.1-rootless"
_HINT: Final = "What a build on a cluster needs is told in docs/images.md."
_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class BuildPlace:
    """`image` is BuildKit's, rootless; contexts are put below `prefix`, which is empty or ends with a slash."""

    access: ClusterAccess
    namespace: str
    bucket: str
    prefix: str
    image: str = _IMAGE


def build_place(environ: Mapping[str, str]) -> BuildPlace:
    """Raises UsageError where no bucket or cluster is named, or the namespace is none."""
    bucket, _, path = environ.get(BUCKET, "").removeprefix("s3://").partition("/")
    if not bucket:
        raise UsageError("no bucket is named that contexts are put into", hint=f"Set {BUCKET}. {_HINT}")
    access = cluster_access(environ, environ.get(CONTEXT))
    namespace = environ.get(NAMESPACE) or access.namespace
    if not _LABEL.fullmatch(namespace):  # RFC 1123, as the API has it
        raise UsageError(f"{namespace!r} is no name of a namespace", hint=f"Correct {NAMESPACE}.")
    prefix = f"{path.strip('/')}/" if path.strip("/") else ""
    return BuildPlace(access, namespace, bucket, prefix, environ.get(IMAGE) or _IMAGE)
